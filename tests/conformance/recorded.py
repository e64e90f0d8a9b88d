"""The local org as it is, with a list of what it was asked: one line a request, no values.

python -m tests.conformance.recorded STORE REQUESTS
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_org import process
from local_org.org import Org
from local_org.server import make_app


class Recorder:
    """Notes method, path and status of every request, and the names of its parameters."""

    def __init__(self, app: ASGIApp, lines: TextIO) -> None:
        self.app, self.lines = app, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = "/" + scope.get("path", "").strip("/")
        pairs = scope.get("query_string", b"").decode().split("&")
        names = ",".join(unquote(pair.partition("=")[0]) for pair in pairs if pair)

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                shown = f"{path}?{names}" if names else path
                print(scope["method"], shown, message["status"], file=self.lines, flush=True)
            await send(message)

        await self.app(scope, receive, note)


def main() -> None:
    store, requests = (Path(each) for each in sys.argv[1:])
    with requests.open("w") as lines:

        def recorded(org: Org) -> ASGIApp:
            return Recorder(make_app(org), lines)

        vars(process)["make_app"] = recorded
        process.serve(store, 0, None)


if __name__ == "__main__":
    main()
