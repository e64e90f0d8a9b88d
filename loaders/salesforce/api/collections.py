"""sObject Collections: up to 200 records in one request, answered in the order they were sent.

REST API Developer Guide v67.0, "Use sObject Collections". Each record stands for itself
(`allOrNone` false), and a request whose answer was lost may be sent again.
"""

from dataclasses import dataclass
from typing import Any

from loaders.errors import UserError
from loaders.salesforce.api.org import Org, json_of

MOST = 200


@dataclass(frozen=True)
class Saved:
    """What became of one record: no code where it was taken, else the org's, and the fields it
    names."""

    code: str | None = None
    fields: tuple[str, ...] = ()
    id: str | None = None


def update(org: Org, sobject: str, records: list[dict[str, Any]]) -> list[Saved]:
    """Updates records of one object by `Id`."""
    body = {
        "allOrNone": False,
        "records": [{"attributes": {"type": sobject}, **record} for record in records],
    }
    what = f"{len(records)} updates of {sobject}"
    return saved(org.patch("composite/sobjects", what, json=body), len(records), what)


def delete(org: Org, ids: list[str]) -> list[Saved]:
    """Deletes records by Id."""
    params = {"ids": ",".join(ids), "allOrNone": "false"}
    what = f"{len(ids)} deletes"
    answer = org.request("DELETE", "composite/sobjects", what=what, params=params)
    return saved(json_of(answer, what), len(ids), what)


def saved(answer: Any, expected: int, what: str) -> list[Saved]:
    """What an answer says of each record that was sent. Raises UserError where it does not."""
    whole = isinstance(answer, list) and all(isinstance(each, dict) for each in answer)
    if not whole or len(answer) != expected:
        raise UserError(
            f"The org's answer to {what} does not speak of each of them.",
            "Nothing is lost. Run `load-sf run` again.",
        )
    return [_one(said) for said in answer]


def _one(said: dict[str, Any]) -> Saved:
    if said.get("success"):
        return Saved(id=said.get("id"))
    error = (said.get("errors") or [{}])[0]
    return Saved(str(error.get("statusCode") or "UNKNOWN"), tuple(error.get("fields") or ()))
