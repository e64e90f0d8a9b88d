"""`/tooling/query`: the setup itself, which field-level security does not touch."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local_org.rest.query import answer, more
from local_org.schema.setup import SETUP


async def query(request: Request) -> Response:
    """GET /tooling/query?q=."""
    base = f"/services/data/v{request.path_params['version']}/tooling"
    return await answer(request, base, SETUP)


ROUTES = [
    Route("/tooling/query", query, methods=["GET"]),
    Route("/tooling/query/{locator:str}", more, methods=["GET"]),
]
