"""The calls of Bulk API 2.0 ingest: create, upload, close, look, fetch results."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local_org.bulk.files import result_header, write_unprocessed
from local_org.bulk.jobs import (
    DELIMITERS,
    Job,
    choice,
    create_job,
    get_job,
    job_file,
    job_info,
    patch_job,
    update_job,
)
from local_org.errors import ApiError, bad_json, not_found
from local_org.org import Org
from local_org.schema.model import SObject
from local_org.web import file_blocks, json_body, org_of, version_of

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
MAX_UPLOAD = 100_000_000
MAX_MULTIPART = 100_000
CSV = "text/csv; charset=UTF-8"


async def create_ingest(request: Request) -> Response:
    """POST /jobs/ingest: JSON, or a form of two parts that brings the rows along."""
    org = org_of(request)
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        body, rows = await _read_form(request)
        job = await run_in_threadpool(_create_with_rows, org, body, version_of(request), rows)
    else:
        body = await json_body(request)
        job = await run_in_threadpool(_create_ingest, org, body, version_of(request))
    return JSONResponse(job_info(org, job, full=False))


async def _read_form(request: Request) -> tuple[dict[str, Any], bytes]:
    async with request.form(max_files=2, max_fields=2, max_part_size=MAX_MULTIPART * 4) as form:
        rows, text = await _part(form.get("content")), await _part(form.get("job"))
    if len(rows.decode("utf-8", "replace")) > MAX_MULTIPART:
        message = f"The content part is longer than {MAX_MULTIPART} characters"
        raise ApiError(400, "INVALIDJOB", message)
    try:
        body = json.loads(text)
    except ValueError as error:
        raise bad_json("The part named job is no JSON") from error
    if not isinstance(body, dict):
        raise bad_json("The part named job is no JSON object")
    return body, rows


async def _part(part: UploadFile | str | None) -> bytes:
    if isinstance(part, UploadFile):
        return await part.read()
    return (part or "").encode()


def _create_with_rows(org: Org, body: dict[str, Any], version: float, rows: bytes) -> Job:
    job = _create_ingest(org, body, version)
    with job_file(org, job, "upload").open("wb") as file:
        file.write(rows)
        file.flush()
        os.fsync(file.fileno())
    job = update_job(org, job, uploads=1)
    return patch_job(org, job.id, {"state": "UploadComplete"}, "ingest")


def _takes(target: SObject, operation: str) -> bool:
    able = {
        "update": target.updateable,
        "delete": target.deletable,
        "upsert": target.createable and target.updateable,
    }
    return target.bulk and able.get(operation, target.createable)


def _create_ingest(org: Org, body: dict[str, Any], version: float) -> Job:
    operation, name = body.get("operation"), body.get("object")
    if operation not in OPERATIONS:
        raise ApiError(400, "INVALIDJOB", f"Unknown operation: {operation}")
    if operation == "hardDelete":
        raise ApiError(
            400, "FEATURENOTENABLED", "hardDelete operation is not enabled for this user"
        )
    target = org.view.get(name or "")
    if target is None or not _takes(target, operation):
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
        line_ending=choice(body, "lineEnding", "LF", ("LF", "CRLF")),
        delimiter=choice(body, "columnDelimiter", "COMMA", tuple(DELIMITERS)),
        api_version=version,
        state="Open",
    )


async def upload(request: Request) -> Response:
    """PUT /jobs/ingest/{id}/batches: straight to disk, once a job."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "ingest")
    if job.state != "Open":
        raise ApiError(400, "INVALIDJOBSTATE", f"Job is not open: {job.state}")
    target = job_file(org, job, "upload" if job.uploads == 0 else "again")
    partial = target.with_suffix(f".{secrets.token_hex(8)}.part")
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
    job = await run_in_threadpool(patch_job, org, request.path_params["job"], body, "ingest")
    return JSONResponse(job_info(org, job, full=False))


async def get_ingest(request: Request) -> Response:
    """GET /jobs/ingest/{id}."""
    org = org_of(request)
    job = await run_in_threadpool(get_job, org, request.path_params["job"], "ingest")
    return JSONResponse(job_info(org, job, full=True))


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
    if kind == "unprocessed":
        return await unprocessed(org, job)
    return StreamingResponse(_result_blocks(org, job, kind), media_type=CSV)


async def _result_blocks(org: Org, job: Job, kind: str) -> AsyncIterator[bytes]:
    kept = job_file(org, job, "header")
    line = kept.read_text("utf-8") if kept.exists() else ""
    yield result_header(kind, line, DELIMITERS[job.delimiter]).encode()
    # The last step first: another order than the upload's.
    parts = sorted((org.folder / "jobs").glob(f"{job.id}.{kind}.*"), reverse=True)
    for part in parts:
        async for block in file_blocks(part):
            yield block


def _unprocessed(org: Org, job: Job) -> Path | None:
    """Give the file of what the job did not come to: all of the upload, its rest, or nothing."""
    upload_path = job_file(org, job, "upload")
    if job.state == "JobComplete" or not upload_path.exists():
        return None
    if job.processed == 0:
        return upload_path
    rest = job_file(org, job, "unprocessed")
    if not rest.exists():
        with closing(org.store.cursor()) as cursor:
            write_unprocessed(cursor, upload_path, rest, job)
    return rest


async def unprocessed(org: Org, job: Job) -> Response:
    """Answer with the rows a job did not come to; the header alone where there are none."""
    path = await run_in_threadpool(_unprocessed, org, job)
    if path is not None:
        return StreamingResponse(file_blocks(path), media_type=CSV)
    kept = job_file(org, job, "header")
    line = kept.read_text("utf-8") + "\n" if kept.exists() else ""
    return Response(line, media_type=CSV)


ROUTES = [
    Route("/jobs/ingest", create_ingest, methods=["POST"]),
    Route("/jobs/ingest/{job:str}/batches", upload, methods=["PUT"]),
    Route("/jobs/ingest/{job:str}", patch_ingest, methods=["PATCH"]),
    Route("/jobs/ingest/{job:str}", get_ingest, methods=["GET"]),
    Route("/jobs/ingest/{job:str}/{what:str}", results, methods=["GET"]),
]
