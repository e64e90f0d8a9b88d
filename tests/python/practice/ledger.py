"""What was charged and paid: one ledger, to the cent, and the balances it must come to."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.plans import Treatment, Work, evening, sign
from tests.python.practice.world import Family, Person, World
from tests.python.support import Migration

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Kind:
    """A kind of entry: what Dentrix files it under, and what Salesforce calls it."""

    number: int
    type: str
    ascend: str


KINDS = {
    "opening": Kind(0, "Balance Forward", "Opening balance"),
    "payment": Kind(1, "Payment", "PAYMENT"),
    "adjustment": Kind(2, "Adjustment", "Adjustment"),
    "insurance": Kind(3, "Payment", "Payment - insurance"),
    "special": Kind(7, "Adjustment", "Write-off"),
    "finance": Kind(9, "Charge", "CHARGE"),
}
PAYMENTS = ("payment", "insurance")
PAYMENT_TYPES = {1: "Check", 2: "Cash", 3: "Card"}
ADJUSTMENT_TYPES = {1: "Courtesy", 2: "Bounced check fee"}


@dataclass(eq=False)
class Entry:
    """An entry that is no charge for work; `amount` is what the family then owes more."""

    number: int
    kind: str
    person: Person
    day: date
    entered: datetime
    amount: Decimal
    family: Family

    def key(self, book: Book) -> str:
        return book.key("ledger", book.id(self.number))


@dataclass
class Money:
    """Everybody's entries besides the charges that their work is."""

    entries: list[Entry] = field(default_factory=list)


def bill(world: World, treatment: Treatment) -> Money:
    """What ordinary families paid: by themselves, by insurance, and what else moved a balance."""
    random, money = Random("money"), Money()
    owed: dict[int, Decimal] = defaultdict(Decimal)
    for work in treatment.works:
        owed[work.person.number] += work.fee if work.status == "Completed" else 0
    for family in world.families:
        head = family.members[0]
        if family.number % 4 == 0:
            _add(random, money, "opening", head, Decimal(random.randrange(-5000, 90000)) / 100)
        for person in family.members:
            insured = (owed[person.number] * random.randrange(0, 80) / 100).quantize(CENT)
            if insured:
                _add(random, money, "insurance", person, -insured)
            paid = ((owed[person.number] - insured) * random.randrange(40, 101) / 100).quantize(
                CENT
            )
            # Dentrix books what a family pays on its guarantor, whoever it is for.
            _add(random, money, "payment", head, -paid)
            if person.number % 6 == 0:
                _add(
                    random,
                    money,
                    "adjustment",
                    person,
                    Decimal(random.randrange(-4000, 2500)) / 100,
                )
            if person.number % 31 == 0:
                _add(random, money, "special", person, Decimal(random.randrange(-9000, 0)) / 100)
            if person.number % 17 == 0:
                _add(random, money, "finance", person, Decimal("12.50"))
            if person.number % 40 == 0:
                _add(random, money, random.choice(PAYMENTS), person, Decimal("25.00"))
    return money


def _add(random: Random, money: Money, kind: str, person: Person, amount: Decimal) -> None:
    if not amount:
        return
    day = person.first_visit + timedelta(days=random.randrange(1700))
    # Some are entered days after the day they count for.
    entered = datetime.combine(day, time(17, 40)) + timedelta(days=random.choice([0, 0, 0, 3]))
    number = 500_001 + len(money.entries)
    money.entries.append(Entry(number, kind, person, day, entered, amount, person.family))


def write_money(book: Book, treatment: Treatment, money: Money, *, unsigned: bool = False) -> None:
    """The whole ledger. `unsigned`: payments are written without their sign (G-series)."""
    write_types(book)
    for work in treatment.works:
        if work.status == "Completed":
            if book.ascend:
                _ascend_charge(book, work)
            expect_charge(book, work)
    for entry in money.entries:
        row = write_entry(book, entry)
        if unsigned and entry.kind in PAYMENTS:
            row["amt"] = -entry.amount
            book.may_report(row)
        expect_entry(book, entry)


def write_types(book: Book) -> None:
    """The practice's own words for payments and adjustments."""
    if book.ascend:
        return
    for number, words in PAYMENT_TYPES.items():
        book.row("payment_type", def_id=number, descript=words)
    for number, words in ADJUSTMENT_TYPES.items():
        book.row("adjustment_type", def_id=number, descript=words)


def write_entry(book: Book, entry: Entry, **different: Any) -> Row:
    """An entry's row."""
    if book.ascend:
        cells: Row = {
            "id": book.id(entry.number),
            "type": KINDS[entry.kind].ascend,
            "date": evening(entry.day),
            "creationDate": evening(entry.entered.date()),
            "amount": entry.amount,
            "description": f"Entry {entry.number}",
            "patientId": entry.person.id(book),
            "guarantorId": book.id(entry.family.number),
            "procedureId": None,
            "isVoided": False,
            "isDeleted": False,
        }
        return book.row("transactions", **cells | different)
    cells = {
        "automodifiedtimestamp": entry.entered,
        "procid": entry.number,
        "patid": entry.person.number,
        "guarid": entry.family.number,
        "chartstatus": 90,
        "proclogclass": KINDS[entry.kind].number,
        "proclogorder": entry.number % 2 + 1 if KINDS[entry.kind].number in (1, 2, 3, 7) else 0,
        "procdate": entry.day,
        "createdate": entry.entered,
        "proccodeid": 0,
        "amt": entry.amount * sign(book),
        "txcaseid": 0,
        "claimid": 0,
        "checknum": str(1000 + entry.number % 900) if entry.kind == "payment" else "",
        "history": entry.number % 4 == 0,
    }
    return book.row("fullproclog", **cells | different)


