"""Every fault at every request, every death after every move: the command is given again, and the
org must hold what it holds where nothing went wrong."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.python.faults.machine import Ended, copied, running
from tests.python.faults.practice import Practice
from tests.python.faults.stages import ID, Point, Stage, points
from tests.python.faults.truth import Truth, differences, look, truth_of, unfinished

Faults = dict[str, list[dict[str, Any]]]
"""What happens, by what it is called: one request meets the first, its next attempt the second."""

KINDS: Faults = {
    "503": [{"status": 503}],
    "reset before": [{"reset": "before"}],
    "reset after": [{"reset": "after"}],
    "401": [{"expired": True}],
    "truncated": [{"truncate": "half"}],
}
IN_TURN: Faults = {"each in turn": [fault for faults in KINDS.values() for fault in faults]}
LOST: Faults = {"reset after": KINDS["reset after"]}
LOST_ROW: Faults = {"a row lost": [{"lose_row": True, "times": 3}]}
DEAD_TOKEN = "401, a token"
MORE: Faults = {
    DEAD_TOKEN: [{"expired": True}],
    "503 for long": [{"status": 503, "times": 7}],
    "quota": [{"quota": True}],
    "a page": [{"status": 200, "html": True}],
    "a page, after": [{"status": 200, "html": True, "when": "after"}],
    "other JSON": [{"status": 200, "body": "{}", "when": "after"}],
}
KILLED = "killed"
_ALL = "all"
_SIGKILL = -9
# What a command that was killed at its very end says when it is given again.
_ALREADY = "is rolled back already"
# What a command may end with where it does not reach its end: an error, or a limit.
_GIVES_UP = (1, 5)


@dataclass(frozen=True)
class Case:
    """What goes wrong in a stage, and what of the stage it meets: an endpoint, or a transaction
    of the manifest. `attempts` is how often the command is given at the most."""

    stage: Stage
    what: str
    at: str
    phase: str
    faults: tuple[dict[str, Any], ...] = ()
    kill_at: int = 0
    attempts: int = 3

    @property
    def is_of_many(self) -> bool:
        """Whether all like requests of the stage are met, each by its own fault."""
        return self.at == _ALL

    @property
    def like(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.what, self.at, self.phase

    def __str__(self) -> str:
        later = ", later" if self.stage.is_later else ""
        number = f" {self.kill_at}" if self.kill_at else ""
        return f"{self.stage.name}{later}: {self.what}{number} at {self.at} ({self.phase})"


@dataclass(frozen=True)
class Result:
    """A case, and what was wrong with how it went."""

    case: Case
    wrong: list[str]


@dataclass
class Plain:
    """A stage without a fault: the state before it, how it ended, what it asked and noted."""

    stage: Stage
    state: Path
    home: Path
    points: list[Point]
    transitions: list[str]

    @cached_property
    def truth(self) -> Truth:
        """What is true then."""
        return truth_of(self.home)


def walk(practice: Practice, all_stages: Iterable[Stage]) -> Iterator[Plain]:
    """Goes through the stages without a fault. Once the next is asked for, of what was given the
    home is gone; the state before it is whoever's who asked."""
    state = copied(practice.state, practice.folder / "before0")
    for number, stage in enumerate(all_stages, 1):
        practice.give_marts(state, stage.marts)
        plain = _plainly(stage, state, practice.folder / "plain")
        yield plain
        state = plain.home.rename(practice.folder / f"before{number}")
        shutil.rmtree(state / "local_org" / "jobs")


def _plainly(stage: Stage, state: Path, home: Path) -> Plain:
    copied(state, home)
    with running(home, {"record": True}) as org:
        ended = org.command(stage.command(state))
        requests = org.requests()
    assert ended.code == 0, f"{stage.name}: {ended.code}\n{ended.said}"
    assert unfinished(home) == [], stage.name
    return Plain(stage, state, home, points(stage, requests, home), ended.transitions)


def fault_cases(plain: Plain, kinds: Faults, uploads: Faults | None = None) -> Iterator[Case]:
    """Each of the kinds at each request; `uploads` are those for uploads of files, if others."""
    met = Counter[tuple[str, str]]()
    for point in plain.points:
        method, path = point.request.method, point.request.path
        # What an attempt that broke off had made is made anew, under another Id.
        pattern = r"\w+".join(re.escape(part) for part in ID.split(path))
        after = met[method, pattern]
        met[method, pattern] += 1
        if after and point.is_look:
            pattern, after = re.escape(path), 0
        where = {"method": method, "path": f"^{pattern}$", "after": after}
        here = uploads if uploads and point.is_upload else kinds
        for what, faults in here.items():
            strikes = tuple(where | fault for fault in faults)
            yield Case(plain.stage, what, point.shape, point.phase, strikes)


def lost_rows(plain: Plain) -> Iterator[Case]:
    """Results that lack a row, however often they are asked for."""
    for case in fault_cases(plain, LOST_ROW):
        if case.at.endswith(("/successfulResults", "/jobs/query/{id}/results")):
            yield case


def kill_cases(plain: Plain) -> Iterator[Case]:
    """A death after each transaction."""
    phase = "files" if plain.stage.object == "ContentVersion" else "jobs"
    for number, moved in enumerate(plain.transitions, 1):
        yield Case(plain.stage, KILLED, moved, phase, kill_at=number)


def distinct(cases: Iterable[Case], seen: set[tuple[str, str, str]]) -> Iterator[Case]:
    """Those that are like none before them."""
    for case in cases:
        if case.like not in seen:
            seen.add(case.like)
            yield case


def together(cases: Iterable[Case]) -> Iterator[Case]:
    """One case for each kind of those given, in which all their requests meet it."""
    of_kind: dict[str, list[Case]] = {}
    for case in cases:
        of_kind.setdefault(case.what, []).append(case)
    for what, some in of_kind.items():
        met = tuple(fault for case in some for fault in case.faults)
        yield Case(some[0].stage, what, _ALL, some[0].stage.name, met, attempts=len(some) + 2)


def attempt(case: Case, plain: Plain, home: Path) -> Result:
    """Has one thing go wrong, gives the same command until it is done, and compares."""
    copied(plain.state, home)
    command = case.stage.command(home)
    with running(home, {"faults": [*case.faults]}) as org:
        wrong = _repeat(
            case,
            lambda n: org.command(
                command,
                kill_at=0 if n else case.kill_at,
                renews=case.what != DEAD_TOKEN,
            ),
        )
        idle = org.idle()
        # What meets one request may spare a job another one: of many faults some do not come up.
        if not case.is_of_many or len(idle) == len(case.faults):
            wrong += [f"this did not come up: {each}" for each in idle]
    found, left = look(home)
    wrong += left + differences(plain.truth, found)
    return Result(case, wrong)


def _repeat(case: Case, command: Callable[[int], Ended]) -> list[str]:
    for number in range(case.attempts):
        ended = command(number)
        if "Traceback" in ended.said or "unforeseen" in ended.said:
            return [f"attempt {number + 1} said: {ended.said[-2000:]}"]
        if case.kill_at and number == 0:
            if ended.code != _SIGKILL:
                return ["was not killed"]
        elif ended.code == 0 or (number and _ALREADY in ended.said):
            return []
        elif ended.code not in _GIVES_UP:
            break
    return [f"attempt {number + 1} ended with {ended.code}: {ended.said[-500:]}"]
