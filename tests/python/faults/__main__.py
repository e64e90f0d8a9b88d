"""`make faults`: the whole matrix, every request of every step and every move of the manifest,
into docs/fault_matrix.md."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.python.faults.matrix import (
    KINDS,
    MORE,
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
from tests.python.support import PROJECT

TABLE = PROJECT / "docs" / "fault_matrix.md"
_ABOUT = """# The fault matrix

Written by `make faults`. Some twelve patients of Dentrix and Dental-Exec fill every step; a later
build changes rows of each; then each step's later run is rolled back. A case passed where the
command, given again at most twice, ended with 0, the org's records and schema, the manifest and
the audit log were as without the fault, and nothing was left open.

- **alone**: the first request of its kind (endpoint and what it is for) met one fault: 503, a
  reset before or after the org had acted, a token that ran out (renewed, and not), an answer cut
  in half, 503 for longer than the loader is patient, a used-up quota, a proxy's page with status
  200 in place of the answer or after the org had acted, other JSON, a result without its last row.
- **all at once**: every request of a command met the fault, all of them in one case.
- **killed**: the process ended after a transaction of its manifest; every one of every command.
"""
Seen = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Line:
    """One case that was tried, and how many things were wrong with how it went."""

    case: str
    how: str
    what: str
    at: str
    phase: str
    wrong: list[str]


def main() -> int:
    """Tries everything; gives 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.python.faults", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="how many cases at a time")
    parser.add_argument("--steps", nargs="*", help="try only these; the table is not written then")
    parser.add_argument(
        "--results",
        type=Path,
        help="a file to note each case in; cases that it has already are not tried again",
    )
    given = parser.parse_args()
    begun, lines = time.monotonic(), _read(given.results)
    seen: Seen = set()
    with tempfile.TemporaryDirectory() as folder:
        practice = make(Path(folder) / "practice")
        homes = SimpleQueue[Path]()
        for number in range(given.workers):
            homes.put(practice.folder / f"case{number}")
        for plain in walk(practice, stages(practice)):
            if not given.steps or plain.stage.name in given.steps:
                done = {line.case for line in lines}
                todo = [(how, case) for how, case in _cases(plain, seen) if str(case) not in done]
                lines += _try(plain, todo, homes, given.workers, given.results)
                _tell(plain, lines, time.monotonic() - begun)
            shutil.rmtree(plain.state)
    if not given.steps:
        TABLE.write_text(_table(lines), encoding="utf-8")
    return 1 if any(line.wrong for line in lines) else 0


def _read(results: Path | None) -> list[Line]:
    if results is None or not results.exists():
        return []
    said = results.read_text(encoding="utf-8").splitlines()
    return [Line(**json.loads(each)) for each in said]


def _cases(plain: Plain, seen: Seen) -> Iterator[tuple[str, Case]]:
    """A command's cases, and how the faults meet it."""
    for case in distinct(fault_cases(plain, KINDS | MORE), seen):
        yield "alone", case
    for case in distinct(lost_rows(plain), seen):
        yield "alone", case
    for case in together(fault_cases(plain, KINDS)):
        yield "all at once", case
    for case in kill_cases(plain):
        yield "killed", case


def _try(
    plain: Plain,
    todo: list[tuple[str, Case]],
    homes: "SimpleQueue[Path]",
    workers: int,
    results: Path | None,
) -> list[Line]:
    assert plain.truth  # read before the workers ask for it at once

    def one(how: str, case: Case) -> Line:
        home = homes.get()
        try:
            wrong = attempt(case, plain, home).wrong
        finally:
            homes.put(home)
        at = "every request" if how == "all at once" else case.at
        phase = _command(plain) if how == "all at once" else case.phase
        line = Line(str(case), how, case.what, at, phase, wrong)
        if results:
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(vars(line)) + "\n")
        return line

    with ThreadPoolExecutor(workers) as pool:
        return [*pool.map(lambda each: one(*each), todo)]


def _command(plain: Plain) -> str:
    return plain.stage.arguments[0] + (", later" if plain.stage.is_later else "")


def _tell(plain: Plain, lines: list[Line], seconds: float) -> None:
    bad = [line for line in lines if line.wrong]
    name = f"{plain.stage.name}{', later' if plain.stage.is_later else ''}"
    print(f"{seconds:7.0f} s  {len(lines):5} cases, {len(bad)} bad: {name}")
    for line in bad:
        if line.case.startswith(f"{name}:"):
            print(f"  {line.case}", *line.wrong, sep="\n    ")
    sys.stdout.flush()


def _table(lines: list[Line]) -> str:
    """The document: by what was asked or moved, and what for."""
    bad = sum(1 for line in lines if line.wrong)
    tried, passed = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for line in lines:
        row = line.how, line.at, line.phase
        tried[row] += 1
        passed[row] += not line.wrong
    rows = [
        f"| {how} | `{at}` | {phase} | {tried[row]:,} | {passed[row]:,} |"
        for row in sorted(tried)
        for how, at, phase in [row]
    ]
    return "\n".join(
        [
            _ABOUT,
            f"{len(lines):,} cases, {len(lines) - bad:,} passed.",
            "",
            "| how | request or move | phase | cases | passed |",
            "|---|---|---|--:|--:|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
