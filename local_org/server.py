"""The web application: every route, the token check, the headers each answer carries."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_org import control
from local_org.auth import routes as auth
from local_org.auth.identity import identity_url
from local_org.bulk import routes as bulk
from local_org.errors import ApiError, invalid_session, not_found, request_limit
from local_org.faults.wire import Faulty
from local_org.files import routes as files
from local_org.metadata import routes as metadata
from local_org.org import Org
from local_org.rest import collections, composite, query, retrieve, sobjects, tooling, tree
from local_org.rest.limits import limits, usage
from local_org.web import org_of, places

log = logging.getLogger("local_org")
OLDEST, NEWEST = 31, 67
PATH = re.compile(r"/services/data/v(\d+)\.0(/.*)?")
RELEASES = ("Spring", "Summer", "Winter")


def version_label(number: int) -> str:
    """Give the release an API version came with: three a year, v67 is Summer '26."""
    year, season = divmod(number - 67 + 1, 3)
    return f"{RELEASES[season]} '{26 + year + (season == 2)}"


async def versions(request: Request) -> Response:
    """GET /services/data: needs no token."""
    return JSONResponse(
        [
            {"label": version_label(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
            for n in range(OLDEST, NEWEST + 1)
        ]
    )


async def resources(request: Request) -> Response:
    """GET /services/data/vNN.0."""
    base = f"/services/data/v{request.path_params['version']}"
    names = ("sobjects", "query", "queryAll", "limits", "jobs", "composite", "metadata", "tooling")
    found = {name: f"{base}/{name}" for name in names}
    return JSONResponse({**found, "identity": identity_url(request)})


async def show_limits(request: Request) -> Response:
    """GET /limits."""
    return JSONResponse(await asyncio.to_thread(limits, org_of(request)))


def _versioned() -> list[BaseRoute]:
    one = "/sobjects/{object:str}"
    return [
        Route("/limits", show_limits),
        Route("/sobjects", sobjects.list_objects),
        Route(f"{one}/describe", sobjects.describe),
        Route(one, sobjects.basics, methods=["GET"]),
        Route(one, sobjects.create, methods=["POST"]),
        Route(f"{one}/{{id:str}}", sobjects.read, methods=["GET"]),
        Route(f"{one}/{{id:str}}", sobjects.update, methods=["PATCH"]),
        Route(f"{one}/{{id:str}}", sobjects.remove, methods=["DELETE"]),
        *files.ROUTES,
        Route(f"{one}/{{key:str}}/{{value:path}}", sobjects.read_by_key, methods=["GET"]),
        Route(f"{one}/{{key:str}}/{{value:path}}", sobjects.upsert, methods=["PATCH"]),
        *collections.ROUTES,
        *composite.ROUTES,
        *retrieve.ROUTES,
        *tree.ROUTES,
        Route("/query", query.query),
        Route("/queryAll", query.query),
        Route("/query/{locator:str}", query.more),
        *bulk.ROUTES,
        *metadata.ROUTES,
        *tooling.ROUTES,
    ]


class Gate:
    """Checks version and token, counts the call, adds the usage header, notes the time."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        """Stand in front of `app`."""
        self.app, self.org = app, org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # The sf CLI writes an instance URL with a slash at its end, and so two before the path.
        path = scope["path"] = "/" + scope["path"].strip("/")
        self.org.last_request = time.monotonic()
        self.org.open_requests += 1
        try:
            refusal = self._refusal(scope, path)
            if refusal is not None:
                await JSONResponse(refusal.body(), status_code=refusal.status)(scope, receive, send)
            else:
                await self.app(scope, receive, self._with_usage(path, send))
        except Exception as error:
            # The client has its 500 by now; only the places go to the log, never a value.
            log.error("%s %s: %s", scope["method"], path, places(error))
        finally:
            self.org.open_requests -= 1
            self.org.last_request = time.monotonic()

    def _refusal(self, scope: Scope, path: str) -> ApiError | None:
        match = PATH.fullmatch(path)
        if match is None:
            return None
        if not OLDEST <= int(match[1]) <= NEWEST:
            if int(match[1]) < OLDEST:
                return ApiError(410, "GONE", f"API version v{match[1]}.0 is retired")
            return not_found()
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode("latin-1")
        kind, _, token = given.partition(" ")
        if kind.lower() not in ("bearer", "oauth"):
            return invalid_session()
        if not self.org.admits(token.strip()):
            return invalid_session()
        if not self.org.count_call():
            return request_limit()
        return None

    def _with_usage(self, path: str, send: Send) -> Send:
        async def send_with_usage(message: Message) -> None:
            if message["type"] == "http.response.start" and PATH.fullmatch(path):
                MutableHeaders(scope=message)["Sforce-Limit-Info"] = usage(self.org)
            await send(message)

        return send_with_usage


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body(), status_code=error.status)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        message = f"HTTP Method '{request.method}' not allowed."
        refused = ApiError(405, "METHOD_NOT_ALLOWED", message)
        return JSONResponse(refused.body(), status_code=405)
    return JSONResponse(not_found().body(), status_code=error.status_code)


async def _unknown_error(request: Request, error: Exception) -> Response:
    refused = ApiError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred")
    return JSONResponse(refused.body(), status_code=500)


def make_app(org: Org) -> ASGIApp:
    """Give the application that serves an org."""
    handlers: dict[Any, Any] = {
        ApiError: _api_error,
        HTTPException: _http_error,
        Exception: _unknown_error,
    }
    app = Starlette(
        routes=[
            Route("/services/data", versions),
            *auth.ROUTES,
            *control.ROUTES,
            Route("/services/data/v{version:str}", resources),
            Mount("/services/data/v{version:str}", routes=_versioned()),
        ],
        exception_handlers=handlers,
    )
    app.router.redirect_slashes = False
    app.state.org = org
    return Faulty(Gate(app, org), org)
