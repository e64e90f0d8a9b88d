"""Every fault at every request, every death after every move: the command is given again, and the
org must hold what it holds where nothing went wrong."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.python.faults.machine import Spawner, copied, running
from tests.python.faults.practice import FIRST, Practice
from tests.python.faults.stages import Point, Stage, points
from tests.python.faults.truth import Truth, differences, truth_of, unfinished

Faults = dict[str, list[dict[str, Any]]]
"""What happens, by what it is called: one request meets the first, its next attempt the second."""

_ONCE: Faults = {
    "503": [{"status": 503}],
    "reset before": [{"reset": "before"}],
    "reset after": [{"reset": "after"}],
    "truncated": [{"truncate": "half"}],
}
_ENDS: Faults = {"401": [{"expired": True}]}
KINDS: Faults = _ONCE | _ENDS
IN_TURN: Faults = {"each in turn": [fault for faults in _ONCE.values() for fault in faults]} | _ENDS
LOST: Faults = {"reset after": _ONCE["reset after"]}
MORE: Faults = {
    "503 for long": [{"status": 503, "times": 7}],
    "quota": [{"quota": True}],
    "a page": [{"status": 200, "html": True}],
    "a page, after": [{"status": 200, "html": True, "when": "after"}],
    "other JSON": [{"status": 200, "body": "{}", "when": "after"}],
}
_UPLOAD = re.compile(r"(?<=^/jobs/ingest/)\w+(?=/batches$)")
ATTEMPTS = 3
# What a command may end with where it does not reach its end: an error, or a limit.
_GIVES_UP = (1, 5)
KILLED = -9


@dataclass(frozen=True)
class Case:
    """What goes wrong in a stage, and what of the stage it meets: an endpoint, or a transaction
    of the manifest."""

    stage: Stage
    what: str
    at: str
    phase: str
    plan: dict[str, Any]
    kill_at: int = 0


@dataclass(frozen=True)
class Result:
    """A case, and what was wrong with how it went."""

    case: Case
    wrong: list[str]


@dataclass(frozen=True)
class Plain:
    """A stage without a fault: how it ended, what was true then, what it asked and noted."""

    stage: Stage
    home: Path
    code: int
    truth: Truth
    points: list[Point]
    transitions: list[str]


def walk(
    practice: Practice, all_stages: Iterator[Stage], spawner: Spawner
) -> Iterator[tuple[Path, Plain]]:
    """Goes through the stages without a fault; gives of each the state before it and how it
    went. What is given is gone once the next is asked for."""
    state = copied(practice.state, practice.folder / "before")
    for stage in all_stages:
        _have_marts(practice, state, stage)
        plain = _plainly(stage, copied(state, practice.folder / "plain"), spawner)
        yield state, plain
        shutil.rmtree(state)
        plain.home.rename(state)
        shutil.rmtree(state / "local_org" / "jobs")


def _have_marts(practice: Practice, state: Path, stage: Stage) -> None:
    """Puts the stage's marts into a state, and what they were built from."""
    if stage.name == "pull":
        return
    warehouse, marts = state / "warehouse.duckdb", practice.marts(stage.marts)
    if not warehouse.is_symlink():
        shutil.rmtree(state / "raw")
        shutil.copytree(practice.folder / "raw", state / "raw", symlinks=True)
        warehouse.symlink_to(marts)
    elif stage.marts != FIRST:
        warehouse.unlink()
        warehouse.symlink_to(marts)


def _plainly(stage: Stage, home: Path, spawner: Spawner) -> Plain:
    with running(home, spawner, {"record": True}) as org:
        ended = org.command([*stage.arguments])
        requests = org.requests()
    assert ended.code == 0, f"{stage.name}: {ended.code}\n{ended.said}"
    left = unfinished(home)
    assert not left, f"{stage.name}: {left}"
    told = points(stage, requests, home)
    return Plain(stage, home, ended.code, truth_of(home), told, ended.transitions)


def fault_cases(plain: Plain, kinds: Faults) -> Iterator[Case]:
    """Each of the kinds at each request."""
    uploads = [p.request.path for p in plain.points if _UPLOAD.search(p.request.path)]
    for point in plain.points:
        path, after = point.request.path, point.place
        pattern = re.escape(path)
        if path in uploads:
            # An upload that breaks off is made anew, into another job.
            pattern, after = r"/jobs/ingest/\w+/batches", uploads.index(path)
        where = {"method": point.request.method, "path": f"^{pattern}$", "after": after}
        for what, faults in kinds.items():
            plan = {"faults": [where | fault for fault in faults]}
            yield Case(plain.stage, what, point.shape, point.phase, plan)


def kill_cases(plain: Plain) -> Iterator[Case]:
    """A death after each transaction."""
    for number, moved in enumerate(plain.transitions, 1):
        phase = "files" if plain.stage.object == "ContentVersion" else "jobs"
        yield Case(plain.stage, "killed", moved, phase, {}, kill_at=number)


def distinct(cases: Iterator[Case], seen: set[tuple[str, str, str]]) -> Iterator[Case]:
    """Those that are like none before them, as far as endpoint and phase tell."""
    for case in cases:
        like = case.what, case.at, case.phase
        if like not in seen:
            seen.add(like)
            yield case


def attempt(case: Case, plain: Plain, state: Path, home: Path, spawner: Spawner) -> Result:
    """Has one thing go wrong, gives the same command until it is done, and compares."""
    copied(state, home)
    with running(home, spawner, case.plan) as org:
        wrong = _repeat(
            case,
            plain,
            lambda n: org.command([*case.stage.arguments], kill_at=case.kill_at if n == 0 else 0),
        )
        if case.plan and not org.struck():
            wrong.append("the fault did not come up")
    wrong += unfinished(home)
    wrong += differences(plain.truth, truth_of(home))
    return Result(case, wrong)


def _repeat(case: Case, plain: Plain, command: Callable[[int], Any]) -> list[str]:
    codes = []
    for number in range(ATTEMPTS):
        ended = command(number)
        codes.append(ended.code)
        if "Traceback" in ended.said or "unforeseen" in ended.said:
            return [f"attempt {number + 1} said: {ended.said[-2000:]}"]
        if ended.code == plain.code:
            break
        if ended.code not in (*_GIVES_UP, KILLED):
            return [f"attempt {number + 1} ended with {ended.code}: {ended.said[-500:]}"]
    else:
        return [f"ended with {codes}: {ended.said[-500:]}"]
    if case.kill_at and codes[0] != KILLED:
        return ["was not killed"]
    return []
