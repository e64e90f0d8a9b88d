"""Clean text to Parquet, and what makes a line a record: keys, repeats, overlays. All set-wise."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.raw.binding import NEVER_PATTERN, Binding
from loaders.raw.cells import NAME_END, PAIR_END
from loaders.raw.cleaning import Cleaned
from loaders.raw.contract import METADATA, Table
from loaders.raw.records import CELL_END, INNER_NEWLINE
from loaders.raw.sql import key_text, name, text

# A row group is in memory as a whole while it is written, one for each thread: they are kept short,
# and shorter where rows hold documents.
_WRITTEN = "(format parquet, compression zstd, row_group_size 10240)"
_WRITTEN_LONG = "(format parquet, compression zstd, row_group_size 2048)"
_IS_BAD = (
    "exists (select 1 from bad where bad.file = row._file and bad.number = row.file_row_number)"
)


@dataclass(frozen=True)
class Stamp:
    """What every row of a set carries."""

    practice: str
    set_id: str
    landed_at: str


def write_part(
    con: duckdb.DuckDBPyConnection,
    cleaned: Cleaned,
    cells: int,
    binding: Binding,
    table: Table,
    file: str,
    stamp: Stamp,
    target: Path,
) -> None:
    """Writes a file's clean rows as Parquet in the table's schema."""

    def cell(position: int) -> str:
        raw = name(f"c{position}")
        if not cleaned.facts.inner_newlines:
            return raw
        return f"replace({raw}, chr({INNER_NEWLINE}), chr(10))"

    source = _read_clean(cleaned.rows, ("line", *(f"c{i}" for i in range(cells))))
    # Where rows may share a line, only their order tells which of them is the last.
    ordered = binding.packed is not None
    con.execute(f"set preserve_insertion_order = {str(ordered).lower()}")
    try:
        write_source(con, source, name("line"), cell, binding, table, file, stamp, target)
    finally:
        con.execute("set preserve_insertion_order = false")


def write_source(
    con: duckdb.DuckDBPyConnection,
    source: str,
    line: str,
    cell: Callable[[int], str],
    binding: Binding,
    table: Table,
    file: str,
    stamp: Stamp,
    target: Path,
) -> None:
    """Writes a relation's rows as Parquet in the table's schema; `cell` gives the SQL of a cell."""
    columns = [
        (cell(binding.columns[column]) if column in binding.columns else "cast(null as varchar)")
        + f" as {name(column)}"
        for column in table.columns
    ]
    own = {
        "_extra": _extra(binding, cell),
        "_practice": text(stamp.practice),
        "_file": text(file),
        "_line": line,
        "_set": text(stamp.set_id),
        "_landed_at": text(stamp.landed_at),
    }
    columns += [f"cast({own[column]} as {kind}) as {name(column)}" for column, kind in METADATA]
    con.execute(
        f"copy (select {', '.join(columns)} from {source}) to {text(target)} {_written(table)}"
    )


def _written(table: Table) -> str:
    return _WRITTEN_LONG if table.long_records else _WRITTEN


def _extra(binding: Binding, cell: Callable[[int], str]) -> str:
    """The map of a row's unknown columns; one without a name counts where it holds something."""
    if binding.packed is not None:
        return _unpacked(cell(binding.packed))
    if not binding.extra:
        return "map()"
    if not binding.nameless:
        labels = ", ".join(text(label) for label, _ in binding.extra)
        values = ", ".join(cell(position) for _, position in binding.extra)
        return f"map([{labels}], [{values}])"
    pairs = ", ".join(f"{{k: {text(label)}, v: {cell(at)}}}" for label, at in binding.extra)
    nameless = ", ".join(text(label) for label in binding.nameless)
    return (
        f"map_from_entries(list_filter([{pairs}],"
        f" lambda pair: pair.v is not null or pair.k not in ({nameless})))"
    )


