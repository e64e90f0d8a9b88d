"""Events and tasks: what must be given, what must agree, what Salesforce works out."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.orgs import clinic_org
from tests.python.local_org.package import OBJECT, Package, custom_field
from tests.python.local_org.wording import assumed, sourced

START, END = "2024-03-04T15:00:00.000+0000", "2024-03-04T15:30:00.000+0000"
DERIVED = (
    "StartDateTime, ActivityDateTime, ActivityDate, EndDateTime, EndDate, DurationInMinutes, "
    "IsAllDayEvent"
)
TIMED = {
    "StartDateTime": START,
    "ActivityDateTime": START,
    "ActivityDate": "2024-03-04",
    "EndDateTime": END,
    "EndDate": "2024-03-04",
    "DurationInMinutes": 30,
    "IsAllDayEvent": False,
}
MIDNIGHT = "2024-03-04T00:00:00.000+0000"
WHOLE_DAY = {
    "StartDateTime": MIDNIGHT,
    "ActivityDateTime": None,
    "ActivityDate": "2024-03-04",
    "EndDateTime": MIDNIGHT,
    "EndDate": "2024-03-04",
    "DurationInMinutes": 1440,
    "IsAllDayEvent": True,
}
THREE_DAYS = WHOLE_DAY | {
    "EndDateTime": "2024-03-06T00:00:00.000+0000",
    "EndDate": "2024-03-06",
    "DurationInMinutes": 4320,
}


def read(org: Client, record: str, fields: str = DERIVED, name: str = "Event") -> dict[str, Any]:
    # Old activities are archived as soon as they are saved: only queryAll shows them.
    return org.query(f"SELECT {fields} FROM {name} WHERE Id = '{record}'", everything=True)[0]


@pytest.mark.parametrize(
    "given",
    [
        {"StartDateTime": START, "DurationInMinutes": 30},
        {"StartDateTime": START, "EndDateTime": END},
        {"StartDateTime": START, "EndDateTime": END, "DurationInMinutes": 30},
        {"ActivityDateTime": START, "DurationInMinutes": 30},
        {"ActivityDateTime": START, "StartDateTime": START, "EndDateTime": END},
        {"ActivityDate": "2024-03-04", "StartDateTime": START, "EndDateTime": END},
        {"StartDateTime": "2024-03-04T16:00:00+01:00", "EndDateTime": "2024-03-04T07:30:00-08:00"},
    ],
)
def test_an_event_works_out_its_times(org: Client, given: dict[str, Any]) -> None:
    assert read(org, org.create("Event", Subject="Visit", **given)) == TIMED


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"ActivityDate": "2024-03-04"}, WHOLE_DAY),
        ({"StartDateTime": "2024-03-04T15:00:00Z"}, WHOLE_DAY),
        ({"ActivityDate": "2024-03-04", "DurationInMinutes": 1440}, WHOLE_DAY),
        ({"ActivityDate": "2024-03-04", "DurationInMinutes": 4320}, THREE_DAYS),
        ({"ActivityDate": "2024-03-04", "EndDateTime": "2024-03-06T00:00:00Z"}, THREE_DAYS),
    ],
)
def test_an_all_day_event_is_whole_days(
    org: Client, given: dict[str, Any], found: dict[str, Any]
) -> None:
    assert read(org, org.create("Event", IsAllDayEvent=True, **given)) == found


RANGE = "Duration must be between 0 and 20160 minutes"
RANGE_SOURCE = (
    "Riva 24498086130836 shows `Duration must be between 0 and 1440 minutes: Duration -- "
    "DurationInMinutes` for an org without multiday events; 14 days is the Object Reference's"
)


@pytest.mark.parametrize(
    ("given", "code", "message", "fields"),
    [
        (
            {"DurationInMinutes": 30},
            "REQUIRED_FIELD_MISSING",
            sourced("Required fields are missing: [ActivityDateTime]", "jsforce issue 217"),
            ["ActivityDateTime"],
        ),
        (
            {"StartDateTime": START},
            "REQUIRED_FIELD_MISSING",
            sourced(
                "Required fields are missing: [EndDateTime]",
                "Object Reference, Event.DurationInMinutes: from 39.0 on errors without a "
                "DurationInMinutes appear in EndDateTime",
            ),
            ["EndDateTime"],
        ),
        (
            {"Subject": "x"},
            "REQUIRED_FIELD_MISSING",
            assumed("Required fields are missing: [ActivityDateTime, EndDateTime]"),
            ["ActivityDateTime", "EndDateTime"],
        ),
        (
            {"IsAllDayEvent": True},
            "REQUIRED_FIELD_MISSING",
            assumed("Required fields are missing: [ActivityDate]"),
            ["ActivityDate"],
        ),
        (
            {"StartDateTime": START, "DurationInMinutes": 20161},
            "FIELD_INTEGRITY_EXCEPTION",
            sourced(f"{RANGE}: Duration", RANGE_SOURCE),
            ["DurationInMinutes"],
        ),
        (
            {"StartDateTime": START, "DurationInMinutes": -1},
            "FIELD_INTEGRITY_EXCEPTION",
            sourced(f"{RANGE}: Duration", RANGE_SOURCE),
            ["DurationInMinutes"],
        ),
        (
            {"StartDateTime": START, "EndDateTime": "2024-03-04T14:59:00Z"},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed(f"{RANGE}: End Date Time"),
            ["EndDateTime"],
        ),
        (
            {"StartDateTime": START, "EndDateTime": END, "DurationInMinutes": 45},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed("Duration and End Date Time must add up to the same amount of time: Duration"),
            ["DurationInMinutes"],
        ),
        (
            {"StartDateTime": START, "ActivityDateTime": END, "DurationInMinutes": 45},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed("Due Date Time and Start Date Time must match: Due Date Time"),
            ["ActivityDateTime"],
        ),
        (
            {"StartDateTime": START, "ActivityDate": "2024-03-05", "DurationInMinutes": 45},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed("Due Date Only and Start Date Time must match: Due Date Only"),
            ["ActivityDate"],
        ),
        (
            {"IsAllDayEvent": True, "ActivityDate": "2024-03-05", "StartDateTime": START},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed("Due Date Only and Start Date Time must match: Due Date Only"),
            ["ActivityDate"],
        ),
        (
            {"IsAllDayEvent": True, "ActivityDate": "2024-03-05", "EndDateTime": START},
            "FIELD_INTEGRITY_EXCEPTION",
            assumed(f"{RANGE}: End Date Time"),
            ["EndDateTime"],
        ),
        (
            {"StartDateTime": START, "DurationInMinutes": 30, "IsReminderSet": True},
            "REQUIRED_FIELD_MISSING",
            assumed("Required fields are missing: [ReminderDateTime]"),
            ["ReminderDateTime"],
        ),
    ],
)
def test_an_event_is_refused(
    org: Client, given: dict[str, Any], code: str, message: str, fields: list[str]
) -> None:
    assert org.refused("Event", **given) == (code, message, fields)


def test_by_bulk_too_each_row_by_itself(org: Client) -> None:
    job = org.bulk(
        "Event",
        "insert",
        "Migration_Key__c,StartDateTime,DurationInMinutes,EndDateTime\n"
        f"act:1,{START},30,\nact:2,{START},,\nact:3,{START},,{END}\nact:4,{START},99999999,\n",
    )
    assert job.counts == ("JobComplete", 4, 2)
    errors = {row["Migration_Key__c"]: row["sf__Error"] for row in job.failed}
    assert errors == {
        "act:2": sourced(
            "REQUIRED_FIELD_MISSING:Required fields are missing: [EndDateTime]:EndDateTime --",
            "Object Reference, Event.DurationInMinutes",
        ),
        "act:4": sourced(
            f"FIELD_INTEGRITY_EXCEPTION:{RANGE}: Duration:DurationInMinutes --", RANGE_SOURCE
        ),
    }


def test_an_update_starts_from_what_is_stored(org: Client) -> None:
    event = org.create("Event", StartDateTime=START, DurationInMinutes=30, Subject="a")
    path = f"/sobjects/Event/{event}"

    def change(**values: Any) -> dict[str, Any]:
        answer = org.call("PATCH", path, json=values)
        assert answer.status_code == 204, answer.text
        return read(org, event)

    assert change(Subject="b") == TIMED
    moved = change(StartDateTime="2024-03-05T15:00:00Z")
    assert moved["EndDateTime"] == "2024-03-05T15:30:00.000+0000"
    assert (moved["ActivityDate"], moved["DurationInMinutes"]) == ("2024-03-05", 30)
    longer = change(DurationInMinutes=60)
    assert longer["EndDateTime"] == "2024-03-05T16:00:00.000+0000"
    shorter = change(EndDateTime="2024-03-05T15:15:00Z")
    assert shorter["DurationInMinutes"] == 15
    assert change(IsAllDayEvent=True, ActivityDate="2024-03-04") == WHOLE_DAY
    back = change(IsAllDayEvent=False, StartDateTime=START, DurationInMinutes=30)
    assert back == TIMED
    wrong = org.call("PATCH", path, json={"StartDateTime": None})
    assert wrong.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    wrong = org.call("PATCH", path, json={"EndDateTime": "2024-03-01T00:00:00Z"})
    assert wrong.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_subtypes_are_set_once_and_take_listed_values(org: Client) -> None:
    start = {"StartDateTime": START, "DurationInMinutes": 30}
    event, task = org.create("Event", **start), org.create("Task", Subject="x")
    found = read(org, event, "EventSubtype, ShowAs")
    assert found == {"EventSubtype": "Event", "ShowAs": "Busy"}
    assert read(org, task, "TaskSubtype", "Task") == {"TaskSubtype": "Task"}
    call = org.create("Task", TaskSubtype="Call")
    org.call("PATCH", f"/sobjects/Task/{call}", json={"Subject": "later"})
    assert read(org, call, "TaskSubtype", "Task") == {"TaskSubtype": "Call"}
    later = org.call("PATCH", f"/sobjects/Event/{event}", json={"EventSubtype": "Event"})
    assert later.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    for name, values in (
        ("Event", {"EventSubtype": "Visit", **start}),
        ("Task", {"CallType": "x"}),
    ):
        assert org.refused(name, **values)[0] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.refused("Event", ShowAs="Away", **start)[0] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )


def test_series_cannot_be_made_half_way(org: Client) -> None:
    code, _, fields = org.refused("Task", Subject="x", IsRecurrence=True)
    assert code == "REQUIRED_FIELD_MISSING"
    assert fields == ["RecurrenceStartDateOnly", "RecurrenceEndDateOnly", "RecurrenceType"]


def test_a_task_is_closed_by_its_status(org: Client) -> None:
    fields = "Status, Priority, IsClosed, IsHighPriority, CompletedDateTime"
    task = org.create("Task", Subject="Recall")
    plain = {
        "Status": "Not Started",
        "Priority": "Normal",
        "IsClosed": False,
        "IsHighPriority": False,
        "CompletedDateTime": None,
    }
    assert read(org, task, fields, "Task") == plain
    path = f"/sobjects/Task/{task}"
    org.call("PATCH", path, json={"Status": "Completed", "Priority": "High"})
    done = read(org, task, fields, "Task")
    assert (done["IsClosed"], done["IsHighPriority"]) == (True, True)
    assert done["CompletedDateTime"].endswith(".000+0000")
    org.call("PATCH", path, json={"Subject": "Recall 2", "Status": "Completed"})
    assert read(org, task, fields, "Task") == done
    org.call("PATCH", path, json={"Status": "In Progress", "Priority": "Normal"})
    assert read(org, task, fields, "Task") == plain | {"Status": "In Progress"}
    closed = org.create("Task", Status="Completed")
    assert read(org, closed, "IsClosed", "Task") == {"IsClosed": True}
    cleared = org.call("PATCH", path, json={"Status": None})
    assert cleared.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert org.refused("Task", IsClosed=True)[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An org with a custom object that has activities and whose master is Account."""
    master = "<referenceTo>Account</referenceTo><relationshipName>Plans</relationshipName>"
    held = OBJECT.format(label="Plan", format="P-{0}").replace(
        "<sharingModel>Private</sharingModel>", "<sharingModel>ControlledByParent</sharingModel>"
    )
    active = "<enableActivities>true</enableActivities>"
    package = (
        Package()
        .object("Plan__c", custom_field("Account__c", "MasterDetail", master), custom=held + active)
        .object("Quiet__c", custom=OBJECT.format(label="Quiet", format="Q-{0}"))
    )
    with clinic_org(tmp_path_factory.mktemp("hosted"), package) as client:
        yield client


