"""The patients of a Dental-Exec practice: their row, their account, and who treats them."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Fields, Row, to
from tests.python.practice.insurance import CARRIERS, Carrier
from tests.python.practice.people import place
from tests.python.practice.world import Person
from tests.python.practice_exec.clinic import ORDINARY_OWNERS, OWED, Clinic

MARITAL = {"Single": ("S", "Single"), "Married": ("M", "Married"), "Child": ("C", "Child")}
REFERRED_BY = ["Google", "Friend of the house", "", "Dr. Park"]
AETNA = Carrier("aetna", ("AETNA, Inc.", "Aetna"), "Aetna", "", "")
INSURERS = [*CARRIERS, AETNA]
ADDRESS = ["BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry"]
SECONDARY = {"": "", "Secondary_": "_2"}


def write_people(clinic: Clinic) -> None:
    """Every ordinary person of the world, and the carriers they are insured with."""
    for carrier in INSURERS:
        clinic.book.record(
            "carrier",
            carrier.key,
            Account_Kind__c="Insurance Carrier",
            Type="Insurance Carrier",
            Name=carrier.name,
        )
    for family in clinic.world.families:
        for member in family.members:
            write_person(clinic, member)
            insure(clinic, member)


def plant(clinic: Clinic, change: Fields | None = None, **different: Any) -> Person:
    """A newcomer in a family of their own, with `change` in their row; expected like everyone
    else. `different` are attributes of the person."""
    person = clinic.world.newcomer(**different)
    write_person(clinic, person).update(change or {})
    return person


def patient_row(clinic: Clinic, person: Person) -> Row:
    return clinic.book.find("patients", patient_id=person.number)


def hygienist(person: Person) -> str:
    """Who cleans this person's teeth; nobody, with some."""
    return ("H1", "H2", "")[person.number % 3]


def write_person(clinic: Clinic, person: Person) -> Row:
    """One person: the row, the account, and those who treat them."""
    family, number = person.family, person.number
    shouted = number % 11 == 0
    phone = "".join(c for c in family.phone if c.isdigit()) if number % 2 else family.phone
    row = clinic.book.row(
        "patients",
        patient_id=number,
        account_no=f"A{family.number}",
        responsible_party_id=(number, 0, "")[number % 3] if person.guarantor else family.number,
        last_name=person.last.upper() if shouted else person.last,
        first_name=person.first.upper() if shouted else person.first,
        mi=person.initial,
        nickname="",
        sex={"Male": "M", "Female": "F"}[person.gender],
        birth_date=person.birth,
        marital=MARITAL[person.position][0],
        address_1=family.street,
        address_2="",
        city=family.city,
        state="Illinois" if family.number % 3 == 0 else "il",
        zip=family.postal_code,
        home_phone=phone,
        work_phone=person.work,
        cell_phone=person.mobile,
        email=person.email.upper() if number % 7 == 0 else person.email,
        status="A",
        first_visit=person.first_visit,
        last_visit=person.last_visit,
        primary_provider=person.provider.code,
        hygienist=hygienist(person),
        referral_source=REFERRED_BY[number % len(REFERRED_BY)],
        drug_interaction_flag=int(number % 5 == 0),
        premed_flag=number % 8 == 0,
        outstanding_balance=OWED,
        assigned_to=ORDINARY_OWNERS[number % len(ORDINARY_OWNERS)],
        entered_date=person.created.date(),
    )
    expect_person(clinic, person)
    expect_care(clinic, person, person.provider.code, "Primary")
    if hygienist(person):
        expect_care(clinic, person, hygienist(person), "Hygiene")
    return row


def expect_person(clinic: Clinic, person: Person) -> Fields:
    """The account, with blanks for what was not given."""
    book, number, guarantor = clinic.book, person.number, person.family.number
    responsible = None if person.guarantor else book.key("patient", guarantor)
    return book.record(
        "patient",
        person.key(book),
        Name=person.name,
        First_Name__c=person.first,
        Last_Name__c=person.last,
        Middle_Initial__c=person.initial,
        Preferred_Name__c=None,
        Marital_Status__c=MARITAL[person.position][1],
        AccountNumber=f"A{guarantor}",
        Account_Kind__c="Patient",
        Date_of_Birth__c=person.birth,
        Gender__c=person.gender,
        Email__c=person.email,
        Phone=person.family.phone,
        Work_Phone__c=person.work,
        Mobile_Phone__c=person.mobile,
        Patient_Status__c="Active",
        Drug_Interaction_Flag__c=number % 5 == 0,
        Premed_Flag__c=number % 8 == 0,
        Referral_Source__c=REFERRED_BY[number % len(REFERRED_BY)],
        First_Visit_Date__c=person.first_visit,
        Last_Visit_Date__c=person.last_visit,
        Original_Patient_Create_Date__c=clinic.midnight(person.created.date()),
        **place("Billing", person.family),
        **uninsured(""),
        **uninsured("Secondary_"),
        **to("Primary_Provider__c", person.provider.key(book)),
        **to("Responsible_Party__c", responsible),
        **clinic.owner(ORDINARY_OWNERS[number % len(ORDINARY_OWNERS)]),
    )


