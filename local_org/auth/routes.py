"""The OAuth calls: what begins a session, tells about it and ends it."""

from __future__ import annotations

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.auth.form import credentials, form_fields, refused
from local_org.auth.identity import identity, identity_url, userinfo
from local_org.auth.login import client_matches, token
from local_org.auth.sessions import SCOPE
from local_org.web import org_of


async def revoke(request: Request) -> Response:
    """GET and POST /services/oauth2/revoke: end a session."""
    fields = dict(request.query_params)
    if request.method == "POST":
        fields |= await form_fields(request)
    org, given = org_of(request), fields.get("token", "")
    if hmac.compare_digest(given.encode(), org.identity.token.encode()):
        return refused("unsupported_token_type", "this token type is not supported")
    if not await run_in_threadpool(org.sessions.end, given):
        return refused("invalid_token", "invalid token")
    return Response(status_code=200)


async def introspect(request: Request) -> Response:
    """POST /services/oauth2/introspect: tell an app how a token stands."""
    fields, org = await form_fields(request), org_of(request)
    key, secret = credentials(request, fields)
    if not await run_in_threadpool(client_matches, org, key, secret):
        return refused("invalid_client", "invalid client credentials")
    idle = org.switches.session_seconds
    found = org.sessions.find(fields.get("token", ""), idle)
    if found is None:
        return JSONResponse({"active": False})
    return JSONResponse(
        {
            "active": True,
            "scope": SCOPE,
            "client_id": found.app,
            "username": org.identity.username,
            "sub": identity_url(request),
            "token_type": "access_token",
            "exp": int(found.used) + idle,
            "iat": int(found.created),
            "nbf": int(found.created),
        }
    )


ROUTES = [
    Route("/services/oauth2/token", token, methods=["POST"]),
    Route("/services/oauth2/revoke", revoke, methods=["GET", "POST"]),
    Route("/services/oauth2/introspect", introspect, methods=["POST"]),
    Route("/services/oauth2/userinfo", userinfo, methods=["GET", "POST"]),
    Route("/id/{organization:str}/{user:str}", identity, methods=["GET"]),
]
