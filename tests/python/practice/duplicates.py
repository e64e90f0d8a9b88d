"""People who are in the practice's files twice, and people who only look as if they were."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Book, Fields, to
from tests.python.practice.insurance import Plan, cover, cover_key, expect_cover, policy
from tests.python.practice.people import (
    address_row,
    expect_person,
    patient_row,
    plant,
    write_person,
)
from tests.python.practice.world import Person, World

BIRTH = date(1980, 5, 17)


def plant_duplicates(book: Book, world: World, plans: list[Plan]) -> None:
    """Every case of the duplicate rule, each with people of its own (G-series)."""
    for evidence in ("street", "phone", "email", "chart", "guarantor"):
        _same_person(book, world, evidence)
    for first, other in (("Mary", "Mary Ann"), ("Peter", "Peter Q"), ("José", "JOSE")):
        _same_person(book, world, "phone", first=first, other=other)
    _near_names(book, world, plans[0])
    _without_birth_date(book, world, plans[0])
    _married(book, world)
    _never(book, world)
    _two_birth_dates(book, world)
    _chain(book, world)
    _survivor(book, world, plans[1])
    _equal_keys(book, world, plans[1])
    _families(book, world)


def original(book: Book, world: World, **different: Any) -> Person:
    """Someone with every detail that can speak for a duplicate."""
    person = plant(book, world, birth=BIRTH, initial="", email="", **different)
    person.email = f"p{person.number}@example.org"
    patient_row(book, person)["emailaddr"] = person.email
    book.record("patient", person.key(book), Email=person.email)
    return person


def again(book: Book, world: World, of: Person, **different: Any) -> Person:
    """The same name and birth date once more, in a family of their own and with nothing else in
    common: no phone, no e-mail, no chart number. Written down; nothing is expected yet."""
    blank: dict[str, Any] = {"initial": "", "email": "", "mobile": "", "work": "", "chart": ""}
    same = {"first": of.first, "last": of.last, "birth": of.birth, "gender": of.gender}
    visits = {"first_visit": of.first_visit, "last_visit": of.last_visit, "created": of.created}
    person = world.newcomer(**{**blank, **same, **visits, "position": of.position, **different})
    person.family.last, person.family.phone = person.last, ""
    person.family.postal_code = f"61{person.number % 1000:03d}"
    write_person(book, world, person)
    return person


def merged(book: Book, gone: Person, into: Person, *, family: bool = True) -> None:
    """Takes back what was expected of a row that becomes another's."""
    book.no_record("patient", gone.key(book))
    if family:
        book.no_record("family", gone.family.key(book))
    book.skipped("patient", patient_row(book, gone), "", outcome="merged")
    assert gone.number != into.number


def share(book: Book, evidence: str, one: Person, other: Person) -> None:
    """Gives two rows one more thing in common."""
    rows = patient_row(book, one), patient_row(book, other)
    if evidence == "street":
        for column in ("street1", "zipcode"):
            address_row(book, other)[column] = address_row(book, one)[column]
    elif evidence == "phone":
        address_row(book, other)["phone"] = address_row(book, one)["phone"]
    elif evidence == "email":
        rows[1]["emailaddr"] = rows[0]["emailaddr"].upper()
    elif evidence == "chart":
        rows[1]["chartnum"] = rows[0]["chartnum"]
    else:
        rows[1]["guarid"] = one.number


def _same_person(
    book: Book, world: World, evidence: str, first: str = "Harold", other: str = "HAROLD"
) -> None:
    """Names and birth date, and one thing more."""
    person = original(book, world, first=first)
    twice = again(book, world, person, first=other)
    share(book, evidence, person, twice)
    merged(book, twice, person)


def insured(book: Book, person: Person, plan: Plan) -> None:
    """Gives someone a child row: an insurance of their own."""
    idnum = f"OWN-{person.number}"
    cover(book, person, policy(book, plan.id, person.number, idnum), "Primary", "Self")
    expected = expect_cover(book, person, "Primary", "Self", plan=plan, subscriber=person)
    expected["Subscriber_ID__c"] = idnum
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c=idnum)


def possible(book: Book, one: Person, other: Person) -> None:
    """Both load as they are, and the pair is reported."""
    rows = patient_row(book, one), patient_row(book, other)
    book.problem("possible_duplicate", None, table="patient", row=rows[0], or_row=rows[1])
    expect_own_phone(book, other)


