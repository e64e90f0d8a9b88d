"""The org in one place: its store, its identity, its schema as the running user sees it."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from local_org.auth.sessions import Sessions
from local_org.calls import Calls
from local_org.faults.register import Faults
from local_org.files.blobs import clear
from local_org.ids import make_id, random_pod
from local_org.records.duplicates import show_rules
from local_org.records.validation import compile_rule
from local_org.schema.build import ensure_tables, load_grants, load_schema, visible
from local_org.schema.model import Schema
from local_org.schema.setup import KEPT, ensure_views
from local_org.schema.setup import show_rules as show_validation_rules
from local_org.store import Store, next_numbers
from local_org.switches import Switches, read_switches, write_switches

JOB_PREFIX = "750"
DEPLOY_PREFIX = "0Af"


@dataclass(frozen=True)
class Identity:
    """Who this org is and who is talking to it."""

    organization: str
    user: str
    username: str
    pod: str
    token: str


class Org:
    """Everything the handlers share. `schema` is the whole, `view` what the user may see."""

    def __init__(self, folder: Path) -> None:
        """Open the org in `folder`; a new one gets its Organization, admin user and token."""
        self.folder = folder
        self.store = Store(folder)
        for name in ("jobs", "pages"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        with self.store.write() as cursor:
            self.schema = load_schema(cursor)
            ensure_tables(cursor, self.schema)
            if not cursor.execute("from org.settings").fetchone():
                _found(cursor)
        clear(self.store)
        settings = self.store.settings()
        self.identity = Identity(**{name: settings[name] for name in Identity.__annotations__})
        self.view: Schema = self.schema
        self.switches = Switches()
        self.faults = Faults(folder)
        self.reload()
        with self.store.write() as cursor:
            ensure_views(cursor, self.identity.pod)
            ensure_tables(cursor, KEPT)
            self._show_switches(cursor, self.schema, self.switches)
        self._calls = Calls(settings.get("calls"))
        self.sessions = Sessions(self.store)
        self.wake = threading.Event()
        self.busy = False
        self.deploy_wake = threading.Event()
        self.deploying = False
        self.deploy_at_hand = ""
        self.open_requests = 0
        self.last_request = time.monotonic()
        self.cursors: dict[str, Any] = {}

    def reload(self) -> None:
        """Read schema, grants and switches again, after a deploy, an assignment or a switch."""
        with self.store.read() as cursor:
            self.switches = read_switches(cursor)
            schema = load_schema(cursor)
            grants = load_grants(cursor, self.identity.user)
        self.schema, self.view = schema, visible(schema, grants)

    def set_switches(self, switches: Switches) -> None:
        """Keep the switches and live by them; raises SwitchError for a rule that makes no sense."""
        with self.store.write() as cursor:
            write_switches(cursor, switches)
            schema = load_schema(cursor)
            for rule in switches.validation_rules:
                compile_rule(schema, rule)
            ensure_tables(cursor, schema)
            self._show_switches(cursor, schema, switches)
        self.reload()

    def _show_switches(
        self, cursor: duckdb.DuckDBPyConnection, schema: Schema, switches: Switches
    ) -> None:
        """Write the records in which an org shows what it was set to."""
        active = switches.duplicate_rules != "off"
        show_rules(cursor, self.identity.pod, self.identity.user, active=active)
        show_validation_rules(cursor, self.identity.pod, schema, switches.validation_rules)
        cursor.execute('update data."Organization" set "IsSandbox" = ?', [switches.is_sandbox])

    def admits(self, token: str) -> bool:
        """Tell whether a token is the launcher's or a live session's, which this call renews."""
        if hmac.compare_digest(token.encode(), self.identity.token.encode()):
            return True
        return self.sessions.use(token, self.switches.session_seconds)

    def count_call(self) -> bool:
        """Count one API request; False, and not counted, where the day's are used up."""
        if self._calls.used >= self.switches.daily_api_requests:
            return False
        self._calls.add()
        return True

    @property
    def calls(self) -> int:
        """How many API requests the last 24 hours saw."""
        return self._calls.used

    def keep(self) -> None:
        """Write down what is counted, and when sessions were last used."""
        with self.store.write() as cursor:
            cursor.execute("delete from org.settings where name = 'calls'")
            kept = self._calls.dump()
            cursor.execute("insert into org.settings values ('calls', ?)", [kept])
            self.sessions.keep(cursor, self.switches.session_seconds)

    def new_id(self, cursor: duckdb.DuckDBPyConnection, prefix: str) -> str:
        """Give the next id under a key prefix."""
        return make_id(prefix, self.identity.pod, next_numbers(cursor, prefix, 1))

    def close(self) -> None:
        """Keep what is counted and close the store."""
        self.keep()
        self.store.close()


def _found(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the records a new org has: itself, a profile, one administrator."""
    pod = random_pod()
    organization = make_id("00D", pod, secrets.randbelow(62**5))
    profile = make_id("00e", pod, next_numbers(cursor, "00e", 1))
    user = make_id("005", pod, next_numbers(cursor, "005", 1))
    username = f"integration@{organization.lower()}.example.com"
    stamps = (
        "date_trunc('second', now()::timestamp) as \"CreatedDate\", "
        "date_trunc('second', now()::timestamp) as \"LastModifiedDate\", "
        "date_trunc('second', now()::timestamp) as \"SystemModstamp\", "
        f"'{user}' as \"CreatedById\", '{user}' as \"LastModifiedById\""
    )
    cursor.execute(
        f"""insert into data."Organization" by name
        select ? as "Id", 'Local Org' as "Name", true as "IsSandbox", 'LOC1' as "InstanceName",
            'Enterprise Edition' as "OrganizationType", 'en_US' as "DefaultLocaleSidKey",
            'America/Los_Angeles' as "TimeZoneSidKey", 'en_US' as "LanguageLocaleKey",
            false as "IsReadOnly", {stamps}""",
        [organization],
    )
    cursor.execute(
        f"""insert into data."Profile" by name
        select ? as "Id", 'System Administrator' as "Name", 'Standard' as "UserType", {stamps}""",
        [profile],
    )
    cursor.execute(
        f"""insert into data."User" by name
        select ? as "Id", ? as "Username", 'Integration' as "FirstName", 'User' as "LastName",
            'integration@example.com' as "Email", 'integ' as "Alias", true as "IsActive",
            'Standard' as "UserType", ? as "ProfileId", 'America/Los_Angeles' as "TimeZoneSidKey",
            'en_US' as "LocaleSidKey", 'UTF-8' as "EmailEncodingKey",
            'en_US' as "LanguageLocaleKey", {stamps}""",
        [user, username, profile],
    )
    token = f"{organization[:15]}!{secrets.token_urlsafe(48)}"
    settings = {
        "organization": organization,
        "user": user,
        "username": username,
        "pod": pod,
        "token": token,
    }
    cursor.executemany(
        "insert into org.settings values (?, ?)", [list(x) for x in settings.items()]
    )
