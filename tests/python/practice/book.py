"""What a generated practice hands over, and what must come of it: the two sides of every test of
the whole. Written from the specification alone; nothing here knows a model."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

Row = dict[str, Any]
Fields = dict[str, Any]

# An Ascend id has 13 digits: the same person's G-series number lifted into that range.
ASCEND = 1_000_000_000_000


@dataclass(frozen=True)
class Place:
    """Where a writer put a row: the file's path inside the set, and the row's first line."""

    file: str
    line: int


@dataclass(frozen=True, eq=False)
class Problem:
    """A planted defect, as `corrections` must name it. None for key or field: not held to one."""

    cls: str
    table: str
    row: Row
    key: str | None = None
    field: str | None = None
    held_back: bool | None = False
    or_row: Row | None = None


@dataclass(frozen=True, eq=False)
class Skip:
    """A row that becomes no record, and a word of the reason the audit must give."""

    table: str
    row: Row
    reason_contains: str
    outcome: str = "skipped"


@dataclass
class Book:
    """One practice: its source rows, which stay open to change until they are written, and the
    records, defects and skipped rows that the specification makes of them."""

    practice: str
    product: str = "g_series"
    seed: int = 20
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    records: dict[tuple[str, str], Fields] = field(default_factory=dict)
    absent: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    noisy: set[int] = field(default_factory=set)
    places: dict[int, Place] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    export: dict[str, Any] = field(default_factory=dict)
    accounts: list[Fields] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.practice}")
        self._next: dict[str, int] = defaultdict(lambda: 0)

    @property
    def ascend(self) -> bool:
        return self.product == "ascend"

    @property
    def system(self) -> str:
        return "dental_exec" if self.product == "dental_exec" else "dentrix"

    def id(self, number: int | str) -> str:
        """A source id of this product, of a number the two products share."""
        return str(ASCEND + int(number)) if self.ascend else str(number)

    def number(self, table: str, start: int = 1) -> int:
        """The next free number for a table's key: 1, 2, 3 … from `start` on."""
        self._next[table] = max(self._next[table] + 1, start)
        return self._next[table]

    def key(self, kind: str, source_id: int | str) -> str:
        """A migration key of this practice."""
        return f"{self.practice}:{kind}:{source_id}"

    def row(self, table: str, **cells: Any) -> Row:
        """Adds a source row: of a G-series table (a cell not named is blank) or an Ascend object
        of a resource (nested values as Python values). The row given stays open to change."""
        self.rows[table].append(cells)
        return cells

    def record(
        self, step: str, key: str, fields: Mapping[str, Any] | None = None, /, **more: Any
    ) -> Fields:
        """Expects a record, or more fields of one expected already. A field that is not named is
        not held to anything; None and '' must be blank; a lookup is named
        `Parent__r.Migration_Key__c` (see `to`); a multi-select is a set of words; dates are
        `date`, times aware `datetime`, amounts `Decimal` or int, the rest text or bool; a tuple
        holds values of which any will do."""
        expected = self.records.setdefault((step, key), {})
        expected.update(fields or {})
        expected.update(more)
        return expected

    def no_record(self, step: str, key: str) -> None:
        """Says of a key that no record may have it. No key arrives that `record` did not name;
        this is for the reader, and takes an expectation back."""
        self.records.pop((step, key), None)
        self.absent.add((step, key))

    def problem(
        self,
        cls: str,
        key: str | None,
        field: str | None = None,
        *,
        held_back: bool | None = False,
        table: str,
        row: Row,
        or_row: Row | None = None,
    ) -> None:
        """Expects an entry of `corrections` for a row (or, where two rows are to blame, for one
        of them). `key` is the record's migration key, `field` the Salesforce field's API name (a
        lookup: `Parent__c`); None for these or `held_back`: not held to anything."""
        self.problems.append(Problem(cls, table, row, key, field, held_back, or_row))

    def held_back(
        self, cls: str, step: str, key: str, field: str | None = None, *, table: str, row: Row
    ) -> None:
        """A row that does not load, and the entry that says so."""
        self.no_record(step, key)
        self.problem(cls, key, field, held_back=True, table=table, row=row)

    def skipped(self, table: str, row: Row, reason_contains: str, outcome: str = "skipped") -> None:
        """Expects the audit to list a row as `outcome` (skipped, merged, held_back), with a
        reason that holds these words (in any case)."""
        self.skips.append(Skip(table, row, reason_contains, outcome))

    def may_report(self, *rows: Row) -> None:
        """Rows that may be in `corrections` for more than was planted. Every other row in it
        without a planted defect is a false alarm."""
        self.noisy.update(id(row) for row in rows)

    def find(self, table: str, **cells: Any) -> Row:
        """The first row of a table with these cells. Raises StopIteration where there is none."""
        return next(
            row
            for row in self.rows[table]
            if all(row.get(name) == value for name, value in cells.items())
        )


def to(lookup: str, key: str | None) -> Fields:
    """A lookup's expectation: `to("Contact__c", "p:patient:1")`; None for one that is blank."""
    relation = lookup.removesuffix("__c") + "__r" if lookup.endswith("__c") else lookup
    return {f"{relation.removesuffix('Id')}.Migration_Key__c": key}
