"""`/metadata/deployRequest`: take a package, tell how it goes, stop it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from local_org.errors import ApiError, bad_json
from local_org.metadata import requests
from local_org.metadata.options import read_options
from local_org.metadata.requests import Deployment
from local_org.metadata.results import deploy_request
from local_org.org import Org
from local_org.web import json_body, org_of

MAX_ZIP = 39 * 1024 * 1024
MAX_BODY = MAX_ZIP + (1 << 20)
MAX_PART = 1 << 20
CHUNK = 1 << 20
PARTS = ("json", "entity_content")


async def start(request: Request) -> Response:
    """POST /metadata/deployRequest: a multipart body with the options and the zip."""
    org = org_of(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "A deploy is sent as multipart/form-data")
    form = _bounded(request).form(max_files=2, max_fields=2, max_part_size=MAX_PART)
    try:
        async with form as parts:
            said = next((parts[name] for name in PARTS if name in parts), None)
            options = read_options(await _json(said))
            archive = parts.get("file")
            if not isinstance(archive, UploadFile):
                raise ApiError(400, "INVALID_MULTIPART_REQUEST", "A part named file is required")
            zipped = await _save(org, archive)
    except MultiPartException as error:
        raise ApiError(400, "INVALID_MULTIPART_REQUEST", error.message) from error
    deployment = await run_in_threadpool(requests.create, org, options, zipped)
    org.deploy_wake.set()
    return JSONResponse(_answer(request, org, deployment), status_code=201)


def _bounded(request: Request) -> Request:
    """Give the request with a body that ends where it gets too long."""
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise ApiError(
                413,
                "REQUEST_LIMIT_EXCEEDED",
                f"Maximum size of request reached. Maximum size of a zip file is {MAX_ZIP} bytes.",
            )
        return message

    return Request(request.scope, receive)


async def _json(part: Any) -> Any:
    text = await part.read() if isinstance(part, UploadFile) else part
    try:
        return json.loads(text or "null")
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise bad_json("deployOptions are required") from error


async def _save(org: Org, archive: UploadFile) -> Path:
    folder = requests.folder(org)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.part"
    with path.open("wb") as target:
        while data := await archive.read(CHUNK):
            target.write(data)
    return path


async def status(request: Request) -> Response:
    """GET /metadata/deployRequest/{id}."""
    org = org_of(request)
    details = request.query_params.get("includeDetails", "false").lower() == "true"
    found = await run_in_threadpool(requests.get, org, request.path_params["deploy"])
    return JSONResponse(_answer(request, org, found, details=details))


async def cancel(request: Request) -> Response:
    """PATCH /metadata/deployRequest/{id}: stop what has not ended."""
    org, body = org_of(request), await json_body(request)
    wanted = body.get("deployResult")
    if not isinstance(wanted, dict) or wanted.get("status") != requests.CANCELING:
        raise bad_json("Only the status Canceling can be set on a deployment")
    found = await run_in_threadpool(_cancel, org, request.path_params["deploy"])
    return JSONResponse(_answer(request, org, found), status_code=202)


def _cancel(org: Org, deploy_id: str) -> Deployment:
    found = requests.get(org, deploy_id)
    if found.done:
        raise ApiError(400, "INVALID_ID_FIELD", "INVALID_ID_FIELD: Deployment already completed")
    # The mark stops it before the next component; one that still waits is seen to at once.
    requests.cancel_mark(org, found.id).touch()
    org.deploy_wake.set()
    return requests.get(org, deploy_id)


def _answer(
    request: Request, org: Org, deployment: Deployment, *, details: bool = False
) -> dict[str, Any]:
    base = f"{request.base_url.scheme}://{request.url.netloc}/services/data"
    version = request.path_params["version"]
    url = f"{base}/v{version}/metadata/deployRequest/{deployment.id}"
    return deploy_request(org, deployment, url, details=details)


ROUTES = [
    Route("/metadata/deployRequest", start, methods=["POST"]),
    Route("/metadata/deployRequest/{deploy:str}", status, methods=["GET"]),
    Route("/metadata/deployRequest/{deploy:str}", cancel, methods=["PATCH"]),
]
