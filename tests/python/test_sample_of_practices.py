"""A sample of the two made-up practices: every step, every class of problem, and source values as
their exports have them; masked, none of them reaches the org."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo import practice
from demo.maple_street import practice as maple_street
from tests.python.support import Migration

pytestmark = pytest.mark.long

WRITE = {"oak_park": practice.write, "maple_street": maple_street.write}
# Of each step, fields of its own row: the export's file and column.
OWN = {
    ("dentrix__patient", "LastName"): ("Patient.CSV", " LastName "),
    ("dentrix__patient", "Birthdate"): ("Patient.CSV", "birthdate"),
    ("dentrix__patient", "Chart_Number__c"): ("Patient.CSV", "chartnum"),
    ("dentrix__ledger", "Amount__c"): ("fullproclog.csv", "amt"),
    ("dentrix__insurance", "Subscriber_ID__c"): ("insured.csv", "idnum"),
    ("dental_exec__patient", "Last_Name__c"): ("PATIENTS.csv", " Last Name "),
    ("dental_exec__patient", "Phone"): ("PATIENTS.csv", "Home Phone"),
    ("dental_exec__billing", "Amount__c"): ("BILLING.csv", "Amount"),
}
# What TARGET names of people, contacts, numbers of people and free text, besides what every field
# of these types is.
FREE = ("Text", "TextArea", "LongTextArea", "Html", "Url", "Phone", "Email")
BIRTH = ("Birthdate", "Date_of_Birth__c")
CANARY = re.compile(rb"Zq\d{7}")
# Too short for a canary: what stands there is in capitals.
SHORT = 9


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """The practices in one warehouse, and an org with their schema and no record."""
    folder = tmp_path_factory.mktemp("sampled")
    made = Migration(folder / "home")
    for slug, write in WRITE.items():
        write(folder / slug)
    made.run("load-raw", *(folder / slug for slug in WRITE))
    made.run("load-sf", "pull")
    made.build()
    made.run("load-sf", "schema", "deploy")
    made.stop_org()
    yield made


def sample(migration: Migration, *options: str) -> Any:
    done = migration.run("load-sf", "sample", "--json", *options)
    return json.loads(done.stdout)


def lines(export: Path, file: str) -> dict[int, dict[str, str]]:
    """A file of an export, by the line each row begins on."""
    with (export / file).open(encoding="utf-8", errors="replace", newline="") as text:
        reader = csv.reader(text)
        header, found, begins = next(reader), {}, reader.line_num + 1
        for row in reader:
            found[begins] = dict(zip(header, row, strict=False))
            begins = reader.line_num + 1
    return found


def test_a_sample_shows_all_there_is(built: Migration, tmp_path: Path) -> None:
    home = built.copy(tmp_path / "home")
    try:
        said = sample(home)
    finally:
        home.stop_org()
    assert 100 <= said["records"] <= 500
    assert (said["rejected"], said["not_shown"]) == (0, [])
    assert (said["fields"]["missing"], said["fields"]["differs"]) == (0, 0)
    rows = dict(
        home.rows(
            "select 'dentrix__' || 'ledger', count(*) from salesforce.dentrix__ledger"
            " where not _held_back union all select 'dental_exec__file', count(*)"
            " from salesforce.dental_exec__file where not _held_back"
        )
    )
    steps = {step["step"]: step["records"] for step in said["steps"]}
    assert all(0 < steps[step] < count for step, count in rows.items())
    assert len(steps) == 29, "every step but those an option turns on"
    with (home.home / "reports" / "sample_diff.csv").open(encoding="utf-8", newline="") as text:
        cells = list(csv.DictReader(text))
    exports = {
        (slug, file): lines(built.home.parent / slug, file)
        for (step, _), (file, _) in OWN.items()
        for slug in [("oak_park" if step.startswith("dentrix") else "maple_street")]
    }
    compared = dict.fromkeys(OWN, 0)
    for cell in cells:
        place = cell["step"], cell["field"]
        if place not in OWN or cell["file"] != OWN[place][0]:
            continue
        source = exports[cell["practice"], cell["file"]][int(cell["line"])][OWN[place][1]].strip()
        shown = cell["source"].partition(" = ")[2].partition("\n")[0]
        assert (cell["state"] == "empty" and not source) or shown == source, place
        compared[place] += 1
    assert all(compared.values()), compared
    # An address of its own table, found by the patient's id of it.
    (street,) = {
        c["source"].partition("\n")[0].partition(" = ")[0]
        for c in cells
        if c["step"] == "dentrix__patient" and c["field"] == "MailingStreet"
        if c["state"] == "equal" and "billaddrid" not in c["source"]
    }
    assert street == "dentrix.address.street1 (by addrid)"


def plant(migration: Migration) -> tuple[int, dict[str, list[str]]]:
    """Puts a canary into every field that is free text, a name, a contact or a number of people;
    gives how many, and the fields too short for one by object."""
    document = json.loads((migration.home / "target" / "manifest.json").read_text())
    number, short = 0, {}  # type: tuple[int, dict[str, list[str]]]
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as con:
        for node in document["nodes"].values():
            meta = (node.get("config") or {}).get("meta") or {}
            if node["resource_type"] != "model" or "salesforce" not in meta:
                continue
            step = meta["salesforce"]
            for column in node["columns"].values():
                said = column["config"]["meta"].get("salesforce") or {}
                name = column["name"]
                if said.get("type") not in FREE or name in (step["external_id"], "Visit_Key__c"):
                    continue
                if said.get("length", 255) < SHORT:
                    short.setdefault(step["object"], []).append(name)
                number += 1
                con.execute(
                    f'update salesforce.{node["name"]} set "{name}" ='
                    f" 'Zq' || lpad((hash(_row_hash, {number}) % 10000000)::varchar, 7, '0')"
                    f' where "{name}" is not null'
                )
    return number, short


def test_no_value_of_a_masked_sample_reaches_the_org(built: Migration, tmp_path: Path) -> None:
    home = built.copy(tmp_path / "home")
    planted, short = plant(home)
    assert planted > 130
    births = dict(
        home.rows(
            'select "Migration_Key__c", "Birthdate" from salesforce.dentrix__patient union all'
            ' select "Migration_Key__c", "Date_of_Birth__c" from salesforce.dental_exec__patient'
        )
    )
    try:
        done = home.run("load-sf", "sample", "--mask", "--json")
        said = json.loads(done.stdout)
        assert (said["rejected"], said["fields"]["differs"], said["masked"]) == (0, 0, True)
        for sobject, fields in short.items():
            for record in home.query_org(f"SELECT {', '.join(fields)} FROM {sobject}"):
                assert not any(str(record[field]).startswith("Z") for field in fields)
        for sobject, field in zip(("Contact", "Account"), BIRTH, strict=True):
            found = home.query_org(f"SELECT Migration_Key__c, {field} FROM {sobject}")
            shown = {r["Migration_Key__c"]: r[field] for r in found if r[field]}
            assert shown
            for key, date in shown.items():
                assert date == f"{births[key].year}-01-01"
        sizes = home.query_org("SELECT ContentSize, Title FROM ContentVersion")
        assert len({r["ContentSize"] for r in sizes}) == 1
    finally:
        home.stop_org()
    places = [*(home.home / "local_org").rglob("*"), *home.home.glob("audit*")]
    for file in places:
        if file.is_file():
            assert not CANARY.search(file.read_bytes()), file.name
    assert not CANARY.search((done.stdout + done.stderr).encode())
    # They are there to be found: in the report, for whoever compares.
    assert CANARY.search((home.home / "reports" / "sample_diff.csv").read_bytes())
