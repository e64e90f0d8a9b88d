"""`load-sf recover`, and one home for several orgs: what is known is what the org holds."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from .conftest import MARTS, Column, Migration, Rows, example
from .test_files import FILE, filed

OWNED: list[Column] = [
    *MARTS["t__family"][1],
    ("OwnerId", "varchar", {"type": "Lookup", "to": "User"}),
]
WITH_FILES = MARTS | {
    "t__family": (MARTS["t__family"][0], OWNED),
    "t__file": ({"object": "ContentVersion", "operation": "upsert"}, FILE),
}
CLERK = "clerk@practice.example"


def create_clerk(org: Migration) -> str:
    """Gives an org a user, whose Id differs from org to org, and gives that Id."""
    profile = org.soql("SELECT Id FROM Profile LIMIT 1")[0]["Id"]
    door = org.door
    user = {
        **{"LastName": "Clerk", "Email": CLERK, "Username": f"{CLERK}.x", "Alias": "clerk"},
        **{"IsActive": True, "ProfileId": profile, "TimeZoneSidKey": "America/Chicago"},
        **{"LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8"},
    }
    # A seat more or less, so that two orgs do not give out the same Ids.
    for n in range(len(door["url"]) + int(door["url"][-1])):
        taken = user | {"Username": f"{n}{CLERK}", "Email": f"{n}@practice.example"}
        org.rest("POST", "sobjects/User", json=taken)
    return str(org.rest("POST", "sobjects/User", json=user)["id"])


def rows_of(org: Migration) -> Rows:
    """The example with files, and owners as a model finds them among the users that were pulled."""
    rows = example()
    with duckdb.connect() as con:
        users = org.home / "raw" / "current" / "salesforce" / "users" / "*.parquet"
        found = con.execute("select id from read_parquet(?) where email = ?", [str(users), CLERK])
        [(owner,)] = found.fetchall()
    for family in rows["t__family"]:
        family["OwnerId"] = owner
    rows["t__file"] = [filed(org.home, n, b"bytes %d" % n) for n in range(4)]
    return rows


def move(org: Migration, *, deploy: bool = False) -> dict[str, Any]:
    """What people do to move everything into one org."""
    org.sf("pull")
    org.build(rows_of(org))
    if deploy:
        org.sf("schema", "deploy")
    said: dict[str, Any] = org.json("run")
    return said


def stamps(org: Migration) -> dict[str, dict[str, str]]:
    """When each record was touched last, by object and key."""
    return {
        sobject: {
            r["Migration_Key__c"]: r["SystemModstamp"]
            for r in org.soql(f"SELECT Migration_Key__c, SystemModstamp FROM {sobject}")
        }
        for sobject in ("Account", "Contact", "Insurance_Detail__c", "ContentVersion")
    }


@pytest.fixture(scope="module")
def with_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the schema and the clerk in its org, to be copied."""
    made = Migration(tmp_path_factory.mktemp("recover") / "home", marts=WITH_FILES)
    made.sf("pull")
    create_clerk(made)
    made.sf("pull")
    made.build(rows_of(made))
    made.sf("schema", "deploy")
    made.stop_org()
    return made.home


