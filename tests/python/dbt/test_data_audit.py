"""What an export should hold and does not: both products, from export to mart."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from loaders.raw.contract import PRODUCTS, product_contract
from tests.python.support import PROJECT, Migration

EXPORT = {
    "system": "dentrix",
    "kind": "full",
    "time_zone": "America/Chicago",
    "extracted_at": "2026-11-20T02:00:00-06:00",
}
G_SERIES = {
    "patient.csv": "patid,lastname,firstname,guarid,provid1,birthdate,firstvisitdate,shoe_size\n"
    "1,One,Ann,1,DDS1,1980-01-02,,44\n2,Two,Bob,2, ,,,\n3,Three,Cy,3,DDS1,spring,,\n",
    "provider.csv": "provider_id,last_name,first_name\nDDS1,Good,Gina\nDDS2,Else,Ed\n",
    "aging.csv": "guarid,agingdate,aging0to30,aging31to60,aging61to90,aging91plus\n",
}
ASCEND = {
    "patients.json": '{"data": [{"id": "11", "lastName": "A"}, {"id": "12", "lastName": null}]}',
    "users.json": '[{"id": "1", "email": ""}]',
}


def write(folder: Path, product: str, files: dict[str, str]) -> Path:
    folder.mkdir()
    says = EXPORT | {"product": product, "practice": product}
    (folder / "export.yml").write_text(yaml.safe_dump(says))
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder: Path = tmp_path_factory.mktemp("audit")
    made = Migration(folder / "home")
    made.run(
        "load-raw", write(folder / "g", "g_series", G_SERIES), write(folder / "a", "ascend", ASCEND)
    )
    made.run("load-sf", "pull")
    made.run("dbt", "build", "--select", "+data_audit", "--exclude-resource-type", "unit_test")
    return made


def findings(audited: Migration, practice: str) -> dict[tuple[str, str], tuple[object, ...]]:
    rows = audited.rows(
        "select coalesce(table_name, ''), coalesce(column_name, ''), finding, count, total"
        f" from migration.data_audit where practice = '{practice}' and finding != 'fill_rate'"
    )
    return {
        (table, column): (finding, count, total) for table, column, finding, count, total in rows
    }


def test_g_series(audited: Migration) -> None:
    found = findings(audited, "g_series")
    assert found["claim", ""] == ("table_missing", None, None)
    assert found["aging", ""] == ("table_empty", None, None)
    assert found["document_files", ""] == ("never_exported", None, None)
    assert found["provider", "email"] == ("never_exported", 2, 2)
    assert found["patient", "privacyflags"] == ("column_missing", 3, 3)
    assert found["patient", "firstvisitdate"] == ("column_blank", 3, 3)
    assert found["patient", "provid1"] == ("values_missing", 1, 3)
    assert found["patient", "shoe_size"] == ("unknown_column", None, None)
    assert ("aging", "aging91plus") not in found and ("insured", "eligibilitystart") not in found
    assert ("patient", "lastname") not in found
    people = audited.rows(
        "select finding, count, total from migration.data_audit"
        " where table_name is null and practice = 'g_series' order by finding"
    )
    # One birth date is blank, one cannot be read.
    assert people == [("birth_date_missing", 2, 3), ("provider_email_missing", 2, 2)]
    (says,) = audited.rows(
        "select consequence, action from migration.data_audit"
        " where practice = 'g_series' and table_name = 'claim'"
    )
    assert "not granted to the export login or not exported" in says[0]
    assert "ask Dentrix support" in says[1]


def test_ascend(audited: Migration) -> None:
    found = findings(audited, "ascend")
    assert found["insuranceclaims", ""] == ("table_missing", None, None)
    assert found["patients", "createdate"] == ("never_exported", 2, 2)
    assert found["patients", "lastname"] == ("values_missing", 1, 2)
    assert found["patients", "dateofbirth"] == ("column_missing", 2, 2)
    assert found["users", "email"] == ("column_blank", 1, 1)
    assert ("claim", "") not in found


def test_fill_rates_count_what_is_not_blank(audited: Migration) -> None:
    rows = audited.rows(
        "select column_name, count, total from migration.data_audit"
        " where finding = 'fill_rate' and practice = 'g_series' and table_name = 'patient'"
        " and column_name in ('patid', 'provid1', 'birthdate', 'status') order by 1"
    )
    assert rows == [("birthdate", 2, 3), ("patid", 3, 3), ("provid1", 2, 3), ("status", 0, 3)]


def test_load_raw_names_what_is_needed_and_missing(tmp_path: Path) -> None:
    made = Migration(tmp_path / "home")
    said = made.run("load-raw", write(tmp_path / "g", "g_series", G_SERIES)).stdout
    (claim,) = (line for line in said.splitlines() if line.startswith("Missing: claim: "))
    assert claim.endswith("open claims are unknown.")
    assert "Missing: patient:" not in said
    (others,) = (line for line in said.splitlines() if line.startswith("No file, so empty: "))
    assert "operatory" in others and "claim" not in others
    document = json.loads(
        made.run("load-raw", "--json", write(tmp_path / "a", "ascend", ASCEND)).stdout
    )
    assert "insuranceclaims" in document["sets"][0]["missing"]


@pytest.mark.parametrize(("system", "product"), PRODUCTS)
def test_expectations_name_tables_and_columns_of_the_contract(system: str, product: str) -> None:
    tables = product_contract(system, product).tables
    with (PROJECT / "seeds" / "expectations.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["product"] == product]
    named = [(row["table_name"], row["column_name"]) for row in rows]
    assert len(named) == len(set(named))
    for row in rows:
        table, column = row["table_name"], row["column_name"]
        if row["need"] != "never_exported":
            assert table in tables, table
            assert not column or column in tables[table].columns, (table, column)
    # What no expectation speaks of would be missing in silence, but for what a practice adds.
    assert set(tables) <= {table for table, column in named if not column}


def test_every_table_is_counted() -> None:
    model = PROJECT / "models/intermediate/shared/audit/int_shared__column_fill.sql"
    for system, product in PRODUCTS:
        found = re.search(rf"set {product}_tables = \[(.*?)\]", model.read_text(), re.DOTALL)
        assert found
        counted = re.findall(r"'(\w+)'", found[1])
        assert counted == list(product_contract(system, product).tables)
