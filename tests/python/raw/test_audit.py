"""`load-raw audit`: right after landing, of hostile exports, without a cell's value."""

import csv
import json
import stat
from pathlib import Path

import duckdb

from loaders.audit.checks import read_checks
from loaders.audit.macros import sql
from loaders.raw.contract import PRODUCTS
from loaders.raw.expectations import expectations
from loaders.spreadsheet import write_rows
from tests.python.raw.dental_exec import DENTAL_EXEC
from tests.python.raw.exports import Migration, write_set

EVIL = '=HYPERLINK("http://x"),<script>alert(1)</script>'
PATIENTS = (
    f'patid,lastname,firstname,birthdate,guarid,emailaddr,"{EVIL.replace(chr(34), chr(34) * 2)}"\n'
    "1,Zanzibar,Quirin,1980-02-03,1,quirin@example.com,x\n"
    "2,Zanzibar,QUIRIN ,2/3/80,9,no mail,\n"
    "3,,Ana,9999-12-31,0,,\n"
    "4,Oxbow,Lu,31/31/2001,1,,\n"
    "4,Oxbow,Lu,31/31/2001,1,,\n"
    "5,cut\n"
    "Total records: 7\n"
)
APPOINTMENTS = "apptid,apptdate,timehr,timemin,apptlen,patid,provid\n1,2026-01-02,24,5,30,77,\n"


