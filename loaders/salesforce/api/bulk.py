"""Bulk API 2.0, ingest and query: one job at a time, every step its own call.

The state of a job is the caller's to keep (Bulk API 2.0 and Bulk API Developer Guide v66.0):
a job takes one upload, is processed once closed, and its results come in no particular order.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from loaders.errors import UserError
from loaders.salesforce.api import csv_pages, shapes
from loaders.salesforce.api.errors import Refused, Unreachable
from loaders.salesforce.api.org import Org, has_them, unreadable
from loaders.salesforce.api.retry import Polling

OPEN, COMPLETE, FAILED, ABORTED = "Open", "JobComplete", "Failed", "Aborted"
TERMINAL = frozenset({COMPLETE, FAILED, ABORTED})
FORGOTTEN = "Forgotten"
"""Our own word for a job that the org knows no more: it deletes jobs and their results seven days
after their end, and an admin may any time."""
# A query job has these from the start, an ingest job once it is closed; open it is before that.
_CLOSED = TERMINAL | {"UploadComplete", "InProgress"}
_STATES = _CLOSED | {OPEN}
_WORD = re.compile(r"\w{1,40}")
_CHUNK = 1 << 20
# "201 Created" is the org's own word for an upload; a page in its place says 200.
_HAS_IT = 201


@dataclass(frozen=True)
class JobInfo:
    """What the org says of a job; `created` is when it was made, `modified` when it moved last,
    both by the org's own clock, in UTC."""

    id: str
    state: str
    processed: int
    failed: int
    error: str
    modified: str
    created: str


def _info(said: dict[str, Any]) -> JobInfo:
    what = f"the state of job {said['id']}"
    return JobInfo(
        id=str(said["id"]),
        state=str(said["state"]),
        processed=shapes.number(said.get("numberRecordsProcessed"), what),
        failed=shapes.number(said.get("numberRecordsFailed"), what),
        error=str(said.get("errorMessage") or ""),
        modified=str(said.get("systemModstamp") or ""),
        created=str(said.get("createdDate") or ""),
    )


