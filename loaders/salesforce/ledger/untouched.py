"""The records of a step that no job of a run takes, and why: unchanged, held back, nothing to say,
gone from the source, superseded, waiting for their record."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import changes, records_files
from loaders.salesforce.ledger.records_files import Facts
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step


def freeze(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    steps: Iterable[Step],
    org: str,
    folder: Path,
    superseded: Path,
    *,
    is_part: bool,
) -> list[Facts]:
    """Writes each step's records that are not frozen to be sent: `key, id, reason, classes` (why
    a row is held back). `superseded` is the file of records that others have taken the place of,
    if it is there; marts that are only a part of themselves do not tell what is gone. Gives what
    the audit log says of each step that has some."""
    said = []
    for step in steps:
        file = folder / f"{step.name}.others.parquet"
        query, params = _in_mart(step), [org, step.name]
        if not is_part:
            query += f" union all {_gone(project, step, superseded)}"
            params *= 2
        facts = _facts(con, records_files.write(con, query, params, file), file)
        if facts:
            said.append({"step": step.name, **facts})
    return said


def waiting(
    con: duckdb.DuckDBPyConnection, step: str, folder: Path, frozen: Path, ready: Path
) -> Facts:
    """The frozen rows that have no record to update; nothing where there are none."""
    file = folder / f"{step}.waiting.parquet"
    query = (
        "select _key as key, null::varchar as id, 'waits for its record' as reason,"
        " null::varchar[] as classes"
        f" from read_parquet({text(frozen)}) where _key not in"
        f" (select _key from read_parquet({text(ready)}))"
    )
    return _facts(con, records_files.write(con, query, [], file), file)


def _facts(con: duckdb.DuckDBPyConnection, records: Facts, file: Path) -> Facts:
    if not records["rows"]:
        file.unlink()
        return {}
    reasons = records_files.counts(con, file, "reason")
    return {"reasons": reasons, "records": records}


def _in_mart(step: Step) -> str:
    """Takes the parameters org, step."""
    held = (
        "list_distinct(list_transform(list_filter(m._problems, lambda p: p.held_back),"
        " lambda p: p.class))"
    )
    return (
        f"select m.{name(step.external_id)} as key, r.id, case when m._held_back then 'held back'"
        " when r.row_hash is null then 'nothing to say' else 'unchanged' end as reason,"
        f" case when m._held_back then {held} end as classes {changes.source(step)}"
        f" where m._held_back or not coalesce({changes.is_changed(step)}, false)"
    )


def _gone(project: Project, step: Step, superseded: Path) -> str:
    """Takes the parameters org, step."""
    reasons = ""
    if superseded.exists():
        listed = f"select key from read_parquet({text(superseded)}) where step = {text(step.name)}"
        reasons += f" when r.key in ({listed}) then 'superseded'"
    for other in project.steps:
        if other.object == step.object and not other.is_update and other.name != step.name:
            keys = f"select {name(other.external_id)} from warehouse.{other.relation}"
            reasons += f" when r.key in ({keys}) then {text('now of ' + other.name)}"
    reason = (
        f"case{reasons} else 'gone from the source' end" if reasons else "'gone from the source'"
    )
    return (
        f"select r.key, r.id, {reason}, null from"
        " (select * from records where org = ? and step = ? and action <> 'deleted') as r"
        f" anti join warehouse.{step.relation} as m on m.{name(step.external_id)} = r.key"
        " where r.id is not null"
    )
