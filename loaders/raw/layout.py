"""NAME.layout.yml: what a person knows of a .dat file's records."""

from dataclasses import dataclass
from typing import Any

import yaml

from loaders.errors import UserError
from loaders.raw.contract.names import plain

# Bytes a type takes; None is as many as the layout says.
TYPES: dict[str, int | None] = {
    "text": None,
    "uint16": 2,
    "uint32": 4,
    "int16": 2,
    "int32": 4,
    "float64": 8,
    "date_yyyymmdd": 4,
    "cents_int32": 4,
}
_KEYS = {"data_offset", "record_length", "deleted", "fields"}
_LONGEST_RECORD = 1 << 20
_LARGEST_OFFSET = 1 << 40


@dataclass(frozen=True)
class Field:
    """One field of a record, by its place in bytes."""

    name: str
    offset: int
    length: int
    type: str


@dataclass(frozen=True)
class Layout:
    """Where records begin, how long they are, what is in them, and which are dead."""

    data_offset: int
    record_length: int
    fields: tuple[Field, ...]
    deleted_offset: int | None = None
    deleted_values: frozenset[int] = frozenset()


def read_layout(content: bytes, shown: str) -> Layout:
    """Reads a layout. Raises UserError naming every problem, in one line."""
    try:
        document = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UserError(
            f"{shown} is no readable layout.",
            "It holds data_offset, record_length, deleted (optional) and fields.",
        )
    problems = [f"{key!r} is not known" for key in document if key not in _KEYS]
    offset = _whole(document, "data_offset", 0, _LARGEST_OFFSET, problems)
    length = _whole(document, "record_length", 1, _LONGEST_RECORD, problems)
    fields = _fields(document.get("fields"), length, problems)
    deleted_offset, values = _deleted(document.get("deleted"), length, problems)
    if problems:
        raise UserError(
            f"{shown} needs correcting: {'; '.join(problems)}.",
            "A field has name, offset, length and type; offsets count bytes from a record's start.",
        )
    return Layout(offset, length, tuple(fields), deleted_offset, values)


def _whole(where: dict[Any, Any], key: str, least: int, most: int, problems: list[str]) -> int:
    value = where.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    says = "is missing" if value is None else f"must be a whole number, {least} to {most}"
    problems.append(f"{key} {says}")
    return least


def _fields(given: Any, record_length: int, problems: list[str]) -> list[Field]:
    if not isinstance(given, list) or not given:
        problems.append("fields must be a list of at least one field")
        return []
    fields = []
    for number, one in enumerate(given, start=1):
        found = _field(one, number, record_length, problems)
        if found:
            fields.append(found)
    return fields


def _field(given: Any, number: int, record_length: int, problems: list[str]) -> Field | None:
    if not isinstance(given, dict):
        problems.append(f"field {number} must hold name, offset, length and type")
        return None
    name, kind = given.get("name"), given.get("type")
    if not isinstance(name, str) or not plain(name) or not name.isprintable():
        problems.append(f"field {number} has no name")
        return None
    wrong: list[str] = [f"{key!r} is not known" for key in given if key not in _FIELD_KEYS]
    if kind not in TYPES:
        wrong.append(f"its type must be one of {', '.join(TYPES)}")
    offset = _whole(given, "offset", 0, record_length - 1, wrong)
    size = TYPES.get(str(kind))
    length = size if size and "length" not in given else _whole(given, "length", 1, 1 << 20, wrong)
    if not wrong and size and length != size:
        wrong.append(f"a {kind} is {size} bytes long")
    if not wrong and offset + length > record_length:
        wrong.append("it reaches beyond record_length")
    problems += [f"field {name}: {problem}" for problem in wrong]
    return None if wrong else Field(name, offset, length, str(kind))


_FIELD_KEYS = {"name", "offset", "length", "type"}


def _deleted(
    given: Any, record_length: int, problems: list[str]
) -> tuple[int | None, frozenset[int]]:
    if given is None:
        return None, frozenset()
    if not isinstance(given, dict) or set(given) != {"offset", "values"}:
        problems.append("deleted must hold offset and values")
        return None, frozenset()
    offset = _whole(given, "offset", 0, record_length - 1, problems)
    values = given["values"] if isinstance(given["values"], list) else [given["values"]]
    if not values or not all(type(v) is int and 0 <= v <= 255 for v in values):
        problems.append("deleted: values must be bytes, 0 to 255")
        return None, frozenset()
    return offset, frozenset(values)
