"""`/local-org`: what no Salesforce has, for whoever runs this one: its switches and apps.

These calls take the token of `server.json`, count as no API request, and are out of reach of
whatever only has a session of the org.
"""

from __future__ import annotations

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.auth.apps import register
from local_org.errors import ApiError, invalid_session
from local_org.org import Org
from local_org.switches import SwitchError
from local_org.web import json_body, org_of


def _allowed(request: Request) -> Org:
    org = org_of(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    own = org.identity.token.encode()
    if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), own):
        raise invalid_session()
    return org


async def show_switches(request: Request) -> Response:
    """GET /local-org/switches."""
    return JSONResponse(_allowed(request).switches.as_json())


async def set_switches(request: Request) -> Response:
    """PATCH /local-org/switches: those named are set, the others stay."""
    org, body = _allowed(request), await json_body(request)
    try:
        switches = org.switches.changed(body)
    except SwitchError as error:
        raise ApiError(400, "INVALID_SWITCH", str(error)) from error
    await run_in_threadpool(org.set_switches, switches)
    return JSONResponse(org.switches.as_json())


async def register_app(request: Request) -> Response:
    """PUT /local-org/apps/{consumer_key}: a connected app, with what is needed to log in by it."""
    org, body = _allowed(request), await json_body(request)
    await run_in_threadpool(register, org, request.path_params["key"], body)
    return Response(status_code=204)


ROUTES = [
    Route("/local-org/apps/{key:str}", register_app, methods=["PUT"]),
    Route("/local-org/switches", show_switches, methods=["GET"]),
    Route("/local-org/switches", set_switches, methods=["PATCH"]),
]
