"""Runs the checks over the landed Parquet: one query a table, and one for each check that compares
rows with others; no row in Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from loaders.audit.checks import Check
from loaders.audit.conditions import Condition, condition, read_date
from loaders.audit.landing import PLACES
from loaders.audit.macros import sql
from loaders.home import Home
from loaders.raw.contract import Contract, Table
from loaders.raw.sql import name, text

# The forms dates are met in, as a pattern of the whole cell; what fits none of them and can be read
# all the same is called `other`.
_FORMS = {
    "YYYY-MM-DD": r"\d{4}-\d{1,2}-\d{1,2}",
    "YYYY-MM-DD with a time": r"\d{4}-\d{1,2}-\d{1,2} +[\d:.]+( *[AaPp]\.?[Mm]\.?)?",
    "ISO 8601 with a zone": r"\d{4}-\d{2}-\d{2}[T ][\d:.]+ *(Z|z|[+-]\d{2}:?\d{2})",
    "M/D/YYYY": r"\d{1,2}/\d{1,2}/\d{4}",
    "M/D/YYYY with a time": r"\d{1,2}/\d{1,2}/\d{4} +[\d:.]+( *[AaPp]\.?[Mm]\.?)?",
    "M/D/YY": r"\d{1,2}/\d{1,2}/\d{2}",
    "M/D/YY with a time": r"\d{1,2}/\d{1,2}/\d{2} +[\d:.]+( *[AaPp]\.?[Mm]\.?)?",
    "YYYYMMDD": r"\d{8}",
}
NO_DATE, UNREADABLE, OTHER = "none", "unreadable", "other"


@dataclass(frozen=True)
class Found:
    """What a check found in one practice: `count` of `judged` rows fail, the first of them at
    `places` (file, line)."""

    practice: str
    check: Check
    count: int
    judged: int
    places: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """The percentage of rows that fail."""
        return 100 * self.count / self.judged if self.judged else 0.0

    @property
    def tolerated(self) -> bool:
        """Whether no more rows fail than the check lets."""
        return self.share <= self.check.threshold


@dataclass(frozen=True)
class Fill:
    """How full a column of one practice is, and the length of its longest value."""

    practice: str
    table: str
    column: str
    filled: int
    total: int
    longest: int


@dataclass(frozen=True)
class Form:
    """How many cells of a date column are written in one form."""

    practice: str
    table: str
    column: str
    form: str
    count: int


@dataclass(frozen=True)
class Landed:
    """The landed tables of a product in the current generation of a home."""

    con: duckdb.DuckDBPyConnection
    home: Home
    contract: Contract

    def rows(self, table: str) -> str:
        """SQL for a table's rows."""
        files = self.home.raw / "current" / self.contract.folder / table / "*.parquet"
        return f"read_parquet({text(files)})"


def run_checks(landed: Landed, checks: Sequence[Check]) -> Iterator[Found]:
    """What the checks of one table find, practice by practice."""
    parts = [condition(check, at, landed.rows) for at, check in enumerate(checks)]
    # What compares rows with others holds them all: each does so alone, of its own columns only.
    plain = [at for at, part in enumerate(parts) if not part.compares]
    runs = [plain, *([at] for at, part in enumerate(parts) if part.compares)]
    found: list[tuple[str, int, Found]] = []
    for run in filter(None, runs):
        found += _run_together(landed, {at: checks[at] for at in run}, [parts[at] for at in run])
    found.sort(key=lambda one: one[:2])
    yield from (one for _, _, one in found)


def _run_together(
    landed: Landed, checks: dict[int, Check], parts: Sequence[Condition]
) -> Iterator[tuple[str, int, Found]]:
    """What some checks of one table find in one query, each with its practice and its place."""
    table = next(iter(checks.values())).table
    computed = {key: value for part in parts for key, value in part.computed.items()}
    extra = "".join(f", {value} as {name(key)}" for key, value in computed.items())
    place = "{'file': s._file, 'line': s._line}"
    asked = ", ".join(
        f"count(*) filter (where {part.applies}),"
        f" count(*) filter (where ({part.applies}) and ({part.fails})),"
        f" arg_min({place}, s._line, {PLACES}) filter (where ({part.applies}) and ({part.fails}))"
        for part in parts
    )
    rows = landed.con.execute(
        f"with rows as (select *{extra} from {landed.rows(table)})"
        f" select s._practice, {asked} from rows as s {' '.join(part.join for part in parts)}"
        " group by s._practice"
    ).fetchall()
    for practice, *numbers in rows:
        for index, (at, check) in enumerate(checks.items()):
            judged, count, places = numbers[3 * index : 3 * index + 3]
            named = tuple((str(one["file"]), int(one["line"])) for one in places or [])
            found = Found(str(practice), check, int(count), int(judged), named)
            yield str(practice), at, found


def fill_rates(landed: Landed, table: Table) -> Iterator[Fill]:
    """How full every column of a table is that models read."""
    cells = [sql("clean_text", name(column)) for column in table.columns]
    asked = ", ".join(f"count({cell}), coalesce(max(length({cell})), 0)" for cell in cells)
    rows = landed.con.execute(
        f"select _practice, count(*), {asked} from {landed.rows(table.name)}"
        " group by _practice order by _practice"
    ).fetchall()
    for practice, total, *numbers in rows:
        for at, column in enumerate(table.columns):
            filled, longest = numbers[2 * at : 2 * at + 2]
            yield Fill(str(practice), table.name, column, int(filled), int(total), int(longest))


def date_forms(landed: Landed, table: str, columns: Sequence[str]) -> Iterator[Form]:
    """In which forms the dates of a table's columns are written."""
    if not columns:
        return
    several = " union all ".join(
        f"select _practice, {text(column)} as column_name, {_form(column)} as form, count(*)"
        f" from (select *, {read_date(column, birth=False)[1]} as read from {landed.rows(table)})"
        " group by all"
        for column in columns
    )
    for row in landed.con.execute(f"{several} order by 1, 2, 4 desc, 3").fetchall():
        yield Form(str(row[0]), table, str(row[1]), str(row[2]), int(row[3]))


def _form(column: str) -> str:
    cell = sql("clean_text", name(column))
    forms = " ".join(
        f"when regexp_full_match({cell}, {text(pattern)}) then {text(form)}"
        for form, pattern in _FORMS.items()
    )
    return (
        f"case when {sql('is_no_date', name(column), 'read')} then {text(NO_DATE)}"
        f" when read is null then {text(UNREADABLE)} {forms} else {text(OTHER)} end"
    )
