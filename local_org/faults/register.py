"""The faults of one org: which are due, how often each has struck, which requests were made."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_org.faults.model import Fault, JobFault, RequestFault, RowFault, SaveFault, StorageFault
from local_org.faults.plan import Plan, PlanError

KEPT = "faults.json"
MAX_ARMED = 1_000
MAX_NOTED = 10_000
MAX_PATH = 1_000
HOLD_CHECK = 0.1


@dataclass
class Armed:
    """A fault and what it has come to. `rounds` are those of jobs, by the job's id."""

    number: int
    fault: Fault
    seen: int = 0
    struck: int = 0
    rows: int = 0
    rounds: dict[str, Round] = field(default_factory=dict)
    records: int | None = None

    def match(self) -> bool:
        """Count a match; gives whether it is to be struck."""
        self.seen += 1
        return self.seen > self.fault.after and self.left != 0

    @property
    def left(self) -> int | None:
        """How often it will yet strike; None where always."""
        return max(0, self.fault.times - self.struck) if self.fault.times else None

    def as_json(self) -> dict[str, Any]:
        """Give the fault as the control call lists it."""
        state: dict[str, Any] = {"struck": self.struck, "left": self.left}
        if isinstance(self.fault, RowFault | StorageFault):
            state["rows"] = self.rows
        return {"id": self.number, **self.fault.given, **state}


@dataclass
class Round:
    """One job, or one REST save, as a row fault sees it: struck once, whatever steps it takes."""

    due: bool
    struck: bool = False


@dataclass(frozen=True)
class Strike:
    """A fault that is due for a save, and where to say how many rows it struck."""

    fault: RowFault | StorageFault
    armed: Armed
    round: Round
    lock: threading.Lock

    def hit(self, rows: int) -> None:
        """Note that so many rows were struck; the first of a round counts the round."""
        with self.lock:
            self.armed.rows += rows
            if rows and not self.round.struck:
                self.round.struck = True
                self.armed.struck += 1

    def room(self, records: int) -> int:
        """Give how many more records there is room for, of an org that has so many."""
        assert isinstance(self.fault, StorageFault)
        with self.lock:
            if self.armed.records is None:
                self.armed.records = records
            return max(0, self.fault.records - (records - self.armed.records))


@dataclass(frozen=True)
class Verdict:
    """What becomes of a job: `go`, `hold` for so many seconds, `fail` with a message, `abort`."""

    kind: str
    message: str = ""
    seconds: float = 0


GO = Verdict("go")


class JobWatch:
    """The faults of one job, for whoever does the job to ask between its steps."""

    def __init__(self, faults: Faults, due: Sequence[Armed]) -> None:
        """Take the faults that are due for the job."""
        self._faults, self._due = faults, list(due)

    def stop(self, done: int, last: int) -> int:
        """Give where a step that would go from `done` to `last` has to end, to ask again."""
        rows = [each.fault.rows for each in self._due if isinstance(each.fault, JobFault)]
        return min([last, *(each for each in rows if each > done)])

    def verdict(self, done: int) -> Verdict:
        """Judge with so many rows processed. After a hold, ask again before going on."""
        for armed in self._due:
            fault = armed.fault
            assert isinstance(fault, JobFault)
            if done < fault.rows:
                continue
            self._due.remove(armed)
            if not self._faults.strike(armed):
                return self.verdict(done)
            if fault.kind == "kill_job":
                self._faults.kill()
            return Verdict(fault.kind.removesuffix("_job"), fault.message, fault.seconds)
        return GO


