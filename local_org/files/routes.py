"""GET /sobjects/ContentVersion/{id}/VersionData: the bytes of a version."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from local_org.errors import not_found
from local_org.files.blobs import blob_path
from local_org.ids import long_id
from local_org.org import Org
from local_org.web import org_of


async def download(request: Request) -> Response:
    """Send what a version holds, straight from disk."""
    org = org_of(request)
    name = await run_in_threadpool(_blob_of, org, request.path_params["id"])
    return FileResponse(blob_path(org.folder, name), media_type="application/octet-stream")


def _blob_of(org: Org, version: str) -> str:
    rows = org.store.rows(
        'select "VersionData" as name from data."ContentVersion" where "Id" = ?',
        [long_id(version)],
    )
    if not rows or rows[0]["name"] is None:
        raise not_found()
    return str(rows[0]["name"])


ROUTES = [
    Route("/sobjects/ContentVersion/{id:str}/VersionData", download, methods=["GET"]),
]
