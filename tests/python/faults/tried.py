"""The cases that `make test` tries: every kind of request and of move, each once. The walk through
the migration is gone once for all the modules that try some of them."""

import fcntl
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.python.faults.matrix import (
    IN_TURN,
    KINDS,
    Case,
    Plain,
    attempt,
    distinct,
    fault_cases,
    kill_cases,
    lost_rows,
    together,
    walk,
)
from tests.python.faults.practice import make
from tests.python.faults.stages import Stage, stages

# Leads look nothing up, families are taken over, activities have fields for new records only,
# guarantors are a pass over known records.
FIRST = (
    "dental_exec__lead",
    "dentrix__family",
    "dentrix__activity",
    "dentrix__guarantor",
    "dental_exec__file",
)
# A row changed, a pass over known records, files, a delete.
LATER = ("dentrix__family", "dentrix__guarantor", "dental_exec__file", "dental_exec__visit")
Seen = set[tuple[str, str, str]]
Walked = list[tuple[Plain, list[Case]]]


def cases(plain: Plain, seen: Seen) -> list[Case]:
    """Requests that are alike meet the faults once, all those of a command in one case: one fault
    after the other where what broke off is sent again. What sends files meets one fault a case:
    what was lost of it is looked for, not sent again."""
    faults = [*distinct(fault_cases(plain, IN_TURN, KINDS), seen)]
    others = distinct([*lost_rows(plain), *kill_cases(plain)], seen)
    return [*together(faults), *others]


def try_those(folder: Path, is_meant: Callable[[Stage], bool]) -> tuple[int, list[str]]:
    """Tries the cases of some stages of the walk that `folder` keeps: how many faults and deaths
    there were, and what was wrong afterwards."""
    tried, wrong = 0, []
    for plain, its in _walked(folder):
        if not is_meant(plain.stage):
            continue
        home = plain.state.with_name(f"{plain.state.name}-case")
        for case in its:
            result = attempt(case, plain, home)
            tried += len(case.faults) + bool(case.kill_at)
            if result.wrong:
                wrong.append("\n  ".join([str(case), *result.wrong]))
        shutil.rmtree(home)
        shutil.rmtree(plain.state)
    return tried, wrong


def _walked(folder: Path) -> Walked:
    """The stages that have cases, each with the state before it and its truth."""
    folder.mkdir(exist_ok=True)
    kept = folder / "walked.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_walk(folder)))
    found: Walked = pickle.loads(kept.read_bytes())
    return found


def _walk(folder: Path) -> Walked:
    practice, seen, walked = make(folder / "practice"), Seen(), Walked()
    for plain in walk(practice, stages(practice, FIRST, LATER)):
        its = cases(plain, seen)
        if its:
            assert plain.truth  # read while its home is there
            walked.append((plain, its))
        else:
            shutil.rmtree(plain.state)
    return walked
