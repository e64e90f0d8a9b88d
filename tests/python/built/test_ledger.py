"""The ledger, plans and procedures of practices whose every row was made to try a rule."""

from decimal import Decimal
from typing import Any

from tests.python.support import Migration


def record(migration: Migration, mart: str, key: str, *fields: str) -> tuple[Any, ...]:
    """One row of a mart: `_held_back`, then the fields asked for."""
    columns = ", ".join(f'"{f}"' for f in fields)
    [row] = migration.rows(
        f"select _held_back, {columns} from salesforce.{mart}"
        f""" where "Migration_Key__c" = '{key}'"""
    )
    return row


def problems(migration: Migration, mart_object: str, key: str) -> set[tuple[str, str, bool]]:
    rows = migration.rows(
        "select field, class, held_back from migration.corrections"
        f" where object = '{mart_object}' and key = '{key}'"
    )
    assert len(rows) == len(set(rows)), rows
    return set(rows)


def test_completed_work_is_a_procedure_and_a_charge(built: Migration) -> None:
    assert record(
        built, "dentrix__procedure", "oak:procedure:1", "Contact__r.Migration_Key__c",
        "Treatment_Plan__r.Migration_Key__c", "CDT_Code__c", "Source_Code__c", "Description__c",
        "Fee__c", "Status__c", "Provider_Contact__r.Migration_Key__c",
    ) == (
        False, "oak:patient:11", "oak:plan:1", "D2740", "D2740", "Crown, white", Decimal(100),
        "Completed", "oak:provider:DDS1",
    )  # fmt: skip
    row = record(
        built, "dentrix__ledger", "oak:ledger:1", "Account__r.Migration_Key__c",
        "Transaction_Type__c", "Amount__c", "Procedure_Link__r.Migration_Key__c", "Ledger_Date__c",
        "Entry_Date__c", "Description__c",
    )  # fmt: skip
    assert row[:5] == (False, "oak:family:10", "Charge", Decimal(100), "oak:procedure:1")
    assert [str(day) for day in row[5:7]] == ["2026-01-10", "2026-01-11"]
    assert row[7] == "Crown, white"


def test_an_unreadable_amount_holds_the_charge_back_and_not_the_work(built: Migration) -> None:
    assert record(built, "dentrix__procedure", "oak:procedure:2", "Fee__c", "CDT_Code__c") == (
        False,
        None,
        None,
    )
    assert problems(built, "Procedure__c", "oak:procedure:2") == {
        ("Fee__c", "unreadable_number", False),
        ("CDT_Code__c", "invalid_code", False),
        ("Provider_Contact__c", "orphan", False),
    }
    assert record(built, "dentrix__ledger", "oak:ledger:2", "Amount__c") == (True, None)
    assert problems(built, "Billing_Ledger__c", "oak:ledger:2") == {
        ("Amount__c", "unreadable_number", True)
    }
    assert problems(built, "Billing_Ledger__c", "oak:ledger:25") == {
        ("Amount__c", "missing_required", True)
    }


def test_dates_hold_back_the_record_they_belong_to(built: Migration) -> None:
    assert problems(built, "Procedure__c", "oak:procedure:3") == {
        ("Completion_Date__c", "unreadable_date", True)
    }
    assert problems(built, "Billing_Ledger__c", "oak:ledger:3") == {
        ("Procedure_Link__r.Migration_Key__c", "parent_held_back", False)
    }
    assert problems(built, "Procedure__c", "oak:procedure:4") == {
        ("Completion_Date__c", "missing_required", True)
    }
    assert ("Ledger_Date__c", "missing_required", True) in problems(
        built, "Billing_Ledger__c", "oak:ledger:4"
    )


def test_a_child_of_nobody_is_held_back_and_said_once(built: Migration) -> None:
    for kind, made in (("procedure", "Procedure__c"), ("ledger", "Billing_Ledger__c")):
        assert problems(built, made, f"oak:{kind}:5") == {
            ("Contact__r.Migration_Key__c", "orphan", True)
        }
        assert problems(built, made, f"oak:{kind}:6") == {
            ("Contact__r.Migration_Key__c", "parent_held_back", True)
        }


