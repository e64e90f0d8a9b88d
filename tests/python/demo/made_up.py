"""The made-up practices as files, for the tests of both."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo.files import FileLayout
from tests.python.support import PROJECT, environment


def write(module: str, folder: Path, *options: str, hash_seed: str = "1") -> None:
    """Has a module of the demo write its practice, in a process with its own order of sets."""
    subprocess.run(
        [sys.executable, "-m", module, str(folder), *options],
        env={**environment(folder), "PYTHONHASHSEED": hash_seed},
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by their path in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def truth_of(practice: Path) -> list[dict[str, Any]]:
    """What was planted, as it stands beside the export."""
    truth: list[dict[str, Any]] = json.loads((practice / "truth.json").read_text())
    return truth


def rows_of(practice: Path, layout: FileLayout, columns: Sequence[str]) -> list[dict[str, str]]:
    """A file's rows as Python's csv module reads them, by contract column."""
    text = (practice / "export" / layout.name).read_bytes().decode(layout.encoding)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    return [dict(zip(columns, line, strict=False)) for line in list(lines)[1:]]