def _ascend_charge(book: Book, work: Work) -> Row:
    """Ascend keeps the charge apart from the procedure."""
    return book.row(
        "transactions",
        id=work.id(book),
        type="PROCEDURE" if work.number % 2 else "Procedure",
        date=evening(work.day),
        creationDate=evening(work.entered.date()),
        amount=work.fee,
        description=work.code.words,
        patientId=work.person.id(book),
        guarantorId=book.id(work.person.family.number),
        procedureId=work.id(book),
        isVoided=False,
        isDeleted=False,
    )


def expect_charge(book: Book, work: Work) -> Fields:
    """The charge of completed work, under the procedure's own number."""
    return book.record(
        "ledger",
        book.key("ledger", work.id(book)),
        Transaction_Type__c="Charge",
        Amount__c=work.fee,
        Insurance_Payment__c=None,
        Patient_Payment__c=None,
        Ledger_Date__c=work.day,
        Entry_Date__c=work.entered.date(),
        **to("Procedure_Link__c", work.key(book)),
        **to("Contact__c", work.person.key(book)),
        **to("Account__c", work.person.family.key(book)),
    )


def expect_entry(book: Book, entry: Entry) -> Fields:
    """The record of any other entry; what a payer paid is told by G-series alone."""
    expected = book.record(
        "ledger",
        entry.key(book),
        Transaction_Type__c=KINDS[entry.kind].type,
        Amount__c=entry.amount,
        Ledger_Date__c=entry.day,
        Entry_Date__c=entry.entered.date(),
        **to("Procedure_Link__c", None),
        **to("Contact__c", entry.person.key(book)),
        **to("Account__c", entry.family.key(book)),
    )
    paid = -entry.amount if entry.amount < 0 else None
    if not book.ascend:
        expected["Patient_Payment__c"] = paid if entry.kind == "payment" else None
        expected["Insurance_Payment__c"] = paid if entry.kind == "insurance" else None
    return expected


def write_aging(book: Book) -> None:
    """What each family owes by its own ledger, as Dentrix keeps it by age; for every family that
    has entries and no balance yet. Ascend keeps none."""
    if book.ascend:
        return
    account = next(iter(to("Account__c", None)))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (step, _), fields in book.records.items():
        if step == "ledger" and ("family", fields[account]) in book.records:
            sums[fields[account]] += fields["Amount__c"]
    aged = {str(row["guarid"]) for row in book.rows["aging"]}
    for key, owed in sorted(sums.items()):
        guarid = key.rsplit(":", 1)[1]
        if guarid not in aged:
            write_balance(book, int(guarid), owed)


def write_balance(book: Book, guarid: int, owed: Decimal) -> Row:
    """One guarantor's buckets, which come to `owed`, and the family's balances."""
    old = (owed / 3).quantize(CENT) if guarid % 3 == 0 and owed > 0 else Decimal(0)
    buckets = [owed - 2 * old, old, Decimal(0), old]
    names = ["Balance_0_30__c", "Balance_31_60__c", "Balance_61_90__c", "Balance_Over_90__c"]
    book.record(
        "family",
        book.key("family", guarid),
        dict(zip(names, buckets, strict=True)),
        Outstanding_Balance__c=owed,
    )
    columns = ["aging0to30", "aging31to60", "aging61to90", "aging91plus"]
    return book.row(
        "aging",
        guarid=guarid,
        agingdate=date(2026, 11, 19),
        **dict(zip(columns, buckets, strict=True)),
    )


def totals_off(migration: Migration, practice: str) -> dict[str, Decimal]:
    """The guarantors, by the number at the end of their key, whose ledger and balance differ, and
    by how much, as `control_totals` names them."""
    rows = migration.rows(
        "select key, sum(difference) from migration.control_totals"
        f" where practice = '{practice}' and kind = 'guarantor' and difference != 0 group by key"
    )
    return {str(key).rsplit(":", 1)[-1]: difference for key, difference in rows}


def months(book: Book) -> dict[tuple[str, str], Decimal]:
    """What a practice's ledger comes to, by month and type."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (step, _), fields in book.records.items():
        if step == "ledger":
            month = f"{fields['Ledger_Date__c']:%Y-%m}"
            sums[month, fields["Transaction_Type__c"]] += fields["Amount__c"]
    return dict(sums)


def months_told(migration: Migration, practice: str) -> dict[tuple[str, str], Decimal]:
    """The same as `control_totals` has it, of the files and of the mart alike."""
    rows = migration.rows(
        "select key, transaction_type, source_amount, mart_amount from migration.control_totals"
        f" where practice = '{practice}' and kind = 'month'"
    )
    assert [row for row in rows if row[2] != row[3]] == []
    return {(month, kind): amount for month, kind, amount, _ in rows}


def flips_reported(migration: Migration, practice: str) -> Collection[tuple[Any, ...]]:
    """What `corrections` says of a ledger whose payments were all flipped."""
    return migration.rows(
        "select file, line, field, value, action from migration.corrections"
        f" where practice = '{practice}' and class = 'adjusted' and field = 'Amount__c'"
    )
