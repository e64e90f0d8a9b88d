"""What is wrong, or only odd, with people in Ascend's responses."""

from typing import Any

from tests.python.practice.book import Book, Fields, to
from tests.python.practice.insurance import Plan, cover, expect_cover, policy
from tests.python.practice.people import patient_row, write_person
from tests.python.practice.people import plant as plant_person
from tests.python.practice.world import World
from tests.python.practice.write_ascend import ref


def plant(book: Book, world: World, plans: list[Plan]) -> None:
    """Plants everything this module knows."""
    for change, expected in ODD_CELLS:
        person = plant_person(book, world)
        patient_row(book, person).update(change)
        book.record("patient", person.key(book), expected)
    for change, cls, field in BAD_CELLS:
        person = plant_person(book, world)
        row = patient_row(book, person)
        row.update(change)
        book.record("patient", person.key(book), {field: None})
        book.problem(cls, person.key(book), field, table="patients", row=row)
    _second_line(book, world)
    _held_back(book, world)
    _duplicates(book, world, plans)
    _guarantors(book, world)
    _non_person(book)


ODD_CELLS: list[tuple[Fields, Fields]] = [
    ({"gender": "O"}, {"Gender__c": "Unknown"}),
    ({"gender": None}, {"Gender__c": "Unknown"}),
    ({"patientStatus": "NEW"}, {"Patient_Status__c": "Active"}),
    ({"patientStatus": "NON-PATIENT"}, {"Patient_Status__c": "Non-Patient"}),
    ({"patientStatus": "INACTIVE"}, {"Patient_Status__c": "Inactive"}),
    ({"preferredName": " Bibi"}, {"Preferred_Name__c": "Bibi"}),
    ({"firstName": "MARIE-ANNE"}, {"FirstName": "Marie-Anne"}),
    ({"emailAddress": "Someone@Example.ORG"}, {"Email": "someone@example.org"}),
    ({"unheardOf": {"deep": [1, {"ssn": "000-00-0000"}]}}, {}),
]
BAD_CELLS: list[tuple[Fields, str, str]] = [
    ({"dateOfBirth": None}, "missing_required", "Birthdate"),
    ({"dateOfBirth": "1984-02-30"}, "unreadable_date", "Birthdate"),
    ({"dateOfBirth": "2031-01-01"}, "out_of_range", "Birthdate"),
    ({"firstVisitDate": "soon"}, "unreadable_date", "First_Visit_Date__c"),
    ({"emailAddress": "no mail"}, "invalid_email", "Email"),
    ({"chartNumber": "C" * 300}, "too_long", "Chart_Number__c"),
    ({"patientStatus": "GHOST"}, "not_in_picklist", "Patient_Status__c"),
]


def _second_line(book: Book, world: World) -> None:
    person = plant_person(book, world)
    patient_row(book, person)["address2"] = "Apt 3"
    street = f"{person.family.street}\nApt 3"
    book.record("patient", person.key(book), MailingStreet=street)
    book.record("family", person.family.key(book), BillingStreet=street)


def _held_back(book: Book, world: World) -> None:
    for change, cls, field in (
        ({"lastName": None}, "missing_required", "LastName"),
        ({"firstName": "F" * 41}, "too_long", "FirstName"),
    ):
        head = plant_person(book, world)
        spouse = world.newcomer()
        spouse.family = head.family
        write_person(book, world, spouse)
        row = patient_row(book, spouse)
        row.update(change)
        book.held_back(cls, "patient", spouse.key(book), field, table="patients", row=row)


def _duplicates(book: Book, world: World, plans: list[Plan]) -> None:
    """Ascend says itself who is whose duplicate, though nothing else does."""
    person = plant_person(book, world)
    twice = plant_person(book, world, birth=person.birth, last=person.last)
    row = patient_row(book, twice)
    row.update(
        patientStatus="DUPLICATE", duplicateOfPatient=ref("Patient", person.id(book)), phones=[]
    )
    insured = policy(book, plans[0].id, twice.id(book), "DUP-1")
    cover(book, twice, insured, "Primary", "Self")
    # The duplicate's insurance becomes the survivor's, and so does its subscriber.
    expected = expect_cover(book, person, "Primary", "Self", plan=plans[0], subscriber=person)
    expected["Subscriber_ID__c"] = "DUP-1"
    filled: dict[str, Any] = {"Insurance_Subscriber_ID__c": "DUP-1"}
    for name, value in (
        ("Email", person.email or twice.email),
        ("Middle_Initial__c", person.initial or twice.initial),
    ):
        filled[name] = value
    book.record("patient", person.key(book), filled)
    book.no_record("patient", twice.key(book))
    book.no_record("family", twice.family.key(book))
    book.skipped("patients", row, "", outcome="merged")


def _guarantors(book: Book, world: World) -> None:
    alone = plant_person(book, world)
    patient_row(book, alone)["primaryGuarantor"] = None
    lost = plant_person(book, world)
    row = patient_row(book, lost)
    row["primaryGuarantor"] = ref("Patient", book.id(666_666))
    book.problem("orphan", lost.key(book), "Guarantor__c", table="patients", row=row)
    one, other = plant_person(book, world), plant_person(book, world)
    for person, guarantor in ((one, other), (other, one)):
        patient_row(book, person)["primaryGuarantor"] = ref("Patient", guarantor.id(book))
        belongs = {
            **to("Guarantor__c", guarantor.key(book)),
            **to("AccountId", guarantor.family.key(book)),
        }
        book.record("patient", person.key(book), belongs)


def _non_person(book: Book) -> None:
    row = book.row(
        "providers",
        id=book.id(9900),
        firstName="",
        lastName="Maple Grove PC",
        isNonPersonEntity=True,
        active=True,
    )
    book.skipped("providers", row, "")
