"""Ordinary people as each product writes them down, and the records they become."""

from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.world import Family, Person, World
from tests.python.practice.write_ascend import ref

GENDERS = {"Male": (1, "M"), "Female": (2, "F"), "Unknown": (0, "O")}
POSITIONS = {"Single": 1, "Married": 2, "Child": 3, "Other": 4}


def write_practice(book: Book, world: World) -> None:
    """The practice itself and those who work there."""
    name = book.practice.replace("_", " ").title()
    book.record(
        "practice", book.key("practice", book.practice), Name=name, Account_Kind__c="Practice"
    )
    words: dict[str, int] = {}
    for provider in world.providers:
        defid = words.setdefault(provider.specialty, len(words) + 1)
        if book.ascend:
            user = book.id(9500 + provider.number) if provider.email else None
            book.row(
                "providers",
                id=provider.id(book),
                firstName=provider.first,
                lastName=provider.last,
                title=provider.suffix or None,
                npi=provider.npi or None,
                specialty=ASCEND_SPECIALTIES[provider.specialty],
                isPrimaryProvider=not provider.hygienist,
                isNonPersonEntity=False,
                active=not provider.inactive,
                user=ref("User", user),
            )
            if user:
                book.row("users", id=user, email=provider.email, active=True)
        else:
            row = book.row(
                "provider",
                provider_id=provider.code,
                last_name=provider.last,
                first_name=provider.first,
                suffix=provider.suffix,
                specialty_id=defid,
                issecondaryprovider=provider.hygienist,
                isnonperson=0,
                inactive=provider.inactive,
                npi=provider.npi,
                email=provider.email,
                crm_login="Y" if provider.crm_login else "N",
            )
            if provider.crm_login and not provider.user:
                key = provider.key(book)
                book.problem("unmatched_user", key, table="provider", row=row)
        if provider.has_contact(book):
            book.record(
                "provider",
                provider.key(book),
                FirstName=provider.first,
                LastName=provider.last,
                NPI__c=provider.npi,
                Email=provider.email,
                Specialty__c=provider.specialty,
                Is_Provider__c=True,
                **to("AccountId", book.key("practice", book.practice)),
            )
            if not book.ascend:
                book.record("provider", provider.key(book), Title=provider.suffix)
    if not book.ascend:
        for word, defid in words.items():
            book.row("specialty", defid=defid, description=word)


ASCEND_SPECIALTIES = {
    "General Dentist": "GENERALPRACTICE",
    "Orthodontist": "ORTHODONTICS",
    "Hygienist": "HYGIENIST",
    "Oral Surgeon": "ORALSURGERY",
    "Periodontist": "PERIODONTICS",
}


def write_people(book: Book, world: World) -> None:
    """Every ordinary person and family of the world."""
    for family in world.families:
        for member in family.members:
            write_person(book, world, member)


def plant(book: Book, world: World, **different: Any) -> Person:
    """A newcomer in a family of their own, written down and expected like everyone else; what is
    planted on them is the caller's. Their rows: `patient_row`, `address_row`."""
    person = world.newcomer(**different)
    write_person(book, world, person)
    return person


def write_person(book: Book, world: World, person: Person) -> None:
    """One person: the source rows, the contact, and the family's account where they head it."""
    if book.ascend:
        _ascend_patient(book, person)
    else:
        _patient(book, person)
        if person.guarantor:
            _address(book, person.family)
    if person.guarantor:
        expect_family(book, person.family)
    expect_person(book, world, person)


def patient_row(book: Book, person: Person) -> Row:
    """The row this person is in the source."""
    return (
        book.find("patients", id=person.id(book))
        if book.ascend
        else book.find("patient", patid=person.number)
    )


def address_row(book: Book, person: Person) -> Row:
    """The row of this person's address (G-series)."""
    return book.find("address", addrid=person.family.number)


