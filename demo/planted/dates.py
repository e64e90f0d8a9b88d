"""Dates: four formats in one column, two-digit years, and all the ways to say never."""

from demo.chart import Chart, record_of


def birth_date_formats(chart: Chart) -> None:
    """Whoever typed it typed it their way; a birth is never in the future."""
    for first, typed, meant in (
        ("Iso", "1947-06-01 00:00:00", "1947-06-01"),
        ("Slashed", "06/02/1947", "1947-06-02"),
        ("Short", "6/3/47", "1947-06-03"),
        ("Shorter", "6/4/12", "2012-06-04"),
        ("Digits", "19470605", "1947-06-05"),
    ):
        patid = chart.patient("Dateline", first, typed)
        chart.loads("patient", patid, record_of("patient", patid), Birthdate=meant)


def birth_date_sentinels(chart: Chart) -> None:
    """Dates that mean there is none: the patient loads without, with a warning."""
    for first, typed in (
        ("Blank", ""),
        ("Nines", "9999-12-31 00:00:00"),
        ("Ones", "0001-01-01 00:00:00"),
        ("Zeros", "0000-00-00"),
        ("Lotus", "1899-12-30 00:00:00"),
        ("Excel", "12/31/1899"),
    ):
        patid = chart.patient("Nevermore", first, typed)
        record = record_of("patient", patid)
        chart.loads("patient", patid, record, Birthdate=None)
        chart.reports("patient", patid, record, "missing_required", "Birthdate")


def birth_date_unreadable(chart: Chart) -> None:
    """No such day, or no day at all."""
    for first, typed in (
        ("Leap", "1983-02-29 00:00:00"),
        ("Mixed", "31/31/1980"),
        ("Word", "unknown"),
    ):
        patid = chart.patient("Scribbler", first, typed)
        record = record_of("patient", patid)
        chart.loads("patient", patid, record, Birthdate=None)
        chart.reports("patient", patid, record, "unreadable_date", "Birthdate")


def birth_date_in_the_future(chart: Chart) -> None:
    """A birth in 2061 is a slip of the finger: left out and reported."""
    patid = chart.patient("Tomorrow", "Astra", "2061-04-12 00:00:00")
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, Birthdate=None)
    chart.reports("patient", patid, record, "out_of_range", "Birthdate")


def visit_dates(chart: Chart) -> None:
    """A sentinel is no visit; a date nobody can read is left out; two digits mean this century."""
    patid = chart.patient(
        "Visitor", "Wim", "1972-05-05 00:00:00", firstvisitdate="1899-12-30 00:00:00",
        lastvisitdate="11/2/19",
    )  # fmt: skip
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        First_Visit_Date__c=None,
        Last_Visit_Date__c="2019-11-02",
    )
    unread = chart.patient("Visitant", "Wanja", "1972-06-06 00:00:00", lastvisitdate="spring")
    chart.reports(
        "patient", unread, record_of("patient", unread), "unreadable_date", "Last_Visit_Date__c"
    )


def created_when_the_clocks_changed(chart: Chart) -> None:
    """Chicago's wall clock has no 2:30 on that Sunday in March, and two 1:30s in November."""
    gap = chart.patient("Springer", "Lenz", "1970-07-01 00:00:00", createdate="2019-03-10 02:30:00")
    twice = chart.patient("Fallow", "Ute", "1970-08-01 00:00:00", createdate="2019-11-03 01:30:00")
    usual = chart.patient(
        "Midyear", "Iris", "1970-09-01 00:00:00", createdate="2019-07-01 08:00:00"
    )
    for patid, moment in (
        (gap, "2019-03-10 08:30:00"),
        (twice, "2019-11-03 06:30:00"),
        (usual, "2019-07-01 13:00:00"),
    ):
        chart.loads(
            "patient", patid, record_of("patient", patid), Original_Patient_Create_Date__c=moment
        )
    chart.reports(
        "patient", gap, record_of("patient", gap), "adjusted", "Original_Patient_Create_Date__c"
    )


def missed_appointments_unreadable(chart: Chart) -> None:
    """A number column that holds a word."""
    patid = chart.patient("Countless", "Till", "1959-05-09 00:00:00", missedappt="many")
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, Missed_Appointments__c=None)
    chart.reports("patient", patid, record, "unreadable_number", "Missed_Appointments__c")
