"""Holds what the org says against the marts, set-wise and as Salesforce stores values.

Salesforce trims text, ends lines with LF, knows no empty checkbox, keeps times to the second,
and gives a multi-select's values in its own order: none of these is a difference.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger import sorting
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.results import union
from loaders.salesforce.ledger.sql import BLANKS, as_sent, name, plain_text, text
from loaders.salesforce.ledger.steps import Field, Step
from loaders.spreadsheet import write_query

DIFFERS, MISSING, REFUSED = "differs", "missing", "refused by the org"
"""Kinds of difference."""
_KEYS_SHOWN = 3
# Rows compared at a time: what several joins at once hold in memory grows with it.
_SLICE = 100_000


@dataclass(frozen=True)
class FilesHeld:
    """Where files show what they hold: the fields with the checksum (MD5) and the size of their
    bytes and with their document, and a table of the records each document is shown on, columns
    `document` and `record`."""

    checksum: str
    size: str
    document: str
    links: str


@dataclass(frozen=True)
class Against:
    """A step's mart held against the org's records in `table`: all its rows, or `sample` percent
    of them; `files` where they are files."""

    step: Step
    plan: StepPlan
    table: str
    org: str
    sample: float | None = None
    files: FilesHeld | None = None


@dataclass(frozen=True)
class FieldDifference:
    """How often a field differs, and the keys of the first rows where it does."""

    field: str
    count: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class StepResult:
    """One step's comparison. Of the rows expected, the org refused `rejected`, and has not, or not
    as the mart does, `refused_missing` and `refused_differing` of these: they are among neither
    the `missing` nor the `differences`."""

    step: str
    object: str
    in_mart: int
    held_back: int
    rejected: int
    refused_missing: int
    refused_differing: int
    refused_keys: tuple[str, ...]
    expected: int
    found: int
    missing: int
    missing_keys: tuple[str, ...]
    compared: int
    kept: int
    differences: tuple[FieldDifference, ...] = field(default_factory=tuple)

    @property
    def equal(self) -> bool:
        """Whether the org has all that the mart lets load, as it has it."""
        refused = self.refused_missing + self.refused_differing
        return not (self.missing or refused or self.differences)


def load_org_rows(
    con: duckdb.DuckDBPyConnection, table: str, pages: list[Path], columns: list[str], file: Path
) -> None:
    """Puts an object's records, all text, into a Parquet file and a temporary view over it."""
    sorting.write_unsorted(con, union(pages, columns), file)
    con.execute(
        f"create or replace temp view {name(table)} as select * from read_parquet({text(file)})"
    )


def id_map(con: duckdb.DuckDBPyConnection, tables: dict[str, tuple[str, str]], org: str) -> None:
    """Makes the temporary table `keys`: each record's Id and our key, from what was read back
    and, for records outside a sample, from the manifest. `tables` gives (table, key field) by
    object."""
    read = " union all ".join(
        f'select "Id" as id, {name(key)} as key from {name(table)}'
        for table, key in tables.values()
    )
    con.execute(
        f"create or replace temp table keys as select id, any_value(key) as key from ({read})"
        " group by id"
    )
    con.execute(
        "insert into keys select r.id, any_value(r.key) from records as r"
        " anti join keys as k on k.id = r.id where r.org = ? and r.id is not null group by r.id",
        [org],
    )


