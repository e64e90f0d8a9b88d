"""What the OAuth calls take: a small form, and a client's key and secret in it or in the header."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

# More than any assertion needs; these calls are open to whoever reaches the port.
MAX_FORM = 65_536


async def form_fields(request: Request) -> dict[str, str]:
    """Give the fields of a form; none where it is too large or is no form."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MAX_FORM:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def credentials(request: Request, fields: Mapping[str, str]) -> tuple[str, str]:
    """Give consumer key and secret: from a Basic header, else from the form."""
    kind, _, coded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return key, secret
    return fields.get("client_id", ""), fields.get("client_secret", "")


def refused(error: str, description: str) -> Response:
    """Give the answer to a login or a token that is not taken."""
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=400, headers={"Cache-Control": "no-store"})
