"""`load-sf schema deploy`: what it sends, what it says while it waits, how it ends."""

import copy
import os
import signal
import time
from typing import Any

import pytest

from .conftest import MARTS, Migration, example

STATE = "metadata/deployRequest/"


@pytest.fixture
def built(migration: Migration) -> Migration:
    """A home with the example built, its marts to change."""
    migration.marts = copy.deepcopy(MARTS)
    migration.sf("pull")
    migration.build(example())
    return migration


def answer(method: str, body: Any, times: int = 1) -> dict[str, Any]:
    """What the org shall answer of a deployment's state, however it stands."""
    return {"method": method, "path": STATE, "status": 200, "body": body, "times": times}


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
    built.arm(answer("GET", working(10), times=3))
    assert "components are in" in built.sf("schema", "deploy")
    polls = [path for method, path in built.noted() if method == "GET" and STATE in path]
    assert len(polls) >= 4


def test_interrupted_it_is_cancelled(built: Migration) -> None:
    built.arm(answer("PATCH", working(10)), answer("GET", working(10), times=0))
    process = built.start("schema", "deploy")
    deadline = time.monotonic() + 60
    while not any(method == "GET" and STATE in path for method, path in built.noted()):
        assert time.monotonic() < deadline, "it never asked how the deployment stands"
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    cancels = [path for method, path in built.noted() if method == "PATCH" and STATE in path]
    assert len(cancels) == 1


def test_what_the_org_refuses_is_listed_by_file_and_line(built: Migration) -> None:
    bad = {
        "componentType": "CustomField",
        "fullName": "Contact.Guarantor__c",
        "fileName": "objects/Contact.object",
        "problem": "Something [bold]is[/bold]\n wrong",
        "problemType": "Error",
    }
    later, sooner = bad | {"lineNumber": 70, "columnNumber": 3}, bad | {"lineNumber": "9"}
    built.arm(answer("GET", ended(later, sooner)))
    said = built.sf("schema", "deploy", "--check-only", code=1)
    lines = [line.strip() for line in said.splitlines() if "objects/Contact" in line]
    problem = "CustomField Contact.Guarantor__c: Something [bold]is[/bold] wrong"
    assert lines == [
        f"objects/Contact.object:9: {problem}",
        f"objects/Contact.object:70:3: {problem}",
    ]
    built.arm(answer("GET", ended(later)))
    told = built.json("schema", "deploy", "--check-only", code=1)
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