def _unpacked(cell: str) -> str:
    """The map that `cells.packed` wrote as one cell."""
    return (
        f"if({cell} is null, map(), map_from_entries(list_transform("
        f"string_split({cell}, chr({PAIR_END})), lambda pair:"
        f" {{k: split_part(pair, chr({NAME_END}), 1), v: split_part(pair, chr({NAME_END}), 2)}})))"
    )


def _read_clean(file: Path, columns: Iterable[str]) -> str:
    """Everything explicit: nothing of a hostile file is left to guess from."""
    types = ", ".join(f"{text(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({text(file)}, auto_detect = false, header = false, columns = {{{types}}},"
        f" delim = {text(chr(CELL_END))}, quote = '', escape = '', comment = '', nullstr = '',"
        f" new_line = '\\n', max_line_size = 4194304, buffer_size = 5242880)"
    )


def start_rejects(con: duckdb.DuckDBPyConnection) -> None:
    """The table that gathers a set's refused lines."""
    con.execute(
        "create or replace temp table refused (table_name varchar, file varchar, line bigint,"
        " class varchar, reason varchar, key varchar)"
    )


def add_unreadable(
    con: duckdb.DuckDBPyConnection, cleaned: Cleaned, table: Table, file: str
) -> None:
    """Takes over the lines that could not be read."""
    if cleaned.facts.unreadable:
        con.execute(
            "insert into refused select ?, ?, cast(line as bigint), 'unreadable_line', reason, null"
            f" from {_read_clean(cleaned.refused, ('line', 'reason'))}",
            [table.name, file],
        )


def settle_keys(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    parts: dict[str, Path],
    exclude: frozenset[str],
    target: Path,
) -> dict[str, int]:
    """Writes the rows of one table's files that count; refuses those without key, and repeats.

    `parts` are Parquet files by source file, in the order in which the last one wins. Gives the
    rows landed per source file.
    """
    con.execute("create or replace temp table parts (file varchar, place integer)")
    con.executemany("insert into parts values (?, ?)", [[f, i] for i, f in enumerate(parts)])
    rows = f"read_parquet({_list(parts.values())}, file_row_number = true)"
    # Objects may share a line, so the row's number in its part is what tells rows apart.
    con.execute(
        "create or replace temp table bad as select *, cast(null as bigint) as number"
        " from refused limit 0"
    )
    _refuse_keyless(con, table, rows)
    _refuse_repeats(con, table, rows)
    if table.name == "custom_fields":
        _refuse_never_landed(con, table, rows, exclude)
    bad = _count(con, "bad")
    if bad or len(parts) > 1:
        con.execute(
            f"copy (select * exclude (file_row_number) from {rows} as row where not {_IS_BAD})"
            f" to {text(target)} {_written(table)}"
        )
    else:
        next(iter(parts.values())).rename(target)
    # A field that must not land is no defect to correct: it is counted, not listed.
    con.execute(
        "insert into refused select * exclude (number) from bad where class <> 'never_landed'"
    )
    landed = con.execute(
        f"select _file, count(*) from {_parquet([target])} group by all"
    ).fetchall()
    return dict.fromkeys(parts, 0) | dict(landed)


