"""What is wrong, or only odd, with procedures, plans and the ledger of a G-series practice: people
of their own for each, so that what must come of it can be said in a line."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import DANGLING, UNKNOWN, Such, codes, one_of
from tests.python.practice.ledger import Entry, expect_charge, expect_entry, write_entry
from tests.python.practice.people import patient_row, plant, write_person
from tests.python.practice.plans import (
    CODES,
    Case,
    Code,
    Work,
    expect_case,
    expect_plan,
    expect_work,
    plan_key,
    write_case,
    write_work,
)
from tests.python.practice.world import Person, World, household

DAY = date(2024, 5, 6)
ENTERED = datetime(2024, 5, 6, 9, 15)
NOWHERE = 999_999
TOOTHLESS = one_of("out_of_range", "invalid_code", "not_in_picklist", "unreadable_number")


def plant_money(book: Book, world: World) -> Person:
    """Plants everything this module knows; gives the guarantor whose balance is a cent off."""
    _codes(book, world)
    _teeth(book, world)
    _dates(book, world)
    _amounts(book, world)
    _orphans(book, world)
    _classes(book, world)
    _whose(book, world)
    _payments(book, world)
    _cases(book, world)
    _totals(book, world)
    return _a_cent_off(book, world)


def done(book: Book, world: World, change: Fields | None = None, **different: Any) -> Work:
    """Completed work on someone, its row with these cells changed, and what comes of it were
    nothing wrong. The row: `row_of`."""
    person = different.pop("person", None) or plant(book, world)
    number = book.number("fullproclog", 900_001)
    provider = world.providers[1]
    ordinary = Work(number, person, CODES[0], "Completed", DAY, ENTERED, CODES[0].fee, provider)
    work = replace(ordinary, **different)
    write_work(book, work).update(change or {})
    expect_work(book, work)
    if work.status == "Completed":
        expect_charge(book, work)
    if (plan := plan_key(book, work)) and not work.case:
        expect_plan(book, plan, person, [work])
    return work


def paid(book: Book, world: World, change: Fields | None = None, **different: Any) -> Entry:
    """A payment of someone, as `done`."""
    person = different.pop("person", None) or plant(book, world)
    number = book.number("fullproclog", 900_001)
    ordinary = Entry(number, "payment", person, DAY, ENTERED, Decimal("-40.00"), person.family)
    entry = replace(ordinary, **different)
    write_entry(book, entry).update(change or {})
    expect_entry(book, entry)
    return entry


def row_of(book: Book, what: Work | Entry) -> Row:
    return next(row for row in reversed(book.rows["fullproclog"]) if row["procid"] == what.number)


def charge_key(book: Book, work: Work) -> str:
    return book.key("ledger", work.number)


def _codes(book: Book, world: World) -> None:
    """Local codes, codes of no category, a code that is padded, a code of no table."""
    for at, raw in enumerate(("C9017", "D0000", "D01200", "1110", "D12O6", "X-RAY")):
        code = Code(901 + at, raw, f"Local work {at}", Decimal("15.00"))
        listed = book.row("proccode", proccodeid=code.number, adacode=raw, descript=code.words)
        work = done(book, world, code=code, fee=code.fee)
        expected = {"CDT_Code__c": None, "Source_Code__c": raw}
        book.record("procedure", work.key(book), expected)
        where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, work)}
        book.problem("invalid_code", work.key(book), "CDT_Code__c", **where, or_row=listed)
        book.may_report(row_of(book, work), listed)
    padded = Code(920, "D1206", "Varnish", Decimal("40.00"))
    book.row("proccode", proccodeid=920, adacode="  D1206    ", descript=" Varnish  ")
    done(book, world, code=padded, fee=padded.fee)
    lost = done(book, world, {"proccodeid": 99_999})
    expected = book.record("procedure", lost.key(book), CDT_Code__c=None, Description__c=None)
    del expected["Source_Code__c"]
    row = row_of(book, lost)
    book.problem(DANGLING, lost.key(book), table="fullproclog", row=row)


def _teeth(book: Book, world: World) -> None:
    """Ranges, milk teeth, extra teeth; surfaces of front and back teeth; quarters and arches."""
    for first, last, tooth in ((2, 5, "2-5"), (33, 35, "A-C"), (52, 52, "T"), (0, 0, None)):
        cells = {"toothrangestart": first, "toothrangeend": last}
        work = done(book, world, cells)
        book.record("procedure", work.key(book), Tooth__c=tooth)
    for extra in (53, 70, 99, -4, "left"):
        work = done(book, world, {"toothrangestart": extra, "toothrangeend": extra})
        book.record("procedure", work.key(book), Tooth__c=None)
        where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, work)}
        book.problem(TOOTHLESS, work.key(book), "Tooth__c", **where)
    every = {f"surf{name}": 1 for name in "modlf5"}
    for number, word, letters in (
        (14, "14", "MODBL5"),
        (8, "8", "MIDFL5"),
        (6, "6", "MIDFL5"),
        (11, "11", "MIDFL5"),
        (5, "5", "MODBL5"),
        (12, "12", "MODBL5"),
        (22, "22", "MIDFL5"),
        (28, "28", "MODBL5"),
        (35, "C", "MIDFL5"),
        (40, "H", "MIDFL5"),
        (45, "M", "MIDFL5"),
        (50, "R", "MIDFL5"),
        (51, "S", "MODBL5"),
        (34, "B", "MODBL5"),
    ):
        work = done(book, world, {**every, "toothrangestart": number, "toothrangeend": number})
        book.record("procedure", work.key(book), Tooth__c=word, Surface__c=letters)
    for text, quadrant in (("UR   ", "UR"), ("LL", "LL"), ("UA", None), ("somewhere", None)):
        work = done(book, world, {"surfacestring": text})
        book.record("procedure", work.key(book), Quad__c=quadrant)
        if not quadrant:
            book.may_report(row_of(book, work))


def _held(book: Book, work: Work, cls: Any, charge_cls: Any = None) -> None:
    """Completed work that loads neither as procedure nor as charge."""
    where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, work)}
    book.held_back(cls, "procedure", work.key(book), **where)
    book.held_back(charge_cls or cls, "ledger", charge_key(book, work), **where)


def _dates(book: Book, world: World) -> None:
    """Days that are missing, unreadable or told otherwise, of what needs one and what does not."""
    for text, cls in (
        ("", "missing_required"),
        ("1899-12-30 00:00:00", "missing_required"),
        ("31/31/2024", "unreadable_date"),
    ):
        work = done(book, world, {"procdate": text, "completiondate": ""})
        _held(book, work, cls, one_of(cls, "parent_held_back"))
        entry = paid(book, world, {"procdate": text})
        row = row_of(book, entry)
        book.held_back(
            cls, "ledger", entry.key(book), "Ledger_Date__c", table="fullproclog", row=row
        )
    later = done(book, world, {"completiondate": "2024-06-01"})
    book.record("procedure", later.key(book), Completion_Date__c=date(2024, 6, 1))
    day = one_of("2024-05-06", "2024-06-01")
    book.record("ledger", charge_key(book, later), Ledger_Date__c=day)
    for status in ("Planned", "Existing"):
        for text in ("", "when she can"):
            work = done(book, world, {"procdate": text}, status=status)
            book.may_report(row_of(book, work))
    entry = paid(book, world, {"createdate": "some day"})
    book.record("ledger", entry.key(book), Entry_Date__c=None)
    book.problem(
        "unreadable_date",
        entry.key(book),
        "Entry_Date__c",
        table="fullproclog",
        row=row_of(book, entry),
    )


def _amounts(book: Book, world: World) -> None:
    """Amounts that are no numbers: work loads without a fee, an entry does not load at all."""
    for text, cls in (("abc", "unreadable_number"), ("12.3.4", "unreadable_number")):
        work = done(book, world, {"amt": text})
        book.record("procedure", work.key(book), Fee__c=None)
        where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, work)}
        book.problem(cls, work.key(book), "Fee__c", **where)
        book.held_back(cls, "ledger", charge_key(book, work), "Amount__c", **where)
        entry = paid(book, world, {"amt": text})
        where = {"table": "fullproclog", "row": row_of(book, entry)}
        book.held_back(cls, "ledger", entry.key(book), "Amount__c", **where)
    entry = paid(book, world, {"amt": "  "})
    where = {"table": "fullproclog", "row": row_of(book, entry)}
    book.held_back("missing_required", "ledger", entry.key(book), "Amount__c", **where)
    nothing = paid(book, world, {"amt": "0.00"}, amount=Decimal(0))
    del book.records["ledger", nothing.key(book)]["Patient_Payment__c"]


def _orphans(book: Book, world: World) -> None:
    """Patients, providers, plans and families that are not there."""
    work = done(book, world, {"patid": NOWHERE})
    _held(book, work, "orphan", one_of("orphan", "parent_held_back"))
    entry = paid(book, world, {"patid": NOWHERE})
    where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, entry)}
    book.held_back("orphan", "ledger", entry.key(book), "Contact__c", **where)
    work = done(book, world, {"provid": "ZZZ"}, provider=None)
    where = {"table": "fullproclog", "row": row_of(book, work)}
    book.problem("orphan", work.key(book), "Provider_Contact__c", **where)
    for status in ("Planned", "Completed"):
        lost = Case(NOWHERE, plant(book, world), "", ENTERED, "Proposed", None)
        work = done(book, world, person=lost.person, status=status, case=lost)
        book.record("procedure", work.key(book), to("Treatment_Plan__c", None))
        where = {"table": "fullproclog", "row": row_of(book, work)}
        book.problem("orphan", work.key(book), "Treatment_Plan__c", **where)


def held_back_patient(book: Book, world: World) -> tuple[Person, Row]:
    """Someone whose row does not load, in a family that does, and that row."""
    family = household(world, 2, listed=False)
    for member in family.members:
        write_person(book, world, member)
    spouse = family.members[1]
    row = patient_row(book, spouse)
    row["firstname"] = "Maximiliana" * 4
    book.held_back("too_long", "patient", spouse.key(book), "FirstName", table="patient", row=row)
    return spouse, row


def _classes(book: Book, world: World) -> None:
    """An entry of a class nobody knows, and rows of other chart states, which are no entries."""
    for amount in (Decimal("-17.25"), Decimal("17.25")):
        entry = paid(book, world, {"proclogclass": 5}, kind="adjustment", amount=amount)
        row = row_of(book, entry)
        book.problem(UNKNOWN, entry.key(book), table="fullproclog", row=row)
    for chartstatus in (1, 100, 101, 106, "", "x"):
        work = done(book, world, {"chartstatus": chartstatus})
        row = row_of(book, work)
        book.no_record("procedure", work.key(book))
        book.no_record("ledger", charge_key(book, work))
        book.skipped("fullproclog", row, "")
        book.may_report(row)


def _whose(book: Book, world: World) -> None:
    """Entries of another's account, of no account, and of the account itself."""
    payer = plant(book, world)
    paid(book, world, {"guarid": payer.number}, family=payer.family)
    paid(book, world, {"guarid": 0})
    lost = paid(book, world, {"guarid": NOWHERE})
    row = row_of(book, lost)
    book.problem("orphan", lost.key(book), table="fullproclog", row=row)
    paid(book, world, {"patid": 0})
    person, _ = held_back_patient(book, world)
    work = done(book, world, person=person)
    _held(book, work, "parent_held_back")
    entry = paid(book, world, person=person)
    where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, entry)}
    book.held_back("parent_held_back", "ledger", entry.key(book), "Contact__c", **where)
    case = _case(book, world, person=person)
    row = book.find("txcase", txcaseid=case.number)
    book.held_back("parent_held_back", "plan", case_key(book, case), table="txcase", row=row)