def expect_own_phone(book: Book, person: Person) -> None:
    """A second row that loads after all: with the phone its address row now has."""
    digits = address_row(book, person)["phone"]
    phone = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if digits else None
    book.record("patient", person.key(book), HomePhone=phone, Phone=phone)
    book.record("family", person.family.key(book), Phone=phone)


def _near_names(book: Book, world: World, plan: Plan) -> None:
    """Tim and Jim are twins; Jon and John one person, where a chart number says so, or nothing
    speaks against it."""
    tim = original(book, world, first="Tim")
    jim = again(book, world, tim, first="Jim")
    share(book, "phone", tim, jim)
    for person in (tim, jim):
        insured(book, person, plan)
    possible(book, tim, jim)

    jon = original(book, world, first="Jon")
    john = again(book, world, jon, first="John")
    share(book, "chart", jon, john)
    for person in (jon, john):
        insured(book, person, plan)
    merged(book, john, jon)
    _second_cover_is_reported(book, jon, john)

    jon = original(book, world, first="Jon")
    jno = again(book, world, jon, first="Jno")
    share(book, "phone", jon, jno)
    insured(book, jon, plan)
    merged(book, jno, jon)

    strangers = original(book, world, first="Jon")
    other = again(book, world, strangers, first="John")
    for person in (strangers, other):
        insured(book, person, plan)


def _without_birth_date(book: Book, world: World, plan: Plan) -> None:
    for children in (False, True):
        person = original(book, world, first="Walter")
        twice = again(book, world, person, birth=None)
        share(book, "email", person, twice)
        row = patient_row(book, twice)
        if children:
            for one in (person, twice):
                insured(book, one, plan)
            possible(book, person, twice)
            book.record("patient", twice.key(book), Email=person.email)
            key = twice.key(book)
            book.problem("missing_required", key, "Birthdate", table="patient", row=row)
        else:
            merged(book, twice, person)
            book.may_report(row)


def _married(book: Book, world: World) -> None:
    person = original(book, world, first="Agnes")
    married = again(book, world, person, last="Brandywine")
    share(book, "chart", person, married)
    merged(book, married, person)


def _never(book: Book, world: World) -> None:
    """Father and son share all but the birth date; namesakes share nothing else."""
    father = original(book, world, first="Roland")
    son = again(book, world, father, birth=date(2008, 5, 17))
    share(book, "street", father, son)
    share(book, "phone", father, son)
    share(book, "guarantor", father, son)
    book.no_record("family", son.family.key(book))
    home: Fields = {
        "HomePhone": father.family.phone,
        "Phone": father.family.phone,
        "MailingStreet": father.family.street,
        "MailingPostalCode": father.family.postal_code,
    }
    book.record("patient", son.key(book), home)
    belongs = {
        **to("AccountId", father.family.key(book)),
        **to("Guarantor__c", father.key(book)),
    }
    book.record("patient", son.key(book), belongs)
    namesake = original(book, world, first="Edwin")
    other = again(book, world, namesake)
    people = (father, son, namesake, other)
    book.may_report(*(patient_row(book, person) for person in people))
    expect_own_phone(book, other)


def _two_birth_dates(book: Book, world: World) -> None:
    """A row without a birth date would join two people of different ones: nobody merges."""
    one = original(book, world, first="Gilbert")
    between = again(book, world, one, birth=None)
    other = again(book, world, one, birth=date(1955, 1, 1))
    share(book, "email", one, between)
    share(book, "email", one, other)
    rows = [patient_row(book, person) for person in (one, between, other)]
    book.problem("possible_duplicate", None, table="patient", row=rows[1], or_row=rows[0])
    key = between.key(book)
    book.problem("missing_required", key, "Birthdate", table="patient", row=rows[1])
    for person in (between, other):
        book.record("patient", person.key(book), Email=one.email)
        expect_own_phone(book, person)
    book.may_report(*rows)