def test_plans_add_up_the_lines_that_load(built: Migration) -> None:
    fields = ("Contact__r.Migration_Key__c", "Name", "Status__c", "Total_Fee__c", "CDT_Code__c")
    assert record(built, "dentrix__plan", "oak:plan:1", *fields) == (
        False, "oak:patient:11", "Left", "Accepted", Decimal(1000), "D2740",
    )  # fmt: skip
    assert problems(built, "Procedure__c", "oak:procedure:7") == {
        ("Tooth__c", "out_of_range", False)
    }
    # Of two rows that are one patient.
    [(survivor,)] = built.rows("select survivor_key from migration.merges where practice = 'oak'")
    patid = survivor.rpartition(":")[2]
    assert record(built, "dentrix__plan", f"oak:plan:default-{patid}", *fields) == (
        False, survivor, "Treatment plan 2026-01-06", "Proposed", Decimal(50), "D2740",
    )  # fmt: skip
    [(defaults,)] = built.rows(
        "select count(*) from salesforce.dentrix__plan"
        """ where "Migration_Key__c" like 'oak:%default%'"""
    )
    assert defaults == 1


def test_what_is_wrong_with_a_plan_is_said(built: Migration) -> None:
    held_back, name, description = record(
        built, "dentrix__plan", "oak:plan:2", "Name", "Description__c"
    )
    assert (held_back, name, description) == (False, "x" * 80, "x" * 90)
    assert problems(built, "Treatment_Plan__c", "oak:plan:2") == {
        ("Name", "too_long", False),
        ("Status__c", "not_in_picklist", False),
        ("Plan_Date__c", "unreadable_date", False),
    }
    assert problems(built, "Treatment_Plan__c", "oak:plan:3") == {
        ("Status__c", "orphan", False),
        ("Original_Create_Date__c", "adjusted", False),
    }
    assert problems(built, "Treatment_Plan__c", "oak:plan:4") == {
        ("Contact__r.Migration_Key__c", "orphan", True)
    }
    assert record(
        built, "dentrix__procedure", "oak:procedure:10", "Treatment_Plan__r.Migration_Key__c"
    ) == (False, None)
    assert problems(built, "Procedure__c", "oak:procedure:10") == {
        ("Treatment_Plan__r.Migration_Key__c", "orphan", False)
    }


def test_payments(built: Migration) -> None:
    fields = (
        "Contact__r.Migration_Key__c", "Account__r.Migration_Key__c", "Transaction_Type__c",
        "Amount__c", "Patient_Payment__c", "Insurance_Payment__c", "Description__c",
    )  # fmt: skip
    assert record(built, "dentrix__ledger", "oak:ledger:20", *fields) == (
        False, "oak:patient:10", "oak:family:10", "Payment", Decimal(-80), Decimal(80), None,
        "Check #7",
    )  # fmt: skip
    assert record(built, "dentrix__ledger", "oak:ledger:21", *fields) == (
        False, "oak:patient:11", "oak:family:20", "Payment", Decimal(-5), None, Decimal(5), None,
    )  # fmt: skip
    assert record(built, "dentrix__ledger", "oak:ledger:22", *fields)[3:7] == (
        "Payment", Decimal(15), None, None,
    )  # fmt: skip
    assert problems(built, "Billing_Ledger__c", "oak:ledger:22") == {
        ("Description__c", "orphan", False)
    }
    assert record(built, "dentrix__ledger", "oak:ledger:23", *fields)[3:5] == (
        "Adjustment", Decimal(2),
    )  # fmt: skip
    assert problems(built, "Billing_Ledger__c", "oak:ledger:23") == {
        ("Transaction_Type__c", "not_in_picklist", False)
    }
    assert record(built, "dentrix__ledger", "oak:ledger:24", *fields)[2:5] == (
        "oak:family:10", "Balance Forward", Decimal(3),
    )  # fmt: skip
    assert problems(built, "Billing_Ledger__c", "oak:ledger:24") == {
        ("Account__c", "orphan", False)
    }


