"""Patients who look like one and are not, or might not be: in doubt, two records."""

from demo.chart import Chart, record_of


def twins(chart: Chart) -> None:
    """Tim and Jim share everything but a letter, and both have been treated."""
    father = chart.patient("Thimblewick", "Caspar", "1979-05-05 00:00:00", visits=1, gender="1")
    home = chart.find("patient", father)["addrid"]
    boys = [
        chart.patient("Thimblewick", first, "2011-04-01 00:00:00", visits=2, gender="1",
                      guarid=father, addrid=home, fampos="3", chartnum=chartnum)
        for first, chartnum in (("Tim", "TH0001"), ("Jim", "TH0002"))
    ]  # fmt: skip
    _told_apart(chart, *boys)


def one_letter_apart_both_treated(chart: Chart) -> None:
    """Jon and John again, but both have a history: nobody but the practice can tell."""
    one = chart.patient("Gallowglass", "Jon", "1962-07-07 00:00:00", visits=1, gender="1")
    other = chart.patient(
        "Gallowglass", "John", "1962-07-07 00:00:00", visits=1, guarid=one, gender="1"
    )
    _told_apart(chart, one, other)


def no_birth_date_both_treated(chart: Chart) -> None:
    """Same name, same phone, one birth date unknown, both treated under charts of their own."""
    one = chart.patient(
        "Driftwood", "Selma", "1955-03-03 00:00:00", visits=1, pager="8475550152", chartnum="DW1"
    )
    other = chart.patient("Driftwood", "Selma", "", visits=1, pager="847-555-0152", chartnum="DW2")
    _told_apart(chart, one, other)
    chart.reports("patient", other, record_of("patient", other), "missing_required", "Birthdate")


def father_and_son(chart: Chart) -> None:
    """Same name, same house, same phone; a generation apart."""
    father = chart.patient(
        "Ironmonger", "Rupert", "1958-11-11 00:00:00", gender="1", pager="312-555-0160", fampos="2"
    )
    home = chart.find("patient", father)["addrid"]
    son = chart.patient(
        "Ironmonger", "Rupert", "1988-11-11 00:00:00", gender="1", pager="312-555-0160",
        guarid=father, addrid=home,
    )  # fmt: skip
    chart.stays(father)
    chart.stays(son)


def group_with_two_birth_dates(chart: Chart) -> None:
    """A record without birth date fits the mother and the daughter: then it fits neither."""
    mother = chart.patient(
        "Nightjar", "Cordula", "1963-02-14 00:00:00", visits=1, pager="630-555-0171"
    )
    daughter = chart.patient(
        "Nightjar", "Cordula", "1991-02-14 00:00:00", visits=1, pager="630-555-0171"
    )
    unknown = chart.patient("Nightjar", "Cordula", "", pager="6305550171")
    chart.stays(mother)
    chart.stays(daughter)
    chart.stays(unknown)
    _in_doubt(chart, unknown, mother, daughter)


def same_name_and_birthday_nothing_else(chart: Chart) -> None:
    """Two people may well share a name and a birthday: something more must speak for one."""
    one = chart.patient("Fiddlestick", "Clementine", "1999-06-15 00:00:00", visits=1)
    other = chart.patient("Fiddlestick", "Clementine", "1999-06-15 00:00:00")
    chart.stays(one)
    chart.stays(other)


def same_chart_other_person(chart: Chart) -> None:
    """A chart number given out twice says nothing about two names."""
    one = chart.patient("Cobblestone", "Amabel", "1970-01-02 00:00:00", chartnum="CB0001")
    other = chart.patient("Wagonwheel", "Horst", "1944-05-06 00:00:00", chartnum="CB0001")
    chart.stays(one)
    chart.stays(other)


def _told_apart(chart: Chart, one: str, other: str) -> None:
    chart.stays(one)
    chart.stays(other)
    _in_doubt(chart, one, other)


def _in_doubt(chart: Chart, *patids: str) -> None:
    """The report names one of them at least; which one is no matter."""
    chart.expect(
        "reported",
        "patient",
        patids[0],
        record_of("patient", patids[0]),
        reason="possible_duplicate",
        header=None,
        or_on=[record_of("patient", patid) for patid in patids[1:]],
    )
