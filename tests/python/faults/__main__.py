"""`make faults`: the whole matrix, every request of every step and every move of the manifest,
into docs/fault_matrix.md."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.python.faults.matrix import (
    KILLED,
    KINDS,
    LOST_ROW,
    MORE,
    Case,
    Plain,
    Result,
    attempt,
    distinct,
    fault_cases,
    kill_cases,
    lost_rows,
    walk,
)
from tests.python.faults.practice import make
from tests.python.faults.stages import stages
from tests.python.support import PROJECT

TABLE = PROJECT / "docs" / "fault_matrix.md"
_ABOUT = """# The fault matrix

Written by `make faults`. Some twelve patients of Dentrix and Dental-Exec fill every step; a later
build changes rows of each. Each request of each step met each fault once, and the process that
loads was killed after each transaction of its manifest; then the same command was given again, at
most twice. A case passed where it ended with 0 and the org's records and schema, the manifest and
the audit log were as without the fault, and nothing was left open. `for long` outlasts the loader's
patience; `a page` is a proxy's, with status 200. A step's "later" is what the later build sends.
"""
Seen = set[tuple[str, str, str]]


def main() -> int:
    """Tries everything; gives 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.python.faults", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="how many cases at a time")
    parser.add_argument("--steps", nargs="*", help="try only these; nothing is written then")
    given = parser.parse_args()
    begun, results = time.monotonic(), list[Result]()
    seen: Seen = set()
    with tempfile.TemporaryDirectory() as folder:
        practice = make(Path(folder) / "practice")
        homes = SimpleQueue[Path]()
        for number in range(given.workers):
            homes.put(practice.folder / f"case{number}")
        for plain in walk(practice, stages(practice)):
            if not given.steps or plain.stage.name in given.steps:
                results += _try(plain, [*_cases(plain, seen)], homes, given.workers)
                _tell(plain, results, time.monotonic() - begun)
    if not given.steps:
        TABLE.write_text(_table(results, time.monotonic() - begun), encoding="utf-8")
    return 1 if any(result.wrong for result in results) else 0


def _cases(plain: Plain, seen: Seen) -> Iterator[Case]:
    """All of a step's; of commands that ask the same of one object after another, those of one."""
    every = fault_cases(plain, KINDS)
    yield from every if plain.stage.is_run else distinct(every, seen)
    yield from distinct(fault_cases(plain, MORE), seen)
    yield from distinct(lost_rows(plain), seen)
    yield from kill_cases(plain)


def _try(plain: Plain, cases: list[Case], homes: "SimpleQueue[Path]", workers: int) -> list[Result]:
    assert plain.truth  # read before the workers ask for it at once

    def one(case: Case) -> Result:
        home = homes.get()
        try:
            return attempt(case, plain, home)
        finally:
            homes.put(home)

    with ThreadPoolExecutor(workers) as pool:
        return [*pool.map(one, cases)]


def _tell(plain: Plain, results: list[Result], seconds: float) -> None:
    later = ", later" if plain.stage.is_later else ""
    bad = [result for result in results if result.wrong]
    print(f"{seconds:7.0f} s  {len(results):5} cases, {len(bad)} bad: {plain.stage.name}{later}")
    for result in bad:
        if result.case.stage == plain.stage:
            print(f"  {result.case}", *result.wrong, sep="\n    ")
    sys.stdout.flush()


def _table(results: list[Result], seconds: float) -> str:
    """The document: by step, and by what was asked or moved."""
    bad = sum(1 for result in results if result.wrong)
    lines = [
        _ABOUT,
        f"{len(results):,} cases, {len(results) - bad:,} passed, in {seconds / 60:.0f} minutes.",
        "",
        *_by(results, "step", _step),
        "",
        *_by(results, "request or move", lambda case: f"`{case.at}` ({case.phase})"),
        "",
    ]
    return "\n".join(lines)


def _step(case: Case) -> str:
    return f"{case.stage.name}{', later' if case.stage.is_later else ''}"


def _by(results: list[Result], title: str, name: Callable[[Case], str]) -> list[str]:
    kinds = [*KINDS, *MORE, *LOST_ROW, KILLED]
    tried, passed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for result in results:
        at = name(result.case), result.case.what
        tried[at] += 1
        passed[at] += not result.wrong
    rows = dict.fromkeys(row for row, _ in tried)
    lines = [f"| {title} | {' | '.join(kinds)} |", f"|---|{'---|' * len(kinds)}"]
    for row in rows:
        cells = [
            f"{passed[row, kind]}/{tried[row, kind]}" if tried[row, kind] else "" for kind in kinds
        ]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
