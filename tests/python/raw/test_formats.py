"""Every format an export may come in, through load-raw, read back cell for cell."""

import datetime as dt
import gzip
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.python.raw.exports import EXPORT, Migration, write_set

LONG = "é" * 40_000
PEOPLE = [
    ("1", "Smith", "a\nb"),
    ("2", "שלום 👩‍⚕️", '"quoted", and; more'),
    ("3", "O'Brien", LONG),
]


def workbook(rows: list[list[Any]], **more: Any) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    second = book.create_sheet("Second")
    second.append(["patid", "lastname"])
    second.append(["99", "from another sheet"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(query: str, tmp_path: Path) -> bytes:
    file = tmp_path / "written.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy ({query}) to '{file}' (format parquet)")
    return file.read_bytes()


def as_csv(delimiter: str) -> bytes:
    rows = [("patid", "lastname", "note"), *PEOPLE]
    quoted = ('"' + cell.replace('"', '""') + '"' for row in rows for cell in row)
    cells = list(quoted)
    lines = [delimiter.join(cells[at : at + 3]) for at in range(0, len(cells), 3)]
    return "\r\n".join(lines).encode()


def as_json(**options: Any) -> bytes:
    people = [dict(zip(("PatID", "Last Name", "note"), row, strict=True)) for row in PEOPLE]
    return json.dumps(people, **options).encode()


def as_lines() -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in json.loads(as_json()))


def as_parquet(tmp_path: Path) -> bytes:
    with duckdb.connect() as con:
        con.execute("create table people (patid varchar, lastname varchar, note varchar)")
        con.executemany("insert into people values (?, ?, ?)", PEOPLE)
        con.execute(f"copy people to '{tmp_path / 'people.parquet'}' (format parquet)")
    return (tmp_path / "people.parquet").read_bytes()


def test_every_format_lands_the_same_rows(migration: Migration, tmp_path: Path) -> None:
    cells = [list(row) for row in PEOPLE]
    # A workbook's cell holds 32,767 characters.
    cells[2][2] = LONG[:32_000]
    sheet = workbook([["patid", "lastname", "note"], *cells])
    contents = {
        "patient.csv": as_csv(","),
        "patient.tsv": as_csv("\t"),
        "patient.txt": as_csv("|"),
        "patient.ndjson": as_lines(),
        "patient.jsonl": as_lines(),
        "patient.json": as_json(indent=2),
        "patient.xlsx": sheet,
        "patient.parquet": as_parquet(tmp_path),
    }
    contents |= {f"{name.upper()}.gz": gzip.compress(content) for name, content in contents.items()}
    sets = [
        write_set(tmp_path / name, {name: content}, practice=f"p_{number}")
        for number, (name, content) in enumerate(contents.items())
    ]
    migration.land(*sets)
    for number, name in enumerate(contents):
        found = migration.rows(
            "patient", "patid, lastname, note, _file", where=f"_practice = 'p_{number}'"
        )
        expected = cells if "xlsx" in name.lower() else PEOPLE
        assert found == [(*row, name) for row in expected], name
        about = migration.file("patient", f"p_{number}")
        assert (about["rows_in_file"], about["landed"], about["rejected"]) == (3, 3, 0)
    parted_by = [migration.file("patient", f"p_{n}")["delimiter"] for n in range(8)]
    assert parted_by == [
        *("comma", "tab", "pipe", "json", "json", "json", "workbook", "parquet"),
    ]


def test_a_zip_of_a_set_with_every_format(migration: Migration, tmp_path: Path) -> None:
    yml = "\n".join(f"{key}: {value}" for key, value in EXPORT.items())
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("oak/export.yml", yml)
        archive.writestr("oak/patient.json.gz", gzip.compress(b'[{"patid": 1}]'))
        archive.writestr("oak/address.xlsx", workbook([["addrid", "city"], [1, "Oak Park"]]))
        archive.writestr("oak/claim.parquet", parquet("select 7 as claimid", tmp_path))
    migration.land(tmp_path / "set.zip")
    assert migration.rows("patient", "patid") == [("1",)]
    assert migration.rows("address", "addrid, city") == [("1", "Oak Park")]
    assert migration.rows("claim", "claimid, _line") == [("7", 1)]


