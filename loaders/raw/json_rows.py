"""JSON objects as rows of a table: which member goes where, and what it looks like as text."""

import json
from dataclasses import dataclass
from typing import IO, Any

from loaders.raw.binding import never_lands
from loaders.raw.cells import CellWriter, clean_cell, packed
from loaders.raw.contract import Table
from loaders.raw.contract.names import plain
from loaders.raw.encoding import Tally
from loaders.raw.json_objects import Broken, Found, Number

DEEPEST = 64
# So many names are kept in mind; no real export has them.
_MOST_NAMES = 4096
_DROPPED = -1
_UNKNOWN = -2
_quoted = json.encoder.encode_basestring


class TooDeep(Exception):
    """A value is nested deeper than any real one."""


@dataclass(frozen=True)
class _Place:
    """Where a member's value goes: a column's number, or one of the constants above."""

    column: int
    own_name: bool
    label: str


class JsonRows:
    """Writes objects as rows: the table's columns, then one cell of all unknown fields."""

    def __init__(
        self, table: Table, exclude: frozenset[str], tally: Tally, out: IO[bytes], bad: IO[bytes]
    ) -> None:
        self._table = table
        self._exclude = exclude
        self._tally = tally
        self._writer = CellWriter(out, bad)
        self._places: dict[str, _Place] = {}
        self._never: dict[str, bool] = {}
        self._numbers = {column: i for i, column in enumerate(table.columns)}
        self.facts = self._writer.facts
        self.dropped: set[str] = set()

    @property
    def present(self) -> frozenset[str]:
        """The contract columns that some object had."""
        columns = self._table.columns
        return frozenset(columns[p.column] for p in self._places.values() if p.column >= 0)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of unknown fields, in the order they were met."""
        return tuple(p.label for p in self._places.values() if p.column == _UNKNOWN)

    def write(self, found: Found | Broken) -> None:
        """Writes an object as a row; what is none, or too deep, is refused."""
        if isinstance(found, Broken):
            self._writer.refuse(found.line, found.reason)
            return
        try:
            cells = self._cells(found)
        except TooDeep:
            self._writer.refuse(found.line, "nested too deep")
            return
        self._writer.write(found.line, cells)

    def _cells(self, found: Found) -> list[str]:
        cells = [""] * len(self._table.columns)
        taken: dict[int, _Place] = {}
        more: list[tuple[str, str]] = []
        for name, value in found.members:
            place = self._places.get(name) or self._place(name)
            if place.column == _DROPPED:
                continue
            text = self._text(value)
            if place.column == _UNKNOWN:
                more.append((place.label, text))
            elif place.column not in taken:
                cells[place.column], taken[place.column] = text, place
            elif place.own_name and not taken[place.column].own_name:
                # A column's own name counts before its aliases.
                more.append((taken[place.column].label, cells[place.column]))
                cells[place.column], taken[place.column] = text, place
            else:
                more.append((place.label, text))
        cells.append(packed(_distinct(more)) if more else "")
        return cells

    def _place(self, name: str) -> _Place:
        bare = plain(name)
        column = self._table.spellings.get(bare)
        label = " ".join(clean_cell(name, Tally()).split()) or "nameless"
        excluded = column is not None and plain(column) in self._exclude
        if excluded or never_lands(name, self._exclude):
            self.dropped.add(label)
            place = _Place(_DROPPED, False, label)
        elif column is None:
            place = _Place(_UNKNOWN, False, label)
        else:
            place = _Place(self._numbers[column], bare == plain(column), label)
        if len(self._places) < _MOST_NAMES:
            self._places[name] = place
        return place

    def _text(self, value: Any) -> str:
        """A value as text: strings and numbers as they are, null as nothing, the rest as JSON."""
        kind = type(value)
        if kind is str:
            return clean_cell(value, self._tally)
        if kind is Number:
            return str(value)
        if value is None:
            return ""
        return self._json(value, 0)

    def _json(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind is str:
            return _quoted(clean_cell(value, self._tally))
        if kind is Number:
            # NaN and Infinity are no JSON.
            return str(value) if value[-1].isdigit() else _quoted(value)
        if value is None or kind is bool:
            return {None: "null", True: "true", False: "false"}[value]
        if depth >= DEEPEST:
            raise TooDeep
        if kind is list:
            return f"[{','.join(self._json(each, depth + 1) for each in value)}]"
        members = (
            f"{_quoted(clean_cell(name, self._tally))}:{self._json(each, depth + 1)}"
            for name, each in value
            if not self._never_lands(name)
        )
        return f"{{{','.join(members)}}}"

    def _never_lands(self, name: str) -> bool:
        never = self._never.get(name)
        if never is None:
            never = never_lands(name, self._exclude)
            if len(self._never) < _MOST_NAMES:
                self._never[name] = never
            if never:
                self.dropped.add(" ".join(clean_cell(name, Tally()).split()))
        return never


def _distinct(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs with something in them, names that occur twice told apart."""
    used: set[str] = set()
    result = []
    for name, value in pairs:
        if not value:
            continue
        label, number = name, 2
        while label in used:
            label, number = f"{name} ({number})", number + 1
        used.add(label)
        result.append((label, value))
    return result
