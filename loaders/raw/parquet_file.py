"""Parquet files, which DuckDB reads by itself: every value as the text an export would hold."""

from pathlib import Path

import duckdb

from loaders.raw.encoding import Tally
from loaders.raw.sql import name, text

_ROW = "file_row_number"
_NESTED = ("STRUCT", "MAP", "UNION", "JSON", "VARIANT")
_CONTROLS = "'[\\x00-\\x08\\x0B-\\x1F\\x7F\\x{80}-\\x{9F}]'"

LINE = f"{_ROW} + 1"


def parquet_columns(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[tuple[str, str], ...]:
    """Names and types of a file's columns. Raises duckdb.Error where it is no Parquet."""
    described = con.execute(f"describe select * from {_read(path, rows=False)}").fetchall()
    return tuple((row[0], row[1]) for row in described)


def is_nested(kind: str) -> bool:
    """Whether a type holds names and values of its own, or a list."""
    return kind.startswith(_NESTED) or kind.endswith("]")


def as_text(column: str, kind: str, zone: str | None) -> str:
    """SQL that gives a column's values as text.

    An instant is shown as the clock of `zone` would, without a zone as UTC with its Z.
    """
    value = name(column)
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"isfinite({value}) and {value} = trunc({value}) and abs({value}) < 1e15"
        return (
            f"if({whole}, cast(try_cast({value} as bigint) as varchar), cast({value} as varchar))"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        if zone:
            return f"cast(timezone({text(zone)}, {value}) as varchar)"
        return f"strftime(timezone('UTC', {value}), '%Y-%m-%dT%H:%M:%S.%gZ')"
    if is_nested(kind):
        return f"to_json({value})"
    return f"cast({value} as varchar)"


def clean_parquet(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    columns: tuple[tuple[str, str], ...],
    zone: str | None,
    tally: Tally,
) -> tuple[str, list[str], int]:
    """A relation of the file's rows, the SQL of each column's clean text, and the row count."""
    source = _read(path, rows=True)
    values = [as_text(column, kind, zone) for column, kind in columns]
    texts = [i for i, (_, kind) in enumerate(columns) if kind == "VARCHAR"]
    counts = [
        f"coalesce(sum(length({_lines(values[i])}) - length({_clean(values[i])})), 0),"
        f" count(*) filter (where contains({values[i]}, chr(13)))"
        for i in texts
    ]
    row = con.execute(f"select {', '.join(['count(*)', *counts])} from {source}").fetchone()
    rows, found = (int(row[0]), row[1:]) if row else (0, ())
    for place, index in enumerate(texts):
        controls, returns = int(found[2 * place]), int(found[2 * place + 1])
        tally.control_characters += controls
        if controls or returns:
            values[index] = _clean(values[index])
    return source, [f"nullif({value}, '')" for value in values], rows


def write_objects(
    con: duckdb.DuckDBPyConnection,
    source: str,
    values: list[str],
    columns: tuple[tuple[str, str], ...],
    target: Path,
) -> None:
    """Writes the rows as JSON, one a line: what is nested needs the care JSON gets."""
    listed = ", ".join(
        f"{f'to_json({name(column)})' if is_nested(kind) else value} as {name(column)}"
        for (column, kind), value in zip(columns, values, strict=True)
    )
    con.execute("set preserve_insertion_order = true")
    try:
        con.execute(f"copy (select {listed} from {source}) to {text(target)} (format json)")
    finally:
        con.execute("set preserve_insertion_order = false")


def _read(path: Path, rows: bool) -> str:
    # Many programs write text without saying that it is text.
    return (
        f"read_parquet({text(path)}, binary_as_string = true, hive_partitioning = false"
        f"{', file_row_number = true' if rows else ''})"
    )


def _lines(value: str) -> str:
    return f"replace(replace({value}, chr(13) || chr(10), chr(10)), chr(13), chr(10))"


def _clean(value: str) -> str:
    return f"regexp_replace({_lines(value)}, {_CONTROLS}, '', 'g')"
