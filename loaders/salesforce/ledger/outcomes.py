"""What became of the records that a run sent or deleted, written down one job at a time."""

from pathlib import Path

import duckdb

from loaders.salesforce.ledger import records_files
from loaders.salesforce.ledger.manifest import Job, Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.results import UNPROCESSED, error_class
from loaders.salesforce.ledger.sql import text


def save(
    manifest: Manifest,
    plan: StepPlan,
    job: Job,
    org: str,
    folder: Path,
    *,
    filed: bool = False,
    at: str | None = None,
) -> None:
    """Records what became of a job's rows, from the temporary table `outcome`.

    A refused row keeps the Id and hash the org took before: it counts as changed still. Of
    files, those in the temporary table `filed` are noted with their document and bytes. `at` is
    the org's own time when it was through with them: what is later somebody else did.
    """
    con = manifest.con
    with manifest.transaction():
        _stage(con, job, org)
        _keep_replaced(con, org, job.step, job.run)
        _replace(con, job, org)
        if job.part.kind == "adopt":
            _remember_kept(con, job, org, folder)
        if filed:
            _note_files(con, job, org)
        taken, refused = _taken_and_refused(con)
        con.execute(
            "update jobs set state = 'saved', moved_at = current_timestamp, taken = ?, refused = ?,"
            " org_time = try_cast(? as timestamptz) where run = ? and number = ?",
            [taken, refused, at, job.run, job.number],
        )
        manifest.log.note(
            "job saved",
            **{"run": job.run, "step": job.step, "job": job.number, "id": job.id},
            **{"taken": taken, "refused": refused},
            **records_files.write_job(con, plan, job.part, job.number, folder),
        )


def _stage(con: duckdb.DuckDBPyConnection, job: Job, org: str) -> None:
    """Makes the temporary table `replacing`: what the manifest is to say of a job's rows."""
    con.execute(
        f"""
        create or replace temp table replacing as
        select
            o.key,
            coalesce(o.id, r.id) as id,
            case
                when not o.taken then 'rejected'
                when ? = 'adopt' then 'adopted'
                when o.created or r.run = ? and r.code = ? and r.id is null then 'created'
                else 'updated'
            end as action,
            case when o.taken then o.hash else r.row_hash end as row_hash,
            o.code,
            {error_class()} as class,
            o.fields
        from outcome as o
        left join (
            -- Only those of the job: all of a step's may be more than there is memory for.
            select * from records
            where org = ? and step = ? and action <> 'deleted'
                and key in (select key from outcome)
        ) as r on r.key = o.key
        """,
        # A row whose result never came may have been created the first time.
        [job.part.kind, job.run, UNPROCESSED, org, job.step],
    )


def _replace(con: duckdb.DuckDBPyConnection, job: Job, org: str) -> None:
    """Puts what is in `replacing` in the place of what was known of those records."""
    con.execute(
        "delete from records where org = ? and step = ? and key in (select key from replacing)",
        [org, job.step],
    )
    con.execute(
        "insert into records select ?, ?, key, id, action, row_hash, code, class, fields,"
        " ?, ?, current_timestamp from replacing",
        [org, job.step, job.run, job.id],
    )
    # What a record's later updates hide: that it is ours to take away.
    con.execute(
        "insert into created select ?, ?, key, id, ? from replacing where action = 'created'",
        [org, job.step, job.run],
    )


def _note_files(con: duckdb.DuckDBPyConnection, job: Job, org: str) -> None:
    con.execute(
        "update files set id = n.id, document = n.document, location = n.location,"
        " sha256 = n.sha256, md5 = n.md5, bytes = n.bytes, state = 'done'"
        " from filed as n where files.org = ? and files.step = ? and files.key = n.key",
        [org, job.step],
    )


def _taken_and_refused(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    row = con.execute(
        "select count(*) filter (where taken), count(*) filter (where not taken) from outcome"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _keep_replaced(con: duckdb.DuckDBPyConnection, org: str, step: str, run: str) -> None:
    """Keeps what was known of records before this run first touched them: those in the temporary
    table `replacing`."""
    con.execute(
        "insert into replaced select *, ? from records where org = ? and step = ?"
        " and run is distinct from ? and key in (select key from replacing)",
        [run, org, step, run],
    )


def intend_files(manifest: Manifest, job: Job, org: str) -> None:
    """Records that files are about to be sent, from the temporary table `intended`: each key,
    and the version that bore it before this run."""
    con = manifest.con
    with manifest.transaction():
        con.execute(
            "create or replace temp table intending as select f.key, r.id, r.document,"
            " r.location, r.sha256, r.md5, r.bytes, f.before_id from intended as f"
            " left join (select * from files where org = ? and step = ?) as r"
            " on r.key = f.key",
            [org, job.step],
        )
        con.execute(
            "insert into replaced_files select *, ? from files where org = ? and step = ?"
            " and run is distinct from ? and key in (select key from intending)",
            [job.run, org, job.step, job.run],
        )
        con.execute(
            "delete from files where org = ? and step = ? and key in (select key from intending)",
            [org, job.step],
        )
        con.execute(
            "insert into files select ?, ?, *, ?, 'intent' from intending",
            [org, job.step, job.run],
        )


def _remember_kept(con: duckdb.DuckDBPyConnection, job: Job, org: str, folder: Path) -> None:
    adopted = "select key from replacing where action = 'adopted'"
    con.execute(
        f"delete from kept where org = ? and step = ? and key in ({adopted})", [org, job.step]
    )
    con.execute(
        f"insert into kept select ?, ?, _key, _kept"
        f" from read_parquet({text(folder / job.part.file)})"
        f" where len(_kept) > 0 and _key in ({adopted})",
        [org, job.step],
    )


def save_deleted(manifest: Manifest, org: str, step: str, run: str, keys: list[str]) -> None:
    """Records that a step's records of these keys are deleted in the org."""
    if not keys:
        return
    con = manifest.con
    with manifest.transaction():
        con.execute(
            "create or replace temp table replacing as select unnest(?::varchar[]) as key", [keys]
        )
        _keep_replaced(con, org, step, run)
        con.execute(
            "update records set action = 'deleted', row_hash = null, code = null, class = null,"
            " fields = null, job = null, run = ?, moved_at = current_timestamp"
            " where org = ? and step = ? and key in (select key from replacing)",
            [run, org, step],
        )
        # A step's records are deleted in several requests, each with a file of its own.
        file = manifest.folder(run) / f"{step}.deleted-{manifest.log.number + 1}.records.parquet"
        query = (
            "select r.key, r.id, r.action from records as r"
            " where r.org = ? and r.step = ? and r.key in (select key from replacing)"
        )
        records = records_files.write(con, query, [org, step], file)
        manifest.log.note("records deleted", run=run, step=step, records=records)


def deleted(manifest: Manifest, run: str) -> int:
    """How many records a run deleted."""
    row = manifest.con.execute(
        "select count(*) from records where run = ? and action = 'deleted'", [run]
    ).fetchone()
    return int(row[0]) if row else 0
