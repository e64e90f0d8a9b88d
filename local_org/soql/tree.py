"""The parts of a SOQL query. `at` is where in the text each stood, for error messages."""

from __future__ import annotations

from dataclasses import dataclass

from local_org.errors import ApiError

AGGREGATES = ("count", "count_distinct", "sum", "avg", "min", "max")
DATE_FUNCTIONS = (
    "calendar_month",
    "calendar_quarter",
    "calendar_year",
    "day_in_month",
    "day_in_week",
    "day_in_year",
    "day_only",
    "fiscal_month",
    "fiscal_quarter",
    "fiscal_year",
    "hour_in_day",
    "week_in_month",
    "week_in_year",
)
SHOWN = ("tolabel", "format", "convertcurrency")
FIELD_SETS = ("all", "standard", "custom")


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
class Call:
    """A function of a field (`path` None: `count()`); `local` where in the user's time zone."""

    function: str
    path: Path | None
    at: int
    local: bool = False

    @property
    def text(self) -> str:
        """The call as error messages name it."""
        return f"{self.function.upper()}({self.path.text if self.path else ''})"


Operand = Path | Call


@dataclass(frozen=True)
class Item:
    """One column selected, with the alias it was given."""

    operand: Operand
    alias: str | None = None
    alias_at: int = 0


@dataclass(frozen=True)
class FieldSet:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`; `word` in lower case."""

    word: str
    at: int


@dataclass(frozen=True)
class When:
    """One branch of TYPEOF: the fields shown where the parent is of this object."""

    object: str
    at: int
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class TypeOf:
    """`TYPEOF What WHEN Account THEN … ELSE … END`."""

    path: Path
    branches: tuple[When, ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True)
class Value:
    """A literal: kind is string, number, boolean, null, date, datetime or range."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Comparison:
    """`left operator value`; IN and its like take several values, or a query of their own."""

    left: Operand
    operator: str
    values: tuple[Value, ...]
    query: Query | None = None


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

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """One SELECT. `grouping` is "", "rollup" or "cube"."""

    text: str
    items: tuple[Item | FieldSet | TypeOf | Query, ...]
    object: str
    object_at: int
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Operand, ...] = ()
    grouping: str = ""
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """The functions it selects."""
        operands = (item.operand for item in self.items if isinstance(item, Item))
        return tuple(each for each in operands if isinstance(each, Call))

    @property
    def aggregate(self) -> bool:
        """Whether it counts or sums instead of listing records."""
        return bool(self.group) or any(call.function not in SHOWN for call in self.calls)

    @property
    def bare_count(self) -> bool:
        """Whether it is `select count()`: only its totalSize is wanted."""
        return len(self.items) == 1 and any(call.path is None for call in self.calls)

    @property
    def children(self) -> tuple[Query, ...]:
        """The queries it selects: `(SELECT … FROM Contacts)`."""
        return tuple(item for item in self.items if isinstance(item, Query))


def malformed(message: str) -> ApiError:
    """Give the error of a query that does not parse."""
    return ApiError(400, "MALFORMED_QUERY", message)


def too_complicated() -> ApiError:
    """Give the error of a query that is too deep or too wide."""
    message = (
        "Query is either selecting too many fields or the filter conditions are too complicated."
    )
    return ApiError(400, "QUERY_TOO_COMPLICATED", message)


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
