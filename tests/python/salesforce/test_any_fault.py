"""Any fault, anywhere: at every kind of request, and after every kind of move of the manifest, of
a migration that has every step. `make faults` tries every single one."""

from pathlib import Path

from tests.python.faults.machine import Spawner
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
    together,
    walk,
)
from tests.python.faults.practice import make
from tests.python.faults.stages import stages

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
    """Requests that are alike meet each fault once: one after the other, where what broke off is
    sent again; and where something is written, a lost answer by itself."""
    ordinary = distinct(fault_cases(plain, IN_TURN | ENDING, KINDS), seen)
    if not plain.stage.is_run:
        return [*together(ordinary)]
    lost = (case for case in fault_cases(plain, LOST) if not case.at.startswith("GET"))
    return [*ordinary, *distinct(lost, seen), *distinct(kill_cases(plain), seen)]


def test_the_org_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    practice, seen, wrong, tried = make(tmp_path / "practice"), Seen(), [], 0
    with Spawner() as spawner:
        for plain in walk(practice, stages(practice, LATER), spawner):
            for case in cases(plain, seen):
                result = attempt(case, plain, tmp_path / "case", spawner)
                tried += 1
                if result.wrong:
                    wrong.append("\n  ".join([str(case), *result.wrong]))
    assert not wrong, "\n".join(wrong)
    assert tried > 100, tried
