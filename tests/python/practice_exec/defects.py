"""What is wrong, or only odd, with single patients, providers, users and prospects: one each, so
that what must come of it can be said in a line."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.python.practice.book import Fields, to
from tests.python.practice.expect import one_of
from tests.python.practice.people import nowhere
from tests.python.practice.world import TODAY, UTC, Person, Provider
from tests.python.practice.write_g_series import AGAIN, CELLS
from tests.python.practice_exec import chart, schedule
from tests.python.practice_exec.clinic import PROVIDERS, Clinic, write_provider
from tests.python.practice_exec.people import (
    expect_care,
    expect_no_care,
    junction_key,
    patient_row,
    plant,
    relate,
)

FUTURE = TODAY + timedelta(days=400)
NOWHERE = 666_666
NO_DAY = "missing_required"


def plant_defects(clinic: Clinic) -> None:
    """Plants everything this module knows."""
    for change, expected in ODD_CELLS:
        person = plant(clinic, change)
        clinic.book.record("patient", person.key(clinic.book), expected)
    for change, cls, field, loads in BAD_CELLS:
        person = plant(clinic, change)
        row, key = patient_row(clinic, person), person.key(clinic.book)
        clinic.book.record("patient", key, {field: loads})
        clinic.book.problem(cls, key, field, table="patients", row=row)
    _names(clinic)
    _created(clinic)
    _held_back(clinic)
    _responsible(clinic)
    _carers(clinic)
    _relations(clinic)
    _providers(clinic)
    _owners(clinic)
    _repeated_keys(clinic)
    _leads(clinic)


# Cells that are odd and right: the change to the row, what of the account is different.
ODD_CELLS: list[tuple[Fields, Fields]] = [
    ({"sex": "X"}, {"Gender__c": "Unknown"}),
    ({"sex": ""}, {"Gender__c": "Unknown"}),
    ({"status": "I"}, {"Patient_Status__c": "Inactive"}),
    ({"status": "D"}, {"Patient_Status__c": "Deceased"}),
    ({"status": "p"}, {"Patient_Status__c": "Prospect"}),
    ({"status": ""}, {"Patient_Status__c": None}),
    ({"marital": "D"}, {"Marital_Status__c": "Other"}),
    ({"marital": "W"}, {"Marital_Status__c": "Other"}),
    ({"marital": ""}, {"Marital_Status__c": None}),
    ({"nickname": "Bibi "}, {"Preferred_Name__c": "Bibi"}),
    ({"nickname": "=HYPERLINK(\"x\")"}, {"Preferred_Name__c": "=HYPERLINK(\"x\")"}),
    ({"nickname": "Nul\x00 and Bell\x07"}, {"Preferred_Name__c": "Nul and Bell"}),
    ({"nickname": "🦷 עברית"}, {"Preferred_Name__c": "🦷 עברית"}),
    ({"email": " Mixed.Case@Example.ORG  "}, {"Email__c": "mixed.case@example.org"}),
    ({"birth_date": "2/29/28"}, {"Date_of_Birth__c": date(1928, 2, 29)}),
    ({"birth_date": "19840229"}, {"Date_of_Birth__c": date(1984, 2, 29)}),
    ({"first_visit": "1/5/69"}, {"First_Visit_Date__c": date(2069, 1, 5)}),
    ({"first_visit": "1/5/70"}, {"First_Visit_Date__c": date(1970, 1, 5)}),
    ({"first_visit": "12/30/1899"}, {"First_Visit_Date__c": None}),
    ({"last_visit": "9999-12-31"}, {"Last_Visit_Date__c": None}),
    ({"last_visit": "0000-00-00"}, {"Last_Visit_Date__c": None}),
    ({"last_visit": "01/01/0001"}, {"Last_Visit_Date__c": None}),
    ({"home_phone": "3125550199"}, {"Phone": "(312) 555-0199"}),
    ({"work_phone": "773.555.0123"}, {"Work_Phone__c": "(773) 555-0123"}),
    ({"cell_phone": "+44 20 7946 0958"}, {"Mobile_Phone__c": "+44 20 7946 0958"}),
    ({"home_phone": "call first"}, {"Phone": "call first"}),
    ({"drug_interaction_flag": "1"}, {"Drug_Interaction_Flag__c": True}),
    ({"drug_interaction_flag": "Y"}, {"Drug_Interaction_Flag__c": True}),
    ({"drug_interaction_flag": ""}, {"Drug_Interaction_Flag__c": False}),
    ({"premed_flag": "y"}, {"Premed_Flag__c": True}),
    ({"premed_flag": "0"}, {"Premed_Flag__c": False}),
    ({"outstanding_balance": "(45.00)"}, {"Outstanding_Balance__c": Decimal("-45.00")}),
    ({"outstanding_balance": "$1,234.50"}, {"Outstanding_Balance__c": Decimal("1234.50")}),
    ({"referral_source": "<b>Web & \"TV\"</b>"}, {"Referral_Source__c": "<b>Web & \"TV\"</b>"}),
    (dict.fromkeys(("address_1", "city", "state", "zip"), "  "), nowhere("Billing")),
    ({"state": "Quebec", "zip": "H2X 1Y4"},
     {"BillingState": "QC", "BillingPostalCode": "H2X 1Y4"}),
]  # fmt: skip

DRUGS = "Penicillin; codeine"
# Cells that are wrong: the class and the field of the entry, and what loads instead.
BAD_CELLS: list[tuple[Fields, str, str, Any]] = [
    ({"birth_date": ""}, NO_DAY, "Date_of_Birth__c", None),
    ({"birth_date": "12/31/9999"}, NO_DAY, "Date_of_Birth__c", None),
    ({"birth_date": "02/30/1984"}, "unreadable_date", "Date_of_Birth__c", None),
    ({"birth_date": "a spring day"}, "unreadable_date", "Date_of_Birth__c", None),
    ({"birth_date": FUTURE}, "out_of_range", "Date_of_Birth__c", None),
    ({"first_visit": "13/13/2020"}, "unreadable_date", "First_Visit_Date__c", None),
    ({"entered_date": "yesterday"}, "unreadable_date", "Original_Patient_Create_Date__c", None),
    ({"email": "no mail"}, "invalid_email", "Email__c", None),
    ({"email": "a@b@example.org"}, "invalid_email", "Email__c", None),
    ({"nickname": "N" * 300}, "too_long", "Preferred_Name__c", None),
    ({"account_no": "A" * 300}, "too_long", "AccountNumber", None),
    ({"cell_phone": "call the neighbours, " * 3}, "too_long", "Mobile_Phone__c", None),
    ({"status": "Z"}, "not_in_picklist", "Patient_Status__c", None),
    ({"marital": "QQ"}, "not_in_picklist", "Marital_Status__c", None),
    ({"drug_interaction_flag": DRUGS}, "not_in_picklist", "Drug_Interaction_Flag__c", False),
    ({"premed_flag": "maybe"}, "not_in_picklist", "Premed_Flag__c", False),
    ({"outstanding_balance": "a lot"}, "unreadable_number", "Outstanding_Balance__c", None),
]


def _names(clinic: Clinic) -> None:
    """Shouted or whispered names; those in mixed case stay. A patient may have but one name."""
    for last, first, loads_last, loads_first in (
        ("MCALLISTER-NÚÑEZ", "JOSÉ", "McAllister-Núñez", "José"),
        ("O'HARA", "mary ann", "O'Hara", "Mary Ann"),
        ("van der Berg", "LaToya", "van der Berg", "LaToya"),
        ("כהן", "שרה", "כהן", "שרה"),
        ('<script>Alert("x")</script>', "ROSA", '<script>Alert("x")</script>', "Rosa"),
        ("Cher", "", "Cher", ""),
    ):
        person = plant(clinic, {"last_name": last, "first_name": first})
        person.first, person.last = loads_first, loads_last
        named = {"First_Name__c": loads_first, "Last_Name__c": loads_last}
        name = person.name.strip()
        clinic.book.record("patient", person.key(clinic.book), named, Name=name)
    street = plant(clinic, {"address_2": "Apt 4"})
    lines = {"BillingStreet": f"{street.family.street}\nApt 4"}
    clinic.book.record("patient", street.key(clinic.book), lines)


CREATED = "Original_Patient_Create_Date__c"


def _created(clinic: Clinic) -> None:
    """A time that the clocks left out moves on an hour; one that came twice is the first."""
    for local, utc in (
        ("03/14/2021 2:30 AM", datetime(2021, 3, 14, 8, 30, tzinfo=UTC)),
        ("11/07/2021 01:30 am", datetime(2021, 11, 7, 6, 30, tzinfo=UTC)),
    ):
        person = plant(clinic, {"entered_date": local})
        key = person.key(clinic.book)
        clinic.book.record("patient", key, {CREATED: utc})
        row = patient_row(clinic, person)
        clinic.book.problem("adjusted", key, CREATED, table="patients", row=row)


def held_back_patient(clinic: Clinic) -> Person:
    """Someone who does not load, for want of a last name; nor does who treats them."""
    person = plant(clinic, {"last_name": "   "})
    row, key = patient_row(clinic, person), person.key(clinic.book)
    clinic.book.held_back(NO_DAY, "patient", key, "Last_Name__c", table="patients", row=row)
    clinic.book.may_report(row)
    expect_no_care(clinic, person)
    return person


def _held_back(clinic: Clinic) -> None:
    """Rows that do not load, and who names them."""
    book = clinic.book
    person = held_back_patient(clinic)
    row = patient_row(clinic, person)
    key = junction_key(clinic, person, person.provider.code, "Primary")
    book.held_back("parent_held_back", "junction", key, table="patients", row=row)
    ward = plant(clinic, {"responsible_party_id": person.number})
    row = patient_row(clinic, ward)
    book.problem(
        "parent_held_back", ward.key(book), "Responsible_Party__c", table="patients", row=row
    )
    related = relate(clinic, person, "D1", "SPECIALIST")
    key = junction_key(clinic, person, "D1", "Specialist")
    book.held_back("parent_held_back", "junction", key, table="provpat", row=related)
    for cells, cls, field in (
        ({"last_name": "L" * 300}, "too_long", None),
        ({"first_name": "F" * 300}, "too_long", None),
    ):
        person = plant(clinic, cells)
        row, key = patient_row(clinic, person), person.key(book)
        book.held_back(cls, "patient", key, field, table="patients", row=row)
        book.may_report(row)
        expect_no_care(clinic, person)
    for number in ("0", ""):
        row = book.row("patients", patient_id=number, last_name="Nobody", first_name="Ann")
        # A blank key cannot be landed; of either the class says that it is missing.
        book.problem(NO_DAY if number else one_of(NO_DAY, "unreadable_line"), None,
                     held_back=True, table="patients", row=row)  # fmt: skip
    row = book.row("patients", **{CELLS: ["1", "2"]})
    book.problem("unreadable_line", None, held_back=None, table="patients", row=row)


def _responsible(clinic: Clinic) -> None:
    """Nobody, someone who is not there, each other."""
    book = clinic.book
    lost = plant(clinic, {"responsible_party_id": NOWHERE})
    row, key = patient_row(clinic, lost), lost.key(book)
    book.problem("orphan", key, "Responsible_Party__c", table="patients", row=row)
    one, other = plant(clinic), plant(clinic)
    for person, party in ((one, other), (other, one)):
        patient_row(clinic, person)["responsible_party_id"] = party.number
        expected = to("Responsible_Party__c", party.key(book))
        book.record("patient", person.key(book), expected)


def _carers(clinic: Clinic) -> None:
    """Primary providers and hygienists who are not there, are nobody, or are not named."""
    book = clinic.book
    for code in ("D99", "WALK"):
        person = plant(clinic, {"primary_provider": code})
        row, key = patient_row(clinic, person), person.key(book)
        book.no_record("junction", junction_key(clinic, person, person.provider.code, "Primary"))
        book.record("patient", key, to("Primary_Provider__c", None))
        book.problem("orphan", key, "Primary_Provider__c", table="patients", row=row)
    person = plant(clinic)
    expect_no_care(clinic, person)
    row = patient_row(clinic, person)
    row.update(primary_provider="", hygienist="H99")
    book.record("patient", person.key(book), to("Primary_Provider__c", None))
    key = junction_key(clinic, person, "H99", "Hygiene")
    book.held_back("orphan", "junction", key, table="patients", row=row)


def _relations(clinic: Clinic) -> None:
    """Relations of nobody, with nobody, and of no known kind."""
    book = clinic.book
    person = plant(clinic)
    for code, word, cls, kind in (
        ("D99", "SPECIALIST", "orphan", "Specialist"),
        ("WALK", "SPECIALIST", "orphan", "Specialist"),
        ("NONAME", "SPECIALIST", "parent_held_back", "Specialist"),
    ):
        row = relate(clinic, person, code, word)
        key = junction_key(clinic, person, code, kind)
        book.held_back(cls, "junction", key, table="provpat", row=row)
    row = relate(clinic, person, "D2", "GOLF PARTNER")
    book.problem("not_in_picklist", None, held_back=True, table="provpat", row=row)
    row = relate(clinic, person, "D2", "REFERRING", patient_id=NOWHERE)
    key = book.key("junction", f"{NOWHERE}-D2-Referring")
    book.held_back("orphan", "junction", key, table="provpat", row=row)
    row = relate(clinic, person, "D3", "REFERRING", from_date="long ago")
    expect_care(clinic, person, "D3", "Referring")
    key = junction_key(clinic, person, "D3", "Referring")
    book.problem("unreadable_date", key, "From_Date__c", table="provpat", row=row)


def _providers(clinic: Clinic) -> None:
    """Stand-ins are skipped; one without a name is held back; others have an odd cell."""
    book = clinic.book
    for code, last, first in (
        ("DEF_PROV", "Default", "Provider"),
        ("WALK", "Walk-In", ""),
        ("TST", "test", "test"),
    ):
        row = book.row("providers", provider_id=code, last_name=last, first_name=first, type="")
        book.skipped("providers", row, "")
    nobody = Provider(8, "NONAME", "Ida", "", "General Dentist")
    row = write_provider(clinic, nobody)
    key = nobody.key(book)
    book.held_back(NO_DAY, "provider", key, "LastName", table="providers", row=row)
    manager = Provider(10, "M1", "Dora", "Quill", "")
    write_provider(clinic, manager, type="OFFICE MANAGER", active="")
    book.record("provider", manager.key(book), Role__c="Office Manager")
    shouted = Provider(11, "D7", "Min-Ji", "Park", "", email="mpark@example.com")
    write_provider(clinic, shouted, first_name="min-ji", last_name="PARK",
                   email=" MPark@Example.com ")  # fmt: skip
    for at, (cells, cls, field) in enumerate(BAD_PROVIDERS):
        provider = Provider(20 + at, f"X{at}", "Xenia", f"Quirk{at}", "General Dentist")
        row = write_provider(clinic, provider, **cells)
        key = provider.key(book)
        book.record("provider", key, {field: None})
        book.problem(cls, key, field, table="providers", row=row)


BAD_PROVIDERS: list[tuple[Fields, str, str]] = [
    ({"type": "WIZARD"}, "not_in_picklist", "Role__c"),
    ({"specialty": "Levitation"}, "not_in_picklist", "Dental_Specialty__c"),
    ({"email": "nowhere"}, "invalid_email", "Email"),
]


def _owners(clinic: Clinic) -> None:
    """Whom no User is known for gives way to the fallback owner, and is reported once."""
    book = clinic.book
    users = {"U3", "U4", "U6", "U7"}
    for word in (*sorted(users), "U3", "D2", "H1", "Temp Desk"):
        person = plant(clinic, {"assigned_to": word})
        book.record("patient", person.key(book), clinic.owner(word))
        if word == "Temp Desk":
            row = patient_row(clinic, person)
            book.problem("unmatched_user", None, "OwnerId", table="patients", row=row)
    schedule.visit(clinic, created_by="U4")
    for user in sorted(users):
        row = book.find("users", user_id=user)
        book.problem("unmatched_user", None, "OwnerId", table="users", row=row)
    for code in ("D2", "H1"):
        row = book.find("providers", provider_id=code)
        book.problem("unmatched_user", None, "OwnerId", table="providers", row=row)
    assert {provider.code for provider in PROVIDERS} >= {"D2", "H1"}


def _repeated_keys(clinic: Clinic) -> None:
    """Identical lines count once; of different ones the last wins. Both are reported."""
    book = clinic.book
    once = patient_row(clinic, plant(clinic))
    again = book.row("patients", **{AGAIN: once})
    book.problem("duplicate_key", None, held_back=None, table="patients", row=again, or_row=once)
    other = plant(clinic)
    first = patient_row(clinic, other)
    last = book.row("patients", **{**first, "nickname": "Last"})
    book.record("patient", other.key(book), Preferred_Name__c="Last")
    book.problem("duplicate_key", None, held_back=None, table="patients", row=first, or_row=last)


def _leads(clinic: Clinic) -> None:
    book = clinic.book
    someone = clinic.world.people[0]
    for cells in (
        {"status": "SCHEDULED", "converted_patient_id": someone.number},
        {"status": "NEW", "converted_patient_id": someone.number},
        {"status": "SCHEDULED"},
    ):
        key, row = chart.prospect(clinic, cells)
        book.no_record("lead", key)
        book.skipped("prospects", row, "")
        if len(cells) == 1:
            book.problem(NO_DAY, key, "Status", table="prospects", row=row)
    for cells, cls, field in BAD_LEADS:
        key, row = chart.prospect(clinic, cells)
        book.record("lead", key, {field: NEW_LEAD if field == "Status" else None})
        book.problem(cls, key, field, table="prospects", row=row)
    key, row = chart.prospect(clinic, {"last_name": ""})
    book.held_back(NO_DAY, "lead", key, "LastName", table="prospects", row=row)


# A lead without a status gets the org's first one.
NEW_LEAD = "Open - Not Contacted"
BAD_LEADS: list[tuple[Fields, str, str]] = [
    ({"status": "DREAMING"}, "not_in_picklist", "Status"),
    ({"interest_level": "BURNING"}, "not_in_picklist", "Rating"),
    ({"email": "call me"}, "invalid_email", "Email"),
    ({"inquiry_date": "last week"}, "unreadable_date", "Inquiry_Date__c"),
]
