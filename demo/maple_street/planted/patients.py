"""Patients: some typed in twice, some who answer for others, and cells that say odd things."""

from demo.maple_street.book import Book, key_of
from demo.truth import carrier_of

PARTY = "Responsible_Party__r.Migration_Key__c"


def typed_in_twice(book: Book) -> None:
    """One account, one person, two rows: blanks are filled, and what is owed is added up."""
    kept = book.patient("Againsworth", "Lieselotte", "11/12/1975", visits=2, email="")
    again = book.patient("AGAINSWORTH", "LIESELOTTE", "11/12/1975", account_no=f"A{kept}",
                         email="lieselotte@example.com")  # fmt: skip
    book.bill(again, "B", "$25.00", "01/02/2024", description="From the other card")
    book.merges(again, kept)
    book.loads("patients", kept, key_of("patient", kept), Name="Lieselotte Againsworth",
               Email__c="lieselotte@example.com", Outstanding_Balance__c=65)  # fmt: skip


def middle_name_on_the_card(book: Book) -> None:
    """With and without her second name, at one telephone."""
    kept = book.patient("Cardington", "Rosa", "03/11/1990", visits=1, home_phone="216-555-0117")
    again = book.patient("Cardington", "Rosa Linde", "3/11/90", home_phone="(216) 555-0117")
    book.merges(again, kept)


def senior_and_junior(book: Book) -> None:
    """One name, one address, one telephone, two birth dates: two people."""
    for birth in ("05/06/1950", "07/08/1979"):
        patient_id = book.patient("Fatherson", "Egon", birth, visits=1, sex="M", account_no="A77",
                                  address_1="9 Cusp Circle",
                                  home_phone="216-555-0118")  # fmt: skip
        book.stays(patient_id)


def mother_pays(book: Book) -> None:
    """A child's bills go to the mother; hers go to herself, written as her own id or as 0."""
    mother = book.patient("Payforall", "Agathe", "09/10/1980", responsible_party_id="0")
    child = book.patient("Payforall", "Benno", "10/11/2014", sex="M", marital="C",
                         responsible_party_id=mother)  # fmt: skip
    book.loads("patients", mother, key_of("responsible", mother), **{PARTY: None})
    book.loads(
        "patients", child, key_of("responsible", child), **{PARTY: key_of("patient", mother)}
    )


def payer_typed_in_twice(book: Book) -> None:
    """The row that pays for him became part of another: he follows."""
    kept = book.patient("Payerson", "Mina", "12/01/1979", visits=1)
    again = book.patient("Payerson", "Mina", "12/01/1979", account_no=f"A{kept}")
    child = book.patient("Payerson", "Ole", "02/03/2016", sex="M", responsible_party_id=again)
    book.merges(again, kept)
    book.loads("patients", child, key_of("responsible", child), **{PARTY: key_of("patient", kept)})


def payer_gone(book: Book) -> None:
    """Whoever answered for him was deleted: left out, reported."""
    patient_id = book.patient("Payerless", "Udo", "03/04/2011", sex="M",
                              responsible_party_id="99901")  # fmt: skip
    record = key_of("responsible", patient_id)
    book.loads("patients", patient_id, record, **{PARTY: None})
    book.reports("patients", patient_id, record, "orphan", PARTY)


def patient_without_last_name(book: Book) -> None:
    """No last name, no record; her appointment waits with her."""
    patient_id = book.patient("", "Nameless", "05/05/1985")
    book.holds("patients", patient_id, key_of("patient", patient_id), "missing_required")
    appt_id = book.appointment(patient_id, "12/14/2026", "10:00 AM")
    book.holds("appointments", appt_id, key_of("evt", appt_id), "parent_held_back")
    junction = f"{patient_id}-D1-Primary"
    book.holds("patients", patient_id, key_of("junction", junction), "parent_held_back")


def patient_of_one_name(book: Book) -> None:
    """She has one name only, and that is her name."""
    patient_id = book.patient("Mononyma", "", "06/06/1986")
    book.loads("patients", patient_id, key_of("patient", patient_id), Name="Mononyma",
               First_Name__c=None)  # fmt: skip