def create(org: Org, sobject: str, operation: str, external_id: str | None) -> JobInfo:
    """Opens an ingest job. One whose answer is lost stays open and empty."""
    job = {
        "object": sobject,
        "operation": operation,
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    if operation == "upsert":
        job["externalIdFieldName"] = str(external_id)
    return _info(org.post("jobs/ingest", f"a job for {sobject}", "id", "state", json=job))


def upload(org: Org, job: str, csv: Path) -> bool:
    """Streams the CSV up. False where the org did not say that it has it: whether it arrived is
    not known then, and a second upload would spoil the job, so the caller starts a new one."""
    with csv.open("rb") as body:
        try:
            answer = org.request(
                "PUT",
                f"jobs/ingest/{job}/batches",
                what=f"the upload to job {job}",
                again=False,
                data=body,
                headers={"Content-Type": "text/csv; charset=UTF-8"},
            )
        except Unreachable:
            return False
    return answer.status_code == _HAS_IT


def close(org: Org, job: str) -> None:
    """Says that the upload is whole. An answer that was lost does no harm: a job closed already
    refuses to be closed again, and its state says so."""
    body = {"state": "UploadComplete"}
    try:
        said = org.patch(f"jobs/ingest/{job}", f"closing job {job}", "state", json=body)
        # One that stays open is never worked on, and would be waited for without end.
        shapes.require(said["state"] != OPEN, f"closing job {job}")
    except Refused:
        if info(org, job).state == OPEN:
            raise


def abort(org: Org, job: str) -> None:
    """Gives a job up that nobody will finish; one that is gone or done stays as it is."""
    with suppress(Refused):
        org.request(
            "PATCH", f"jobs/ingest/{job}", what=f"aborting job {job}", json={"state": "Aborted"}
        )


def info(org: Org, job: str, states: frozenset[str] = _STATES) -> JobInfo:
    """The job as the org sees it now, in one of these states."""
    return _info(_look(org, f"jobs/ingest/{job}", f"job {job}", states))


def _look(org: Org, path: str, what: str, states: frozenset[str]) -> dict[str, Any]:
    """What the org says of a job of either kind. Raises UserError where it is in none of the
    states, however often it is asked: such a job would be waited for without end."""
    waits = org.patience.waits_to_read_again()
    while True:
        said: dict[str, Any] = org.get(path, what, "id", "state")
        now = str(said["state"])
        if now in states:
            return said
        wait = next(waits, None)
        if wait is None:
            shown = f"the state {now}" if _WORD.fullmatch(now) else "a state"
            raise UserError(
                f"The org says of {what} that it has {shown}, which Salesforce gives no such job.",
                "Nothing is lost. Look at it in Setup, Bulk Data Load Jobs; then run the same"
                " command again.",
            )
        org.clock.sleep(wait)


def state(org: Org, job: str, states: frozenset[str] = _STATES) -> JobInfo | None:
    """The job as the org sees it now, None where the org no longer knows it."""
    try:
        return info(org, job, states)
    except Refused as refused:
        if refused.status == 404:
            return None
        raise


def progress(org: Org, job: str, polling: Polling) -> Iterator[JobInfo]:
    """Looks at a closed job until it is done, or forgotten; the last one given is its end."""
    for wait in polling.waits():
        now = state(org, job, _CLOSED) or JobInfo(job, FORGOTTEN, 0, 0, "", "", "")
        yield now
        if now.state in (*TERMINAL, FORGOTTEN):
            return
        org.clock.sleep(wait)


def results(org: Org, job: str, kind: str, to: Path) -> bool:
    """Streams one of a job's results to disk: successfulResults, failedResults or
    unprocessedrecords. False where the org has them no more."""
    try:
        download(org, f"jobs/ingest/{job}/{kind}/", f"the {kind} of job {job}", {}, to)
    except Refused as refused:
        if refused.status == 404:
            return False
        raise
    return True


def query_all(org: Org, soql: str, polling: Polling, folder: Path) -> list[Path]:
    """Reads a query back, deleted and archived records included, one CSV file a page.

    The pages hold all the fields that are asked for, of as many records as the job found. The
    caller reads `IsDeleted` where it matters. Raises UserError where the job fails, or its result
    does not come whole.
    """
    body = {"operation": "queryAll", "query": soql}
    job = str(org.post("jobs/query", "a query job", "id", json=body)["id"])
    for wait in polling.waits():
        said = _look(org, f"jobs/query/{job}", f"query job {job}", _CLOSED)
        now = _info(said)
        if now.state in TERMINAL:
            break
        org.clock.sleep(wait)
    if now.state != COMPLETE:
        raise UserError(
            f"The org did not finish query job {job}: {now.state}. {now.error[:300]}",
            "Try again; if it persists, look at the job in Setup, Bulk Data Load Jobs.",
        )
    has_them(said, f"query job {job}", "numberRecordsProcessed")
    return _whole_result(org, job, now.processed, frozenset(shapes.asked(soql)), folder)


def _whole_result(
    org: Org, job: str, records: int, fields: frozenset[str], folder: Path
) -> list[Path]:
    """The pages of a finished query job, begun anew where they do not hold what it found."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waits = org.patience.waits_to_read_again()
    while True:
        pages: list[Path] = []
        found = 0
        for page, rows in _pages(org, job, fields, folder):
            pages.append(page)
            found += rows or 0
            if rows is None or found > records:
                break
        if rows is not None and found == records:
            return pages
        for page in pages:
            page.unlink()
        wait = next(waits, None)
        if wait is None:
            gave = f"{found:,} with all that was asked for"
            raise shapes.not_whole(f"The result of query job {job}", records, gave)
        org.clock.sleep(wait)


def _pages(
    org: Org, job: str, fields: frozenset[str], folder: Path
) -> Iterator[tuple[Path, int | None]]:
    """Each page and its number of rows; None of one that breaks off, lacks fields, or has another
    number of rows than the org says of it."""
    locator = ""
    number = 0
    while True:
        page = folder / f"{job}-{number}.csv"
        ask = {"maxRecords": "250000"} | ({"locator": locator} if locator else {})
        headers = download(
            org, f"jobs/query/{job}/results", f"the results of query job {job}", ask, page
        )
        rows = csv_pages.rows(page)
        is_as_said = headers.get("Sforce-NumberOfRecords", str(rows)) == str(rows)
        # A result without a record may lack the header too.
        has_fields = rows == 0 or fields <= {*csv_pages.columns(page)}
        yield page, rows if is_as_said and has_fields else None
        locator = headers.get("Sforce-Locator") or "null"
        if locator == "null":
            return
        number += 1


def download(
    org: Org, path: str, what: str, params: dict[str, str], to: Path, kind: str | None = "csv"
) -> "requests.structures.CaseInsensitiveDict[str]":
    """One answer to a file, begun anew where it breaks off; gives its headers.

    `kind` is what its content type says: None where it may be anything, and the caller looks at
    the bytes. Raises UserError for another kind, Unreachable where no whole answer comes.
    """
    waits = org.patience.waits()
    while True:
        answer = org.request("GET", path, what=what, stream=True, params=params)
        try:
            if kind and kind not in answer.headers.get("Content-Type", kind):
                raise unreadable(answer, what, kind.upper())
            with to.open("wb") as file:
                for chunk in answer.iter_content(_CHUNK):
                    file.write(chunk)
            return answer.headers
        except requests.RequestException as error:
            wait = next(waits, None)
            if wait is None:
                raise Unreachable(what, type(error).__name__) from None
            org.clock.sleep(wait)
        finally:
            answer.close()
