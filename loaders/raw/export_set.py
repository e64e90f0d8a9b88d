"""One export set: what it says, its files, and what it needs while it lands."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import duckdb

from loaders.raw.audit import ColumnRecord, FileRecord
from loaders.raw.contract import Contract, Table, product_contract
from loaders.raw.export import Export
from loaders.raw.landing import Generation
from loaders.raw.opening import Opener, find_layouts
from loaders.raw.readers import Reader
from loaders.raw.sources import SourceFile
from loaders.raw.store import Store
from loaders.raw.tables import Stamp


@dataclass(frozen=True)
class ExportSet:
    """A checked set: what export.yml says, and its files."""

    shown: str
    export: Export
    id: str
    files: list[SourceFile]
    folder: Path
    # Whether landing unpacked it: then its files are landing's own.
    unpacked: bool = False


@dataclass(frozen=True)
class Matched:
    """A file, how to read it, and its table."""

    source: SourceFile
    how: Reader
    table: Table
    note: str


@dataclass
class Landing:
    """What one set needs while it lands."""

    con: duckdb.DuckDBPyConnection
    new: Generation
    set: ExportSet
    stamp: Stamp
    work: Path
    progress: Callable[[str, int], None]
    store: Store
    files: list[FileRecord] = field(default_factory=list)
    columns: list[ColumnRecord] = field(default_factory=list)

    @cached_property
    def opener(self) -> Opener:
        """What opens the set's files."""
        tables_ = self.contract.tables.values()
        return Opener(
            self.con,
            self.set.export.encoding,
            frozenset().union(*(table.spellings for table in tables_)),
            self.work,
            find_layouts(self.set.files),
        )

    @cached_property
    def contract(self) -> Contract:
        """The contract of the set's product, with the names that its export.yml gives columns."""
        export = self.set.export
        contract = product_contract(export.system, export.product)
        told = {
            name: contract.tables[name].named(columns) for name, columns in export.columns.items()
        }
        return replace(contract, tables=contract.tables | told)

    def record(self, table: str | None, file: str | None, status: str, note: str) -> None:
        """Notes a file, or a table without one, that landed no rows."""
        self.files.append(
            FileRecord(
                self.stamp.practice,
                self.stamp.set_id,
                self.set.export.system,
                table,
                file,
                status=status,
                note=note,
            )
        )
