"""What rollbacks did, record by record, in the manifest's table `undone`."""

from collections.abc import Sequence

from loaders.salesforce.ledger import records_files
from loaders.salesforce.ledger.manifest import Job
from loaders.salesforce.ledger.results import UNPROCESSED, is_passing
from loaders.salesforce.ledger.undo import Undo

RESTORED, PUT_BACK, DELETED = "restored", "put back", "deleted"
# It is not there any more, whoever deleted it.
_GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")


def save(undo: Undo, job: Job, at: str | None) -> None:
    """Records what became of a job's rows, from the temporary table `outcome`, whose `hash` has
    the old Id of a record put back; `at` is the org's time at the job's end."""
    con = undo.con
    with undo.manifest.transaction():
        con.execute(
            "create or replace temp table undoing as select key, coalesce(hash, id) as id,"
            " case when hash is not null and taken then id end as new_id,"
            " case when ? = 'deleted' and list_contains(?, code) then null else code end as code"
            " from outcome",
            [job.part.kind, list(_GONE)],
        )
        con.execute(
            "insert into undone select ?, ?, ?, ?, key, id, new_id, ?, code, ?, current_timestamp"
            " from undoing",
            [undo.org_id, undo.rollback, undo.run, job.step, job.part.kind, job.id],
        )
        row = con.execute("select count(*) filter (where code is null), count(code) from undoing")
        taken, refused = row.fetchone() or (0, 0)
        con.execute(
            "update jobs set state = 'saved', moved_at = current_timestamp, taken = ?, refused = ?,"
            " org_time = try_cast(? as timestamptz) where run = ? and number = ?",
            [taken, refused, at, job.run, job.number],
        )
        records = records_files.write(
            con,
            "select key, id, new_id, ? as action, code from undoing",
            [job.part.kind],
            undo.manifest.folder(job.run) / f"job-{job.number}.records.parquet",
        )
        undo.manifest.log.note(
            "job saved",
            **{"run": job.run, "step": job.step, "job": job.number, "id": job.id},
            **{"kind": job.part.kind, "taken": taken, "refused": refused, "records": records},
        )


def save_few(undo: Undo, step: str, what: str, said: Sequence[tuple[str, str, str | None]]) -> None:
    """Records what became of some records that went without a job: key, Id and the org's code."""
    with undo.manifest.transaction():
        for key, id_, code in said:
            undo.con.execute(
                "insert into undone values (?, ?, ?, ?, ?, ?, null, ?, ?, null, current_timestamp)",
                [
                    *(undo.org_id, undo.rollback, undo.run, step, key, id_, what),
                    None if code in _GONE else code,
                ],
            )
        taken = sum(code is None or code in _GONE for _, _, code in said)
        number = undo.manifest.log.number + 1
        records = records_files.write(
            undo.con,
            "select unnest(?::varchar[]) as key, unnest(?::varchar[]) as id, ? as action,"
            " unnest(?::varchar[]) as code",
            [[key for key, _, _ in said], [id_ for _, id_, _ in said], what, [c for *_, c in said]],
            undo.manifest.folder(undo.rollback)
            / f"{step}.{what.replace(' ', '-')}-{number}.records.parquet",
        )
        undo.manifest.log.note(
            f"records {what}",
            **{"run": undo.rollback, "step": step, "taken": taken, "refused": len(said) - taken},
            records=records,
        )


def refused(undo: Undo, step: str, what: str) -> list[tuple[str, str, str]]:
    """Id, key and code of the records that this rollback was refused, and refused last."""
    return undo.con.execute(
        # Rows are only added: the later one is the later word, whatever the clock said.
        "select id, key, code from (select id, key, arg_max(code, rowid) as code,"
        " max(rowid) as said, max(rowid) filter (where code is null) as done from undone"
        " where run = ? and step = ? and what = ? group by id, key)"
        " where code is not null and (done is null or done < said) order by 2",
        [undo.rollback, step, what],
    ).fetchall()


def refused_nodes(undo: Undo, step: str, what: str) -> list[str]:
    """The nodes among the goals of what this rollback was refused."""
    ids = [id_ for id_, _, _ in refused(undo, step, what)]
    rows = undo.con.execute(
        "select node from goals where id in (select unnest($ids::varchar[]))"
        " or (step = $step and key in (select key from undone where run = $run"
        " and step = $step and id in (select unnest($ids::varchar[]))))",
        {"ids": ids, "step": step, "run": undo.rollback},
    ).fetchall()
    return [str(row[0]) for row in rows]


def passing(undo: Undo, step: str, what: str) -> list[str]:
    """The Ids of records whose refusal may pass: the same again may be taken."""
    found = refused(undo, step, what)
    return [id_ for id_, _, code in found if code == UNPROCESSED or is_passing(code)]


def save_files(undo: Undo, job: Job, rows: str) -> None:
    """Records which files are as they were, but for those of which it is recorded; `rows` is a
    query of their keys and old Ids. What came as a further version has another Id."""
    with undo.manifest.transaction():
        undo.con.execute(
            "insert into undone select ?, ?, ?, ?, q.key, q.old_id,"
            " case when f.id <> q.old_id and r.action <> 'rejected' then f.id end, ?,"
            " case when r.action = 'rejected' then r.code end, null, current_timestamp"
            f" from ({rows}) as q"
            " join records as r on r.org = ? and r.step = ? and r.key = q.key"
            " join files as f on f.org = ? and f.step = ? and f.key = q.key"
            " where q.key not in (select key from undone where run = ? and step = ?)",
            [
                *(undo.org_id, undo.rollback, undo.run, job.step, RESTORED),
                *(undo.org_id, job.step, undo.org_id, job.step, undo.rollback, job.step),
            ],
        )


def counts(undo: Undo) -> dict[str, dict[str, int]]:
    """By step, how many records were restored, put back and deleted."""
    found: dict[str, dict[str, int]] = {}
    for step, what, number in undo.con.execute(
        "select step, what, count(distinct id) from undone where run = ? and code is null"
        " group by 1, 2",
        [undo.rollback],
    ).fetchall():
        found.setdefault(step, {})[what] = number
    return found
