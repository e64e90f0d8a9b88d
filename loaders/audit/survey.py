"""Gathers the audit of a home: what every practice sent, what is wrong with it, what it lacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from loaders.audit.checks import Check, read_checks
from loaders.audit.landing import PLACES, Notes, Rejected, Remembered, read_notes
from loaders.audit.runner import (
    NO_DATE,
    UNREADABLE,
    Fill,
    Form,
    Found,
    Landed,
    date_forms,
    fill_rates,
    run_checks,
)
from loaders.audit.targets import Target, by_source
from loaders.errors import UserError
from loaders.home import Home
from loaders.raw import audit as remembered
from loaders.raw.contract import Table, product_contract
from loaders.raw.expectations import Expectation, expectations
from loaders.raw.landing import current_generation
from loaders.raw.sql import key_text

_DATED = ("date", "required_date", "date_range")


@dataclass(frozen=True)
class Lacking:
    """What an export should hold and does not: `finding` as the mart `data_audit` names it,
    `count` of `total` rows without it (None of a table)."""

    expectation: Expectation
    finding: str
    count: int | None
    total: int | None


@dataclass(frozen=True)
class Column:
    """A column models read: whether it was sent, how full it is, where it goes."""

    name: str
    present: bool
    fill: Fill | None
    targets: tuple[Target, ...]
    forms: tuple[Form, ...] = ()

    @property
    def mixed(self) -> bool:
        """Whether its dates are written in more than one form."""
        return len([one for one in self.forms if one.form not in (NO_DATE, UNREADABLE)]) > 1


@dataclass(frozen=True)
class SourceTable:
    """A table of the contract as a practice sent it. `rows` stand in it now."""

    name: str
    rows: int
    notes: Notes
    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    found: tuple[Found, ...]

    @property
    def objects(self) -> tuple[str, ...]:
        """The Salesforce objects its values may arrive in."""
        return tuple(sorted({one.object for column in self.columns for one in column.targets}))


@dataclass(frozen=True)
class Documents:
    """Scanned documents in one state: `count` of `total`, named by the rows at `places`."""

    status: str
    count: int
    total: int
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Practice:
    """The audit of one practice. `ignored` are files and why."""

    slug: str
    name: str
    system: str
    product: str
    extracted_at: str
    tables: tuple[SourceTable, ...]
    lacking: tuple[Lacking, ...]
    ignored: tuple[tuple[str, str], ...]
    documents: tuple[Documents, ...]

    @property
    def found(self) -> list[Found]:
        """Every check that rows fail."""
        return [one for table in self.tables for one in table.found if one.count]

    @property
    def rejected(self) -> list[tuple[str, Rejected]]:
        """Every class of lines that did not land, with its table."""
        return [(table.name, one) for table in self.tables for one in table.notes.rejected]


def survey(con: duckdb.DuckDBPyConnection, home: Home) -> list[Practice]:
    """Audits every landed practice. Raises UserError where nothing is landed."""
    practices = remembered.read_rows(con, home, "practices") if current_generation(home) else []
    if not practices:
        raise UserError(
            f"Nothing is landed in {home.path}.", "Land an export set first: load-raw PATH."
        )
    practices.sort(key=lambda row: str(row["practice"]))
    products = dict.fromkeys((str(row["system"]), str(row["product"])) for row in practices)
    measured = {product: _measure(con, home, *product) for product in products}
    return [
        _practice(con, home, row, measured[str(row["system"]), str(row["product"])])
        for row in practices
    ]


@dataclass(frozen=True)
class _Measured:
    fills: list[Fill]
    forms: list[Form]
    found: list[Found]


def _measure(con: duckdb.DuckDBPyConnection, home: Home, system: str, product: str) -> _Measured:
    """What is counted in all practices of a product at once."""
    landed = Landed(con, home, product_contract(system, product))
    measured = _Measured([], [], [])
    for table in landed.contract.tables.values():
        checks = [c for c in read_checks() if (c.product, c.table) == (product, table.name)]
        measured.fills.extend(fill_rates(landed, table))
        measured.forms.extend(date_forms(landed, table.name, _dates(checks)))
        measured.found.extend(run_checks(landed, checks))
    return measured


def _dates(checks: Sequence[Check]) -> list[str]:
    return list(dict.fromkeys(check.column for check in checks if check.kind in _DATED))


def _practice(
    con: duckdb.DuckDBPyConnection, home: Home, row: dict[str, object], measured: _Measured
) -> Practice:
    slug, system, product = str(row["practice"]), str(row["system"]), str(row["product"])
    contract = product_contract(system, product)
    noted = read_notes(con, home, slug)
    tables = tuple(
        _table(slug, contract.folder, table, measured, noted) for table in contract.tables.values()
    )
    return Practice(
        slug,
        str(row["practice_name"]),
        system,
        product,
        str(row["extracted_at"]),
        tables,
        tuple(_lacking(expectations(product), {table.name: table for table in tables})),
        tuple(noted.ignored),
        tuple(_documents(con, home, system, product, slug)),
    )


def _documents(
    con: duckdb.DuckDBPyConnection, home: Home, system: str, product: str, practice: str
) -> Iterator[Documents]:
    contract = product_contract(system, product)
    if "doc_files" not in contract.derived:
        return
    landed = Landed(con, home, contract)
    place = "{'file': d._file, 'line': d._line}"
    rows = con.execute(
        f"select f.status, count(*), sum(count(*)) over (), arg_min({place}, d._line, {PLACES})"
        f" from {landed.rows('doc_files')} as f"
        f" left join {landed.rows('docs')} as d"
        f" on d._practice = f.practice and {key_text('d.doc_id')} = {key_text('f.doc_id')}"
        " where f.practice = ? group by f.status order by f.status",
        [practice],
    ).fetchall()
    for status, count, total, places in rows:
        named = tuple((str(one["file"]), int(one["line"])) for one in places or [])
        yield Documents(str(status), int(count), int(total), named)


def _table(
    practice: str, folder: str, table: Table, measured: _Measured, noted: Remembered
) -> SourceTable:
    here = (practice, table.name)
    fills = {one.column: one for one in measured.fills if (one.practice, one.table) == here}
    forms = [one for one in measured.forms if (one.practice, one.table) == here]
    present = noted.present.get(table.name, set(table.columns))
    columns = tuple(
        Column(
            column,
            column in present,
            fills.get(column),
            by_source().get(f"{folder}.{table.name}.{column}", ()),
            tuple(one for one in forms if one.column == column),
        )
        for column in table.columns
    )
    return SourceTable(
        table.name,
        max((fill.total for fill in fills.values()), default=0),
        noted.tables.get(table.name, Notes()),
        columns,
        tuple(noted.unknown.get(table.name, ())),
        tuple(one for one in measured.found if (one.practice, one.check.table) == here),
    )


def _lacking(expected: Sequence[Expectation], tables: dict[str, SourceTable]) -> Iterator[Lacking]:
    for one in expected:
        table = tables.get(one.table)
        if one.column is None:
            finding = _table_lacking(one, table)
            if finding:
                yield Lacking(one, finding, None, None)
            continue
        if table is None or not table.rows:
            continue  # said once, of the table
        column = next((c for c in table.columns if c.name == one.column), None)
        filled = column.fill.filled if column and column.fill else 0
        finding = _column_lacking(one, bool(column and column.present), filled)
        if finding:
            yield Lacking(one, finding, table.rows - filled, table.rows)


def _table_lacking(one: Expectation, table: SourceTable | None) -> str | None:
    if table is not None and table.rows:
        return None
    if one.need == "never_exported":
        return "never_exported"
    return "table_empty" if table is not None and table.notes.files else "table_missing"


def _column_lacking(one: Expectation, present: bool, filled: int) -> str | None:
    if one.need == "never_exported":
        return None if filled else "never_exported"
    if not present:
        return "column_missing"
    # Of single blank values the checks speak: they name lines.
    return None if filled else "column_blank"
