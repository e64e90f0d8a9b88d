"""Jobs as they are kept, shown and moved from state to state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from local_org.errors import ApiError, not_found
from local_org.org import JOB_PREFIX, Org
from local_org.store import fetch

DELIMITERS = {
    "COMMA": ",",
    "TAB": "\t",
    "PIPE": "|",
    "SEMICOLON": ";",
    "CARET": "^",
    "BACKQUOTE": "`",
}
TERMINAL = ("JobComplete", "Failed", "Aborted")


@dataclass(frozen=True)
class Job:
    """One row of `org.jobs`."""

    id: str
    kind: str
    operation: str
    object: str | None
    external_id: str | None
    line_ending: str
    delimiter: str
    query: str | None
    api_version: float
    state: str
    created: datetime
    modified: datetime
    uploads: int
    processed: int
    failed: int
    error: str | None
    milliseconds: int

    @property
    def done(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in TERMINAL


def now() -> datetime:
    """Give the current time as it is stored: UTC, whole seconds, naive."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def stamp(moment: datetime) -> str:
    """Give a time as REST shows it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def create_job(org: Org, **facts: Any) -> Job:
    """Keep a new job."""
    moment = now()
    with org.store.write() as cursor:
        row: dict[str, Any] = {
            "id": org.new_id(cursor, JOB_PREFIX),
            "created": moment,
            "modified": moment,
            "uploads": 0,
            "processed": 0,
            "failed": 0,
            "error": None,
            "milliseconds": 0,
            "external_id": None,
            "query": None,
            **facts,
        }
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        cursor.execute(f"insert into org.jobs ({names}) values ({marks})", list(row.values()))
    return get_job(org, row["id"], row["kind"])


def get_job(org: Org, job_id: str, kind: str) -> Job:
    """Find a job by its 15- or 18-character id; raises the 404 where there is none."""
    rows = org.store.rows(
        "select * from org.jobs where id[:15] = ? and kind = ?", [job_id[:15], kind]
    )
    if not rows:
        raise not_found()
    return Job(**rows[0])


def list_jobs(org: Org, kind: str) -> list[Job]:
    """Give all jobs of a kind."""
    with org.store.read() as cursor:
        rows = fetch(cursor.execute("select * from org.jobs where kind = ? order by id", [kind]))
    return [Job(**row) for row in rows]


class StateChanged(Exception):
    """A job was aborted, or went on, before the change that was to be made."""


def update_job(org: Org, job: Job, **changes: Any) -> Job:
    """Change a job in a transaction of its own; raises StateChanged where it is not as it was."""
    with org.store.write() as cursor:
        set_job(cursor, job, **changes)
    return get_job(org, job.id, job.kind)


def set_job(cursor: duckdb.DuckDBPyConnection, job: Job, **changes: Any) -> None:
    """Change a job within the caller's transaction; raises StateChanged as `update_job` does."""
    found = cursor.execute("select state from org.jobs where id = ?", [job.id]).fetchone()
    if found is None or found[0] != job.state:
        raise StateChanged(job.id)
    changes = {"modified": now(), **changes}
    names = ", ".join(f"{name} = ?" for name in changes)
    cursor.execute(f"update org.jobs set {names} where id = ?", [*changes.values(), job.id])


def choice(body: dict[str, Any], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Give one of the allowed words of a request; raises the 400 of another."""
    value = body.get(name, default)
    if value not in allowed:
        raise ApiError(400, "INVALIDJOB", f"Invalid value for {name}: {value}")
    return str(value)


def patch_job(org: Org, job_id: str, body: dict[str, Any], kind: str) -> Job:
    """Close or abort a job as a PATCH asks."""
    while True:
        try:
            return _move(org, get_job(org, job_id, kind), body.get("state"), kind)
        except StateChanged:
            # The worker was quicker: judge by the state the job has now.
            continue


def _move(org: Org, job: Job, state: Any, kind: str) -> Job:
    if state == "Aborted":
        if job.done:
            raise ApiError(400, "INVALIDJOBSTATE", f"Aborting already {job.state} Job not allowed")
        return update_job(org, job, state="Aborted")
    if state != "UploadComplete" or kind != "ingest":
        raise ApiError(400, "INVALIDJOB", f"Unsupported job state: {state}")
    if job.state != "Open":
        raise ApiError(400, "INVALIDJOBSTATE", f"Closing already {job.state} Job not allowed")
    if job.uploads > 1:
        raise ApiError(400, "INVALIDJOB", f"Found multipe contents for job: <{job.id}>")
    job = update_job(org, job, state="UploadComplete")
    org.wake.set()
    return job


def delete_job(org: Org, job: Job) -> None:
    """Forget a job and its files."""
    if not job.done and job.state != "UploadComplete":
        raise ApiError(
            400,
            "INVALIDJOBSTATE",
            f"Job is not in a state that can be deleted: {job.state}",
        )
    with org.store.write() as cursor:
        cursor.execute("delete from org.jobs where id = ?", [job.id])
    for path in (org.folder / "jobs").glob(f"{job.id}.*"):
        path.unlink(missing_ok=True)


def job_file(org: Org, job: Job, what: str) -> Path:
    """Give the file of a job that holds its upload or one of its results."""
    return org.folder / "jobs" / f"{job.id}.{what}"


def job_info(org: Org, job: Job, *, full: bool) -> dict[str, Any]:
    """Give a job as the API shows it; `full` is what a GET adds."""
    version = f"{job.api_version:.1f}"
    info: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": org.identity.user,
        "createdDate": stamp(job.created),
        "systemModstamp": stamp(job.modified),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": job.api_version,
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
    if job.kind == "query":
        if full:
            info |= {
                "jobType": "V2Query",
                "numberRecordsProcessed": job.processed,
                "retries": 0,
                "totalProcessingTime": job.milliseconds,
                "isPkChunkingSupported": True,
            }
            info |= {"errorMessage": job.error} if job.error else {}
        return info
    if job.external_id:
        info["externalIdFieldName"] = job.external_id
    if job.state == "Open":
        info["contentUrl"] = f"services/data/v{version}/jobs/ingest/{job.id}/batches"
    if full:
        info |= {
            "jobType": "V2Ingest",
            "retries": 0,
            "totalProcessingTime": job.milliseconds,
            "apiActiveProcessingTime": job.milliseconds,
            "apexProcessingTime": 0,
            "numberRecordsProcessed": job.processed,
            "numberRecordsFailed": job.failed,
        }
        info |= {"errorMessage": job.error} if job.error else {}
    return info
