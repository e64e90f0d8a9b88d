"""Does one ingest job: stage, save or delete, write results, commit."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import duckdb

from local_org.bulk.files import FileError, Header, read_header, stage, write_results
from local_org.bulk.jobs import DELIMITERS, Job, StateChanged, job_file, set_job
from local_org.files.storage import storage_full
from local_org.org import Org
from local_org.records.columns import Column, HeaderError, bind
from local_org.records.delete import delete
from local_org.records.save import Save, save
from local_org.schema.model import SObject

NULL = "#N/A"


def process_ingest(org: Org, job: Job) -> None:
    """Do the job and leave it JobComplete or, with nothing written, Failed."""
    started = time.monotonic()
    try:
        with org.store.write() as cursor:
            set_job(cursor, job)
            processed, failed = _process(org, cursor, job)
            took = int((time.monotonic() - started) * 1000)
            set_job(
                cursor,
                job,
                state="JobComplete",
                processed=processed,
                failed=failed,
                milliseconds=took,
            )
    except StateChanged:
        # Aborted between being taken up and the first row: all rows stay unprocessed.
        return
    except (FileError, HeaderError) as error:
        prefix = "InvalidBatch : " if isinstance(error, HeaderError) else ""
        fail(org, job, f"{prefix}{error}")
    else:
        job_file(org, job, "upload").unlink(missing_ok=True)


def fail(org: Org, job: Job, message: str) -> None:
    """Leave the job Failed, all its rows unprocessed."""
    with org.store.write() as cursor, suppress(StateChanged):
        set_job(cursor, job, state="Failed", error=message)


def _process(org: Org, cursor: duckdb.DuckDBPyConnection, job: Job) -> tuple[int, int]:
    path = job_file(org, job, "upload")
    target = org.view.get(job.object or "")
    if target is None:
        raise FileError(f"InvalidBatch : sObject type '{job.object}' is not supported.")
    if not path.exists() or path.stat().st_size == 0:
        return 0, 0
    header = read_header(path, job)
    columns = bind(org.view, target, header.names)
    key = _key_column(job, target, columns)
    rows = stage(cursor, path, job, len(columns))
    if job.operation == "delete":
        delete(cursor, org.schema, target, columns[0], org.identity.user)
    else:
        full = storage_full(cursor, org.schema, org.switches)
        save(cursor, replace(_request(org, job, target, columns, key), full=full))
    return rows, _finish(org, cursor, job, header)


def _request(
    org: Org, job: Job, target: SObject, columns: tuple[Column, ...], key: Column | None
) -> Save:
    return Save(
        schema=org.schema,
        target=target,
        operation=job.operation,
        columns=columns,
        key=key,
        null_token=NULL,
        user=org.identity.user,
        pod=org.identity.pod,
    )


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


def _finish(org: Org, cursor: duckdb.DuckDBPyConnection, job: Job, header: Header) -> int:
    """Write the result files; gives the number of failed rows."""
    delimiter = DELIMITERS[job.delimiter]
    paths = (job_file(org, job, "success"), job_file(org, job, "failed"))
    write_results(cursor, paths, len(header.names), delimiter)
    job_file(org, job, "header").write_text(header.line, encoding="utf-8")
    counted = cursor.execute("select count(*) from outcome where error is not null").fetchone()
    return int(counted[0]) if counted else 0