def _refuse_keyless(con: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    for column in table.key:
        if column in table.blank_key_parts:
            continue
        con.execute(
            "insert into bad select ?, _file, _line, 'missing_required', ?, null, file_row_number"
            f" from {rows} as row where {key_text(name(column))} = '' and not {_IS_BAD}",
            [table.name, f"no {column}, the primary key"],
        )


def _stage_repeated(con: duckdb.DuckDBPyConnection, table: Table, rows: str, keys: str) -> int:
    """Makes the temporary table `repeated`, keys that several lines have; gives their number."""
    filled = " and ".join(
        f"{key_text(name(column))} <> ''"
        for column in table.key
        if column not in table.blank_key_parts
    )
    con.execute(
        f"create or replace temp table repeated as select {keys} from {rows} where {filled}"
        " group by all having count(*) > 1"
    )
    return _count(con, "repeated")


def _refuse_repeats(con: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    """Identical lines count once; of different ones with one key the last wins."""
    keys = ", ".join(f"{key} as k{i}" for i, key in enumerate(_keys(table)))
    names = ", ".join(f"k{i}" for i in range(len(table.key)))
    if not _stage_repeated(con, table, rows, keys):
        return
    content = ", ".join(name(column) for column in (*table.columns, "_extra"))
    con.execute(
        f"""
        insert into bad
        with candidates as (
            select {keys}, _file, _line, file_row_number,
                md5(cast(row({content}) as varchar)) as content,
            from {rows}
            where ({", ".join(_keys(table))}) in (select ({names}) from repeated)
        ),
        placed as (
            select candidates.*, parts.place,
                last_value(content) over by_key as winner,
            from candidates inner join parts on parts.file = candidates._file
            window by_key as (
                partition by {names} order by parts.place, _line, file_row_number
                rows between unbounded preceding and unbounded following
            )
        ),
        numbered as (
            select *,
                row_number() over (
                    partition by {names}, content order by place, _line, file_row_number
                ) as copy,
            from placed
        )
        select ?, _file, _line,
            if(content = winner, 'repeated_line', 'duplicate_key'),
            if(content = winner, 'the same line again', 'a later line has the same key'),
            concat_ws('-', {names}),
            file_row_number,
        from numbered
        where content <> winner or copy > 1
        """,
        [table.name],
    )


def count_never_landed(con: duckdb.DuckDBPyConnection, file: str) -> int:
    """How many rows of a file were dropped for the field they name, after `settle_keys`."""
    row = con.execute(
        "select count(*) from bad where class = 'never_landed' and file = ?", [file]
    ).fetchone()
    return int(row[0]) if row else 0


def _refuse_never_landed(
    con: duckdb.DuckDBPyConnection, table: Table, rows: str, exclude: frozenset[str]
) -> None:
    con.execute(
        f"insert into bad select ?, _file, _line, 'never_landed',"
        f" 'a field that must not be landed', concat_ws('-', entity, entity_id), file_row_number"
        f" from {rows} as row"
        " where (regexp_matches(regexp_replace(lower(field_name), '[^\\p{L}\\p{N}]', '', 'g'), ?)"
        " or regexp_matches(lower(field_name), '(^|[^a-z0-9])ssn([^a-z0-9]|$)')"
        " or list_contains(?, regexp_replace(lower(field_name), '[^\\p{L}\\p{N}]', '', 'g')))"
        f" and not {_IS_BAD}",
        [table.name, NEVER_PATTERN, sorted(exclude)],
    )


def overlay(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    old: Path | None,
    new: Path | None,
    deleted: str | None,
    listed: Path | None,
    target: Path,
) -> int:
    """Writes a table after a delta: new rows over old ones by key, less what was removed.

    `deleted` is a relation of the removed keys (key1, key2 …), `listed` a Parquet file of all
    keys that are left. Gives the number of rows removed.
    """
    keys = _keys(table)
    here = ", ".join(keys)
    sources = []
    if old:
        replaced = f" where ({here}) not in (select ({here}) from {_parquet([new])})" if new else ""
        sources.append(f"select * from {_parquet([old])}{replaced}")
    if new:
        sources.append(f"select * from {_parquet([new])}")
    removed = "false"
    if deleted:
        theirs = ", ".join(key_text(f"key{i + 1}") for i in range(len(keys)))
        removed = f"({here}) in (select ({theirs}) from {deleted})"
    if listed:
        removed += f" or ({here}) not in (select ({here}) from {_parquet([listed])})"
    both = " union all ".join(sources)
    gone = con.execute(f"select count(*) from ({both}) where {removed}").fetchone()
    con.execute(f"copy (select * from ({both}) where not ({removed})) to {text(target)} {_WRITTEN}")
    return int(gone[0]) if gone else 0


def _keys(table: Table) -> list[str]:
    return [key_text(name(column)) for column in table.key]


def _parquet(files: Iterable[Path | None]) -> str:
    return f"read_parquet({_list(files)})"


def _list(files: Iterable[Path | None]) -> str:
    return f"[{', '.join(text(file) for file in files if file)}]"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
