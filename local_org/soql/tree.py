"""The parts of a SOQL query. `at` is where in the text each stood, for error messages."""

from __future__ import annotations

from dataclasses import dataclass

from local_org.errors import ApiError

AGGREGATES = ("count", "count_distinct", "sum", "avg", "min", "max")


@dataclass(frozen=True)
class Path:
    """A field, or a field of a parent: `Account.Owner.Name`."""

    names: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The path as written."""
        return ".".join(self.names)


@dataclass(frozen=True)
class Item:
    """One thing selected: a field, or an aggregate over one (`path` None: `count()`)."""

    path: Path | None
    function: str | None = None
    alias: str | None = None


@dataclass(frozen=True)
class Value:
    """A literal: kind is string, number, boolean, null, date, datetime or range."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Comparison:
    """`path operator value`; IN, NOT IN, INCLUDES and EXCLUDES take several values."""

    path: Path
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Condition


@dataclass(frozen=True)
class Both:
    """Several conditions joined by `and`, or by `or`."""

    word: str
    parts: tuple[Condition, ...]


Condition = Comparison | Not | Both


@dataclass(frozen=True)
class Order:
    """One key of ORDER BY."""

    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """One SELECT."""

    text: str
    items: tuple[Item, ...]
    object: str
    object_at: int
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Path, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None

    @property
    def aggregate(self) -> bool:
        """Whether it counts or sums instead of listing records."""
        return bool(self.group) or any(item.function for item in self.items)

    @property
    def bare_count(self) -> bool:
        """Whether it is `select count()`: only its totalSize is wanted."""
        return len(self.items) == 1 and self.items[0].path is None


def error_at(code: str, text: str, at: int, message: str) -> ApiError:
    """Give an error with the place in the query, as Salesforce draws it."""
    row = text.count("\n", 0, at) + 1
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    column = at - line_start
    start = max(0, column - 40)
    shown = line[start : column + 40]
    pointer = " " * (column - start) + "^"
    place = f"ERROR at Row:{row}:Column:{column + 1}"
    return ApiError(400, code, f"\n{shown}\n{pointer}\n{place}\n{message}")
