"""The calls of Bulk API 2.0."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local_org.bulk.files import result_header
from local_org.bulk.jobs import (
    DELIMITERS,
    Job,
    StateChanged,
    create_job,
    delete_job,
    get_job,
    job_file,
    job_info,
    list_jobs,
    update_job,
)
from local_org.bulk.query import DEFAULT_PAGE, check_query, cut_page
from local_org.errors import ApiError, not_found
from local_org.org import Org
from local_org.web import json_body, org_of, version_of

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
MAX_UPLOAD = 100_000_000
CSV = "text/csv; charset=UTF-8"
BLOCK = 1 << 20


async def create_ingest(request: Request) -> Response:
    """POST /jobs/ingest."""
    org, body = org_of(request), await json_body(request)
    job = await run_in_threadpool(_create_ingest, org, body, version_of(request))
    return JSONResponse(job_info(org, job, full=False))


def _create_ingest(org: Org, body: dict[str, Any], version: float) -> Job:
    operation, name = body.get("operation"), body.get("object")
    if operation not in OPERATIONS:
        raise ApiError(400, "INVALIDJOB", f"Unknown operation: {operation}")
    if operation == "hardDelete":
        raise ApiError(
            400, "FEATURENOTENABLED", "hardDelete operation is not enabled for this user"
        )
    target = org.view.get(name or "")
    if target is None or not target.bulk:
        message = (
            f"Entity '{name}' is not supported by the Bulk API."
            if target
            else (f"InvalidEntity : The entity '{name}' is not available")
        )
        raise ApiError(400, "INVALIDENTITY", message)
    key = body.get("externalIdFieldName")
    if operation == "upsert":
        found = target.field(key) if key else None
        if not key:
            raise ApiError(400, "INVALIDJOB", "externalIdFieldName is required for upsert")
        if found is None or not (found.external_id or found.id_lookup):
            raise ApiError(
                400,
                "INVALIDJOB",
                f"InvalidJob : Field name provided, {key} does not match an External ID, "
                f"Salesforce Id, or indexed field for {target.name}",
            )
    if body.get("contentType", "CSV") != "CSV":
        raise ApiError(400, "INVALIDJOB", "Only CSV is supported as contentType")
    return create_job(
        org,
        kind="ingest",
        operation=operation,
        object=target.name,
        external_id=key if operation == "upsert" else None,
        line_ending=_choice(body, "lineEnding", "LF", ("LF", "CRLF")),
        delimiter=_choice(body, "columnDelimiter", "COMMA", tuple(DELIMITERS)),
        api_version=version,
        state="Open",
    )


def _choice(body: dict[str, Any], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = body.get(name, default)
    if value not in allowed:
        raise ApiError(400, "INVALIDJOB", f"Invalid value for {name}: {value}")
    return str(value)


async def upload(request: Request) -> Response:
    """PUT /jobs/ingest/{id}/batches: straight to disk, once a job."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "ingest")
    if job.state != "Open":
        raise ApiError(400, "INVALIDJOBSTATE", f"Job is not open: {job.state}")
    target = job_file(org, job, "upload" if job.uploads == 0 else "again")
    partial = target.with_suffix(".part")
    size = 0
    with partial.open("wb") as file:
        async for block in request.stream():
            size += len(block)
            if size > MAX_UPLOAD:
                partial.unlink()
                raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "Upload is larger than 100 MB")
            file.write(block)
        file.flush()
        await run_in_threadpool(os.fsync, file.fileno())
    partial.rename(target)
    await run_in_threadpool(lambda: update_job(org, job, uploads=job.uploads + 1))
    return Response(status_code=201)


async def patch_ingest(request: Request) -> Response:
    """PATCH /jobs/ingest/{id}: close or abort."""
    org, body = org_of(request), await json_body(request)
    job = await run_in_threadpool(_patch, org, request.path_params["job"], body, "ingest")
    return JSONResponse(job_info(org, job, full=False))


def _patch(org: Org, job_id: str, body: dict[str, Any], kind: str) -> Job:
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


