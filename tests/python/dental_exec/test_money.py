"""Plans, work done, billing, production and claims of a Dental-Exec practice, from an export into
the marts, and what comes of them in the reports."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.python.dental_exec.marts import PRACTICE, problems, records
from tests.python.raw.exports import write_set
from tests.python.support import Migration

# The whole practices hold the same, row by row, in every run.
pytestmark = pytest.mark.long

STEPS = (
    "+dental_exec__plan",
    "+dental_exec__history",
    "+dental_exec__billing",
    "+dental_exec__metric",
    "+int_dental_exec__money_loose_problems",
    "+int_dental_exec__money_source_rows",
    "+control_totals",
    "+open_claims",
)

PATIENTS = """\
Patient ID,Last Name,First Name,Birth Date,Email,Status,Outstanding Balance
1,Ash,Anna,01/02/1980,anna@example.com,A,$90.00
2,ASH,ANNA,1/2/80,ANNA@example.com,A,(10.00)
3,,Nameless,03/04/1990,,A,
4,Birch,Ben,05/06/1970,,A,$100.01
5,Cedar,Cleo,05/07/1970,,A,
"""
PROVIDERS = """\
Provider ID,Last Name,First Name,Type,Active
D1,Ott,Dora,DENTIST,Y
D2,,Nobody,DENTIST,Y
"""
TXPLAN = """\
Plan ID,Line No,Patient ID,Provider ID,Phase,Procedure Code,Tooth,Surfaces,Fee,Ins Est,Status,\
Plan Date,Est Completion
7,1,1,D1,1,D2740,14,,"$1,250.00",$600.00,PROPOSED,01/05/2026,1/5/27
7,2,2,D1,1,D2391,8,lomd,(120.00),(12.50),IN PROGRESS,01/05/2026,
7,10,1,D1,2,D2391,8,F,120,,Declined,,
8,1,4,,,d1110,2-5,,free,some,DREAMT OF,May,12/31/9999
8,2,4,D9,,CROWN,53,X,90,,,01/05/2026,
8,3,4,D2,,D9999999,c,O,90,,Completed,01/05/2026,
9,0,4,D1,,D0120,5-2,,50,,ACCEPTED,01/05/2026,
10,1,3,D1,,D0120,,,50,,ACCEPTED,01/05/2026,
11,1,77,D1,,D0120,,,50,,ACCEPTED,01/05/2026,
12,1,,D1,,D0120,,,50,,ACCEPTED,01/05/2026,
0,1,4,D1,,D0120,,,50,,ACCEPTED,01/05/2026,
"""
TXHIST = """\
History ID,Patient ID,Provider ID,Completed Date,Procedure Code,Tooth,Surfaces,Materials,Fee,Plan ID
1,2,D1,02/03/2026,D2391,8,LM,Composite A2,($120.00),7
2,1,D1,2/3/26,D2740,15,,,1250,7
3,4,D1,02/03/2026,D0120,,,,50,9
4,4,D1,02/03/2026,D9230,,,,50,8
5,4,D1,02/03/2026,D0120,UR,Q,,dear,404
6,4,D1,,D0120,,,,50,9
7,4,D1,May,D0120,,,,50,
8,3,D1,02/03/2026,D0120,,,,50,10
9,77,D1,02/03/2026,D0120,,,,50,7
10,5,D9,02/03/2026,X1,,,,50,7
0,4,D1,02/03/2026,D0120,,,,50,
"""
BILLING = """\
Trans ID,Account No,Patient ID,Date,Type,Code,Description,Amount,Provider ID,TX Hist ID,Balance
1,A1,1,02/03/2026,C,D2391,Filling,$120.00,D1,1,
2,A1,2,02/04/2026,P,,Check 1042,(60.00),,,
3,A1,1,02/05/2026,Payment,,Refund,20.00,,0,
4,A4,4,02/03/2026,b,,Old system,100,,,
5,A4,4,02/03/2026,A,,Courtesy,-5,D9,404,
6,A4,4,03/03/2026,Z,,Odd,3.25,D2,6,
7,A4,4,03/03/2026,,,Untyped,1.75,,,
8,A4,4,May,C,,,10,,,
9,A4,4,12/31/9999,C,,,11,,,
10,A4,4,02/03/2026,C,,,a lot,,,
11,A4,4,02/03/2026,C,,,,,,
12,A4,,02/03/2026,C,,,12,,,
13,A4,77,02/03/2026,C,,,13,D1,1,
14,A3,3,02/03/2026,P,,,-14,D1,1,
15,A5,5,02/03/2026,C,,,15,,,
0,A4,4,02/03/2026,C,,,16,,,
"""
PRODUCTION = """\
Date,Provider ID,Daily Goal,Units Completed,Production,Collections,Collection Rate
11/02/2026,D1,"$4,500.00",17,"$4,321.50",(45.00),93.5%
11/02/2026,,4500,17,4000,0,0.9355
11/2/26,0,4500,18,4000,0,2
11/03/2026,D2,high,many,much,little,fine
11/04/2026,D9,1,1.5,1,1,1500%
someday,,1,1,1,1,1
12/31/9999,D1,1,1,1,1,1
"""
CLAIMS = """\
Claim ID,Patient ID,Carrier Name,Claim Date,Billed,Received,Status
1,2,Aetna,02/03/2026,$120.00,20.00,SENT
2,4,Aetna,02/03/2026,120.00,,Paid
3,4,,02/03/2026,120.00,,DENIED
4,77,Cigna,soon,a lot,,LOST IN THE POST
5,,Cigna,02/03/2026,120.00,,
"""
REPORTS = {
    "PATIENTS.csv": PATIENTS,
    "PROVIDERS.csv": PROVIDERS,
    "TXPLAN.csv": TXPLAN,
    "TXHIST.csv": TXHIST,
    "BILLING.csv": BILLING,
    "PRODUCTION.csv": PRODUCTION,
    "CLAIMS.csv": CLAIMS,
}

# Two more practices, whose payments bear no sign, with the sign that charges bear in their files.
UNSIGNED = {"plus": "charges_positive", "minus": "charges_negative"}


def unsigned(folder: Path, practice: str) -> Path:
    sign, other = ("", "-") if UNSIGNED[practice] == "charges_positive" else ("-", "")
    rows = (
        "Trans ID,Patient ID,Date,Type,Amount",
        f"1,4,02/03/2026,C,{sign}100",
        f"2,4,02/04/2026,P,{sign}60",
        f"3,4,02/05/2026,P,{sign}50",
        f"4,4,02/06/2026,P,{other}20",
        "5,4,02/07/2026,P,0.00",
        f"6,4,02/07/2026,A,{other}5",
        f"7,4,02/07/2026,Q,{sign}4",
        "",
    )
    reports = {"PATIENTS.csv": PATIENTS, "BILLING.csv": "\n".join(rows)}
    says = {**PRACTICE, "practice": practice, "ledger_sign": UNSIGNED[practice]}
    return write_set(folder / practice, reports, **says)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    folder = tmp_path_factory.mktemp("money")
    migration = Migration(folder / "home")
    others = [unsigned(folder, practice) for practice in UNSIGNED]
    migration.run("load-raw", write_set(folder / "set", REPORTS, **PRACTICE), *others)
    migration.build(*STEPS)
    return migration


def test_a_line_of_a_plan_arrives_with_every_field_right(built: Migration) -> None:
    columns = {
        "Name": "7-1 D2740",
        "Account__r.Migration_Key__c": "elm:patient:1",
        "Provider_Contact__r.Migration_Key__c": "elm:provider:D1",
        "Status__c": "Proposed",
        "CDT_Code__c": "D2740",
        "Source_Code__c": "D2740",
        "Total_Fee__c": Decimal("1250.00"),
        "Insurance_Estimate__c": Decimal("600.00"),
        "Phase__c": "1",
        "Tooth__c": "14",
        "Surface__c": None,
        "Plan_Number__c": "7",
        "Plan_Date__c": date(2026, 1, 5),
        "Estimated_Completion_Date__c": date(2027, 1, 5),
        "Description__c": None,
    }
    assert records(built, "plan", *columns)["plan:7-1"] == tuple(columns.values())


def test_lines_of_plans_are_read_as_dentists_write_them(built: Migration) -> None:
    columns = ("Status__c", "CDT_Code__c", "Tooth__c", "Surface__c", "Total_Fee__c")
    found = records(built, "plan", *columns, "Insurance_Estimate__c")
    assert found == {
        "plan:7-1": ("Proposed", "D2740", "14", None, Decimal(1250), Decimal(600)),
        "plan:7-2": ("In Progress", "D2391", "8", "MIDL", Decimal(120), Decimal("-12.50")),
        "plan:7-10": ("Rejected", "D2391", "8", "F", Decimal(120), None),
        "plan:8-1": (None, None, "2-5", None, None, None),
        "plan:8-2": (None, None, None, None, Decimal(90), None),
        "plan:8-3": ("Completed", None, "C", "I", Decimal(90), None),
        "plan:9-0": ("Accepted", "D0120", None, None, Decimal(50), None),
    }


def test_what_is_wrong_with_lines_of_plans_is_reported(built: Migration) -> None:
    assert problems(built, "plan") == {
        "plan:8-1": {
            ("CDT_Code__c", "invalid_code", False),
            ("Total_Fee__c", "unreadable_number", False),
            ("Insurance_Estimate__c", "unreadable_number", False),
            ("Status__c", "not_in_picklist", False),
            ("Plan_Date__c", "unreadable_date", False),
            ("CDT_Code__c", "invalid_code", False),
        },
        "plan:8-2": {
            ("Provider_Contact__c", "orphan", False),
            ("CDT_Code__c", "invalid_code", False),
            ("Tooth__c", "out_of_range", False),
            ("Surface__c", "out_of_range", False),
        },
        "plan:8-3": {
            ("Provider_Contact__c", "parent_held_back", False),
            ("CDT_Code__c", "invalid_code", False),
        },
        "plan:9-0": {("Tooth__c", "out_of_range", False)},
        "plan:10-1": {("Account__c", "parent_held_back", True)},
        "plan:11-1": {("Account__c", "orphan", True)},
        "plan:12-1": {("Account__c", "missing_required", True)},
    }


def test_what_was_done_arrives_with_every_field_right(built: Migration) -> None:
    columns = {
        "Account__r.Migration_Key__c": "elm:patient:1",
        "Provider_Contact__r.Migration_Key__c": "elm:provider:D1",
        "Treatment_Plan__r.Migration_Key__c": "elm:plan:7-2",
        "CDT_Code__c": "D2391",
        "Source_Code__c": "D2391",
        "Tooth__c": "8",
        "Surface__c": "ML",
        "Materials__c": "Composite A2",
        "Fee__c": Decimal("120.00"),
        "Treatment_Date__c": date(2026, 2, 3),
    }
    assert records(built, "history", *columns)["history:1"] == tuple(columns.values())


def test_work_is_tied_to_the_line_of_its_plan(built: Migration) -> None:
    lines = records(built, "history", "Treatment_Plan__r.Migration_Key__c")
    assert {key: line for key, (line,) in lines.items()} == {
        "history:1": "elm:plan:7-2",
        "history:2": "elm:plan:7-1",
        "history:3": "elm:plan:9-0",
        "history:4": None,
        "history:5": None,
        "history:10": None,
    }


def test_what_is_wrong_with_work_is_reported(built: Migration) -> None:
    assert problems(built, "history") == {
        "history:4": {("Treatment_Plan__c", "orphan", False)},
        "history:5": {
            ("Treatment_Plan__c", "orphan", False),
            ("Tooth__c", "out_of_range", False),
            ("Surface__c", "out_of_range", False),
            ("Fee__c", "unreadable_number", False),
        },
        "history:6": {("Treatment_Date__c", "missing_required", True)},
        "history:7": {("Treatment_Date__c", "unreadable_date", True)},
        "history:8": {("Account__c", "parent_held_back", True)},
        "history:9": {("Account__c", "orphan", True)},
        "history:10": {
            ("Treatment_Plan__c", "orphan", False),
            ("Provider_Contact__c", "orphan", False),
            ("CDT_Code__c", "invalid_code", False),
        },
    }


def test_a_bill_arrives_with_every_field_right(built: Migration) -> None:
    columns = {
        "Account__r.Migration_Key__c": "elm:patient:1",
        "Type__c": "Charge",
        "Amount__c": Decimal("120.00"),
        "Date__c": date(2026, 2, 3),
        "Description__c": "Filling",
        "Source_Code__c": "D2391",
        "Provider_Contact__r.Migration_Key__c": "elm:provider:D1",
        "Treatment_History__r.Migration_Key__c": "elm:history:1",
    }
    assert records(built, "billing", *columns)["billing:1"] == tuple(columns.values())


def test_amounts_keep_the_sign_that_says_what_is_owed_more(built: Migration) -> None:
    assert records(built, "billing", "Type__c", "Amount__c") == {
        "billing:1": ("Charge", Decimal(120)),
        "billing:2": ("Payment", Decimal(-60)),
        "billing:3": ("Payment", Decimal(20)),
        "billing:4": ("Balance Forward", Decimal(100)),
        "billing:5": ("Adjustment", Decimal(-5)),
        "billing:6": (None, Decimal("3.25")),
        "billing:7": (None, Decimal("1.75")),
        "billing:15": ("Charge", Decimal(15)),
    }


def test_what_is_wrong_with_bills_is_reported(built: Migration) -> None:
    assert problems(built, "billing") == {
        "billing:5": {
            ("Provider_Contact__c", "orphan", False),
            ("Treatment_History__c", "orphan", False),
        },
        "billing:6": {
            ("Type__c", "not_in_picklist", False),
            ("Provider_Contact__c", "parent_held_back", False),
            ("Treatment_History__c", "parent_held_back", False),
        },
        "billing:7": {("Type__c", "missing_required", False)},
        "billing:8": {("Date__c", "unreadable_date", True)},
        "billing:9": {("Date__c", "missing_required", True)},
        "billing:10": {("Amount__c", "unreadable_number", True)},
        "billing:11": {("Amount__c", "missing_required", True)},
        "billing:12": {("Account__c", "missing_required", True)},
        "billing:13": {("Account__c", "orphan", True)},
        "billing:14": {("Account__c", "parent_held_back", True)},
    }


def test_days_arrive_once_each_with_their_rate_in_percent(built: Migration) -> None:
    practice, provider = "Account__r.Migration_Key__c", "Contact__r.Migration_Key__c"
    columns = ("Metric_Date__c", "Daily_Production_Goal__c", "Units_Completed__c")
    sums = ("Production__c", "Collections__c", "Collection_Rate__c")
    found = records(built, "metric", practice, provider, *columns, *sums)
    goal, empty = Decimal(4500), (None,) * 5
    assert {key: values[1:] for key, values in found.items()} == {
        "metric:20261102-D1": (
            *("elm:provider:D1", date(2026, 11, 2), goal, 17),
            *(Decimal("4321.50"), Decimal(-45), Decimal("93.50")),
        ),
        "metric:20261102-practice": (
            *(None, date(2026, 11, 2), goal, 18, Decimal(4000), Decimal(0), Decimal(200)),
        ),
        "metric:20261103-D2": (None, date(2026, 11, 3), *empty),
        "metric:20261104-D9": (
            *(None, date(2026, 11, 4), Decimal(1), None, Decimal(1), Decimal(1), None),
        ),
    }
    assert {values[0] for values in found.values()} == {"elm:practice:elm"}


def test_what_is_wrong_with_days_is_reported(built: Migration) -> None:
    assert problems(built, "metric") == {
        "metric:20261103-D2": {
            ("Contact__c", "parent_held_back", False),
            ("Daily_Production_Goal__c", "unreadable_number", False),
            ("Units_Completed__c", "unreadable_number", False),
            ("Production__c", "unreadable_number", False),
            ("Collections__c", "unreadable_number", False),
            ("Collection_Rate__c", "unreadable_number", False),
        },
        "metric:20261104-D9": {
            ("Contact__c", "orphan", False),
            ("Units_Completed__c", "unreadable_number", False),
            ("Collection_Rate__c", "out_of_range", False),
        },
    }


def test_what_makes_no_record_is_reported_by_its_line(built: Migration) -> None:
    found = built.rows(
        "select object, line, key, field, class, held_back"
        " from intermediate.int_dental_exec__money_loose_problems"
    )
    key, day = "Migration_Key__c", "Metric_Date__c"
    assert set(found) == {
        ("Treatment_Plan__c", 12, None, key, "missing_required", True),
        ("Treatment_History__c", 12, None, key, "missing_required", True),
        ("Billing_Record__c", 17, None, key, "missing_required", True),
        ("Production_Metrics__c", 3, "elm:metric:20261102-practice", None, "duplicate_key", True),
        ("Production_Metrics__c", 7, None, day, "unreadable_date", True),
        ("Production_Metrics__c", 8, None, day, "missing_required", True),
        (None, 5, "elm:claim:4", "claim_date", "unreadable_date", False),
        (None, 5, "elm:claim:4", "billed", "unreadable_number", False),
        (None, 5, "elm:claim:4", "patient_key", "orphan", False),
        (None, 5, "elm:claim:4", "status", "not_in_picklist", False),
    }
    assert len(found) == len(set(found))


def test_every_landed_row_is_accounted_for(built: Migration) -> None:
    found = built.rows(
        "select table_name, outcome, count(*)"
        " from intermediate.int_dental_exec__money_source_rows"
        " where practice = 'elm' group by all"
    )
    assert {(table, outcome): rows for table, outcome, rows in found} == {
        ("txplan", "record"): 7,
        ("txplan", "held_back"): 4,
        ("txhist", "record"): 6,
        ("txhist", "held_back"): 5,
        ("billing", "record"): 8,
        ("billing", "held_back"): 8,
        ("production", "record"): 4,
        ("production", "held_back"): 3,
        ("claims", "skipped"): 5,
    }


def test_billing_is_held_against_the_balance_of_each_patient(built: Migration) -> None:
    found = built.rows(
        "select key, source_amount, mart_amount, held_back_amount, difference"
        " from migration.control_totals where kind = 'patient' and practice = 'elm'"
    )
    assert {key.removeprefix("elm:"): tuple(amounts) for key, *amounts in found} == {
        "patient:1": (Decimal(80), Decimal(80), 0, 0),
        "patient:3": (None, 0, Decimal(-14), None),
        "patient:4": (Decimal("100.01"), Decimal(100), Decimal(21), Decimal("0.01")),
        "patient:5": (None, Decimal(15), 0, None),
        "no patient": (None, 0, Decimal(25), None),
    }


def test_billing_is_held_against_the_files_by_month_and_kind(built: Migration) -> None:
    found = built.rows(
        "select key, transaction_type, source_amount, mart_amount, held_back_amount"
        " from migration.control_totals where kind = 'month' and practice = 'elm'"
    )
    assert {(key, kind): tuple(amounts) for key, kind, *amounts in found} == {
        ("2026-02", "Charge"): (Decimal(176), Decimal(135), Decimal(41)),
        ("2026-02", "Payment"): (Decimal(-54), Decimal(-40), Decimal(-14)),
        ("2026-02", "Adjustment"): (Decimal(-5), Decimal(-5), 0),
        ("2026-02", "Balance Forward"): (Decimal(100), Decimal(100), 0),
        ("2026-03", None): (Decimal(5), Decimal(5), 0),
        ("no date", "Charge"): (Decimal(21), 0, Decimal(21)),
    }


def test_claims_are_open_until_paid_or_denied(built: Migration) -> None:
    found = built.rows(
        "select claim_id, patient_key, carrier, claim_date, outstanding from migration.open_claims"
    )
    assert sorted(found) == [
        ("1", "elm:patient:1", "Aetna", date(2026, 2, 3), Decimal(100)),
        ("4", "elm:patient:77", "Cigna", None, None),
        ("5", None, "Cigna", date(2026, 2, 3), Decimal(120)),
    ]


@pytest.mark.parametrize("practice", UNSIGNED)
def test_a_set_that_signs_no_payments_is_turned(built: Migration, practice: str) -> None:
    """More than half of the payments raise what is owed: all are turned, and each is reported."""
    amounts = records(built, "billing", "Amount__c", practice=practice)
    assert [amounts[f"billing:{at}"][0] for at in range(1, 8)] == [100, -60, -50, 20, 0, -5, 4]
    found = problems(built, "billing", practice=practice)
    turned = {key for key, said in found.items() if ("Amount__c", "adjusted", False) in said}
    assert turned == {"billing:2", "billing:3", "billing:4"}