def _patient(book: Book, person: Person) -> Row:
    return book.row(
        "patient",
        automodifiedtimestamp=person.created,
        patid=person.number,
        guarid=person.family.number,
        famid=person.family.number,
        isguar=person.guarantor,
        isheadofhouse=person.guarantor,
        lastname=person.last,
        firstname=person.first,
        mi=person.initial,
        prefname="",
        title="",
        chartnum=person.chart,
        provid1=person.provider.code,
        provid2="",
        gender=GENDERS[person.gender][0],
        status=1,
        fampos=POSITIONS[person.position],
        birthdate=person.birth,
        firstvisitdate=person.first_visit,
        lastvisitdate=person.last_visit,
        addrid=person.family.number,
        billaddrid=0,
        workphone=person.work,
        pager=_digits(person.mobile),
        otherphone="",
        fax="",
        emailaddr=person.email.upper() if person.number % 7 == 0 else person.email,
        privacyflags=0,
        missedappt=0,
        medalertmask1=0,
        medalertmask2=0,
        priminsuredid=0,
        secinsuredid=0,
        priminsrel=0,
        secinsrel=0,
        createdate=person.created,
        note="",
    )


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())


def _address(book: Book, family: Family) -> Row:
    return book.row(
        "address",
        addrid=family.number,
        street1=family.street,
        street2="",
        city=family.city,
        state="Illinois" if family.number % 3 == 0 else "il",
        zipcode=family.postal_code,
        country="",
        phone=_digits(family.phone),
    )


def _ascend_patient(book: Book, person: Person) -> Row:
    phones = {"HOME": person.family.phone, "MOBILE": person.mobile, "WORK": person.work}
    listed = [(kind, number) for kind, number in phones.items() if number]
    return book.row(
        "patients",
        id=person.id(book),
        firstName=person.first,
        middleInitial=person.initial or None,
        lastName=person.last,
        preferredName=None,
        gender=GENDERS[person.gender][1],
        dateOfBirth=person.birth,
        chartNumber=person.chart,
        emailAddress=person.email or None,
        address1=person.family.street,
        address2=None,
        city=person.family.city,
        state="IL",
        postalCode=person.family.postal_code,
        phones=[
            {"phoneType": kind, "number": _digits(number), "sequence": at + 1}
            for at, (kind, number) in enumerate(listed)
        ],
        patientStatus="NEW" if person.number % 9 == 0 else "ACTIVE",
        primaryGuarantor=ref("Patient", book.id(person.family.number)),
        firstVisitDate=person.first_visit,
        primaryProvider=ref("Provider", person.provider.id(book)),
        duplicateOfPatient=None,
    )


def place(kind: str, family: Family) -> Fields:
    """A family's address as the fields `Mailing…`, `Billing…` or `Other…`."""
    return {
        f"{kind}Street": family.street,
        f"{kind}City": family.city,
        f"{kind}State": "IL",
        f"{kind}PostalCode": family.postal_code,
        f"{kind}Country": "US",
    }


def nowhere(kind: str) -> Fields:
    """No address at all, in the fields of one kind."""
    return {f"{kind}{part}": None for part in ("Street", "City", "State", "PostalCode", "Country")}


def expect_family(book: Book, family: Family) -> Fields:
    """The family's account; its balances are the ledger's to expect."""
    return book.record(
        "family",
        family.key(book),
        Name=f"{family.last} Family",
        Account_Kind__c="Family",
        Phone=family.phone,
        **place("Billing", family),
    )


def expect_person(book: Book, world: World, person: Person) -> Fields:
    """The contact: all it has from `patient` and `address`, and blanks for what was not given."""
    guarantor = None if person.guarantor else book.key("patient", book.id(person.family.number))
    expected = book.record(
        "patient",
        person.key(book),
        FirstName=person.first,
        LastName=person.last,
        Middle_Initial__c=person.initial,
        Salutation=None,
        Preferred_Name__c=None,
        Birthdate=person.birth,
        Gender__c=person.gender,
        Chart_Number__c=person.chart,
        Patient_Status__c="Active",
        Email=person.email,
        HomePhone=person.family.phone,
        MobilePhone=person.mobile,
        Phone=person.work or person.family.phone,
        OtherPhone=None,
        Fax=None,
        DoNotCall=False,
        HasOptedOutOfEmail=False,
        First_Visit_Date__c=person.first_visit,
        Description=None,
        Is_Provider__c=False,
        Insurance_Subscriber_ID__c=None,
        **place("Mailing", person.family),
        **nowhere("Other"),
        **to("AccountId", person.family.key(book)),
        **to("Guarantor__c", guarantor),
    )
    own: Fields = {
        "Marital_Status__c": person.position,
        "Last_Visit_Date__c": person.last_visit,
        "Original_Patient_Create_Date__c": world.utc(person.created),
        "Missed_Appointments__c": 0,
    }
    expected.update(dict.fromkeys(own) if book.ascend else own)
    return expected
