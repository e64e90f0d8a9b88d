"""What a schema plan takes from this migration's home: its practices, and how many rows wait."""

from datetime import UTC, datetime

import duckdb

from loaders import terminal
from loaders.errors import UserError
from loaders.home import Home
from loaders.salesforce.api.org import api_version
from loaders.salesforce.ledger.gate import open_warehouse
from loaders.salesforce.ledger.steps import Step
from loaders.salesforce.schema.migration import migration_schema
from loaders.salesforce.schema.model import Schema
from loaders.salesforce.schema.planning import Occasion


def this_schema(home: Home, steps: tuple[Step, ...]) -> Schema:
    """This migration's schema; what people should know of it goes to stderr."""
    schema, notices = migration_schema(home, steps)
    for notice in notices:
        terminal.notes.print(notice, markup=False)
    return schema


def occasion(home: Home, steps: tuple[Step, ...]) -> Occasion:
    """Who and how much, as far as it is landed and built."""
    with duckdb.connect() as con:
        return Occasion(
            made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            version=api_version(),
            practices=practices(con, home),
            rows=_rows(con, home, steps),
        )


def practices(con: duckdb.DuckDBPyConnection, home: Home) -> tuple[str, ...]:
    """The practices that are landed, by name."""
    folder = home.raw / "current" / "migration" / "practices"
    if not folder.is_dir():
        return ()
    found = con.execute(
        "select distinct practice, practice_name from read_parquet(?) order by all",
        [str(folder / "*.parquet")],
    ).fetchall()
    return tuple(f"{name} ({slug})" if name else slug for slug, name in found)


def _rows(con: duckdb.DuckDBPyConnection, home: Home, steps: tuple[Step, ...]) -> dict[str, int]:
    """Rows each step would load; nothing where there is no warehouse to ask."""
    if not home.warehouse.exists():
        return {}
    try:
        open_warehouse(con, home.warehouse, steps)
    except UserError as error:
        terminal.notes.print(f"The plan is without numbers of rows: {error.message}")
        return {}
    counted: dict[str, int] = {}
    for step in steps:
        adopted = " and _adopt_id is null" if step.adopts else ""
        try:
            row = con.execute(
                f"select count(*) from warehouse.{step.relation} where not _held_back{adopted}"
            ).fetchone()
        except (duckdb.CatalogException, duckdb.BinderException):
            continue
        if row:
            counted[step.name] = int(row[0])
    return counted
