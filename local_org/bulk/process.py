"""Does one ingest job: stage the upload, then save or delete it some batches at a time.

Each step is one transaction that holds its rows, its result files and how far the job is: what
an abort or a kill finds done stays done, the rest is unprocessed or goes on after a restart.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress
from dataclasses import dataclass

import duckdb

from local_org.bulk.files import (
    FileError,
    Header,
    read_header,
    stage,
    take_rows,
    write_results,
)
from local_org.bulk.jobs import DELIMITERS, Job, StateChanged, job_file, set_job
from local_org.faults.jobs import obey
from local_org.org import Org
from local_org.records.columns import Column, HeaderError, bind
from local_org.records.delete import delete
from local_org.records.save import BATCH, Save, save
from local_org.schema.model import SObject

NULL = "#N/A"
# Salesforce's batch is 10,000 rows. A few at once cost less each; an abort waits for them.
STEP = 5 * BATCH


@dataclass(frozen=True)
class Work:
    """A job whose upload is staged: what its columns are and how many rows it has."""

    target: SObject
    header: Header
    columns: tuple[Column, ...]
    key: Column | None
    rows: int


def process_ingest(org: Org, job: Job) -> None:
    """Do the job, from where it stands, and leave it JobComplete or Failed."""
    try:
        with closing(org.store.cursor()) as cursor:
            work = _prepare(org, cursor, job)
            if work is not None:
                _steps(org, cursor, job, work)
    except StateChanged:
        # Aborted: what it had not come to stays unprocessed.
        return
    except (FileError, HeaderError) as error:
        prefix = "InvalidBatch : " if isinstance(error, HeaderError) else ""
        fail(org, job, f"{prefix}{error}")
        return
    with org.store.write() as cursor:
        set_job(cursor, job, state="JobComplete")
    job_file(org, job, "upload").unlink(missing_ok=True)


def fail(org: Org, job: Job, message: str) -> None:
    """Leave the job Failed; what it had not come to is unprocessed."""
    with org.store.write() as cursor, suppress(StateChanged):
        set_job(cursor, job, state="Failed", error=message)


def _prepare(org: Org, cursor: duckdb.DuckDBPyConnection, job: Job) -> Work | None:
    """Stage the upload; None where there is none, or an empty one."""
    path = job_file(org, job, "upload")
    target = org.view.get(job.object or "")
    if target is None:
        raise FileError(f"InvalidBatch : sObject type '{job.object}' is not supported.")
    if not path.exists() or path.stat().st_size == 0:
        return None
    header = read_header(path, job)
    columns = bind(org.view, target, header.names)
    key = _key_column(job, target, columns)
    rows = stage(cursor, path, job, len(columns))
    job_file(org, job, "header").write_text(header.line, encoding="utf-8")
    return Work(target, header, columns, key, rows)


def _steps(org: Org, cursor: duckdb.DuckDBPyConnection, job: Job, work: Work) -> None:
    done, failed, spent = job.processed, job.failed, job.milliseconds
    watch = org.faults.job(work.target.name, job.operation)
    obey(org, job, watch, done)
    while done < work.rows:
        started = time.monotonic()
        last = watch.stop(done, min(done + STEP, work.rows))
        with org.store.write(cursor):
            set_job(cursor, job)
            take_rows(cursor, done, last)
            _save(org, cursor, job, work)
            failed += _results(org, cursor, job, work, (done, last))
            spent += int((time.monotonic() - started) * 1000)
            set_job(cursor, job, processed=last, failed=failed, milliseconds=spent)
        done = last
        obey(org, job, watch, done)


def _save(org: Org, cursor: duckdb.DuckDBPyConnection, job: Job, work: Work) -> None:
    strikes = org.faults.rows(work.target.name, job.operation, job.id)
    if job.operation == "delete":
        delete(cursor, org.schema, work.target, work.columns[0], org.identity.user, strikes)
        return
    request = Save(
        schema=org.schema,
        target=work.target,
        operation=job.operation,
        columns=work.columns,
        key=work.key,
        null_token=NULL,
        user=org.identity.user,
        pod=org.identity.pod,
        faults=strikes,
        switches=org.switches,
    )
    save(cursor, request)


def _key_column(job: Job, target: SObject, columns: tuple[Column, ...]) -> Column | None:
    if job.operation == "insert":
        return None
    name = job.external_id if job.operation == "upsert" else "Id"
    for column in columns:
        if column.parent is None and column.field.name.lower() == (name or "").lower():
            break
    else:
        raise HeaderError(f"Field name not found : {name}", name or "")
    if job.operation == "delete" and len(columns) != 1:
        raise FileError("InvalidBatch : Delete takes one column only: Id")
    return column


def _results(
    org: Org, cursor: duckdb.DuckDBPyConnection, job: Job, work: Work, rows: tuple[int, int]
) -> int:
    """Write the result files of one step; gives the number of failed rows."""
    # Numbered so that their names sort as the steps went.
    step = f"{rows[0]:012}"
    paths = (job_file(org, job, f"success.{step}"), job_file(org, job, f"failed.{step}"))
    delimiter = DELIMITERS[job.delimiter]
    write_results(cursor, paths, rows, len(work.header.names), delimiter)
    counted = cursor.execute("select count(*) from outcome where error is not null").fetchone()
    return int(counted[0]) if counted else 0
