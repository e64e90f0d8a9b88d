"""`python -m tests.lint_sql`: holds the project's SQL to the style of .sqlfluff.

sqlfluff knows the arrow form of DuckDB's lambdas only, which DuckDB gives up; it is shown that
form. Macros render to nothing by themselves, so of them only form is checked.
"""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter

from tests.sql_stubs import macro_names

PROJECT = Path(__file__).resolve().parent.parent
LONGEST = 120
LAMBDA = re.compile(r"\blambda (\w+(?:, \w+)*):")


def _arrow(found: re.Match[str]) -> str:
    names = found[1]
    return f"({names}) ->" if "," in names else f"{names} ->"


@cache
def _linter() -> Linter:
    return Linter(config=FluffConfig.from_path(str(PROJECT)))


def faults_of(path: Path) -> list[str]:
    """What sqlfluff says of one model or SQL test, one line each."""
    name = str(path.relative_to(PROJECT))
    linted = _linter().lint_string(LAMBDA.sub(_arrow, path.read_text()), fname=name)
    return [
        f"{name}:{fault.line_no}:{fault.line_pos} {fault.rule_code()} {fault.desc()}"
        for fault in linted.violations
    ]


def model_faults() -> Iterator[str]:
    """What sqlfluff says of all of them; the longest files first, so that no core waits for one."""
    files = [*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("tests/*.sql")]
    files.sort(key=lambda path: path.stat().st_size, reverse=True)
    with ProcessPoolExecutor() as processes:
        for faults in processes.map(faults_of, files):
            yield from faults


def macro_faults() -> Iterator[str]:
    """Macro files that are not named for what they give, or have odd lines."""
    for path, names in macro_names().items():
        name = str(path.relative_to(PROJECT))
        if not any(macro.startswith(path.stem) for macro in names):
            yield f"{name}:1 no macro bears the file's name"
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if len(line) > LONGEST:
                yield f"{name}:{number} line of {len(line)} characters, {LONGEST} are enough"
            if line != line.rstrip() or "\t" in line:
                yield f"{name}:{number} a tab, or blanks at the end"


def main() -> int:
    """Prints the faults and gives the exit code."""
    faults = sorted([*model_faults(), *macro_faults()])
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
