""".dat files: read by their layout, refused without one."""

import gzip
import struct
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.errors import UserError
from loaders.raw.layout import read_layout
from tests.python.raw.exports import Migration, write_set

LAYOUT: dict[str, Any] = {
    "data_offset": 16,
    "record_length": 64,
    "deleted": {"offset": 0, "values": [1, 255]},
    "fields": [
        {"name": "Patient ID", "offset": 2, "length": 4, "type": "uint32"},
        {"name": "last_name", "offset": 6, "length": 12, "type": "text"},
        {"name": "S.S.N.", "offset": 18, "length": 9, "type": "text"},
        {"name": "birthdate", "offset": 28, "length": 4, "type": "date_yyyymmdd"},
        {"name": "balance", "offset": 32, "length": 4, "type": "cents_int32"},
        {"name": "gender", "offset": 36, "length": 2, "type": "int16"},
        {"name": "status", "offset": 38, "length": 2, "type": "uint16"},
        {"name": "fampos", "offset": 40, "length": 4, "type": "int32"},
        {"name": "missedappt", "offset": 44, "length": 8, "type": "float64"},
    ],
}
SECRET = b"123456789"


def record(number: int, last: bytes, born: int, cents: int, more: float, mark: int = 0) -> bytes:
    numbers = struct.pack("<IihHid", born, cents, -3, 65_535, -70_000, more)
    named = struct.pack("<BxI12s9sx", mark, number, last, SECRET)
    return (named + numbers).ljust(64, b"\xee")


RECORDS = [
    record(1, b"Smith", 19800203, -1234, 12.0),
    record(2, b"Dead", 0, 0, 0, mark=1),
    record(4_000_000_000, "Müller".encode("cp1252"), 0, 5, 1234.5),
    record(3, b"Al\0garbage", 12, -5, -1e-7),
    record(5, b"Dead too", 0, 0, 0, mark=255),
    record(6, b"a\tb\x07\nc d  ", 20240229, 100, float("nan")),
]


def layout(**changes: Any) -> str:
    return yaml.safe_dump({k: v for k, v in (LAYOUT | changes).items() if v is not None})


def test_records_land_as_their_layout_tells(migration: Migration, tmp_path: Path) -> None:
    content = b"\xffc-tree header..."[:16] + b"".join(RECORDS) + b"the tail of a record"
    files: dict[str, str | bytes] = {"Patient.DAT": content, "patient.layout.yml": layout()}
    migration.land(write_set(tmp_path / "set", files))
    assert migration.rows(
        "patient",
        "_line, patid, lastname, birthdate, gender, status, fampos, missedappt, _extra",
    ) == [
        (1, "1", "Smith", "1980-02-03", "-3", "65535", "-70000", "12", {"balance": "-12.34"}),
        (
            *(3, "4000000000", "Müller", None, "-3", "65535", "-70000", "1234.5"),
            {"balance": "0.05"},
        ),
        (4, "3", "Al", "12", "-3", "65535", "-70000", "-0.0000001", {"balance": "-0.05"}),
        (
            *(6, "6", "a\tb\nc d  ", "2024-02-29", "-3", "65535", "-70000", "nan"),
            {"balance": "1.00"},
        ),
    ]
    assert migration.rejects("patient") == [
        (7, "unreadable_line", "the file breaks off: 20 bytes of a record", None)
    ]
    about = migration.file("patient")
    assert (about["rows_in_file"], about["landed"], about["rejected"]) == (5, 4, 1)
    assert (about["encoding"], about["delimiter"]) == ("cp1252", "layout")
    assert "2 records marked as deleted skipped" in about["note"]
    assert "never landed: S.S.N." in about["note"] and about["control_characters"] == 1
    assert migration.rows("files", "file", "migration", "status = 'ignored'") == []
    for file in migration.home.rglob("*"):
        assert not file.is_file() or SECRET not in file.read_bytes()


