"""jsforce, the Salesforce library most of Node's world uses. Its calls are in jsforce.cjs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.install import MODULES, NODE
from tests.conformance.org import Org
from tests.conformance.table import JSFORCE, PASSED, REFUSED

SCRIPT = Path(__file__).parent / "jsforce.cjs"
SECONDS = 180

# What each call of the script stands for in the table.
CALLS: dict[str, tuple[str, str]] = {
    "identity": ("`identity()`", "user and org against a query of both"),
    "limits": ("`limits()`", "one more call used between two of them"),
    "describeGlobal": ("`describeGlobal()`", "standard and deployed objects are in it"),
    "describe": ("`describe(type)`", "flags of a deployed external id"),
    "create": ("`create(record)`", "quotes, newline and emoji read back"),
    "update": ("`update(record)`", "read back"),
    "destroy": ("`destroy(id)`", "gone from query, there with `scanAll`"),
    "upsert": ("`upsert(record, key)`", "created, then updated under the same id"),
    "createMany": ("`create([450], allowRecursive)`", "three Collections calls, in order"),
    "createManyPartly": ("`create([…])` with one bad row", "the good row stays"),
    "createManyAllOrNone": ("`create([…], allOrNone)`", "one bad row takes all back"),
    "retrieveMany": ("`retrieve(type, [ids])`", "in order, null for an id of no record"),
    "updateMany": ("`update([…])`", "read back"),
    "upsertMany": ("`upsert([…], key)`", "one updated, two created"),
    "destroyMany": ("`destroy([ids])`", "a second time is ENTITY_IS_DELETED"),
    "query": ("`query(soql)`", "order, parent fields"),
    "queryMore": ("`queryMore(url)`", "4,100 rows in pages of 2,000, each once"),
    "queryAutoFetch": ("`query(soql).run({autoFetch})`", "4,100 rows, each once"),
    "find": ("`find(…).sort().limit()`, `count(…)`", "SOQL as jsforce writes it"),
    "bulkUpsert": ("`bulk2.loadAndWaitForResults` upsert", "all three results; values read back"),
    "bulkUpdateAndDelete": ("`bulk2` update, delete", "read back by query"),
    "bulkQuery": ("`bulk2.query`", "4,101 rows, one with quotes and a newline"),
    "createRefused": ("`create` of a bad record", "REQUIRED_FIELD_MISSING, STRING_TOO_LONG"),
    "createTooMany": ("`create([201])`", "LIMIT_EXCEEDED"),
    "queryRefused": ("`query` of a bad query", "INVALID_FIELD, MALFORMED_QUERY"),
    "bulkRefused": ("`bulk2` with an unknown column", "InvalidBatch, nothing written"),
    "sessionRefused": ("any call with a wrong token", "INVALID_SESSION_ID"),
}


def _row(call: str) -> pytest.MarkDecorator:
    verdict = REFUSED if call.endswith("Refused") or call == "createTooMany" else PASSED
    return pytest.mark.covers(JSFORCE, *CALLS[call], verdict)


@pytest.fixture(scope="module")
def outcomes(org: Org) -> dict[str, str | None]:
    """Make all calls once, in the script's order."""
    org.with_clinic()
    done = subprocess.run(
        [str(NODE), str(SCRIPT)],
        env=os.environ | {"NODE_PATH": str(MODULES), "ORG_URL": org.url, "ORG_TOKEN": org.token},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["call"]: each["error"] for each in lines}


def test_every_call_of_the_script_is_in_the_table(outcomes: dict[str, str | None]) -> None:
    assert set(outcomes) == set(CALLS)


@pytest.mark.parametrize("call", [pytest.param(each, marks=_row(each)) for each in CALLS])
def test_call(call: str, outcomes: dict[str, str | None]) -> None:
    assert outcomes[call] is None
