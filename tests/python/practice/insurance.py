"""Carriers, plans and who is insured by them; carriers are shared by the practices of an org."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from tests.python.practice.book import Book, Fields, Row, to
from tests.python.practice.people import plant
from tests.python.practice.world import Person, World
from tests.python.practice.write_ascend import ref

START = date(2021, 1, 1)


@dataclass(frozen=True)
class Carrier:
    """An insurer under its normalised name, worked out by hand from the rule."""

    normal: str
    spellings: tuple[str, ...]
    name: str
    payer: str
    phone: str
    plans: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> str:
        return f"all:carrier:{sha256(self.normal.encode()).hexdigest()[:16]}"


# Spellings as often as they stand here; `name` is the most frequent one.
CARRIERS = [
    Carrier(
        "delta dental of illinois",
        ("Delta Dental of Illinois", "DELTA DENTAL OF ILLINOIS, INC.", "Delta Dental of Illinois"),
        "Delta Dental of Illinois", "DDIL1", "(800) 555-0101",
    ),
    Carrier("delta dental", ("Delta Dental",), "Delta Dental", "DD001", "(800) 555-0102"),
    Carrier(
        "blue cross blue shield",
        ("BCBS", "Blue Cross & Blue Shield Co.", *["Blue Cross Blue Shield"] * 2),
        "Blue Cross Blue Shield", "BCBS1", "(800) 555-0103",
    ),
    Carrier(
        "united healthcare",
        ("UHC", "United Healthcare", "United Healthcare LLC", "United Healthcare"),
        "United Healthcare", "UHC01", "(800) 555-0104",
    ),
    Carrier("united concordia", ("United Concordia",), "United Concordia", "UC001", ""),
    Carrier(
        "metlife",
        ("Met Life", "MetLife", "MetLife Corporation", "MetLife"),
        "MetLife", "ML001", "(800) 555-0105",
    ),
    Carrier(
        "societe generale sante",
        ("Société Générale Santé", "Societe-Generale   Sante Ltd", "Société Générale Santé"),
        "Société Générale Santé", "SG001", "(800) 555-0106",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One plan: a row of `inscarrier`, or a carrierinsuranceplan."""

    id: str
    carrier: Carrier
    group_name: str
    group_number: str


def write_carriers(book: Book) -> list[Plan]:
    """Every carrier under all its spellings, a plan each; the account of each carrier."""
    plans = []
    for carrier in CARRIERS:
        for spelling in carrier.spellings:
            number = book.number("inscarrier", 40)
            plan = Plan(book.id(number), carrier, f"Group of {number}", f"G-{number:04d}")
            _write_plan(book, plan, spelling)
            plans.append(plan)
        book.record(
            "carrier",
            carrier.key,
            Account_Kind__c="Insurance Carrier",
            Type="Insurance Carrier",
            Name=carrier.name,
            Payer_ID__c=carrier.payer,
            Phone=carrier.phone,
        )
    return plans


def _write_plan(book: Book, plan: Plan, spelling: str) -> None:
    carrier = plan.carrier
    if book.ascend:
        company = book.id(book.number("insurancecarriers", 60))
        book.row(
            "insurancecarriers",
            id=company,
            name=spelling,
            payorId=carrier.payer,
            phone=carrier.phone or None,
        )
        book.row(
            "carrierinsuranceplans",
            id=plan.id,
            planName=plan.group_name,
            groupNumber=plan.group_number,
            insuranceCarrier=ref("InsuranceCarrier", company),
        )
        return
    book.row(
        "inscarrier",
        insid=plan.id,
        insconame=spelling,
        groupname=plan.group_name,
        groupnum=plan.group_number,
        street1="1 Plaza",
        street2="",
        city="Chicago",
        state="IL",
        zipcode="60601",
        phone=carrier.phone,
        payerid=carrier.payer,
        instype=0,
    )


