"""POST /services/oauth2/token: by client credentials, or by JWT bearer with a checked signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

import jwt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.auth.apps import BUILT_IN, App, find_app
from local_org.auth.form import credentials, form_fields, refused
from local_org.auth.identity import base_of, identity_url
from local_org.auth.sessions import SCOPE, digest
from local_org.org import Org
from local_org.web import org_of

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
LOOPBACK = ("127.0.0.1", "localhost")
LONGEST = 300


@dataclass(eq=False)
class _Refused(Exception):
    """A login that is not taken."""

    error: str
    description: str


async def token(request: Request) -> Response:
    """Begin a session for a connected app."""
    fields = await form_fields(request)
    org, grant = org_of(request), fields.get("grant_type", "")
    try:
        match grant:
            case "client_credentials":
                key, secret = credentials(request, fields)
                app = await run_in_threadpool(check_client, org, key, secret)
                if app.username is None:
                    raise _Refused("invalid_grant", "no client credentials user enabled")
                return await _enter(request, key or BUILT_IN, secret)
            case _ if grant == JWT_BEARER:
                own = _audiences(request)
                key = await run_in_threadpool(_asserted, org, fields.get("assertion", ""), own)
                return await _enter(request, key, None)
            case "password":
                raise _Refused("invalid_grant", "authentication failure")
            case "refresh_token":
                raise _Refused("invalid_grant", "expired access/refresh token")
            case _:
                raise _Refused("unsupported_grant_type", "grant type not supported")
    except _Refused as error:
        return refused(error.error, error.description)


def check_client(org: Org, key: str, secret: str) -> App:
    """Give the app of a consumer key and its secret; raises where they are not an app's."""
    if hmac.compare_digest(secret.encode(), org.identity.token.encode()):
        return App(org.identity.username)
    app = find_app(org, key)
    if app is None:
        raise _Refused("invalid_client_id", "client identifier invalid")
    if app.secret_hash is None or not hmac.compare_digest(digest(secret), app.secret_hash):
        raise _Refused("invalid_client", "invalid client credentials")
    return app


def client_matches(org: Org, key: str, secret: str) -> bool:
    """Tell whether a consumer key and a secret are an app's."""
    try:
        check_client(org, key, secret)
    except _Refused:
        return False
    return True


async def _enter(request: Request, key: str, secret: str | None) -> Response:
    """Begin the session and tell about it; only a client with a secret gets a signature."""
    org = org_of(request)
    found = await run_in_threadpool(org.sessions.begin, org.identity.organization, key)
    answer = {
        "access_token": found,
        "scope": SCOPE,
        "instance_url": base_of(request),
        "id": identity_url(request),
        "token_type": "Bearer",
    }
    if secret is not None:
        issued = str(int(time.time() * 1000))
        signed = hmac.new(secret.encode(), (answer["id"] + issued).encode(), hashlib.sha256)
        answer["signature"] = base64.b64encode(signed.digest()).decode()
        answer["issued_at"] = issued
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _audiences(request: Request) -> set[str]:
    """Give the audiences this org answers to.

    The port decides, not the Host header, which is the client's own word. The form below
    salesforce.com is what clients write that make an audience from a domain's name.
    """
    port = (request.scope.get("server") or ("", 0))[1]
    own = {f"http://{host}:{port}" for host in LOOPBACK}
    return {*LOGIN_HOSTS, *own, *(f"https://{host}.salesforce.com" for host in LOOPBACK)}


def _asserted(org: Org, assertion: str, audiences: set[str]) -> str:
    """Check a signed assertion; gives the consumer key that it speaks for."""
    invalid = _Refused("invalid_grant", "invalid assertion")
    try:
        issuer = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise invalid from error
    app = find_app(org, issuer) if isinstance(issuer, str) else None
    if app is None:
        raise _Refused("invalid_client_id", "client identifier invalid")
    if app.public_key is None:
        raise invalid
    try:
        # The claims are checked apart: each has a refusal of its own.
        claims = jwt.decode(
            assertion,
            app.public_key,
            algorithms=["RS256"],
            options={
                "verify_aud": False,
                "verify_exp": False,
                "verify_iat": False,
                "verify_iss": False,
                "verify_jti": False,
                "verify_nbf": False,
                "verify_sub": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise invalid from error
    _check_claims(claims, app, audiences)
    return str(issuer)


def _check_claims(claims: dict[str, Any], app: App, audiences: set[str]) -> None:
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience not in audiences:
        raise _Refused("invalid_grant", "audience is invalid")
    try:
        left = float(claims["exp"]) - time.time()
    except (KeyError, TypeError, ValueError) as error:
        raise _Refused("invalid_grant", "invalid assertion") from error
    if left <= 0:
        raise _Refused("invalid_grant", "expired authorization code")
    if not left <= LONGEST:
        raise _Refused("invalid_grant", "invalid assertion")
    if app.username is None or claims.get("sub") != app.username:
        raise _Refused("invalid_grant", "user hasn't approved this consumer")
