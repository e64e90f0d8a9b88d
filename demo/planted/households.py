"""Addresses, and how names are written."""

from demo.chart import Chart, record_of


def address_shared(chart: Chart) -> None:
    """One row for a couple: both get it, and the home phone that lives on it."""
    home = chart.address(
        street1="5 Enamel Street", street2="Flat 2", city="Berwyn", zipcode="60402",
        phone="7085550180",
    )  # fmt: skip
    one = chart.patient("Teasdale", "Rhea", "1977-01-19 00:00:00", addrid=home)
    other = chart.patient("Teasdale", "Kuno", "1975-02-28 00:00:00", addrid=home, guarid=one)
    for patid in (one, other):
        chart.loads(
            "patient",
            patid,
            record_of("patient", patid),
            MailingStreet="5 Enamel Street\nFlat 2",
            MailingCity="Berwyn",
            MailingPostalCode="60402",
            HomePhone="(708) 555-0180",
        )


def address_blank(chart: Chart) -> None:
    """An address row of nothing but blanks is no address, not even a country."""
    home = chart.address(street1=" ", city="  ", state="  ", zipcode=" ", phone="")
    patid = chart.patient("Hollowell", "Wenke", "1992-04-04 00:00:00", addrid=home)
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        MailingStreet=None,
        MailingCity=None,
        MailingCountry=None,
    )


def address_nobody_has(chart: Chart) -> None:
    """A row no patient points to: it is read and goes nowhere."""
    addrid = chart.address(street1="1 Nowhere Lane")
    chart.expect("skipped", "address", addrid)


def address_missing(chart: Chart) -> None:
    """The patient points to an address row that was deleted."""
    patid = chart.patient("Wanderlust", "Ilse", "1968-08-28 00:00:00", addrid="99902")
    chart.loads("patient", patid, record_of("patient", patid), MailingCity=None, HomePhone=None)


def address_zero(chart: Chart) -> None:
    """Zero means no address."""
    patid = chart.patient("Rovington", "Arne", "1994-09-09 00:00:00", addrid="0", gender="1")
    chart.loads("patient", patid, record_of("patient", patid), MailingStreet=None)


def billing_address(chart: Chart) -> None:
    """The bill goes to the office; the family account bills there too."""
    office = chart.address(street1="900 Ledger Loop", city="Chicago", zipcode="60601", phone="")
    patid = chart.patient("Billingsgate", "Mercy", "1981-03-31 00:00:00", billaddrid=office)
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        OtherStreet="900 Ledger Loop",
        OtherPostalCode="60601",
    )
    chart.loads("patient", patid, record_of("family", patid), BillingStreet="900 Ledger Loop")


def states_and_countries(chart: Chart) -> None:
    """States are spelled out, dotted or in lower case; a blank country is the practice's."""
    for surname, state, code in (
        ("Statesman", "Illinois", "IL"),
        ("Staterton", "wisconsin ", "WI"),
        ("Statefield", "il", "IL"),
    ):
        patid = chart.patient(
            surname, "Ruta", "1973-05-25 00:00:00", addrid=chart.address(state=state)
        )
        chart.loads(
            "patient",
            patid,
            record_of("patient", patid),
            MailingState=code,
            MailingCountry="US",
        )


def street_over_two_lines(chart: Chart) -> None:
    """A line break, a comma and quotation marks within one cell."""
    home = chart.address(street1='c/o "Tooth\nMuseum", rear entrance', zipcode="60301-0042")
    patid = chart.patient("Linefeed", "Carlotta", "1986-06-16 00:00:00", addrid=home)
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        MailingStreet='c/o "Tooth\nMuseum", rear entrance',
        MailingPostalCode="60301-0042",
    )


def town_too_long(chart: Chart) -> None:
    """A town of more than 40 characters is left out; the patient loads without it."""
    home = chart.address(city="Upper Lower Middle Outer Inner Greater Little Molarville")
    patid = chart.patient("Longtown", "Egbert", "1957-07-27 00:00:00", addrid=home, gender="1")
    record = record_of("patient", patid)
    chart.loads("patient", patid, record, MailingCity=None)
    chart.reports("patient", patid, record, "too_long", "MailingCity")


def names_in_capitals(chart: Chart) -> None:
    """Names in one case get title case; names in mixed case are somebody's own choice."""
    for last, first, shown_last, shown_first in (
        ("MCINTOOTH", "MARY-LOU", "McIntooth", "Mary-Lou"),
        ("o'grinder", "sean", "O'Grinder", "Sean"),
        ("van der Kies", "Lotte", "van der Kies", "Lotte"),
    ):
        patid = chart.patient(last, first, "1983-10-01 00:00:00")
        chart.loads(
            "patient",
            patid,
            record_of("patient", patid),
            LastName=shown_last,
            FirstName=shown_first,
        )


def first_name_too_long(chart: Chart) -> None:
    """Cutting a name would be a lie: the row is held back, and whoever hangs on it."""
    patid = chart.patient("Shortwell", "Wilhelmina " * 4, "1949-12-05 00:00:00")
    chart.holds("patient", patid, record_of("patient", patid), "too_long")


def last_name_missing(chart: Chart) -> None:
    """Salesforce takes no Contact without a last name."""
    patid = chart.patient("  ", "Nameless", "2001-01-01 00:00:00")
    chart.holds("patient", patid, record_of("patient", patid), "missing_required")


def first_name_missing(chart: Chart) -> None:
    """A first name is not required: the last name alone loads."""
    patid = chart.patient("Solitaire", "", "1964-02-29 00:00:00")
    chart.loads("patient", patid, record_of("patient", patid), LastName="Solitaire", FirstName=None)
