"""Work done, planned and found, and the plans it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.expect import by, codes
from tests.python.practice.world import Person, Provider, World
from tests.python.practice.write_ascend import ref

PRIMARY = "ABCDEFGHIJKLMNOPQRST"
ANTERIOR = {*map(str, [*range(6, 12), *range(22, 28)]), *"CDEFGH", *"MNOPQR"}
CHARTED = {"Completed": 102, "Existing": 103, "Planned": 105}
ASCEND_QUADRANTS = {"UR": "10", "UL": "20", "LL": "30", "LR": "40"}
CASE_STATUSES = ["Proposed", "Accepted", "Completed", "Rejected"]


@dataclass(frozen=True)
class Code:
    """A procedure code of the practice, in its own words, and what it is done on."""

    number: int
    code: str
    words: str
    fee: Decimal
    on: str = "mouth"

    def id(self, book: Book) -> str:
        return book.id(self.number)


CODES = [
    Code(101, "D0120", "Check-up", Decimal("58.00")),
    Code(102, "D0150", "First check-up", Decimal("96.50")),
    Code(103, "D0274", "Four bitewing pictures", Decimal("74.25")),
    Code(104, "D1110", "Cleaning, grown-up", Decimal("112.00")),
    Code(105, "D2391", "White filling, one side, back", Decimal("198.40"), "surface"),
    Code(106, "D2330", "White filling, one side, front", Decimal("176.15"), "surface"),
    Code(107, "D2740", "Crown, ceramic", Decimal("1280.00"), "tooth"),
    Code(108, "D3330", "Root canal, molar", Decimal("1145.99"), "tooth"),
    Code(109, "D4341", "Deep cleaning of a quarter", Decimal("260.00"), "quadrant"),
    Code(110, "D7140", "Tooth pulled", Decimal("205.05"), "tooth"),
]


@dataclass(eq=False)
class Case:
    """A treatment plan with a name and a day."""

    number: int
    person: Person
    name: str
    created: datetime
    status: str
    provider: Provider | None


@dataclass(eq=False)
class Work:
    """One procedure on one person."""

    number: int
    person: Person
    code: Code
    status: str
    day: date
    entered: datetime
    fee: Decimal
    provider: Provider | None
    tooth: str = ""
    surfaces: frozenset[str] = frozenset()
    quadrant: str = ""
    case: Case | None = None

    def id(self, book: Book) -> str:
        return book.id(self.number)

    def key(self, book: Book) -> str:
        return book.key("procedure", self.id(book))

    @property
    def planned(self) -> bool:
        return self.status == "Planned"


@dataclass
class Treatment:
    """Everybody's work and cases."""

    cases: list[Case] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)


def treat(world: World) -> Treatment:
    """What ordinary people had done or are to have: for all two procedures or three, for a third a
    plan, for some planned work outside of any plan, or work done elsewhere."""
    random, treatment = Random("treatment"), Treatment()
    for person in world.people:
        for _ in range(random.randint(2, 3)):
            treatment.works.append(_work(random, treatment, person, "Completed"))
        if person.number % 3 == 0:
            _plan(random, treatment, person)
        if person.number % 10 == 1:
            for _ in range(random.randint(1, 2)):
                treatment.works.append(_work(random, treatment, person, "Planned"))
        if person.number % 5 == 2:
            treatment.works.append(_work(random, treatment, person, "Existing"))
    return treatment


def _plan(random: Random, treatment: Treatment, person: Person) -> None:
    number = 40_001 + len(treatment.cases)
    case = Case(
        number,
        person,
        random.choice(["", f"Upper left, phase {number % 3 + 1}", "Crowns & fillings"]),
        datetime.combine(person.last_visit, time(16, 5, 9)),
        random.choice(CASE_STATUSES),
        random.choice([None, person.provider]),
    )
    treatment.cases.append(case)
    for status in random.choice([["Planned"], ["Planned", "Planned"], ["Completed", "Planned"]]):
        treatment.works.append(_work(random, treatment, person, status, case))


