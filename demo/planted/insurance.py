"""Carriers in many spellings, plans that are gone, and policies that point nowhere."""

from demo.chart import Chart, record_of
from demo.truth import carrier_of

ADOPTED_CARRIER = "Met Life, Inc."


def carrier_spellings(chart: Chart) -> None:
    """One carrier, typed anew for every plan: the most frequent spelling is its name."""
    for spellings, normalised, name in (
        (("Blue Cross Blue Shield", "BCBS", "BLUE CROSS BLUE SHIELD INC.",
          "Blue Cross Blue Shield"),
         "blue cross blue shield", "Blue Cross Blue Shield"),
        (("United Healthcare", "UHC", "United  Healthcare", "United Healthcare"),
         "united healthcare", "United Healthcare"),
        (("Lumière Dental", "Lumiere Dental Co.", "Lumière Dental"),
         "lumiere dental", "Lumière Dental"),
        (("Plaque & Sons", "Plaque and Sons LLC", "Plaque & Sons"),
         "plaque and sons", "Plaque & Sons"),
    ):  # fmt: skip
        plans = [chart.plan(spelling) for spelling in spellings]
        chart.loads("inscarrier", plans[0], carrier_of(normalised), Name=name)
        for plan in plans[1:]:
            chart.expect("merged", "inscarrier", plan, carrier_of(normalised), into=plans[0])


def carrier_look_alikes(chart: Chart) -> None:
    """Names that begin alike and are other companies."""
    for name, normalised in (
        ("Delta Dental of Illinois", "delta dental of illinois"),
        ("United Concordia", "united concordia"),
        ("Guardian Angel Dental", "guardian angel dental"),
    ):
        chart.loads("inscarrier", chart.plan(name), carrier_of(normalised), Name=name)


def carrier_the_org_knows(chart: Chart) -> None:
    """Salesforce has this carrier under a spelling of its own: taken over, its name kept."""
    for spelling in ("MetLife", "Met Life", "METLIFE INC", "MetLife"):
        plan = chart.plan(spelling)
    chart.expect("adopted", "inscarrier", plan, carrier_of("metlife"), name=ADOPTED_CARRIER)


def carrier_without_a_name(chart: Chart) -> None:
    """A plan row nobody finished: no account can be made of it."""
    plan = chart.plan("   ")
    chart.expect("held_back", "inscarrier", plan, None, reason="missing_required")


def carrier_name_too_long(chart: Chart) -> None:
    """Over 255 characters: the carrier is held back, the policy loads without it."""
    name = "Mutual Society of Bicuspid Preservers " * 7
    plan = chart.plan(name)
    patid = _policy_holder(chart, "Mutualman", plan)
    chart.holds("inscarrier", plan, carrier_of(name.strip().lower()), "too_long")
    chart.loads(
        "insured",
        f"{patid}-P",
        record_of("insurance", f"{patid}-P"),
        **{"Carrier__r.Migration_Key__c": None},
    )


def payer_id_too_long(chart: Chart) -> None:
    """A payer id of more than 20 characters is left out."""
    plan = chart.plan("Payerless Dental", payerid="PAYER-ID-TO-BE-ASKED-FOR")
    record = carrier_of("payerless dental")
    chart.loads("inscarrier", plan, record, Payer_ID__c=None)
    chart.reports("inscarrier", plan, record, "too_long", "Payer_ID__c")


def group_with_an_emoji(chart: Chart) -> None:
    """Somebody in benefits was in a good mood; the file is UTF-8 among others in cp1252."""
    patid = _policy_holder(
        chart, "Smilegood", chart.plan("Aetna", groupname="Team \U0001f9b7 Smiles")
    )
    chart.loads(
        "insured",
        f"{patid}-P",
        record_of("insurance", f"{patid}-P"),
        Group_Name__c="Team \U0001f9b7 Smiles",
    )


def plan_stale(chart: Chart) -> None:
    """The plan was purged: the policy stays, without carrier, its number kept."""
    patid = _policy_holder(chart, "Stalewater", "99903", idnum="ST-77")
    record = record_of("insurance", f"{patid}-P")
    chart.loads(
        "insured",
        f"{patid}-P",
        record,
        Subscriber_ID__c="ST-77",
        **{"Carrier__r.Migration_Key__c": None},
    )
    chart.reports("insured", f"{patid}-P", record, "orphan")


