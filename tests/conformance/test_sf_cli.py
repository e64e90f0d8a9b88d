"""`sf`, Salesforce's own CLI: logs in, deploys this repository's package, moves records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.conformance.org import Org
from tests.conformance.sf import PACKAGE, Sf, make_sf
from tests.conformance.table import PASSED, REFUSED, SF

KEY = "Migration_Key__c"
AWKWARD = 'Zoë "Zed" Müller, 🦷\nsecond line; O\'Hara'
SOURCE = PACKAGE / "force-app"
METADATA = "{http://soap.sforce.com/2006/04/metadata}"
# What the CLI asks of any org and takes a no for: whether it tracks source.
ASKED_IN_VAIN = {"/tooling/sobjects/SourceMember/describe"}


def covers(call: str, why: str, verdict: str = PASSED) -> pytest.MarkDecorator:
    return pytest.mark.covers(SF, call, why, verdict)


def source_components() -> set[tuple[str, str]]:
    """Type and name of everything in the package, by its files."""
    fields = {
        ("CustomField", f"{path.parent.parent.name}.{path.name.split('.')[0]}")
        for path in SOURCE.rglob("*.field-meta.xml")
    }
    objects = {
        ("CustomObject", path.name.split(".")[0]) for path in SOURCE.rglob("*.object-meta.xml")
    }
    sets = {
        ("PermissionSet", path.name.split(".")[0])
        for path in SOURCE.rglob("*.permissionset-meta.xml")
    }
    assert fields and objects and sets
    return fields | objects | sets


def to_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def accounts(stem: str, count: int) -> list[dict[str, str]]:
    return [{"Name": f"{stem} {n}", KEY: f"sf:{stem}:{n}"} for n in range(count)]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def cli(org: Org) -> Sf:
    return make_sf(org)


@pytest.fixture(scope="module")
def login(cli: Sf, org: Org) -> Any:
    return cli.result(
        *("org", "login", "access-token", "--no-prompt", "--set-default"),
        *("--alias", "local", "--instance-url", org.url),
    )


@pytest.fixture(scope="module")
def dry_run(cli: Sf, login: Any) -> tuple[Any, Any]:
    """The result of the dry run, and what a describe says right after it."""
    result = cli.result("project", "deploy", "start", "--source-dir", "force-app", "--dry-run")
    return result, cli.error("sobject", "describe", "--sobject", "Insurance_Detail__c")


@pytest.fixture(scope="module")
def deployed(cli: Sf, dry_run: Any) -> Any:
    return cli.result("project", "deploy", "start", "--source-dir", "force-app")


@pytest.fixture(scope="module")
def granted(cli: Sf, deployed: Any) -> tuple[set[str], set[str]]:
    """Contact's fields as the user sees them before the permission set is assigned, and after."""
    before = fields_of(cli, "Contact")
    done = cli.result("org", "assign", "permset", "--name", "Bridgework_Loader")
    assert [each["value"] for each in done["successes"]] == ["Bridgework_Loader"]
    return set(before), set(fields_of(cli, "Contact"))


def fields_of(cli: Sf, name: str) -> dict[str, Any]:
    described = cli.result("sobject", "describe", "--sobject", name)
    return {each["name"]: each for each in described["fields"]}


@pytest.fixture(scope="module")
def sf(cli: Sf, granted: Any) -> Sf:
    """The CLI with everything deployed and granted."""
    return cli


@covers("`org login access-token`", "user, organization and edition as the org has them")
def test_login(login: Any, org: Org) -> None:
    client = org.client()
    [user] = client.query("SELECT Username FROM User")
    assert login["username"] == user["Username"]
    assert login["orgId"] == org.organization
    assert login["instanceApiVersion"] == "67.0"
    [own] = client.query("SELECT Name, OrganizationType FROM Organization")
    client.session.close()
    assert (login["name"], login["orgEdition"]) == (own["Name"], own["OrganizationType"])


@covers("`org display`", "Connected")
def test_display(cli: Sf, login: Any, org: Org) -> None:
    shown = cli.result("org", "display")
    assert (shown["id"], shown["connectedStatus"]) == (org.organization, "Connected")


@covers("`project deploy start --dry-run`", "this repository's package; the org is as before")
def test_dry_run(dry_run: Any) -> None:
    result, described = dry_run
    assert (result["status"], result["checkOnly"]) == ("Succeeded", True)
    assert result["numberComponentErrors"] == 0
    assert described["name"] == "NOT_FOUND"