def insure_people(book: Book, world: World, plans: list[Plan]) -> None:
    """Two families in three are insured, a third of those twice; all through the guarantor."""
    for place, family in enumerate(world.families):
        for priority in ("Primary", "Secondary")[: place % 3]:
            plan = plans[(place + len(priority)) % len(plans)]
            through = family.members[0]
            insured = policy(book, plan.id, through.id(book), f"S{place:05d}-{priority[0]}")
            for at, member in enumerate(family.members):
                relation = ("Self", "Spouse", "Child", "Child")[at]
                cover(book, member, insured, priority, relation)
                expect_cover(book, member, priority, relation, plan=plan, subscriber=through)
                named = {"Subscriber_ID__c": insured["idnum"]}
                book.record("insurance", cover_key(book, member, priority), named)
                if priority == "Primary":
                    book.record(
                        "patient", member.key(book), Insurance_Subscriber_ID__c=insured["idnum"]
                    )


RELATIONS = {"Self": 1, "Spouse": 2, "Child": 3, "Other": 9}


def policy(book: Book, plan: str | int, through: str | int, idnum: str, **cells: Any) -> Row:
    """A subscriber's policy: an `insured` row (G-series), or a subscriberinsuranceplan."""
    number = book.number("insured", 5000)
    if book.ascend:
        row = book.row(
            "subscriberinsuranceplans",
            id=book.id(number),
            planSubscriberId=idnum,
            patient=ref("Patient", str(through)),
            carrierInsurancePlan=ref("CarrierInsurancePlan", str(plan)),
        )
        return {**row, "idnum": idnum, "insuredid": row["id"]}
    given = {"eligibilitystart": START, "eligibilityend": "9999-12-31 00:00:00"} | cells
    return book.row(
        "insured", insuredid=number, insplanid=plan, inspartyid=through, idnum=idnum, **given
    )


def cover(book: Book, person: Person, insured: Row, priority: str, relation: str) -> None:
    """Says that a person is insured by a policy."""
    if book.ascend:
        book.row(
            "patientinsuranceplans",
            id=book.id(book.number("patientinsuranceplans", 7000)),
            patient=ref("Patient", person.id(book)),
            subscriberInsurancePlan=ref("SubscriberInsurancePlan", insured["insuredid"]),
            startDate=START,
            endDate=None,
            relationshipToSubscriber=relation.upper(),
            responsibilities=[priority.upper()],
        )
        return
    row = book.find("patient", patid=person.number)
    prefix = "prim" if priority == "Primary" else "sec"
    row[f"{prefix}insuredid"] = insured["insuredid"]
    row[f"{prefix}insrel"] = RELATIONS[relation]


def cover_key(book: Book, person: Person, priority: str) -> str:
    """The key of a person's primary or secondary insurance."""
    return book.key("insurance", f"{person.id(book)}-{priority[0]}")


def expect_cover(
    book: Book,
    person: Person,
    priority: str,
    relation: str,
    *,
    plan: Plan | None,
    subscriber: Person | None,
) -> Fields:
    """The Insurance_Detail__c a cover becomes."""
    return book.record(
        "insurance",
        cover_key(book, person, priority),
        {
            **to("Contact__c", person.key(book)),
            **to("Carrier__c", plan.carrier.key if plan else None),
            **to("Subscriber__c", subscriber.key(book) if subscriber else None),
        },
        Priority__c=priority,
        Relationship__c=relation,
        Group_Name__c=plan.group_name if plan else None,
        Group_Number__c=plan.group_number if plan else None,
        Eligibility_Start__c=START,
        Eligibility_End__c=None,
    )


def plant_insurance(book: Book, world: World, plans: list[Plan]) -> None:
    """What goes wrong with insurance, one person each (G-series)."""
    _missing_policy(book, world)
    _stale_plan(book, world)
    _unknown_subscriber(book, world, plans[0])
    _other_relation(book, world, plans[1])
    _secondary_only(book, world, plans[2])
    _long_values(book, world, plans[0])
    _long_carrier_name(book, world)
    _bad_dates(book, world, plans[3])


def _missing_policy(book: Book, world: World) -> None:
    """A link that finds no `insured` row makes nothing."""
    person = plant(book, world)
    row = book.find("patient", patid=person.number)
    row["priminsuredid"], row["priminsrel"] = 999_999, 1
    key = cover_key(book, person, "Primary")
    book.held_back("orphan", "insurance", key, table="patient", row=row)


