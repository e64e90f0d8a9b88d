"""Lines of files that are broken, repeated or bear no key, and balances that do not add up."""

from demo.chart import Chart, record_of
from demo.files import CELLS, MORE


def line_repeated(chart: Chart) -> None:
    """The export ran into a lock and wrote a line twice: it counts once."""
    addrid = chart.address()
    chart.patient("Echolalia", "Nina", "1990-09-29 00:00:00", addrid=addrid)
    chart.tables["address"].append(dict(chart.find("address", addrid)))
    chart.expect("rejected", "address", addrid, reason="repeated_line")


def key_twice(chart: Chart) -> None:
    """The patient was saved while the export ran: the later line wins."""
    patid = chart.patient("Twicelisted", "Hanno", "1960-06-16 00:00:00", pager="312-555-0110")
    later = dict(chart.find("patient", patid)) | {"pager": "312-555-0111"}
    chart.tables["patient"].append(later)
    chart.expect("rejected", "patient", patid, reason="duplicate_key")
    chart.loads("patient", patid, record_of("patient", patid), MobilePhone="(312) 555-0111")


def key_missing(chart: Chart) -> None:
    """A line without its primary key cannot be told from any other."""
    for table in ("patient", "insured"):
        chart.add(table)
        chart.expect("rejected", table, "", reason="missing_required")
    chart.tables["patient"][-1] |= {"lastname": "Keyless", "firstname": "Kurt"}
    chart.tables["insured"][-1] |= {"idnum": "KEYLESS"}


def line_too_short(chart: Chart) -> None:
    """A line that lost its end: no telling which cells are missing."""
    patid = chart.patient("Shortcut", "Sam", "1977-07-07 00:00:00")
    chart.find("patient", patid)[CELLS] = "12"
    chart.expect("rejected", "patient", patid, reason="unreadable_line")


def line_too_long(chart: Chart) -> None:
    """A cell too many: an unquoted separator somewhere, no telling where."""
    addrid = chart.address()
    chart.find("address", addrid)[MORE] = "surplus"
    chart.expect("rejected", "address", addrid, reason="unreadable_line")


def line_with_empty_cells_at_its_end(chart: Chart) -> None:
    """Spreadsheets leave separators behind: nothing is in them, so nothing is lost."""
    addrid = chart.address(city="Berwyn", zipcode="60402")
    patid = chart.patient("Trailing", "Tess", "1978-08-08 00:00:00", addrid=addrid)
    chart.find("address", addrid)[MORE] = ",,"
    chart.loads("patient", patid, record_of("patient", patid), MailingCity="Berwyn")


def line_cut_off(chart: Chart) -> None:
    """The disk was full: the last line of the policies ends within a quoted cell."""
    chart.expect("rejected", "insured", "99999", reason="unreadable_line")


def columns_that_never_land(chart: Chart) -> None:
    """The export holds what it should not; it stays where it is."""
    for column in ("SSN", "Driver's License"):
        chart.expect("not_landed", "patient", column)


def columns_nobody_told_us_about(chart: Chart) -> None:
    """Unknown columns are kept beside the others, a second `status` among them."""
    patid = chart.patient("Columbine", "Extra", "1991-10-10 00:00:00", status="3")
    chart.loads("patient", patid, record_of("patient", patid), Patient_Status__c="Inactive")


def file_missing(chart: Chart) -> None:
    """The words of the adjustments were forgotten: an empty table, named in the audit."""
    chart.expect("file_missing", "adjustment_type", "")


def file_with_a_header_only(chart: Chart) -> None:
    """This practice asks its patients nothing of its own."""
    chart.expect("file_empty", "custom_fields", "")


def trailer_that_does_not_add_up(chart: Chart) -> None:
    """The last line of the agings promises more rows than there are."""
    chart.expect("trailer", "aging", "", promised=900)


def balance_unreadable(chart: Chart) -> None:
    """A word where an amount belongs: left out, the other buckets load."""
    patid = chart.patient("Debitson", "Lasse", "1966-06-06 00:00:00", gender="1")
    chart.owes(patid, "12.34", aging31to60="see file")
    chart.unsettled.add(patid)
    record = record_of("family", patid)
    chart.loads("aging", patid, record, Balance_0_30__c=12.34, Balance_31_60__c=None)
    chart.reports("aging", patid, record, "unreadable_number", "Balance_31_60__c")


def balance_out_of_range(chart: Chart) -> None:
    """More digits than a currency field has."""
    patid = chart.patient("Millionaire", "Rolf", "1951-01-11 00:00:00", gender="1")
    chart.owes(patid, "0.00", aging91plus="999999999999999999.00")
    chart.unsettled.add(patid)
    record = record_of("family", patid)
    chart.loads("aging", patid, record, Balance_Over_90__c=None)
    chart.reports("aging", patid, record, "out_of_range", "Balance_Over_90__c")


def balance_in_credit(chart: Chart) -> None:
    """Paid ahead: a negative balance is a balance."""
    patid = chart.patient("Forehand", "Paula", "1969-09-09 00:00:00")
    chart.owes(patid, "-75.50")
    chart.loads(
        "aging", patid, record_of("family", patid), Balance_0_30__c=-75.5,
        Outstanding_Balance__c=-75.5,
    )  # fmt: skip


def balance_of_nobody(chart: Chart) -> None:
    """A balance whose guarantor is gone, and whom no patient names."""
    chart.owes("99906", "10.00")
    chart.unsettled.add("99906")
    chart.expect("skipped", "aging", "99906")
