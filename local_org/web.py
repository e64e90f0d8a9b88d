"""What every handler needs of a request: the org, the API version, the JSON body."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from local_org.errors import bad_json
from local_org.org import Org

BLOCK = 1 << 20
MAX_BODY = 52_428_800
TOO_LARGE = (
    "; nested exception is: \n\tcommon.exception.ApiException: Maximum size of request reached. "
    f"Maximum size of request is {MAX_BODY} bytes."
)


def org_of(request: Request) -> Org:
    """Give the org the server serves."""
    org = request.app.state.org
    assert isinstance(org, Org)
    return org


def version_of(request: Request) -> float:
    """Give the API version in the path."""
    return float(request.path_params["version"])


async def _whole_body(request: Request) -> bytes:
    blocks, size = [], 0
    async for block in request.stream():
        size += len(block)
        if size > MAX_BODY:
            raise bad_json(TOO_LARGE)
        blocks.append(block)
    return b"".join(blocks)


async def json_value(request: Request) -> Any:
    """Give the body; raises the 400 where it is no JSON."""
    body = await _whole_body(request)
    try:
        return json.loads(body or b"null")
    except (ValueError, UnicodeDecodeError) as error:
        raise bad_json(
            f"Unexpected character at [line:{getattr(error, 'lineno', 1)}, "
            f"column:{getattr(error, 'colno', 1)}]"
        ) from error


async def json_body(request: Request) -> dict[str, Any]:
    """Give the body as an object."""
    value = await json_value(request)
    if not isinstance(value, dict):
        raise bad_json("The HTTP entity body is required, but this request has no entity body.")
    return value


async def file_blocks(path: Path) -> AsyncIterator[bytes]:
    """Give a file in blocks, for an answer that streams it."""
    with path.open("rb") as file:
        while block := await run_in_threadpool(file.read, BLOCK):
            yield block


def places(error: BaseException) -> str:
    """Give what a log may say of an error: its type and where it was, no message."""
    frames = traceback.extract_tb(error.__traceback__)
    shown = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    return f"{type(error).__name__} at {shown}"
