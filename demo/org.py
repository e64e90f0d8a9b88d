"""What the practices' org holds before the migration: users, and accounts somebody typed in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from demo.maple_street.planted import people
from demo.planted import providers
from demo.planted.families import (
    ADOPTED_NAME,
    ADOPTED_POSTAL_CODE,
    AMBIGUOUS_NAME,
    AMBIGUOUS_POSTAL_CODE,
)
from demo.planted.insurance import ADOPTED_CARRIER
from loaders.errors import UserError
from loaders.salesforce.api.clock import SystemClock
from loaders.salesforce.api.local import ensure

_API = "/services/data/v67.0"
_SECONDS = 30

USERS = (*providers.USERS, *people.USERS)

ACCOUNTS = (
    {"Name": ADOPTED_CARRIER, "Website": "https://carrier.example.com"},
    {
        "Name": ADOPTED_NAME,
        "BillingPostalCode": ADOPTED_POSTAL_CODE,
        "Site": "Walked in",
    },
    {"Name": AMBIGUOUS_NAME, "BillingPostalCode": AMBIGUOUS_POSTAL_CODE, "Site": "One"},
    {"Name": AMBIGUOUS_NAME, "BillingPostalCode": AMBIGUOUS_POSTAL_CODE, "Site": "Two"},
)
"""Accounts of before: a carrier in its own spelling, a family, and a family typed in twice."""


@dataclass(frozen=True)
class Org:
    """The local org, over plain REST."""

    session: requests.Session
    url: str

    def query(self, soql: str) -> list[dict[str, Any]]:
        """The records a query finds."""
        return list(self._answer("GET", "/query", params={"q": soql})["records"])

    def create(self, sobject: str, record: dict[str, Any]) -> None:
        """Creates one record."""
        self._answer("POST", f"/sobjects/{sobject}", json=record)

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        answer = self.session.request(
            method, f"{self.url}{_API}{path}", timeout=_SECONDS, **request
        )
        if not answer.ok:
            raise UserError(
                f"The local org answered {answer.status_code} to {method} {path}.",
                "`load-sf org reset` gives a new one.",
            )
        return answer.json()


def furnish(store: Path) -> bool:
    """Gives the local org its users and accounts; False where it has them already.

    Starts the org where it does not run. Raises UserError where it does not answer.
    """
    door = ensure(store, SystemClock())
    with requests.Session() as session:
        # A proxy for the outside world must not see what is said to loopback.
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {door.token}"
        return _furnish(Org(session, door.url))


def _furnish(org: Org) -> bool:
    there = {user["Email"] for user in org.query("SELECT Email FROM User")}
    missing = [user for user in USERS if user[2] not in there]
    if not missing:
        return False
    profile = org.query("SELECT Id FROM Profile LIMIT 1")[0]["Id"]
    # Users come last: a furnishing that was interrupted is taken up again.
    held = {account["Name"] for account in org.query("SELECT Name FROM Account")}
    for account in ACCOUNTS:
        if account["Name"] not in held:
            org.create("Account", account)
    for first, last, email, active in missing:
        org.create("User", _user(first, last, email, active, profile))
    return True


def _user(first: str, last: str, email: str, active: bool, profile: str) -> dict[str, Any]:
    return {
        "FirstName": first,
        "LastName": last,
        "Email": email,
        "Username": f"{email}.oakpark",
        "Alias": last[:8].lower(),
        "IsActive": active,
        "ProfileId": profile,
        "TimeZoneSidKey": "America/Chicago",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
    }
