"""Telephone, e-mail, privacy, and codes nobody explained."""

from demo.chart import Chart, record_of


def privacy_flags(chart: Chart) -> None:
    """Bit 1 is no calls, bit 2 no correspondence; any further bit is not known."""
    for flags, no_call, no_mail in (
        ("0", False, False),
        ("1", True, False),
        ("2", False, True),
        ("3", True, True),
        ("5", True, False),
        ("", False, False),
    ):
        patid = chart.patient(
            "Discreet", f"Flag{flags or 'less'}", "1990-01-01 00:00:00", privacyflags=flags
        )
        chart.loads(
            "patient",
            patid,
            record_of("patient", patid),
            DoNotCall=no_call,
            HasOptedOutOfEmail=no_mail,
        )


def emails_invalid(chart: Chart) -> None:
    """What was typed to get past the form: left out, and the patient loads."""
    for first, typed in (
        ("None", "none"),
        ("Ann", "ann.example.com"),
        ("Two", "two@@example.org"),
        ("Blank", "blank space@example.org"),
    ):
        patid = chart.patient("Mailwright", first, "1988-03-03 00:00:00", emailaddr=typed)
        record = record_of("patient", patid)
        chart.loads("patient", patid, record, Email=None)
        chart.reports("patient", patid, record, "invalid_email", "Email")


def email_in_capitals(chart: Chart) -> None:
    """Valid once trimmed and in lower case."""
    patid = chart.patient(
        "Mailcoach", "Dora", "1988-04-04 00:00:00", emailaddr=" DORA.M@EXAMPLE.COM  "
    )
    chart.loads("patient", patid, record_of("patient", patid), Email="dora.m@example.com")


def phones_odd(chart: Chart) -> None:
    """Ten digits are put in order; anything else stays as somebody typed it."""
    for first, typed, shown in (
        ("Dots", "312.555.0101", "(312) 555-0101"),
        ("Slash", "312/555-0102 ", "(312) 555-0102"),
        ("Local", "555-0103", "555-0103"),
        ("Ext", "312-555-0104 x12", "312-555-0104 x12"),
        ("Words", "ask mother", "ask mother"),
    ):
        patid = chart.patient("Ringwald", first, "1979-09-01 00:00:00", pager=typed)
        chart.loads("patient", patid, record_of("patient", patid), MobilePhone=shown)


def phone_too_long(chart: Chart) -> None:
    """A cell used as a notepad: over 40 characters, left out."""
    patid = chart.patient(
        "Ringmaster",
        "Xenia",
        "1979-09-02 00:00:00",
        pager="312-555-0105 (after six, never on Sundays, let it ring)",
    )
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, MobilePhone=None)
    chart.reports("patient", patid, record, "too_long", "MobilePhone")


def phone_work_else_home(chart: Chart) -> None:
    """Salesforce has one main number: work where there is one, else home."""
    home = chart.address(phone="630-555-0106")
    one = chart.patient(
        "Callaway", "Ada", "1971-01-01 00:00:00", addrid=home, workphone="630-555-0107"
    )
    other = chart.patient("Callaway", "Ben", "1971-02-02 00:00:00", addrid=home, guarid=one)
    chart.loads("patient", one, record_of("patient", one), Phone="(630) 555-0107")
    chart.loads("patient", other, record_of("patient", other), Phone="(630) 555-0106")


def codes_unknown(chart: Chart) -> None:
    """Codes that Dentrix does not document: the gender is unknown, the others left out."""
    patid = chart.patient(
        "Cipherton", "Nemo", "1967-07-17 00:00:00", gender="7", status="9", fampos="8"
    )
    record = record_of("patient", patid)
    chart.loads(
        "patient",
        patid,
        record,
        Gender__c="Unknown",
        Patient_Status__c=None,
        Marital_Status__c=None,
    )
    chart.reports("patient", patid, record, "not_in_picklist", "Patient_Status__c")
    chart.reports("patient", patid, record, "not_in_picklist", "Marital_Status__c")


def codes_known(chart: Chart) -> None:
    """The four states of a patient, as Salesforce shows them."""
    for status, shown in (
        ("1", "Active"),
        ("2", "Non-Patient"),
        ("3", "Inactive"),
        ("4", "Archived"),
    ):
        patid = chart.patient("Statewide", shown, "1995-05-15 00:00:00", status=status)
        chart.loads("patient", patid, record_of("patient", patid), Patient_Status__c=shown)


def chart_number_too_long(chart: Chart) -> None:
    """A chart number of more than 40 characters is left out."""
    patid = chart.patient("Numberless", "Zeno", "1953-03-05 00:00:00", chartnum="0" * 41 + "1")
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, Chart_Number__c=None)
    chart.reports("patient", patid, record, "too_long", "Chart_Number__c")


def preferred_name_too_long(chart: Chart) -> None:
    """Somebody told a story where a nickname belongs."""
    patid = chart.patient("Storyteller", "Saga", "1984-04-24 00:00:00", prefname="Once upon " * 26)
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, Preferred_Name__c=None)
    chart.reports("patient", patid, record, "too_long", "Preferred_Name__c")


def salutations(chart: Chart) -> None:
    """Salesforce knows Mr., Ms., Mrs., Dr. and Prof.; a title it does not know is left out."""
    known = chart.patient("Titleworth", "Berta", "1952-02-22 00:00:00", title="Dr.")
    unknown = chart.patient("Titlebaum", "Lancelot", "1952-03-22 00:00:00", title="Sir")
    chart.loads("patient", known, record_of("patient", known), Salutation="Dr.")
    chart.loads("patient", unknown, record_of("patient", unknown), Salutation=None)


def note_like_a_formula(chart: Chart) -> None:
    """A spreadsheet would run it; Salesforce gets it as it is, reports get it defused."""
    patid = chart.patient("Cellman", "Vera", "1976-06-26 00:00:00", note="=cmd|' /C calc'!A0")
    chart.loads("patient", patid, record_of("patient", patid), Description="=cmd|' /C calc'!A0")


def note_over_two_lines(chart: Chart) -> None:
    """Quotation marks, a line break, a typographic dash and the euro sign."""
    note = 'Says: "Not before ten!"\nOwes \u20ac 5 \u2013 from the trip.'
    patid = chart.patient("Notewell", "Olga", "1976-07-27 00:00:00", note=note)
    chart.loads("patient", patid, record_of("patient", patid), Description=note)


def control_characters(chart: Chart) -> None:
    """NUL and a vertical tab, left by an old import: stripped, and counted."""
    patid = chart.patient("Nullwater", "Ze\x00no", "1961-11-21 00:00:00", note="Old\x0b import.")
    chart.loads(
        "patient", patid, record_of("patient", patid), FirstName="Zeno", Description="Old import."
    )


def names_that_look_like_code(chart: Chart) -> None:
    """Names are never part of a statement."""
    patid = chart.patient("Robert'); drop table patient; --", "Bobby", "1998-08-18 00:00:00")
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        LastName="Robert'); drop table patient; --",
    )
