"""Every kind of dirt real files have, each in one set, read back cell for cell."""

import codecs
import gzip
from pathlib import Path

from tests.python.raw.exports import Migration, write_set


def test_one_clean_file_and_what_is_known_about_it(migration: Migration, tmp_path: Path) -> None:
    folder = write_set(
        tmp_path / "october",
        {"patient.csv": "patid,lastname,note\n1,Smith,\n2,  Jones ,x\n"},
        practice_name="Oak Park Dental",
    )
    document = migration.land(folder)
    (landed,) = document["sets"]
    assert landed["practice"] == "oak_park" and not landed["already_landed"]
    assert document["generation"] == migration.generation()

    columns = "patid, lastname, note, firstname, _extra, _practice, _file, _line, _set"
    assert migration.rows("patient", columns) == [
        ("1", "Smith", None, None, {}, "oak_park", "patient.csv", 2, landed["set_id"]),
        ("2", "  Jones ", "x", None, {}, "oak_park", "patient.csv", 3, landed["set_id"]),
    ]
    assert migration.rows(
        "practices", "practice, practice_name, system, product, time_zone, country", "migration"
    ) == [("oak_park", "Oak Park Dental", "dentrix", "g_series", "America/Chicago", "US")]
    assert migration.rows("sets", "set_id, practice, kind, name", "migration") == [
        (landed["set_id"], "oak_park", "full", "october")
    ]
    about = migration.file("patient")
    assert (about["rows_in_file"], about["landed"], about["rejected"]) == (2, 2, 0)
    assert (about["encoding"], about["delimiter"], about["status"]) == ("utf-8", "comma", "landed")
    assert migration.file("aging")["status"] == "missing"


def test_lines_that_are_no_records(migration: Migration, tmp_path: Path) -> None:
    lines = [
        "patid,lastname,firstname",
        "1,a,b",
        "2,a",  # 3: too few
        "",
        "   ",
        "3,a,b,,",  # 6: empty cells too many
        '4,a,b,"", ',
        "5,a,b,c",  # 8: too many
        '6,"a',
        'b",c',
        '7,"never closed,b',  # 11
        '8,5" pipe,b',
        '9,"said "hi" there",b',
        ' "10" ,"a, b" , "c"',
        ",nokey,b",  # 15
        "11,cut",  # 16: breaks off
    ]
    migration.land(write_set(tmp_path / "set", {"patient.csv": "\r\n".join(lines)}))
    assert migration.rows("patient", "_line, patid, lastname, firstname") == [
        (2, "1", "a", "b"),
        (6, "3", "a", "b"),
        (7, "4", "a", "b"),
        (9, "6", "a\nb", "c"),
        (12, "8", '5" pipe', "b"),
        (13, "9", 'said "hi" there', "b"),
        (14, "10", "a, b", "c"),
    ]
    assert migration.rejects("patient") == [
        (3, "unreadable_line", "expected 3 cells, found 2", None),
        (8, "unreadable_line", "expected 3 cells, found 4", None),
        (11, "unreadable_line", "a quote opens in cell 2 and never closes", None),
        (15, "missing_required", "no patid, the primary key", None),
        (16, "unreadable_line", "expected 3 cells, found 2", None),
    ]
    about = migration.file("patient")
    assert (about["rows_in_file"], about["landed"], about["rejected"]) == (12, 7, 5)
    assert "2 cells with stray quotes read as text" in about["note"]


def test_trailers_are_known_by_their_words(migration: Migration, tmp_path: Path) -> None:
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": "patid,lastname\n1,a\n2,b\n\nTotal records: 2\n",
                "address.csv": 'addrid,city\n1,a\n"Total Records: 7",""\n',
                "claim.csv": "claimid,patid,status\n1,a,b\n(1 rows affected)\n",
                "insured.csv": "insuredid;idnum\n1;a\nTotal;1\n",
                "operatory.csv": "op_id\nOP-1\n3 rows selected.",
                "staff.csv": "staff_id,last_name\nS1,Total\nS2,2 rows\n",
            },
        )
    )
    assert migration.rows(
        "files", "table_name, rows_in_file, landed, trailer_count", "migration", "status = 'landed'"
    ) == [
        ("address", 1, 1, 7),
        ("claim", 1, 1, 1),
        ("insured", 1, 1, 1),
        ("operatory", 1, 1, 3),
        ("patient", 2, 2, 2),
        ("staff", 2, 2, None),
    ]
    assert "its trailer says 7 rows, it holds 1" in migration.file("address")["note"]
    assert migration.file("patient")["note"] is None


