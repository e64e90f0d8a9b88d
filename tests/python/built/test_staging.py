"""What staging says about the cells it could not take, and the macros no staging model uses."""

import json

from tests.python.support import Migration


def found(migration: Migration, model: str, key: str) -> dict[str, set[tuple[str, ...]]]:
    rows = migration.rows(
        f"select {key}, _found.field, _found.class, _found.value "
        f"from (select {key}, unnest(_found) as _found from staging.stg_dentrix__{model}"
        " where _practice = 'yew')"
    )
    problems: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        problems.setdefault(row[0], set()).add(tuple(row[1:]))
    return problems


def test_bad_cells_of_a_patient_are_named_and_good_and_empty_ones_are_not(
    built: Migration,
) -> None:
    assert found(built, "patient", "patid") == {
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


def test_bad_cells_elsewhere_are_named(built: Migration) -> None:
    assert found(built, "insured", "insuredid") == {
        "2": {
            ("Eligibility_Start__c", "unreadable_date", "sometime"),
            ("Eligibility_End__c", "unreadable_date", "2020-02-30"),
        }
    }
    assert found(built, "aging", "guarid") == {
        "2": {
            ("Balance_0_30__c", "unreadable_number", "a lot"),
            ("Balance_31_60__c", "unreadable_number", "12.3.4"),
            ("Balance_61_90__c", "out_of_range", "999999999999999"),
        }
    }
    assert found(built, "provider", "provider_id") == {
        "DDS2": {
            ("Email", "invalid_email", "bill at example.com"),
            (None, "not_in_picklist", "perhaps"),
        }
    }


def test_wall_clocks_become_utc_and_texts_are_measured(built: Migration) -> None:
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
    shown = built.run("dbt", "-q", "show", "--output", "json", "--inline", query)
    [row] = json.loads(shown.stdout)["show"]
    assert {name: row[name] for name in clocks} == {n: utc for n, (_, utc) in clocks.items()}
    assert (row["ascii"], row["emoji"]) == (3, 4)
    assert row["hashed"] == "0bd825fca9aa6e8b"
    assert row["compared"] == "obriensmith jose"
