"""sObject Collections: up to 200 records in one request, answered in the order they were sent.

REST API Developer Guide v67.0, "Use sObject Collections". Each record stands for itself
(`allOrNone` false), and a request whose answer was lost may be sent again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.errors import UserError
from loaders.salesforce.api.errors import code_of, fields_of
from loaders.salesforce.api.org import Org, json_of

MOST = 200
MOST_BYTES = 4_000_000
"""What one request may have of JSON; the org's own limit is not told (**assumption**)."""
DUPLICATES = "DUPLICATES_DETECTED"
_ID = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")
# The first 15 characters of an Id are the whole of it; the last three repeat their case.
_SHORT = 15
# The org saves a record though an Allow rule finds that it is like another.
_ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


class Unclear(UserError):
    """An answer that does not say what became of each record that was sent."""


@dataclass(frozen=True)
class Saved:
    """What became of one record: no code where it was taken, else the org's, and the fields it
    names; whether what it lacks is its parent; the duplicate rule that refused it."""

    code: str | None = None
    fields: tuple[str, ...] = ()
    id: str | None = None
    misses_parent: bool = False
    rule: str | None = None
    created: bool = False


def update(org: Org, sobject: str, records: list[dict[str, Any]]) -> list[Saved]:
    """Updates records of one object by `Id`."""
    body = {
        "allOrNone": False,
        "records": [{"attributes": {"type": sobject}, **record} for record in records],
    }
    what = f"{len(records)} updates of {sobject}"
    answer = org.patch("composite/sobjects", what, json=body)
    return saved(answer, [str(record["Id"]) for record in records], what)


def save(
    org: Org,
    sobject: str,
    key: str | None,
    records: list[str],
    ids: Sequence[str],
    *,
    allow_duplicates: bool,
) -> list[Saved]:
    """Saves records, each a JSON object as text: upserts them by the external id `key`, or updates
    them by the `Id` they hold. `ids` are their Ids, or what those begin with, as for `saved`.
    `allow_duplicates` lets pass what an Allow rule would stop.

    Raises Refused where the org takes none of them.
    """
    path = f"composite/sobjects/{sobject}/{key}" if key else "composite/sobjects"
    body = f'{{"allOrNone":false,"records":[{",".join(records)}]}}'.encode()
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    what = f"{len(records)} {'upserts' if key else 'updates'} of {sobject}"
    answer = org.request(
        "PATCH", path, what=what, data=body, headers=headers | (_ALLOW if allow_duplicates else {})
    )
    return saved(json_of(answer, what), ids, what)


def delete(org: Org, ids: list[str]) -> list[Saved]:
    """Deletes records by Id."""
    params = {"ids": ",".join(ids), "allOrNone": "false"}
    what = f"{len(ids)} deletes"
    answer = org.request("DELETE", "composite/sobjects", what=what, params=params)
    return saved(json_of(answer, what), ids, what)


def saved(answer: Any, ids: Sequence[str], what: str) -> list[Saved]:
    """What an answer says of each record that was sent. `ids` are the records' Ids; where one is
    not known before, what it begins with, as its object's key prefix, or nothing.

    Raises Unclear where it does not speak of each of them, and of no other.
    """
    whole = isinstance(answer, list) and all(isinstance(each, dict) for each in answer)
    if not (whole and len(answer) == len(ids) and _speaks_of(answer, ids)):
        raise Unclear(
            f"The org's answer to {what} does not speak of each of them.",
            "Nothing is lost. Run `load-sf run` again.",
        )
    return [_one(said) for said in answer]


def _speaks_of(answer: list[dict[str, Any]], ids: Sequence[str]) -> bool:
    new = [s.get("id") for s, own in zip(answer, ids, strict=True) if len(own) < _SHORT]
    made = [str(each) for each in new if each]
    return len({*made}) == len(made) and all(map(_is_about, answer, ids))


def _is_about(said: dict[str, Any], own: str) -> bool:
    """Whether a part of an answer says that a record was taken, or why it was not."""
    errors = said.get("errors")
    is_refused = (
        said.get("success") is False
        and isinstance(errors, list)
        and bool(errors)
        and isinstance(errors[0], dict)
    )
    told = said.get("id")
    if not told:
        return is_refused
    is_own = _ID.fullmatch(str(told)) and str(told).startswith(own[:_SHORT])
    return bool(is_own) and (is_refused or said.get("success") is True)


def _one(said: dict[str, Any]) -> Saved:
    if said["success"]:
        return Saved(id=said.get("id"), created=bool(said.get("created")))
    error = said["errors"][0]
    return Saved(
        code_of(error.get("statusCode")),
        fields_of(error.get("fields")),
        misses_parent="Foreign key external ID" in str(error.get("message")),
        rule=_rule(error.get("duplicateResult")),
    )


def _rule(found: Any) -> str | None:
    """The duplicate rule's API name."""
    name = found.get("duplicateRule") if isinstance(found, dict) else None
    return name if isinstance(name, str) and re.fullmatch(r"\w{1,80}", name) else None
