"""Deploys over time: asked for, polled, canceled, interrupted; options and package.xml."""

import json
import signal
import time
from typing import Any

import pytest

from tests.python.local_org.client import JOB_SECONDS, Client, Server
from tests.python.local_org.package import (
    CUSTOM,
    TEXT,
    Package,
    clinic,
    custom_field,
    failures,
    key_field,
    successes,
)
from tests.python.local_org.wording import assumed, sourced

PATH = "/metadata/deployRequest"
GUIDE = "the Metadata API Developer Guide's REST chapter"


def post(org: Client, package: Package, part: str = "json", **options: Any) -> Any:
    """Ask for a deploy and give the answer, whatever it is."""
    body = json.dumps({"deployOptions": {"singlePackage": True, **options}})
    files = {
        part: (None, body, "application/json"),
        "file": ("deploy.zip", package.zip(), "application/zip"),
    }
    return org.call("POST", PATH, files=files)


def poll(org: Client, deploy_id: str) -> dict[str, Any]:
    """Give a deploy's result once it has ended."""
    deadline = time.monotonic() + JOB_SECONDS
    while True:
        result: dict[str, Any] = org.get(f"{PATH}/{deploy_id}?includeDetails=true")["deployResult"]
        if result["done"]:
            return result
        assert time.monotonic() < deadline, result
        time.sleep(0.02)


def big(objects: int = 12, fields: int = 200) -> Package:
    """A package that takes a while."""
    package = Package()
    for number in range(objects):
        many = (custom_field(f"F{each}__c", "Text", TEXT) for each in range(fields))
        package.object(f"Big{number}__c", *many, custom=CUSTOM)
    return package


def small(name: str = "Small__c") -> Package:
    return Package().object("Contact", custom_field(name, "Text", TEXT))


@pytest.mark.parametrize("part", ["json", "entity_content"])
def test_a_deploy_is_answered_before_it_is_done(org: Client, part: str) -> None:
    answer = post(org, small(), part, checkOnly=True)
    assert answer.status_code == 201
    body = answer.json()
    assert body["deployOptions"] == {"singlePackage": True, "checkOnly": True}
    assert body["id"].startswith("0Af") and len(body["id"]) == 18
    assert body["url"].endswith(f"/services/data/v67.0{PATH}/{body['id']}")
    first = body["deployResult"]
    assert (first["status"], first["done"], first["success"]) == ("Pending", False, False)
    result = poll(org, body["id"])
    assert (result["status"], result["done"], result["success"]) == ("Succeeded", True, True)
    assert result["checkOnly"] is True and result["completedDate"] >= result["startDate"]
    assert result["numberComponentsDeployed"] == result["numberComponentsTotal"] == 2
    assert "details" not in org.get(f"{PATH}/{body['id']}")["deployResult"]
    assert org.get(f"{PATH}/{body['id'][:15]}")["id"] == body["id"]
    missing = org.call("GET", f"{PATH}/0Af000000000001AAA")
    assert (missing.status_code, missing.json()[0]["errorCode"]) == (404, "NOT_FOUND")


def test_each_component_is_shown_as_rest_shows_it(org: Client) -> None:
    result = poll(org, post(org, small("Shape__c"), checkOnly=True).json()["id"])
    shown = {each["fullName"]: each for each in result["details"]["componentSuccesses"]}
    created = shown["package.xml"]["createdDate"]
    # Sourced: a DeployResult from REST in a public repository.
    assert shown["package.xml"] == {
        "componentType": "",
        "fileName": "package.xml",
        "fullName": "package.xml",
        "id": None,
        "problem": None,
        "success": True,
        "warning": False,
        "created": False,
        "changed": True,
        "deleted": False,
        "lineNumber": None,
        "columnNumber": None,
        "requiresProductionTestRun": False,
        "createdDate": created,
        "knownPackagingProblem": False,
        "forPackageManifestFile": True,
        "problemType": None,
    }
    assert (shown["Contact.Shape__c"]["created"], shown["Contact.Shape__c"]["changed"]) == (
        True,
        True,
    )
    tests = result["details"]["runTestResult"]
    assert (tests["numFailures"], tests["numTestsRun"]) == (0, 0)


