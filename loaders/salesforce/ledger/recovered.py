"""Rebuilds what the manifest knows of an org from the org itself, held against the marts.

A record that bears our key is known again, with the hash of its row where every field is as the
mart has it, and with none where a field differs: the next run sends that row. It is never one that
this project created: no rollback and no `--delete-missing` takes it away.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from loaders.salesforce.ledger.compare import FilesHeld
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Step

ACTION = "recovered"
Hashed = tuple[str, str, str, int]
"""A file's key, its SHA-256 and MD5 in hexadecimal, and how many bytes it has."""


@dataclass(frozen=True)
class Recovered:
    """What was found of a step: records known again as their rows are, records whose rows
    differ, records the manifest knew already, and rows the org has no record of."""

    step: str
    object: str
    equal: int
    differing: int
    known: int
    absent: int
    kept: int


def step(
    manifest: Manifest, each: Step, plan: StepPlan, table: str, org: str, user: str, creator: str
) -> Recovered:
    """Writes down a step's records, from the temporary tables `compared` and `table`.

    `user` is who is logged in and `creator` the column of who made a record: what differs on a
    record that somebody else made, and holds something, was left as it was found.
    """
    con, key = manifest.con, name(each.external_id)
    _stage(con, each, table, org, user, creator)
    with manifest.transaction():
        con.execute(
            "delete from records where org = ? and step = ?"
            " and key in (select key from recovering)",
            [org, each.name],
        )
        con.execute(
            "insert into records select ?, ?, g.key, g.id, ?,"
            " case when len(g.differing) = 0 then m._row_hash end,"
            " null, null, null, null, null, current_timestamp"
            f" from recovering as g join warehouse.{each.relation} as m on m.{key} = g.key",
            [org, each.name, ACTION],
        )
        _keep(con, plan, org)
        said = _said(con, each)
        manifest.log.note(
            "records recovered",
            **{"org": org, "step": each.name, "equal": said.equal, "differing": said.differing},
        )
    return said


def _stage(
    con: duckdb.DuckDBPyConnection, each: Step, table: str, org: str, user: str, creator: str
) -> None:
    """Makes the temporary table `recovering`: records the manifest does not know, with their
    fields that differ, and the columns of those that were left as they were found."""
    kept = _is_kept("x", each, creator)
    con.execute(
        f"""
        create or replace temp table recovering as
        select
            c.key,
            o."Id" as id,
            list_filter(c.differing, lambda x: not ({kept})) as differing,
            list_transform(
                list_filter(c.differing, lambda x: {kept}), lambda x: x.field
            ) as columns
        from compared as c
        join {name(table)} as o on o.{name(each.external_id)} = c.key
        anti join (
            select key, id from records
            where org = $org and step = $step and action not in ('deleted', 'rejected')
        ) as r on r.key = c.key and r.id = o."Id"
        where c.present and not c.refused
        """,
        {"org": org, "step": each.name} | ({"user": user} if each.adopts else {}),
    )


def _is_kept(difference: str, each: Step, creator: str) -> str:
    """Whether a difference is what an adoption left alone."""
    if not each.adopts:
        return "false"
    return f"o.{name(creator)} <> $user and coalesce({difference}.org, '') not in ('', 'false')"


def _keep(con: duckdb.DuckDBPyConnection, plan: StepPlan, org: str) -> None:
    fields = ", ".join(f"({text(c.column)}, {text(c.api_name)})" for c in plan.columns)
    con.execute(
        "delete from kept where org = ? and step = ? and key in (select key from recovering)",
        [org, plan.name],
    )
    con.execute(
        "insert into kept select ?, ?, g.key, list(f.api_name order by f.api_name)"
        " from (select key, unnest(columns) as col from recovering) as g"
        f" join (values {fields}) as f(col, api_name) on f.col = g.col group by g.key",
        [org, plan.name],
    )


def _said(con: duckdb.DuckDBPyConnection, each: Step) -> Recovered:
    new = con.execute(
        "select count(*) filter (where len(differing) = 0),"
        " count(*) filter (where len(differing) > 0), coalesce(sum(len(columns)), 0)"
        " from recovering"
    ).fetchone()
    all_ = con.execute(
        "select count(*) filter (where present), count(*) filter (where not present) from compared"
        " where not refused"
    ).fetchone()
    (equal, differing, kept), (present, absent) = new or (0, 0, 0), all_ or (0, 0)
    known = present - equal - differing
    return Recovered(each.name, each.object, equal, differing, known, absent, int(kept))


def paths(con: duckdb.DuckDBPyConnection, each: Step) -> list[tuple[str, str]]:
    """The keys of a step's files and where each is below the home."""
    path = name(each.binary.column) if each.binary else "null"
    return con.execute(
        f"select {name(each.external_id)}, {path} from warehouse.{each.relation}"
        f" where not _held_back and {path} is not null order by 1"
    ).fetchall()


def files_known(
    manifest: Manifest,
    each: Step,
    table: str,
    org: str,
    held: FilesHeld,
    hashed: Iterable[list[Hashed]],
) -> None:
    """Writes down the files that the org holds: which document each is, the record it is shown
    on, and what its bytes here hash to, so that equal bytes are known for equal. `hashed` gives
    these, so many files at a time."""
    con = manifest.con
    con.execute(
        "create or replace temp table hashed"
        " (key varchar, sha256 varchar, md5 varchar, bytes bigint)"
    )
    for batch in hashed:
        con.executemany("insert into hashed values (?, ?, ?, ?)", batch)
    parents = " union all ".join(
        f"select {name(each.external_id)} as key, {name(f.column)} as parent"
        f" from warehouse.{each.relation}"
        for f in each.fields
        if f.lookup
    )
    key = name(each.external_id)
    with manifest.transaction():
        con.execute(
            f"""
            insert into files
            select
                $org, $step, o.{key}, o."Id", o.{name(held.document)}, any_value(l.record),
                h.sha256, h.md5, h.bytes, null, null, 'done'
            from {name(table)} as o
            join hashed as h on h.key = o.{key}
            left join ({parents}) as p on p.key = o.{key}
            left join keys as k on k.key = p.parent
            left join {held.links} as l
                on l.document = o.{name(held.document)} and l.record = k.id
            anti join (select key from files where org = $org and step = $step) as f
                on f.key = o.{key}
            group by all
            """,
            {"org": org, "step": each.name},
        )