def _work(
    random: Random, treatment: Treatment, person: Person, status: str, case: Case | None = None
) -> Work:
    code = random.choice(CODES)
    day = person.first_visit + timedelta(days=random.randrange(1500))
    work = Work(
        number=100_001 + len(treatment.works),
        person=person,
        code=code,
        status=status,
        day=day,
        entered=datetime.combine(day, time(9, 0)) + timedelta(minutes=random.randrange(500)),
        fee=code.fee
        if random.random() < 0.8
        else code.fee + Decimal(random.randrange(1, 999)) / 100,
        provider=person.provider if random.random() < 0.95 else None,
        case=case,
    )
    if code.on in ("tooth", "surface"):
        work.tooth = random.choice([*map(str, range(1, 33)), *PRIMARY])
    if code.on == "surface":
        work.surfaces = frozenset(random.sample(["m", "o", "d", "f", "l"], random.randint(1, 3)))
    if code.on == "quadrant":
        work.quadrant = random.choice(["UR", "UL", "LL", "LR"])
    return work


def write_treatment(book: Book, world: World, treatment: Treatment) -> None:
    """The practice's codes, everybody's cases and work, and what they become."""
    write_codes(book)
    for case in treatment.cases:
        write_case(book, case)
    for work in treatment.works:
        row = write_work(book, work)
        if work.status == "Existing" and not book.options.get("include_existing_work", True):
            book.skipped("fullproclog", row, "")
        else:
            expect_work(book, work)
    expect_plans(book, world, treatment)


def write_codes(book: Book) -> None:
    """The practice's own procedure table, and the words of its plans' states."""
    for code in CODES:
        if book.ascend:
            book.row(
                "practiceprocedures",
                id=code.id(book),
                adaCode=code.code,
                description=code.words,
                abbreviatedDescription=code.words[:8],
                active=True,
            )
        else:
            book.row(
                "proccode",
                proccodeid=code.number,
                adacode=code.code.ljust(10),
                abbrevdescript=code.words[:8],
                descript=code.words,
            )
    if not book.ascend:
        for defid, word in enumerate(CASE_STATUSES, start=1):
            book.row("txcase_status", defid=defid, descript=word)


def write_case(book: Book, case: Case) -> Row:
    """A case's row; Ascend has neither its day nor its provider."""
    if book.ascend:
        return book.row(
            "txcases",
            id=book.id(case.number),
            name=case.name or None,
            status="NEW" if case.status == "Proposed" else case.status.upper(),
            patient=ref("Patient", case.person.id(book)),
            procedures=[],
        )
    return book.row(
        "txcase",
        txcaseid=case.number,
        patid=case.person.number,
        descript=case.name,
        status=CASE_STATUSES.index(case.status) + 1,
        createdate=case.created,
        isdefault=0,
        provid=case.provider.code if case.provider else "",
    )


def write_work(book: Book, work: Work) -> Row:
    """A procedure's row; a completed one is the ledger's charge as well (G-series)."""
    return _ascend_work(book, work) if book.ascend else _g_series_work(book, work)


def sign(book: Book) -> int:
    """The sign of a charge in a practice's files."""
    return -1 if book.export.get("ledger_sign") == "charges_negative" else 1


def _g_series_work(book: Book, work: Work) -> Row:
    tooth = 33 + PRIMARY.index(work.tooth) if work.tooth in {*PRIMARY} else int(work.tooth or 0)
    done = work.status == "Completed"
    return book.row(
        "fullproclog",
        procid=work.number,
        patid=work.person.number,
        guarid=work.person.family.number,
        chartstatus=CHARTED[work.status] + (work.number % 2 if work.status == "Existing" else 0),
        proclogclass=0,
        proclogorder=0,
        procdate=work.day,
        createdate=work.entered,
        completiondate=work.day if done and work.number % 2 else "9999-12-31",
        proccodeid=work.code.number,
        amt=work.fee * sign(book),
        provid=work.provider.code if work.provider else "",
        toothrangestart=tooth,
        toothrangeend=tooth,
        **{f"surf{name}": name in work.surfaces for name in "modlf5"},
        surfacestring=work.quadrant,
        claimid=0,
        txcaseid=work.case.number if work.case else 0,
        checknum="",
        history=done and work.number % 3 == 0,
    )


