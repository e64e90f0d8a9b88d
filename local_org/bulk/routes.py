"""The calls of Bulk API 2.0."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local_org.bulk.ingest import CSV
from local_org.bulk.ingest import ROUTES as INGEST
from local_org.bulk.jobs import (
    DELIMITERS,
    Job,
    choice,
    create_job,
    delete_job,
    get_job,
    job_file,
    job_info,
    list_jobs,
    patch_job,
)
from local_org.bulk.query import DEFAULT_PAGE, check_query, cut_page
from local_org.errors import ApiError
from local_org.org import Org
from local_org.web import file_blocks, json_body, org_of, version_of


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
    start = _locator(request.query_params.get("queryLocator"))
    page = jobs[start : start + 1000]
    done = start + 1000 >= len(jobs)
    path = f"/services/data/v{version_of(request):.1f}/jobs/{kind}?queryLocator="
    path += _to_locator(start + 1000)
    return JSONResponse(
        {
            "done": done,
            "records": [job_info(org, job, full=False) | _kind(kind) for job in page],
            "nextRecordsUrl": None if done else path,
        }
    )


def _kind(kind: str) -> dict[str, str]:
    return {"jobType": "V2Ingest" if kind == "ingest" else "V2Query"}


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
        line_ending=choice(body, "lineEnding", "LF", ("LF", "CRLF")),
        delimiter=choice(body, "columnDelimiter", "COMMA", tuple(DELIMITERS)),
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
    job = await run_in_threadpool(patch_job, org, request.path_params["job"], body, "query")
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
    more = _to_locator(end)
    header = await run_in_threadpool(job_file(org, job, "header").read_bytes)

    async def blocks() -> AsyncIterator[bytes]:
        yield header
        async for block in file_blocks(page):
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


def _to_locator(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _locator(text: str | None) -> int:
    if not text:
        return 0
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError as error:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from error


ROUTES = [
    *INGEST,
    Route("/jobs/query", create_query, methods=["POST"]),
    Route("/jobs/{kind:str}", list_all, methods=["GET"]),
    Route("/jobs/query/{job:str}", patch_query, methods=["PATCH"]),
    Route("/jobs/query/{job:str}", get_query, methods=["GET"]),
    Route("/jobs/query/{job:str}/results", query_results, methods=["GET"]),
    Route("/jobs/{kind:str}/{job:str}", delete_any, methods=["DELETE"]),
]
