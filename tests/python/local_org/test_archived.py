"""Archived activities: out of sight for a query, in sight for queryAll, still there to change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.python.local_org.client import Client

NOW = datetime.now(UTC)


def moment(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(days: float) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def account(org: Client) -> str:
    """An account with events and tasks on both sides of the line."""
    made = org.create("Account", Name="Archive")
    for key, values in {
        "old": {"StartDateTime": moment(366), "DurationInMinutes": 30},
        "edge": {"StartDateTime": moment(365.01), "DurationInMinutes": 5},
        "young": {"StartDateTime": moment(365), "DurationInMinutes": 60},
        "future": {"StartDateTime": moment(-400), "DurationInMinutes": 60},
    }.items():
        org.create("Event", Subject=key, Migration_Key__c=f"arc:{key}", WhatId=made, **values)
    tasks: dict[str, dict[str, Any]] = {
        "closed": {"Status": "Completed", "ActivityDate": day(366)},
        "open": {"Status": "Not Started", "ActivityDate": day(3_000)},
        "recent": {"Status": "Completed", "ActivityDate": day(300)},
        "undated": {"Status": "Completed"},
    }
    for key, values in tasks.items():
        org.create("Task", Subject=key, Migration_Key__c=f"arct:{key}", WhatId=made, **values)
    return made


def subjects(org: Client, name: str, account: str, *, everything: bool) -> list[tuple[str, bool]]:
    soql = f"SELECT Subject, IsArchived FROM {name} WHERE WhatId = '{account}' ORDER BY Subject"
    found = org.query(soql, everything=everything)
    return [(row["Subject"], row["IsArchived"]) for row in found]


def test_only_query_all_shows_them(org: Client, account: str) -> None:
    assert subjects(org, "Event", account, everything=False) == [
        ("future", False),
        ("young", False),
    ]
    assert subjects(org, "Event", account, everything=True) == [
        ("edge", True),
        ("future", False),
        ("old", True),
        ("young", False),
    ]
    assert subjects(org, "Task", account, everything=False) == [
        ("open", False),
        ("recent", False),
        ("undated", False),
    ]
    assert ("closed", True) in subjects(org, "Task", account, everything=True)


def test_counts_children_and_semi_joins_obey(org: Client, account: str) -> None:
    count = f"SELECT COUNT(Id) n FROM Event WHERE WhatId = '{account}'"
    assert org.query(count) == [{"n": 2}]
    assert org.query(count, everything=True) == [{"n": 4}]
    children = f"SELECT (SELECT Id FROM Events) FROM Account WHERE Id = '{account}'"
    assert org.query(children)[0]["Events"]["totalSize"] == 2
    assert org.query(children, everything=True)[0]["Events"]["totalSize"] == 4
    joined = "SELECT Id FROM Account WHERE Id IN (SELECT WhatId FROM Task WHERE Subject = 'closed')"
    assert org.query(joined) == []
    assert len(org.query(joined, everything=True)) == 1


@pytest.mark.parametrize(("operation", "rows"), [("query", 2), ("queryAll", 4)])
def test_query_jobs_obey(org: Client, account: str, operation: str, rows: int) -> None:
    soql = f"SELECT Id, IsArchived FROM Event WHERE WhatId = '{account}'"
    job = org.call("POST", "/jobs/query", json={"operation": operation, "query": soql}).json()
    assert org.wait(job, "query")["numberRecordsProcessed"] == rows


def test_they_are_found_by_key_and_changed_and_deleted(org: Client, account: str) -> None:
    upserted = org.bulk(
        "Event", "upsert", "Migration_Key__c,Location\narc:old,Room 1\n", "Migration_Key__c"
    )
    assert upserted.succeeded[0]["sf__Created"] == "false"
    soql = "SELECT Id, Location FROM Event WHERE Migration_Key__c = 'arc:old'"
    (found,) = org.query(soql, everything=True)
    assert found["Location"] == "Room 1"
    path = f"/sobjects/Event/{found['Id']}"
    assert org.get(path)["IsArchived"] is True
    assert org.call("PATCH", path, json={"Location": "Room 2"}).status_code == 204
    assert org.query(soql, everything=True)[0]["Location"] == "Room 2"
    made = org.create(
        "Event", Subject="short", StartDateTime=moment(900), DurationInMinutes=1, WhatId=account
    )
    assert org.call("DELETE", f"/sobjects/Event/{made}").status_code == 204
    gone = org.query(f"SELECT IsDeleted FROM Event WHERE Id = '{made}'", everything=True)
    assert gone == [{"IsDeleted": True}]


def test_what_is_moved_into_the_present_shows_again(org: Client) -> None:
    made = org.create("Event", Subject="moved", StartDateTime=moment(900), DurationInMinutes=1)
    soql = f"SELECT Id FROM Event WHERE Id = '{made}'"
    assert org.query(soql) == []
    values = {"StartDateTime": moment(1), "DurationInMinutes": 1, "ActivityDateTime": moment(1)}
    assert org.call("PATCH", f"/sobjects/Event/{made}", json=values).status_code == 204
    assert len(org.query(soql)) == 1


def test_it_cannot_be_written(org: Client) -> None:
    answer = org.call("POST", "/sobjects/Task", json={"Subject": "x", "IsArchived": True})
    assert answer.status_code == 400
