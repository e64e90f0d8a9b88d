"""People of a Dental-Exec practice, from an export into the marts: who is whom, who looks after
whom, who owns what, and what is reported of it."""

from typing import Any

import pytest

from tests.python.dental_exec.marts import PRACTICE
from tests.python.practice.already_there import create
from tests.python.raw.exports import write_set
from tests.python.support import Migration

# The whole practices hold the same, row by row, in every run.
pytestmark = pytest.mark.long

OPTIONS = "practices:\n  elm: {fallback_owner: boss@example.com, lead_company: Elm Street}\n"
STEPS = (
    "+dental_exec__junction",
    "+dental_exec__lead",
    "+dental_exec__responsible",
    "+int_dental_exec__people_loose_problems",
    "+int_dental_exec__people_source_rows",
    "+owner_report",
    "+merges",
)

FILES = {
    "PATIENTS": """\
Patient ID,Account No,Responsible Party ID,Last Name,First Name,Sex,Birth Date,Marital,Address 1,\
City,State,Home Phone,Status,Primary Provider,Hygienist,Carrier Name,Group No,Carrier Name 2,\
Drug Interaction Flag,Premed Flag,Outstanding Balance,Assigned To,Entered Date
1,A1,0,ASH,ANNA,F,01/02/1980,M,1 Main,Oak Park,Illinois,3125550100,A,D1,H1,"AETNA, Inc.",G1,,0,1,\
$10.50,front,01/02/2020
2,A1,1,Ash,Anna,,1/2/80,S,,,,,I,D2,,Cigna,G2,Aetna,,,(4.25),Nobody,
3,A1,2,Ash,Ben,M,02/03/2010,C,,,,,A,D9,H9,,,,penicillin,,owes,D1,11/02/2025 1:30 AM
4,A2,99,Birch,Cy,X,,Q,,,,,Z,DEFPROV,,Aetna,,,,,,,
5,A3,,,Nameless,F,01/02/1980,,,,,,A,D1,,,,,,,,FRONT@example.com,
6,A4,5,Cedar,Di,F,02/30/1980,,,,,,D,D3,,,,,,,,,
""",
    "PROVIDERS": """\
Provider ID,Last Name,First Name,Type,Specialty,NPI,License,Email,Active
D1,DRILL,DORA,DENTIST,General practice,1234567893,IL-1,dora@example.com,Y
D2,Ott,Otto,WIZARD,Magic,,,,
D3,,Nameless,DENTIST,,,,,
H1,Hy,Gina,HYGIENIST,,,,gina@example.com,N
DEFPROV,Provider,Default,DENTIST,,,,,Y
""",
    "PROVPAT": """\
Patient ID,Provider ID,Relationship,From Date
2,D1,PRIMARY,01/01/2021
1,D1,PRIMARY,01/01/2020
2,H1,SPECIALIST,03/04/2020
3,D1,FRIEND,
77,D1,REFERRING,
5,H1,HYGIENE,
""",
    "PROSPECTS": """\
Prospect ID,Last Name,First Name,Phone,Email,Source,Interest Level,Inquiry Date,Status,\
Converted Patient ID
1,KIM,ANA,312-555-0111,Ana@example.com,Google,HIGH,01/02/2026,NEW,
2,Li,Bo,,no address,Web,SOME,soon,MAYBE,
3,Mo,Cy,,,,LOW,,SCHEDULED,
4,No,Di,,,,,,CONTACTED,1
5,,Ed,,,,,,LOST,
""",
    "USERS": """\
User ID,Last Name,First Name,Role,Email,Active
front,Desk,Fred,FRONT DESK,front@example.com,Y
idle,Idle,Ida,BILLING,idle@example.com,Y
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("people")
    (folder / "migration.yml").write_text(OPTIONS)
    migration = Migration(folder / "home")
    files = {f"{name}.csv": rows for name, rows in FILES.items()}
    migration.run(
        "load-raw",
        write_set(folder / "set", files, **PRACTICE),
        env={"MIGRATION_CONFIG": str(folder / "migration.yml")},
    )
    # Starts the org, so that it can be given its users.
    migration.run("load-sf", "pull")
    profile = migration.query_org("select ProfileId from User")[0]["ProfileId"]
    for name in ("front", "boss"):
        create(
            migration,
            "User",
            Username=f"{name}@example.com.crm",
            Email=f"{name}@example.com",
            LastName=name,
            Alias=name,
            ProfileId=profile,
            TimeZoneSidKey="America/Chicago",
            LocaleSidKey="en_US",
            EmailEncodingKey="UTF-8",
            LanguageLocaleKey="en_US",
        )
    migration.run("load-sf", "pull")
    migration.stop_org()
    migration.build(*STEPS)
    return migration


def record(built: Migration, mart: str, key: str, columns: str) -> tuple[Any, ...]:
    [found] = built.rows(
        f"select {columns} from salesforce.dental_exec__{mart}"
        f" where \"Migration_Key__c\" = 'elm:{key}'"
    )
    return found


def problems(built: Migration, mart: str, key: str) -> set[tuple[Any, ...]]:
    return set(
        built.rows(
            "select p.problem.field, p.problem.class, p.problem.value, p.problem.held_back"
            f" from salesforce.dental_exec__{mart}, unnest(_problems) as p (problem)"
            f" where \"Migration_Key__c\" = 'elm:{key}'"
        )
    )


def user(built: Migration, name: str) -> str:
    [(found,)] = built.rows(
        f"select id from staging.stg_salesforce__users where email = '{name}@example.com'"
    )
    return str(found)


def test_one_account_per_patient(built: Migration) -> None:
    keys = built.rows(
        'select "Migration_Key__c", _held_back from salesforce.dental_exec__patient order by all'
    )
    assert keys == [(f"elm:patient:{n}", n == 5) for n in (1, 3, 4, 5, 6)]
    columns = (
        '"Name", "AccountNumber", "Gender__c", "Marital_Status__c", "Patient_Status__c", "Phone",'
        ' "BillingState", "BillingCountry", "Outstanding_Balance__c"::varchar,'
        ' "Drug_Interaction_Flag__c", "Premed_Flag__c", "OwnerId",'
        ' "Primary_Provider__r.Migration_Key__c", "Group_Number__c"'
    )
    assert record(built, "patient", "patient:1", columns) == (
        *("Anna Ash", "A1", "Female", "Married", "Active", "(312) 555-0100", "IL", "US", "6.25"),
        *(False, True, user(built, "front"), "elm:provider:D1", "G1"),
    )
    carriers = built.rows(
        'select p."Migration_Key__c", one."Name", other."Name"'
        " from salesforce.dental_exec__patient as p"
        ' left join salesforce.shared__carrier as one on p."Insurance_Carrier__r.Migration_Key__c"'
        ' = one."Migration_Key__c" left join salesforce.shared__carrier as other'
        ' on p."Secondary_Insurance_Carrier__r.Migration_Key__c" = other."Migration_Key__c"'
        ' where one."Name" is not null order by all'
    )
    assert carriers == [
        ("elm:patient:1", "Aetna", "Aetna"),
        ("elm:patient:4", "Aetna", None),
    ]
    assert built.rows("select merged_key, survivor_key from migration.merges") == [
        ("elm:patient:2", "elm:patient:1")
    ]


def test_what_is_wrong_with_patients(built: Migration) -> None:
    assert problems(built, "patient", "patient:1") == set()
    assert problems(built, "patient", "patient:3") == {
        ("Drug_Interaction_Flag__c", "not_in_picklist", "penicillin", False),
        ("Outstanding_Balance__c", "unreadable_number", "owes", False),
        ("Original_Patient_Create_Date__c", "adjusted", "2025-11-02 01:30:00", False),
        ("Primary_Provider__r.Migration_Key__c", "orphan", "D9", False),
    }
    assert problems(built, "patient", "patient:4") == {
        ("Patient_Status__c", "not_in_picklist", "Z", False),
        ("Marital_Status__c", "not_in_picklist", "Q", False),
        ("Date_of_Birth__c", "missing_required", None, False),
        ("Primary_Provider__r.Migration_Key__c", "orphan", "DEFPROV", False),
    }
    assert problems(built, "patient", "patient:5") == {
        ("Last_Name__c", "missing_required", None, True)
    }
    assert problems(built, "patient", "patient:6") == {
        ("Date_of_Birth__c", "unreadable_date", "02/30/1980", False),
        ("Primary_Provider__r.Migration_Key__c", "parent_held_back", "elm:provider:D3", False),
    }


def test_who_answers_for_whom(built: Migration) -> None:
    parties = built.rows(
        'select "Migration_Key__c", "Responsible_Party__r.Migration_Key__c", _held_back'
        " from salesforce.dental_exec__responsible order by all"
    )
    assert parties == [
        ("elm:patient:1", None, False),
        # Who answered for Ben was merged.
        ("elm:patient:3", "elm:patient:1", False),
        ("elm:patient:4", None, False),
        ("elm:patient:6", None, False),
    ]
    field = "Responsible_Party__r.Migration_Key__c"
    assert problems(built, "responsible", "patient:4") == {
        (field, "orphan", "elm:patient:99", False)
    }
    assert problems(built, "responsible", "patient:6") == {
        (field, "parent_held_back", "elm:patient:5", False)
    }


def test_providers(built: Migration) -> None:
    columns = (
        '"FirstName", "LastName", "Role__c", "Dental_Specialty__c", "NPI__c", "License__c",'
        ' "Active__c", _held_back'
    )
    assert record(built, "provider", "provider:D1", columns) == (
        *("Dora", "Drill", "Dentist", "General Dentist", "1234567893", "IL-1", True, False),
    )
    assert record(built, "provider", "provider:H1", '"Role__c", "Active__c"') == (
        *("Hygienist", False),
    )
    assert problems(built, "provider", "provider:D2") == {
        ("Role__c", "not_in_picklist", "WIZARD", False),
        ("Dental_Specialty__c", "not_in_picklist", "Magic", False),
    }
    assert problems(built, "provider", "provider:D3") == {
        ("LastName", "missing_required", None, True)
    }
    assert built.rows("select count(*) from salesforce.dental_exec__provider") == [(4,)]


def test_who_looks_after_whom(built: Migration) -> None:
    links = built.rows(
        'select "Migration_Key__c", "From_Date__c"::varchar, _held_back'
        " from salesforce.dental_exec__junction order by all"
    )
    assert [(key.removeprefix("elm:junction:"), *rest) for key, *rest in links] == [
        ("1-D1-Primary", "2020-01-01", False),
        ("1-H1-Hygiene", None, False),
        ("1-H1-Specialist", "2020-03-04", False),
        ("3-H9-Hygiene", None, True),
        ("5-D1-Primary", None, True),
        ("5-H1-Hygiene", None, True),
        ("6-D3-Primary", None, True),
        ("77-D1-Referring", None, True),
    ]
    patient, provider = "Account__r.Migration_Key__c", "Contact__r.Migration_Key__c"
    assert problems(built, "junction", "junction:3-H9-Hygiene") == {
        (provider, "orphan", "elm:provider:H9", True)
    }
    assert problems(built, "junction", "junction:5-H1-Hygiene") == {
        (patient, "parent_held_back", "elm:patient:5", True)
    }
    assert problems(built, "junction", "junction:77-D1-Referring") == {
        (patient, "orphan", "elm:patient:77", True)
    }


def test_prospects(built: Migration) -> None:
    columns = '"LastName", "Company", "Phone", "Email", "LeadSource", "Rating", "Status"'
    assert record(built, "lead", "lead:1", columns) == (
        *("Kim", "Elm Street", "(312) 555-0111", "ana@example.com", "Google", "Hot"),
        "Open - Not Contacted",
    )
    assert problems(built, "lead", "lead:2") == {
        ("Email", "invalid_email", "no address", False),
        ("Inquiry_Date__c", "unreadable_date", "soon", False),
        ("Status", "not_in_picklist", "MAYBE", False),
        ("Rating", "not_in_picklist", "SOME", False),
    }
    assert built.rows(
        'select "Migration_Key__c" from salesforce.dental_exec__lead where _held_back'
    ) == [("elm:lead:5",)]
    assert built.rows("select count(*) from salesforce.dental_exec__lead") == [(3,)]


def test_owners(built: Migration) -> None:
    boss = user(built, "boss")
    owners = built.rows("select written, owner_user_id from intermediate.int_dental_exec__owners")
    assert dict(owners) == {
        "front": user(built, "front"),
        "FRONT@example.com": user(built, "front"),
        "Nobody": boss,
        "D1": boss,
    }
    # Assigned to nobody.
    assert record(built, "patient", "patient:6", '"OwnerId"') == (boss,)
    report = built.rows(
        "select person_kind, person_id, needs_user, reason from migration.owner_report order by all"
    )
    nobody = "no user has this e-mail address"
    assert report == [
        ("provider", "D1", True, nobody),
        *[("provider", i, False, "no e-mail address") for i in ("D2", "D3", "DEFPROV")],
        ("provider", "H1", False, nobody),
        ("unknown", "Nobody", True, "nobody in USERS or PROVIDERS, and no user's e-mail address"),
        ("user", "idle", False, nobody),
    ]


def test_rows_without_a_record(built: Migration) -> None:
    loose = built.rows(
        "select file, line, object, key, field, class, held_back, value"
        " from intermediate.int_dental_exec__people_loose_problems"
    )
    junction, provpat = "Provider_Patient_Junction__c", "PROVPAT.csv"
    one = "elm:junction:1-D1-Primary"
    assert set(loose) == {
        (provpat, 2, junction, one, None, "duplicate_key", True, "2"),
        (provpat, 5, junction, None, "Relationship_Type__c", "not_in_picklist", True, "FRIEND"),
        ("PROSPECTS.csv", 4, "Lead", "elm:lead:3", "Status", "missing_required", False, None),
        ("PROVIDERS.csv", 2, "User", None, "OwnerId", "unmatched_user", False, "D1"),
        ("PATIENTS.csv", 3, "User", None, "OwnerId", "unmatched_user", False, "Nobody"),
    }
    outcomes = built.rows(
        "select table_name, outcome, count(*) from intermediate.int_dental_exec__people_source_rows"
        " group by all order by all"
    )
    assert outcomes == [
        *[("patients", "held_back", 1), ("patients", "merged", 1), ("patients", "record", 4)],
        *[("prospects", "held_back", 1), ("prospects", "record", 2), ("prospects", "skipped", 2)],
        *[("providers", "held_back", 1), ("providers", "record", 3), ("providers", "skipped", 1)],
        *[("provpat", "held_back", 4), ("provpat", "record", 2)],
        ("users", "skipped", 2),
    ]
