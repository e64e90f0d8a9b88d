"""Strikes requests where a network would: before the application, and at the connection itself."""

from __future__ import annotations

import asyncio
import fcntl
import json
import re
import socket
import struct
import tempfile
import termios
import time
from contextlib import suppress
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from local_org.faults.model import RequestFault
from local_org.org import Org

TRANSPORT = "local_org.transport"
VERSIONED = re.compile(r"/services/data/v\d+\.0(?=/|$)")
BLOCK = 1 << 20
FLUSH_SECONDS = 10
SHORT = 0.01


class Connection(H11Protocol):
    """A connection whose requests know it, so that they can break it off."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the transport a place in the state every request of this connection carries."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class Faulty:
    """Stands before the application: strikes what a fault asks for, notes what was asked."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        """Stand in front of `app`."""
        self.app, self.org = app, org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or strike it. Control calls are never struck."""
        if scope["type"] != "http" or scope["path"].startswith("/local-org"):
            await self.app(scope, receive, send)
            return
        fault = self.org.faults.request(scope["method"], place(scope["path"]))
        if fault is None:
            await self.app(scope, receive, self._noting(scope, send))
            return
        self.org.open_requests += 1
        try:
            await self._strike(fault, scope, receive, send)
        finally:
            self.org.open_requests -= 1
            self.org.last_request = time.monotonic()

    async def _strike(
        self, fault: RequestFault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.kind in ("truncate", "lose_row"):
            await self._spoil(fault, scope, receive, send)
        elif fault.kind == "stall":
            await self._stall(fault, scope, receive, send)
        else:
            if fault.late:
                await self.app(scope, receive, self._noting(scope, _unheard))
            else:
                self._note(scope, fault.status or None)
            if fault.kind == "kill":
                await run_in_threadpool(self.org.faults.kill)
            elif fault.kind == "reset":
                await _reset(scope, receive)
            else:
                answer = Response(fault.content, fault.status, media_type=fault.media)
                await answer(scope, receive, send)

    async def _stall(self, fault: RequestFault, scope: Scope, receive: Receive, send: Send) -> None:
        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(fault.seconds)
            await send(message)

        if fault.late:
            await self.app(scope, receive, self._noting(scope, late))
            return
        with tempfile.TemporaryFile(dir=self.org.folder / "pages") as body:
            # Taken in first: the org acts though the client may have hung up by then.
            again = await _received(receive, body)
            await asyncio.sleep(fault.seconds)
            await self.app(scope, again, self._noting(scope, send))

    async def _spoil(self, fault: RequestFault, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the whole answer on disk, to know its length, and send what is to be left of it."""
        start: Message = {}
        with tempfile.TemporaryFile(dir=self.org.folder / "pages") as kept:

            async def keep(message: Message) -> None:
                if message["type"] == "http.response.start":
                    start.update(message)
                else:
                    kept.write(message.get("body", b""))

            await self.app(scope, receive, self._noting(scope, keep))
            size = announced = kept.tell()
            if fault.kind == "truncate":
                wanted = size // 2 if fault.length is None else fault.length
                size = max(0, min(wanted, size - 1))
            elif MutableHeaders(scope=start).get("content-type", "").startswith("text/csv"):
                size = announced = await run_in_threadpool(last_row, kept)
            else:
                size = announced = await run_in_threadpool(without_last_record, kept)
            MutableHeaders(scope=start)["content-length"] = str(announced)
            await send(start)
            await _send_start(kept, size, send)
        if fault.kind == "truncate":
            await _flushed(scope)
            await _reset(scope, receive)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _noting(self, scope: Scope, send: Send) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"])
            await send(message)

        return noting

    def _note(self, scope: Scope, status: int | None) -> None:
        self.org.faults.note(scope["method"], place(scope["path"]), status)


def place(path: str) -> str:
    """Give what faults are held against: the path behind the version, else all of it."""
    return VERSIONED.sub("", path.rstrip("/"), count=1) or "/"


def last_row(file: IO[bytes]) -> int:
    """Give where the last row of a CSV file starts; its end where there is only a header."""
    file.seek(0)
    begin = offset = 0
    inside = False
    for line in file:
        if not inside:
            begin = offset
        inside ^= line.count(b'"') % 2 == 1
        offset += len(line)
    return begin or offset


def without_last_record(file: IO[bytes]) -> int:
    """Take the last record off a query's answer in a file; gives the size of what is there then,
    which of any other answer is what it was."""
    file.seek(0)
    text = file.read()
    try:
        said = json.loads(text)
    except ValueError:
        return len(text)
    if isinstance(said, dict) and said.get("records"):
        said["records"].pop()
        text = json.dumps(said).encode()
        file.seek(0)
        file.write(text)
    return len(text)


async def _received(receive: Receive, body: IO[bytes]) -> Receive:
    """Take a request's body to `body`; gives what hands it on to the application."""
    message: Message = {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        body.write(message.get("body", b""))
    # Of a body that broke off the application is to see just that.
    whole, size = message["type"] == "http.request", body.tell()
    body.seek(0)
    handed = False

    async def again() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        block = await run_in_threadpool(body.read, BLOCK)
        handed = body.tell() == size
        return {"type": "http.request", "body": block, "more_body": not (handed and whole)}

    return again


async def _unheard(message: Message) -> None:
    """Take an answer that nobody will hear."""


async def _send_start(file: IO[bytes], size: int, send: Send) -> None:
    """Send the first `size` bytes, and leave the answer open."""
    file.seek(0)
    while size > 0:
        block = await run_in_threadpool(file.read, min(BLOCK, size))
        size -= len(block)
        await send({"type": "http.response.body", "body": block, "more_body": True})


async def _flushed(scope: Scope) -> None:
    """Wait until the client's side has what was sent: a reset throws away what has not left."""
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    deadline = time.monotonic() + FLUSH_SECONDS
    while time.monotonic() < deadline and not transport.is_closing():
        if not transport.get_write_buffer_size() and not _unacknowledged(transport):
            return
        await asyncio.sleep(SHORT)


def _unacknowledged(transport: asyncio.Transport) -> int:
    count = bytearray(4)
    with suppress(OSError):
        fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, count)
    return int.from_bytes(count, "little")


async def _reset(scope: Scope, receive: Receive) -> None:
    """Break the connection off: with nothing to linger for, closing it sends a reset."""
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    if not transport.is_closing():
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
