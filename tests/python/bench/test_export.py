"""What the bench measures: exports of a size, the same every time, that land whole."""

import csv
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from bench.export import write_dental_exec, write_patients, write_practice
from loaders.raw.contract import product_contract
from tests.python.support import Migration

# Neither referrals nor staff nor custom fields are many in a practice.
LEFT_OUT = {"custom_fields", "provider_email", "referral", "staff"}


def rows(folder: Path) -> dict[str, int]:
    found = {}
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            found[file.stem] = sum(1 for _ in csv.reader(lines)) - 1
    return found


def digest(folder: Path) -> str:
    """Of what the files hold, in whatever order DuckDB's threads wrote the lines."""
    lines = (sorted(f.read_bytes().splitlines()) for f in sorted(folder.iterdir()))
    return sha256(b"\n".join(b"\n".join(each) for each in lines)).hexdigest()


def test_plain_patients_are_as_many_as_asked_for(tmp_path: Path) -> None:
    written = write_patients(tmp_path / "export", 40)
    assert rows(tmp_path / "export")["patient"] == 40
    assert written == sum(rows(tmp_path / "export").values())


@pytest.mark.parametrize("asked", [20_000, 60_000])
def test_a_practice_has_about_the_rows_asked_for(asked: int, tmp_path: Path) -> None:
    written = write_practice(tmp_path / "export", asked)
    found = rows(tmp_path / "export")
    assert written == sum(found.values())
    # Lookup tables are as long in a small practice as in a large one.
    assert 0.98 * asked < written < 1.03 * asked + 2500
    assert set(product_contract("dentrix", "g_series").tables) - LEFT_OUT == set(found)
    assert 0.5 * asked < found["fullproclog"] < 0.6 * asked


def test_dental_exec_has_the_tasks_and_bills_asked_for(tmp_path: Path) -> None:
    written = write_dental_exec(tmp_path / "export", 2_000)
    found = rows(tmp_path / "export")
    assert written == sum(found.values())
    assert (found["tasks"], found["billing"], found["patients"]) == (1_000, 1_000, 100)


@pytest.mark.parametrize("write", [write_practice, write_dental_exec])
def test_the_same_size_is_the_same_practice_and_lands_whole(
    write: Callable[[Path, int], int], tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder, 5_000)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    migration = Migration(tmp_path / "home")
    said = migration.run("load-raw", tmp_path / "one").stdout
    assert " 0 rejected" in said
