"""Starts the local org, or finds the one that runs: a process like any other org, over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from loaders.errors import UserError
from loaders.salesforce.api.clock import Clock

_IDLE_SECONDS = 20
_START_SECONDS = 15.0
_LOOK_SECONDS = 0.05

Facts = dict[str, Any]
"""What a server says of itself: `url`, `access_token`, `pid`, `organization_id`."""


@dataclass(frozen=True)
class Door:
    """Where a running local org answers, and the token it takes."""

    url: str
    token: str


def _facts(store: Path) -> Facts | None:
    """What the server's own file says; it is written whole, and gone after a clean exit."""
    try:
        said: Facts = json.loads((store / "server.json").read_text(encoding="utf-8"))
        return said
    except (OSError, ValueError):
        return None


def _announced(store: Path) -> Door | None:
    facts = _facts(store) or {}
    if "url" in facts and "access_token" in facts:
        return Door(str(facts["url"]), str(facts["access_token"]))
    return None


def _answers(door: Door) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(
                f"{door.url}/services/data/v67.0/limits",
                headers={"Authorization": f"Bearer {door.token}"},
                timeout=5,
            )
        except requests.RequestException:
            return False
    return answer.status_code == 200


def running(store: Path) -> Door | None:
    """The local org that answers now, if one does."""
    door = _announced(store)
    return door if door and _answers(door) else None


def ensure(store: Path, clock: Clock) -> Door:
    """A local org that answers: the running one, else a new process that ends when left idle.

    Two callers at once end with one server: the second one finds the store locked and exits.
    Raises UserError where none answers in time.
    """
    door = running(store)
    if door:
        return door
    _spawn(store)
    deadline = clock.now() + _START_SECONDS
    while clock.now() < deadline:
        clock.sleep(0.1)
        door = running(store)
        if door:
            return door
    raise UserError(
        f"The local org did not start within {_START_SECONDS:.0f} seconds.",
        f"Its log says why: {store / 'server.log'}",
    )


def _spawn(store: Path) -> None:
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (store / "server.log").open("ab") as log:
        subprocess.Popen(
            [
                *(sys.executable, "-m", "local_org", "serve", "--store", str(store)),
                *("--port", "0", "--idle-seconds", str(_IDLE_SECONDS)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def serve(store: Path, port: int, plan: Path | None, answers: Callable[[Facts], None]) -> int:
    """Runs the local org in the foreground until interrupted; `answers` is told once it does.
    Gives its exit code."""
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "local_org", "serve", "--store", str(store)]
    command += ["--port", str(port), *(("--plan", str(plan)) if plan else ())]
    with subprocess.Popen(command) as process:
        try:
            while process.poll() is None:
                facts = _facts(store)
                # What a server that was killed has left speaks of another process.
                if facts and facts.get("pid") == process.pid:
                    answers(facts)
                    break
                time.sleep(_LOOK_SECONDS)
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            raise


def stop(store: Path, clock: Clock) -> None:
    """Ends the local org if it runs. It is asked by the process id it announced, and only once
    it has answered with its own token, so that no stranger is hit."""
    said = _facts(store)
    if said is None or running(store) is None:
        return
    os.kill(int(said["pid"]), signal.SIGTERM)
    deadline = clock.now() + _START_SECONDS
    while clock.now() < deadline and (store / "server.json").exists():
        clock.sleep(0.1)


def reset(store: Path) -> None:
    """Forgets the local org's state; the next start has a new Organization Id.

    Raises UserError where it refuses, as it does while it serves.
    """
    if not store.exists():
        return
    command = [sys.executable, "-m", "local_org", "reset", "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise UserError(
            f"The local org was not reset: {lines[-1] if lines else 'it did not say why'}",
            "If it is serving, stop it (or wait until it ends by itself), then try again.",
        )
