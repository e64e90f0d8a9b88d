"""The token endpoint: client credentials, as a connected app uses them."""

from __future__ import annotations

import base64
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.web import org_of


async def token(request: Request) -> Response:
    """POST /services/oauth2/token: any consumer key with the org's token as its secret."""
    async with request.form() as form:
        fields = {name: str(value) for name, value in form.items()}
    org = org_of(request)
    if fields.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant type not supported")
    if fields.get("client_secret", _basic_secret(request)) != org.identity.token:
        return _refused("invalid_client", "invalid client credentials")
    base = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            "access_token": org.identity.token,
            "instance_url": base,
            "id": f"{base}/id/{org.identity.organization}/{org.identity.user}",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
        }
    )


def _basic_secret(request: Request) -> str:
    """Give the secret of a client that sends key and secret in the header, not in the form."""
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded).decode().partition(":")[2]
    except ValueError:
        return ""


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=400)
