"""People who are in PATIENTS twice, and people who only look as if they were."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Fields, to
from tests.python.practice.world import Person
from tests.python.practice_exec import chart, money, schedule
from tests.python.practice_exec.clinic import Clinic
from tests.python.practice_exec.people import (
    ADDRESS,
    AETNA,
    INSURERS,
    cover,
    expect_care,
    expect_no_care,
    junction_key,
    patient_row,
    plant,
    relate,
    write_person,
)

BIRTH = date(1980, 5, 17)


def plant_duplicates(clinic: Clinic) -> None:
    """Every case of the duplicate rule, each with people of its own."""
    for evidence in ("street", "phone", "email", "account", "responsible"):
        _same_person(clinic, evidence)
    for first, other in (("Mary", "Mary Ann"), ("Peter", "Peter Q"), ("José", "JOSE")):
        _same_person(clinic, "phone", first, other)
    _near_names(clinic)
    _without_birth_date(clinic)
    _never(clinic)
    _two_birth_dates(clinic)
    _chain(clinic)
    _survivor(clinic)
    _files_of_both(clinic)
    _equal_relations(clinic)
    _responsible_for_themselves(clinic)


def original(clinic: Clinic, **different: Any) -> Person:
    """Someone with every detail that can speak for a duplicate."""
    person = plant(clinic, birth=BIRTH, initial="", email="", **different)
    person.email = f"p{person.number}@example.org"
    patient_row(clinic, person)["email"] = person.email
    clinic.book.record("patient", person.key(clinic.book), Email__c=person.email)
    return person


def again(clinic: Clinic, of: Person, **different: Any) -> Person:
    """The same name and birth date once more, with an account of their own and nothing else in
    common; expected as a person apart until `merged`."""
    blank: dict[str, Any] = {"initial": "", "email": "", "mobile": "", "work": ""}
    same: dict[str, Any] = {
        "first": of.first,
        "last": of.last,
        "birth": of.birth,
        "gender": of.gender,
    }
    visits = {"first_visit": of.first_visit, "last_visit": of.last_visit, "created": of.created}
    same |= {"provider": of.provider, "position": of.position}
    person = clinic.world.newcomer(**{**blank, **same, **visits, **different})
    person.family.last, person.family.phone = person.last, ""
    person.family.postal_code = f"61{person.number % 1000:03d}"
    write_person(clinic, person)
    return person


def merged(clinic: Clinic, gone: Person, into: Person) -> None:
    """Takes back what was expected of a row that becomes another's; to be said before anything is
    expected of either one's children."""
    clinic.into[gone.number] = into.number
    clinic.book.no_record("patient", gone.key(clinic.book))
    expect_no_care(clinic, gone)
    # A survivor without a hygienist takes over the other's.
    row, other = patient_row(clinic, into), patient_row(clinic, gone)
    row["hygienist"] = other["hygienist"] = row["hygienist"] or other["hygienist"]
    if row["hygienist"]:
        expect_care(clinic, into, row["hygienist"], "Hygiene")
    for cells in (row, other):
        cells.update(drug_interaction_flag=0, premed_flag="N", referral_source="", assigned_to="U1")
    clinic.book.record(
        "patient",
        clinic.patient(into),
        Drug_Interaction_Flag__c=False,
        Premed_Flag__c=False,
        Referral_Source__c=None,
        **clinic.owner("U1"),
    )
    clinic.book.skipped("patients", other, "", outcome="merged")


def share(clinic: Clinic, evidence: str, one: Person, other: Person) -> None:
    """Gives two rows one more thing in common."""
    mine, theirs = patient_row(clinic, one), patient_row(clinic, other)
    if evidence == "street":
        theirs.update(address_1=mine["address_1"], zip=mine["zip"])
    elif evidence == "phone":
        theirs["cell_phone"] = mine["home_phone"]
    elif evidence == "email":
        theirs["email"] = mine["email"].upper()
    elif evidence == "account":
        theirs["account_no"] = mine["account_no"]
    else:
        mine["responsible_party_id"] = ""
        theirs["responsible_party_id"] = one.number


