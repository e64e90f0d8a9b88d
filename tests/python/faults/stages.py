"""The commands of a migration, one after the other, and what each asks of the org.

A run is taken apart into its steps (`run --only`), so that a fault in the last of them costs no
more to try than one in the first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.steps import Step
from tests.python.faults.machine import Request
from tests.python.faults.practice import FIRST, LATER, NONE, Practice

ID = re.compile(r"\b[0-9a-zA-Z]{15}[A-Z0-5]{3}\b")
_OBJECT = re.compile(r"(?<=/sobjects/)\w+(?=/describe)")
_JOB = re.compile(r"^/jobs/ingest/(\w+)")
_UPLOADS = ("POST /composite/sobjects", "POST /sobjects/ContentVersion")
_LOOKED_AT = re.compile(r"^/(jobs/(ingest|query)|metadata/deployRequest)/\w+$")
# What is asked for in the address itself, so that the path does not tell one from another.
ROLLBACK = "rollback"
_SEND = ("run", "--allow-open-claims")
_UNTOLD = ("/query", "/composite/sobjects", "/tooling/query")


@dataclass(frozen=True)
class Stage:
    """One command. `run` sends a step, `rollback` undoes the newest run."""

    name: str
    arguments: tuple[str, ...]
    marts: str
    object: str = ""
    is_later: bool = False

    @property
    def has_jobs(self) -> bool:
        """Whether it writes records."""
        return self.arguments[0] in ("run", ROLLBACK)

    def command(self, home: Path) -> tuple[str, ...]:
        """What is given in a home: a rollback names its run, so that given again it means that
        one still."""
        if self.arguments[0] != ROLLBACK:
            return self.arguments
        with duckdb.connect(str(home / "manifest.duckdb"), read_only=True) as con:
            (run,) = con.execute(
                "select max(run) from runs where state = 'done' and kind = 'run'"
            ).fetchall()[0]
        return (*self.arguments, str(run))


def stages(
    practice: Practice, first: Iterable[str] | None = None, later: Iterable[str] | None = None
) -> Iterator[Stage]:
    """The whole migration, then what a later build changed, then that undone. `first` and `later`
    name the steps that are sent by themselves, if not all are: of the first build after those they
    look up, and what is left in one run; of the later one nothing else is sent."""
    yield Stage("pull", ("pull",), NONE)
    yield Stage("schema deploy", ("schema", "deploy"), FIRST)
    steps = practice.project.steps
    apart = {step.name for step in steps} if first is None else _with_parents(steps, first)
    yield from (_send(step, FIRST) for step in steps if step.name in apart)
    if first is not None:
        yield Stage("the other steps", _SEND, FIRST)
    yield Stage("verify", ("verify",), FIRST)
    changed = [step for step in steps if later is None or step.name in later]
    yield from (_send(step, LATER) for step in changed)
    if later is None:
        yield Stage("verify", ("verify",), LATER, is_later=True)
    for step in reversed(changed):
        yield Stage(f"{step.name}, undone", (ROLLBACK,), NONE, step.object, is_later=True)


def _with_parents(steps: Iterable[Step], names: Iterable[str]) -> set[str]:
    by_name = {step.name: step for step in steps}
    found, left = set[str](), [*names]
    while left:
        step = by_name[left.pop()]
        found.add(step.name)
        parents = {step.of, *(field.lookup for field in step.fields)}
        left += [str(each) for each in parents if each and each not in found]
    return found


def _send(step: Step, marts: str) -> Stage:
    only = (*_SEND, "--only", step.name)
    return Stage(step.name, only, marts, step.object, is_later=marts == LATER)


@dataclass(frozen=True)
class Point:
    """One request of a stage: what it is called in a table, and what it is for."""

    request: Request
    shape: str
    phase: str

    @property
    def is_look(self) -> bool:
        """Whether it looks how far something is: nobody knows how often that is done."""
        return self.request.method == "GET" and bool(_LOOKED_AT.match(self.request.path))

    @property
    def is_upload(self) -> bool:
        """Whether it sends files: what was lost of it is looked for, not sent again."""
        return self.phase.startswith("files") and self.shape in _UPLOADS


def points(stage: Stage, requests: list[Request], home: Path) -> list[Point]:
    """The requests of a stage that can be told apart, in order."""
    found, same, alike = [], Counter[Request](), Counter[str]()
    kinds = _job_kinds(home) if stage.has_jobs else {}
    created = iter(kinds.values())
    for request in requests:
        place = same[request]
        same[request] += 1
        shape = f"{request.method} {ID.sub('{id}', _OBJECT.sub('{object}', request.path))}"
        phase = _phase(stage)
        job = _JOB.match(request.path)
        if job:
            phase = kinds[job[1]]
        elif shape == "POST /jobs/ingest":
            phase = next(created)
        elif shape == "GET /query" and not place and stage.arguments[0] != "pull":
            phase = "who it is"
        elif shape.endswith("/describe") or shape.endswith("/userinfo"):
            phase = "any"
        elif request.path in _UNTOLD:
            alike[shape] += 1
            phase += f", {alike[shape]}."
        point = Point(request, shape, phase)
        if not (point.is_look and place):
            found.append(point)
    return found


def _phase(stage: Stage) -> str:
    when = "later" if stage.is_later else "first"
    if not stage.has_jobs:
        return stage.name
    if stage.arguments[0] == ROLLBACK:
        when = "undone"
    return f"{'files' if stage.object == 'ContentVersion' else 'around jobs'}, {when}"


def _job_kinds(home: Path) -> dict[str, str]:
    """What the jobs of the newest run are for, by their ids, in order."""
    with duckdb.connect(str(home / "manifest.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select job, kind, exists (select 1 from replaced where by_run = run) from jobs"
            " where run = (select max(run) from runs) and job is not null order by number"
        ).fetchall()
    return {job: _told(kind, known) for job, kind, known in rows}


def _told(kind: str, known: bool) -> str:
    if kind in ("adopt", "update"):
        return "by Id"
    if kind == "new":
        return "create only"
    if kind in ("deleted", "restored", "put back"):
        return kind
    return "change" if known else "create"
