"""Any fault, anywhere: at every kind of request, and after every kind of move of the manifest, of
a migration that has every step. `make faults` tries every single one."""

from itertools import chain
from pathlib import Path

import pytest

from tests.python.faults.matrix import (
    ENDING,
    IN_TURN,
    KINDS,
    LOST,
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

# A row changed, a pass over known records, fields for new records only, files, a delete.
LATER = (
    "dentrix__family",
    "dentrix__guarantor",
    "dentrix__activity",
    "dental_exec__file",
    "dental_exec__visit",
)
Seen = set[tuple[str, str, str]]


def cases(plain: Plain, seen: Seen) -> list[Case]:
    """Requests that are alike meet each fault once: one fault after the other, where what broke
    off is sent again; and where something is written, a lost answer by itself. New records and
    files do so request by request, all else in one run."""
    ordinary = [*distinct(fault_cases(plain, IN_TURN | ENDING, KINDS), seen)]
    alone = [c for c in ordinary if c.phase == "create" or c.phase.startswith("files")]
    at_once = together(case for case in ordinary if case not in alone)
    if not plain.stage.is_run:
        return [*at_once]
    lost = (case for case in fault_cases(plain, LOST) if not case.at.startswith("GET"))
    others = distinct(chain(lost, lost_rows(plain), kill_cases(plain)), seen)
    return [*alone, *at_once, *others]


def test_the_org_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    practice, seen, wrong, tried = make(tmp_path / "practice"), Seen(), [], 0
    for plain in walk(practice, stages(practice, LATER)):
        for case in cases(plain, seen):
            result = attempt(case, plain, practice.folder / "case")
            tried += 1
            if result.wrong:
                wrong.append("\n  ".join([str(case), *result.wrong]))
    assert not wrong, "\n".join(wrong)
    assert tried > 100, tried
