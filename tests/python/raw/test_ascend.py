"""Dentrix Ascend's API responses through load-raw, with all that can be wrong with them."""

import codecs
import json
from pathlib import Path

from tests.python.raw.exports import Migration, write_set

SECRET = "123-45-6789"


def ascend(folder: Path, files: dict[str, str | bytes], practice: str = "elm") -> Path:
    return write_set(folder, files, product="ascend", practice=practice, time_zone="US/Eastern")


def test_values_land_as_text(migration: Migration, tmp_path: Path) -> None:
    objects = [
        '{"ID": 1234567890123, "firstName": "Ann", "chartNumber": null, "emailAddress": ""'
        ', "phones": [ {"number" : "555", "isPrimary": true, "n": 1.10, "x": null} ]'
        ', "primaryProvider": {"id": "77", "type": "ProviderV1"}, "State": "I\\u004c"}',
        '{"id": "2", "firstName": "Zo\\u00eb \\ud83d\\ude00", "lastName": "\\u05e9", "city": 1.50'
        ', "postalCode": 1e3, "address1": false, "address2": 12345678901234567890123456789}',
        '{"id": "3", "firstName": "a\\u0000b\\u0007c\\rd\\u009f", "lastName": "\\ud800x"'
        ', "city": NaN, "phones": {"a": "x\\u0000y", "b": [-Infinity]}}',
    ]
    migration.land(ascend(tmp_path / "set", {"patients.ndjson": "\n".join(objects)}))
    columns = "id, firstname, lastname, chartnumber, emailaddress, phones, primaryprovider"
    assert migration.rows("patients", columns, "ascend", "id = '1234567890123'") == [
        (
            *("1234567890123", "Ann", None, None, None),
            '[{"number":"555","isPrimary":true,"n":1.10,"x":null}]',
            '{"id":"77","type":"ProviderV1"}',
        )
    ]
    assert migration.rows(
        "patients",
        "firstname, lastname, city, postalcode, address1, address2, _line",
        "ascend",
        "id = '2'",
    ) == [("Zoë 😀", "ש", "1.50", "1e3", "false", "12345678901234567890123456789", 2)]
    assert migration.rows(
        "patients", "firstname, lastname, city, phones", "ascend", "id = '3'"
    ) == [("abc\nd", "\N{REPLACEMENT CHARACTER}x", "NaN", '{"a":"xy","b":["-Infinity"]}')]
    about = migration.file("patients", "elm")
    assert about["control_characters"] == 4 and about["delimiter"] == "json"
    assert "1 characters unreadable" in about["note"]


def test_unknown_never_landed_and_repeated_names(migration: Migration, tmp_path: Path) -> None:
    person = {
        "id": "1",
        "ssn": SECRET,
        "Shoe Size": "44",
        "favourites": {"colour": "red", "socialSecurityNumber": SECRET, "deep": [{"SSN": SECRET}]},
        "phones": [{"number": "1", "driversLicense": SECRET, "password": SECRET}],
        "empty": None,
        "secretNotes": {"ok": SECRET},
    }
    twice = '{"id": "2", "city": "first", "city": "second", "odd": 1, "odd": 2, "ODD": 3}'
    folder = ascend(tmp_path / "set", {"patients.json": json.dumps([person])[:-1] + f",\n{twice}]"})
    yml = folder / "export.yml"
    yml.write_text(yml.read_text() + "exclude: [Secret Notes]\n")
    migration.land(folder)
    assert migration.rows("patients", "id, city, phones, _extra", "ascend") == [
        (
            *("1", None, '[{"number":"1"}]'),
            {"Shoe Size": "44", "favourites": '{"colour":"red","deep":[{}]}'},
        ),
        ("2", "first", None, {"city": "second", "odd": "1", "odd (2)": "2", "ODD": "3"}),
    ]
    note = migration.file("patients", "elm")["note"]
    assert "never landed: SSN, driversLicense, password, secretNotes" in note
    for file in migration.home.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_own_names_count_before_aliases(migration: Migration, tmp_path: Path) -> None:
    text = '{"id": 1, "patient": {"id": "8"}, "patientId": "9"}\n{"id": 2, "patient": {"id": "7"}}'
    migration.land(ascend(tmp_path / "set", {"transactions.ndjson": text}))
    assert migration.rows("transactions", "id, patientid, _extra", "ascend") == [
        ("1", "9", {"patient": '{"id":"8"}'}),
        ("2", '{"id":"7"}', {}),
    ]


def test_what_is_broken_is_rejected_with_its_line(migration: Migration, tmp_path: Path) -> None:
    lines = [
        '{"id": "1", "lastName": "a"}',
        '{"id": "2", "lastName": "never closed}',
        "",
        '{"lastName": "no key"}',
        '["not", "an object"]',
        '{"id": "3", "lastName": ' + "[" * 10_000 + "]" * 10_000 + "}",
        '{"id": "4", "note": "' + "é" * 40_000 + '"}',
        '{"id": "5", "note": "' + "x" * (5 << 20) + '"}',
        '{"id": "6", "note": {"a":' * 1 + '{"a":' * 100 + "1" + "}" * 102,
        '{"id": "7"}',
        '{"id": "8", "lastName": "cut o',
    ]
    migration.land(ascend(tmp_path / "set", {"patients.ndjson": "\r\n".join(lines)}))
    assert migration.rows("patients", "_line, id", "ascend") == [(1, "1"), (7, "4"), (10, "7")]
    assert [row[:3] for row in migration.rejects("patients")] == [
        (2, "unreadable_line", "no readable JSON"),
        (4, "missing_required", "no id, the primary key"),
        (5, "unreadable_line", "not an object"),
        (5, "unreadable_line", "not an object"),
        (6, "unreadable_line", "nested too deep"),
        (8, "unreadable_line", "longer than 4 MB"),
        (9, "unreadable_line", "nested too deep"),
        (11, "unreadable_line", "no readable JSON: the file may break off here"),
    ]
    about = migration.file("patients", "elm")
    assert about["rows_in_file"] == about["landed"] + about["rejected"] == 11


