"""`/local-org`: what no Salesforce has, for who runs this one: switches, faults, login apps.

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
from local_org.faults.plan import PlanError, make_plan
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
        await run_in_threadpool(org.set_switches, switches)
    except SwitchError as error:
        raise ApiError(400, "INVALID_SWITCH", str(error)) from error
    return JSONResponse(org.switches.as_json())


async def show_faults(request: Request) -> Response:
    """GET /local-org/faults: each with how often it has struck."""
    return JSONResponse(_allowed(request).faults.listed())


async def add_faults(request: Request) -> Response:
    """POST /local-org/faults: a plan, as the command line takes it from a file."""
    org, body = _allowed(request), await json_body(request)
    try:
        plan = await run_in_threadpool(make_plan, body)
        org.faults.add(plan)
    except PlanError as error:
        raise ApiError(400, "INVALID_PLAN", str(error)) from error
    if plan.switches:
        await run_in_threadpool(org.set_switches, org.switches.changed(plan.switches))
    return JSONResponse(org.faults.listed(), status_code=201)


async def clear_faults(request: Request) -> Response:
    """DELETE /local-org/faults."""
    _allowed(request).faults.clear()
    return Response(status_code=204)


async def show_requests(request: Request) -> Response:
    """GET /local-org/requests: those made since they were last cleared, where a plan asks so."""
    return JSONResponse(_allowed(request).faults.noted())


async def clear_requests(request: Request) -> Response:
    """DELETE /local-org/requests."""
    _allowed(request).faults.forget()
    return Response(status_code=204)


async def register_app(request: Request) -> Response:
    """PUT /local-org/apps/{consumer_key}: a connected app, with what is needed to log in by it."""
    org, body = _allowed(request), await json_body(request)
    await run_in_threadpool(register, org, request.path_params["key"], body)
    return Response(status_code=204)


ROUTES = [
    Route("/local-org/apps/{key:str}", register_app, methods=["PUT"]),
    Route("/local-org/switches", show_switches, methods=["GET"]),
    Route("/local-org/switches", set_switches, methods=["PATCH"]),
    Route("/local-org/faults", show_faults, methods=["GET"]),
    Route("/local-org/faults", add_faults, methods=["POST"]),
    Route("/local-org/faults", clear_faults, methods=["DELETE"]),
    Route("/local-org/requests", show_requests, methods=["GET"]),
    Route("/local-org/requests", clear_requests, methods=["DELETE"]),
]
