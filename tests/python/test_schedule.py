"""Appointments, clinical notes and the Office Journal, from an export into the org: one practice
whose appointments are events, and one with the same export whose appointments are an object."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from loaders.salesforce.api.clock import SystemClock
from loaders.salesforce.api.local import ensure
from tests.python.support import Migration

EXPORT_YML = """\
system: dentrix
product: g_series
practice: {practice}
kind: full
time_zone: America/Chicago
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-06:00
"""
OPTIONS = """\
defaults:
  fallback_owner: Fallback@example.com
practices:
  ash: {appointments_as: appointment}
"""
USERS = ("dora.dentist@example.com", "fallback@example.com")
LONG = "Start " + "word " * 6398 + "\U0001f9b7\U0001f9b7\U0001f9b7" + "x" * 3000 + " end"
WHOLE = "é" * 32767 + "."
APPOINTMENTS = """\
apptid,apptdate,timehr,timemin,apptlen,opid,provid,patid,patname,status,apptbrokenclass,appttype,apptreason,createdate,note
1,2024-07-01,9,30,60,OP1,DDS1,1,"Smith, Anna",-106,0,1,"PerEx, 4BW",2024-06-01 10:00,Bring X-rays
2,03/10/2024,2,30,30,OP2,HYG1,1,,5,0,0,Prophy,,
3,2024-11-03 00:00:00,1,30,0,,,2,,5,1,0,,2024-11-03 01:15:00,
4,2027-01-05,8,0,30,OP1,NOBODY,0,"O'NEIL, MARY ANN",7,2,2,,,Called in
5,2027-01-05,12,0,60,OP1,DDS1,0, ,0,0,0,Lunch,,
6,2024-07-02,9,0,60,OP1,DDS1,1,,-106,0,1,,,
7,2024-07-03,9,0,-15,OP1,DDS1,1,,-106,0,1,,,
8,2024-07-04,9,0,20161,OP1,DDS1,1,,-106,0,1,,,
9,9999-12-31,9,0,30,OP1,DDS1,1,,-106,0,1,,,
10,2024-07-05,25,0,30,OP1,DDS1,1,,-106,0,1,,,
11,2024-07-06,9,0,30,OP9,DDS1,77,,99,0,8,,,
12,2024-07-06,9,0,30,OP9,DDS1,2,,99,0,8,,,
13,2024-07-07,9,0,half an hour,OP2,DDS1,2,,5,0,1,,,
"""
TABLES = {
    "patient": """\
patid,lastname,firstname,guarid,birthdate
1,Smith,Anna,1,1980-01-01
2,Jones,Bo,2,1990-02-02
""",
    "provider": """\
provider_id,last_name,first_name,email,crm_login
DDS1,Dentist,Dora,dora.dentist@example.com,Y
HYG1,Gienist,Hy,,
""",
    "txcase": "txcaseid,patid,descript,status,createdate\n60,1,Crown,1,2024-05-01 00:00:00\n",
    "operatory": "op_id,op_title\nOP1,Room 1\nOP2,\n",
    "appt_type": "defid,descript\n1,Crown\n2,New patient\n",
    "appt_status": "defid,descript\n5,FIRM\n6,unused\n",
    "appthist": """\
apptid,parentapptid,modifieddate,status,deletedflag
901,6,2024-06-20 08:00:00,FIRM,0
902,6,2024-06-21 08:00:00,FIRM,1
""",
    "appt": APPOINTMENTS,
    "contact": """\
