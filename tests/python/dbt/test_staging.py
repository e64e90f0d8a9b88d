"""What staging says about the cells it could not take, and the macros no staging model uses."""

import json
from pathlib import Path

import pytest

from tests.python.support import Migration

EXPORT = """\
system: dentrix
product: g_series
practice: elm
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
"""
PATIENTS = """\
patid,lastname,firstname,birthdate,firstvisitdate,lastvisitdate,createdate,emailaddr,status,privacyflags,missedappt
1,Good,Anna,1980-05-05,9999-12-31,,2020-01-02 03:04:05,anna@example.com,1,3,2
2,Blank,Bert,0001-01-01 00:00:00,12/30/1899,00/00/0000,1899-12-31,,,,
3,Bad,Carl,02/30/1980,spring,2021-13-01,2020-01-05 25:00:00,carl@example,7,all,1.5
4,Far,Dora,12/31/2999,0202-01-05,2999-01-01,1700-01-01,d d@example.com,0,99999999999,-1
"""
INSURED = """\
insuredid,insplanid,inspartyid,idnum,eligibilitystart,eligibilityend
1,0,1,A,2020-01-01,9999-12-31
2,5,1,B,sometime,2020-02-30
"""
AGING = """\
guarid,agingdate,aging0to30,aging31to60,aging61to90,aging91plus
1,2026-11-01,"1,234.50",(45.00),45.00-,$0
2,2026-11-01,a lot,12.3.4,999999999999999,
"""
PROVIDERS = """\
provider_id,last_name,first_name,email,crm_login
DDS1,Good,Gina,gina@example.com,Y
DDS2,Bad,Bill,bill at example.com,perhaps
"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder: Path = tmp_path_factory.mktemp("staging")
    export = folder / "export"
    export.mkdir()
    (export / "export.yml").write_text(EXPORT)
    tables = {
        "patient": PATIENTS,
        "insured": INSURED,
        "aging": AGING,
        "provider": PROVIDERS,
    }
    for name, text in tables.items():
        (export / f"{name}.csv").write_text(text)
    migration = Migration(folder / "home")
    migration.run("load-raw", export)
    staging = ("-s", "+path:models/staging", "--exclude-resource-type", "unit_test")
    migration.run("dbt", "build", "--warn-error", *staging)
    return migration


def found(migration: Migration, model: str, key: str) -> dict[str, set[tuple[str, ...]]]:
    rows = migration.rows(
        f"select {key}, _found.field, _found.class, _found.value "
        f"from (select {key}, unnest(_found) as _found from staging.stg_dentrix__{model})"
    )
    problems: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        problems.setdefault(row[0], set()).add(tuple(row[1:]))
    return problems


def test_bad_cells_of_a_patient_are_named_and_good_and_empty_ones_are_not(
    staged: Migration,
) -> None:
    assert found(staged, "patient", "patid") == {
        "3": {
            ("Birthdate", "unreadable_date", "02/30/1980"),
            ("First_Visit_Date__c", "unreadable_date", "spring"),
            ("Last_Visit_Date__c", "unreadable_date", "2021-13-01"),
            ("Original_Patient_Create_Date__c", "unreadable_date", "2020-01-05 25:00:00"),
            ("Email", "invalid_email", "carl@example"),
            ("Patient_Status__c", "not_in_picklist", "7"),
            ("DoNotCall", "unreadable_number", "all"),
            ("Missed_Appointments__c", "unreadable_number", "1.5"),
        },
        "4": {
            ("Birthdate", "out_of_range", "12/31/2999"),
            ("First_Visit_Date__c", "out_of_range", "0202-01-05"),
            ("Last_Visit_Date__c", "out_of_range", "2999-01-01"),
            ("Original_Patient_Create_Date__c", "out_of_range", "1700-01-01"),
            ("Email", "invalid_email", "d d@example.com"),
            ("Patient_Status__c", "not_in_picklist", "0"),
            ("DoNotCall", "out_of_range", "99999999999"),
            ("Missed_Appointments__c", "out_of_range", "-1"),
        },
    }


def test_bad_cells_elsewhere_are_named(staged: Migration) -> None:
    assert found(staged, "insured", "insuredid") == {
        "2": {
            ("Eligibility_Start__c", "unreadable_date", "sometime"),
            ("Eligibility_End__c", "unreadable_date", "2020-02-30"),
        }
    }
    assert found(staged, "aging", "guarid") == {
        "2": {
            ("Balance_0_30__c", "unreadable_number", "a lot"),
            ("Balance_31_60__c", "unreadable_number", "12.3.4"),
            ("Balance_61_90__c", "out_of_range", "999999999999999"),
        }
    }
    assert found(staged, "provider", "provider_id") == {
        "DDS2": {
            ("Email", "invalid_email", "bill at example.com"),
            (None, "not_in_picklist", "perhaps"),
        }
    }


def test_wall_clocks_become_utc_and_texts_are_measured(staged: Migration) -> None:
    clocks = {
        "winter": ("2026-01-15 12:00:00", "2026-01-15 18:00:00"),
        "summer": ("2026-07-15 12:00:00", "2026-07-15 17:00:00"),
        "before_spring": ("2026-03-08 01:59:59", "2026-03-08 07:59:59"),
        "skipped": ("2026-03-08 02:30:00", "2026-03-08 08:30:00"),
        "after_spring": ("2026-03-08 03:00:00", "2026-03-08 08:00:00"),
        "before_autumn": ("2026-11-01 00:59:59", "2026-11-01 05:59:59"),
        "repeated": ("2026-11-01 01:30:00", "2026-11-01 06:30:00"),
        "after_autumn": ("2026-11-01 02:00:00", "2026-11-01 08:00:00"),
    }
    columns = [
        f"({{{{ to_utc(\"timestamp '{wall}'\", \"'America/Chicago'\") }}}})::varchar as {name}"
        for name, (wall, _) in clocks.items()
    ]
    columns += [
        "{{ utf16_length(\"'abc'\") }} as ascii",
        "{{ utf16_length(\"'é' || chr(128512) || '李'\") }} as emoji",
        "{{ sha256_hex16(\"'delta dental'\") }} as hashed",
        "{{ normalised_name(\"' O''BRIEN-Smith,  José '\") }} as compared",
    ]
    query = "select " + ", ".join(columns)
    shown = staged.run("dbt", "-q", "show", "--output", "json", "--inline", query)
    [row] = json.loads(shown.stdout)["show"]
    assert {name: row[name] for name in clocks} == {n: utc for n, (_, utc) in clocks.items()}
    assert (row["ascii"], row["emoji"]) == (3, 4)
    assert row["hashed"] == "0bd825fca9aa6e8b"
    assert row["compared"] == "obriensmith jose"
