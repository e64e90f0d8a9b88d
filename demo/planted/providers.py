"""Who treats: Salesforce users, contacts, referring dentists, and rows that are nobody."""

from demo.chart import Chart, record_of

USERS = (
    ("Molly", "Crownwell", "molly.crownwell@example.com", True),
    ("Desmond", "Bridgeman", "desmond.bridgeman@example.com", True),
    ("Hygieia", "Flossworth", "hygieia.flossworth@example.com", True),
    ("Gideon", "Gonethorpe", "gideon.gonethorpe@example.com", False),
    ("Rupert", "Restwell", "rupert.restwell@example.com", True),
    ("Olive", "Frontdesk", "olive.frontdesk@example.com", True),
    ("Fallback", "Owner", "owner@example.com", True),
)
"""The users the practice's org has before the migration: first name, last name, e-mail, active."""


def login_matched(chart: Chart) -> None:
    """Her e-mail is that of an active user, and she works in Salesforce: a user, no contact."""
    _provider(chart, "DDS1", "Crownwell", "Molly", email=" Molly.Crownwell@example.com",
              crm_login="Y", specialty_id="1", suffix="DDS")  # fmt: skip
    chart.expect("skipped", "provider", "DDS1", why_not="user")


def login_matched_by_the_email_list(chart: Chart) -> None:
    """Dentrix keeps no e-mail of providers: the practice sent a list of its own."""
    _provider(chart, "DDS2", "Bridgeman", "Desmond", specialty_id="3")
    chart.add(
        "provider_email", provider_id="DDS2", email="desmond.bridgeman@example.com", crm_login="Y"
    )
    chart.expect("skipped", "provider", "DDS2", why_not="user")


def user_without_login(chart: Chart) -> None:
    """A user by her e-mail, but not one the practice wants to work in Salesforce."""
    _provider(chart, "HYG1", "Flossworth", "Hygieia", email="hygieia.flossworth@example.com",
              crm_login="N", specialty_id="2", issecondaryprovider="1", suffix="RDH")  # fmt: skip
    chart.loads(
        "provider",
        "HYG1",
        record_of("provider", "HYG1"),
        LastName="Flossworth",
        Title="RDH",
        Is_Provider__c=True,
        Specialty__c="Hygienist",
    )


def login_without_user(chart: Chart) -> None:
    """He should get a login and has no user yet: a contact, and on the owner report."""
    _provider(chart, "DDS3", "Latecomer", "Igor", email="igor.latecomer@example.com",
              crm_login="Y", specialty_id="5")  # fmt: skip
    record = record_of("provider", "DDS3")
    chart.loads("provider", "DDS3", record, LastName="Latecomer", Specialty__c="Oral Surgeon")
    chart.reports("provider", "DDS3", record, "unmatched_user")


def login_of_an_inactive_user(chart: Chart) -> None:
    """His user was switched off: that is no match."""
    _provider(chart, "DDS4", "Gonethorpe", "Gideon", email="gideon.gonethorpe@example.com",
              crm_login="Y", specialty_id="4")  # fmt: skip
    record = record_of("provider", "DDS4")
    chart.loads("provider", "DDS4", record, LastName="Gonethorpe")
    chart.reports("provider", "DDS4", record, "unmatched_user")


def provider_retired(chart: Chart) -> None:
    """A user, but no longer with the practice: his old work needs a contact."""
    _provider(chart, "DDS5", "Restwell", "Rupert", email="rupert.restwell@example.com",
              crm_login="Y", specialty_id="1", inactive="1")  # fmt: skip
    chart.loads("provider", "DDS5", record_of("provider", "DDS5"), LastName="Restwell")


def provider_email_invalid(chart: Chart) -> None:
    """An e-mail address without an at sign."""
    _provider(chart, "DDS6", "Atless", "Signe", email="signe.example.com", specialty_id="1")
    record = record_of("provider", "DDS6")
    chart.loads("provider", "DDS6", record, Email=None)
    chart.reports("provider", "DDS6", record, "invalid_email", "Email")


def npi_too_long(chart: Chart) -> None:
    """An NPI has ten digits; this one has twelve."""
    _provider(chart, "DDS7", "Digitas", "Nora", npi="000000000012", specialty_id="1")
    record = record_of("provider", "DDS7")
    chart.loads("provider", "DDS7", record, NPI__c=None)
    chart.reports("provider", "DDS7", record, "too_long", "NPI__c")


def specialty_unknown(chart: Chart) -> None:
    """A specialty no value map knows."""
    chart.add("specialty", defid="6", description="Tooth whisperer")
    _provider(chart, "DDS8", "Murmur", "Celeste", specialty_id="6")
    chart.reports(
        "provider", "DDS8", record_of("provider", "DDS8"), "not_in_picklist", "Specialty__c"
    )


def provider_without_last_name(chart: Chart) -> None:
    """A contact needs a last name."""
    _provider(chart, "DDS9", "", "Mononymous", specialty_id="1")
    chart.holds("provider", "DDS9", record_of("provider", "DDS9"), "missing_required")


def providers_who_are_nobody(chart: Chart) -> None:
    """Columns of the appointment book, not people."""
    for provider_id, last, first, isnonperson in (
        ("DEF_PROV", "Default", "", "0"),
        ("WALK", "Walk-In", "", "0"),
        ("TEST", "test", "test", "0"),
        ("OFFIC", "Oak Park Dental", "", "1"),
    ):
        _provider(chart, provider_id, last, first, isnonperson=isnonperson, specialty_id="1")
        chart.expect("skipped", "provider", provider_id, why_not="nobody")


def referring_dentists(chart: Chart) -> None:
    """Dentists are contacts; patients who refer friends, and companies, are not."""
    for refid, reftype, last, first, nonperson in (
        ("1", "1", "Sendwell", "Tabitha", "0"),
        ("2", "2", "Friendly", "Neighbour", "0"),
        ("3", "1", "Referrals Incorporated", "", "1"),
    ):
        chart.add("referral", refid=refid, reftype=reftype, lastname=last, firstname=first,
                  nonpersonflag=nonperson, specialty_id="3", phone="847-555-0190")  # fmt: skip
    chart.loads(
        "referral",
        "1",
        record_of("referral", "1"),
        LastName="Sendwell",
        Is_Provider__c=True,
        Specialty__c="Orthodontist",
    )
    chart.expect("skipped", "referral", "2")
    chart.expect("skipped", "referral", "3")


def staff_logins(chart: Chart) -> None:
    """Staff become no records; who should log in and has no user is on the owner report."""
    for staff_id, last, first, email, crm_login in (
        ("FD1", "Frontdesk", "Olive", "olive.frontdesk@example.com", "Y"),
        ("FD2", "Newcomer", "Nell", "nell.newcomer@example.com", "Y"),
        ("FD3", "Backoffice", "Bill", "", "N"),
    ):
        chart.add("staff", staff_id=staff_id, last_name=last, first_name=first,
                  title="Front desk", inactive="0", email=email, crm_login=crm_login)  # fmt: skip
        chart.expect("skipped", "staff", staff_id)


def _provider(chart: Chart, provider_id: str, last: str, first: str, **values: str) -> None:
    usual = {
        "issecondaryprovider": "0",
        "isnonperson": "0",
        "inactive": "0",
        "npi": "0000000000",
        "work_phone": "708-555-0199",
        "crm_login": "",
    }
    row = usual | {"provider_id": provider_id, "last_name": last, "first_name": first} | values
    chart.add("provider", **row)
