"""`/tooling/query`: the setup itself, which field-level security does not touch."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.errors import ApiError
from local_org.rest.query import more, run
from local_org.schema.setup import SETUP
from local_org.web import org_of


async def query(request: Request) -> Response:
    """GET /tooling/query?q=."""
    text = request.query_params.get("q")
    if text is None:
        raise ApiError(400, "MALFORMED_QUERY", "missing q parameter")
    base = f"/services/data/v{request.path_params['version']}/tooling"
    org = org_of(request)
    answer = await run_in_threadpool(run, org, text, False, base, view=SETUP)
    return JSONResponse(answer)


ROUTES = [
    Route("/tooling/query", query, methods=["GET"]),
    Route("/tooling/query/{locator:str}", more, methods=["GET"]),
]