def _ascend_work(book: Book, work: Work) -> Row:
    sides = surface(work.tooth, work.surfaces)
    row = book.row(
        "patientprocedures",
        id=work.id(book),
        amount=work.fee,
        entryDate=work.entered.replace(tzinfo=None).isoformat() + ".000Z",
        serviceDate=evening(work.day) if not work.planned else None,
        treatmentPlannedDate=evening(work.day) if work.planned else None,
        status="TREATMENT_PLAN" if work.planned else work.status.upper(),
        state="ACTIVE",
        oralCavity=ASCEND_QUADRANTS.get(work.quadrant),
        procedureTeeth=[{"toothNumber": work.tooth, "surfaces": list(sides)}] if work.tooth else [],
        practiceProcedure=ref("PracticeProcedure", work.code.id(book)),
        renderingProvider=ref("Provider", work.provider.id(book) if work.provider else None),
        patient=ref("Patient", work.person.id(book)),
    )
    if work.case:
        case = book.find("txcases", id=book.id(work.case.number))
        case["procedures"].append(ref("PatientProcedure", work.id(book)))
    return row


def evening(day: date) -> str:
    """Half past seven or eight of a day in Chicago, in UTC: by then the next day."""
    return f"{day + timedelta(days=1)}T01:30:00.000Z"


def surface(tooth: str, surfaces: frozenset[str]) -> str:
    """Flags as dentists write them: I for O and F for B on front teeth."""
    front = tooth in ANTERIOR
    letters = {"m": "M", "o": "I" if front else "O", "d": "D", "f": "F" if front else "B"}
    letters |= {"l": "L", "5": "5"}
    return "".join(letter for name, letter in letters.items() if name in surfaces)


def plan_key(book: Book, work: Work) -> str | None:
    """The plan a procedure belongs to: its case's, or the person's own for planned work."""
    if work.case:
        return book.key("plan", book.id(work.case.number))
    return default_plan(book, work.person) if work.planned else None


def default_plan(book: Book, person: Person) -> str:
    return book.key("plan", f"default-{person.id(book)}")


def expect_work(book: Book, work: Work) -> Fields:
    """The procedure's record."""
    return book.record(
        "procedure",
        work.key(book),
        CDT_Code__c=work.code.code,
        Source_Code__c=work.code.code,
        Description__c=work.code.words,
        Tooth__c=work.tooth,
        Surface__c=surface(work.tooth, work.surfaces),
        Quad__c=work.quadrant,
        Fee__c=work.fee,
        Status__c=work.status,
        Completion_Date__c=work.day if work.status == "Completed" else None,
        **to("Contact__c", work.person.key(book)),
        **to("Treatment_Plan__c", plan_key(book, work)),
        **by(book, work.provider),
    )


def expect_plans(book: Book, world: World, treatment: Treatment) -> None:
    """Every case's plan, and the plans of planned work without a case."""
    lines: dict[str, list[Work]] = {}
    for work in treatment.works:
        if key := plan_key(book, work):
            lines.setdefault(key, []).append(work)
    for case in treatment.cases:
        key = book.key("plan", book.id(case.number))
        expect_plan(book, key, case.person, lines.pop(key))
        if case.name:
            book.record("plan", key, Name=case.name)
        book.record("plan", key, Status__c=case.status)
        if not book.ascend:
            expect_case(book, world, case)
    for key, works in lines.items():
        expect_plan(book, key, works[0].person, works)


def expect_case(book: Book, world: World, case: Case) -> Fields:
    """What only G-series says of a case: its day, and whose it is."""
    key = book.key("plan", case.number)
    if case.provider:
        _whose(book, key, case.provider)
    return book.record(
        "plan",
        key,
        Name=case.name or f"Treatment plan {case.created:%Y-%m-%d}",
        Plan_Date__c=case.created.date(),
        Original_Create_Date__c=world.utc(case.created),
    )


def _whose(book: Book, key: str, provider: Provider | None) -> None:
    """A plan's provider, in place of one that was expected before."""
    expected = book.record("plan", key)
    for name in ("Provider__c", "Provider__r.Email"):
        expected.pop(name, None)
    expected.update(by(book, provider))


def expect_plan(book: Book, key: str, person: Person, works: Sequence[Work]) -> Fields:
    """A plan's lines in sum: the costliest, on a tie the lowest, gives code and provider."""
    costliest = min(works, key=lambda work: (-work.fee, work.number))
    _whose(book, key, costliest.provider)
    return book.record(
        "plan",
        key,
        Total_Fee__c=sum((work.fee for work in works), Decimal()),
        CDT_Code__c=costliest.code.code,
        CDT_Codes__c=codes(*(work.code.code for work in works)),
        **to("Contact__c", person.key(book)),
    )