@covers("`project deploy start`", "over REST: each field, object and permission set, by name")
def test_deploy(deployed: Any, org: Org) -> None:
    assert (deployed["status"], deployed["checkOnly"]) == ("Succeeded", False)
    done = deployed["details"]["componentSuccesses"]
    named = {(each["componentType"], each["fullName"]) for each in done if each["success"]}
    assert named >= source_components()
    assert {each["state"] for each in deployed["files"]} == {"Created"}
    asked = {(method, path) for method, path, _ in org.requests()}
    assert ("POST", "/metadata/deployRequest") in asked
    assert not any("/Soap/" in path for _, path in asked)


@covers("`project deploy report`", "the last deploy again")
def test_deploy_report(cli: Sf, deployed: Any) -> None:
    report = cli.result("project", "deploy", "report", "--use-most-recent")
    assert (report["id"], report["status"]) == (deployed["id"], "Succeeded")


@covers("`project deploy start` with a bad field", "refused by name; nothing kept", REFUSED)
def test_bad_deploy(sf: Sf) -> None:
    copy = sf.folder / "bad"
    shutil.copytree(PACKAGE, copy)
    fields = copy / "force-app/main/default/objects/Contact/fields"
    good = (fields / "Chart_Number__c.field-meta.xml").read_text()
    root = ElementTree.fromstring(good)
    length = root.findtext(f"{METADATA}length")
    long = good.replace(f"<length>{length}<", "<length>999<").replace("Chart_Number", "Too_Long")
    (fields / "Too_Long__c.field-meta.xml").write_text(long)
    fresh = good.replace("Chart_Number", "Fresh")
    (fields / "Fresh__c.field-meta.xml").write_text(fresh)
    command = "project deploy start --source-dir force-app --target-org local --json"
    answer = sf.run(*command.split(), where=copy)
    result = answer.json["result"]
    assert (answer.code, result["status"]) == (1, "Failed")
    failures = result["details"]["componentFailures"]
    assert [each["fullName"] for each in failures] == ["Contact.Too_Long__c"]
    assert not {"Fresh__c", "Too_Long__c"} & set(fields_of(sf, "Contact"))


@covers("`project convert source`, `deploy start --metadata-dir`", "the same components again")
def test_convert(sf: Sf) -> None:
    target = sf.folder / "converted"
    sf.result(
        "project", "convert", "source", "--root-dir", "force-app", "--output-dir", str(target)
    )
    manifest = ElementTree.parse(target / "package.xml").getroot()
    listed = {
        (kind.findtext(f"{METADATA}name"), member.text)
        for kind in manifest.iter(f"{METADATA}types")
        for member in kind.iter(f"{METADATA}members")
    }
    assert listed >= source_components()
    result = sf.result("project", "deploy", "start", "--metadata-dir", str(target))
    assert (result["status"], result["numberComponentErrors"]) == ("Succeeded", 0)
    done = result["details"]["componentSuccesses"]
    assert not any(each["created"] for each in done)


@covers("`org assign permset`", "its fields are there afterwards, and were not before")
def test_permission_set(granted: tuple[set[str], set[str]]) -> None:
    before, after = granted
    own = {name.removeprefix("Contact.") for _, name in source_components() if "Contact." in name}
    assert own and not own & before and own <= after


@covers("`sobject describe`", "an external id of the package")
def test_describe(sf: Sf) -> None:
    fields = fields_of(sf, "Insurance_Detail__c")
    assert fields[KEY]["externalId"] is True and fields[KEY]["custom"] is True


@covers("`sobject list`", "the package's object, and no other custom one")
def test_list(sf: Sf) -> None:
    ours = sorted(path.parent.name for path in SOURCE.rglob("*__c.object-meta.xml"))
    assert sorted(sf.result("sobject", "list", "--sobject", "custom")) == ours
    assert "Account" in sf.result("sobject", "list", "--sobject", "standard")


@covers("`org list limits`", "names and numbers of `/limits`")
def test_limits(sf: Sf, org: Org) -> None:
    shown = {each["name"]: each for each in sf.result("org", "list", "limits")}
    client = org.client()
    own = client.get("/limits")
    client.session.close()
    assert set(shown) == set(own)
    assert shown["DailyApiRequests"]["remaining"] == own["DailyApiRequests"]["Remaining"] + 1


@covers("`api request rest`", "the versions this org speaks")
def test_request(sf: Sf) -> None:
    answer = sf.run("api", "request", "rest", "/services/data")
    assert answer.code == 0, answer.errors
    assert answer.json[-1]["version"] == "67.0"