def _same_person(
    clinic: Clinic, evidence: str, first: str = "Harold", other: str = "HAROLD"
) -> None:
    """Names and birth date, and one thing more."""
    person = original(clinic, first=first)
    twice = again(clinic, person, first=other)
    share(clinic, evidence, person, twice)
    merged(clinic, twice, person)


def child(clinic: Clinic, person: Person) -> None:
    """Gives someone a child row: something that was done."""
    money.work(clinic, person=person)


def possible(clinic: Clinic, one: Person, other: Person) -> None:
    """Both load as they are, and the pair is reported."""
    rows = patient_row(clinic, one), patient_row(clinic, other)
    clinic.book.problem(
        "possible_duplicate", None, held_back=None, table="patients", row=rows[0], or_row=rows[1]
    )
    clinic.book.may_report(*rows)


def _with_phone_of(clinic: Clinic, person: Person, other: Person) -> None:
    """What a row loads with that has another's home phone as its mobile."""
    number = other.family.phone
    clinic.book.record("patient", person.key(clinic.book), Mobile_Phone__c=number)


def _near_names(clinic: Clinic) -> None:
    """Tim and Jim are twins; Jon and Jno one person, where nothing speaks against it."""
    tim = original(clinic, first="Tim")
    jim = again(clinic, tim, first="Jim")
    share(clinic, "phone", tim, jim)
    _with_phone_of(clinic, jim, tim)
    for person in (tim, jim):
        child(clinic, person)
    possible(clinic, tim, jim)

    jon = original(clinic, first="Jon")
    jno = again(clinic, jon, first="Jno")
    share(clinic, "phone", jon, jno)
    merged(clinic, jno, jon)
    child(clinic, jon)

    jon = original(clinic, first="Jon")
    john = again(clinic, jon, first="John")
    for person in (jon, john):
        child(clinic, person)


def _without_birth_date(clinic: Clinic) -> None:
    for children in (False, True):
        person = original(clinic, first="Walter")
        twice = again(clinic, person, birth=None)
        share(clinic, "email", person, twice)
        row = patient_row(clinic, twice)
        if children:
            for one in (person, twice):
                child(clinic, one)
            possible(clinic, person, twice)
            key = twice.key(clinic.book)
            clinic.book.record("patient", key, Email__c=person.email)
            clinic.book.problem(
                "missing_required", key, "Date_of_Birth__c", table="patients", row=row
            )
        else:
            merged(clinic, twice, person)
            clinic.book.may_report(row)


def _never(clinic: Clinic) -> None:
    """Father and son share all but the birth date; namesakes share nothing else."""
    father = original(clinic, first="Roland")
    son = again(clinic, father, birth=date(2008, 5, 17))
    for evidence in ("street", "phone", "account", "responsible"):
        share(clinic, evidence, father, son)
    _with_phone_of(clinic, son, father)
    home: Fields = {
        "BillingStreet": father.family.street,
        "BillingPostalCode": father.family.postal_code,
        "AccountNumber": f"A{father.family.number}",
        **to("Responsible_Party__c", father.key(clinic.book)),
    }
    clinic.book.record("patient", son.key(clinic.book), home)
    namesake = original(clinic, first="Edwin")
    again(clinic, namesake)


def _two_birth_dates(clinic: Clinic) -> None:
    """A row without a birth date would join two people of different ones: nobody merges."""
    one = original(clinic, first="Gilbert")
    between = again(clinic, one, birth=None)
    other = again(clinic, one, birth=date(1955, 1, 1))
    for person in (between, other):
        share(clinic, "email", one, person)
        clinic.book.record("patient", person.key(clinic.book), Email__c=one.email)
    rows = [patient_row(clinic, person) for person in (one, between, other)]
    clinic.book.problem(
        "possible_duplicate", None, held_back=None, table="patients", row=rows[1], or_row=rows[0]
    )
    key = between.key(clinic.book)
    clinic.book.problem("missing_required", key, "Date_of_Birth__c", table="patients", row=rows[1])
    clinic.book.may_report(*rows)


def _chain(clinic: Clinic) -> None:
    """One shares a phone with the second, the second an account with the third."""
    one = original(clinic, first="Cornelia")
    second = again(clinic, one)
    third = again(clinic, one)
    share(clinic, "phone", one, second)
    share(clinic, "account", second, third)
    merged(clinic, second, one)
    merged(clinic, third, one)


