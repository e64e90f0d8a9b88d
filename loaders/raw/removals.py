"""What a delta set removes: rows its deleted.csv names, rows its full key lists lack."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import UserError
from loaders.raw.contract import METADATA, Table
from loaders.raw.contract.names import plain
from loaders.raw.matching import by_name, is_removal, parse
from loaders.raw.sources import SourceFile, printable
from loaders.raw.sql import name, text

if TYPE_CHECKING:
    from loaders.raw.export_set import Landing

_KEYS = tuple(f"key{i}" for i in range(1, 5))
_DELETED = Table(
    name="deleted",
    schema=(*((c, "VARCHAR") for c in ("table", *_KEYS)), *METADATA),
    key=("table", "key1"),
    columns=("table", *_KEYS),
    spellings={plain(column): column for column in ("table", *_KEYS)},
)


@dataclass
class Removals:
    """Keys to remove (`deleted`, Parquet), keys that are left by table, and what that removed."""

    deleted: list[Path] = field(default_factory=list)
    named: frozenset[str] = frozenset()
    listed: dict[str, Path] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def deleted_from(self, table: Table) -> str | None:
        """The removed keys of one table as a relation, None where there are none."""
        if table.name not in self.named:
            return None
        files = ", ".join(text(file) for file in self.deleted)
        return (
            f"(select * from read_parquet([{files}])"
            f" where lower(trim({name('table')})) = {text(table.name)})"
        )


def read(landing: Landing) -> Removals:
    """Reads deleted.csv and keys/*.csv of a delta set, by the same care as any other file.

    Raises UserError where one of them cannot be applied as a whole.
    """
    gone = Removals()
    for source in landing.set.files:
        parsed = parse(source.name)
        if not is_removal(parsed):
            continue
        gone.sources.append(source.name)
        if parsed.folder:
            _read_list(landing, source, parsed.stem, gone)
        else:
            gone.deleted.append(_part(landing, source, _DELETED, f"deleted-{len(gone.deleted)}"))
    if gone.deleted:
        gone.named = _named_tables(landing, gone)
    return gone


def record(landing: Landing, gone: Removals) -> None:
    """Notes the files that removed rows, and how many in all."""
    counts = ", ".join(f"{table} {count}" for table, count in sorted(gone.removed.items()) if count)
    for file in gone.sources:
        landing.record(None, file, "landed", f"removed: {counts or 'nothing'}")


def _read_list(landing: Landing, source: SourceFile, stem: str, gone: Removals) -> None:
    table = by_name(stem, landing.contract)
    shown = f"{landing.set.shown}: {printable(source.name)}"
    if table is None:
        raise UserError(f"{shown} is named after no table.", "Name it keys/<table>.csv.")
    keys_only = Table(
        name=table.name,
        schema=(*((column, "VARCHAR") for column in table.key), *METADATA),
        key=table.key,
        columns=table.key,
        spellings={s: c for s, c in table.spellings.items() if c in table.key},
    )
    part = _part(landing, source, keys_only, f"keys-{table.name}")
    count = landing.con.execute(f"select count(*) from read_parquet({text(part)})").fetchone()
    if not count or not count[0]:
        raise UserError(
            f"{shown} lists no keys, which would remove every row of {table.name}.",
            "Remove the file, or send a full set.",
        )
    gone.listed[table.name] = part


def _part(landing: Landing, source: SourceFile, table: Table, stem: str) -> Path:
    from loaders.raw.export_set import Matched
    from loaders.raw.sets import land_part

    shown = f"{landing.set.shown}: {printable(source.name)}"
    how = landing.opener.open(source, shown)
    part = landing.work / f"{stem}.parquet"
    result = land_part(landing, Matched(source, how, table, ""), part)
    if result.facts.unreadable:
        raise UserError(
            f"{shown}: {result.facts.unreadable} lines cannot be read, so that what to remove is"
            " not certain.",
            "Export it again.",
        )
    return part


def _named_tables(landing: Landing, gone: Removals) -> frozenset[str]:
    files = ", ".join(text(file) for file in gone.deleted)
    named = landing.con.execute(
        f"select lower(trim({name('table')})), min(_line) from read_parquet([{files}]) group by 1"
    ).fetchall()
    for table, line in named:
        if table not in landing.contract.tables:
            raise UserError(
                f"{landing.set.shown}: deleted.csv names a table that is none of this product's"
                f" (line {line}).",
                "Its header is table,key1,key2; its first column the table's name.",
            )
    return frozenset(table for table, _ in named)
