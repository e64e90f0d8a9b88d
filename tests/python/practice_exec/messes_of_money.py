"""What is wrong, or only odd, with plans, histories, billing, production and claims: one each."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Fields, Row, to
from tests.python.practice.expect import one_of
from tests.python.practice.plans import CODES
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.defects import NOWHERE, held_back_patient
from tests.python.practice_exec.money import (
    Entry,
    Line,
    Work,
    entry,
    expect_work,
    line,
    metric,
    work,
)
from tests.python.practice_exec.people import patient_row, plant

CLEANING, FILLING, CROWN = CODES[3], CODES[4], CODES[6]
LONG = "Crown of many words " * 5 + "end"
NO_TOOTH = one_of("out_of_range", "not_in_picklist", "invalid_code")


def plant_money(clinic: Clinic) -> None:
    """Plants everything this module knows."""
    _lines(clinic)
    _long_name(clinic)
    _works(clinic)
    _matches(clinic)
    _entries(clinic)
    _held_back(clinic)
    _balances(clinic)
    _days(clinic)
    _claims(clinic)


def _said(
    clinic: Clinic, step: str, planted: Line | Work | Entry, row: Row, cls: str, field: str
) -> None:
    table = {"plan": "txplan", "history": "txhist", "billing": "billing"}[step]
    clinic.book.problem(cls, planted.key(clinic), field, table=table, row=row)


# Cells of a plan's line that are odd: what of the record is then different.
ODD_LINES: list[tuple[Fields, Fields]] = [
    ({"fee": "(112.00)"}, {"Total_Fee__c": Decimal("112.00")}),
    ({"ins_est": "-$1,012.50"}, {"Insurance_Estimate__c": Decimal("-1012.50")}),
    ({"status": "Proposed"}, {}),
    ({"est_completion": "12/31/9999"}, {"Estimated_Completion_Date__c": None}),
    ({"tooth": "a", "surfaces": ""}, {"Tooth__c": "A"}),
    ({"tooth": "2-5"}, {"Tooth__c": "2-5"}),
    ({"tooth": "8", "surfaces": "lomd"}, {"Tooth__c": "8", "Surface__c": "MIDL"}),
    ({"tooth": "19", "surfaces": "BOM"}, {"Tooth__c": "19", "Surface__c": "MOB"}),
    ({"tooth": "24", "surfaces": "F5"}, {"Tooth__c": "24", "Surface__c": "F5"}),
    ({"plan_date": "1/5/26"}, {"Plan_Date__c": date(2026, 1, 5)}),
]
BAD_LINES: list[tuple[Fields, Any, str]] = [
    ({"fee": "dear"}, "unreadable_number", "Total_Fee__c"),
    ({"ins_est": "some"}, "unreadable_number", "Insurance_Estimate__c"),
    ({"status": "DREAMT OF"}, "not_in_picklist", "Status__c"),
    ({"plan_date": "May"}, "unreadable_date", "Plan_Date__c"),
    ({"est_completion": "June"}, "unreadable_date", "Estimated_Completion_Date__c"),
    ({"procedure_code": "D0050"}, "invalid_code", "CDT_Code__c"),
    ({"procedure_code": "CROWN"}, "invalid_code", "CDT_Code__c"),
    ({"procedure_code": "d1110"}, "invalid_code", "CDT_Code__c"),
    ({"tooth": "53"}, NO_TOOTH, "Tooth__c"),
    ({"provider_id": "D99"}, "orphan", "Provider_Contact__c"),
    ({"provider_id": "NONAME"}, "parent_held_back", "Provider_Contact__c"),
]


def _lines(clinic: Clinic) -> None:
    for cells, expected in ODD_LINES:
        planted, _ = line(clinic, cells)
        clinic.book.record("plan", planted.key(clinic), expected)
    for cells, cls, field in BAD_LINES:
        planted, row = line(clinic, cells)
        expected = to(field, None) if field == "Provider_Contact__c" else {field: None}
        expected |= _as_typed(cells, f"{planted.plan}-1 ")
        clinic.book.record("plan", planted.key(clinic), expected)
        _said(clinic, "plan", planted, row, cls, field)


def _long_name(clinic: Clinic) -> None:
    """A plan's name holds 80 characters; the whole of a longer one is told beside it."""
    planted, row = line(clinic, {"procedure_code": LONG})
    whole = f"{planted.plan}-1 {LONG}"
    told = {"Name": whole[:80], "Description__c": whole, "CDT_Code__c": None}
    clinic.book.record("plan", planted.key(clinic), told, Source_Code__c=LONG)
    _said(clinic, "plan", planted, row, "too_long", "Name")
    _said(clinic, "plan", planted, row, "invalid_code", "CDT_Code__c")


