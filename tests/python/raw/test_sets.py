"""What full and delta sets mean, over a practice's life."""

import csv
import io
import shutil
import zipfile
from pathlib import Path

from tests.python.raw.exports import Migration, write_set


def _csv(*rows: str) -> str:
    return "\n".join(["patid,lastname", *rows, ""])


def test_a_practice_over_time(migration: Migration, tmp_path: Path) -> None:
    first = write_set(
        tmp_path / "first",
        {
            "patient.csv": _csv("1,a", "2,b", "3,c", "4,d", "x"),
            "aging.csv": "guarid,aging0to30\n1,5\n",
            "recalltype.csv": "recallid,patid,name\n1,0,PROPHY\n1,2,PROPHY\n2,2,PERIO\n",
        },
    )
    migration.land(first)
    generation = migration.generation()

    again = migration.land(first)
    assert again["sets"][0]["already_landed"] and migration.generation() == generation
    copied = shutil.make_archive(str(tmp_path / "copied"), "zip", first)
    assert migration.land(copied)["sets"][0]["already_landed"], "a zip of a set is that set"

    delta = {
        "patient.csv": _csv("2,B", " 5,e"),
        "deleted.csv": "Table,key1,key2\npatient,3,\nRECALLTYPE,1,2\n",
        "keys/recalltype.csv": "recallid,patid\n1,0\n1,2\n",
    }
    later = write_set(
        tmp_path / "delta", delta, kind="delta", extracted_at="2026-11-21T02:00:00-06:00"
    )
    migration.land(later)
    assert migration.rows("patient", "patid, lastname") == [
        (" 5", "e"),
        ("1", "a"),
        ("2", "B"),
        ("4", "d"),
    ]
    assert migration.rows("recalltype", "recallid, patid") == [("1", "0")]
    assert migration.rows("aging", "guarid") == [("1",)]
    assert [row[0] for row in migration.rows("sets", "kind", "migration")] == ["delta", "full"]
    assert len(migration.rejects("patient")) == 1, "the full set's reject is still known"
    removed = migration.rows("files", "distinct note", "migration", "note like 'removed%'")
    assert removed == [("removed: patient 1, recalltype 2",)]

    said = migration.refuse(
        write_set(tmp_path / "old", delta, kind="delta", extracted_at="2026-11-20T23:00:00+14:00")
    )
    assert "before the last set" in said

    full = {"patient.csv": _csv("1,a", "9,z")}
    when = "2026-12-01T02:00:00-06:00"
    migration.land(write_set(tmp_path / "full", full, extracted_at=when))
    assert migration.rows("patient", "patid") == [("1",), ("9",)]
    assert migration.rows("aging", "guarid") == [("1",)], "missing later: the earlier rows stand"
    assert migration.rows(
        "files", "table_name, status", "migration", "table_name in ('aging', 'recalltype')"
    ) == [
        ("aging", "kept"),
        ("aging", "landed"),
        ("recalltype", "kept"),
        ("recalltype", "landed"),
    ]
    assert migration.rejects("patient") == []

    migration.land(
        write_set(tmp_path / "full2", full, extracted_at=when, keep=["recalltype"], empty=["aging"])
    )
    assert migration.rows("aging") == []
    assert migration.rows("recalltype", "recallid, patid") == [("1", "0")]
    assert migration.file("aging")["status"] == "empty"
    generations = list((migration.home / "raw" / "generations").iterdir())
    assert len(generations) == 2, "the current one and the one before it"


def test_practices_stand_side_by_side(migration: Migration, tmp_path: Path) -> None:
    """Also sets named in the wrong order, in one call, one of them a zip of a folder."""
    oak = write_set(tmp_path / "oak", {"patient.csv": _csv("1,a")})
    delta = write_set(
        tmp_path / "oak_delta",
        {"patient.csv": _csv("1,b")},
        kind="delta",
        extracted_at="2026-11-22T00:00:00Z",
    )
    write_set(tmp_path / "in" / "elm", {"patient.csv": _csv("1,e")}, practice="elm")
    elm = shutil.make_archive(str(tmp_path / "elm"), "zip", tmp_path / "in")
    migration.land(delta, elm, oak)
    assert migration.rows("patient", "_practice, patid, lastname") == [
        ("elm", "1", "e"),
        ("oak_park", "1", "b"),
    ]
    assert len(migration.rows("practices", system="migration")) == 2


def test_what_a_delta_cannot_be(migration: Migration, tmp_path: Path) -> None:
    delta = write_set(tmp_path / "delta", {"patient.csv": _csv("1,a")}, kind="delta")
    assert "no full set yet" in migration.refuse(delta)
    migration.land(write_set(tmp_path / "full", {"patient.csv": _csv("1,a")}))
    when = {"kind": "delta", "extracted_at": "2026-11-21T02:00:00-06:00"}
    empty = write_set(tmp_path / "empty", {"keys/patient.csv": "patid\n"}, **when)
    assert "lists no keys" in migration.refuse(empty)
    unknown = write_set(tmp_path / "unknown", {"deleted.csv": "table,key1\npeople,1\n"}, **when)
    assert "deleted.csv names a table" in migration.refuse(unknown)


def test_a_landing_reads_only(migration: Migration, tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["patid"], ["1"]])
    folder = write_set(tmp_path / "set", {"patient.csv": out.getvalue()})
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    before = {file: file.stat().st_mtime_ns for file in [folder, *folder.iterdir()]}
    folder.chmod(0o555)
    migration.land(folder)
    assert before == {file: file.stat().st_mtime_ns for file in [folder, *folder.iterdir()]}