def test_cells_of_a_workbook(migration: Migration, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [None],
        ["Pat ID", "lastname", "birthdate", "createdate", "note", "isguar", "S.S.N."],
        [1, "Smith", dt.date(1980, 2, 3), dt.datetime(2020, 1, 2, 3, 4, 5), 12.0, True, "x"],
        [],
        ["007", " a ", dt.time(8, 30), None, 1234.5, False, None, None, "", "  "],
        ["8", "b_x000D_\nc", None, "=1+1", 0.1 + 0.2, None, "x", "too many"],
        [9, None, None, None, 1e20],
        [10, None, None, None, 0.000001],
        ["Total records: 4"],
    ]
    migration.land(write_set(tmp_path / "set", {"Patients.xlsx": workbook(rows)}))
    columns = "_line, patid, lastname, birthdate, createdate, note, isguar"
    assert migration.rows("patient", columns) == [
        (3, "1", "Smith", "1980-02-03 00:00:00", "2020-01-02 03:04:05", "12", "true"),
        (5, "007", " a ", "08:30:00", None, "1234.5", "false"),
        (7, "9", None, None, None, "100000000000000000000", None),
        (8, "10", None, None, None, "0.000001", None),
    ]
    assert migration.rejects("patient") == [
        (6, "unreadable_line", "expected 7 cells, found 8", None)
    ]
    about = migration.file("patient")
    assert "never landed: S.S.N." in about["note"] and about["trailer_count"] == 4


