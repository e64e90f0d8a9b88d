"""Any fault, anywhere: at every kind of request, and after every kind of move of the manifest, of
a migration that has every step. `make faults` tries every single one."""

from pathlib import Path

import pytest

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
from tests.python.faults.stages import stages

pytestmark = pytest.mark.long

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


def cases(plain: Plain, seen: Seen) -> list[Case]:
    """Requests that are alike meet the faults once, all those of a command in one case: one fault
    after the other where what broke off is sent again. What sends files meets one fault a case:
    what was lost of it is looked for, not sent again."""
    faults = [*distinct(fault_cases(plain, IN_TURN, KINDS), seen)]
    others = distinct([*lost_rows(plain), *kill_cases(plain)], seen)
    return [*together(faults), *others]


def test_the_org_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    practice, seen, wrong, tried = make(tmp_path / "practice"), Seen(), [], 0
    for plain in walk(practice, stages(practice, FIRST, LATER)):
        for case in cases(plain, seen):
            result = attempt(case, plain, practice.folder / "case")
            tried += len(case.faults) + bool(case.kill_at)
            if result.wrong:
                wrong.append("\n  ".join([str(case), *result.wrong]))
    assert not wrong, "\n".join(wrong)
    assert tried > 200, tried