@covers(
    "`data create record`, `get record`, `update record`, `delete record`",
    "by id and by key, read back",
)
def test_record(sf: Sf) -> None:
    of = ("--sobject", "Account")
    by_key = ("--where", f"{KEY}=sf:one:1")
    values = f'Name="O\'Hara & Zoë" {KEY}=sf:one:1'
    made = sf.result("data", "create", "record", *of, "--values", values)
    read = sf.result("data", "get", "record", *of, "--record-id", made["id"])
    assert read["Name"] == "O'Hara & Zoë"
    sf.result("data", "update", "record", *of, *by_key, "--values", "Phone=555-0100")
    read = sf.result("data", "get", "record", *of, *by_key)
    assert (read["Id"], read["Phone"]) == (made["id"], "555-0100")
    sf.result("data", "delete", "record", *of, *by_key)
    gone = sf.error("data", "get", "record", *of, "--record-id", made["id"])
    assert gone["name"] == "ENTITY_IS_DELETED"


@covers("`data create record` of a bad record", "REQUIRED_FIELD_MISSING with its field", REFUSED)
def test_bad_record(sf: Sf) -> None:
    refused = sf.error("data", "create", "record", "--sobject", "Contact", "--values", "Phone=1")
    assert refused["data"]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert refused["data"]["fields"] == ["LastName"]


@covers("`data query` of a bad query", "INVALID_FIELD with the place in the query", REFUSED)
def test_bad_query(sf: Sf) -> None:
    refused = sf.error("data", "query", "--query", "SELECT Nope FROM Account")
    assert refused["name"] == "INVALID_FIELD"
    assert "ERROR at Row:1:Column:8" in refused["message"]


@covers("`data upsert bulk`", "new and known rows; quotes, newline and emoji read back")
def test_bulk_upsert(sf: Sf) -> None:
    upsert = ("data", "upsert", "bulk", "--sobject", "Account", "--external-id", KEY, "--wait", "2")
    rows = [{"Name": AWKWARD, KEY: "sf:upsert:0"}, {"Name": "Plain", KEY: "sf:upsert:1"}]
    first = sf.result(*upsert, "--file", sf.file("upsert.csv", to_csv(rows)))
    assert first["jobInfo"]["numberRecordsProcessed"] == 2
    assert {each["sf__Created"] for each in first["records"]["successfulResults"]} == {"true"}
    rows[1]["Name"] = "Plainer"
    again = sf.result(*upsert, "--file", sf.file("upsert.csv", to_csv(rows)))
    assert {each["sf__Created"] for each in again["records"]["successfulResults"]} == {"false"}
    soql = f"SELECT Name FROM Account WHERE {KEY} LIKE 'sf:upsert:%' ORDER BY {KEY}"
    found = sf.result("data", "query", "--query", soql)
    assert [each["Name"] for each in found["records"]] == [AWKWARD, "Plainer"]


@covers(
    "`data upsert bulk` with a bad row, `data bulk results`", "the bad row with its error", REFUSED
)
def test_bulk_results(sf: Sf) -> None:
    rows = [{**each, "Account_Kind__c": ""} for each in accounts("partly", 2)]
    rows[1]["Account_Kind__c"] = "No such kind"
    refused = sf.error(
        *("data", "upsert", "bulk", "--sobject", "Account", "--external-id", KEY, "--wait", "2"),
        *("--file", sf.file("partly.csv", to_csv(rows))),
    )
    assert refused["name"] == "FailedRecordDetailsError"
    folder = sf.folder / "results"
    folder.mkdir()
    shown = sf.result(
        *("data", "bulk", "results", "--target-org", "local"),
        *("--job-id", refused["data"]["jobId"]),
        where=folder,
    )
    assert (shown["successfulRecords"], shown["failedRecords"]) == (1, 1)
    [bad] = read_csv(folder / shown["failedFilePath"])
    assert bad["sf__Error"].startswith("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:")
    assert bad[KEY] == "sf:partly:1"
    [good] = read_csv(folder / shown["successFilePath"])
    assert good[KEY] == "sf:partly:0"


@pytest.fixture(scope="module")
def imported(sf: Sf) -> Any:
    file = sf.file("import.csv", to_csv(accounts("page", 2_100)))
    return sf.result(
        *("data", "import", "bulk", "--sobject", "Account", "--wait", "2", "--file", file)
    )


