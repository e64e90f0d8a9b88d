"""Tables of a page: a first page of rows as HTML, all of them as data for the page's script."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup

# More would be of no use to a reader, and heavy for a browser; the warehouse has the rest.
MOST_ROWS = 50_000
_FIRST = 25
_NUMERIC = frozenset({"number", "money"})


@dataclass(frozen=True)
class Column:
    """A column. `kind` is text, words (sentences), code (names of fields and the like), number,
    money or key (a record's key, which leads to its life); with `choose` a reader may pick one of
    its values."""

    label: str
    kind: str = "text"
    choose: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it stands flush right and sorts by amount."""
        return self.kind in _NUMERIC


@dataclass(frozen=True)
class Table:
    """A table. `rows` are of as many cells as there are columns; `total` is how many rows there are
    in all, where `rows` are only the first."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    total: int | None = None

    @property
    def first(self) -> list[list[str]]:
        """The cells that stand in the page itself, as text."""
        return [
            [shown(value, column.kind) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows[:_FIRST]
        ]

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than the page holds as data."""
        return self.total is not None and self.total > len(self.rows)

    @property
    def data(self) -> Markup:
        """All rows as JSON that stands in HTML: per column its distinct values, and for each row
        which of them; what repeats costs a number."""
        columns = []
        for n, column in enumerate(self.columns):
            places: dict[Any, int] = {}
            cells = [places.setdefault(_plain(row[n]), len(places)) for row in self.rows]
            columns.append(
                {
                    "label": column.label,
                    "kind": column.kind,
                    "choose": column.choose,
                    "values": list(places),
                    "cells": cells,
                }
            )
        return inert({"rows": len(self.rows), "columns": columns})


def inert(document: Any) -> Markup:
    """JSON that no HTML parser takes for anything else, inside `<script type="application/json">`
    or out of it."""
    said = json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        said = said.replace(character, f"\\u{ord(character):04x}")
    return Markup(said)


def shown(value: Any, kind: str) -> str:
    """A cell as a reader sees it."""
    if value is None:
        return ""
    if kind == "money":
        return f"{value:,.2f}"
    if kind == "number":
        return f"{value:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