def test_deploys_are_done_in_order_and_can_be_canceled(server: Server) -> None:
    org = server.start()
    first = post(org, big()).json()["id"]
    second = post(org, small()).json()["id"]
    canceled = org.call("PATCH", f"{PATH}/{second}", json={"deployResult": {"status": "Canceling"}})
    assert canceled.status_code == 202
    assert canceled.json()["deployResult"]["status"] == "Canceled"
    third = post(org, small("Third__c")).json()["id"]
    assert poll(org, first)["status"] == "Succeeded"
    result = poll(org, second)
    assert (result["status"], result["success"]) == ("Canceled", False)
    assert result["canceledBy"] == result["createdBy"]
    assert poll(org, third)["status"] == "Succeeded"
    again = org.deploy(small())
    assert successes(again)["CustomField Contact.Small__c"]["created"] is True
    answer = org.call("PATCH", f"{PATH}/{third}", json={"deployResult": {"status": "Canceling"}})
    # Sourced: cancels of the Salesforce CLI.
    assert answer.status_code == 400
    assert answer.json()[0]["message"] == "INVALID_ID_FIELD: Deployment already completed"
    answer = org.call("PATCH", f"{PATH}/{third}", json={"deployResult": {"status": "Succeeded"}})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
    org.session.close()


def test_one_at_work_stops_before_its_next_component(server: Server) -> None:
    org = server.start()
    deploy_id = post(org, big(20, 400)).json()["id"]
    while org.get(f"{PATH}/{deploy_id}")["deployResult"]["status"] == "Pending":
        time.sleep(0.01)
    body = {"deployResult": {"status": "Canceling"}}
    answer = org.call("PATCH", f"{PATH}/{deploy_id}", json=body)
    assert answer.json()["deployResult"]["status"] in ("Canceling", "Canceled")
    assert poll(org, deploy_id)["status"] == "Canceled"
    assert org.call("GET", "/sobjects/Big0__c/describe").status_code == 404
    org.session.close()


@pytest.mark.parametrize("wait", [0.0, 0.4, 0.8, 1.2])
def test_a_killed_server_has_done_all_of_a_deploy_or_nothing(server: Server, wait: float) -> None:
    org = server.start()
    assert org.deploy(clinic())["status"] == "Succeeded"
    deploy_id = post(org, big(20, 300)).json()["id"]
    waiting = post(org, small()).json()["id"]
    time.sleep(wait)
    server.end(signal.SIGKILL)
    org.session.close()
    org = server.start()
    result = poll(org, deploy_id)
    assert (result["status"], result["numberComponentErrors"]) == ("Succeeded", 0)
    assert result["numberComponentsDeployed"] == 20 * 301
    # Whether it was done before the kill or again after it: nothing of it was there yet.
    assert all(each["created"] for each in successes(result).values())
    assert poll(org, waiting)["status"] == "Succeeded"
    # What was there before is there, and what was asked for is there once.
    for package in (clinic(), big(20, 300), small()):
        again = successes(org.deploy(package))
        assert not any(each["changed"] for each in again.values())
    names = ("Insurance_Detail__c", *(f"Big{number}__c" for number in range(20)))
    prefixes = {org.get(f"/sobjects/{name}/describe")["keyPrefix"] for name in names}
    assert len(prefixes) == 21
    assert list((server.store / "deploys").iterdir()) == []
    org.session.close()


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            {"checkOnly": "yes"},
            "JSON_PARSER_ERROR",
            assumed("Cannot deserialize the option checkOnly: it must be true or false"),
        ),
        (
            {"speed": "fast"},
            "JSON_PARSER_ERROR",
            assumed('Unrecognized field "speed" in deployOptions'),
        ),
        (
            {"testLevel": "Some"},
            "JSON_PARSER_ERROR",
            assumed("'Some' is not a valid value for the enum 'TestLevel'"),
        ),
        (
            {"testLevel": "NoTestRun", "runTests": ["A"]},
            "INVALID_OPERATION",
            sourced(
                "runTests can be used only with a testLevel of RunSpecifiedTests.",
                "tests of the Salesforce CLI's pipeline plugin",
            ),
        ),
        (
            {"testLevel": "RunSpecifiedTests"},
            "INVALID_OPERATION",
            assumed("A testLevel of RunSpecifiedTests needs tests in runTests."),
        ),
        (
            {"runTests": "A"},
            "JSON_PARSER_ERROR",
            assumed("Cannot deserialize the option runTests: it must be a list of class names"),
        ),
    ],
)
def test_options_that_are_none(
    org: Client, options: dict[str, Any], code: str, message: str
) -> None:
    answer = post(org, small(), **options)
    assert answer.status_code == 400
    assert (answer.json()[0]["errorCode"], answer.json()[0]["message"]) == (code, message)


def test_every_documented_option_is_taken(org: Client) -> None:
    answer = post(
        org,
        small(),
        checkOnly=True,
        rollbackOnError=True,
        allowMissingFiles=False,
        autoUpdatePackage=False,
        ignoreWarnings=True,
        performRetrieve=False,
        purgeOnDelete=True,
        runTests=None,
        testLevel="RunLocalTests",
    )
    assert poll(org, answer.json()["id"])["status"] == "Succeeded"


