"""Runs a command as a stage: its output to a log, its time and its memory kept."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

BIN = Path(sys.executable).parent
"""Where `load-raw`, `load-sf` and `dbt` stand: beside the Python that runs this."""
_PROC = Path("/proc")
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Stage:
    """A command and what a person calls it.

    Where `answers`, its stdout is one JSON document and is kept apart from what it says besides.
    """

    name: str
    title: str
    command: Sequence[str]
    answers: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a stage went: exit code, wall seconds, peak resident bytes.

    `peak_bytes` is that of the command's process tree, `peak_bytes_beside` that of a process
    beside it, such as the local org.
    """

    stage: Stage
    code: int
    seconds: float
    peak_bytes: int
    peak_bytes_beside: int
    log: Path

    def last_lines(self, number: int = 15) -> list[str]:
        """The end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-number:]

    def answer(self) -> Any:
        """The JSON document the command answered with."""
        return json.loads(self.log.with_suffix(".json").read_text(encoding="utf-8"))


# Unit tests hold the models against made-up rows, whatever was landed: `make test` runs them.
BUILD = ("build", "--exclude-resource-type", "unit_test")
"""What the demo and the bench ask of dbt."""


def command(name: str, *arguments: str) -> list[str]:
    """The command line of one of the project's commands."""
    return [str(BIN / name), *arguments]


def perform(
    stage: Stage,
    log: Path,
    environment: Mapping[str, str],
    tick: Callable[[], None] = lambda: None,
    beside: Callable[[], int | None] = lambda: None,
) -> Outcome:
    """Runs the stage to its end, its output into `log`; `tick` is called five times a second.

    `beside` gives the process to watch besides the command. Interrupted, it waits for the command,
    which the same Ctrl-C has reached, then passes the interruption on.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = time.monotonic()
    peak = peak_beside = 0
    with _private(log) as said, _private(log.with_suffix(".json")) as answered:
        child = subprocess.Popen(
            stage.command,
            stdout=answered if stage.answers else said,
            stderr=said,
            env={**os.environ, **environment},
        )
        try:
            while child.poll() is None:
                watched = beside()
                peak = max(peak, resident_bytes(child.pid, watched))
                peak_beside = max(peak_beside, resident_bytes(watched or 0))
                tick()
                time.sleep(_POLL_SECONDS)
        except KeyboardInterrupt:
            child.wait()
            raise
    if not stage.answers:
        log.with_suffix(".json").unlink()
    return Outcome(stage, child.returncode, time.monotonic() - begun, peak, peak_beside, log)


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        path.chmod(0o600)
        yield file


def resident_bytes(pid: int, without: int | None = None) -> int:
    """Resident memory of a process and all its descendants but one, 0 once it is gone."""
    processes = _from_proc() if _PROC.joinpath("self", "stat").exists() else _from_ps()
    children: dict[int, list[int]] = {}
    for child, (parent, _) in processes.items():
        children.setdefault(parent, []).append(child)
    total, open_pids = 0, [pid] if pid else []
    while open_pids:
        one = open_pids.pop()
        total += processes.get(one, (0, 0))[1]
        open_pids += [each for each in children.get(one, []) if each != without]
    return total


def _from_proc() -> dict[int, tuple[int, int]]:
    """Process to parent and resident bytes, from Linux's /proc."""
    page = os.sysconf("SC_PAGE_SIZE")
    processes: dict[int, tuple[int, int]] = {}
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The command's name stands in parentheses and may hold blanks: read what follows it.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        processes[int(entry.name)] = (int(fields[1]), int(fields[21]) * page)
    return processes


def _from_ps() -> dict[int, tuple[int, int]]:
    """The same from `ps`, for systems without /proc."""
    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False
    ).stdout
    rows = (map(int, line.split()) for line in listing.splitlines())
    return {pid: (parent, kilobytes * 1024) for pid, parent, kilobytes in rows}
