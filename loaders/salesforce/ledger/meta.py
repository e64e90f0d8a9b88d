"""What may stand under `meta.salesforce`, and of what kind: a word the loader does not know is
a mistake in a mapping, so it is refused instead of passed over."""

import difflib
from collections.abc import Mapping
from typing import Any

from loaders.errors import UserError

# The kind of each value. A pair is a list of such.
STEP = {
    "object": str,
    "operation": str,
    "external_id": str,
    "of": str,
    "supersedes": str,
    "label": str,
    "plural": str,
    "name_format": str,
    "sharing": str,
    "access": str,
    "motif": str,
    "sample": bool,
    "list_views": (list, dict),
    "report_types": (list, dict),
}
COLUMN = {
    "type": str,
    "label": str,
    "help": str,
    "length": int,
    "precision": int,
    "scale": int,
    "values": (list, str),
    "value_set": str,
    "from_data": bool,
    "restricted": bool,
    "required": bool,
    "hold": bool,
    "external_id": bool,
    "unique": bool,
    "lookup": str,
    "to": str,
    "on_delete": str,
    "relationship_name": str,
    "relationship_label": str,
    "access": str,
    "lock": bool,
    "create_only": bool,
}
LIST_VIEW = {
    "name": str,
    "label": str,
    "field": str,
    "operation": str,
    "value": str,
    "columns": (list, str),
}
BLOCK = {"blocks": str, "unless": str, "what": str, "action": str, "amount": str}
REPORT_TYPE = {"name": str, "label": str, "description": str, "columns": (list, str)}
_SAID = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a map"}
Kinds = Mapping[str, Any]


def checked(where: str, said: object, kinds: Kinds, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a map of the YAML says, its words known and their values of the right kind.

    Raises UserError, naming the place, where they are not.
    """
    if not isinstance(said, dict):
        raise UserError(f"{where} is {_called(said)}, not a map.", "Write `key: value` pairs.")
    for key, value in said.items():
        if key not in kinds:
            close = difflib.get_close_matches(str(key), kinds, n=1)
            raise UserError(
                f"{where}: there is no `{key}`.",
                f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(kinds)}.",
            )
        _check(where, str(key), value, kinds[key])
    for key in needed:
        if key not in said:
            raise UserError(f"{where}: it names no {key}.", "Add it.")
    return said


def each(where: str, said: Any, kinds: Kinds, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    """A list of such maps."""
    return [checked(f"{where} {n}", one, kinds, needed) for n, one in enumerate(said or (), 1)]


def _check(where: str, key: str, value: object, kind: Any) -> None:
    if isinstance(kind, tuple):
        inner = kind[1]
        # What YAML reads as a number or a date (`values: [2024]`) is meant as text.
        plain = inner is not str or not any(isinstance(v, dict | list) for v in _listed(value))
        if isinstance(value, list) and plain:
            return
        kind = list
    elif type(value) is kind:
        return
    raise UserError(
        f"{where}: `{key}` is {_called(value)}, not {_SAID[kind]}.",
        "Write it without quotes."
        if kind in (int, bool)
        else "See the other marts for how it is written.",
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _called(value: object) -> str:
    return "empty" if value is None else _SAID.get(type(value), "something else")