def policy_missing(chart: Chart) -> None:
    """The patient points to a policy that does not exist: there is nothing to load."""
    patid = chart.patient(
        "Danglebury", "Fritz", "1985-05-15 00:00:00", priminsuredid="99904", priminsrel="1"
    )
    chart.expect(
        "not_made", "patient", patid, record_of("insurance", f"{patid}-P"), reason="orphan"
    )


def subscriber_is_someone_else(chart: Chart) -> None:
    """Husband and child are on her policy; he has a second one of his own."""
    wife = _policy_holder(chart, "Underhill", chart.plan("Cigna"), idnum="UH-1")
    insured = chart.find("patient", wife)["priminsuredid"]
    own = chart.plan("Principal", groupname="Guild", groupnum="PG-9")
    husband = chart.patient(
        "Underhill", "Ludo", "1974-04-14 00:00:00", guarid=wife, gender="1",
        priminsuredid=insured, priminsrel="2",
    )  # fmt: skip
    second = chart.insured(husband, own, "UH-2", eligibilitystart="2020-01-01 00:00:00")
    chart.find("patient", husband).update(secinsuredid=second, secinsrel="1")
    child = chart.patient(
        "Underhill", "Primula", "2013-03-13 00:00:00", guarid=wife, fampos="3",
        priminsuredid=insured, priminsrel="3",
    )  # fmt: skip
    for patid, relationship in ((husband, "Spouse"), (child, "Child")):
        chart.loads(
            "insured",
            f"{patid}-P",
            record_of("insurance", f"{patid}-P"),
            Priority__c="Primary",
            Relationship__c=relationship,
            Subscriber_ID__c="UH-1",
            **{"Subscriber__r.Migration_Key__c": record_of("patient", wife)},
        )
    chart.loads(
        "insured",
        f"{husband}-S",
        record_of("insurance", f"{husband}-S"),
        Priority__c="Secondary",
        Relationship__c="Self",
        Group_Number__c="PG-9",
        Group_Name__c="Guild",
        Eligibility_Start__c="2020-01-01",
    )


def subscriber_missing(chart: Chart) -> None:
    """The subscriber is no patient here: the field stays empty, the policy loads."""
    patid = chart.patient("Outsider", "Kaspar", "2009-09-19 00:00:00", gender="1")
    insured = chart.insured("99905", chart.plan("Aetna"), "OUT-5")
    chart.find("patient", patid).update(priminsuredid=insured, priminsrel="9")
    record = record_of("insurance", f"{patid}-P")
    chart.loads(
        "insured",
        f"{patid}-P",
        record,
        Relationship__c="Other",
        **{"Subscriber__r.Migration_Key__c": None},
    )
    chart.reports("insured", f"{patid}-P", record, "orphan", "Subscriber__r.Migration_Key__c")


def subscriber_id_too_long(chart: Chart) -> None:
    """A subscriber id of more than 40 characters is left out."""
    patid = _policy_holder(chart, "Digitsworth", chart.plan("Cigna"), idnum="9" * 41)
    record = record_of("insurance", f"{patid}-P")
    chart.loads("insured", f"{patid}-P", record, Subscriber_ID__c=None)
    chart.reports("insured", f"{patid}-P", record, "too_long", "Subscriber_ID__c")


def eligibility_dates(chart: Chart) -> None:
    """Open-ended means no end; a start nobody can read is left out."""
    patid = _policy_holder(
        chart,
        "Openend",
        chart.plan("Guardian"),
        eligibilitystart="when hired",
        eligibilityend="9999-12-31 00:00:00",
    )
    record = record_of("insurance", f"{patid}-P")
    chart.loads("insured", f"{patid}-P", record, Eligibility_Start__c=None, Eligibility_End__c=None)
    chart.reports("insured", f"{patid}-P", record, "unreadable_date", "Eligibility_Start__c")


def _policy_holder(
    chart: Chart, surname: str, plan: str, idnum: str = "PH-1", **values: str
) -> str:
    patid = chart.patient(surname, "Jolanda", "1980-08-08 00:00:00")
    insured = chart.insured(patid, plan, idnum, **values)
    chart.find("patient", patid).update(priminsuredid=insured, priminsrel="1")
    return patid