def _payments(book: Book, world: World) -> None:
    """Refunds and bounced cheques keep their sign; interest, special adjustments, old balances."""
    for kind, amount in (
        ("payment", "61.70"),
        ("insurance", "12.01"),
        ("insurance", "-88.99"),
        ("finance", "3.33"),
        ("special", "-100.00"),
        ("special", "100.00"),
        ("adjustment", "-0.01"),
        ("opening", "250.00"),
        ("opening", "-250.00"),
    ):
        paid(book, world, {"history": 1}, kind=kind, amount=Decimal(amount))


def _case(book: Book, world: World, change: Fields | None = None, **different: Any) -> Case:
    """A plan with a name and two lines, of which the first is the costlier; its row with these
    cells changed."""
    person = different.pop("person", None) or plant(book, world)
    number = book.number("txcase", 990_001)
    provider = world.providers[1]
    ordinary = Case(number, person, "Upper front", ENTERED, "Proposed", provider)
    case = replace(ordinary, **different)
    write_case(book, case).update(change or {})
    expect_plan(book, case_key(book, case), person, [Work(0, person, CODES[0], "Planned", DAY,
                ENTERED, Decimal(0), None)])  # fmt: skip
    book.record("plan", case_key(book, case), Status__c=case.status, Total_Fee__c=anything())
    book.record("plan", case_key(book, case), CDT_Code__c=None, CDT_Codes__c=None)
    expect_case(book, world, case)
    return case