@covers("`data import bulk`, `data query`", "2,100 rows over two pages; JSON, CSV and aggregate")
def test_import_and_query(sf: Sf, imported: Any) -> None:
    assert (imported["processedRecords"], imported["failedRecords"]) == (2_100, 0)
    where = f"FROM Account WHERE {KEY} LIKE 'sf:page:%'"
    query = ("data", "query", "--query")
    found = sf.result(*query, f"SELECT Id, Name, Owner.Name {where}")
    assert found["totalSize"] == 2_100
    assert len({each["Id"] for each in found["records"]}) == 2_100
    soql = f"SELECT Name, Owner.Name {where} ORDER BY {KEY} LIMIT 2"
    shown = sf.run(*query, soql, "--result-format", "csv")
    lines = ["Name,Owner.Name", "page 0,Integration User", "page 1,Integration User"]
    assert shown.output.splitlines()[-3:] == lines
    counted = sf.run(*query, f"SELECT COUNT(Id) {where}", "--result-format", "csv")
    assert counted.output.splitlines()[-2:] == ["count(Id)", "2100"]


@covers("`data export bulk`", "2,100 rows into a file, each once")
def test_export(sf: Sf, imported: Any) -> None:
    target = sf.folder / "export.csv"
    soql = f"SELECT Name, {KEY} FROM Account WHERE {KEY} LIKE 'sf:page:%'"
    shown = sf.result(
        *("data", "export", "bulk", "--query", soql, "--wait", "2"),
        *("--result-format", "csv", "--output-file", str(target)),
    )
    assert shown["totalSize"] == 2_100
    assert Counter(each[KEY] for each in read_csv(target)) == Counter(
        each[KEY] for each in accounts("page", 2_100)
    )


@covers("`data update bulk`, `data delete bulk`", "read back by query")
def test_bulk_update_and_delete(sf: Sf, imported: Any) -> None:
    where = f"FROM Account WHERE {KEY} LIKE 'sf:page:20%'"
    query = ("data", "query", "--query")
    ids = [each["Id"] for each in sf.result(*query, f"SELECT Id {where}")["records"]]
    assert ids
    file = sf.file("update.csv", to_csv([{"Id": each, "Phone": "555-0101"} for each in ids]))
    bulk = ("--sobject", "Account", "--wait", "2", "--file")
    done = sf.result("data", "update", "bulk", *bulk, file)
    assert (done["processedRecords"], done["failedRecords"]) == (len(ids), 0)
    read = sf.result(*query, f"SELECT Phone {where}")["records"]
    assert {each["Phone"] for each in read} == {"555-0101"}
    file = sf.file("delete.csv", to_csv([{"Id": each} for each in ids]))
    sf.result("data", "delete", "bulk", *bulk, file)
    assert sf.result(*query, f"SELECT Id {where}")["totalSize"] == 0


@covers("`data import tree`", "an account with its contact, by `/composite/tree`")
def test_import_tree(sf: Sf) -> None:
    contacts = [{"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": "Leaf"}]
    account = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "Tree",
        "Contacts": {"records": contacts},
    }
    file = sf.file("tree.json", json.dumps({"records": [account]}))
    made = sf.result("data", "import", "tree", "--files", file)
    assert {each["type"] for each in made} == {"Account", "Contact"}
    query = ("--query", "SELECT Account.Name FROM Contact WHERE LastName = 'Leaf'")
    found = sf.result("data", "query", *query)["records"]
    assert [each["Account"]["Name"] for each in found] == ["Tree"]


@covers("`data create file`", "a ContentVersion with the same bytes")
def test_create_file(sf: Sf, org: Org) -> None:
    content = "Zoë\n" * 1_000
    file = sf.file("scan.txt", content)
    made = sf.result("data", "create", "file", "--file", file, "--title", "Scan")
    client = org.client()
    kept = client.get(f"/sobjects/ContentVersion/{made['Id']}")
    client.session.close()
    assert kept["Title"] == "Scan"
    assert kept["Checksum"] == hashlib.md5(content.encode()).hexdigest()


@covers("`data query --use-tooling-api`", "the custom fields of the package")
def test_tooling_query(sf: Sf) -> None:
    soql = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Contact'"
    found = sf.result("data", "query", "--use-tooling-api", "--query", soql)["records"]
    own = {name for _, name in source_components() if name.startswith("Contact.")}
    assert {f"Contact.{each['DeveloperName']}__c" for each in found} >= {
        each for each in own if each.endswith("__c")
    }


def test_nothing_else_was_asked_in_vain(sf: Sf, org: Org) -> None:
    """A resource the CLI looks for and the org lacks shows here, not in a user's hands."""
    sf.result("org", "display")
    asked = {path for _, path, status in org.requests() if status in (404, 405, 500)}
    ours = re.compile(r".*/sobjects/(Account/\w{18}|Insurance_Detail__c/describe)")
    assert {path for path in asked if not ours.fullmatch(path)} <= ASKED_IN_VAIN