def test_bodies_that_are_no_deploy(org: Client) -> None:
    options = {"deployOptions": {"singlePackage": True}}
    answer = org.call("POST", PATH, json={**options, "zipFile": "UEsDBA=="})
    assert answer.status_code == 415
    form = {"json": (None, json.dumps(options), "application/json")}
    answer = org.call("POST", PATH, files=form)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (
        400,
        "INVALID_MULTIPART_REQUEST",
    )
    for text in ("", "[1]", "{}", '{"deployOptions": 1}', "{" * 5000):
        form = {"json": (None, text, "application/json")}
        files = {**form, "file": ("deploy.zip", small().zip(), "application/zip")}
        answer = org.call("POST", PATH, files=files)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_without_rollback_what_holds_is_kept(server: Server) -> None:
    org = server.start()
    package = Package().object(
        "Contact", custom_field("Good__c", "Text", TEXT), custom_field("Bad__c", "Wish")
    )
    result = org.deploy(package, rollbackOnError=False)
    assert (result["status"], result["numberComponentErrors"]) == ("SucceededPartial", 1)
    again = successes(org.deploy(package, rollbackOnError=False))
    assert again["CustomField Contact.Good__c"]["created"] is False
    org.session.close()


def test_what_package_xml_names_must_be_there_and_the_other_way_round(org: Client) -> None:
    package = Package(members={"CustomObject": ["Ghost__c"], "Layout": ["Contact-Ghost"]})
    words = "was named in package.xml, but was not found in zipped directory"
    result = org.deploy(package)
    assert failures(result) == {
        "Ghost__c": sourced(f"An object 'Ghost__c' of type CustomObject {words}", "cli issue 2182"),
        "Contact-Ghost": sourced(f"An object 'Contact-Ghost' of type Layout {words}", "the same"),
    }
    failed = result["details"]["componentFailures"][0]
    # Sourced: tests of the Salesforce CLI.
    assert (failed["componentType"], failed["fileName"]) == ("", "package.xml")
    assert org.deploy(package, allowMissingFiles=True)["status"] == "Succeeded"
    package = small("Stray__c").tab("Stray__c")
    package.members = {}
    text = sourced("Not in package.xml", "forcedotcom/cli issue 3012")
    assert failures(org.deploy(package)) == {"Contact.Stray__c": text, "Stray__c": text}
    package = small("Stray__c")
    package.members = {}
    assert org.deploy(package, autoUpdatePackage=True, checkOnly=True)["status"] == "Succeeded"
    package.members = {"CustomField": ["Contact.Stray__c"]}
    assert org.deploy(package, checkOnly=True)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("Wish", sourced("Unknown type name 'Wish' specified in package.xml", "public issues")),
        ("ApexClass", assumed("The local org does not support metadata of type ApexClass")),
        ("FlexiPage", assumed("The local org does not support metadata of type FlexiPage")),
    ],
)
def test_types_this_org_has_not(org: Client, kind: str, problem: str) -> None:
    result = org.deploy(Package(members={kind: ["A"]}))
    problems = [each["problem"] for each in result["details"]["componentFailures"]]
    assert problems == [problem]


@pytest.mark.parametrize("version", ["30.0", "68.0", "67", "latest", "1e3.0"])
def test_versions_this_org_has_not(org: Client, version: str) -> None:
    result = org.deploy(Package(version=version))
    text = assumed(f"Invalid version specified: {version}")
    assert failures(result) == {"package.xml": text}


def test_a_version_is_needed(org: Client) -> None:
    package = Package(manifest=False)
    package.files["package.xml"] = (
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>A__c</members>'
        "<name>CustomObject</name></types></Package>"
    )
    text = sourced("Required field is missing: version", "the wording of other required fields")
    assert failures(org.deploy(package)) == {"package.xml": text}


def test_one_package_or_one_per_top_folder(org: Client) -> None:
    missing = sourced("No package.xml found", "forcedotcom/CustomMetadataLoader issue 34")
    package = small("Top__c")
    package.top = "unpackaged/"
    assert failures(org.deploy(package, checkOnly=True)) == {"package.xml": missing}
    result = org.deploy(package, singlePackage=False, checkOnly=True)
    assert result["status"] == "Succeeded"
    shown = {each["fileName"] for each in result["details"]["componentSuccesses"]}
    assert shown == {"unpackaged/package.xml", "unpackaged/objects/Contact.object"}
    package.top = ""
    result = org.deploy(package, singlePackage=False, checkOnly=True)
    failed = result["details"]["componentFailures"][0]
    assert (failed["problem"], failed["fileName"]) == (missing, "objects/package.xml")


def test_a_grant_and_its_field_in_one_deploy(org: Client) -> None:
    package = Package().object("Together__c", key_field(), custom=CUSTOM)
    package.permission_set("Together", "Together__c.Migration_Key__c")
    assert org.deploy(package)["status"] == "Succeeded"
