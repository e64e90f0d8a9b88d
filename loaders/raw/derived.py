"""Tables that landing makes itself: their rows on their way into Parquet."""

import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import duckdb

from loaders.raw.contract import all_tables
from loaders.raw.sql import name, text

# What one row may hold as JSON; DuckDB takes a few times that of memory.
_LONGEST_ROW = 32 << 20


class Rows:
    """Gathers a derived table's rows on disk; on a clean exit they are its Parquet file."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        system: str,
        table: str,
        work: Path,
        target: Path,
        stand: str | None = None,
    ) -> None:
        """`stand` is a relation of rows of `target` as it is that go into it again."""
        self._con = con
        self._schema = all_tables()[system, table].schema
        self._file = work / f"{table}.ndjson"
        self._target, self._stand = target, stand
        self._out: IO[str] = self._file.open("w", encoding="utf-8", errors="replace")

    def add(self, **row: Any) -> None:
        """Takes a row, by its columns' names."""
        self._out.write(json.dumps(row, ensure_ascii=False) + "\n")

    def __enter__(self) -> "Rows":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()
        if kind is None:
            self._write()
        self._file.unlink()

    def _write(self) -> None:
        types = ", ".join(f"{text(column)}: {text(kind)}" for column, kind in self._schema)
        columns = ", ".join(name(column) for column, _ in self._schema)
        written = self._file.with_suffix(".parquet")
        stand = f" union all select {columns} from ({self._stand})" if self._stand else ""
        self._con.execute(
            f"copy (select {columns} from read_json({text(self._file)}, columns = {{{types}}},"
            f" format = 'newline_delimited', maximum_object_size = {_LONGEST_ROW}){stand})"
            f" to {text(written)} (format parquet, compression zstd, row_group_size 2048)"
        )
        self._target.unlink(missing_ok=True)
        written.rename(self._target)
