"""`load-sf schema deploy`: what it sends, what it says while it waits, how it ends."""

import copy
import os
import signal
from typing import Any

import pytest

from .conftest import MARTS, Migration, example
from .faults import Fault, proxy

STATE = "metadata/deployRequest/"


@pytest.fixture
def built(migration: Migration) -> Migration:
    """A home with the example built, its marts to change."""
    migration.marts = copy.deepcopy(MARTS)
    migration.sf("pull")
    migration.build(example())
    return migration


def through(migration: Migration, url: str) -> None:
    token = migration.door["access_token"]
    migration.environment = {"SF_INSTANCE_URL": url, "SF_ACCESS_TOKEN": token}


def working(deployed: int, **more: Any) -> dict[str, Any]:
    """A deployment that is under way (Metadata API Developer Guide, deployRequest's state)."""
    result = {
        "status": "InProgress",
        "done": False,
        "success": False,
        "numberComponentsDeployed": deployed,
        "numberComponentsTotal": 40,
        "numberComponentErrors": 0,
    }
    return {"id": "0Af000000000001AAA", "deployResult": result | more}


def ended(*failures: dict[str, Any]) -> dict[str, Any]:
    more = {"status": "Failed", "done": True, "details": {"componentFailures": list(failures)}}
    return working(0, **more)


def test_a_long_deployment_is_waited_for(built: Migration) -> None:
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        org.faults = [Fault("GET", STATE, "answer", times=3, body=working(10))]
        assert "components are in" in built.sf("schema", "deploy")
        assert org.faults[0].times == 0


def test_interrupted_it_is_cancelled(built: Migration) -> None:
    asked: list[int] = []
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        cancel = Fault("PATCH", STATE, "answer", lambda: asked.append(1), body=working(10))
        org.faults = [cancel]
        process = built.start("schema", "deploy")

        def interrupt() -> None:
            org.faults[1].action = lambda: None
            os.kill(process.pid, signal.SIGINT)

        org.faults.append(Fault("GET", STATE, "answer", interrupt, times=1_000, body=working(10)))
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "Traceback" not in err
        assert asked == [1]


def test_what_the_org_refuses_is_listed_by_file_and_line(built: Migration) -> None:
    bad = {
        "componentType": "CustomField",
        "fullName": "Contact.Guarantor__c",
        "fileName": "objects/Contact.object",
        "problem": "Something [bold]is[/bold]\n wrong",
        "problemType": "Error",
    }
    with proxy(built.door["url"]) as org:
        through(built, org.url)
        later, sooner = bad | {"lineNumber": 70, "columnNumber": 3}, bad | {"lineNumber": "9"}
        org.faults = [Fault("GET", STATE, "answer", body=ended(later, sooner))]
        said = built.sf("schema", "deploy", code=1)
        lines = [line.strip() for line in said.splitlines() if "objects/Contact" in line]
        problem = "CustomField Contact.Guarantor__c: Something [bold]is[/bold] wrong"
        assert lines == [
            f"objects/Contact.object:9: {problem}",
            f"objects/Contact.object:70:3: {problem}",
        ]
        org.faults = [Fault("GET", STATE, "answer", body=ended(later))]
        told = built.json("schema", "deploy", code=1)
        assert told["success"] is False
        assert told["failures"][0]["line"] == 70
        # Nothing was taken, so the next one sends it all.
        assert built.json("schema", "deploy")["sent"] is True


def test_json_says_what_happened(built: Migration) -> None:
    checked = built.json("schema", "deploy", "--check-only")
    assert (checked["check_only"], checked["sent"], checked["assigned"]) == (True, True, None)
    first = built.json("schema", "deploy")
    assert (first["sent"], first["assigned"], first["failures"]) == (True, "now", [])
    assert first["package"] == checked["package"]
    again = built.json("schema", "deploy")
    assert (again["sent"], again["success"]) == (False, True)


def test_a_change_no_describe_shows_is_deployed(built: Migration) -> None:
    built.sf("schema", "deploy")
    built.marts["t__insurance"][0]["access"] = "clinical"
    built.build(example())
    assert built.json("schema", "deploy")["sent"] is True
    sets = {r["Name"] for r in built.soql("SELECT Name FROM PermissionSet")}
    assert "Bridgework_Clinical_Read" in sets


def test_no_test_level_is_named(built: Migration) -> None:
    """Production refuses NoTestRun; a package without Apex runs no test by itself."""
    sent = built.json("schema", "deploy")["deployment"]
    options = built.rest("GET", f"{STATE}{sent}")["deployOptions"]
    assert "testLevel" not in options
    assert options["rollbackOnError"] is True