def test_payments_without_signs_are_turned_and_said(built: Migration) -> None:
    amounts = dict(
        built.rows(
            'select "Migration_Key__c", "Amount__c" from salesforce.dentrix__ledger'
            " where _practice = 'elm'"
        )
    )
    assert amounts == {
        "elm:ledger:1": 100,
        "elm:ledger:2": -30,
        "elm:ledger:3": -20,
        "elm:ledger:4": 10,
        "elm:ledger:5": 4,
    }
    turned = built.rows(
        "select key, value from migration.corrections where class = 'adjusted'"
        " and practice = 'elm' and object = 'Billing_Ledger__c' order by key"
    )
    assert turned == [
        ("elm:ledger:2", "30.00"),
        ("elm:ledger:3", "20.00"),
        ("elm:ledger:4", "-10.00"),
    ]


def test_control_totals_find_a_cent(built: Migration) -> None:
    rows = built.rows(
        "select key, guarid, source_amount, mart_amount, held_back_amount, difference"
        " from migration.control_totals where practice = 'oak' and kind = 'guarantor'"
        " and difference != 0"
    )
    # 100 + 40 - 80 + 15 + 2 + 3 load; 50 and 60 are held back.
    assert rows == [
        (
            "oak:family:10", "10", Decimal("40.01"), Decimal(80), Decimal(110), Decimal("-39.99"),
        )
    ]  # fmt: skip
    months = built.rows(
        "select key, transaction_type, source_amount, mart_amount, held_back_amount, difference"
        " from migration.control_totals where practice = 'oak' and kind = 'month' order by all"
    )
    assert months == [
        ("2026-01", "Charge", 270, 140, 130, 130),
        ("2026-02", "Adjustment", 2, 2, 0, 0),
        ("2026-02", "Balance Forward", 3, 3, 0, 0),
        ("2026-02", "Payment", -70, -70, 0, 0),
        ("no date", "Charge", 50, 0, 50, 50),
    ]


def test_open_claims_are_listed(built: Migration) -> None:
    assert built.rows(
        "select practice, claim_id, patient_key, carrier, billed, received, outstanding"
        " from migration.open_claims where practice in ('oak', 'elm', 'fir') order by all"
    ) == [
        ("fir", "81", None, "Aetna", Decimal(80), Decimal(10), Decimal(70)),
        ("oak", "1", "oak:patient:11", None, Decimal(200), Decimal("50.50"), Decimal("149.50")),
    ]
    assert built.rows(
        "select key, field, class, value from migration.corrections"
        " where key like '%:claim:%' and practice in ('oak', 'elm', 'fir')"
    ) == [("oak:claim:1", "carrier", "orphan", "8")]


def test_no_row_disappears(built: Migration) -> None:
    reasons = built.rows(
        "select line, outcome, reason from intermediate.int_dentrix__source_rows"
        " where practice = 'oak' and table_name = 'fullproclog' and reason is not null"
        " order by line"
    )
    assert [row[1:] for row in reasons] == [
        ("record", "the work loads; its charge is held back"),
        ("record", "the charge loads; its work is held back"),
        ("held_back", "no primary key"),
        ("skipped", "chartstatus 106"),
        ("skipped", "a chartstatus that cannot be read"),
    ]
    assert set(
        built.rows(
            "select table_name, outcome, reason from intermediate.int_dentrix__source_rows"
            " where practice = 'fir' and outcome = 'skipped'"
            " and table_name in ('transactions', 'patientprocedures', 'insuranceclaims')"
        )
    ) == {
        ("transactions", "skipped", "voided"),
        ("patientprocedures", "skipped", "state cancelled"),
        ("insuranceclaims", "skipped", "an open claim, listed in open_claims"),
        ("insuranceclaims", "skipped", "a claim that is settled"),
    }


def test_ascend_ends_in_the_same_marts(built: Migration) -> None:
    row = record(
        built, "dentrix__ledger", "fir:ledger:71", "Contact__r.Migration_Key__c",
        "Transaction_Type__c", "Amount__c", "Ledger_Date__c",
    )  # fmt: skip
    assert row[1:4] == ("fir:patient:7000000000001", "Charge", Decimal("90.5"))
    assert str(row[4]) == "2026-01-09"
    assert ("Transaction_Type__c", "not_in_picklist", False) in problems(
        built, "Billing_Ledger__c", "fir:ledger:73"
    )
    row = record(
        built,
        "dentrix__procedure",
        "fir:procedure:61",
        "CDT_Code__c",
        "Fee__c",
        "Completion_Date__c",
    )
    assert row[1:3] == ("D1110", Decimal("90.5"))
    assert str(row[3]) == "2026-01-09"
