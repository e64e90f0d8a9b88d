"""What is wrong, or only odd, with single people, families and providers of a G-series practice:
one person each, so that what must come of it can be said in a line."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.python.practice.book import Book, Fields, to
from tests.python.practice.people import (
    address_row,
    nowhere,
    patient_row,
    plant,
    write_person,
)
from tests.python.practice.world import TODAY, UTC, World, household
from tests.python.practice.write_g_series import AGAIN, CELLS

FUTURE = TODAY + timedelta(days=400)
CREATED = "Original_Patient_Create_Date__c"


def plant_defects(book: Book, world: World) -> None:
    """Plants everything this module knows."""
    for change, expected in ODD_CELLS:
        person = plant(book, world)
        patient_row(book, person).update(change)
        book.record("patient", person.key(book), expected)
    for change, cls, field in BAD_CELLS:
        _left_out(book, world, change, cls, field)
    _names(book, world)
    _held_back(book, world)
    _guarantors(book, world)
    _addresses(book, world)
    _same_name_families(book, world)
    _created(book, world)
    _repeated_keys(book, world)
    _lines_cut_off(book)
    _providers(book, world)


# Cells that are odd and right: the change to the row, what of the contact is different.
ODD_CELLS: list[tuple[Fields, Fields]] = [
    ({"gender": 9}, {"Gender__c": "Unknown"}),
    ({"gender": ""}, {"Gender__c": "Unknown"}),
    ({"status": 2}, {"Patient_Status__c": "Non-Patient"}),
    ({"status": 3}, {"Patient_Status__c": "Inactive"}),
    ({"status": 4}, {"Patient_Status__c": "Archived"}),
    ({"fampos": 4}, {"Marital_Status__c": "Other"}),
    ({"privacyflags": 1}, {"DoNotCall": True, "HasOptedOutOfEmail": False}),
    ({"privacyflags": 2}, {"DoNotCall": False, "HasOptedOutOfEmail": True}),
    ({"privacyflags": 7}, {"DoNotCall": True, "HasOptedOutOfEmail": True}),
    ({"title": "Dr"}, {"Salutation": "Dr."}),
    ({"title": "Mrs."}, {"Salutation": "Mrs."}),
    ({"prefname": "Bibi "}, {"Preferred_Name__c": "Bibi"}),
    ({"missedappt": 3}, {"Missed_Appointments__c": 3}),
    ({"otherphone": "3125550199"}, {"OtherPhone": "(312) 555-0199"}),
    ({"fax": "+44 20 7946 0958"}, {"Fax": "+44 20 7946 0958"}),
    ({"workphone": "773.555.0123"}, {"Phone": "(773) 555-0123"}),
    ({"emailaddr": " Mixed.Case@Example.ORG  "}, {"Email": "mixed.case@example.org"}),
    ({"birthdate": "2/29/28"}, {"Birthdate": date(1928, 2, 29)}),
    ({"birthdate": "19840229"}, {"Birthdate": date(1984, 2, 29)}),
    ({"firstvisitdate": "1/5/69"}, {"First_Visit_Date__c": date(2069, 1, 5)}),
    ({"firstvisitdate": "1/5/70"}, {"First_Visit_Date__c": date(1970, 1, 5)}),
    ({"firstvisitdate": "1899-12-30 00:00:00"}, {"First_Visit_Date__c": None}),
    ({"lastvisitdate": "9999-12-31"}, {"Last_Visit_Date__c": None}),
    ({"firstvisitdate": "0000-00-00"}, {"First_Visit_Date__c": None}),
    ({"lastvisitdate": "0001-01-01 00:00:00"}, {"Last_Visit_Date__c": None}),
    ({"lastvisitdate": "1899-12-31"}, {"Last_Visit_Date__c": None}),
    ({"note": 'Says "no"\nto mint'}, {"Description": 'Says "no"\nto mint'}),
    ({"note": "nul\x00 and bell\x07, tab\tkept"}, {"Description": "nul and bell, tab\tkept"}),
    ({"note": "Loves her 🐶🦷 עברית שלום"}, {"Description": "Loves her 🐶🦷 עברית שלום"}),
    ({"note": "n" * 32_000}, {"Description": "n" * 32_000}),
]  # fmt: skip

# Cells that are wrong, and left out: the class and the field of the entry.
BAD_CELLS: list[tuple[Fields, str, str]] = [
    ({"birthdate": ""}, "missing_required", "Birthdate"),
    ({"birthdate": "9999-12-31"}, "missing_required", "Birthdate"),
    ({"birthdate": "1984-02-30"}, "unreadable_date", "Birthdate"),
    ({"birthdate": "a spring day"}, "unreadable_date", "Birthdate"),
    ({"birthdate": FUTURE.isoformat()}, "out_of_range", "Birthdate"),
    ({"firstvisitdate": "13/13/2020"}, "unreadable_date", "First_Visit_Date__c"),
    ({"createdate": "yesterday"}, "unreadable_date", CREATED),
    ({"emailaddr": "no mail"}, "invalid_email", "Email"),
    ({"emailaddr": "a@b@example.org"}, "invalid_email", "Email"),
    ({"missedappt": "many"}, "unreadable_number", "Missed_Appointments__c"),
    ({"note": "n" * 40_000}, "too_long", "Description"),
    ({"chartnum": "C" * 300}, "too_long", "Chart_Number__c"),
    ({"prefname": "P" * 300}, "too_long", "Preferred_Name__c"),
    ({"pager": "call the neighbours, " * 3}, "too_long", "MobilePhone"),
]


def _left_out(book: Book, world: World, change: Fields, cls: str, field: str) -> None:
    person = plant(book, world)
    row = patient_row(book, person)
    row.update(change)
    book.record("patient", person.key(book), {field: None})
    book.problem(cls, person.key(book), field, table="patient", row=row)


def _names(book: Book, world: World) -> None:
    """Shouted or whispered names; those in mixed case stay."""
    for last, first, loads_last, loads_first in (
        ("MCALLISTER-NÚÑEZ", "JOSÉ", "McAllister-Núñez", "José"),
        ("O'HARA", "mary ann", "O'Hara", "Mary Ann"),
        ("van der Berg", "LaToya", "van der Berg", "LaToya"),
        ("כהן", "שרה", "כהן", "שרה"),
        ("  padovano   ", "ROSA", "Padovano", "Rosa"),
    ):
        person = plant(book, world)
        patient_row(book, person).update(lastname=last, firstname=first)
        named = {"LastName": loads_last, "FirstName": loads_first}
        book.record("patient", person.key(book), named)
        book.record("family", person.family.key(book), Name=f"{loads_last} Family")


def _held_back(book: Book, world: World) -> None:
    """Rows that do not load; who belongs to their family does."""
    for field, column, value, cls in (
        ("LastName", "lastname", "   ", "missing_required"),
        ("FirstName", "firstname", "F" * 41, "too_long"),
        ("LastName", "lastname", "L" * 81, "too_long"),
    ):
        family = household(world, 2, listed=False)
        head, spouse = family.members
        # Held back are those at another's expense, so that the family's name stays plain.
        for member in family.members:
            write_person(book, world, member)
        row = patient_row(book, spouse)
        row[column] = value
        book.held_back(cls, "patient", spouse.key(book), field, table="patient", row=row)
        book.record("patient", head.key(book), **to("Guarantor__c", None))
    family = household(world, 2, listed=False)
    head, spouse = family.members
    for member in family.members:
        write_person(book, world, member)
    row = patient_row(book, head)
    row["firstname"] = "F" * 41
    book.held_back("too_long", "patient", head.key(book), "FirstName", table="patient", row=row)
    book.record("patient", spouse.key(book), **to("Guarantor__c", None))
    book.may_report(patient_row(book, spouse))


def _guarantors(book: Book, world: World) -> None:
    """Nobody, someone who is not there, and each other."""
    alone = plant(book, world)
    patient_row(book, alone)["guarid"] = 0
    lost = plant(book, world)
    row = patient_row(book, lost)
    row["guarid"] = 666_666
    key = lost.key(book)
    book.problem("orphan", key, "Guarantor__c", table="patient", row=row)
    one, other = plant(book, world), plant(book, world)
    for person, guarantor in ((one, other), (other, one)):
        patient_row(book, person)["guarid"] = guarantor.number
        book.record(
            "patient",
            person.key(book),
            {
                **to("Guarantor__c", guarantor.key(book)),
                **to("AccountId", guarantor.family.key(book)),
            },
        )


def _addresses(book: Book, world: World) -> None:
    lost = plant(book, world)
    row = patient_row(book, lost)
    row["addrid"] = 555_555
    book.rows["address"].remove(address_row(book, lost))
    gone = {**nowhere("Mailing"), "HomePhone": None, "Phone": lost.work}
    book.record("patient", lost.key(book), gone)
    book.record("family", lost.family.key(book), Phone=None, **nowhere("Billing"))
    book.problem("orphan", lost.key(book), table="patient", row=row)

    blank = plant(book, world)
    address_row(book, blank).update(
        dict.fromkeys(("street1", "street2", "city", "state", "zipcode", "phone"), "  ")
    )
    gone = {**nowhere("Mailing"), "HomePhone": None, "Phone": blank.work}
    book.record("patient", blank.key(book), gone)
    book.record("family", blank.family.key(book), Phone=None, **nowhere("Billing"))
    book.row("address", addrid=book.number("address", 400_000))

    billed = plant(book, world)
    book.row(
        "address",
        addrid=450_000,
        street1="PO Box 12",
        street2="c/o Núñez",
        city="Evanston",
        state="Illinois",
        zipcode="60201-1234",
        country="",
        phone="",
    )
    patient_row(book, billed)["billaddrid"] = 450_000
    for step, key, kind in (
        ("patient", billed.key(book), "Other"),
        ("family", billed.family.key(book), "Billing"),
    ):
        box = {
            "Street": "PO Box 12\nc/o Núñez",
            "City": "Evanston",
            "State": "IL",
            "PostalCode": "60201-1234",
            "Country": "US",
        }
        book.record(step, key, {f"{kind}{part}": value for part, value in box.items()})


def _same_name_families(book: Book, world: World) -> None:
    """Three households of one name and postal code; two heads share the first name as well."""
    people = [plant(book, world) for _ in range(3)]
    for person, first in zip(people, ("Anna", "Bella", "Anna"), strict=True):
        person.first = first
        patient_row(book, person).update(lastname="Kowalczyk", firstname=first)
        address_row(book, person)["zipcode"] = "60999"
        book.record("patient", person.key(book), FirstName=first, LastName="Kowalczyk")
        book.record("patient", person.key(book), MailingPostalCode="60999")
        book.record("family", person.family.key(book), BillingPostalCode="60999")
    one, bella, other = people
    book.record("family", bella.family.key(book), Name="Kowalczyk Family (Bella)")
    for person in (one, other):
        names = ("Kowalczyk Family (Anna)", f"Kowalczyk Family (Anna, {person.number})")
        book.record("family", person.family.key(book), Name=names)


def _created(book: Book, world: World) -> None:
    """A time that the clocks left out moves on an hour; one that came twice is the first."""
    for local, utc in (
        (datetime(2021, 3, 14, 2, 30), datetime(2021, 3, 14, 8, 30, tzinfo=UTC)),
        (datetime(2021, 11, 7, 1, 30), datetime(2021, 11, 7, 6, 30, tzinfo=UTC)),
    ):
        assert world.utc(local) == utc
        person = plant(book, world)
        row = patient_row(book, person)
        row["createdate"] = local
        key = person.key(book)
        book.record("patient", key, {CREATED: utc})
        book.problem("adjusted", key, CREATED, table="patient", row=row)


def _repeated_keys(book: Book, world: World) -> None:
    """Identical lines count once; of different ones the last wins. Both are reported."""
    same = plant(book, world)
    once = patient_row(book, same)
    again = book.row("patient", **{AGAIN: once})
    book.problem("duplicate_key", None, held_back=None, table="patient", row=again, or_row=once)
    other = plant(book, world)
    first = patient_row(book, other)
    last = book.row("patient", **{**first, "chartnum": "LAST-1"})
    book.record("patient", other.key(book), Chart_Number__c="LAST-1")
    book.problem("duplicate_key", None, held_back=None, table="patient", row=first, or_row=last)


def _lines_cut_off(book: Book) -> None:
    for table, cells in (("patient", ["1", "2"]), ("address", ["9", "x"])):
        row = book.row(table, **{CELLS: cells})
        book.problem("unreadable_line", None, table=table, row=row, held_back=None)


def _providers(book: Book, world: World) -> None:
    """Stand-ins are skipped; a dentist who refers patients is a provider."""
    blank: dict[str, Any] = {"suffix": "", "specialty_id": 1, "npi": "", "inactive": 0}
    for code, last, first, person in (
        ("DEF_PROV", "Default", "Provider", 0),
        ("WALK", "Walk-In", "", 0),
        ("TST", "test", "test", 0),
        ("CORP", "Oak Park Dental PC", "", 1),
    ):
        row = book.row(
            "provider",
            provider_id=code,
            last_name=last,
            first_name=first,
            isnonperson=person,
            **blank,
        )
        book.skipped("provider", row, "")
    late = {**blank, "suffix": "DMD", "npi": "1003000167"}
    book.row(
        "provider", provider_id="DDS9", last_name="PARK", first_name="min-ji", isnonperson=0, **late
    )
    book.row("provider_email", provider_id="DDS9", email="MPark@Example.com", crm_login="N")
    expected: Fields = {
        "FirstName": "Min-Ji",
        "LastName": "Park",
        "Title": "DMD",
        "NPI__c": "1003000167",
        "Email": "mpark@example.com",
        "Specialty__c": "General Dentist",
        "Is_Provider__c": True,
        **to("AccountId", book.key("practice", book.practice)),
    }
    book.record("provider", book.key("provider", "DDS9"), expected)
    _referrals(book)


def _referrals(book: Book) -> None:
    dentist = {
        "refid": 31,
        "reftype": 1,
        "lastname": "Übermaß",
        "firstname": "Jörg",
        "nonpersonflag": 0,
        "specialty_id": 2,
        "email": "jorg@example.net",
        "phone": "8475550111",
    }
    book.row("referral", **dentist)
    book.record(
        "provider",
        book.key("referral", 31),
        FirstName="Jörg",
        LastName="Übermaß",
        Email="jorg@example.net",
        Is_Provider__c=True,
        **to("AccountId", book.key("practice", book.practice)),
    )
    for refid, change in ((32, {"reftype": 0}), (33, {"nonpersonflag": 1})):
        row = book.row("referral", **{**dentist, "refid": refid, **change})
        book.skipped("referral", row, "")
