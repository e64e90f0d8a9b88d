"""Plans by line, what was done, what was billed and paid, and what a day brought in."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.python.practice.book import Fields, Row, to
from tests.python.practice.plans import ANTERIOR, CODES, PRIMARY, Code
from tests.python.practice.world import Person
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.people import plant

PLAN_STATUSES = {
    "PROPOSED": "Proposed",
    "ACCEPTED": "Accepted",
    "In Progress": "In Progress",
    "COMPLETED": "Completed",
    "DECLINED": "Rejected",
}
TYPES = {"C": "Charge", "P": "Payment", "A": "Adjustment", "B": "Balance Forward"}
MATERIALS = ["", "Composite A2; bond", 'PFM, "high noble"']


@dataclass(eq=False)
class Line:
    """A line of a treatment plan."""

    plan: int
    line: int
    person: Person
    code: Code
    day: date
    status: str = "PROPOSED"
    tooth: str = ""
    surfaces: str = ""
    provider: str = "D1"
    cells: Fields = field(default_factory=dict)

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("plan", f"{self.plan}-{self.line}")


@dataclass(eq=False)
class Work:
    """Something that was done."""

    number: int
    person: Person
    code: Code
    day: date
    tooth: str = ""
    surfaces: str = ""
    provider: str = "D1"
    materials: str = ""
    plan: int | str = ""
    line: Line | None = None
    cells: Fields = field(default_factory=dict)

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("history", self.number)


def surface(tooth: str, surfaces: str) -> str | None:
    """Surfaces as dentists order them; in front the biting edge is I and the lip's side F."""
    front = tooth in ANTERIOR
    marked = {{"I": "O", "B": "F"}.get(letter, letter) for letter in surfaces}
    named = {"O": "I" if front else "O", "F": "F" if front else "B"}
    return "".join(named.get(letter, letter) for letter in "MODFL5" if letter in marked) or None


def _where(random: Random, code: Code) -> tuple[str, str]:
    """A tooth and surfaces for a code, in no order."""
    tooth = random.choice([*map(str, range(1, 33)), *PRIMARY])
    if code.on not in ("tooth", "surface"):
        return "", ""
    letters = random.sample("MODFLIB", random.randint(1, 3)) if code.on == "surface" else []
    return tooth, "".join(letters)


def write_treatment(clinic: Clinic) -> list[Work]:
    """A plan of every third ordinary person, its lines in part done, and two things more that
    were done outside of any plan."""
    random, works = Random("treatment"), []
    for person in clinic.world.people:
        if person.number % 3 == 0:
            plan, codes = 40_000 + person.number, random.sample(CODES, random.randint(1, 3))
            for at, code in enumerate(codes, start=1):
                line = _ordinary_line(random, plan, at, person, code)
                write_line(clinic, line)
                expect_line(clinic, line)
                if line.status == "COMPLETED":
                    works.append(_ordinary_work(random, clinic, person, code, line))
        for _ in range(2):
            works.append(_ordinary_work(random, clinic, person, random.choice(CODES), None))
    for work in works:
        write_work(clinic, work)
        expect_work(clinic, work)
    return works


def _ordinary_line(random: Random, plan: int, at: int, person: Person, code: Code) -> Line:
    tooth, surfaces = _where(random, code)
    day = person.last_visit
    status = random.choice([*PLAN_STATUSES])
    return Line(plan, at, person, code, day, status, tooth, surfaces, person.provider.code)


def _ordinary_work(
    random: Random, clinic: Clinic, person: Person, code: Code, line: Line | None
) -> Work:
    tooth, surfaces = (line.tooth, line.surfaces) if line else _where(random, code)
    return Work(
        number=clinic.number("txhist", 100_001),
        person=person,
        code=code,
        day=person.first_visit + timedelta(days=random.randrange(1500)),
        tooth=tooth,
        surfaces=surfaces,
        provider=random.choice([person.provider.code, ""]),
        materials=random.choice(MATERIALS),
        plan=line.plan if line else "",
        line=line,
    )


def write_line(clinic: Clinic, line: Line) -> Row:
    cells = {
        "plan_id": line.plan,
        "line_no": line.line,
        "patient_id": line.person.number,
        "provider_id": line.provider,
        "phase": line.line,
        "procedure_code": line.code.code,
        "tooth": line.tooth,
        "surfaces": line.surfaces,
        "fee": line.code.fee,
        "ins_est": Decimal("12.50"),
        "status": line.status,
        "plan_date": line.day,
        "est_completion": line.day + timedelta(days=90),
    }
    return clinic.book.row("txplan", **cells | line.cells)


