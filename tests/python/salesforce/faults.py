"""A plain HTTP proxy before the local org that spoils chosen requests, each once."""

import csv
import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

ERRORS = {
    "503": (503, b"<html>Service Unavailable</html>"),
    "401": (401, b'[{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}]'),
    "forbidden": (403, b'[{"errorCode": "INSUFFICIENT_ACCESS", "message": "No access"}]'),
    "quota": (403, b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]'),
}
JSON = "application/json"
DROPPED = frozenset({"connection", "transfer-encoding", "content-length", "content-encoding"})


def without_last_row(content: bytes) -> bytes:
    """A CSV file less its last row."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows[: max(1, len(rows) - 1)])
    return out.getvalue().encode()


@dataclass
class Fault:
    """What to do to the first request that matches, before or after the org has seen it.

    `do`: `503`, `401`, `forbidden`, `quota`, `reset before`, `reset after`, `truncate`, `lose a
    row` (the last one), `html`, `answer` (with `body`, as another org would), or `call` (runs
    `action` once the org has answered, then forgets the answer).
    """

    method: str
    path: str
    do: str
    action: Callable[[], None] = lambda: None
    times: int = 1
    body: Any = None

    def takes(self, method: str, path: str) -> bool:
        """Whether it strikes now."""
        if self.times and method == self.method and re.search(self.path, path):
            self.times -= 1
            return True
        return False


@dataclass
class Proxy:
    """A running proxy."""

    url: str
    upstream: str
    token: str = ""
    logins: int = 0
    faults: list[Fault] = field(default_factory=list)


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """Runs a proxy on loopback."""
    running = Proxy("", upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

        def _drop(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in DROPPED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _forward(self) -> requests.Response:
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length)) if length else None
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host",)}
            headers["Accept-Encoding"] = "identity"
            return requests.request(
                self.command, upstream + self.path, data=body, headers=headers, timeout=60
            )

        def _log_in(self) -> None:
            """The token endpoint, for a consumer key and secret in the header."""
            self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Authorization"].startswith("Basic ")
            running.logins += 1
            said = {"access_token": running.token, "instance_url": running.url}
            self._answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})

        def _handle(self) -> None:
            if self.path == "/services/oauth2/token":
                self._log_in()
                return
            fault = next((f for f in running.faults if f.takes(self.command, self.path)), None)
            do = fault.do if fault else ""
            if do == "reset before":
                self._drop()
                return
            if fault and do == "answer":
                length = self.headers.get("Content-Length")
                if length:
                    self.rfile.read(int(length))
                fault.action()
                self._answer(200, json.dumps(fault.body).encode(), {"Content-Type": JSON})
                return
            if do in ERRORS:
                self.close_connection = True  # what was sent may not have been read
                self._answer(*ERRORS[do], {"Content-Type": "application/json"})
                return
            said = self._forward()
            if do == "html":
                self._answer(200, b"<html>log in</html>", {"Content-Type": "text/html"})
            elif do == "truncate":
                half = said.content[: len(said.content) * 2 // 3]
                self._answer(said.status_code, half, dict(said.headers))
            elif do == "lose a row":
                self._answer(said.status_code, without_last_row(said.content), dict(said.headers))
            elif fault and do in ("reset after", "call"):
                fault.action()
                self._drop()
            else:
                self._answer(said.status_code, said.content, dict(said.headers))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
