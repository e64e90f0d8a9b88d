"""An example of every field, for the field map: `python -m demo.examples`, after `make demo`.

Writes `loaders/lineage/examples.csv`, which is checked in: so it reads the demo's practices only,
and only where they are landed byte for byte as the demo writes them.
"""

import csv
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from demo import practice
from demo.maple_street import practice as maple_street
from loaders.errors import Exit, UserError
from loaders.home import Home, open_home
from loaders.lineage.rows import EXAMPLES
from loaders.raw.sources import set_files, set_id
from loaders.salesforce.ledger import sources
from loaders.salesforce.ledger.sql import as_sent, name, text
from loaders.salesforce.ledger.steps import BINARY, Field, Step, read_project
from loaders.terminal import notes

_LONGEST = 40
_ID_OF_A_USER = "005…"


def examples(home: Home, warehouse: Path) -> str:
    """The examples as CSV, by step and column, made of the marts in `warehouse` and what was landed
    in `home`. Raises UserError where anything but the demo was."""
    _require_the_demo(home)
    project = read_project(home.dbt_target / "manifest.json")
    with duckdb.connect() as con:
        con.execute(f"attach {text(warehouse)} as warehouse (read_only)")
        rows = {step.name: f"warehouse.{step.relation}" for step in project.steps}
        sources.stage(con, project, rows, home.raw / "current")
        found = io.StringIO()
        out = csv.writer(found, lineterminator="\n")
        out.writerow(("step", "field", "source", "value"))
        for step in sorted(project.steps, key=lambda step: step.name):
            out.writerows(_of_step(con, step, rows[step.name]))
    return found.getvalue()


def _require_the_demo(home: Home) -> None:
    """Nothing of a real practice may get into a file that is checked in."""
    with duckdb.connect() as con:
        landed = con.execute(
            "select distinct practice, set_id from"
            f" read_parquet({text(home.raw / 'current' / 'migration' / 'sets' / '*.parquet')})"
        ).fetchall()
    with tempfile.TemporaryDirectory(prefix="bridgework-demo-") as folder:
        ours = set()
        for slug, write in (("oak_park", practice.write), ("maple_street", maple_street.write)):
            export = Path(folder) / slug / "export"
            write(export)
            said = (export / "export.yml").read_bytes()
            ours.add((slug, set_id(said, set_files(export, slug), lambda _: None)))
    if set(landed) != ours:
        raise UserError(
            f"{home.path} holds other exports than the demo's.",
            "Run `make demo` and this with MIGRATION_HOME naming an empty folder.",
            Exit.BLOCKED,
        )


def _of_step(
    con: duckdb.DuckDBPyConnection, step: Step, rows: str
) -> Iterator[tuple[str, str, str, str]]:
    types = {r[0]: str(r[1]) for r in con.execute(f"describe {rows}").fetchall()}
    for field in step.fields:
        found = _example(con, step, field, rows, types[field.column])
        if found:
            yield step.name, field.column, *found


def _example(
    con: duckdb.DuckDBPyConnection, step: Step, field: Field, rows: str, kind: str
) -> tuple[str, str] | None:
    """A source text and a value: of the first record that has one source value the rule changed,
    else of the nearest to that."""
    key = name(step.external_id)
    row = con.execute(
        f"""
        with said as (
            select key, string_agg(distinct trim(value), ' · ' order by trim(value)) as source
            from source_values
            where step = $step and field = $field and trim(value) <> ''
            group by key
        ),
        sent as (
            select {key} as key, {as_sent(name(field.column), kind)} as value
            from {rows}
            where not _held_back
        )
        select coalesce(source, ''), value
        from sent left join said using (key)
        where trim(value) <> ''
        order by source is null, source like '% · %', source = value, key
        limit 1
        """,
        {"step": step.name, "field": field.column},
    ).fetchone()
    if row is None:
        return None
    source, value = (_short(cell) for cell in row)
    if field.type == BINARY:
        value = "the file's bytes"
    elif field.to == "User" or value.startswith("005"):
        value = _ID_OF_A_USER
    return source, value


def _short(cell: str) -> str:
    flat = " ".join(cell.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


def main() -> int:
    """Runs the command; gives its exit code."""
    try:
        home = open_home()
        EXAMPLES.write_text(examples(home, home.warehouse), encoding="utf-8")
    except UserError as error:
        notes.print(f"demo.examples: {error}", markup=False)
        return int(error.code)
    return int(Exit.DONE)


if __name__ == "__main__":
    sys.exit(main())