def _survivor(clinic: Clinic) -> None:
    """The one with more child rows survives, though of the higher id, and is filled from the
    other, who brings along children, a balance, an insurance and whoever they pay for."""
    book = clinic.book
    first = original(clinic, first="Leonora")
    second = again(clinic, first)
    share(clinic, "account", first, second)
    patient_row(clinic, first)["nickname"] = "Leo"
    patient_row(clinic, second).update(dict.fromkeys(("address_1", "city", "state", "zip"), ""))
    merged(clinic, first, second)
    key = clinic.patient(second)
    filled: Fields = {
        "Email__c": first.email,
        "Mobile_Phone__c": first.mobile,
        "Work_Phone__c": first.work,
        "Phone": first.family.phone,
        "Preferred_Name__c": "Leo",
        "AccountNumber": f"A{first.family.number}",
        **dict.fromkeys(ADDRESS),
    }
    filled |= {
        "BillingStreet": first.family.street,
        "BillingCity": first.family.city,
        "BillingState": "IL",
        "BillingPostalCode": first.family.postal_code,
        "BillingCountry": "US",
    }
    book.record("patient", key, filled)
    # The primary insurance is the survivor's own, whole; only the other has a secondary one.
    cover(clinic, first, "", AETNA, "Aetna")
    cover(clinic, first, "Secondary_", AETNA, "Aetna")
    delta = INSURERS[1]
    cover(clinic, second, "", delta, delta.name)
    patient_row(clinic, second)["group_no"] = ""
    book.record("patient", key, Group_Number__c=None)
    for person, owed in ((first, "10.50"), (second, "4.25")):
        money.entry(clinic, person=person, type="B", amount=Decimal(owed), words="Old system")
        schedule.visit(clinic, person=person)
    for at in range(2):
        chart.note(clinic, person=second, written=date(2025, 3, 4) + timedelta(days=at))
    schedule.visit(clinic, person=first, status="COMPLETED")
    money.line(clinic, person=first)
    chart.doc(clinic, person=first)
    child(clinic, second)
    child(clinic, second)
    ward = plant(clinic, {"responsible_party_id": first.number})
    book.record("patient", ward.key(book), to("Responsible_Party__c", key))


def _files_of_both(clinic: Clinic) -> None:
    """The same bytes under both names are one file of the survivor's."""
    person = original(clinic, first="Rosamund")
    twice = again(clinic, person)
    share(clinic, "street", person, twice)
    merged(clinic, twice, person)
    child(clinic, person)
    child(clinic, person)
    first, _ = chart.doc(clinic, person=twice)
    second, row = chart.doc(clinic, person=person, content=first.content)
    clinic.book.held_back("duplicate_key", "file", second.key(clinic), table="docs", row=row)


def _equal_relations(clinic: Clinic) -> None:
    """Both were referred by one dentist: the survivor's own row stands, though it says no day."""
    book = clinic.book
    person = original(clinic, first="Barnabas")
    twice = again(clinic, person)
    share(clinic, "email", person, twice)
    merged(clinic, twice, person)
    mine = relate(clinic, person, "D3", "REFERRING", from_date=date(2020, 2, 3))
    other = relate(clinic, twice, "D3", "Referring", from_date=date(2019, 1, 2))
    expect_care(clinic, person, "D3", "Referring", date(2020, 2, 3))
    key = junction_key(clinic, person, "D3", "Referring")
    book.problem("duplicate_key", key, held_back=True, table="provpat", row=other)
    assert mine is not other
    relate(clinic, twice, "D3", "SPECIALIST")
    expect_care(clinic, person, "D3", "Specialist", twice.first_visit)


def _responsible_for_themselves(clinic: Clinic) -> None:
    """Who pays for someone is, once the two are one, nobody else."""
    person = original(clinic, first="Wilhelmina")
    twice = again(clinic, person)
    share(clinic, "account", person, twice)
    share(clinic, "responsible", person, twice)
    merged(clinic, twice, person)
    patient_row(clinic, person)["responsible_party_id"] = twice.number
    clinic.book.record("patient", clinic.patient(person), to("Responsible_Party__c", None))
