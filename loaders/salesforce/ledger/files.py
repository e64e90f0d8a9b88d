"""The files of a job: what is to be sent of each, and what the manifest knows of it."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.salesforce.ledger import outcomes as outcomes_ledger
from loaders.salesforce.ledger.manifest import Job, Manifest
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.sql import name, text


@dataclass(frozen=True)
class FileRow:
    """One file to send.

    `fields` are the record's plain fields by API name, `parents` the Ids of the records its
    lookups name, `unknown` the lookups whose record is not in the org. `known` is the Id the
    manifest has; `location` and `intended` are what it noted of the file before: the record it
    was put on, and, where this run has intended it already, the version that bore the key then.
    """

    key: str
    hash: str
    path: str | None
    size: int
    sha256: str
    fields: dict[str, str | bool | None]
    parents: dict[str, str]
    unknown: tuple[str, ...]
    known: str | None
    location: str | None
    is_intended: bool
    before: str | None


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: with `code` it was refused."""

    key: str
    hash: str
    id: str | None
    created: bool = False
    code: str | None = None
    fields: tuple[str, ...] = ()
    document: str | None = None
    location: str | None = None
    sha256: str | None = None
    md5: str | None = None
    size: int | None = None


def rows(manifest: Manifest, plan: StepPlan, job: Job, org: str, folder: Path) -> list[FileRow]:
    """The files of a job, in the order of their rows."""
    plain = [
        c for c in plan.columns if not (c.is_binary or c.lookup or c.column == plan.external_id)
    ]
    lookups = [c for c in plan.columns if c.lookup]
    loaded = "select key, id, step from records where org = $org and id is not null"
    loaded += " and action <> 'deleted'"
    joins = "".join(
        f" left join ({loaded}) as p{n} on p{n}.step = {text(str(c.lookup))}"
        f" and p{n}.key = f.{name(c.column)}"
        for n, c in enumerate(lookups)
    )
    cells = [f"f.{name(c.column)}" for c in plain]
    cells += [f"f.{name(c.column)}, p{n}.id" for n, c in enumerate(lookups)]
    binary = plan.binary
    if binary is None:
        raise UserError(f"{plan.name} has no column of files.", "Give it one of type Base64.")
    found = manifest.con.execute(
        f"select f._key, f._hash, f.{name(binary.column)}, f._bytes, f._sha256, r.id, n.location,"
        f" coalesce(n.run = $run, false), n.before_id{''.join(', ' + c for c in cells)}"
        f" from read_parquet({text(folder / job.part.file)}, file_row_number = true) as f"
        f" left join ({loaded}) as r on r.step = $step and r.key = f._key"
        " left join (select * from files where org = $org and step = $step) as n"
        f" on n.key = f._key{joins}"
        " where f.file_row_number between $first and $last order by f.file_row_number",
        {
            **{"org": org, "step": plan.name, "run": job.run},
            **{"first": job.part.first, "last": job.part.last},
        },
    ).fetchall()
    return [_row(each[:9], each[9:], plain, lookups) for each in found]


def _row(
    about: tuple[object, ...],
    cells: tuple[str | None, ...],
    plain: list[Column],
    lookups: list[Column],
) -> FileRow:
    key, hash_, path, size, sha256, known, location, intended, before = about
    pairs = list(zip(cells[len(plain) :: 2], cells[len(plain) + 1 :: 2], strict=True))
    return FileRow(
        key=str(key),
        hash=str(hash_),
        path=None if path is None else str(path),
        size=int(str(size or 0)),
        sha256=str(sha256),
        fields={
            c.api_name: value == "true" if c.is_boolean else value
            for c, value in zip(plain, cells, strict=False)
        },
        parents={c.api_name: i for c, (_, i) in zip(lookups, pairs, strict=True) if i},
        unknown=tuple(c.api_name for c, (k, i) in zip(lookups, pairs, strict=True) if k and not i),
        known=None if known is None else str(known),
        location=None if location is None else str(location),
        is_intended=bool(intended),
        before=str(before) if intended and before is not None else None,
    )


def intend(manifest: Manifest, job: Job, org: str, before: dict[str, str | None]) -> None:
    """Records, before anything is sent, which version bears each key now."""
    manifest.con.execute(
        "create or replace temp table intended as"
        " select unnest($keys::varchar[]) as key, unnest($ids::varchar[]) as before_id",
        {"keys": list(before), "ids": list(before.values())},
    )
    outcomes_ledger.intend_files(manifest, job, org)


def save(
    manifest: Manifest,
    plan: StepPlan,
    job: Job,
    org: str,
    folder: Path,
    outcomes: Collection[FileOutcome],
    at: str | None,
) -> None:
    """Records what became of a job's files, `at` a time of the org's own clock."""
    con = manifest.con
    _stage(
        con,
        "outcome",
        {
            "key varchar": [o.key for o in outcomes],
            "id varchar": [o.id for o in outcomes],
            "hash varchar": [o.hash for o in outcomes],
            "taken boolean": [o.code is None for o in outcomes],
            "created boolean": [o.created for o in outcomes],
            "code varchar": [o.code for o in outcomes],
            "fields varchar": [",".join(o.fields) or None for o in outcomes],
            "misses_parent boolean": [False for _ in outcomes],
        },
    )
    taken = [o for o in outcomes if o.code is None]
    _stage(
        con,
        "filed",
        {
            "key varchar": [o.key for o in taken],
            "id varchar": [o.id for o in taken],
            "document varchar": [o.document for o in taken],
            "location varchar": [o.location for o in taken],
            "sha256 varchar": [o.sha256 for o in taken],
            "md5 varchar": [o.md5 for o in taken],
            "bytes bigint": [o.size for o in taken],
        },
    )
    outcomes_ledger.save(manifest, plan, job, org, folder, filed=True, at=at)


def _stage(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, list[object]]) -> None:
    """Makes a temporary table of columns (`name type`) of equal length."""
    made = ", ".join(
        f"unnest($c{n}::{c.split()[1]}[]) as {c.split()[0]}" for n, c in enumerate(columns)
    )
    con.execute(
        f"create or replace temp table {table} as select {made}",
        {f"c{n}": values for n, values in enumerate(columns.values())},
    )