def _as_typed(cells: Fields, name: str = "") -> Fields:
    code = cells.get("procedure_code")
    named = {"Name": f"{name}{code}"} if name else {}
    return {"Source_Code__c": code, **named} if code else {}


BAD_WORKS: list[tuple[Fields, Any, str]] = [
    ({"fee": "dear"}, "unreadable_number", "Fee__c"),
    ({"procedure_code": "X1"}, "invalid_code", "CDT_Code__c"),
    ({"tooth": "UR"}, NO_TOOTH, "Tooth__c"),
    ({"provider_id": "D99"}, "orphan", "Provider_Contact__c"),
]


def _works(clinic: Clinic) -> None:
    planted, _ = work(clinic, {"fee": "($112.00)"})
    planted, _ = work(clinic, {"tooth": "C", "surfaces": "O"})
    expect_work(clinic, planted, Tooth__c="C", Surface__c="I")
    planted, _ = work(clinic, materials="=cmd|' /C calc'!A0")
    for cells, cls, field in BAD_WORKS:
        planted, row = work(clinic, cells)
        expected = to(field, None) if field == "Provider_Contact__c" else {field: None}
        clinic.book.record("history", planted.key(clinic), expected | _as_typed(cells))
        _said(clinic, "history", planted, row, cls, field)


def _matches(clinic: Clinic) -> None:
    """Which line of a plan was done: same code and tooth, else same code, else the only line."""
    first, _ = line(clinic, code=FILLING, tooth="3", surfaces="O")
    person, plan = first.person, first.plan
    second, _ = line(clinic, person=person, plan=plan, line=2, code=FILLING, tooth="14")
    third, _ = line(clinic, person=person, plan=plan, line=3, code=FILLING, tooth="14")
    crown, _ = line(clinic, person=person, plan=plan, line=10, code=CROWN, tooth="14")
    assert third.line == 3
    for code, tooth, found in (
        (FILLING, "14", second),
        (FILLING, "3", first),
        (FILLING, "30", first),
        (CROWN, "2", crown),
    ):
        planted, _ = work(clinic, person=person, plan=plan, code=code, tooth=tooth)
        clinic.book.record(
            "history", planted.key(clinic), to("Treatment_Plan__c", found.key(clinic))
        )
    planted, row = work(clinic, person=person, plan=plan, code=CLEANING)
    _said(clinic, "history", planted, row, "orphan", "Treatment_Plan__c")
    # Of someone else's plan no line counts.
    planted, row = work(clinic, plan=plan, code=FILLING, tooth="14")
    _said(clinic, "history", planted, row, "orphan", "Treatment_Plan__c")
    only, _ = line(clinic, code=CROWN, tooth="14")
    planted, _ = work(clinic, person=only.person, plan=only.plan, code=CLEANING)
    clinic.book.record("history", planted.key(clinic), to("Treatment_Plan__c", only.key(clinic)))
    planted, row = work(clinic, plan=NOWHERE)
    _said(clinic, "history", planted, row, "orphan", "Treatment_Plan__c")