contactid,contactdate,contacttime,patid,provid,title,contacttype,note
20,2024-03-04,570,1,DDS1,Recall call,Call,Left a message
9,2024-03-04,570,1,DDS1,Recall call,Call,Left a message
10,2024-03-05,14:05,2,HYG1,Statement,E-Mail,
11,2024-03-06,,0,,Staff meeting,pigeon,
12,2024-03-07,25:00,77,,Lost,Call,
13,someday,1440,2,,Undated,letter,
""",
}


def write_export(folder: Path, practice: str, *changes: tuple[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in {
        "export.yml": EXPORT_YML.format(practice=practice),
        **{f"{name}.csv": text for name, text in TABLES.items()},
    }.items():
        for old, new in changes:
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    notes = [
        (
            "1",
            "1",
            "DDS1",
            "2024-07-01 09:45:00",
            "2024-07-01 18:00:00",
            "All well.\nFlossing.",
            "60",
        ),
        ("2", "1", "HYG1", "2023-12-31 23:30:00", "9999-12-31", LONG, "0"),
        ("3", "2", "", "2024-11-03 01:30:00", "", WHOLE, "66"),
        ("4", "2", "", "", "", "Undated", ""),
        ("5", "2", "", "2024-01-02 00:00:00", "", "", ""),
        ("6", "77", "", "2024-01-02 00:00:00", "", "Whose?", ""),
    ]
    with (folder / "clinicalnote.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["cnotesid", "patid", "provid", "createdatetime", "lockeddate", "notetext", "txcaseid"]
        )
        writer.writerows(notes)
    return folder


def create_users(home: Path) -> None:
    """Gives the local org the users that providers and the options name."""
    door = ensure(home / "local_org", SystemClock())
    url = f"{door.url}/services/data/v67.0"
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {door.token}"
        found = session.get(f"{url}/query", params={"q": "SELECT Id FROM Profile LIMIT 1"})
        profile = found.json()["records"][0]["Id"]
        for email in USERS:
            user = {
                "LastName": email.partition("@")[0],
                "Email": email,
                "Username": f"{email}.elm",
                "Alias": email[:8],
                "IsActive": True,
                "ProfileId": profile,
                "TimeZoneSidKey": "America/Chicago",
                "LocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US",
                "EmailEncodingKey": "UTF-8",
            }
            session.post(f"{url}/sobjects/User", json=user).raise_for_status()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("schedule")
    options = folder / "migration.yml"
    options.write_text(OPTIONS)
    migration = Migration(folder / "home")
    for practice in ("elm", "ash"):
        export = write_export(folder / practice, practice)
        migration.run("load-raw", export, env={"MIGRATION_CONFIG": str(options)})
    # Starts the org, so that it can be given its users.
    migration.run("load-sf", "pull")
    create_users(migration.home)
    migration.run("load-sf", "pull")
    migration.build()
    migration.run("load-sf", "schema", "deploy")
    migration.run("load-sf", "run")
    return migration


def by_key(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["Migration_Key__c"].partition(":")[2]: record for record in records}


def key_of(parent: dict[str, Any] | None) -> str | None:
    return str(parent["Migration_Key__c"]).partition(":")[2] if parent else None


def user_ids(migration: Migration) -> dict[str, str]:
    return {u["Email"]: u["Id"] for u in migration.query_org("select Id, Email from User")}


def events(migration: Migration) -> dict[str, dict[str, Any]]:
    return by_key(
        migration.query_org(
            "select Migration_Key__c, Subject, StartDateTime, EndDateTime, Location, Description,"
            " OwnerId, WhoId, Operatory__c, Provider__c, Provider_Contact__r.Migration_Key__c,"
            " Appointment_Type__c, Appointment_Status__c, Original_Create_Date__c from Event"
        )
    )


def test_a_visit_arrives_with_every_field_right(migrated: Migration) -> None:
    users = user_ids(migrated)
    patients = {
        r["Migration_Key__c"]: r["Id"]
        for r in migrated.query_org("select Id, Migration_Key__c from Contact")
    }
    visit = events(migrated)["evt:1"]
    expected = {
        "Subject": "Anna Smith \N{EN DASH} Crown",
        "StartDateTime": "2024-07-01T14:30:00.000+0000",
        "EndDateTime": "2024-07-01T15:30:00.000+0000",
        "Location": "Room 1",
        "Operatory__c": "Room 1",
        "Description": "PerEx, 4BW\nBring X-rays",
        "OwnerId": users["dora.dentist@example.com"],
        "WhoId": patients["elm:patient:1"],
        "Provider__c": users["dora.dentist@example.com"],
        "Provider_Contact__r": None,
        "Appointment_Type__c": "Crown",
        "Appointment_Status__c": "Complete",
        "Original_Create_Date__c": "2024-06-01T15:00:00.000+0000",
    }
    assert {name: visit[name] for name in expected} == expected


def test_only_visits_arrive(migrated: Migration) -> None:
    assert set(events(migrated)) == {f"evt:{n}" for n in (1, 2, 3, 4, 12, 13)}
    outcomes = migrated.rows(
        "select line - 1, outcome, reason from intermediate.int_dentrix__source_rows"
        " where practice = 'elm' and table_name = 'appt' order by line"
    )
    assert {n: (outcome, reason) for n, outcome, reason in outcomes if outcome != "record"} == {
        5: ("skipped", "a block, not a visit"),
        6: ("skipped", "deleted, as the history of appointments says"),
        **dict.fromkeys((7, 8, 9, 10, 11), ("held_back", None)),
    }


def test_clocks_that_change(migrated: Migration) -> None:
    """02:30 on 10 March 2024 there was none in Chicago; 01:30 on 3 November came twice."""
    found = events(migrated)
    spring, autumn = found["evt:2"], found["evt:3"]
    assert spring["StartDateTime"] == "2024-03-10T08:30:00.000+0000"
    assert spring["EndDateTime"] == "2024-03-10T09:00:00.000+0000"
    assert autumn["StartDateTime"] == "2024-11-03T06:30:00.000+0000"
    assert autumn["Original_Create_Date__c"] == "2024-11-03T06:15:00.000+0000"


def test_what_a_visit_lacks(migrated: Migration) -> None:
    users, found = user_ids(migrated), events(migrated)
    assert found["evt:2"]["Subject"] == "Anna Smith \N{EN DASH} Prophy"
    assert found["evt:2"]["Location"] == "OP2"
    assert key_of(found["evt:2"]["Provider_Contact__r"]) == "provider:HYG1"
    assert found["evt:2"]["OwnerId"] == users["fallback@example.com"]
    assert found["evt:2"]["Appointment_Status__c"] == "FIRM"
    assert found["evt:3"]["Subject"] == "Bo Jones"
    assert found["evt:3"]["EndDateTime"] == "2024-11-03T06:45:00.000+0000"
    assert found["evt:3"]["Appointment_Status__c"] == "Broken"
    slot = found["evt:4"]
    assert (slot["Subject"], slot["WhoId"]) == ("Mary Ann O'Neil \N{EN DASH} New patient", None)
    assert (slot["Provider__c"], slot["Provider_Contact__r"]) == (None, None)
    assert (slot["Appointment_Status__c"], slot["Description"]) == ("Will Call", "Called in")
    stray = found["evt:12"]
    assert (stray["Location"], stray["Appointment_Type__c"]) == (None, None)
    assert stray["Appointment_Status__c"] is None
    assert found["evt:13"]["EndDateTime"] == "2024-07-07T14:15:00.000+0000"


def test_appointments_are_an_object_where_the_practice_wants_one(migrated: Migration) -> None:
    found = by_key(
        migrated.query_org(
            "select Migration_Key__c, Subject__c, Start__c, End__c, Location__c, Description__c,"
            " Contact__r.Migration_Key__c, Appointment_Status__c, Operatory__c from Appointment__c"
        )
    )
    assert set(found) == {f"evt:{n}" for n in (1, 2, 3, 4, 12, 13)}
    visit = found["evt:1"]
    assert visit["Migration_Key__c"] == "ash:evt:1"
    assert key_of(visit["Contact__r"]) == "patient:1"
    assert (visit["Subject__c"], visit["Location__c"]) == ("Anna Smith \N{EN DASH} Crown", "Room 1")
    assert visit["Start__c"] == "2024-07-01T14:30:00.000+0000"
    assert visit["End__c"] == "2024-07-01T15:30:00.000+0000"
    assert visit["Description__c"] == "PerEx, 4BW\nBring X-rays"
    assert found["evt:4"]["Contact__r"] is None
    assert all(key.startswith("elm:") for (key,) in migrated.rows(
        'select "Migration_Key__c" from salesforce.dentrix__event'
    ))  # fmt: skip


def test_notes_arrive_whole(migrated: Migration) -> None:
    found = by_key(
        migrated.query_org(
            "select Migration_Key__c, Body__c, Part__c, Note_Date__c, Original_Note_Date__c,"
            " Signed__c, Provider__c, Provider_Contact__r.Migration_Key__c,"
            " Contact__r.Migration_Key__c, Treatment_Plan__r.Migration_Key__c"
            " from Clinical_Note__c where Migration_Key__c like 'elm%'"
        )
    )
    assert set(found) == {"note:1", "note:2", "note:2-2", "note:3", "note:5"}
    note = found["note:1"]
    assert note["Body__c"] == "All well.\nFlossing."
    assert (note["Note_Date__c"], note["Original_Note_Date__c"]) == (
        "2024-07-01",
        "2024-07-01T14:45:00.000+0000",
    )
    assert (note["Part__c"], note["Signed__c"]) == (1, True)
    assert note["Provider__c"] == user_ids(migrated)["dora.dentist@example.com"]
    assert key_of(note["Contact__r"]) == "patient:1"
    assert key_of(note["Treatment_Plan__r"]) == "plan:60"
    assert found["note:3"]["Treatment_Plan__r"] is None
    first, second = found["note:2"], found["note:2-2"]
    assert first["Body__c"] + second["Body__c"] == LONG
    assert [len(p["Body__c"].encode("utf-16-le")) // 2 for p in (first, second)] == [32000, 3006]
    assert (first["Part__c"], second["Part__c"]) == (1, 2)
    # The day is the practice's, not that of UTC.
    assert {p["Note_Date__c"] for p in (first, second)} == {"2023-12-31"}
    assert not first["Signed__c"]
    assert found["note:3"]["Body__c"] == WHOLE
    assert found["note:3"]["Original_Note_Date__c"] == "2024-11-03T06:30:00.000+0000"
    assert found["note:5"]["Body__c"] is None


def test_the_office_journal_arrives_as_tasks(migrated: Migration) -> None:
    records = migrated.query_org(
        "select Migration_Key__c, Subject, TaskSubtype, Status, ActivityDate, Description,"
        " Original_Start__c, WhoId, Provider__c, Provider_Contact__r.Migration_Key__c, IsClosed"
        " from Task where Migration_Key__c like 'elm%'"
    )
    found = by_key(records)
    assert set(found) == {"tsk:9", "tsk:10", "tsk:11", "tsk:13"}
    call = found["tsk:9"]
    assert (call["Subject"], call["TaskSubtype"], call["Status"]) == (
        "Recall call",
        "Call",
        "Completed",
    )
    assert (call["ActivityDate"], call["Original_Start__c"]) == (
        "2024-03-04",
        "2024-03-04T15:30:00.000+0000",
    )
    assert call["Description"] == "Left a message"
    assert call["WhoId"] and call["Provider__c"] and call["IsClosed"]
    assert found["tsk:10"]["TaskSubtype"] == "Email"
    assert found["tsk:10"]["Original_Start__c"] == "2024-03-05T20:05:00.000+0000"
    assert key_of(found["tsk:10"]["Provider_Contact__r"]) == "provider:HYG1"
    assert (found["tsk:11"]["WhoId"], found["tsk:11"]["TaskSubtype"]) == (None, "Task")
    assert found["tsk:11"]["Original_Start__c"] is None
    assert (found["tsk:13"]["ActivityDate"], found["tsk:13"]["Original_Start__c"]) == (None, None)


def test_what_went_wrong_is_reported(migrated: Migration) -> None:
    found = {
        (key.partition(":")[2], field.partition(".")[0], problem, held)
        for key, field, problem, held in migrated.rows(
            "select key, field, class, held_back from migration.corrections"
            " where key like 'elm:%' and object in ('Event', 'Task', 'Clinical_Note__c')"
        )
    }
    provider = "Provider_Contact__r"
    assert found == {
        ("evt:2", "StartDateTime", "adjusted", False),
        ("evt:3", "StartDateTime", "adjusted", False),
        ("evt:3", "Original_Create_Date__c", "adjusted", False),
        ("evt:3", "EndDateTime", "adjusted", False),
        ("evt:4", "Who", "missing_required", False),
        ("evt:4", provider, "orphan", False),
        ("evt:7", "EndDateTime", "out_of_range", True),
        ("evt:8", "EndDateTime", "out_of_range", True),
        ("evt:9", "StartDateTime", "missing_required", True),
        ("evt:10", "StartDateTime", "out_of_range", True),
        ("evt:11", "Who", "orphan", True),
        ("evt:13", "EndDateTime", "unreadable_number", False),
        *(
            (f"evt:{n}", field, "orphan", False)
            for n in (11, 12)
            for field in ("Operatory__c", "Appointment_Type__c", "Appointment_Status__c")
        ),
        ("note:3", "Original_Note_Date__c", "adjusted", False),
        ("note:3", "Treatment_Plan__r", "orphan", False),
        ("note:4", "Note_Date__c", "missing_required", True),
        ("note:6", "Contact__r", "orphan", True),
        ("tsk:11", "TaskSubtype", "not_in_picklist", False),
        ("tsk:12", "Who", "orphan", True),
        ("tsk:12", "Original_Start__c", "unreadable_date", False),
        ("tsk:13", "ActivityDate", "unreadable_date", False),
        ("tsk:13", "Original_Start__c", "out_of_range", False),
    }


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    counts = {
        name: tuple(numbers)
        for name, *numbers in migrated.rows(
            "select table_name, landed, records, merged, skipped, held_back"
            " from migration.source_counts where practice = 'elm'"
        )
    }
    assert counts["appt"] == (13, 6, 0, 2, 5)
    assert counts["appt_type"] == (2, 2, 0, 0, 0)
    assert counts["appt_status"] == (2, 1, 0, 1, 0)
    assert counts["appthist"] == (2, 0, 0, 2, 0)
    assert counts["operatory"] == (2, 2, 0, 0, 0)
    assert counts["clinicalnote"] == (6, 4, 0, 0, 2)
    assert counts["contact"] == (6, 4, 1, 0, 1)


def test_the_org_holds_what_the_marts_hold_and_nothing_is_sent_twice(migrated: Migration) -> None:
    """Activities of a year ago are archived, and read back all the same."""
    assert json.loads(migrated.run("load-sf", "verify", "--json").stdout)["equal"]
    said = json.loads(migrated.run("load-sf", "run", "--json").stdout)
    assert (said["sent"], said["runs"]) == (0, [])


def test_a_later_export_changes_and_clears(migrated: Migration, tmp_path: Path) -> None:
    """A visit loses its patient and its provider, another its room; a call is retitled."""
    migrated.stop_org()
    copy = migrated.copy(tmp_path / "home")
    later = write_export(
        tmp_path / "later",
        "elm",
        ("2026-11-20T02", "2026-11-21T02"),
        ('OP1,DDS1,1,"Smith, Anna",-106', 'OP1,,0,"Smith, Anna",-106'),
        ("30,OP2,HYG1,1,,5", "45,,HYG1,1,,5"),
        ("DDS1,Recall call", "DDS1,Recall"),
    )
    options = migrated.home.with_name("migration.yml")
    copy.run("load-raw", later, env={"MIGRATION_CONFIG": str(options)})
    copy.run("load-sf", "pull")
    copy.build()
    said = json.loads(copy.run("load-sf", "run", "--json").stdout)
    assert said["sent"] == 3
    found = events(copy)
    slot, moved = found["evt:1"], found["evt:2"]
    assert (slot["WhoId"], slot["Provider__c"]) == (None, None)
    assert slot["Subject"] == "Anna Smith \N{EN DASH} Crown"
    assert slot["OwnerId"] == user_ids(copy)["fallback@example.com"]
    assert (moved["Location"], moved["Operatory__c"]) == (None, None)
    assert moved["EndDateTime"] == "2024-03-10T09:15:00.000+0000"
    assert json.loads(copy.run("load-sf", "verify", "--json").stdout)["equal"]
    copy.stop_org()