def expect_line(clinic: Clinic, line: Line, **different: Any) -> Fields:
    fields: Fields = {
        "Name": f"{line.plan}-{line.line} {line.code.code}",
        "Status__c": PLAN_STATUSES[line.status],
        "CDT_Code__c": line.code.code,
        "Source_Code__c": line.code.code,
        "Total_Fee__c": line.code.fee,
        "Insurance_Estimate__c": Decimal("12.50"),
        "Description__c": None,
        "Phase__c": line.line,
        "Tooth__c": line.tooth,
        "Surface__c": surface(line.tooth, line.surfaces),
        "Plan_Number__c": line.plan,
        "Plan_Date__c": line.day,
        "Estimated_Completion_Date__c": line.day + timedelta(days=90),
        **clinic.whose("Account__c", line.person),
        **clinic.provider(line.provider),
    }
    return clinic.book.record("plan", line.key(clinic), fields | different)


def line(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Line, Row]:
    """A plan's line of somebody new if not said otherwise, written and expected."""
    told: Fields = {"line": 1, "code": CODES[3], "day": date(2025, 3, 4)} | different
    person = told.pop("person", None) or plant(clinic)
    plan = told.pop("plan", None) or clinic.number("txplan", 70_001)
    planted = Line(plan=plan, person=person, cells=change or {}, **told)
    row = write_line(clinic, planted)
    expect_line(clinic, planted)
    return planted, row


def write_work(clinic: Clinic, work: Work) -> Row:
    cells = {
        "history_id": work.number,
        "patient_id": work.person.number,
        "provider_id": work.provider,
        "completed_date": work.day,
        "procedure_code": work.code.code,
        "tooth": work.tooth,
        "surfaces": work.surfaces,
        "materials": work.materials,
        "fee": work.code.fee,
        "plan_id": work.plan,
    }
    return clinic.book.row("txhist", **cells | work.cells)


def expect_work(clinic: Clinic, work: Work, **different: Any) -> Fields:
    fields: Fields = {
        "CDT_Code__c": work.code.code,
        "Source_Code__c": work.code.code,
        "Tooth__c": work.tooth,
        "Surface__c": surface(work.tooth, work.surfaces),
        "Materials__c": work.materials,
        "Fee__c": work.code.fee,
        "Treatment_Date__c": work.day,
        **to("Treatment_Plan__c", work.line.key(clinic) if work.line else None),
        **clinic.whose("Account__c", work.person),
        **clinic.provider(work.provider),
    }
    return clinic.book.record("history", work.key(clinic), fields | different)


def work(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Work, Row]:
    """Something done on somebody new if not said otherwise, written and expected."""
    told: Fields = {"code": CODES[3], "day": date(2025, 3, 4)} | different
    person = told.pop("person", None) or plant(clinic)
    number = clinic.number("txhist", 100_001)
    planted = Work(number=number, person=person, cells=change or {}, **told)
    row = write_work(clinic, planted)
    expect_work(clinic, planted)
    return planted, row


@dataclass(eq=False)
class Entry:
    """One line of the billing report; `amount` is what the patient then owes more."""

    number: int
    person: Person
    type: str
    day: date
    amount: Decimal
    code: str = ""
    words: str = ""
    provider: str = ""
    work: Work | None = None
    cells: Fields = field(default_factory=dict)

    def key(self, clinic: Clinic) -> str:
        return clinic.book.key("billing", self.number)


def write_billing(clinic: Clinic, works: list[Work]) -> None:
    """A charge for everything done, and what was paid, adjusted and brought forward."""
    random = Random("billing")
    for work in works:
        charge = Entry(
            number=clinic.number("billing", 500_001),
            person=work.person,
            type="C",
            day=work.day,
            amount=work.code.fee,
            code=work.code.code,
            words=work.code.words,
            provider=work.provider,
            work=work,
        )
        book_entry(clinic, charge)
        if random.random() < 0.7:
            part = (work.code.fee * random.randrange(20, 101) / 100).quantize(Decimal("0.01"))
            book_entry(clinic, _other(random, clinic, work.person, "P", -part))
    for person in clinic.world.people:
        if person.number % 6 == 0:
            amount = Decimal(random.randrange(-4000, 2500)) / 100
            book_entry(clinic, _other(random, clinic, person, "A", amount))
        if person.number % 9 == 0:
            amount = Decimal(random.randrange(-5000, 90000)) / 100
            book_entry(clinic, _other(random, clinic, person, "B", amount))
        if person.number % 40 == 0:
            book_entry(clinic, _other(random, clinic, person, "P", Decimal("25.00")))


