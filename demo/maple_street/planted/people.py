"""Who treats and who types: providers, stand-ins for them, and users of the program."""

from demo.maple_street.book import Book, key_of

USERS = (
    ("Maud", "Ledgerly", "maud.ledgerly@example.org", True),
    ("Percy", "Leftlong", "percy.leftlong@example.org", False),
)
"""Users the org has for this practice: first name, last name, e-mail, active."""


def typist_with_a_user(book: Book) -> None:
    """Her e-mail, typed in capitals, is that of an active user: her patients are hers."""
    book.find("users", "U1")["email"] = "Maud.Ledgerly@EXAMPLE.org "
    patient_id = book.patient("Handledby", "Tilda", "04/05/1981", assigned_to="U1")
    book.expect("owned", "patients", patient_id, key_of("patient", patient_id),
                by="maud.ledgerly@example.org")  # fmt: skip


def typist_without_a_user(book: Book) -> None:
    """The front desk has no licence for Salesforce: reported once, however much she did."""
    book.add("users", user_id="U2", last_name="Switchboard", first_name="Dolly",
             role="FRONT DESK", email="dolly.switchboard@example.org", active="Y")  # fmt: skip
    patient_id = book.patient("Unhandled", "Gero", "06/07/1982", sex="M", assigned_to="U2")
    book.task(patient_id, "OTHER", "Ask for the new card", "12/01/2026", assigned_to="U2")
    book.loads("patients", patient_id, key_of("patient", patient_id), OwnerId=None)
    book.expect("unmatched", "users", "U2")


def typist_who_left(book: Book) -> None:
    """He has a user, but a deactivated one: that is no match."""
    book.add("users", user_id="U3", last_name="Leftlong", first_name="Percy", role="BILLING",
             email="percy.leftlong@example.org", active="N")  # fmt: skip
    patient_id = book.patient("Orphanby", "Rike", "08/09/1983", assigned_to="U3")
    book.loads("patients", patient_id, key_of("patient", patient_id), OwnerId=None)
    book.expect("unmatched", "users", "U3")


def providers_by_kind(book: Book) -> None:
    """Types and specialties are words of the practice's own."""
    for provider_id, last, kind, specialty, role, shown in (
        ("D2", "Bracewell", "SPECIALIST", "Orthodontics", "Specialist", "Orthodontist"),
        ("OM", "Rosterman", "OFFICE MANAGER", "", "Office Manager", None),
    ):
        book.add("providers", provider_id=provider_id, last_name=last, first_name="Jolande",
                 type=kind, specialty=specialty, active="Y")  # fmt: skip
        book.loads("providers", provider_id, key_of("provider", provider_id), LastName=last,
                   Role__c=role, Dental_Specialty__c=shown, Active__c=True)  # fmt: skip


def provider_of_no_known_kind(book: Book) -> None:
    """A type no map knows is left out and reported; who is no longer there is not active."""
    book.add("providers", provider_id="D3", last_name="Substitutus", first_name="Kai",
             type="LOCUM", active="N")  # fmt: skip
    record = key_of("provider", "D3")
    book.loads("providers", "D3", record, Role__c=None, Active__c=False)
    book.reports("providers", "D3", record, "not_in_picklist", "Role__c")


def provider_who_is_a_test(book: Book) -> None:
    """A row made while trying things out is nobody, and nobody's hygienist."""
    book.add("providers", provider_id="TEST", last_name="Test", first_name="Test",
             type="HYGIENIST", active="Y")  # fmt: skip
    book.expect("skipped", "providers", "TEST")
    patient_id = book.patient("Testament", "Wim", "01/02/1984", sex="M", hygienist="TEST")
    record = key_of("junction", f"{patient_id}-TEST-Hygiene")
    book.expect("unsent", "patients", patient_id, record, reason="orphan")


def relationships(book: Book) -> None:
    """Who sent the patient, and who straightens her teeth, beside her own dentist."""
    patient_id = book.patient("Referralla", "Zita", "02/03/1985", hygienist="H1")
    for word, shown in (("REFERRING", "Referring"), ("Specialist", "Specialist")):
        book.add("provpat", patient_id=patient_id, provider_id="D2", relationship=word,
                 from_date="9/8/21")  # fmt: skip
        book.loads("provpat", f"{patient_id}-{shown}",
                   key_of("junction", f"{patient_id}-D2-{shown}"),
                   Relationship_Type__c=shown, From_Date__c="2021-09-08")  # fmt: skip
    for provider_id, shown in (("D1", "Primary"), ("H1", "Hygiene")):
        book.loads("patients", patient_id,
                   key_of("junction", f"{patient_id}-{provider_id}-{shown}"),
                   Relationship_Type__c=shown, From_Date__c=None)  # fmt: skip


def relationship_said_twice(book: Book) -> None:
    """Her dentist stands on her own row and in the list: one record, with the list's date."""
    patient_id = book.patient("Doublesaid", "Ylva", "03/04/1986")
    book.add("provpat", patient_id=patient_id, provider_id="D1", relationship="PRIMARY",
             from_date="05/05/2015")  # fmt: skip
    book.loads("provpat", patient_id, key_of("junction", f"{patient_id}-D1-Primary"),
               From_Date__c="2015-05-05")  # fmt: skip


def primary_provider_gone(book: Book) -> None:
    """The dentist on her row was deleted: left out, reported once, and nobody is related."""
    patient_id = book.patient("Dentistless", "Orla", "04/05/1987", primary_provider="D99")
    record = key_of("patient", patient_id)
    book.loads("patients", patient_id, record, **{"Primary_Provider__r.Migration_Key__c": None})
    book.reports("patients", patient_id, record, "orphan", "Primary_Provider__r.Migration_Key__c")