def uninsured(rank: str) -> Fields:
    """No insurance of one rank: `` or `Secondary_`."""
    return {
        **to(f"{rank}Insurance_Carrier__c", None),
        f"{rank}Group_Number__c": None,
        f"{rank}Subscriber_ID__c": None,
    }


def insure(clinic: Clinic, person: Person) -> None:
    """Two families in three are insured, a third of those twice. Most write a carrier's name one
    way, some another."""
    family = person.family
    for at, rank in enumerate(SECONDARY):
        if family.number % 3 > at:
            carrier = INSURERS[(family.number + at * 3) % len(INSURERS)]
            odd = carrier.spellings[person.number % len(carrier.spellings)]
            spelling = odd if person.number % 4 == 0 else carrier.name
            cover(clinic, person, rank, carrier, spelling)


def cover(clinic: Clinic, person: Person, rank: str, carrier: Carrier, spelling: str) -> None:
    """An insurance in one's row and on one's account."""
    group, subscriber = f"G-{person.family.number}", f"S{person.family.number}{rank[:1]}"
    end = SECONDARY[rank]
    patient_row(clinic, person).update(
        {f"carrier_name{end}": spelling, f"group_no{end}": group, f"subscriber_id{end}": subscriber}
    )
    insured = {f"{rank}Group_Number__c": group, f"{rank}Subscriber_ID__c": subscriber}
    insured |= to(f"{rank}Insurance_Carrier__c", carrier.key)
    clinic.book.record("patient", clinic.patient(person), insured)


def junction_key(clinic: Clinic, person: Person, code: str, kind: str) -> str:
    number = clinic.into.get(person.number, person.number)
    return clinic.book.key("junction", f"{number}-{code}-{kind}")


def expect_care(
    clinic: Clinic, person: Person, code: str, kind: str, since: date | None = None
) -> Fields:
    """That someone treats someone."""
    return clinic.book.record(
        "junction",
        junction_key(clinic, person, code, kind),
        Relationship_Type__c=kind,
        From_Date__c=since,
        **clinic.whose("Account__c", person),
        **to("Contact__c", clinic.book.key("provider", code)),
    )


def expect_no_care(clinic: Clinic, person: Person) -> None:
    """Takes back that anyone treats someone."""
    mine = f"{clinic.book.practice}:junction:{person.number}-"
    for step, key in list(clinic.book.records):
        if step == "junction" and key.startswith(mine):
            clinic.book.no_record(step, key)


def write_relations(clinic: Clinic) -> None:
    """PROVPAT: who else treats people; some of it is told in the patient's row as well."""
    kinds = [("REFERRING", "Referring"), ("Specialist", "Specialist"), ("PRIMARY", "Primary")]
    for person in clinic.world.people:
        if person.number % 4 == 0:
            word, kind = kinds[person.number % len(kinds)]
            code = person.provider.code if kind == "Primary" else "D4"
            relate(clinic, person, code, word)
            expect_care(clinic, person, code, kind, person.first_visit)


def relate(clinic: Clinic, person: Person, code: str, word: str, **different: Any) -> Row:
    """A row of PROVPAT."""
    cells = {
        "patient_id": person.number,
        "provider_id": code,
        "relationship": word,
        "from_date": person.first_visit,
    }
    return clinic.book.row("provpat", **cells | different)


def settle(clinic: Clinic) -> None:
    """Everybody's balance, once all that was billed is known: of people merged, their sum."""
    sums: dict[int, Decimal] = {}
    for row in clinic.book.rows["patients"]:
        if row.get("outstanding_balance") == OWED:
            number = int(row["patient_id"])
            owed = clinic.owed.get(number)
            row["outstanding_balance"] = owed
            survivor = clinic.into.get(number, number)
            sums[survivor] = sums.get(survivor, Decimal(0)) + (owed or 0)
    billed = {clinic.into.get(number, number) for number in clinic.owed}
    for number, owed in sums.items():
        key = clinic.book.key("patient", number)
        if ("patient", key) in clinic.book.records:
            balance = owed if number in billed else None
            clinic.book.record("patient", key, Outstanding_Balance__c=balance)
