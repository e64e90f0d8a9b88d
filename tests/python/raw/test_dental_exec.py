"""Dental-Exec's reports: landed as they are, or under whatever names an export.yml tells."""

from pathlib import Path
from typing import Any

from tests.python.raw.dental_exec import DENTAL_EXEC, REPORTS, files, report
from tests.python.raw.exports import Migration, write_set

PATIENT = "patient_id, last_name, first_name, birth_date, status"


def land(migration: Migration, folder: Path, **export: object) -> None:
    migration.land(write_set(folder, files(), **(DENTAL_EXEC | export)))


def test_reports_land_as_text_with_their_odd_cells(migration: Migration, tmp_path: Path) -> None:
    land(migration, tmp_path / "set")
    assert migration.rows("patients", f"{PATIENT}, _line, _practice", "dental_exec") == [
        ("1", "Björk", "Ida", "02/03/1970", None, 2, "elm"),
        ("2", 'O"Hara', "Al\nVin", None, "A", 3, "elm"),
    ]
    assert migration.rows("txplan", "plan_id, line_no", "dental_exec") == [("7", "1"), ("7", "2")]
    assert migration.rows("practices", "practice, system, product", "migration") == [
        ("elm", "dental_exec", "dental_exec")
    ]


def test_a_blank_provider_is_a_key_of_its_own(migration: Migration, tmp_path: Path) -> None:
    lines = "Date,Provider ID,Production\n11/02/2026,,1\n11/02/2026,D1,2\n11/02/2026,,3\n,D1,4\n"
    folder = write_set(tmp_path / "set", files(PRODUCTION=lines), **DENTAL_EXEC)
    migration.land(folder)
    assert migration.rows("production", "date, provider_id, production", "dental_exec") == [
        ("11/02/2026", "D1", "2"),
        ("11/02/2026", None, "3"),
    ]
    assert [row[:2] for row in migration.rejects("production")] == [
        (2, "duplicate_key"),
        (5, "missing_required"),
    ]


def test_the_trailer_of_a_report_is_no_row(migration: Migration, tmp_path: Path) -> None:
    text = report(REPORTS["PATIENTS"]) + "Total records: 2\r\n"
    migration.land(write_set(tmp_path / "set", files(PATIENTS=text), **DENTAL_EXEC))
    told = migration.file("patients", "elm")
    assert (told["landed"], told["rejected"], told["trailer_count"]) == (2, 0, 2)


def test_a_slug_belongs_to_one_system(migration: Migration, tmp_path: Path) -> None:
    land(migration, tmp_path / "exec")
    dentrix = write_set(tmp_path / "dentrix", {"patient.csv": "patid\n1\n"}, practice="elm")
    said = migration.refuse(dentrix)
    assert "elm is landed as dental_exec; a slug belongs to one system and product" in said


def test_what_a_later_set_lacks_stands_until_it_is_told(
    migration: Migration, tmp_path: Path
) -> None:
    land(migration, tmp_path / "first")
    later = {"PATIENTS.csv": report(REPORTS["PATIENTS"][:1])}
    at = {"extracted_at": "2026-12-01T00:00:00Z"}
    migration.land(write_set(tmp_path / "later", later, **(DENTAL_EXEC | at)))
    assert len(migration.rows("patients", "*", "dental_exec")) == 1
    assert len(migration.rows("txplan", "*", "dental_exec")) == 2
    assert migration.rows("files", "status", "migration", "table_name = 'txplan'") == [
        ("kept",),
        ("landed",),
    ]


# As a practice's own list writer might name and order things: German, terse, with semicolons.
GERMAN: dict[str, tuple[str, dict[str, Any]]] = {
    "patients": ("Stammdaten.txt", {"patient_id": "Pat.-Nr.", "last_name": "Name"}),
    "production": ("umsatz.csv", {"date": "Tag", "provider_id": "Beh.", "production": "Betrag"}),
    "txplan": ("hkp.csv", {"plan_id": "HKP", "line_no": "Pos", "patient_id": "Pat.-Nr."}),
    "notes": ("karteikarte.csv", {"note_id": "Lfd", "patient_id": "Pat", "body": ["Text", "Txt"]}),
}


def other_layout() -> dict[str, str]:
    made = {}
    for table, (file, told) in GERMAN.items():
        names = {c: names if isinstance(names, str) else names[0] for c, names in told.items()}
        rows = [
            {names.get(name.lower().replace(" ", "_"), name): v for name, v in row.items()}
            for row in REPORTS[table.upper()]
        ]
        header = sorted({name for row in rows for name in row}, reverse=True)
        made[file] = report(rows, header, ";")
    return made


def test_another_layout_lands_the_same_rows_by_its_export_yml_alone(
    migration: Migration, tmp_path: Path
) -> None:
    land(migration, tmp_path / "ours")
    told = {
        "practice": "ulme",
        "files": {table: file for table, (file, _) in GERMAN.items()},
        "columns": {table: columns for table, (_, columns) in GERMAN.items()},
    }
    migration.land(write_set(tmp_path / "theirs", other_layout(), **(DENTAL_EXEC | told)))
    for table in GERMAN:
        columns = "* exclude (_practice, _file, _set, _landed_at)"
        ours, theirs = (
            migration.rows(table, columns, "dental_exec", f"_practice = '{practice}'")
            for practice in ("elm", "ulme")
        )
        assert ours == theirs, table


def test_a_name_that_is_told_beats_the_columns_own(migration: Migration, tmp_path: Path) -> None:
    text = "Patient ID,Chart,Last Name\nold,1,Smith\n"
    told = {"columns": {"patients": {"patient_id": "CHART"}}}
    migration.land(write_set(tmp_path / "set", files(PATIENTS=text), **(DENTAL_EXEC | told)))
    assert migration.rows("patients", "patient_id, last_name, _extra", "dental_exec") == [
        ("1", "Smith", {"Patient ID": "old"})
    ]
