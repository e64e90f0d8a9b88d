"""Follows docs/add_a_field.md to the letter: its blocks go where it says, its commands run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.python.support import BIN, PROJECT, environment

DOC = PROJECT / "docs" / "add_a_field.md"
MART = "models/marts/salesforce/dental_exec/dental_exec__patient.yml"
_EDIT = re.compile(r"In `([^`]+)`, (below|above) `([^`]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
_PARTS = (".ci", "demo", "docs", "loaders", "local_org", "macros", "models", "salesforce", "seeds")
_FILES = ("Makefile", "dbt_project.yml", "migration.yml", "profiles.yml", "pyproject.toml")


def copy_project(to: Path) -> Path:
    """What a clone has, without its tests."""
    for part in _PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / part, to / part, ignore=ignored)
    (to / "tests").mkdir()
    for test in (PROJECT / "tests").glob("*.sql"):
        shutil.copy(test, to / "tests")
    for file in _FILES:
        shutil.copy(PROJECT / file, to)
    return to


def edits() -> list[tuple[str, str, str, str]]:
    """The doc's blocks: file, below or above, the line to look for, what to put there."""
    return _EDIT.findall(DOC.read_text(encoding="utf-8"))


def put(project: Path, file: str, where: str, line: str, block: str) -> None:
    """Puts a block below or above the only line that reads so."""
    lines = (project / file).read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = [number for number, each in enumerate(lines) if each.strip() == line]
    lines.insert(at + (where == "below"), block)
    (project / file).write_text("".join(lines), encoding="utf-8")


def run(project: Path, home: Path, *command: str, codes: tuple[int, ...] = (0,)) -> str:
    """Runs a command of a project, which has to end with one of the codes; gives its stdout."""
    program, *rest = command
    done = subprocess.run(
        [program if program == "make" else str(BIN / program), *rest],
        env={**environment(home), "PYTHONPATH": str(project), "PATH": os.environ["PATH"]},
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode in codes, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def state(project: Path, home: Path, folder: Path) -> Path:
    """What a change is told from, as `.ci/show_change` keeps it."""
    folder.mkdir()
    planning = ("load-sf", "plan", "--allow-open-claims", "--json")
    (folder / "plan.json").write_text(run(project, home, *planning, codes=(0, 3)))
    looking = ("load-sf", "schema", "diff", "--json")
    (folder / "schema.json").write_text(run(project, home, *looking, codes=(0, 1)))
    shutil.copy(home / "target" / "manifest.json", folder)
    return folder
