"""The practice on a good day: families, their insurance, visits and balances, nothing wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo import people
from demo.chart import EXTRACTED, Chart

FAMILIES = 72
SPECIALTIES = {
    "1": "General Practice",
    "2": "Hygienist",
    "3": "Orthodontics",
    "4": "Endodontics",
    "5": "Oral Surgery",
}
CARRIERS = ("Delta Dental", "Aetna", "Guardian", "Cigna", "Principal")


@dataclass(frozen=True)
class Household:
    """What the members of a family have in common."""

    surname: str
    addrid: str
    guarid: str
    insuredid: str


def populate(chart: Chart) -> None:
    """Fills the chart with about 260 patients who give no trouble."""
    _definitions(chart)
    plans = [chart.plan(carrier) for carrier in CARRIERS for _ in range(2)]
    for surname in people.SURNAMES[:FAMILIES]:
        _family(chart, surname, plans)
    _balances(chart)


def _definitions(chart: Chart) -> None:
    for defid, description in SPECIALTIES.items():
        chart.add("specialty", defid=defid, description=description)
    for itemid, hhtype, name in (
        ("1", "2", "Penicillin"),
        ("2", "1", "Asthma"),
        ("3", "2", "Latex"),
    ):
        chart.add("hhitem", itemid=itemid, hhtype=hhtype, description=name, critical="1")


def _family(chart: Chart, surname: str, plans: list[str]) -> None:
    random = chart.random
    addrid = chart.address()
    guarid = chart.new_id("patient")
    insuredid = "0"
    if random.random() < 0.8:
        insuredid = chart.insured(guarid, random.choice(plans), f"W{random.randrange(10**8):08d}")
    household = Household(surname, addrid, guarid, insuredid)
    married = random.random() < 0.7
    head = random.randrange(2)
    _member(
        chart, household, guarid, gender=head, born=(1948, 1990), fampos="2" if married else "1"
    )
    if married:
        spouse = chart.new_id("patient")
        _member(chart, household, spouse, gender=1 - head, born=(1948, 1990), fampos="2", rel="2")
    for _ in range(random.choice((0, 1, 2, 2, 3, 4))):
        child = chart.new_id("patient")
        _member(chart, household, child, random.randrange(2), (2009, 2022), fampos="3", rel="3")


def _unused_birthday(chart: Chart, surname: str, years: tuple[int, int]) -> date:
    """A birthday nobody else in the family has: the base population holds no twins."""
    taken = {row["birthdate"] for row in chart.tables["patient"] if row["lastname"] == surname}
    shown = {people.written(born := people.day(chart.random, *years), n) for n in range(4)}
    return born if not shown & taken else _unused_birthday(chart, surname, years)


def _member(
    chart: Chart,
    household: Household,
    patid: str,
    gender: int,
    born: tuple[int, int],
    fampos: str,
    rel: str = "1",
) -> None:
    random = chart.random
    first = random.choice(people.WOMEN if gender else people.MEN)
    adult = fampos != "3"
    birthday = _unused_birthday(chart, household.surname, born)
    first_visit = people.day(random, 2014, 2024)
    style = random.choice((0, 0, 0, 0, 0, 0, 0, 1, 2, 3))
    chart.patient(
        household.surname,
        first,
        people.written(birthday, style),
        patid=patid,
        visits=random.choice((0, 1, 1, 2)),
        guarid=household.guarid,
        addrid=household.addrid,
        mi=random.choice(("", "", "B", "K", "T")),
        title=("Mr.", "Ms.")[gender] if adult and random.random() < 0.5 else "",
        chartnum=f"{household.surname[:2].upper()}{patid}",
        gender=str(gender + 1),
        fampos=fampos,
        status=random.choice(("1",) * 8 + ("2", "3", "4")),
        firstvisitdate=people.written(first_visit, 0),
        lastvisitdate=people.written(people.day(random, 2024, 2025), 0),
        pager=people.phone(random) if adult else "",
        workphone=people.phone(random) if adult and random.random() < 0.3 else "",
        emailaddr=people.email(random, first, household.surname) if adult else "",
        privacyflags=random.choice(("0",) * 12 + ("1", "2", "3")),
        missedappt=random.choice(("0", "0", "0", "1", "2")),
        priminsuredid=household.insuredid,
        priminsrel=rel if household.insuredid != "0" else "",
        note=random.choice(("", "", "", "Prefers mornings.", "Nervous; likes music.")),
    )
    _papers(chart, patid)


def _papers(chart: Chart, patid: str) -> None:
    """Now and then a treatment plan, a scanned form, an allergy."""
    random = chart.random
    if random.random() < 0.15:
        case = chart.new_id("txcase")
        chart.add("txcase", txcaseid=case, patid=patid, descript="Crown, upper left", status="1",
                  createdate="2025-03-04 10:20:00", isdefault="0")  # fmt: skip
    if random.random() < 0.2:
        docid = chart.new_id("document")
        chart.add("document", docid=docid, doctypeid="1", descript="Health history",
                  createdate="2024-05-06 08:00:00")  # fmt: skip
        chart.add("docattach", attachid=chart.new_id("docattach"), docid=docid, attachtotype="1",
                  attachtoentityid=patid)  # fmt: skip
    if random.random() < 0.1:
        chart.add("hhlinkpat_item", linkid=chart.new_id("hhlinkpat_item"), patid=patid,
                  hhitemid=random.choice("123"), status="1", critical="1",
                  reporteddate="2023-01-09 00:00:00", startdate="2023-01-09 00:00:00",
                  enddate="9999-12-31 00:00:00")  # fmt: skip


def _balances(chart: Chart) -> None:
    """Payments for most of the work done, and the rest as each guarantor's aging."""
    charged: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in chart.tables["fullproclog"]:
        charged[row["guarid"]] += Decimal(row["amt"])
    guarantors = Counter(row["guarid"] for row in chart.tables["patient"])
    for guarid in guarantors:
        owed = charged[guarid]
        paid = owed if chart.random.random() < 0.6 else (owed / 2).quantize(Decimal("0.01"))
        if paid:
            chart.add("fullproclog", procid=chart.new_id("fullproclog"), patid=guarid,
                      guarid=guarid, chartstatus="90", proclogclass="1", proclogorder="1",
                      procdate=f"{EXTRACTED:%Y}-01-15 00:00:00", amt=f"-{paid}",
                      createdate=f"{EXTRACTED:%Y}-01-15 11:05:00", provid="DDS1")  # fmt: skip
        if owed != paid or chart.random.random() < 0.2:
            bucket = chart.random.choice(("aging0to30", "aging31to60", "aging91plus"))
            chart.owes(guarid, **({"current": "0.00"} | {bucket: f"{owed - paid:.2f}"}))