def test_encodings(migration: Migration, tmp_path: Path) -> None:
    text = "patid,lastname\r\n1,Müller “x”\r\n"
    wide = text.replace("patid", "addrid").replace("lastname", "city")
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": text.encode("cp1252"),
                "address.csv": wide.encode("utf-16"),
                "claim.csv": codecs.BOM_UTF8 + b"claimid,status\n1,\xc3\xa9\n",
                "insured.csv": b"insuredid,idnum\n1,a\x81\xe9\n",
                "staff.csv": gzip.compress("staff_id,title\nS1,Zoë\n".encode()),
                "appt.TXT.gz": gzip.compress("apptid|note\n1|Zoë\n".encode()),
            }
            | {"staff.csv": "staff_id,title\nS1,Zoë\n"},
        )
    )
    assert migration.rows("patient", "lastname") == [("Müller “x”",)]
    assert migration.rows("address", "city") == [("Müller “x”",)]
    assert migration.rows("claim", "status") == [("é",)]
    assert migration.rows("insured", "idnum") == [("a\N{REPLACEMENT CHARACTER}é",)]
    assert migration.rows("staff", "title") == [("Zoë",)]
    assert migration.rows("appt", "note, _file") == [("Zoë", "appt.TXT.gz")]
    assert migration.file("patient")["encoding"] == "cp1252"
    assert "read as cp1252" in migration.file("patient")["note"]
    assert migration.file("address")["encoding"] == "utf-16"
    assert "1 characters unreadable in cp1252" in migration.file("insured")["note"]


def test_declared_encoding_counts_but_a_mark_wins(migration: Migration, tmp_path: Path) -> None:
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": "patid,lastname\n1,é\n".encode("cp850"),
                "address.csv": "addrid,city\n1,é\n".encode("utf-8-sig"),
            },
            encoding="cp850",
        )
    )
    assert migration.rows("patient", "lastname") == [("é",)]
    assert migration.rows("address", "city") == [("é",)]


def test_control_characters_and_line_ends(migration: Migration, tmp_path: Path) -> None:
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": 'patid,note\r1,"a\r\nb\tc"\r2,a\0b\x1f\x7fc\r',
                "address.csv": "addrid,city\r\n1,a\x85b\r\n",
            },
        )
    )
    assert migration.rows("patient", "patid, note, _line") == [
        ("1", "a\nb\tc", 2),
        ("2", "abc", 4),
    ]
    assert migration.file("patient")["control_characters"] == 3
    assert migration.rows("address", "city") == [("ab",)]


def test_headers(migration: Migration, tmp_path: Path) -> None:
    header = '\n" Pat_ID ",LAST NAME,first-name,"It\'s ""x""; drop",lastname,note,note,,Email Addr,'
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": f"{header}\n1,a,b,c,d,e,f,g,h,\n2,a,b,c,d,e,f,g,h,\n",
                "address.tsv": "city\taddrid\tpatient_id\nX, Y\t1\t9\n",
                "provider.csv": "sep=;\nprovid;last_name\nDDS1;a,b\n",
                "aging.csv": "guarid,\n1,\n",
                "insured.csv": "insuredid\n7\n",
            },
        )
    )
    extra = {'It\'s "x"; drop': "c", "lastname": "d", "note (2)": "f", "column 8": "g"}
    assert migration.rows("patient", "patid, lastname, firstname, note, emailaddr, _extra") == [
        ("1", "a", "b", "e", "h", extra),
        ("2", "a", "b", "e", "h", extra),
    ]
    assert migration.rows("address", "addrid, city, _extra") == [("1", "X, Y", {"patient_id": "9"})]
    assert migration.rows("provider", "provider_id, last_name, _line") == [("DDS1", "a,b", 3)]
    assert migration.rows("aging", "guarid, _extra") == [("1", {})]
    assert migration.rows("insured", "insuredid") == [("7",)]