def _stale_plan(book: Book, world: World) -> None:
    """A plan that is gone: no carrier, and the subscriber id is kept."""
    person = plant(book, world)
    insured = policy(book, 888_888, person.number, "STALE-1")
    cover(book, person, insured, "Primary", "Self")
    expected = expect_cover(book, person, "Primary", "Self", plan=None, subscriber=person)
    expected["Subscriber_ID__c"] = "STALE-1"
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c="STALE-1")
    key = cover_key(book, person, "Primary")
    book.problem("orphan", key, "Carrier__c", table="insured", row=insured)


def _unknown_subscriber(book: Book, world: World, plan: Plan) -> None:
    person = plant(book, world)
    insured = policy(book, plan.id, 777_777, "NOBODY-1")
    cover(book, person, insured, "Primary", "Spouse")
    expected = expect_cover(book, person, "Primary", "Spouse", plan=plan, subscriber=None)
    expected["Subscriber_ID__c"] = "NOBODY-1"
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c="NOBODY-1")
    key = cover_key(book, person, "Primary")
    book.problem("orphan", key, "Subscriber__c", table="insured", row=insured)


def _other_relation(book: Book, world: World, plan: Plan) -> None:
    """Both covers by one policy, the relation neither self, spouse nor child."""
    person = plant(book, world)
    insured = policy(book, plan.id, person.number, "BOTH-1")
    for priority in ("Primary", "Secondary"):
        cover(book, person, insured, priority, "Other")
        expect_cover(book, person, priority, "Other", plan=plan, subscriber=person)
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c="BOTH-1")


def _secondary_only(book: Book, world: World, plan: Plan) -> None:
    """The contact names the primary subscriber id, never the secondary."""
    person = plant(book, world)
    end = date(2024, 6, 30)
    insured = policy(book, plan.id, person.number, "SECOND-1", eligibilityend=end)
    cover(book, person, insured, "Secondary", "Self")
    expected = expect_cover(book, person, "Secondary", "Self", plan=plan, subscriber=person)
    expected["Eligibility_End__c"] = end


def _long_values(book: Book, world: World, plan: Plan) -> None:
    """A subscriber id over any limit: left out of both records, which load."""
    person = plant(book, world)
    insured = policy(book, plan.id, person.number, "9" * 300)
    cover(book, person, insured, "Primary", "Self")
    expected = expect_cover(book, person, "Primary", "Self", plan=plan, subscriber=person)
    expected["Subscriber_ID__c"] = None
    key = cover_key(book, person, "Primary")
    book.problem("too_long", key, "Subscriber_ID__c", table="insured", row=insured)
    own = book.find("patient", patid=person.number)
    book.problem(
        "too_long",
        person.key(book),
        "Insurance_Subscriber_ID__c",
        table="patient",
        row=own,
        or_row=insured,
    )


def _long_carrier_name(book: Book, world: World) -> None:
    """An account name over its limit: no carrier, and the insurance loads without one."""
    carrier = Carrier("mutual " + "a" * 260, (), "Mutual " + "a" * 260, "LONG1", "")
    plan = Plan(book.id(book.number("inscarrier", 40)), carrier, "Long", "G-LONG")
    _write_plan(book, plan, carrier.name)
    row = book.find("inscarrier", insid=plan.id)
    book.held_back("too_long", "carrier", carrier.key, "Name", table="inscarrier", row=row)
    person = plant(book, world)
    insured = policy(book, plan.id, person.number, "LONGCO-1")
    cover(book, person, insured, "Primary", "Self")
    expected = expect_cover(book, person, "Primary", "Self", plan=plan, subscriber=person)
    expected |= to("Carrier__c", None)
    book.record("insurance", cover_key(book, person, "Primary"), expected)
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c="LONGCO-1")
    book.may_report(insured, row, book.find("patient", patid=person.number))


def _bad_dates(book: Book, world: World, plan: Plan) -> None:
    person = plant(book, world)
    insured = policy(book, plan.id, person.number, "DATES-1", eligibilitystart="31/31/2021")
    cover(book, person, insured, "Primary", "Self")
    expected = expect_cover(book, person, "Primary", "Self", plan=plan, subscriber=person)
    expected["Eligibility_Start__c"] = None
    book.record("patient", person.key(book), Insurance_Subscriber_ID__c="DATES-1")
    key = cover_key(book, person, "Primary")
    book.problem("unreadable_date", key, "Eligibility_Start__c", table="insured", row=insured)
