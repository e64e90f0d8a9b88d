"""The server as a process: one per folder, its address in server.json, gone when idle."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

from local_org.bulk.worker import Worker
from local_org.faults.plan import Plan
from local_org.faults.wire import Connection
from local_org.metadata.worker import DeployWorker
from local_org.org import Org
from local_org.server import make_app

HOST = "127.0.0.1"
LOCK = "serve.lock"
ADDRESS = "server.json"
IDLE_CHECK = 0.25
KEEP_SECONDS = 60
PATIENCE = 10


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again and so skip our own clean-up."""

    def __init__(self, config: uvicorn.Config, address: Path) -> None:
        super().__init__(config)
        self.address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        """Take the address away before the port closes: who comes now starts a server anew."""
        self.address.unlink(missing_ok=True)
        self.should_exit = True


class Busy(Exception):
    """Another server has the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one process."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    """Take the lock. A holder without an address is starting or ending: wait to see which."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if (folder / ADDRESS).exists() or time.monotonic() > deadline:
                raise Busy(f"another process serves the org in {folder}") from error
            time.sleep(0.05)
        else:
            return


def serve(folder: Path, port: int, idle_seconds: float | None, plan: Plan) -> None:
    """Serve until told to stop, or until idle for so long. Raises Busy where one serves already."""
    os.umask(0o077)
    with locked(folder):
        (folder / ADDRESS).unlink(missing_ok=True)
        shutil.rmtree(folder / "pages", ignore_errors=True)
        org = Org(folder)
        org.faults.start(plan)
        if plan.switches:
            org.set_switches(org.switches.changed(plan.switches))
        worker, deploys = Worker(org), DeployWorker(org)
        try:
            worker.start()
            deploys.start()
            asyncio.run(_serve(org, port, idle_seconds))
        finally:
            (folder / ADDRESS).unlink(missing_ok=True)
            worker.stop()
            deploys.stop()
            org.close()


def reset(folder: Path) -> None:
    """Remove the org in a folder; the next server there founds a new one."""
    os.umask(0o077)
    with locked(folder):
        for path in folder.iterdir():
            if path.name == LOCK:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


async def _serve(org: Org, port: int, idle_seconds: float | None) -> None:
    # The protocol is named, for asyncio looks at it: only on TCP does it switch off Nagle's
    # algorithm, with which an answer whose headers and body are two packets may take 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        config = uvicorn.Config(
            make_app(org),
            http=Connection,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=1 << 17,
        )
        server = _Server(config, org.folder / ADDRESS)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not running.done():
            await asyncio.sleep(0.01)
        if server.started:
            _announce(org, listener.getsockname()[1])
        beside = [
            asyncio.create_task(_watch_idle(org, server, idle_seconds)),
            asyncio.create_task(_keep_counts(org)),
        ]
        await running
        for task in beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep_counts(org: Org) -> None:
    """Write counts and sessions down now and then: what a crash can lose of them is a minute's."""
    kept = org.last_request
    while True:
        await asyncio.sleep(KEEP_SECONDS)
        if org.last_request != kept:
            kept = org.last_request
            await asyncio.to_thread(org.keep)


def _announce(org: Org, port: int) -> None:
    facts = {
        "url": f"http://{HOST}:{port}",
        "access_token": org.identity.token,
        "pid": os.getpid(),
        "organization_id": org.identity.organization,
    }
    partial = org.folder / f"{ADDRESS}.part"
    partial.write_text(json.dumps(facts), encoding="utf-8")
    partial.rename(org.folder / ADDRESS)


async def _watch_idle(org: Org, server: _Server, idle_seconds: float | None) -> None:
    """Stop the server once nothing was asked, and nothing is at work, for so long."""
    if idle_seconds is None:
        return
    org.last_request = time.monotonic()
    while not server.should_exit:
        await asyncio.sleep(IDLE_CHECK)
        idle = time.monotonic() - org.last_request
        at_work = org.busy or org.deploying
        if idle >= idle_seconds and not org.open_requests and not at_work:
            server.end()