def _chain(book: Book, world: World) -> None:
    """One shares a phone with the second, the second a chart number with the third."""
    one = original(book, world, first="Cornelia")
    second = again(book, world, one, chart=f"CH{one.number}")
    third = again(book, world, one)
    patient_row(book, one)["chartnum"] = ""
    share(book, "phone", one, second)
    share(book, "chart", second, third)
    merged(book, second, one)
    merged(book, third, one)
    book.record("patient", one.key(book), Chart_Number__c=second.chart)


def _survivor(book: Book, world: World, plan: Plan) -> None:
    """The one with more child rows survives, though of the higher id, and is filled from the
    other, who brings along a note, a balance and whoever is in their family."""
    first = original(book, world, first="Leonora")
    second = again(book, world, first, chart="SURVIVES")
    share(book, "phone", first, second)
    insured(book, second, plan)
    for person in (first, second, second):
        _note(book, person, into=second)
    patient_row(book, first).update(fax="3125550177", prefname="Leo")
    child = plant(book, world)
    patient_row(book, child)["guarid"] = first.number
    book.no_record("family", child.family.key(book))
    family = second.family.key(book)
    belongs = {**to("AccountId", family), **to("Guarantor__c", second.key(book))}
    book.record("patient", child.key(book), belongs)
    merged(book, first, second)
    filled: Fields = {
        "Email": first.email,
        "MobilePhone": first.mobile,
        "Phone": first.work or first.family.phone,
        "HomePhone": first.family.phone,
        "Fax": "(312) 555-0177",
        "Preferred_Name__c": "Leo",
    }
    book.record("patient", second.key(book), filled)
    book.record("family", family, Phone=first.family.phone)
    for person, owed in ((first, Decimal("10.50")), (second, Decimal("4.25"))):
        _balance(book, person, owed, into=second)
    whole = Decimal("14.75")
    book.record("family", family, Balance_0_30__c=whole, Outstanding_Balance__c=whole)


def _note(book: Book, person: Person, *, into: Person) -> None:
    number = book.number("clinicalnote", 900_000)
    book.row(
        "clinicalnote",
        cnotesid=number,
        patid=person.number,
        provid=person.provider.code,
        createdatetime=datetime(2024, 2, 5, 11, 15),
        notetext="Seen today.",
    )
    book.record("note", book.key("note", number), to("Contact__c", into.key(book)))


def _balance(book: Book, person: Person, owed: Decimal, *, into: Person) -> None:
    """An opening balance and the aging row that says the same."""
    number = book.number("fullproclog", 900_000)
    book.row(
        "fullproclog",
        procid=number,
        patid=person.number,
        guarid=person.family.number,
        chartstatus=90,
        proclogclass=0,
        procdate=date(2024, 2, 5),
        amt=owed,
    )
    book.record(
        "ledger",
        book.key("ledger", number),
        {**to("Contact__c", into.key(book)), **to("Account__c", into.family.key(book))},
        Transaction_Type__c="Balance Forward",
        Amount__c=owed,
        Ledger_Date__c=date(2024, 2, 5),
    )
    book.row("aging", guarid=person.family.number, agingdate=date(2026, 11, 19), aging0to30=owed)


def _second_cover_is_reported(book: Book, survivor: Person, gone: Person) -> None:
    """Two covers under one key: the survivor's own wins."""
    book.no_record("insurance", cover_key(book, gone, "Primary"))
    key = cover_key(book, survivor, "Primary")
    row = patient_row(book, gone)
    policies = {policy["insuredid"]: policy for policy in book.rows["insured"]}
    mine = policies[row["priminsuredid"]]
    book.problem("duplicate_key", key, held_back=None, table="patient", row=row, or_row=mine)


def _equal_keys(book: Book, world: World, plan: Plan) -> None:
    person = original(book, world, first="Barnabas")
    twice = again(book, world, person)
    share(book, "street", person, twice)
    for one in (person, twice):
        insured(book, one, plan)
    merged(book, twice, person)
    _second_cover_is_reported(book, person, twice)


def _families(book: Book, world: World) -> None:
    """A child who heads nothing is listed twice in one family."""
    head = original(book, world, first="Wilhelmina")
    child = world.newcomer(birth=date(2012, 7, 1), first="Otto")
    child.family = replace(head.family, members=[])
    twice = again(book, world, child)
    write_person(book, world, child)
    patient_row(book, twice)["guarid"] = head.number
    expect_person(book, world, child)
    merged(book, twice, child)