def names_shouted(book: Book) -> None:
    """Typed with the capitals on."""
    patient_id = book.patient("O'MOLAR-MCCUSP", "JEAN-LUC", "07/07/1987", sex="M")
    book.loads("patients", patient_id, key_of("patient", patient_id),
               Name="Jean-Luc O'Molar-McCusp", Last_Name__c="O'Molar-McCusp")  # fmt: skip


def accents_in_the_reports(book: Book) -> None:
    """The reports are in the code page of an old Windows; nothing says so."""
    patient_id = book.patient("Øreløkke", "Åse", "08/08/1988", nickname="Señora")
    book.loads("patients", patient_id, key_of("patient", patient_id), Name="Åse Øreløkke",
               Preferred_Name__c="Señora")  # fmt: skip


def drug_in_the_flag(book: Book) -> None:
    """The flag is yes or no; somebody wrote the drug into it. It never arrives."""
    patient_id = book.patient("Flagstaff", "Merle", "09/09/1959", drug_interaction_flag="Warfarin",
                              premed_flag="Y")  # fmt: skip
    record = key_of("patient", patient_id)
    book.loads("patients", patient_id, record, Drug_Interaction_Flag__c=False, Premed_Flag__c=True)
    book.reports("patients", patient_id, record, "not_in_picklist", "Drug_Interaction_Flag__c")


def odd_words(book: Book) -> None:
    """A sex, a marital status and a status that no list has."""
    patient_id = book.patient("Oddwords", "Kim", "10/10/1990", sex="X", marital="?", status="Z")
    record = key_of("patient", patient_id)
    book.loads("patients", patient_id, record, Gender__c="Unknown", Marital_Status__c=None,
               Patient_Status__c=None)  # fmt: skip
    for header in ("Marital_Status__c", "Patient_Status__c"):
        book.reports("patients", patient_id, record, "not_in_picklist", header)


def birth_dates_as_typed(book: Book) -> None:
    """Two digits of a year, and a day that never was."""
    for birth, shown in (("3/4/68", "1968-03-04"), ("2/30/1977", None)):
        patient_id = book.patient("Birthwright", f"Anno{len(birth)}", birth)
        record = key_of("patient", patient_id)
        book.loads("patients", patient_id, record, Date_of_Birth__c=shown)
        if shown is None:
            book.reports("patients", patient_id, record, "unreadable_date", "Date_of_Birth__c")


def address_of_mail_nobody_reads(book: Book) -> None:
    """An e-mail address without an at sign."""
    patient_id = book.patient("Mailaway", "Pia", "11/11/1991", email="pia.example.org")
    record = key_of("patient", patient_id)
    book.loads("patients", patient_id, record, Email__c=None)
    book.reports("patients", patient_id, record, "invalid_email", "Email__c")


def carriers_of_the_other_practice(book: Book) -> None:
    """One carrier for both practices, however each spells it; two insurances on one row."""
    for surname, written, normalised in (
        ("Insuredly", "DELTA  DENTAL, INC.", "delta dental"),
        ("Insuredby", "Metropolitan Life", "metlife"),
        ("Insuredman", "Delta Dental of Ohio", "delta dental of ohio"),
    ):
        patient_id = book.patient(
            surname, "Ute", "12/12/1972", carrier_name=written, group_no="G1", subscriber_id="S1",
            carrier_name_2="aetna", group_no_2="G2", subscriber_id_2="S2",
        )  # fmt: skip
        book.loads(
            "patients", patient_id, key_of("patient", patient_id), Group_Number__c="G1",
            Subscriber_ID__c="S1", Secondary_Group_Number__c="G2", Secondary_Subscriber_ID__c="S2",
            **{
                "Insurance_Carrier__r.Migration_Key__c": carrier_of(normalised),
                "Secondary_Insurance_Carrier__r.Migration_Key__c": carrier_of("aetna"),
            },
        )  # fmt: skip
