"""Killed at any moment the old generation stands; two landings never meet."""

import fcntl
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.python.raw.exports import LOAD_RAW, Migration, write_set


def _written(folder: Path, pattern: str, megabytes: float) -> bool:
    try:
        return any(f.stat().st_size > megabytes * 1e6 for f in folder.glob(pattern))
    except FileNotFoundError:
        return False


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "generation begun": lambda raw: any(raw.glob("generations/.building-*")),
    "text half cleaned": lambda raw: _written(raw, "work/*/rows", 4),
    "Parquet half written": lambda raw: _written(raw, "work/*/*patient-0.parquet", 0.1),
}


def test_killed_at_any_moment(migration: Migration, tmp_path: Path) -> None:
    migration.land(write_set(tmp_path / "first", {"patient.csv": "patid\n1\n"}))
    before = migration.generation()
    rows = "".join(f'{n},"name\n{n}",{n % 977:0300d}\n' for n in range(60_000))
    folder = write_set(
        tmp_path / "second",
        {"patient.csv": f"patid,lastname,note\n{rows}"},
        extracted_at="2026-12-01T00:00:00Z",
    )
    for name, come in MOMENTS.items():
        process = subprocess.Popen([LOAD_RAW, folder], env=migration.env())
        deadline = time.monotonic() + 60
        while not come(migration.home / "raw"):
            assert process.poll() is None and time.monotonic() < deadline, f"missed: {name}"
            time.sleep(0.001)
        process.kill()
        process.wait()
        assert migration.generation() == before, name
        assert migration.rows("patient", "patid") == [("1",)], name
        assert migration.leftovers(), name
    migration.land(folder)
    assert migration.rows("patient", "count(*), count(distinct patid)") == [(60_000, 60_000)]
    assert not migration.leftovers()
    assert len(list((migration.home / "raw" / "generations").iterdir())) == 2


def test_two_landings_at_once(migration: Migration, tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", {"patient.csv": "patid\n1\n"})
    (migration.home / "raw").mkdir(parents=True)
    with (migration.home / "raw" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another landing is at work" in migration.refuse(folder)
    migration.land(folder)


def test_options_land_where_they_changed(migration: Migration, tmp_path: Path) -> None:
    done = migration.load_raw()
    assert done.returncode == 0 and "Nothing to land" in done.stdout
    assert migration.generation(), "every table exists from now on"
    migration.land(
        write_set(tmp_path / "a", {"patient.csv": "patid\n1\n"}),
        write_set(tmp_path / "b", {"patient.csv": "patid\n2\n"}, practice="elm"),
    )
    columns = "practice, appointments_as, max_file_mb, sensitive_alerts, audit_fields, country"
    alerts = '{"names": [], "action": "load"}'
    assert migration.rows("practices", columns, "migration") == [
        ("elm", "event", "25", alerts, "false", "US"),
        ("oak_park", "event", "25", alerts, "false", "US"),
    ]
    before = migration.generation()
    assert not migration.land()["options_changed"] and migration.generation() == before

    migration.options().write_text(
        "defaults: {appointments_as: appointment, max_file_mb: 5}\n"
        "practices:\n  elm:\n    max_file_mb: 9\n    country: ca\n    audit_fields: true\n"
        "    sensitive_alerts: {names: [HIV], action: mask}\n  not_landed_yet: {}\n"
    )
    assert migration.land()["options_changed"] and migration.generation() != before
    assert migration.rows("practices", columns, "migration") == [
        ("elm", "appointment", "9", '{"names": ["HIV"], "action": "mask"}', "true", "CA"),
        ("oak_park", "appointment", "5", alerts, "false", "US"),
    ]
    assert migration.rows("patient", "patid") == [("1",), ("2",)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "defaults: {appointments_as: task, colour: red, max_file_mb: lots, country: NO}\n"
            "practices: {Oak Park: {}, elm: {fallback_owner: nobody, imaging_base_url: 'x y'}}\n"
            "extra: 1\n",
            [
                "`appointments_as:` must be one of event, appointment.",
                "'colour' is not known",
                "`max_file_mb:` must be a whole number",
                "`country:` must be a two-letter country code",
                "'Oak Park' is no slug",
                "`fallback_owner:` must be the e-mail of a User",
                "`imaging_base_url:` must be an address",
                "`extra:` is not known",
            ],
        ),
        ("defaults: [", ["no readable YAML (line 1)"]),
    ],
)
def test_options_that_are_none(migration: Migration, content: str, says: list[str]) -> None:
    migration.options().write_text(content)
    said = migration.refuse()
    assert all(words in said for words in says), said


def test_help_shows_how(migration: Migration) -> None:
    done = migration.load_raw("--help")
    assert done.returncode == 0 and "load-raw exports/oak_park" in done.stdout


def test_a_generation_of_an_older_contract_is_brought_up_to_date(
    migration: Migration, tmp_path: Path
) -> None:
    """As a version with new columns finds it: all files of a table must stay alike."""
    migration.land(write_set(tmp_path / "set", {"patient.csv": "patid,note,mi\n1,x,Q\n"}))
    table = migration.home / "raw" / "current" / "dentrix" / "patient"
    for file in table.glob("*.parquet"):
        older = file.with_suffix(".older.parquet")
        with duckdb.connect() as con:
            con.execute(f"copy (select * exclude (mi, title) from '{file}') to '{older}'")
        older.replace(file)
    about = migration.home / "raw" / "current" / "generation.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"contract": "older"}))
    migration.land()
    assert migration.rows("patient", "patid, note, mi, title") == [("1", "x", None, None)]
    with duckdb.connect() as con:
        described = {
            str(con.execute(f"describe select * from '{file}'").fetchall())
            for file in table.glob("*.parquet")
        }
    assert len(described) == 1
