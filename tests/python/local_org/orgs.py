"""An org of a test module's own, with the clinic's schema and switches set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import Package, clinic


@contextmanager
def clinic_org(folder: Path, *more: Package, **switches: Any) -> Iterator[Client]:
    """Run a server for as long as the client is needed."""
    server = Server(folder / "org")
    client = server.start()
    try:
        for package in (clinic(), *more):
            result = client.deploy(package)
            assert result["status"] == "Succeeded", result
        client.assign("Loader")
        client.switch(**switches)
        yield client
    finally:
        client.session.close()
        server.end()