def test_the_account_follows_from_what_and_who(hosted: Client) -> None:
    one, other = hosted.create("Account", Name="One"), hosted.create("Account", Name="Other")
    contact = hosted.create("Contact", LastName="L", AccountId=one)
    alone = hosted.create("Contact", LastName="Private")
    plan = hosted.create("Plan__c", Account__c=other)

    def account(**values: str) -> Any:
        task = hosted.create("Task", Subject="x", **values)
        return read(hosted, task, "AccountId", "Task")["AccountId"]

    assert account(WhatId=one) == one
    assert account(WhoId=contact) == one
    assert account(WhoId=contact, WhatId=other) == other
    assert account(WhoId=contact, WhatId=plan) == other
    assert account(WhoId=alone) is None
    assert account() is None
    event = hosted.create("Event", StartDateTime=START, DurationInMinutes=5, WhoId=contact)
    assert read(hosted, event, "AccountId") == {"AccountId": one}
    hosted.call("PATCH", f"/sobjects/Event/{event}", json={"WhatId": other})
    assert read(hosted, event, "AccountId") == {"AccountId": other}
    hosted.call("PATCH", f"/sobjects/Event/{event}", json={"WhatId": None, "Subject": "y"})
    assert read(hosted, event, "AccountId") == {"AccountId": one}


