"""Patients entered more than once, who become one."""

from demo.chart import Chart, record_of


def exact_same_guarantor(chart: Chart) -> None:
    """The front desk entered her twice on a busy day, once with each date format."""
    kept = chart.patient("Quillfeather", "Antonia", "1984-02-29 00:00:00", visits=2)
    again = chart.patient(
        "Quillfeather", "Antonia", "02/29/1984", guarid=kept, emailaddr="antonia.q@example.com"
    )
    chart.merges(again, kept, "same guarantor")
    chart.loads("patient", kept, record_of("patient", kept), Email="antonia.q@example.com")


def middle_initial_same_address(chart: Chart) -> None:
    """First name with and without the middle initial, two address rows that say the same."""
    home = {"street1": "77 Cusp Circle", "city": "Berwyn", "zipcode": "60402"}
    kept = chart.patient(
        "Dreamwater", "Marlene", "1971-07-14 00:00:00", visits=1, addrid=chart.address(**home)
    )
    again = chart.patient(
        "Dreamwater",
        "Marlene J.",
        "1971-07-14 00:00:00",
        addrid=chart.address(**home | {"street1": "77 CUSP CIRCLE "}),
    )
    chart.merges(again, kept, "same street and postal code")


def middle_name_same_phone(chart: Chart) -> None:
    """The insurance card had her second name on it; the mobile number gives her away."""
    kept = chart.patient(
        "Ferngully", "Rosa", "1990-11-03 00:00:00", visits=1, pager="(312) 555-0117"
    )
    again = chart.patient("Ferngully", "Rosa Linda", "1990-11-03 00:00:00", workphone="3125550117")
    chart.merges(again, kept, "same phone")


def accents_same_phone(chart: Chart) -> None:
    """One receptionist knows where the accents are on her keyboard, the other does not."""
    kept = chart.patient(
        "Núñez-Olmo", "José", "1966-05-21 00:00:00", visits=2, pager="708-555-0121", gender="1"
    )
    again = chart.patient(
        "Nunez Olmo", "Jose", "1966-05-21 00:00:00", pager="(708) 555-0121", gender="1"
    )
    chart.merges(again, kept, "same phone")


def capitals_same_email(chart: Chart) -> None:
    """An imported record in capitals, without the apostrophe."""
    kept = chart.patient(
        "O'Tannin", "Maeve", "1959-01-30 00:00:00", visits=1, emailaddr="maeve@example.net"
    )
    again = chart.patient(
        "OTANNIN", "MAEVE", "1959-01-30 00:00:00", emailaddr=" Maeve@Example.NET "
    )
    chart.merges(again, kept, "same e-mail")


def married_name_same_chart(chart: Chart) -> None:
    """She married; the paper chart kept its number."""
    kept = chart.patient("Plumridge", "Isolde", "1993-08-08 00:00:00", visits=2, chartnum="PL0093")
    again = chart.patient("Applecart", "Isolde", "1993-08-08 00:00:00", chartnum="PL0093 ")
    chart.merges(again, kept, "married name")


def one_letter_apart_without_children(chart: Chart) -> None:
    """Jon and John, and nothing was ever booked for John."""
    kept = chart.patient("Copperpot", "Jon", "1978-03-17 00:00:00", visits=1, gender="1")
    again = chart.patient("Copperpot", "John", "1978-03-17 00:00:00", guarid=kept, gender="1")
    chart.merges(again, kept, "one letter apart")


def letters_swapped_same_chart(chart: Chart) -> None:
    """Both were seen, but under one chart number: a slip of the keyboard."""
    kept = chart.patient(
        "Saltmarsh", "Brian", "1969-12-12 00:00:00", visits=2, chartnum="SM0012", gender="1"
    )
    again = chart.patient(
        "Saltmarsh", "Brain", "1969-12-12 00:00:00", visits=1, chartnum="SM0012", gender="1"
    )
    chart.merges(again, kept, "one letter apart")


def no_birth_date_same_phone(chart: Chart) -> None:
    """Booked by telephone, birth date to be asked later, and never merged with the real record."""
    kept = chart.patient(
        "Winterbottle", "Egon", "1950-04-02 00:00:00", visits=1, pager="630-555-0133", gender="1"
    )
    again = chart.patient("Winterbottle", "Egon", "", pager="6305550133", gender="1")
    chart.merges(again, kept, "no birth date")