def all_lines(migration: Migration) -> list[dict[str, str]]:
    with (migration.home / "reports" / "audit.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def lines(migration: Migration) -> dict[tuple[str, str, str], dict[str, str]]:
    return {(one["table"], one["column"], one["finding"]): one for one in all_lines(migration)}


def test_what_is_wrong_is_counted_and_placed(migration: Migration, tmp_path: Path) -> None:
    export = write_set(
        tmp_path / "set",
        {"patient.csv": PATIENTS, "appt.csv": APPOINTMENTS, "odd.csv": "a,b\n1,2\n"},
    )
    migration.land(export)
    done = migration.load_raw("audit", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    found = lines(migration)
    for place, result, count, of, first in (
        (("patient", "lastname", "missing_required: required"), "found", 1, 4, 4),
        (("patient", "birthdate", "missing_required: required_date"), "found", 1, 4, 4),
        (("patient", "birthdate", "unreadable_date: date"), "found", 1, 3, 5),
        (("patient", "emailaddr", "invalid_email: email"), "found", 1, 2, 3),
        (("patient", "guarid", "orphan: reference"), "found", 1, 3, 3),
        (("patient", "lastname", "possible_duplicate: duplicate"), "found", 1, 2, 3),
        (("patient", "", "repeated_line"), "found", 1, 6, 6),
        (("patient", "", "unreadable_line"), "found", 1, 6, 7),
        (("patient", "", "rows_unlike_trailer"), "found", 1, 7, None),
        (("appt", "timehr", "out_of_range: range"), "found", 1, 1, 2),
        (("appt", "patid", "orphan: reference"), "found", 1, 1, 2),
        # Of a table that was not sent only that is said.
        (("appt", "provid", "orphan: reference"), "ok", 0, 0, None),
        (("patient", "firstname", "missing_required: required"), "ok", 0, 4, None),
    ):
        line = found[place]
        where = f"{place[0]}.csv, line {first}" if first else ""
        got = (line["result"], int(line["count"]), int(line["of"]), line["first"])
        assert got == (result, count, of, where), place
    lacking = {
        place: line["argument"] for place, line in found.items() if line["result"] == "lacking"
    }
    assert lacking["provider", "", "table_missing"] == "needed"
    assert lacking["patient", "status", "column_missing"] == "needed"
    assert lacking["document_files", "", "never_exported"] == "never_exported"
    forms = [one for one in all_lines(migration) if one["finding"] == "date_form"]
    assert {(one["argument"], one["count"]) for one in forms} >= {
        ("YYYY-MM-DD", "1"),
        ("M/D/YY", "1"),
        ("none", "1"),
        ("unreadable", "1"),
    }
    (practice,) = document["practices"]
    table = next(one for one in practice["tables"] if one["table"] == "patient")
    assert (table["expected"], table["rows_in_files"], table["landed"]) == (7, 6, 4)
    assert "Contact" in table["objects"]


def test_nothing_of_a_cell_is_shown_and_nothing_runs(migration: Migration, tmp_path: Path) -> None:
    migration.land(write_set(tmp_path / "set", {"patient.csv": PATIENTS, "appt.csv": APPOINTMENTS}))
    said = migration.load_raw("audit")
    assert said.returncode == 0 and str(migration.home / "reports" / "audit.html") in said.stdout
    page = (migration.home / "reports" / "audit.html").read_text()
    table = (migration.home / "reports" / "audit.csv").read_text()
    for shown in (said.stdout, said.stderr, page, table):
        for value in ("Zanzibar", "Quirin", "QUIRIN", "quirin@example", "Oxbow", "1980-02-03"):
            assert value not in shown
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert all(not line.startswith(("=", "+", "@")) for line in csv_cells(table))
    assert any(cell.startswith("'=HYPERLINK") for cell in csv_cells(table))
    for file in (migration.home / "reports").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def csv_cells(content: str) -> list[str]:
    return [cell for row in csv.reader(content.splitlines()) for cell in row]


def test_a_supplemental_export_of_dental_exec_is_asked_for(
    migration: Migration, tmp_path: Path
) -> None:
    patients = "Patient ID,Last Name,First Name\n1,Björk,Ida\n"
    files = {"PATIENTS.csv": patients, "USERS.csv": "User ID,Email\n"}
    migration.land(write_set(tmp_path / "set", files, **DENTAL_EXEC))
    assert migration.load_raw("audit").returncode == 0
    found = lines(migration)
    assert found["notes", "", "table_missing"]["argument"] == "needed"
    assert found["users", "", "table_empty"]["argument"] == "needed"
    flag = found["patients", "drug_interaction_flag", "column_missing"]
    assert "supplemental export" in flag["action"] and flag["count"] == "1"


def test_without_anything_landed_it_says_what_to_do(migration: Migration) -> None:
    done = migration.load_raw("audit")
    assert done.returncode == 1
    assert "Land an export set first" in done.stderr and done.stdout == ""


def test_what_every_row_should_hold_is_checked() -> None:
    required = {
        (one.product, one.table, one.column)
        for one in read_checks()
        if one.kind.startswith("required")
    }
    for _, product in PRODUCTS:
        for one in expectations(product):
            if one.every_row:
                assert (product, one.table, one.column) in required


def test_no_check_stands_twice() -> None:
    named = [(c.product, c.table, c.column, c.kind, c.argument, c.where) for c in read_checks()]
    assert len(named) == len(set(named)) > 250


def test_macros_say_the_same_as_in_a_model() -> None:
    """With DuckDB's own, and none of dbt's context."""
    asked = f"select {sql('parse_date', 'x')} from (values ('2/29/28'), ('19840229'), ('x')) v (x)"
    with duckdb.connect() as con:
        read = [str(day) for (day,) in con.execute(asked).fetchall()]
    assert read == ["2028-02-29", "1984-02-29", "None"]


def test_no_cell_of_a_spreadsheet_runs(tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "\uff1d1", "plain", "a=b", None]
    with duckdb.connect() as con:
        columns = (("text", "varchar"), ("number", "double"))
        write_rows(con, columns, [(cell, -1.5) for cell in cells], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as lines_:
        rows = list(csv.reader(lines_))[1:]
    assert [row[0] for row in rows] == [f"'{cell}" for cell in cells[:8]] + ["plain", "a=b", ""]
    assert {row[1] for row in rows} == {"-1.5"}
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