def rewritten(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """A workbook with one of its parts changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        for info in before.infolist():
            part = before.read(info)
            if info.filename == member:
                assert old in part
                part = part.replace(old, new)
            after.writestr(info.filename, part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def test_workbooks_not_to_be_trusted(migration: Migration, tmp_path: Path) -> None:
    good = workbook([["patid", "lastname"], [1, "a"]])
    first = "xl/worksheets/sheet1.xml"
    laughs = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet '
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet '
    many_rows = rewritten(good, first, b'<row r="2">', b'<row r="99999999">')
    bomb = io.BytesIO(good)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.xml", b"<x>" + b" " * (300 << 20))
    cases = {
        "declares XML entities": rewritten(good, first, b"<worksheet ", laughs),
        "declares XML entities.": rewritten(good, first, b"<worksheet ", outside),
        "more rows than a sheet can have": many_rows,
        "out of proportion to its size": bomb.getvalue(),
        "no workbook": good[:-40],
        "cannot be read as a workbook": rewritten(good, "xl/workbook.xml", b"<sheets>", b"<sheet>"),
        "protected by a password": b"\xd0\xcf\x11\xe0" + b"\0" * 512,
        "its first sheet has no header": workbook([]),
        "patid, the key of table patient": workbook([["lastname"], ["a"]]),
    }
    for number, (says, content) in enumerate(cases.items()):
        folder = write_set(tmp_path / str(number), {"patient.xlsx": content})
        said = migration.refuse(folder)
        assert says.rstrip(".") in said and len(said.splitlines()) <= 2, (says, said)


def test_a_workbook_that_is_no_table_is_ignored(migration: Migration, tmp_path: Path) -> None:
    files = {
        "patient.csv": b"patid\n1\n",
        "figures.xlsx": b"damaged",
        "settings.json": b"hello",
        "package.json": b'{"name": "x"}',
        "c.parquet": b"x",
    }
    migration.land(write_set(tmp_path / "set", files))
    ignored = migration.rows("files", "file, note", "migration", "status = 'ignored'")
    assert [file for file, _ in ignored] == [
        "c.parquet",
        "figures.xlsx",
        "package.json",
        "settings.json",
    ]


def test_values_of_parquet(migration: Migration, tmp_path: Path) -> None:
    query = """
        select 1.0::double as patid, 12.50::decimal(10, 2) as "Last Name", true as isguar,
            date '1980-02-03' as birthdate, timestamp '2020-01-02 03:04:05' as createdate,
            timestamptz '2020-01-02 03:04:05+00' as firstvisitdate, 'x' as "password",
            'a' || chr(0) || chr(13) || chr(10) || 'b' || chr(133) as note,
            1e20::double as chartnum, '' as firstname, 'more' as shoe_size
        union all select null, null, null, null, null, null, null, null, null, null, null
        union all select 3.0, 7, false, null, null, null, 'x', 'c', 0.5, 'd', null
    """
    migration.land(write_set(tmp_path / "set", {"patient.parquet": parquet(query, tmp_path)}))
    assert migration.rows(
        "patient",
        "_line, patid, lastname, isguar, birthdate, createdate, firstvisitdate, note, firstname,"
        " chartnum, _extra",
    ) == [
        (
            *(1, "1", "12.50", "true", "1980-02-03", "2020-01-02 03:04:05", "2020-01-01 21:04:05"),
            *("a\nb", None, "1e+20", {"shoe_size": "more"}),
        ),
        (3, "3", "7.00", "false", None, None, None, "c", "d", "0.5", {"shoe_size": None}),
    ]
    about = migration.file("patient")
    assert about["control_characters"] == 2 and "never landed: password" in about["note"]
    assert migration.rejects("patient") == [
        (2, "missing_required", "no patid, the primary key", None)
    ]


def test_what_parquet_nests_is_treated_as_json_is(migration: Migration, tmp_path: Path) -> None:
    query = """
        select '1' as id, {'id': '5', 'ssn': '123-45-6789'} as "primaryProvider",
            [{'number': '555', 'S.S.N.': '123-45-6789'}] as phones,
            timestamptz '2020-01-02 03:04:05+00' as "lastModified", 'x' as colour
        union all
        select '2', null, [], null, null
    """
    folder = write_set(
        tmp_path / "set", {"patients.parquet": parquet(query, tmp_path)}, product="ascend"
    )
    migration.land(folder)
    assert migration.rows(
        "patients", "_line, id, primaryprovider, phones, lastmodified, _extra", "ascend"
    ) == [
        (1, "1", '{"id":"5"}', '[{"number":"555"}]', "2020-01-02T03:04:05.000Z", {"colour": "x"}),
        (2, "2", None, "[]", None, {}),
    ]
    for file in migration.home.rglob("*.parquet"):
        assert b"123-45-6789" not in file.read_bytes()


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "parquet"])
def test_a_table_without_rows(kind: str, migration: Migration, tmp_path: Path) -> None:
    content = {
        "csv": b"patid,lastname\n",
        "json": b'{"data": []}',
        "xlsx": workbook([["patid", "lastname"]]),
        "parquet": parquet("select '1' as patid where false", tmp_path),
    }[kind]
    migration.land(write_set(tmp_path / "set", {f"patient.{kind}": content}))
    assert migration.rows("patient") == []
    assert migration.file("patient")["note"] == "no rows"


def test_custom_fields_that_never_land_in_any_format(migration: Migration, tmp_path: Path) -> None:
    names = ["entity", "entity_id", "field_name", "field_type", "value"]
    secret = "123-45-6789"
    rows = [
        ["patient", "1", "Social Security #", "text", secret],
        ["patient", "1", "Drivers_License_No", "text", secret],
        ["patient", "1", "Colour", "text", "red"],
    ]
    contents = {
        "custom_fields.csv": "\n".join(",".join(row) for row in [names, *rows]).encode(),
        "custom_fields.json": json.dumps([dict(zip(names, r, strict=True)) for r in rows]).encode(),
        "custom_fields.xlsx": workbook([names, *rows]),
    }
    for number, (name, content) in enumerate(contents.items()):
        practice = f"p_{number}"
        migration.land(write_set(tmp_path / name, {name: content}, practice=practice))
        assert migration.rows("custom_fields", "value", where=f"_practice = '{practice}'") == [
            ("red",)
        ]
        about = migration.file("custom_fields", practice)
        assert (about["rows_in_file"], about["landed"], about["rejected"]) == (3, 1, 2)
        assert "2 rows of fields that are never landed dropped" in about["note"]
    for file in migration.home.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


@pytest.mark.parametrize("name", ["patient.csv", "patient.json", "patient.parquet"])
def test_a_damaged_gz_is_refused(name: str, migration: Migration, tmp_path: Path) -> None:
    noise = random.Random(7)
    lines = [f'{{"patid": {n}, "note": "{noise.random()}"}}' for n in range(20_000)]
    content = bytearray(gzip.compress("\n".join(["patid,note", *lines]).encode()))
    content[len(content) // 2 : len(content) // 2 + 400] = b"\0" * 400
    said = migration.refuse(write_set(tmp_path / "set", {f"{name}.gz": bytes(content)}))
    assert f"{name}.gz cannot be read" in said and len(said.splitlines()) <= 2