def compare(con: duckdb.DuckDBPyConnection, against: Against) -> StepResult:
    """Compares every field; writes the differing cells into the temporary table `differences`."""
    step = against.step
    _stage(con, against)
    of = {"step": step.name, "object": step.object}
    con.execute(
        "insert into differences select case when refused then $refused else $differs end, $step,"
        " $object, key, unnest(differing, recursive := true) from compared"
        " where present and len(differing) > 0",
        of | {"refused": REFUSED, "differs": DIFFERS},
    )
    con.execute(
        "insert into differences select case when refused then $refused else $missing end, $step,"
        " $object, key, null, null, null from compared where not present",
        of | {"refused": REFUSED, "missing": MISSING},
    )
    listed = con.execute(
        "select field, count(*), list(key order by key)[:?] from differences where step = ?"
        " and kind = ? group by field order by 2 desc, 1",
        [_KEYS_SHOWN, step.name, DIFFERS],
    ).fetchall()
    return StepResult(
        step=step.name,
        object=step.object,
        **_rows(con, step),
        **_numbers(con, len(step.fields) - 1),
        differences=tuple(FieldDifference(f, n, tuple(k)) for f, n, k in listed),
    )


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table that differing cells, and missing rows, go into. From here on no result's
    order matters, and keeping it would take memory."""
    con.execute("set preserve_insertion_order = false")
    con.execute(
        "create or replace temp table differences (kind varchar, step varchar, object varchar,"
        " key varchar, field varchar, mart varchar, org varchar)"
    )


@dataclass(frozen=True)
class Strays:
    """Records that bear a key of ours which no mart has: how many, and the first keys."""

    count: int = 0
    keys: tuple[str, ...] = ()


def strays(
    con: duckdb.DuckDBPyConnection, table: str, key: str, steps: list[Step], org: str
) -> tuple[Strays, Strays]:
    """An object's records that no mart has: those that are gone from the source since this
    project loaded them, and those nobody can account for."""
    marts = " union all ".join(
        f"select {name(s.external_id)} as key from warehouse.{s.relation}" for s in steps
    )
    loaded = f"list_contains({[s.name for s in steps]}, r.step)"
    found = con.execute(
        f"""
        with extra as (
            select o.id, o.key
            from (select "Id" as id, {name(key)} as key from {name(table)}) as o
            anti join ({marts}) as m on m.key = o.key
            where o.key is not null
        ),
        told as (
            select extra.key,
                extra.id in (select r.id from records as r where r.org = ? and {loaded}) as is_gone,
            from extra
        )
        select is_gone, count(*), list(key order by key)[:?] from told group by is_gone
        """,
        [org, _KEYS_SHOWN],
    ).fetchall()
    told = {bool(is_gone): Strays(count, tuple(keys)) for is_gone, count, keys in found}
    return told.get(True, Strays()), told.get(False, Strays())


def sampled(key: str, sample: float | None) -> str:
    """A condition that picks a share of the keys, always the same ones."""
    return "true" if sample is None else f"hash({key}) % 10000 < {round(sample * 100)}"


def sample_keys(con: duckdb.DuckDBPyConnection, steps: list[Step], sample: float) -> list[str]:
    """The keys of an object's rows that a sample reads back."""
    parts = " union ".join(
        f"select {name(s.external_id)} as key from warehouse.{s.relation}"
        f" where not _held_back and {sampled(name(s.external_id), sample)}"
        for s in steps
    )
    return [row[0] for row in con.execute(f"{parts} order by 1").fetchall()]