def _other(random: Random, clinic: Clinic, person: Person, kind: str, amount: Decimal) -> Entry:
    return Entry(
        number=clinic.number("billing", 500_001),
        person=person,
        type=kind,
        day=person.first_visit + timedelta(days=random.randrange(1700)),
        amount=amount,
        words={"P": "Check 1042", "A": "Courtesy", "B": "Old system"}[kind],
    )


def book_entry(clinic: Clinic, entry: Entry) -> Row:
    """Writes an entry, expects it, and counts it for the patient's balance."""
    row = write_entry(clinic, entry)
    expect_entry(clinic, entry)
    clinic.owed[entry.person.number] += entry.amount
    return row


def write_entry(clinic: Clinic, entry: Entry) -> Row:
    """The row, signed as the practice signs: `ledger_sign`, and payments perhaps not at all."""
    negative = clinic.book.export.get("ledger_sign") == "charges_negative"
    amount = -entry.amount if negative else entry.amount
    unsigned = entry.type == "P" and clinic.unsigned
    cells = {
        "trans_id": entry.number,
        "account_no": f"A{entry.person.family.number}",
        "patient_id": entry.person.number,
        "date": entry.day,
        "type": entry.type,
        "code": entry.code,
        "description": entry.words,
        "amount": -amount if unsigned else amount,
        "provider_id": entry.provider,
        "tx_hist_id": entry.work.number if entry.work else "",
        "balance": Decimal("0.00"),
    }
    row = clinic.book.row("billing", **cells | entry.cells)
    if unsigned and amount:
        clinic.book.problem("adjusted", entry.key(clinic), "Amount__c", table="billing", row=row)
    return row


def expect_entry(clinic: Clinic, entry: Entry, **different: Any) -> Fields:
    fields: Fields = {
        "Amount__c": entry.amount,
        "Type__c": TYPES[entry.type],
        "Date__c": entry.day,
        "Description__c": entry.words,
        "Source_Code__c": entry.code,
        **to("Treatment_History__c", entry.work.key(clinic) if entry.work else None),
        **clinic.whose("Account__c", entry.person),
        **clinic.provider(entry.provider),
    }
    return clinic.book.record("billing", entry.key(clinic), fields | different)


def entry(clinic: Clinic, change: Fields | None = None, **different: Any) -> tuple[Entry, Row]:
    """A charge of somebody new if not said otherwise, written, expected and counted."""
    told: Fields = {"type": "C", "day": date(2025, 3, 4), "amount": Decimal("45.00")} | different
    person = told.pop("person", None) or plant(clinic)
    number = clinic.number("billing", 500_001)
    planted = Entry(number=number, person=person, cells=change or {}, **told)
    return planted, book_entry(clinic, planted)


def write_production(clinic: Clinic) -> None:
    """Three weeks of the practice as a whole and of two of its dentists."""
    for at in range(21):
        for code in ("", "D1", "D2"):
            day = date(2026, 10, 1) + timedelta(days=at)
            metric(clinic, day, code, "93.5%" if at % 2 else "0.935")


def metric(clinic: Clinic, day: date, code: str, rate: str, **cells: Any) -> Row:
    """A day's row and its record."""
    clinic.book.record(
        "metric",
        clinic.book.key("metric", f"{day:%Y%m%d}-{code or 'practice'}"),
        Metric_Date__c=day,
        Daily_Production_Goal__c=Decimal("4500.00"),
        Units_Completed__c=17,
        Production__c=Decimal("4321.50"),
        Collections__c=Decimal("-45.00"),
        Collection_Rate__c=Decimal("93.5"),
        **to("Account__c", clinic.book.key("practice", clinic.book.practice)),
        **to("Contact__c", clinic.book.key("provider", code) if code else None),
    )
    written = {
        "date": day,
        "provider_id": code,
        "daily_goal": Decimal("4500.00"),
        "units_completed": 17,
        "production": Decimal("4321.50"),
        "collections": Decimal("-45.00"),
        "collection_rate": rate,
    }
    return clinic.book.row("production", **written | cells)