def anything() -> Any:
    return Such("anything", lambda got: True)


def case_key(book: Book, case: Case) -> str:
    return book.key("plan", case.number)


def _cases(book: Book, world: World) -> None:
    """Plans without a line, and what may be wrong with a plan's own row."""
    _case(book, world)
    long = "Restore the upper left quadrant, then the lower one, then see what is left to do there"
    case = _case(book, world, name=long)
    book.record("plan", case_key(book, case), Name=long[:80], Description__c=long)
    where: dict[str, Any] = {"table": "txcase", "row": book.find("txcase", txcaseid=case.number)}
    book.problem("too_long", case_key(book, case), "Name", **where)
    exact = "x" * 80
    _case(book, world, name=exact)
    book.row("txcase_status", defid=9, descript="Pondering")
    for status, cls in ((9, "not_in_picklist"), (77, UNKNOWN)):
        case = _case(book, world, {"status": status})
        book.record("plan", case_key(book, case), Status__c=None)
        where = {"table": "txcase", "row": book.find("txcase", txcaseid=case.number)}
        book.problem(cls, case_key(book, case), "Status__c", **where)
    case = _case(book, world, {"createdate": "last spring"})
    key = case_key(book, case)
    book.record("plan", key, Plan_Date__c=None, Original_Create_Date__c=None)
    where = {"table": "txcase", "row": book.find("txcase", txcaseid=case.number)}
    book.problem("unreadable_date", key, "Plan_Date__c", **where)
    case = _case(book, world, {"patid": NOWHERE})
    where = {"table": "txcase", "row": book.find("txcase", txcaseid=case.number)}
    book.held_back("orphan", "plan", case_key(book, case), "Contact__c", **where)
    case = _case(book, world, {"provid": "ZZZ"}, provider=None)
    where = {"table": "txcase", "row": book.find("txcase", txcaseid=case.number)}
    book.problem("orphan", case_key(book, case), "Provider_Contact__c", **where)