def test_repeated_ids_also_on_one_line(migration: Migration, tmp_path: Path) -> None:
    text = (
        '[{"id": "1", "city": "a"}, {"id": "1", "city": "b"}, {"city": "no id"},'
        ' {"id": "2", "city": "a"}, {"id": 2, "city": "a"}, {"id": "3"}]'
    )
    migration.land(ascend(tmp_path / "set", {"patients.json": text}))
    assert migration.rows("patients", "id, city", "ascend") == [
        ("1", "b"),
        ("2", "a"),
        ("3", None),
    ]
    assert [row[1:] for row in migration.rejects("patients")] == [
        ("duplicate_key", "a later line has the same key", "1"),
        ("missing_required", "no id, the primary key", None),
        ("repeated_line", "the same line again", "2"),
    ]


def test_encodings_of_json(migration: Migration, tmp_path: Path) -> None:
    text = '{"id": "1", "name": "Zoë"}\n'
    migration.land(
        ascend(
            tmp_path / "set",
            {
                "operatories.ndjson": codecs.BOM_UTF8 + text.encode(),
                "locations.json": text.encode("utf-16"),
                "insurancecarriers.jsonl": text.encode("cp1252"),
                "medicalalerts.ndjson": b"",
            },
        )
    )
    for table in ("operatories", "locations", "insurancecarriers"):
        assert migration.rows(table, "id, name, _line", "ascend") == [("1", "Zoë", 1)]
    assert "read as cp1252" in migration.file("insurancecarriers", "elm")["note"]
    assert migration.file("medicalalerts", "elm")["note"] == "no rows"


def test_a_field_that_changes_its_type_half_way(migration: Migration, tmp_path: Path) -> None:
    lines = [json.dumps({"id": n, "amount": n / 2}) for n in range(50)]
    lines += [json.dumps({"id": n, "amount": {"value": str(n)}}) for n in range(50, 60)]
    lines += [json.dumps({"id": n, "amount": [True, None]}) for n in range(60, 70)]
    migration.land(ascend(tmp_path / "set", {"transactions.ndjson": "\n".join(lines)}))
    assert migration.rows("transactions", "amount", "ascend", "id in ('5', '55', '65')") == [
        ("2.5",),
        ("[true,null]",),
        ('{"value":"55"}',),
    ]


def test_other_formats_of_ascend(migration: Migration, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "patients.csv": "ID,First Name,lastmodified\n1,Ann,2026-01-01T00:00:00Z\n",
        "data.json": json.dumps({"data": [{"id": "5", "adaCode": "D0120", "fee": 1}]}),
        "visits_1.json": '{"id": "1"}',
        "visits_2.json": '{"id": "2"}',
    }
    folder = ascend(tmp_path / "set", files)
    yml = folder / "export.yml"
    yml.write_text(yml.read_text() + "files: {practiceprocedures: data.json}\n")
    migration.land(folder)
    assert migration.rows("patients", "id, firstname", "ascend") == [("1", "Ann")]
    assert migration.rows("practiceprocedures", "id, adacode", "ascend") == [("5", "D0120")]
    assert migration.rows("visits", "id, _file", "ascend") == [
        ("1", "visits_1.json"),
        ("2", "visits_2.json"),
    ]


def test_a_delta_of_json_with_removals(migration: Migration, tmp_path: Path) -> None:
    migration.land(
        ascend(
            tmp_path / "full", {"patients.json": '[{"id": 1}, {"id": 2}, {"id": 3, "city": "a"}]'}
        )
    )
    delta = write_set(
        tmp_path / "delta",
        {
            "patients.ndjson": '{"id": "3", "city": "b", "colour": "red"}',
            "keys/patients.json": '[{"id": 2}, {"id": 3}]',
        },
        product="ascend",
        practice="elm",
        kind="delta",
        extracted_at="2026-12-01T00:00:00Z",
    )
    migration.land(delta)
    assert migration.rows("patients", "id, city", "ascend") == [("2", None), ("3", "b")]
    assert migration.rows(
        "columns",
        "column_name, known, bool_or(present)",
        "migration",
        "table_name = 'patients' and (column_name in ('id', 'city', 'state') or not known)"
        " group by all",
    ) == [("city", True, True), ("colour", False, True), ("id", True, True), ("state", True, False)]


def test_a_slug_belongs_to_one_product(migration: Migration, tmp_path: Path) -> None:
    migration.land(
        write_set(tmp_path / "g", {"patient.csv": "patid\n1\n"}, practice="oak"),
        ascend(tmp_path / "a", {"patients.json": '{"id": "1"}'}, practice="elm"),
    )
    assert migration.rows("practices", "practice, product", "migration") == [
        ("elm", "ascend"),
        ("oak", "g_series"),
    ]
    late = {"extracted_at": "2026-12-01T00:00:00Z"}
    other = write_set(
        tmp_path / "b", {"patients.json": '{"id": "1"}'}, practice="oak", product="ascend", **late
    )
    assert "oak is landed as dentrix g_series; a slug belongs" in migration.refuse(other)
    back = write_set(tmp_path / "c", {"patient.csv": "patid\n1\n"}, practice="elm", **late)
    assert "elm is landed as dentrix ascend; a slug belongs" in migration.refuse(back)
    assert migration.rows("patient", "_practice, patid") == [("oak", "1")]
    assert migration.rows("patients", "_practice, id", "ascend") == [("elm", "1")]
