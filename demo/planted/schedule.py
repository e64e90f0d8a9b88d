"""The appointment book and the office journal: clocks that jump, slots without a patient."""

from demo.chart import Chart, record_of


def clock_goes_forward(chart: Chart) -> None:
    """Half past two on a night in March that had none: an hour later, and reported."""
    patid = chart.patient("Springmore", "Wanja", "1986-03-21 00:00:00")
    apptid = chart.appointment(patid, "2025-03-09", 2, 30, status="-106")
    record = record_of("evt", apptid)
    chart.loads("appt", apptid, record, StartDateTime="2025-03-09 08:30:00")
    chart.reports("appt", apptid, record, "adjusted", "StartDateTime")


def clock_goes_back(chart: Chart) -> None:
    """Half past one came twice that night in November: the first of the two."""
    patid = chart.patient("Fallwell", "Mirko", "1984-10-28 00:00:00", gender="1")
    apptid = chart.appointment(patid, "2025-11-02", 1, 30, status="-106")
    chart.loads("appt", apptid, record_of("evt", apptid), StartDateTime="2025-11-02 06:30:00")


def new_patient_on_the_phone(chart: Chart) -> None:
    """Booked before there was a chart: the slot loads under the name that was given."""
    apptid = chart.appointment(
        "0", "2026-12-07", 14, 0, patname="Firsttimer, Paul", phone="3125550123", appttype="3"
    )
    record = record_of("evt", apptid)
    chart.loads(
        "appt", apptid, record,
        **{"Subject": "Paul Firsttimer \N{EN DASH} New patient", "Who.Migration_Key__c": None},
    )  # fmt: skip
    chart.reports("appt", apptid, record, "missing_required", "Who.Migration_Key__c")


def block(chart: Chart) -> None:
    """Lunch is in the book and is no visit."""
    apptid = chart.appointment("0", "2026-12-07", 12, 0, provid="DDS1", apptreason="Lunch")
    chart.expect("skipped", "appt", apptid)


def broken_and_waiting(chart: Chart) -> None:
    """One did not come, one will call: both stay in the book as what they are."""
    for surname, broken, shown in (("Noshow", "1", "Broken"), ("Callback", "2", "Will Call")):
        patid = chart.patient(f"{surname}er", "Ulla", "1993-06-06 00:00:00")
        apptid = chart.appointment(patid, "2026-09-14", 11, 0, apptbrokenclass=broken)
        chart.loads("appt", apptid, record_of("evt", apptid), Appointment_Status__c=shown)


def deleted_appointment(chart: Chart) -> None:
    """Deleted in Dentrix, which only the history tells."""
    patid = chart.patient("Deletterby", "Imke", "1978-12-03 00:00:00")
    apptid = chart.appointment(patid, "2026-12-09", 9, 0)
    chart.add("appthist", apptid=chart.new_id("appthist"), parentapptid=apptid,
              modifieddate="2026-11-10 00:00:00", status="", deletedflag="1")  # fmt: skip
    chart.expect("skipped", "appt", apptid)


def lengths(chart: Chart) -> None:
    """No length becomes a quarter of an hour; less than none, or a month, is a mistake."""
    patid = chart.patient("Longmore", "Ruth", "1969-01-09 00:00:00")
    none = chart.appointment(patid, "2026-12-10", 10, 0, apptlen="0")
    chart.loads("appt", none, record_of("evt", none), EndDateTime="2026-12-10 16:15:00")
    chart.reports("appt", none, record_of("evt", none), "adjusted", "EndDateTime")
    for minutes in ("-30", "43200"):
        apptid = chart.appointment(patid, "2026-12-10", 10, 0, apptlen=minutes)
        chart.holds("appt", apptid, record_of("evt", apptid), "out_of_range")


def codes_of_the_book(chart: Chart) -> None:
    """A status and a chair that no table knows: left out, reported."""
    patid = chart.patient("Strangeways", "Bodo", "1958-04-24 00:00:00", gender="1")
    apptid = chart.appointment(patid, "2026-12-11", 8, 0, status="77", opid="OP-9")
    record = record_of("evt", apptid)
    chart.loads("appt", apptid, record, Appointment_Status__c=None)
    chart.reports("appt", apptid, record, "orphan", "Appointment_Status__c")
    chart.reports("appt", apptid, record, "orphan", "Operatory__c")


def appointment_of_nobody(chart: Chart) -> None:
    """Its patient was deleted."""
    apptid = chart.appointment("99912", "2026-12-14", 9, 0)
    chart.holds("appt", apptid, record_of("evt", apptid), "orphan")


def journal_repeated(chart: Chart) -> None:
    """The reminder service wrote its call twice: it counts once."""
    patid = chart.patient("Ringaround", "Swantje", "1981-08-11 00:00:00")
    first = chart.journal(patid, "2026-10-12", "615", "Reminder call", note="Will come.")
    again = chart.journal(patid, "2026-10-12", "615", "Reminder call", note="Will come.")
    chart.loads(
        "contact", first, record_of("tsk", first),
        Subject="Reminder call", TaskSubtype="Call", Original_Start__c="2026-10-12 15:15:00",
    )  # fmt: skip
    chart.expect("merged", "contact", again, record_of("tsk", first), into=first, rule="repeat")
