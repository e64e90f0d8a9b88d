"""Answers a request within a request: through the routes of the application, in this process."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import Message

from local_org.web import places

log = logging.getLogger("local_org")


@dataclass(frozen=True)
class Answer:
    """What became of a subrequest."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def failed(self) -> bool:
        """Whether it was refused, or a record of its collection was."""
        if self.status >= 400:
            return True
        listed = self.body if isinstance(self.body, list) else []
        return any(isinstance(each, dict) and each.get("success") is False for each in listed)


def error(status: int, code: str, message: str) -> Answer:
    """Give the answer to a subrequest that was not made."""
    return Answer(status, [{"errorCode": code, "message": message}], {})


async def call(
    request: Request, method: str, url: str, headers: Mapping[str, str], body: Any
) -> Answer:
    """Make a request of the application that answers `request`; it counts as no further call."""
    path, _, query = url.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    sent = {name.lower(): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": request.url.scheme,
        "server": request.scope.get("server"),
        "client": request.scope.get("client"),
        "root_path": "",
        "path": unquote(path).rstrip("/"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, value in {**sent, "content-type": "application/json"}.items()
        ],
    }
    start: dict[str, Any] = {"status": 500, "headers": []}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    try:
        await request.app(scope, receive, send)
    except Exception as failure:
        log.error("%s within a composite: %s", method, places(failure))
    shown = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    kept = {"Location": shown["location"]} if "location" in shown else {}
    return Answer(start["status"], _value(b"".join(parts)), kept)


def _value(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