def _totals(book: Book, world: World) -> None:
    """A plan of a tie, a line that cannot be read, a line held back, a line of work done; and
    planned work without a case beside work that is done."""
    case = _case(book, world, provider=None)
    cheap, dear, same = CODES[0], replace(CODES[6], fee=Decimal(900)), replace(CODES[7])
    treated: dict[str, Any] = {"person": case.person, "case": case}
    lines = [
        done(book, world, code=cheap, fee=Decimal(10), status="Planned", **treated),
        done(book, world, code=dear, fee=Decimal(900), status="Planned",
             **treated | {"provider": world.providers[3]}),
        done(book, world, code=same, fee=Decimal(900), status="Completed", **treated),
    ]  # fmt: skip
    expect_plan(book, case_key(book, case), case.person, lines)
    unread = done(book, world, {"amt": "?"}, code=CODES[8], status="Planned", **treated)
    book.record("procedure", unread.key(book), Fee__c=None)
    where: dict[str, Any] = {"table": "fullproclog", "row": row_of(book, unread)}
    book.problem("unreadable_number", unread.key(book), "Fee__c", **where)
    gone = done(book, world, {"procdate": "", "completiondate": ""}, code=CODES[9],
                fee=Decimal(5000), **treated)  # fmt: skip
    _held(book, gone, "missing_required", one_of("missing_required", "parent_held_back"))
    listed = codes(*(line.code.code for line in [*lines, unread]))
    book.record("plan", case_key(book, case), CDT_Codes__c=listed)

    person = plant(book, world)
    done(book, world, person=person)
    planned = [
        done(book, world, person=person, status="Planned", fee=Decimal(fee), code=code)
        for fee, code in ((70, CODES[1]), (120, CODES[3]))
    ]
    expect_plan(book, str(plan_key(book, planned[0])), person, planned)


def _a_cent_off(book: Book, world: World) -> Person:
    """A family whose balance is not what its ledger comes to."""
    person = plant(book, world)
    done(book, world, person=person, fee=Decimal("100.00"))
    paid(book, world, person=person, amount=Decimal("-40.00"))
    balance = {"aging0to30": "60.01", "aging31to60": 0, "aging61to90": "0.00", "aging91plus": ""}
    book.row("aging", guarid=person.number, agingdate=date(2026, 11, 19), **balance)
    book.record("family", person.family.key(book), Outstanding_Balance__c=Decimal("60.01"))
    return person