def chain_of_three(chart: Chart) -> None:
    """First and second share the guarantor, second and third the e-mail: one person."""
    kept = chart.patient("Hollyhock", "Gwendolyn", "1987-09-19 00:00:00", visits=3)
    second = chart.patient(
        "Hollyhock", "Gwendolyn", "1987-09-19", guarid=kept, emailaddr="gwen@example.org"
    )
    third = chart.patient("Hollyhock", "Gwendolyn", "09/19/1987", emailaddr="gwen@example.org")
    chart.merges(second, kept, "same guarantor")
    chart.merges(third, kept, "same e-mail")


def survivor_is_the_fuller_record(chart: Chart) -> None:
    """The newer record has the visits, so the older one, though lower, gives way to it."""
    older = chart.patient("Bellwether", "Cosima", "1980-06-06 00:00:00", chartnum="BW0600")
    newer = chart.patient(
        "Bellwether", "Cosima", "1980-06-06 00:00:00", visits=2, chartnum="BW0600"
    )
    chart.merges(older, newer, "same chart number")


def blanks_are_filled(chart: Chart) -> None:
    """Each of the two records knows something the other does not."""
    kept = chart.patient(
        "Lanternfly", "Odette", "1974-10-10 00:00:00", visits=1, chartnum="LF0010", mi="",
        emailaddr="", pager="773-555-0144", prefname="",
    )  # fmt: skip
    again = chart.patient(
        "Lanternfly", "Odette", "1974-10-10 00:00:00", chartnum="LF0010", mi="V",
        emailaddr="odette@example.com", pager="773-555-0145", prefname="Detty",
    )  # fmt: skip
    chart.merges(again, kept, "same chart number")
    chart.loads(
        "patient",
        kept,
        record_of("patient", kept),
        Email="odette@example.com",
        Middle_Initial__c="V",
        Preferred_Name__c="Detty",
        MobilePhone="(773) 555-0144",
    )


def merged_with_a_family_of_its_own(chart: Chart) -> None:
    """Both records head a family: the second family goes, its child and its debts move over."""
    home = chart.address(zipcode="60130")
    kept = chart.patient("Marigolding", "Theodora", "1972-02-02 00:00:00", visits=2, addrid=home)
    again = chart.patient("Marigolding", "Theodora", "1972-02-02 00:00:00", addrid=home)
    child = chart.patient(
        "Marigolding", "Pip", "2012-12-01 00:00:00", guarid=again, addrid=home, fampos="3"
    )
    chart.owes(kept, "100.00", aging31to60="20.00")
    chart.owes(again, "11.50", aging91plus="3.25")
    chart.merges(again, kept, "same address")
    chart.expect("merged", "aging", again, record_of("family", kept), into=kept)
    chart.loads(
        "aging",
        kept,
        record_of("family", kept),
        Balance_0_30__c=111.5,
        Balance_31_60__c=20,
        Balance_Over_90__c=3.25,
        Outstanding_Balance__c=134.75,
    )
    chart.loads(
        "patient",
        child,
        record_of("patient", child),
        **{"Account.Migration_Key__c": record_of("family", kept)},
    )
    chart.loads(
        "patient",
        child,
        record_of("guarantor", child),
        **{"Guarantor__r.Migration_Key__c": record_of("patient", kept)},
    )


def insurance_on_both_records(chart: Chart) -> None:
    """Each record has a primary insurance; the survivor's is the one that counts."""
    plan = chart.plan("Guardian")
    kept = chart.patient("Peppercorn", "Ludmila", "1985-01-15 00:00:00", visits=2, chartnum="PC01")
    again = chart.patient("Peppercorn", "Ludmila", "1985-01-15 00:00:00", chartnum="PC01")
    for patid, idnum in ((kept, "PC-KEPT"), (again, "PC-OTHER")):
        row = chart.find("patient", patid)
        row |= {"priminsuredid": chart.insured(patid, plan, idnum), "priminsrel": "1"}
    chart.merges(again, kept, "same chart number")
    insurance = record_of("insurance", f"{kept}-P")
    chart.loads("insured", f"{kept}-P", insurance, Subscriber_ID__c="PC-KEPT")
    chart.reports("insured", f"{kept}-P", insurance, "duplicate_key")