def test_never_landed(migration: Migration, tmp_path: Path) -> None:
    secret = "123-45-6789"
    migration.land(
        write_set(
            tmp_path / "set",
            {
                "patient.csv": "patid,S.S.N.,Social Security Number,Driver's License,PassWord,"
                "Soc Sec,Shoe Size,emailaddr,businessname\n"
                + f"1,{secret},{secret},{secret},{secret},{secret},44,{secret},ok\n",
                "custom_fields.csv": "entity,entity_id,field_name,field_type,value\n"
                f"patient,1,S S N,text,{secret}\npatient,1,Nick,text,x\n"
                f"patient,1,shoe-size,text,{secret}\npatient,1,Colour,text,red\n",
            },
            exclude=["EMAIL addr", "Shoe Size"],
        )
    )
    assert migration.rows("patient", "patid, emailaddr, _extra") == [
        ("1", None, {"businessname": "ok"})
    ]
    assert migration.rows("custom_fields", "field_name") == [("Colour",), ("Nick",)]
    assert "2 rows of fields that are never landed" in migration.file("custom_fields")["note"]
    assert migration.file("custom_fields")["rejected"] == 2
    assert migration.rejects("custom_fields") == []
    for file in migration.home.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_repeated_keys(migration: Migration, tmp_path: Path) -> None:
    rows = ["1,a", "2,a", "2 ,b", "3,a", "3,a", "4,a", "4,b", "4,a", '"5","a"', "5,a"]
    rows += ["6,a", "6\u00a0,b"]
    migration.land(
        write_set(tmp_path / "set", {"patient.csv": "\n".join(["patid,lastname", *rows])})
    )
    assert migration.rows("patient", "_line, patid, lastname") == [
        (2, "1", "a"),
        (4, "2 ", "b"),
        (5, "3", "a"),
        (7, "4", "a"),
        (10, "5", "a"),
        (13, "6\u00a0", "b"),
    ]
    assert [row[:2] + row[3:] for row in migration.rejects("patient")] == [
        (3, "duplicate_key", "2"),
        (6, "repeated_line", "3"),
        (8, "duplicate_key", "4"),
        (9, "repeated_line", "4"),
        (11, "repeated_line", "5"),
        (12, "duplicate_key", "6"),
    ]
    about = migration.file("patient")
    assert about["rows_in_file"] == about["landed"] + about["rejected"] == 12


def test_files_in_parts_and_by_other_names(migration: Migration, tmp_path: Path) -> None:
    done = migration.load_raw(
        write_set(
            tmp_path / "set",
            {
                "admin.PATIENT_2.CSV": "patid,lastname\n2,b\n10,first\n",
                "admin.PATIENT_10.CSV": "patid,lastname\n10,last\n",
                "People.txt": "addrid|street1|city|state|zipcode|colour\n1|a|b|c|d|e\n",
                "any.csv": "claimid,x\n1,y\n",
                "v_appt_status_codes.csv": "defid,descript\n1,Here\n",
                "codes.csv": "defid,descript\n1,could be one of several tables\n",
                "readme.pdf": b"%PDF-1.7",
                "files/scan.jpg": b"\xff\xd8\xff",
            },
            files={"claim": "ANY.csv"},
        )
    )
    assert done.returncode == 0, done.stderr
    assert migration.rows("patient", "patid, lastname, _file") == [
        ("10", "last", "admin.PATIENT_10.CSV"),
        ("2", "b", "admin.PATIENT_2.CSV"),
    ]
    assert migration.rows("address", "addrid, city, _extra") == [("1", "b", {"colour": "e"})]
    assert migration.rows("claim", "claimid") == [("1",)]
    assert migration.rows("appt_status", "descript") == [("Here",)]
    assert "recognised as address by its header" in done.stderr
    assert "recognised as address by its header" in migration.file("address")["note"]
    ignored = migration.rows("files", "file", "migration", "status = 'ignored'")
    assert ignored == [("codes.csv",), ("readme.pdf",)]
    assert "codes.csv ignored" in done.stderr


def test_every_table_exists_with_one_schema(migration: Migration, tmp_path: Path) -> None:
    """What dbt's sources rely on: each glob matches, and all its files are alike."""
    migration.land(write_set(tmp_path / "a", {"patient.csv": "x,patid\ny,1\n"}))
    migration.land(
        write_set(tmp_path / "b", {"patient.csv": "patid,note\n1,y\n"}, practice="elm_street")
    )
    current = migration.home / "raw" / "current"
    folders = [
        folder for system in current.iterdir() if system.is_dir() for folder in system.iterdir()
    ]
    assert len(folders) > 40
    assert all((folder / "~none.parquet").is_file() for folder in folders)
    assert migration.rows("patient", "_practice, patid") == [("elm_street", "1"), ("oak_park", "1")]
    assert migration.rows("users", system="salesforce") == []
    for entry in migration.home.rglob("*"):
        if not entry.is_symlink():
            assert entry.stat().st_mode & 0o077 == 0, entry