def test_encodings_of_records(migration: Migration, tmp_path: Path) -> None:
    def content(last: bytes) -> bytes:
        return b"\0" * 16 + record(1, last, 0, 0, 0)

    utf8, cp850 = "Zoë".encode(), "Zoë".encode("cp850")
    migration.land(
        write_set(
            tmp_path / "a",
            {"patient.dat.gz": gzip.compress(content(utf8)), "patient.layout.yml": layout()},
        ),
        write_set(
            tmp_path / "b",
            {"patient.dat": content(cp850), "patient.layout.yml": layout()},
            practice="elm",
            encoding="cp850",
        ),
    )
    assert migration.rows("patient", "lastname") == [("Zoë",), ("Zoë",)]
    assert migration.file("patient")["encoding"] == "utf-8"
    assert migration.file("patient", "elm")["encoding"] == "cp850"


def test_many_records(migration: Migration, tmp_path: Path) -> None:
    records = b"".join(struct.pack("<I6s", n, f"n{n}".encode()) for n in range(1, 500_001))
    tiny = {
        "data_offset": 0,
        "record_length": 10,
        "fields": [
            {"name": "patid", "offset": 0, "type": "uint32"},
            {"name": "lastname", "offset": 4, "length": 6, "type": "text"},
        ],
    }
    migration.land(
        write_set(tmp_path / "s", {"patient.dat": records, "patient.layout.yml": yaml.dump(tiny)})
    )
    assert migration.rows(
        "patient", "count(*), count(distinct patid), max(_line), count(*) filter (_line <> patid)"
    ) == [(500_000, 500_000, 500_000, 0)]


FIELD = {"name": "patid", "offset": 0, "length": 4, "type": "uint32"}
BAD = [
    ("fields: [", "is no readable layout"),
    ("just words", "is no readable layout"),
    (layout(record_length=None), "record_length is missing"),
    (layout(data_offset=-1), "data_offset must be a whole number"),
    (layout(fields=None), "fields must be a list of at least one field"),
    (layout(record_length=40), "field fampos: offset must be a whole number, 0 to 39"),
    (layout(record_length=46), "field missedappt: it reaches beyond record_length"),
    (layout(colour="red"), "'colour' is not known"),
    (layout(fields=[FIELD | {"type": "packed"}]), "its type must be one of text"),
    (layout(fields=[FIELD | {"offset": -4}]), "field patid: offset must be"),
    (layout(fields=[FIELD | {"length": 8}]), "a uint32 is 4 bytes long"),
    (layout(fields=[FIELD | {"name": None}]), "field 1 has no name"),
    (layout(fields=["patid"]), "field 1 must hold name, offset, length and type"),
    (layout(deleted={"offset": 0}), "deleted must hold offset and values"),
    (layout(deleted={"offset": 0, "values": ["*"]}), "values must be bytes, 0 to 255"),
]


@pytest.mark.parametrize(("says", "words"), BAD)
def test_mistakes_in_a_layout_are_one_clear_line(says: str, words: str) -> None:
    with pytest.raises(UserError) as refused:
        read_layout(says.encode(), "set: patient.layout.yml")
    assert words in refused.value.message and "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("content", "says", "words"),
    [
        (b"\0" * 99, layout(record_length=46), "patient.layout.yml needs correcting: field"),
        (b"\0" * 9, layout(), "is shorter than the data_offset"),
        (
            b"\0" * 99,
            layout(fields=[FIELD | {"name": "chart"}]),
            "patid, the key of table patient, is not in its header",
        ),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(
    content: bytes, says: str, words: str, migration: Migration, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {"patient.dat": content, "patient.layout.yml": says}
    said = migration.refuse(write_set(tmp_path / "set", files))
    assert words in said and len(said.splitlines()) <= 2, said


def test_without_a_layout_it_is_refused_by_name(migration: Migration, tmp_path: Path) -> None:
    said = migration.refuse(write_set(tmp_path / "set", {"patient.dat": b"\0" * 99}))
    assert "patient.dat is a .dat file without a layout beside it (patient.layout.yml)" in said
    assert "as CSV through ODBC" in said
    migration.land(write_set(tmp_path / "b", {"patient.csv": "patid\n1\n", "x.dat": b"\0"}))
    assert migration.rows("files", "file", "migration", "status = 'ignored'") == [("x.dat",)]
