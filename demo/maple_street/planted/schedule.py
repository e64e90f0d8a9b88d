"""The appointment book: what is to come is an event, what is over a task; and odd hours."""

from demo.maple_street.book import Book, key_of


def words_of_the_book(book: Book) -> None:
    """Each word for how an appointment stands, in the spellings that are met."""
    patient_id = book.patient("Statuswell", "Lore", "01/05/1990")
    for word, kind, shown, status in (
        ("SCHEDULED", "evt", "Scheduled", None),
        ("confirmed", "evt", "Confirmed", None),
        ("COMPLETED", "vis", "Completed", "Completed"),
        ("Canceled", "vis", "Cancelled", "Deferred"),
        ("NO-SHOW", "vis", "No Show", "Deferred"),
    ):
        appt_id = book.appointment(patient_id, "11/18/2026", "9:00 AM", status=word)
        values = {"Appointment_Status__c": shown} | ({"Status": status} if status else {})
        book.loads("appointments", appt_id, key_of(kind, appt_id), **values)


def word_of_their_own(book: Book) -> None:
    """A word nobody knows stays as it is, on an event, and is reported."""
    patient_id = book.patient("Maybeson", "Nils", "02/06/1991", sex="M")
    appt_id = book.appointment(patient_id, "12/15/2026", "9:00 AM", status="Pencilled in")
    record = key_of("evt", appt_id)
    book.loads("appointments", appt_id, record, Appointment_Status__c="Pencilled in",
               StartDateTime="2026-12-15 14:00:00", EndDateTime="2026-12-15 15:00:00",
               Location="Chair 2")  # fmt: skip
    book.reports("appointments", appt_id, record, "not_in_picklist", "Appointment_Status__c")


def end_against_minutes(book: Book) -> None:
    """Forty minutes, and an end an hour later: the minutes count, and it is said."""
    patient_id = book.patient("Endlich", "Marit", "03/07/1992")
    appt_id = book.appointment(patient_id, "12/16/2026", "2:00 PM", end_time="3:00 PM",
                               minutes="40")  # fmt: skip
    record = key_of("evt", appt_id)
    book.loads("appointments", appt_id, record, EndDateTime="2026-12-16 19:40:00")
    book.reports("appointments", appt_id, record, "adjusted", "EndDateTime")


def no_length_at_all(book: Book) -> None:
    """Neither minutes nor an end: a quarter of an hour, reported."""
    patient_id = book.patient("Shortstay", "Hedda", "04/08/1993")
    appt_id = book.appointment(patient_id, "12/17/2026", "8:00 AM", minutes="")
    record = key_of("evt", appt_id)
    book.loads("appointments", appt_id, record, EndDateTime="2026-12-17 13:15:00")
    book.reports("appointments", appt_id, record, "adjusted", "EndDateTime")


def ends_before_it_begins(book: Book) -> None:
    """An end in the morning of an afternoon's appointment is a mistake."""
    patient_id = book.patient("Backwardine", "Jo", "05/09/1994")
    appt_id = book.appointment(patient_id, "12/18/2026", "2:00 PM", end_time="9:00 AM", minutes="")
    book.holds("appointments", appt_id, key_of("evt", appt_id), "out_of_range")


def night_the_clocks_changed(book: Book) -> None:
    """Half past two on a night in March that had none: an hour later, and reported."""
    patient_id = book.patient("Nightowl", "Sven", "06/10/1995", sex="M")
    appt_id = book.appointment(patient_id, "03/09/2025", "2:30 AM", status="COMPLETED")
    record = key_of("vis", appt_id)
    book.loads("appointments", appt_id, record, ActivityDate="2025-03-09",
               Original_Start__c="2025-03-09 07:30:00")  # fmt: skip
    book.reports("appointments", appt_id, record, "adjusted", "Original_Start__c")


def slot_of_nobody_yet(book: Book) -> None:
    """Booked before there was a chart: it loads without anybody, reported."""
    appt_id = book.appointment("", "12/21/2026", "11:00 AM", type="CONSULTATION")
    record = key_of("evt", appt_id)
    book.loads("appointments", appt_id, record, **{"What.Migration_Key__c": None})
    book.reports("appointments", appt_id, record, "missing_required", "What.Migration_Key__c")


def slot_of_a_deleted_patient(book: Book) -> None:
    """The patient was deleted, the appointment was not."""
    appt_id = book.appointment("99902", "12/22/2026", "11:00 AM")
    book.holds("appointments", appt_id, key_of("evt", appt_id), "orphan")


def slot_without_a_day(book: Book) -> None:
    """An appointment on no day cannot be kept."""
    patient_id = book.patient("Somedayer", "Grit", "07/11/1996")
    appt_id = book.appointment(patient_id, "", "11:00 AM")
    book.holds("appointments", appt_id, key_of("evt", appt_id), "missing_required")
