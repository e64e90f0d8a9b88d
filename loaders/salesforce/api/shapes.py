"""What answers must look like before anything is read from them: whatever stands between us and
the org may answer in its place, and an answer that was misread must not decide anything."""

import re
from collections.abc import Mapping
from typing import Any

from loaders.errors import UserError

_PLAIN = re.compile(r"\w+(\.\w+)*")
_OF_FIELDS = {
    **{"name": str, "type": str, "referenceTo": list},
    **{"createable": bool, "updateable": bool, "nillable": bool},
}


def require(is_so: bool, what: str) -> None:
    """Raises UserError where the answer to `what` is not as Salesforce gives it."""
    if not is_so:
        raise UserError(
            f"The org's answer to {what} is not as Salesforce gives it.",
            "Nothing is lost. Is there a proxy between? Run the same command again.",
        )


def each_has(listed: Any, needed: Mapping[str, type], what: str) -> list[dict[str, Any]]:
    """A list of objects with these keys and types of values."""
    is_so = isinstance(listed, list) and all(
        isinstance(each, dict)
        and all(isinstance(each.get(key), kind) for key, kind in needed.items())
        for each in listed
    )
    require(is_so, what)
    return list(listed)


def number(said: Any, what: str) -> int:
    """A whole number, told as one or as its digits; nothing said is none."""
    is_so = said is None or (not isinstance(said, bool) and str(said).isdecimal())
    require(is_so, what)
    return int(said or 0)


def asked(soql: str) -> list[str]:
    """What a query asks for: its fields, in order."""
    return soql.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")


def not_whole(what: str, found: int, gave: str) -> UserError:
    """The error for records that are fewer than the org says it found."""
    return UserError(
        f"{what} is not whole: the org found {found:,} records, and gave {gave}.",
        "Nothing is lost. Is there a proxy between? Run the same command again.",
    )


def records(listed: Any, soql: str, what: str) -> list[dict[str, Any]]:
    """The records of a query's page, each with the fields that were asked for."""
    names = {each.partition(".")[0] for each in asked(soql) if _PLAIN.fullmatch(each)}
    found = each_has(listed, {}, what)
    require(all(names <= each.keys() for each in found), what)
    return found


def described(said: dict[str, Any], what: str) -> dict[str, Any]:
    """An object's describe."""
    each_has(said["fields"], _OF_FIELDS, what)
    each_has(said["childRelationships"], {"childSObject": str}, what)
    return said