def _stage(con: duckdb.DuckDBPyConnection, against: Against) -> None:
    """The temporary table `compared`: each row expected, whether the org has it and whether it
    refused it, the cells that differ and how many were left as they were found."""
    con.execute(
        "create or replace temp table compared (key varchar, present boolean, refused boolean,"
        " differing struct(field varchar, mart varchar, org varchar)[], kept bigint)"
    )
    step = against.step
    query, lookups = _comparison(con, against)
    row = con.execute(f"select count(*) from warehouse.{step.relation}").fetchone()
    slices = -(-int(row[0] if row else 0) // _SLICE)
    ids = " union all ".join(f"select {name(column)} from slice" for column in lookups)
    for number in range(slices):
        of_slice = f"hash({name(step.external_id)}) % {slices} = {number}"
        con.execute(
            f"create or replace temp table slice as select * from {name(against.table)}"
            f" where {of_slice}"
        )
        con.execute(
            "create or replace temp table slice_keys as select * from keys"
            f" where {f'id in ({ids})' if ids else 'false'}"
        )
        con.execute(
            "insert into compared " + query.replace("{of_slice}", of_slice),
            {"org": against.org, "step": step.name},
        )


def _comparison(con: duckdb.DuckDBPyConnection, against: Against) -> tuple[str, list[str]]:
    """The query that compares a slice, open at `{of_slice}`, and the slice's lookup columns."""
    step, files = against.step, against.files
    described = con.execute(f"describe select * from warehouse.{step.relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    joins: list[str] = []
    cells: list[str] = []
    kept: list[str] = []
    lookups: list[str] = []
    for n, (f, c) in enumerate(zip(step.fields, against.plan.columns, strict=True)):
        if f.column == step.external_id:
            continue
        if f.lookup:
            lookups.append(c.api_name)
        more, mine, theirs = pair(step.external_id, f, c, n, types[f.column], files)
        joins += more
        if c.never_blank:
            # Where we say nothing, the org's own value is right.
            theirs = f"case when {mine} is not null then {theirs} end"
        is_kept = f"list_contains(t.fields, {text(c.api_name)})"
        cells.append(
            f"case when not coalesce({is_kept}, false) and {mine} is distinct from {theirs}"
            f" then struct_pack(field := {text(f.column)}, mart := cast({mine} as varchar),"
            f" org := cast({theirs} as varchar)) end"
        )
        kept.append(f"cast(coalesce({is_kept}, false) as integer)")
    key = f"m.{name(step.external_id)}"
    # An update step speaks of records that another step made; where there is none, that step
    # has said so already.
    present = "inner" if step.is_update else "left"
    query = (
        f'select {key} as key, o."Id" is not null as present, r.key is not null as refused,'
        f" list_filter([{', '.join(cells)}], lambda x: x is not null) as differing,"
        f" {' + '.join(kept) or '0'} as kept"
        f" from (select * from warehouse.{step.relation} where not _held_back"
        f" and {sampled(name(step.external_id), against.sample)} and {{of_slice}}) as m"
        f" {present} join slice as o on o.{name(step.external_id)} = {key}"
        " left join (select key, fields from kept where org = $org and step = $step) as t"
        f" on t.key = {key} {' '.join(joins)}"
        " left join (select key from records where org = $org and step = $step"
        f" and action = 'rejected') as r on r.key = {key}"
    )
    return query, lookups


def pair(
    key: str, f: Field, c: Column, n: int, data_type: str, held: FilesHeld | None
) -> tuple[list[str], str, str]:
    """A cell of the mart, its counterpart in the org, and what has to be joined for them."""
    mine, theirs = f"m.{name(f.column)}", f"o.{name(c.api_name)}"
    joins: list[str] = []
    if held and c.is_binary:
        # The manifest knows the MD5 of bytes whose SHA-256 is the mart's.
        joins.append(
            "left join (select key, sha256, md5 from files where org = $org and step = $step) as b"
            f" on b.key = m.{name(key)} and b.sha256 = m._sha256"
        )
        checksum = f"case when b.md5 is not null then o.{name(held.checksum)} end"
        return (
            joins,
            "concat_ws(', ', b.md5, m._bytes || ' bytes')",
            f"concat_ws(', ', {checksum}, o.{name(held.size)} || ' bytes')",
        )
    if f.lookup:
        joins.append(f"left join slice_keys as k{n} on k{n}.id = {theirs}")
        # A record that is none of ours has no key: its Id stands for it.
        known = f"k{n}.key, {theirs}"
        if held:
            # Where a file was published first says nothing once it has moved.
            shown = f"select l.document, k.key from {held.links} as l join keys as k"
            joins.append(
                f"left join ({shown} on k.id = l.record) as l{n}"
                f" on l{n}.document = o.{name(held.document)} and l{n}.key = {mine}"
            )
            known = f"l{n}.key, {known}"
        theirs = f"coalesce({known})"
    mine, theirs = _stored(f, mine, data_type, theirs)
    return joins, mine, theirs


def _stored(field: Field, mart: str, data_type: str, org: str) -> tuple[str, str]:
    """A cell of the mart and its counterpart in the org, both as Salesforce stores them."""
    kind = data_type.upper()
    if kind == "BOOLEAN":
        return f"coalesce({mart}, false)", f"coalesce({org} = 'true', false)"
    if kind.startswith("TIMESTAMP"):
        return (
            f"cast(date_trunc('second', {mart}) as timestamp)",
            f"cast(date_trunc('second', try_cast({org} as timestamptz)) as timestamp)",
        )
    if kind == "DATE":
        return mart, f"try_cast({org} as date)"
    if kind != "VARCHAR":
        return f"cast({mart} as decimal(38, 9))", f"try_cast({org} as decimal(38, 9))"
    if field.type == "MultiselectPicklist":
        return tuple(  # type: ignore[return-value]
            f"list_sort(list_distinct(string_split(trim({v}, {BLANKS}), ';')))"
            for v in (as_sent(mart, "VARCHAR"), org)
        )
    return f"trim({plain_text(mart)}, {BLANKS})", f"trim({plain_text(org)}, {BLANKS})"


def _rows(con: duckdb.DuckDBPyConnection, step: Step) -> dict[str, Any]:
    """How many rows a step's mart has, and holds back."""
    row = con.execute(
        f"select count(*), count(*) filter (where _held_back) from warehouse.{step.relation}"
    ).fetchone()
    return dict(zip(("in_mart", "held_back"), row or (0, 0), strict=True))


def _numbers(con: duckdb.DuckDBPyConnection, fields: int) -> dict[str, Any]:
    """What `compared` comes to, where a row has so many fields besides its key."""
    unlike = "refused and (not present or len(differing) > 0)"
    keys = f"min(key, {_KEYS_SHOWN}) filter"
    row = con.execute(
        "select count(*) filter (where refused),"
        " count(*) filter (where refused and not present),"
        " count(*) filter (where refused and present and len(differing) > 0),"
        f" coalesce({keys} (where {unlike}), []),"
        " count(*), count(*) filter (where present),"
        " count(*) filter (where not present and not refused),"
        f" coalesce({keys} (where not present and not refused), []),"
        f" {fields} * count(*) filter (where present),"
        " coalesce(sum(kept) filter (where present), 0) from compared"
    ).fetchone()
    names = (
        *("rejected", "refused_missing", "refused_differing", "refused_keys"),
        *("expected", "found", "missing", "missing_keys", "compared", "kept"),
    )
    values = (tuple(v) if isinstance(v, list) else int(v) for v in row or ())
    return dict(zip(names, values, strict=True))


def write_differences(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Writes every differing cell and every missing row, with what kind of difference it is, for
    people to open in a spreadsheet, which must not run it."""
    query = (
        "select kind, step, object, key, field, mart, org from differences"
        " order by step, key, field"
    )
    write_query(con, query, file)


def read_back_columns(plans: list[StepPlan]) -> list[str]:
    """The fields to read back of an object: those any of its steps fills, but for bytes."""
    columns: list[Column] = [c for p in plans for c in p.columns if not c.is_binary]
    return list(dict.fromkeys(["Id", *(c.api_name for c in columns)]))
