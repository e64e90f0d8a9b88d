"""CSV files for people, who open them in a spreadsheet: no cell runs as a formula there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from loaders.raw.sql import name, text

# What a spreadsheet takes for the beginning of a formula, full-width signs included.
_RISKY = "^[=+@\\t\\r\\n\\x{FF1D}\\x{FF0B}\\x{FF20}\\x{FF0D}-]"


def write_query(
    con: duckdb.DuckDBPyConnection,
    query: str,
    file: Path,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Writes what a query gives, whole or not at all, for its owner only.

    A text that would run as a formula gets an apostrophe before it.
    """
    described = con.execute(f"describe {query}", parameters).fetchall()
    columns = ", ".join(_shown(name(row[0]), row[1]) for row in described)
    half = file.with_suffix(".part")
    half.touch(mode=0o600)
    half.chmod(0o600)
    con.execute(
        f"copy (select {columns} from ({query})) to {text(half)}"
        # A file of DuckDB's own would have the rights of any new one.
        " (format csv, header, use_tmp_file false)",
        parameters,
    )
    half.replace(file)


def write_rows(
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    file: Path,
) -> None:
    """Writes rows in their order; `columns` are names and DuckDB types."""
    listed = ", ".join(f"{name(column)} {kind}" for column, kind in columns)
    con.execute(f"create or replace temp table told (place_ bigint, {listed})")
    if rows:
        marks = ", ".join("?" * (len(columns) + 1))
        numbered = [(at, *row) for at, row in enumerate(rows)]
        con.executemany(f"insert into told values ({marks})", numbered)
    write_query(con, "select * exclude (place_) from told order by place_", file)


def _shown(column: str, kind: str) -> str:
    if kind != "VARCHAR":
        return column
    return (
        f"case when regexp_matches({column}, {text(_RISKY)}) then '''' || {column}"
        f" else {column} end as {column}"
    )