class Faults:
    """All faults of an org, and the requests it was asked to note. Safe to use from threads."""

    def __init__(self, folder: Path) -> None:
        """Start with none; `folder` is where a kill leaves what had struck."""
        self._kept = folder / KEPT
        self._lock = threading.Lock()
        self._armed: list[Armed] = []
        self._next = 1
        self._ending = threading.Event()
        self._digest = ""
        self.record = False
        self._noted: deque[tuple[str, str, int | None]] = deque(maxlen=MAX_NOTED)
        self._dropped = 0

    def start(self, plan: Plan) -> None:
        """Arm a plan; one that a kill of its own ended goes on where it was."""
        self.add(plan)
        self._digest = plan.digest
        try:
            kept = json.loads(self._kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        self._kept.unlink()
        if plan.digest and kept["digest"] == plan.digest:
            for armed, (seen, struck) in zip(self._armed, kept["counts"], strict=True):
                armed.seen, armed.struck = seen, struck

    def add(self, plan: Plan) -> None:
        """Arm more faults, behind those there are; raises PlanError where they are too many."""
        with self._lock:
            if len(self._armed) + len(plan.faults) > MAX_ARMED:
                raise PlanError(f"faults: there can be {MAX_ARMED} at a time")
            for fault in plan.faults:
                self._armed.append(Armed(self._next, fault))
                self._next += 1
            if plan.record is not None:
                self.record = plan.record

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Give the faults as the control call lists them."""
        with self._lock:
            return [each.as_json() for each in self._armed]

    def request(self, method: str, path: str) -> RequestFault | None:
        """Give the fault that strikes a request: the first that is due."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if not isinstance(fault, RequestFault) or not fault.takes(method, path):
                    continue
                if armed.match():
                    armed.struck += 1
                    return fault
        return None

    def rows(self, name: str, operation: str, job: str | None = None) -> tuple[Strike, ...]:
        """Give the row and storage faults that are due for a save; the steps of a job are one."""
        strikes = []
        with self._lock:
            for armed in self._taking(name, operation):
                if isinstance(armed.fault, RowFault | StorageFault):
                    turn = _round(armed, job)
                    if turn.due:
                        strikes.append(Strike(armed.fault, armed, turn, self._lock))
        return tuple(strikes)

    def job(self, name: str, operation: str) -> JobWatch:
        """Give the faults of a job that is taken up."""
        with self._lock:
            return JobWatch(
                self,
                [
                    armed
                    for armed in self._taking(name, operation)
                    if isinstance(armed.fault, JobFault) and armed.match()
                ],
            )

    def strike(self, armed: Armed) -> bool:
        """Count a strike; gives whether there was one left."""
        with self._lock:
            if armed.left == 0:
                return False
            armed.struck += 1
            return True

    def hold(self, seconds: float, wanted: Callable[[], bool]) -> bool:
        """Wait; gives False where it was cut short: not `wanted` any more, or the server ends."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._ending.wait(min(left, HOLD_CHECK)) or not wanted():
                return False
        return True

    def end(self) -> None:
        """Let go of what is held, because the server ends."""
        self._ending.set()

    def kill(self) -> None:
        """End this process as a power cut would; a plan file's counts are left for the next."""
        with self._lock:
            if self._digest:
                counts = [(each.seen, each.struck) for each in self._armed]
                kept = {"digest": self._digest, "counts": counts}
                self._kept.write_text(json.dumps(kept), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    def note(self, method: str, path: str, status: int | None) -> None:
        """Keep a request, if asked to; the oldest go where there are too many."""
        if not self.record:
            return
        with self._lock:
            self._dropped += len(self._noted) == MAX_NOTED
            self._noted.append((method, path[:MAX_PATH], status))

    def noted(self) -> dict[str, Any]:
        """Give the requests that were kept."""
        with self._lock:
            requests = [
                {"method": method, "path": path, "status": status}
                for method, path, status in self._noted
            ]
            return {"record": self.record, "dropped": self._dropped, "requests": requests}

    def forget(self) -> None:
        """Forget the requests."""
        with self._lock:
            self._noted.clear()
            self._dropped = 0

    def _taking(self, name: str, operation: str) -> list[Armed]:
        return [
            each
            for each in self._armed
            if isinstance(each.fault, SaveFault) and each.fault.takes(name, operation)
        ]


def _round(armed: Armed, job: str | None) -> Round:
    if job is None:
        return Round(armed.match())
    if job not in armed.rounds:
        armed.rounds[job] = Round(armed.match())
    return armed.rounds[job]