def _entries(clinic: Clinic) -> None:
    """Refunds, and cells that are wrong."""
    refund, _ = entry(clinic, type="P", amount=Decimal("30.00"), words="Refund")
    entry(clinic, person=refund.person, type="P", amount=Decimal("0.00"))
    entry(clinic, {"amount": "(1,234.50)"}, type="P", amount=Decimal("-1234.50"))
    entry(clinic, {"amount": "$1,234.50"}, amount=Decimal("1234.50"))
    for cells, cls, field in (
        ({"type": "Z"}, "not_in_picklist", "Type__c"),
        ({"type": ""}, "missing_required", "Type__c"),
        ({"tx_hist_id": NOWHERE}, "orphan", "Treatment_History__c"),
        ({"provider_id": "D99"}, "orphan", "Provider_Contact__c"),
        ({"description": "d" * 300}, "too_long", "Description__c"),
    ):
        planted, row = entry(clinic, cells)
        expected = {field: None} if field in ("Type__c", "Description__c") else to(field, None)
        clinic.book.record("billing", planted.key(clinic), expected)
        _said(clinic, "billing", planted, row, cls, field)


def _held_back(clinic: Clinic) -> None:
    """Rows without their own date or amount, or whose patient is not there."""
    book, nobody = clinic.book, held_back_patient(clinic)
    for cells, cls, different in (
        ({"completed_date": ""}, "missing_required", {}),
        ({"completed_date": "12/31/9999"}, "missing_required", {}),
        ({"completed_date": "May"}, "unreadable_date", {}),
        ({"patient_id": ""}, "missing_required", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": nobody}),
    ):
        done, row = work(clinic, cells, **different)
        book.held_back(cls, "history", done.key(clinic), table="txhist", row=row)
        book.skipped("txhist", row, "", outcome="held_back")
    for cells, cls, different in (
        ({"patient_id": ""}, "missing_required", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": nobody}),
    ):
        planned, row = line(clinic, cells, **different)
        book.held_back(cls, "plan", planned.key(clinic), table="txplan", row=row)
    for cells, cls, different in (
        ({"date": ""}, "missing_required", {}),
        ({"date": "May"}, "unreadable_date", {}),
        ({"amount": ""}, "missing_required", {}),
        ({"amount": "a lot"}, "unreadable_number", {}),
        ({"patient_id": ""}, "missing_required", {}),
        ({"patient_id": NOWHERE}, "orphan", {}),
        ({}, "parent_held_back", {"person": nobody}),
    ):
        booked, row = entry(clinic, cells, **different)
        clinic.owed[booked.person.number] -= booked.amount
        book.held_back(cls, "billing", booked.key(clinic), table="billing", row=row)
    # What was charged for work that does not load.
    done, row = work(clinic, {"completed_date": "May"})
    book.held_back("unreadable_date", "history", done.key(clinic), table="txhist", row=row)
    booked, row = entry(clinic, person=done.person, work=done)
    book.record("billing", booked.key(clinic), to("Treatment_History__c", None))
    _said(clinic, "billing", booked, row, "parent_held_back", "Treatment_History__c")
    for table, keys in (
        ("txplan", {"plan_id": "0", "line_no": "0"}),
        ("txhist", {"history_id": "0"}),
        ("billing", {"trans_id": "0"}),
    ):
        row = book.row(table, **keys)
        book.problem("missing_required", None, held_back=True, table=table, row=row)


def _balances(clinic: Clinic) -> None:
    """One balance is a cent off what was billed."""
    planted, _ = entry(clinic, amount=Decimal("60.00"))
    patient_row(clinic, planted.person)["outstanding_balance"] = "60.01"
    off = {"Outstanding_Balance__c": Decimal("60.01")}
    clinic.book.record("patient", planted.person.key(clinic.book), off)


def off_balance(clinic: Clinic) -> dict[str, Decimal]:
    """The patients whose balance is not what their billing comes to, and by how much."""
    billed: dict[str, Decimal] = {}
    for (step, _), fields in clinic.book.records.items():
        if step == "billing":
            key = fields["Account__r.Migration_Key__c"]
            billed[key] = billed.get(key, Decimal(0)) + fields["Amount__c"]
    balances = {
        key: fields.get("Outstanding_Balance__c")
        for (step, key), fields in clinic.book.records.items()
        if step == "patient"
    }
    for row in clinic.book.rows["patients"]:
        # What someone owes who is held back is billed to nobody.
        owed, number = row.get("outstanding_balance"), row.get("patient_id")
        if isinstance(owed, Decimal) and number not in clinic.into:
            balances.setdefault(clinic.book.key("patient", number or ""), owed)
    return {
        key: abs(balance - billed.get(key, Decimal(0)))
        for key, balance in balances.items()
        if balance is not None and balance != billed.get(key, Decimal(0))
    }


# The practice's days: what the rate reads, in percent.
RATES = {"93.5%": "93.5", "0.935": "93.5", "1": "100", "2": "200", "2.5": "2.5", "87": "87"}


def _days(clinic: Clinic) -> None:
    book = clinic.book
    for at, (written, percent) in enumerate(RATES.items(), start=1):
        day = date(2026, 8, at)
        metric(clinic, day, "H1", written)
        key = book.key("metric", f"{day:%Y%m%d}-H1")
        book.record("metric", key, Collection_Rate__c=Decimal(percent))
    for at, (cells, field, cls) in enumerate(
        (
            ({"daily_goal": "high"}, "Daily_Production_Goal__c", "unreadable_number"),
            ({"units_completed": "many"}, "Units_Completed__c", "unreadable_number"),
            ({"production": "much"}, "Production__c", "unreadable_number"),
            ({"collections": "little"}, "Collections__c", "unreadable_number"),
            ({"collection_rate": "fine"}, "Collection_Rate__c", "unreadable_number"),
        ),
        start=1,
    ):
        day = date(2026, 7, at)
        row = metric(clinic, day, "", "93.5%", **cells)
        key = book.key("metric", f"{day:%Y%m%d}-practice")
        book.record("metric", key, {field: None})
        book.problem(cls, key, field, table="production", row=row)
    day = date(2026, 7, 20)
    row = metric(clinic, day, "D99", "93.5%")
    key = book.key("metric", "20260720-D99")
    book.record("metric", key, to("Contact__c", None))
    book.problem("orphan", key, "Contact__c", table="production", row=row)
    row = metric(clinic, date(2026, 7, 21), "", "93.5%", date="a good day")
    book.no_record("metric", book.key("metric", "20260721-practice"))
    book.problem("unreadable_date", None, held_back=True, table="production", row=row)


STRANGE = "LOST IN THE POST"
OPEN = {"OPEN", "SENT", "", STRANGE}


def _claims(clinic: Clinic) -> None:
    """Claims make no record; the open ones are listed."""
    person = plant(clinic)
    for status in ("OPEN", "SENT", "PAID", "DENIED", "", STRANGE):
        number = clinic.number("claims", 90_001)
        row = clinic.book.row(
            "claims",
            claim_id=number,
            patient_id=person.number,
            carrier_name="Aetna",
            claim_date=date(2026, 10, 1),
            billed=Decimal("120.00"),
            received=Decimal("20.00"),
            status=status,
        )
        if status == STRANGE:
            clinic.book.problem("not_in_picklist", None, table="claims", row=row)


def open_claims(clinic: Clinic) -> set[str]:
    """The claims that nobody has settled."""
    return {str(row["claim_id"]) for row in clinic.book.rows["claims"] if row["status"] in OPEN}


def months(clinic: Clinic) -> dict[tuple[str, str], Decimal]:
    """What a practice's billing comes to, by month and type."""
    sums: dict[tuple[str, str], Decimal] = {}
    for (step, _), fields in clinic.book.records.items():
        if step == "billing":
            at = f"{fields['Date__c']:%Y-%m}", fields["Type__c"]
            sums[at] = sums.get(at, Decimal(0)) + fields["Amount__c"]
    return sums
