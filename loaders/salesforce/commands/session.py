"""What every command that talks to an org begins with."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import Exit, UserError
from loaders.home import Home, open_home
from loaders.salesforce.api.clock import SystemClock
from loaders.salesforce.api.login import login_from_environment
from loaders.salesforce.api.org import Identity, Org, connected
from loaders.salesforce.commands import noting
from loaders.salesforce.ledger.custom import with_custom_fields
from loaders.salesforce.ledger.steps import Project, read_project

_TRIES, _WAIT_SECONDS = 5, 0.02


@dataclass(frozen=True)
class Session:
    """An org we are in, and the home of the migration."""

    home: Home
    org: Org
    identity: Identity

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit into memory."""
        return self.home.runs / "spill"

    def project(self) -> Project:
        """The load steps, as dbt's manifest.json has them."""
        return project_of(self.home)


def project_of(home: Home) -> Project:
    """The load steps of a home, its practices' own fields among theirs."""
    project = read_project(home.dbt_target / "manifest.json")
    return with_custom_fields(project, home.raw / "current")


@contextmanager
def session() -> Iterator[Session]:
    """Enters the org that the environment names; the audit log tells of it."""
    home = open_home()
    home.runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SystemClock()
    login = login_from_environment(home.local_org, clock)
    with connected(login, clock) as org:
        identity = org.identity()
        if is_running(home, identity.id):
            raise _at_work(identity.id)
        noting.begin(home, org, identity)
        yield Session(home, org, identity)


def lock_file(home: Home, org: str) -> Path:
    """What a run holds while it works on an org."""
    return home.runs / f"{org}.lock"


@contextmanager
def sole_run(home: Home, org: str) -> Iterator[None]:
    """Lets one run at a time work on an org; the kernel lets go of it, however the run ends."""
    with lock_file(home, org).open("w") as lock:
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if not left:
                    raise _at_work(org) from None
                # Whoever only asks whether a run is at work holds it for a moment.
                time.sleep(_WAIT_SECONDS)
        yield


def _at_work(org: str) -> UserError:
    return UserError(
        f"Another run is at work on org {org}.",
        "Wait for it; `load-sf status` says how far it is.",
        Exit.BLOCKED,
    )


def is_running(home: Home, org: str) -> bool:
    """Whether a run holds the org now."""
    try:
        with lock_file(home, org).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
