"""What to send: rows that are new or carry another hash than what this org took last.

They are frozen as Parquet, already spelled as the CSV wants them, in the order of the parent
the org will lock. Nothing here talks to an org.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import held_now, sorting
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.sql import as_sent, name, text
from loaders.salesforce.ledger.steps import Step

MAX_ROWS = 150_000
# The org takes 100 MB of CSV a job.
MAX_BYTES = 90_000_000
_ORDER = "_kind, _group, _key"
# Files go one a request: a job of them is what is looked up, and noted, at once.
MAX_FILES = 100


@dataclass(frozen=True)
class Counts:
    """A step's rows by what will happen to them. Of those held back, `held_back_now` were loaded
    before, and stay in the org as they were."""

    create: int
    update: int
    adopt: int
    unchanged: int
    held_back: int
    held_back_now: int

    @property
    def to_send(self) -> int:
        """Rows that have to travel."""
        return self.create + self.update + self.adopt


@dataclass(frozen=True)
class Slice:
    """The rows of one job: a range of a file's rows, all of one kind."""

    file: str
    kind: str
    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many."""
        return self.last - self.first + 1


def _changed(step: Step) -> str:
    """FROM and WHERE: rows to send as `m`, what the manifest holds of them as `r`.

    Takes the parameters org, step.
    """
    return f"{source(step)} where {is_changed(step)}"


def source(step: Step) -> str:
    """FROM: a step's mart as `m`, what the manifest holds of its rows as `r`; of records that
    another step makes also what it holds of those, as `p`. Takes the parameters org, step."""
    join = ""
    if step.is_update:
        join = (
            " left join (select org, key, id from records"
            f" where step = {text(str(step.of))} and action <> 'deleted') as p"
            f" on p.org = r.org and p.key = m.{name(step.external_id)}"
        )
    return (
        f"from warehouse.{step.relation} as m"
        " left join (select * from records where org = ? and step = ? and action <> 'deleted')"
        f" as r on r.key = m.{name(step.external_id)}{join}"
    )


def is_changed(step: Step) -> str:
    """Whether a row of `source` is to be sent."""
    changed = "r.row_hash is distinct from m._row_hash"
    if step.is_update:
        # A record that was deleted and made anew has lost what it was told.
        same = "r.id is not distinct from p.id"
        # Nothing to say and nothing said before: no need to clear what was never set.
        values = [f"m.{name(f.column)}" for f in step.fields if f.column != step.external_id]
        anything = " or ".join(f"{v} is not null" for v in values)
        changed = f"({changed} or not ({same})) and ({anything} or (r.id is not null and {same}))"
    return f"not m._held_back and {changed}"


def count(con: duckdb.DuckDBPyConnection, step: Step, org: str) -> Counts:
    """How many rows a step would send, and why the rest stays."""
    adopts = "m._adopt_id is not null" if step.adopts else "false"
    new = "false" if step.is_update else "r.id is null"
    row = con.execute(
        f"select count(*) filter (where {new} and not ({adopts})),"
        f" count(*) filter (where not ({new})), count(*) filter (where {new} and {adopts})"
        f" {_changed(step)}",
        [org, step.name],
    ).fetchone()
    create, update, adopt = row or (0, 0, 0)
    total = con.execute(
        f"select count(*), count(*) filter (where _held_back) from warehouse.{step.relation}"
    ).fetchone()
    rows, held = total or (0, 0)
    unchanged = rows - held - create - update - adopt
    now = held_now.count(con, step, org) if held else 0
    return Counts(create, update, adopt, unchanged, held, now)


def freeze(con: duckdb.DuckDBPyConnection, step: Step, org: str, file: Path) -> None:
    """Writes the rows to send, one Parquet row each: `_key, _id, _hash, _adopt_id, _group,
    _bytes, _kept, _kind`, where they came from, and the public columns as text. `_bytes` is what
    a row takes in the CSV; where the rows are files, what the file has, with its `_sha256`."""
    key = f"m.{name(step.external_id)}"
    lock = f"coalesce(m.{name(step.lock.column)}, {key})" if step.lock else None
    public = _typed(con, step)
    cells = ", ".join(f"{as_sent('m.' + name(c), t)} as {name(c)}" for c, t in public)
    # Quotes are doubled, and a cell may come in quotes or as #N/A: never less than it will be.
    joined = "concat_ws(',', " + ", ".join(name(c) for c, _ in public) + ")"
    size = f"strlen(replace({joined}, '\"', '\"\"')) + {6 * len(public) + 20}"
    adopt = "m._adopt_id" if step.adopts else "cast(null as varchar)"
    digest = ""
    if step.binary:
        size, digest = "_size", "m._bytes as _size, m._sha256, "
    with_ids = file.with_suffix(".known")
    rows, params = _rows(con, step, org, public, with_ids)
    # Spelled out a row is twice as long as in its mart, so it is sorted before.
    in_order = f"{rows} order by {f'{lock}, ' if lock else ''}{key}"

    def spelled(rows: str) -> str:
        return (
            f"select *, {size} as _bytes from (select {key} as _key, m._known as _id,"
            f" m._row_hash as _hash, {adopt} as _adopt_id, {lock or key} as _group, m._practice,"
            " m._file, m._line, cast([] as varchar[]) as _kept, 'upsert' as _kind,"
            f" {digest}{cells} from ({rows}) as m)"
        )

    sorting.write(con, spelled(rows), params, "_group, _key", file, in_order=spelled(in_order))
    with_ids.unlink(missing_ok=True)


def _rows(
    con: duckdb.DuckDBPyConnection,
    step: Step,
    org: str,
    public: list[tuple[str, str]],
    with_ids: Path,
) -> tuple[str, list[str]]:
    """A query of the rows to send as `m`, with the Id that is known of each as `_known`, and its
    parameters.

    Where records are known they are joined first, into the file `with_ids`: the join and the sort
    that follows do not get by together with the memory that either needs.
    """
    rows = f"select m.*, r.id as _known {_changed(step)}"
    known = con.execute(
        "select 1 from records where org = ? and list_contains(?, step) limit 1",
        [org, [step.name, str(step.of)]],
    ).fetchone()
    if not known:
        return rows, [org, step.name]
    # Parquet would round these.
    wide = [name(c) for c, t in public if "HUGEINT" in t]
    exact = ", ".join(f"cast({c} as varchar) as {c}" for c in wide)
    slim = f"* exclude (_problems) {f'replace ({exact})' if wide else ''}"
    sorting.write_unsorted(con, f"select {slim} from ({rows})", with_ids, [org, step.name])
    return f"select * from read_parquet({text(with_ids)}) as m", []


def recognise(con: duckdb.DuckDBPyConnection, frozen: Path, table: str) -> None:
    """Gives frozen rows the Id that `table` (key, id) has for them, where they had none."""
    known = f"select 1 from read_parquet(?) as f join {table} as s on s.key = f._key"
    if not con.execute(f"{known} where f._id is null limit 1", [str(frozen)]).fetchone():
        return
    unfinished = frozen.with_suffix(".new")
    rows = (
        "select f.* replace (coalesce(f._id, s.id) as _id) from read_parquet(?) as f"
        f" left join {table} as s on s.key = f._key"
    )
    sorting.write(con, rows, [str(frozen)], "_group, _key", unfinished)
    unfinished.replace(frozen)


def bytes_of(con: duckdb.DuckDBPyConnection, file: Path) -> int:
    """How many bytes the rows of a file to send take."""
    row = con.execute(
        "select coalesce(sum(_bytes), 0) from read_parquet(?)", [str(file)]
    ).fetchone()
    return int(row[0]) if row else 0


def _typed(con: duckdb.DuckDBPyConnection, step: Step) -> list[tuple[str, str]]:
    described = con.execute(f"describe select * from warehouse.{step.relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    return [(f.column, types[f.column]) for f in step.fields]


def prepare(
    con: duckdb.DuckDBPyConnection, plan: StepPlan, org: str, frozen: Path, before: Path | None
) -> Path:
    """Gives each frozen row its kind and, for those sent by Id, that Id; gives the file to send.

    Kinds: `upsert`; `new` and `known` where some fields go with new records only; `adopt`;
    `update`, whose rows without a record in the org stay behind. `before` holds the records to
    be adopted as the org has them: filled fields, the `_kept`, are left alone.
    """
    if plan.binary:
        return frozen
    if not (plan.is_update or plan.splits or before or _anything_kept(con, plan, org)):
        return frozen
    ready = frozen.with_suffix(".ready.parquet")
    kind = "case when f._id is null then 'new' else 'known' end" if plan.splits else "'upsert'"
    columns = ", ".join(f"f.{name(c.column)}" for c in plan.columns)
    about = "f._key, f._hash, f._group, f._bytes, f._practice, f._file, f._line"
    params: list[str] = [str(frozen)]
    if plan.is_update:
        source = (
            f"select {about}, r.id as _id, cast([] as varchar[]) as _kept, 'update' as _kind,"
            f" {columns} from read_parquet(?) as f"
            " join (select key, id from records where org = ? and step = ? and id is not null"
            " and action <> 'deleted') as r on r.key = f._key"
        )
        params += [org, str(plan.of)]
    else:
        kept = "coalesce(k.fields, cast([] as varchar[]))"
        adopted, join = "false", ""
        if before:
            join = f" left join {_adoptable(plan, before)} as b on f._id is null"
            join += " and b._adopt = f._adopt_id and (b._bears is null or b._bears = f._key)"
            adopted, kept = "b._adopt is not null", f"coalesce(b._filled, {kept})"
        source = (
            f"select {about}, {'coalesce(f._id, b._adopt)' if before else 'f._id'} as _id,"
            f" {kept} as _kept,"
            f" case when {adopted} then 'adopt' else {kind} end as _kind, {columns}"
            f" from read_parquet(?) as f{join}"
            " left join (select key, fields from kept where org = ? and step = ?) as k"
            " on k.key = f._key"
        )
        params += [org, plan.name]
    joins_records = plan.is_update or before
    at_once = None if joins_records else f"select * from ({source}) order by {_ORDER}"
    sorting.write(con, source, params, _ORDER, ready, in_order=at_once)
    return ready


def _anything_kept(con: duckdb.DuckDBPyConnection, plan: StepPlan, org: str) -> bool:
    query = "select 1 from kept where org = ? and step = ? limit 1"
    return con.execute(query, [org, plan.name]).fetchone() is not None


def _adoptable(plan: StepPlan, before: Path) -> str:
    """Records to adopt: `_adopt` their Id, `_bears` the key they have, `_filled` their fields
    that hold something. A checkbox is never empty; false is what nobody ticked."""
    filled = ", ".join(
        f"case when {_holds(c.api_name, c.is_boolean)} then {text(c.api_name)} end"
        for c in plan.columns
        if c.column != plan.external_id
    )
    return (
        f'(select "Id" as _adopt, {name(plan.external_id)} as _bears,'
        f" list_filter([{filled}], lambda x: x is not null) as _filled"
        f" from read_parquet({text(before)}))"
    )


def _holds(api_name: str, is_boolean: bool) -> str:
    column = name(api_name)
    return f"{column} = 'true'" if is_boolean else f"coalesce(trim({column}), '') <> ''"


def to_adopt(con: duckdb.DuckDBPyConnection, frozen: Path) -> list[str]:
    """The Ids of the records that frozen rows want to take over."""
    rows = con.execute(
        "select distinct _adopt_id from read_parquet(?)"
        " where _id is null and _adopt_id is not null order by 1",
        [str(frozen)],
    ).fetchall()
    return [row[0] for row in rows]


def split(
    con: duckdb.DuckDBPyConnection, file: Path, most: int = MAX_ROWS, most_bytes: int = MAX_BYTES
) -> Iterator[Slice]:
    """Cuts a file to send into jobs of at most so many rows and bytes: whole groups, unless one
    alone is more than a job holds."""
    kinds = con.execute(
        "select _kind, min(file_row_number), max(file_row_number)"
        " from read_parquet(?, file_row_number = true) group by _kind order by 2",
        [str(file)],
    ).fetchall()
    for kind, first, last in kinds:
        start = first
        while start <= last:
            end = _end(con, file, start, last, most, most_bytes)
            yield Slice(file.name, kind, start, end)
            start = end + 1


def _end(
    con: duckdb.DuckDBPyConnection, file: Path, start: int, last: int, most: int, most_bytes: int
) -> int:
    """The last row of the job that begins at `start`."""
    limit = min(start + most, last + 1)
    row = con.execute(
        """
        with candidates as (
            select
                file_row_number as n,
                _bytes,
                _group
            from read_parquet(?, file_row_number = true)
            where file_row_number between ? and ?
        ),

        measured as (
            select
                n,
                sum(_bytes) over (order by n rows unbounded preceding) as bytes,
                n = ? or lead(_group) over (order by n) is distinct from _group as ends_group
            from candidates
        )

        select max(n) filter (where ends_group), max(n)
        from measured
        where n < ? and (bytes <= ? or n = ?)
        """,
        [str(file), start, limit, last, limit, most_bytes, start],
    ).fetchone()
    whole, most = row or (None, start)
    return int(whole if whole is not None else most)


def sent(plan: StepPlan, kind: str) -> tuple[Column, ...]:
    """The columns that go with a job of this kind."""
    known = kind in ("known", "adopt")
    return tuple(c for c in plan.sent if not (known and c.create_only))


def clears(column: Column, kind: str) -> bool:
    """Whether an empty cell empties the field of a record that exists."""
    return kind in ("upsert", "known", "update") and not column.never_blank


def write_csv(
    con: duckdb.DuckDBPyConnection, plan: StepPlan, part: Slice, folder: Path, csv: Path
) -> None:
    """Writes one job's CSV. On records that exist an empty cell is ignored by the org and
    `#N/A` clears, but for what cannot be blank; kept fields stay empty, and so alone. Rows come in
    the file's order, as DuckDB preserves it."""
    cells = []
    if part.kind in ("adopt", "update"):
        cells.append('_id as "Id"')
    for c in sent(plan, part.kind):
        value = name(c.column)
        if clears(c, part.kind):
            value = f"case when _id is not null then coalesce({value}, '#N/A') else {value} end"
        if part.kind != "new" and c.column != plan.external_id:
            value = f"case when list_contains(_kept, {text(c.api_name)}) then null else {value} end"
        cells.append(f"{value} as {name(c.header)}")
    con.execute(
        f"copy (select {', '.join(cells)}"
        f" from read_parquet({text(folder / part.file)}, file_row_number = true)"
        f" where file_row_number between {part.first} and {part.last}) to {text(csv)}"
        " (format csv, header, delimiter ',', quote '\"', escape '\"', nullstr '')"
    )


def again(
    con: duckdb.DuckDBPyConnection, source: Path, keys: str, params: list[str], to: Path
) -> int:
    """Writes those rows of a file that are to be sent once more, by a query that gives their
    keys; gives how many there are."""
    rows = f"select * from read_parquet({text(source)}) where _key in ({keys})"
    sorting.write(con, rows, params, _ORDER, to)
    row = con.execute("select count(*) from read_parquet(?)", [str(to)]).fetchone()
    return int(row[0]) if row else 0