def test_who_and_what_take_their_own_kinds(hosted: Client) -> None:
    account = hosted.create("Account", Name="A")
    lead = hosted.create("Lead", LastName="L", Company="C")
    quiet = hosted.create("Quiet__c")
    hosted.create("Task", Subject="x", WhoId=lead)
    code, _, fields = hosted.refused("Task", Subject="x", WhoId=lead, WhatId=account)
    # Code and fields: Zynbit knowledge base, "What Does Field Integrity Exception Mean?".
    assert (code, fields) == ("FIELD_INTEGRITY_EXCEPTION", ["WhoId", "WhatId"])
    assert hosted.refused("Task", Subject="x", WhoId=account) == (
        "FIELD_INTEGRITY_EXCEPTION",
        sourced(f"Name ID: id value of incorrect type: {account}", "jsforce issue 1006"),
        ["WhoId"],
    )
    assert hosted.refused("Task", Subject="x", WhatId=quiet)[0] == "FIELD_INTEGRITY_EXCEPTION"
    private = {"StartDateTime": START, "DurationInMinutes": 5, "IsPrivate": True}
    assert hosted.refused("Event", WhatId=account, **private)[0] == "FIELD_INTEGRITY_EXCEPTION"


def test_one_key_may_name_an_event_and_a_task(org: Client) -> None:
    # Assumed: the field is Activity's, the values of either object are told apart.
    start = {"StartDateTime": START, "DurationInMinutes": 5}
    org.create("Event", Migration_Key__c="act:both", **start)
    org.create("Task", Migration_Key__c="act:both")
    assert org.refused("Event", Migration_Key__c="act:both", **start)[0] == "DUPLICATE_VALUE"


def test_leads_that_were_converted_stay_as_they_are(org: Client) -> None:
    lead = org.create("Lead", LastName="L", Company="C", IsConverted=True)
    refused = org.call("PATCH", f"/sobjects/Lead/{lead}", json={"LastName": "M"})
    said = sourced("cannot reference converted lead", "Commvault knowledge base 67630")
    assert refused.json()[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert refused.json()[0]["message"] == said
    fresh = org.create("Lead", LastName="L", Company="C")
    found = org.query(f"SELECT Name, Status, IsConverted FROM Lead WHERE Id = '{fresh}'")
    assert found == [{"Name": "L", "Status": "Open - Not Contacted", "IsConverted": False}]
    assert org.refused("Lead", FirstName="x")[1] == sourced(
        "Required fields are missing: [LastName, Company]", "Bulk API guide's list form"
    )
