"""Which cell of a row goes where: contract columns, extra columns, and what never lands."""

import re
from dataclasses import dataclass

from loaders.errors import UserError
from loaders.raw.contract import Table
from loaders.raw.contract.names import plain

# Plain names that never land; those in the second list also as a part of a longer name, which
# for the first would hit words such as `businessname`.
_NEVER = ("ssn", "ssnum", "ssno", "ssnumber")
_NEVER_WITHIN = (
    "socialsec",
    "socsec",
    "driverslicen",
    "driverlicen",
    "password",
)
NEVER_PATTERN = rf"^({'|'.join(_NEVER)})|({'|'.join(_NEVER_WITHIN)})"


@dataclass(frozen=True)
class Binding:
    """Positions of a file's cells by what becomes of them."""

    columns: dict[str, int]
    extra: tuple[tuple[str, int], ...]
    nameless: tuple[str, ...]
    dropped: tuple[str, ...]
    # The one cell that holds all unknown fields, where the file has no columns.
    packed: int | None = None


def never_lands(header: str, exclude: frozenset[str]) -> bool:
    """Whether a name is one of those whose values must not enter, whatever the file says."""
    name = plain(header)
    words = re.split(r"[\W_]+", header.casefold())
    return name in exclude or re.search(NEVER_PATTERN, name) is not None or "ssn" in words


def bind(header: tuple[str, ...], table: Table, exclude: frozenset[str], shown: str) -> Binding:
    """Binds a header to a table, names compared without case, blanks and punctuation.

    Raises UserError where a key column is not there.
    """
    wanted = _contract_positions(header, table, exclude)
    missing = [column for column in table.key if column not in wanted]
    if missing:
        excluded = [column for column in missing if plain(column) in exclude]
        why = "excluded by export.yml" if excluded else "not in its header"
        raise UserError(
            f"{shown}: {', '.join(missing)}, the key of table {table.name}, is {why}.",
            "Export the table with its key columns, or name the right table under `files:`.",
        )
    taken = set(wanted.values())
    extra: list[tuple[str, int]] = []
    nameless: list[str] = []
    dropped: list[str] = []
    used: set[str] = set()
    for position, name in enumerate(header):
        if position in taken:
            used.add(name)
        elif never_lands(name, exclude) or _excluded_alias(name, table, exclude):
            dropped.append(name)
        else:
            label = _unused(name or f"column {position + 1}", used)
            if not name:
                nameless.append(label)
            used.add(label)
            extra.append((label, position))
    return Binding(wanted, tuple(extra), tuple(nameless), tuple(dropped))


def _contract_positions(
    header: tuple[str, ...], table: Table, exclude: frozenset[str]
) -> dict[str, int]:
    """The first cell of each contract column; its own name counts before its aliases."""
    own: dict[str, int] = {}
    alias: dict[str, int] = {}
    for position, name in enumerate(header):
        column = table.spellings.get(plain(name))
        if column is None or never_lands(name, exclude) or plain(column) in exclude:
            continue
        (own if plain(name) == plain(column) else alias).setdefault(column, position)
    return alias | own


def _excluded_alias(name: str, table: Table, exclude: frozenset[str]) -> bool:
    column = table.spellings.get(plain(name))
    return column is not None and plain(column) in exclude


def _unused(name: str, used: set[str]) -> str:
    label, number = name, 2
    while label in used:
        label, number = f"{name} ({number})", number + 1
    return label
