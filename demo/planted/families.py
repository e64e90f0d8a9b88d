"""Guarantors who are missing, merged or held back, and families with one name."""

from demo.chart import Chart, record_of

ADOPTED_NAME, ADOPTED_POSTAL_CODE = "Velvetleaf Family", "60305"
AMBIGUOUS_NAME, AMBIGUOUS_POSTAL_CODE = "Cloudberry Family", "60304"


def guarantor_missing(chart: Chart) -> None:
    """The guarantor was deleted in Dentrix; the patient gets a family of his own."""
    patid = chart.patient("Orphington", "Basil", "1996-01-01 00:00:00", guarid="99901", gender="1")
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        **{"Account.Migration_Key__c": record_of("family", patid)},
    )
    chart.loads("patient", patid, record_of("family", patid), Name="Orphington Family")
    chart.reports("patient", patid, record_of("guarantor", patid), "orphan")


def guarantor_zero(chart: Chart) -> None:
    """Zero means none: he answers for himself."""
    patid = chart.patient("Zerowhistle", "Otto", "1982-12-24 00:00:00", guarid="0", gender="1")
    chart.loads(
        "patient",
        patid,
        record_of("patient", patid),
        **{"Account.Migration_Key__c": record_of("family", patid)},
    )


def guarantor_held_back(chart: Chart) -> None:
    """The guarantor's last name is longer than Salesforce takes; his family and his child load."""
    long_name = "Featherstonehaugh" + "-Cholmondeley" * 6
    father = chart.patient(long_name, "Ambrose", "1965-06-30 00:00:00", visits=1, gender="1")
    home = chart.find("patient", father)["addrid"]
    child = chart.patient(
        "Featherstone", "Minna", "2010-10-10 00:00:00", guarid=father, addrid=home, fampos="3"
    )
    insured = chart.insured(father, chart.plan("Principal"), "FE-1")
    chart.find("patient", father).update(priminsuredid=insured, priminsrel="1")
    chart.holds("patient", father, record_of("patient", father), "too_long")
    chart.holds("insured", f"{father}-P", record_of("insurance", f"{father}-P"), "parent_held_back")
    chart.loads(
        "patient",
        child,
        record_of("patient", child),
        **{"Account.Migration_Key__c": record_of("family", father)},
    )


def guarantor_is_no_patient(chart: Chart) -> None:
    """A grandmother who pays and was never treated: a non-patient, with a family all the same."""
    payer = chart.patient("Goldentooth", "Philippa", "1938-08-18 00:00:00", status="2")
    child = chart.patient("Bramblehatch", "Nils", "2014-02-03 00:00:00", guarid=payer, gender="1")
    chart.loads("patient", payer, record_of("patient", payer), Patient_Status__c="Non-Patient")
    chart.loads(
        "patient",
        child,
        record_of("guarantor", child),
        **{"Guarantor__r.Migration_Key__c": record_of("patient", payer)},
    )


def families_of_one_name(chart: Chart) -> None:
    """Three families in one town: first names tell two apart, numbers the third."""
    patids = []
    for first, birth in (("Anna", "1970-03-01"), ("Bert", "1961-04-02"), ("Anna", "1948-05-03")):
        home = chart.address(city="Oak Park", zipcode="60302")
        patids.append(chart.patient("Whitcombe", first, f"{birth} 00:00:00", addrid=home))
    _, bert, second_anna = patids
    chart.loads("patient", bert, record_of("family", bert), Name="Whitcombe Family (Bert)")
    chart.loads(
        "patient",
        second_anna,
        record_of("family", second_anna),
        Name=f"Whitcombe Family (Anna, {second_anna})",
    )


def family_the_org_knows(chart: Chart) -> None:
    """Someone had typed this family into Salesforce already: it is taken over, not doubled."""
    home = chart.address(city="River Forest", zipcode=ADOPTED_POSTAL_CODE)
    patid = chart.patient("Velvetleaf", "Hannelore", "1976-07-20 00:00:00", addrid=home)
    chart.expect("adopted", "patient", patid, record_of("family", patid), name=ADOPTED_NAME)


def family_the_org_knows_twice(chart: Chart) -> None:
    """Two accounts in Salesforce fit: neither is taken, a new one is made, people decide."""
    home = chart.address(city="Oak Park", zipcode=AMBIGUOUS_POSTAL_CODE)
    patid = chart.patient("Cloudberry", "Sören", "1989-09-29 00:00:00", addrid=home, gender="1")
    chart.reports("patient", patid, record_of("family", patid), "ambiguous_match")
