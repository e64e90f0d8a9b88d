"""`load-sf explain`: one record's life, its values veiled unless they are asked for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from .conftest import Migration, example

PATIENT, MERGED = "p:patient:1-1", "p:patient:1-77"
VALUES = ("Zoë", "O'Fam", "likes tea", "Marla", "C11")


@pytest.fixture(scope="module")
def home(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """Loaded twice, the second time with another first name for one patient; changed in the org
    since; a row held back; a duplicate merged."""
    folder = tmp_path_factory.mktemp("explained") / "home"
    shutil.copytree(deployed, folder, symlinks=True)
    made = Migration(folder)
    made.sf("run")
    rows = example()
    (patient,) = [r for r in rows["t__patient"] if r["Migration_Key__c"] == PATIENT]
    patient["FirstName"] = "Marla"
    rows["t__insurance"][0]["_held_back"] = True
    rows["merges"] = [{"merged_key": MERGED, "survivor_key": PATIENT}]
    made.build(rows)
    made.sf("run")
    (contact,) = made.soql(f"SELECT Id FROM Contact WHERE Migration_Key__c = '{PATIENT}'")
    made.rest("PATCH", f"sobjects/Contact/{contact['Id']}", json={"LastName": "Somebody"})
    yield made
    made.stop_org()


def test_the_life_of_a_record(home: Migration) -> None:
    life = home.json("explain", PATIENT, "--with-values")
    assert life["record"]["object"] == "Contact"
    assert [m["key"] for m in life["merged"]] == [MERGED]
    patient, guarantor = life["steps"]
    assert (patient["step"], guarantor["step"]) == ("t__patient", "t__guarantor")
    assert patient["source"] == {"practice": "p", "file": "file.csv", "line": 6, "tables": []}
    fields = {f["field"]: f for f in patient["fields"]}
    assert (fields["FirstName"]["mart"], fields["FirstName"]["org"]) == ("Marla", "Marla")
    assert fields["FirstName"]["rule"] == "What FirstName holds."
    last = fields["LastName"]
    assert (last["state"], last["mart"], last["org"]) == ("differs", "O'Fam 1", "Somebody")
    assert fields["Account.Migration_Key__c"]["org"] == "p:family:1"
    moves = [(m["step"], m["action"], m["kind"]) for m in life["history"]]
    assert moves == [
        ("t__patient", "created", "run"),
        ("t__guarantor", "updated", "run"),
        ("t__patient", "updated", "run"),
    ]
    first, _, second = life["history"]
    assert (first["sent"]["FirstName"], second["sent"]["FirstName"]) == ("Zoë 1", "Marla")
    assert first["run"] != second["run"] and first["job"]


def test_an_id_a_merged_key_and_a_row_held_back(home: Migration) -> None:
    record = home.json("explain", PATIENT)["record"]["id"]
    assert home.json("explain", record)["key"] == PATIENT
    assert home.json("explain", record[:15])["key"] == PATIENT
    assert home.json("explain", MERGED)["key"] == PATIENT
    (insurance,) = home.json("explain", "p:insurance:0-0-P")["steps"]
    assert insurance["held_back"]
    assert "held back" in home.sf("explain", "p:insurance:0-0-P")


def test_no_value_without_being_asked(home: Migration) -> None:
    for said in (home.sf("explain", PATIENT), str(home.json("explain", PATIENT))):
        assert not any(value in said for value in VALUES)
        assert "(5 characters)" in said
    said = home.sf("explain", "p:patient:1-9", code=2)
    assert "Nothing here has the key p:patient:1-9" in said
    assert "p:patient:1-0, p:patient:1-1, " in said and "p:family" not in said
    assert "No record of that Id" in home.sf("explain", "003000000000000AAA", code=2)


def test_an_org_out_of_reach_leaves_the_rest(home: Migration) -> None:
    home.stop_org()
    lost = Migration(
        home.home,
        environment={"SF_INSTANCE_URL": "http://127.0.0.1:9", "SF_ACCESS_TOKEN": "none"},
    )
    life = lost.json("explain", PATIENT, "--with-values")
    assert not life["org_reached"]
    fields = {f["field"]: f for f in life["steps"][0]["fields"]}
    assert (fields["FirstName"]["mart"], fields["FirstName"]["org"]) == ("Marla", None)
    assert len(life["history"]) == 3
    # Who saw values is noted, whatever the org says.
    log = [json.loads(line) for line in (home.home / "audit.jsonl").read_text().splitlines()]
    begun, ended = log[-2:]
    assert (begun["event"], begun["command"], begun["org"]) == ("command begun", "explain", None)
    assert begun["options"] == {"with-values": True, "json": True}
    assert (ended["event"], ended["begun"]) == ("command ended", begun["number"])


def test_a_warehouse_built_in_part_is_one_clear_line(home: Migration) -> None:
    with duckdb.connect(str(home.home / "warehouse.duckdb")) as con:
        con.execute("alter table salesforce.t__insurance rename to kept")
    said = home.sf("explain", PATIENT, code=3)
    assert "The warehouse lacks t__insurance." in said