async def get_ingest(request: Request) -> Response:
    """GET /jobs/ingest/{id}."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "ingest")
    return JSONResponse(job_info(org, job, full=True))


async def delete_any(request: Request) -> Response:
    """DELETE /jobs/ingest/{id} and /jobs/query/{id}."""
    org, kind = org_of(request), request.path_params["kind"]
    job = await run_in_threadpool(get_job, org, request.path_params["job"], kind)
    await run_in_threadpool(delete_job, org, job)
    return Response(status_code=204)


async def list_all(request: Request) -> Response:
    """GET /jobs/ingest and /jobs/query: 1,000 a page."""
    org, kind = org_of(request), request.path_params["kind"]
    jobs = await run_in_threadpool(list_jobs, org, kind)
    start = int(request.query_params.get("queryLocator") or 0)
    page = jobs[start : start + 1000]
    done = start + 1000 >= len(jobs)
    path = f"/services/data/v{version_of(request):.1f}/jobs/{kind}?queryLocator={start + 1000}"
    return JSONResponse(
        {
            "done": done,
            "records": [job_info(org, job, full=False) | _kind(kind) for job in page],
            "nextRecordsUrl": None if done else path,
        }
    )


def _kind(kind: str) -> dict[str, str]:
    return {"jobType": "V2Ingest" if kind == "ingest" else "V2Query"}


async def results(request: Request) -> Response:
    """GET the successful, failed or unprocessed rows of an ingest job."""
    org, what = org_of(request), request.path_params["what"].lower()
    kind = {
        "successfulresults": "success",
        "failedresults": "failed",
        "unprocessedrecords": "unprocessed",
    }.get(what)
    if kind is None:
        raise not_found()
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "ingest")
    if job.state in ("Open", "UploadComplete", "InProgress"):
        raise ApiError(400, "INVALIDJOBSTATE", f"Job is still in progress: {job.state}")
    return StreamingResponse(_result_blocks(org, job, kind), media_type=CSV)


async def _result_blocks(org: Org, job: Job, kind: str) -> AsyncIterator[bytes]:
    kept = job_file(org, job, "header")
    upload_path = job_file(org, job, "upload")
    if job.state == "JobComplete" and kept.exists():
        yield result_header(kind, kept.read_text("utf-8"), DELIMITERS[job.delimiter]).encode()
        path = job_file(org, job, kind)
    elif kind == "unprocessed":
        path = upload_path
    else:
        yield result_header(kind, "", DELIMITERS[job.delimiter]).encode()
        return
    if path.exists():
        async for block in _blocks(path):
            yield block


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await run_in_threadpool(file.read, BLOCK):
            yield block


async def create_query(request: Request) -> Response:
    """POST /jobs/query."""
    org, body = org_of(request), await json_body(request)
    job = await run_in_threadpool(_create_query, org, body, version_of(request))
    return JSONResponse(job_info(org, job, full=False))


def _create_query(org: Org, body: dict[str, Any], version: float) -> Job:
    operation = body.get("operation")
    if operation not in ("query", "queryAll"):
        raise ApiError(400, "INVALIDJOB", f"Unknown operation: {operation}")
    text = str(body.get("query") or "")
    query = check_query(org, text)
    target = org.view.get(query.object)
    job = create_job(
        org,
        kind="query",
        operation=operation,
        object=target.name if target else query.object,
        query=text,
        line_ending=_choice(body, "lineEnding", "LF", ("LF", "CRLF")),
        delimiter=_choice(body, "columnDelimiter", "COMMA", tuple(DELIMITERS)),
        api_version=version,
        state="UploadComplete",
    )
    org.wake.set()
    return job


async def get_query(request: Request) -> Response:
    """GET /jobs/query/{id}."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "query")
    return JSONResponse(job_info(org, job, full=True))


async def patch_query(request: Request) -> Response:
    """PATCH /jobs/query/{id}: abort."""
    org, body = org_of(request), await json_body(request)
    job = await run_in_threadpool(_patch, org, request.path_params["job"], body, "query")
    return JSONResponse(job_info(org, job, full=False))


async def query_results(request: Request) -> Response:
    """GET /jobs/query/{id}/results: one page, its locator in a header."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "query")
    if version_of(request) != job.api_version:
        message = f"The requested resource was created with API version {job.api_version}"
        raise ApiError(409, "VERSION_MISMATCH", message)
    if job.state != "JobComplete":
        raise ApiError(400, "INVALIDJOBSTATE", f"Job is not complete: {job.state}")
    size = _count(request.query_params.get("maxRecords"), DEFAULT_PAGE)
    start = _locator(request.query_params.get("locator"))
    page, rows = await run_in_threadpool(cut_page, org, job, start, size)
    end = start + rows
    more = base64.urlsafe_b64encode(str(end).encode()).decode().rstrip("=")
    header = await run_in_threadpool(job_file(org, job, "header").read_bytes)

    async def blocks() -> AsyncIterator[bytes]:
        yield header
        async for block in _blocks(page):
            yield block

    return StreamingResponse(
        blocks(),
        media_type=CSV,
        headers={
            "Sforce-Locator": more if end < job.processed else "null",
            "Sforce-NumberOfRecords": str(rows),
        },
        background=BackgroundTask(page.unlink, missing_ok=True),
    )


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdigit() or int(text) == 0:
        raise ApiError(400, "INVALIDJOB", f"Invalid maxRecords: {text}")
    return int(text)


def _locator(text: str | None) -> int:
    if not text:
        return 0
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from error


ROUTES = [
    Route("/jobs/ingest", create_ingest, methods=["POST"]),
    Route("/jobs/query", create_query, methods=["POST"]),
    Route("/jobs/{kind:str}", list_all, methods=["GET"]),
    Route("/jobs/ingest/{job:str}/batches", upload, methods=["PUT"]),
    Route("/jobs/ingest/{job:str}", patch_ingest, methods=["PATCH"]),
    Route("/jobs/ingest/{job:str}", get_ingest, methods=["GET"]),
    Route("/jobs/query/{job:str}", patch_query, methods=["PATCH"]),
    Route("/jobs/query/{job:str}", get_query, methods=["GET"]),
    Route("/jobs/query/{job:str}/results", query_results, methods=["GET"]),
    Route("/jobs/{kind:str}/{job:str}", delete_any, methods=["DELETE"]),
    Route("/jobs/ingest/{job:str}/{what:str}", results, methods=["GET"]),
]