@pytest.fixture
def home(with_schema: Path, tmp_path: Path) -> Iterator[Migration]:
    shutil.copytree(with_schema, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home", marts=WITH_FILES)
    yield made
    made.stop_org()


@pytest.fixture
def production(tmp_path: Path, home: Migration) -> Iterator[Migration]:
    """The same home, before another org."""
    other = Migration(tmp_path / "other" / "home", marts=WITH_FILES)
    other.sf("pull")
    create_clerk(other)
    door = other.door
    way_in = {"SF_INSTANCE_URL": door["url"], "SF_ACCESS_TOKEN": door["access_token"]}
    made = Migration(home.home, marts=WITH_FILES, environment=way_in)
    made.__dict__["org"] = other
    yield made
    other.stop_org()


def owners(door: dict[str, Any]) -> set[str]:
    answer = requests.get(
        f"{door['url']}/services/data/v67.0/query",
        params={"q": "SELECT OwnerId FROM Account WHERE Migration_Key__c != null"},
        headers={"Authorization": f"Bearer {door['access_token']}"},
        timeout=30,
    )
    return {r["OwnerId"] for r in answer.json()["records"]}


def test_a_lost_manifest_is_learnt_from_the_org(home: Migration) -> None:
    sent = move(home)["sent"]
    [merged] = [{"merged_key": "p:patient:old", "survivor_key": "p:patient:0-0"}]
    before = stamps(home)
    (home.home / "manifest.duckdb").unlink()
    home.build(rows_of(home) | {"merges": [merged]})
    said = home.json("recover")
    assert sum(step["equal"] for step in said["steps"]) >= sent
    assert {
        step["step"]: step["absent"] + step["differing"] for step in said["steps"]
    } == dict.fromkeys(WITH_FILES, 0)
    again = home.json("run")
    assert (again["sent"], again["runs"]) == (0, [])
    assert stamps(home) == before
    # What is recovered is known, but never this project's to take away.
    with duckdb.connect(str(home.home / "manifest.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from created").fetchone() == (0,)
        assert con.execute("select distinct action from records").fetchall() == [("recovered",)]
        assert con.execute("select merged_key from merges").fetchall() == [("p:patient:old",)]
    assert home.json("verify")["equal"]

    # A second time finds everything known.
    said = home.json("recover")
    assert sum(s["equal"] + s["differing"] for s in said["steps"]) == 0
    assert sum(s["known"] for s in said["steps"]) >= sent


def test_what_differs_or_is_missing_is_sent_and_nothing_else(home: Migration) -> None:
    move(home)
    (home.home / "manifest.duckdb").unlink()
    rows = rows_of(home)
    rows["t__patient"][3]["FirstName"] = "Changed"
    rows["t__insurance"][5]["Group_Number__c"] = None
    rows["t__file"][1] = filed(home.home, 1, b"other bytes")
    key = rows["t__insurance"][0]["Migration_Key__c"]
    [gone] = home.soql(f"SELECT Id FROM Insurance_Detail__c WHERE Migration_Key__c = '{key}'")
    home.rest("DELETE", f"sobjects/Insurance_Detail__c/{gone['Id']}")
    home.build(rows)
    told = {s["step"]: (s["differing"], s["absent"]) for s in home.json("recover")["steps"]}
    assert told == {
        "t__family": (0, 0),
        "t__patient": (1, 0),
        "t__guarantor": (0, 0),
        "t__insurance": (1, 1),
        "t__file": (1, 0),
    }
    assert home.json("run")["sent"] == 4
    assert home.json("verify")["equal"]
    # A further version of its document, not a second document.
    assert len(home.soql("SELECT Id FROM ContentDocument")) == 4


@pytest.mark.long
def test_what_an_adoption_kept_stays_kept(home: Migration) -> None:
    home.control("PATCH", "switches", {"set_audit_fields": True})
    [clerk] = home.soql(f"SELECT Id FROM User WHERE Email = '{CLERK}'")
    theirs = {"Name": "Theirs", "Phone": "(555) 555-9999", "CreatedById": clerk["Id"]}
    made = home.rest("POST", "sobjects/Account", json=theirs)["id"]
    home.sf("pull")
    rows = rows_of(home)
    rows["t__family"][0]["_adopt_id"] = made
    home.build(rows)
    home.sf("run")
    (home.home / "manifest.duckdb").unlink()
    home.sf("pull")
    del rows["t__family"][0]["_adopt_id"]
    home.build(rows)
    family = next(s for s in home.json("recover")["steps"] if s["step"] == "t__family")
    assert (family["equal"], family["differing"], family["kept"]) == (3, 0, 3)
    rows["t__family"][0]["Phone"] = "(555) 555-7777"
    home.build(rows)
    home.sf("run")
    [found] = home.soql(f"SELECT Name, Phone, Account_Kind__c FROM Account WHERE Id = '{made}'")
    assert found == {"Name": "Theirs", "Phone": "(555) 555-9999", "Account_Kind__c": "Family"}
    assert home.json("verify")["equal"]


def test_an_open_run_is_no_lost_manifest(home: Migration) -> None:
    home.arm({"method": "POST", "path": "^/jobs/ingest$", "status": 403, "times": "always"})
    home.sf("run", code=5)
    assert "load-sf run" in home.sf("recover", code=3)


def test_sandbox_then_production_then_sandbox(home: Migration, production: Migration) -> None:
    first = move(home)
    second = move(production, deploy=True)
    assert first["org"] != second["org"]
    assert first["sent"] == second["sent"] > 0
    other: Migration = production.__dict__["org"]
    for door, org in ((home.door, home), (other.door, other)):
        [clerk] = org.soql(f"SELECT Id FROM User WHERE Email = '{CLERK}'")
        assert owners(door) == {clerk["Id"]}
    assert production.json("verify")["equal"]
    # Marts of the one org's pull never go into the other.
    before = stamps(home)
    assert second["org"] in home.sf("run", code=3)
    third = move(home)
    assert (third["org"], third["sent"]) == (first["org"], 0)
    assert stamps(home) == before
    assert home.json("verify")["equal"]
    changed = rows_of(home)
    changed["t__patient"][0]["FirstName"] = "Later"
    home.build(changed)
    assert home.json("run")["sent"] == 1
    runs = home.json("status")["runs"]
    assert [r["org"] for r in runs] == [first["org"], second["org"], first["org"]]
