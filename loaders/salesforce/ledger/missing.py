"""Records that are in the org and gone from the source: their key is in no mart of their object.

Superseded ones are not among them, nor those that went to another step. Only what this project
created may be deleted; what was adopted, or learnt from the org, stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger import superseded
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step
from loaders.salesforce.ledger.superseded import Superseded
from loaders.spreadsheet import write_query

# Percent of an object's records that a run may delete unless it is told otherwise.
DELETE_LIMIT = 2.0


@dataclass(frozen=True)
class ObjectGone:
    """Records of one object that the source no longer has: how many, how many of them a run may
    delete, and, where any, how many this project has created in all. A run may delete what this
    project created, but for files: their bytes could not be put back."""

    object: str
    gone: int
    ours: int
    created: int

    @property
    def share(self) -> float:
        """What deleting them would take of the object's records of ours, in percent."""
        return 100 * self.ours / self.created if self.created else 0.0


def gone(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    org: str,
    steps: tuple[Step, ...] | None = None,
) -> tuple[dict[str, int], list[ObjectGone]]:
    """Records that are gone, by step and by object. Where `steps` are given, a run of these alone
    may delete theirs alone."""
    deletable = _deletable(project.steps if steps is None else steps)
    by_step: dict[str, int] = {}
    objects: list[ObjectGone] = []
    for sobject, makers in _makers(project).items():
        found = con.execute(
            f"select step, count(*), count(*) filter (where ours and {deletable})"
            f" from ({_query(project, makers)}) group by 1",
            {"org": org},
        ).fetchall()
        by_step |= {row[0]: row[1] for row in found}
        all_gone, ours = sum(row[1] for row in found), sum(row[2] for row in found)
        created = _created(con, makers, org) if ours else 0
        objects.append(ObjectGone(sobject, all_gone, ours, created))
    return by_step, objects


def require_within(objects: Iterable[ObjectGone], limit: float) -> None:
    """Raises UserError (blocked) where more of an object would be deleted than `limit` percent."""
    for each in objects:
        if each.share > limit:
            raise UserError(
                f"{each.object}: {each.ours:,} of {each.created:,} records that came from here are"
                f" gone from the source, {each.share:.1f} %; up to {limit:g} % may be deleted.",
                "See whether the export is whole; if they are meant to go, raise --delete-limit.",
                Exit.BLOCKED,
            )


def freeze(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    steps: tuple[Step, ...],
    org: str,
    file: Path,
) -> bool:
    """Writes the records of these steps that are to be deleted to Parquet: step, object, key, id.
    False where there are none."""
    parts = [
        f"select step, {text(sobject)} as object, key, id from ({_query(project, makers)})"
        f" where ours and {_deletable(steps)}"
        for sobject, makers in _makers(project).items()
    ]
    con.execute(
        f"copy ({' union all '.join(parts)}) to {text(file)} (format parquet)", {"org": org}
    )
    if con.execute("select 1 from read_parquet(?) limit 1", [str(file)]).fetchone():
        return True
    file.unlink()
    return False


def due(con: duckdb.DuckDBPyConnection, file: Path, org: str) -> list[Superseded]:
    """The records of a frozen file that are there still."""
    rows = con.execute(
        "select distinct p.step, p.object, p.key, p.id from read_parquet($file) as p"
        " join records as r on r.org = $org and r.step = p.step and r.id = p.id"
        " and r.action <> 'deleted' order by all",
        {"file": str(file), "org": org},
    ).fetchall()
    return [Superseded(*row) for row in rows]


def deleted(con: duckdb.DuckDBPyConnection, file: Path, org: str, run: str) -> int:
    """How many records of a frozen file a run deleted."""
    row = con.execute(
        "select count(*) from read_parquet($file) as p join records as r on r.org = $org"
        " and r.run = $run and r.step = p.step and r.key = p.key and r.action = 'deleted'",
        {"file": str(file), "org": org, "run": run},
    ).fetchone()
    return int(row[0]) if row else 0


def write_list(con: duckdb.DuckDBPyConnection, project: Project, org: str, file: Path) -> None:
    """Writes what is gone for people to read: step, object, key, Id, and whether this project
    created it; keys, no values."""
    parts = [
        f"select step, {text(sobject)} as object, key, id, ours as created_here"
        f" from ({_query(project, makers)})"
        for sobject, makers in _makers(project).items()
    ]
    write_query(con, f"{' union all '.join(parts)} order by all", file, {"org": org})


def _deletable(steps: Iterable[Step]) -> str:
    """Whether a record's `step` is one of these and not one of files."""
    listed = ", ".join(text(step.name) for step in steps if not step.binary)
    return f"step in ({listed})" if listed else "false"


def _makers(project: Project) -> dict[str, list[Step]]:
    """The steps that make an object's records, by object."""
    makers: dict[str, list[Step]] = {}
    for step in project.steps:
        if not step.is_update:
            makers.setdefault(step.object, []).append(step)
    return dict(sorted(makers.items()))


def _query(project: Project, makers: list[Step]) -> str:
    """The records of an object that are gone: step, key, id, ours; takes the parameter org."""
    pairs = superseded.pairs(project, project.steps)
    keys = " union all ".join(
        f"select {name(s.external_id)} as key from warehouse.{s.relation}" for s in makers
    )
    listed = ", ".join(text(s.name) for s in makers)
    replaced = f" anti join ({pairs}) as p on p.step = r.step and p.key = r.key" if pairs else ""
    return (
        "select r.step, r.key, r.id, r.action = 'created' or r.id in"
        " (select c.id from created as c where c.org = $org) as ours"
        " from (select * from records where org = $org and id is not null"
        f" and action <> 'deleted' and step in ({listed})) as r"
        f" anti join ({keys}) as m on m.key = r.key{replaced}"
    )


def _created(con: duckdb.DuckDBPyConnection, makers: Iterable[Step], org: str) -> int:
    listed = ", ".join(text(s.name) for s in makers)
    row = con.execute(
        "select count(distinct r.id) from records as r where r.org = $org and r.id is not null"
        f" and r.action <> 'deleted' and r.step in ({listed}) and (r.action = 'created' or r.id in"
        " (select c.id from created as c where c.org = $org))",
        {"org": org},
    ).fetchone()
    return int(row[0]) if row else 0
