"""Rows into a Parquet file, sorted or as they come, however long they are.

DuckDB's sort carries whole rows, and of rows of kilobytes it needs as much memory as all of them
take together, spilling or not. Where it gives up, the rows are sorted piece by piece.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger.sql import text

# DuckDB holds whole row groups while it writes them: short ones, for rows may be long.
_PARQUET = "(format parquet, row_group_size 30720)"
# It can keep to bytes only where one thread alone keeps the order.
_BY_BYTES = "(format parquet, row_group_size_bytes '8MB')"
# Bytes sorted at once: each piece costs a look at every row.
_PIECE = 48_000_000


def write(
    con: duckdb.DuckDBPyConnection,
    query: str,
    params: list[Any],
    order: str,
    file: Path,
    *,
    in_order: str | None = None,
) -> None:
    """Writes the rows of a query, sorted by `order`, columns that it gives. It gives `_bytes` too,
    about what a row takes.

    They are written as they come and then sorted: a join and a sort in one statement share the
    memory, and of many rows it is not enough for both. `in_order` is a query of the same rows
    sorted already, where it joins nothing large and is cheaper.
    """
    if in_order and _is_copied(con, in_order, params, file):
        return
    rows = file.with_suffix(".rows")
    try:
        write_unsorted(con, query, rows, params)
        sorted_ = f"select * from read_parquet({text(rows)}) order by {order}"
        # Where they are too long to be sorted once, they are the second time.
        if in_order or not _is_copied(con, sorted_, [], file):
            with _patiently(con):
                _piecewise(con, rows, order, file)
    finally:
        rows.unlink(missing_ok=True)


def write_unsorted(
    con: duckdb.DuckDBPyConnection, query: str, file: Path, params: list[Any] | None = None
) -> None:
    """Writes the rows of a query as they come. Its joins are done as they stand there where there
    is little memory: what they hold is their right side."""
    if _is_copied(con, query, params or [], file):
        return
    with _patiently(con):
        con.execute("set disabled_optimizers = 'build_side_probe_side,join_order'")
        try:
            con.execute(f"copy ({query}) to {text(file)} {_BY_BYTES}", params or [])
        finally:
            con.execute("reset disabled_optimizers")


def _is_copied(con: duckdb.DuckDBPyConnection, query: str, params: list[Any], file: Path) -> bool:
    """Writes the rows of a query; False where there is not memory enough."""
    try:
        con.execute(f"copy ({query}) to {text(file)} {_PARQUET}", params)
    except duckdb.OutOfMemoryException:
        return False
    return True


@contextmanager
def _patiently(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One thread at a time, and memory for a vector of 2,048 long rows."""
    row = con.execute("select current_setting('threads'), current_setting('memory_limit')")
    threads, memory = row.fetchone() or (2, "500MB")
    con.execute("set threads = 1")
    if str(memory).endswith("MiB") and float(str(memory).split()[0]) < 476:
        con.execute("set memory_limit = '500MB'")
    try:
        yield
    finally:
        con.execute(f"set threads = {threads}")
        con.execute(f"set memory_limit = {text(str(memory))}")


def _piecewise(con: duckdb.DuckDBPyConnection, rows: Path, order: str, file: Path) -> None:
    con.execute(
        "create or replace temp table places as select file_row_number as place, _bytes,"
        f" {order} from read_parquet({text(rows)}, file_row_number = true)"
    )
    con.execute(
        f"create or replace temp table pieces as select place, n, sum(_bytes) over (order by n"
        f" rows unbounded preceding) // {_PIECE} as piece from"
        f" (select place, _bytes, row_number() over (order by {order}) as n from places)"
    )
    found = con.execute("select distinct piece from pieces order by 1").fetchall()
    parts = [file.with_suffix(f".rows-{piece}") for (piece,) in found]
    for (piece,), part in zip(found, parts, strict=True):
        con.execute(
            "copy (select f.* exclude (file_row_number)"
            f" from read_parquet({text(rows)}, file_row_number = true) as f join (select place, n"
            f" from pieces where piece = {int(piece)}) as p on p.place = f.file_row_number"
            f" order by p.n) to {text(part)} {_BY_BYTES}"
        )
    listed = ", ".join(text(part) for part in parts)
    con.execute(f"copy (select * from read_parquet([{listed}])) to {text(file)} {_BY_BYTES}")
    con.execute("drop table places; drop table pieces")
    for part in parts:
        part.unlink()
