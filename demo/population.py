"""The practice on a good day: families, their insurance, visits and balances, nothing wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo import people
from demo.chart import CROWN, PROCEDURES, Chart
from demo.definitions import DEFINITIONS

FAMILIES = 64
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
    for table, rows in DEFINITIONS.items():
        for row in rows:
            chart.add(table, **row)
    for work in PROCEDURES:
        chart.add("proccode", proccodeid=work.proccodeid, adacode=work.code,
                  abbrevdescript=work.short, descript=work.words, treatmentarea=work.area,
                  category=work.code[:2])  # fmt: skip


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
    _papers(chart, patid, household.guarid)


def _papers(chart: Chart, patid: str, guarid: str) -> None:
    """Now and then a treatment plan, a scanned form, an allergy, a recall, a call, a next visit."""
    random = chart.random
    if random.random() < 0.15:
        case = chart.new_id("txcase")
        chart.add("txcase", txcaseid=case, patid=patid, descript="Crown, upper left",
                  status=random.choice("12"), createdate="2025-03-04 10:20:00",
                  isdefault="0")  # fmt: skip
        chart.work(patid, guarid, CROWN, "2025-03-04 10:20:00", chartstatus="105", txcaseid=case,
                   completiondate="", toothrangestart="14", toothrangeend="14",
                   provid="DDS1")  # fmt: skip
    if random.random() < 0.2:
        chart.document(patid, rf"\\SERVER\DtxImages\{patid}\history.pdf")
    if random.random() < 0.1:
        chart.alert(patid, random.choice("123"))
    if random.random() < 0.5:
        due = people.day(random, 2026, 2027)
        chart.recall(patid, "1", f"{due:%Y-%m-%d}")
    if random.random() < 0.2:
        day = people.day(random, 2025, 2025)
        minutes = str(random.randrange(9 * 60, 17 * 60))
        chart.journal(patid, f"{day:%Y-%m-%d}", minutes, "Reminder call",
                      note="Left a message.")  # fmt: skip
    if random.random() < 0.25:
        day = people.day(random, 2027, 2027)
        chart.appointment(patid, f"{day:%Y-%m-%d}", random.randrange(8, 17), 30,
                          apptreason="PerEx, AdPro", note="Confirm by text.")  # fmt: skip


def _balances(chart: Chart) -> None:
    """Payments for most of the work done: what is left is each guarantor's aging."""
    charged: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in chart.tables["fullproclog"]:
        if row["chartstatus"] == "102":
            charged[row["guarid"]] += Decimal(row["amt"])
    for guarid in Counter(row["guarid"] for row in chart.tables["patient"]):
        owed = charged[guarid]
        paid = owed if chart.random.random() < 0.6 else (owed / 2).quantize(Decimal("0.01"))
        by_insurance = (paid / 3).quantize(Decimal("0.01"))
        if paid:
            chart.posting(guarid, "1", f"-{paid - by_insurance}", checknum="1042")
            chart.posting(guarid, "3", f"-{by_insurance}", proclogorder="2")


def settle(chart: Chart) -> None:
    """Makes ledger and aging agree, once everything is planted.

    Who owes something gets an aging row; whose aging was written down already gets an opening
    balance of the difference. Those meant to disagree are left alone.
    """
    patids = {row["patid"] for row in chart.tables["patient"]}
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in chart.tables["fullproclog"]:
        known = row["guarid"] if row["guarid"] in patids else row["patid"]
        if row["chartstatus"] in ("90", "102") and known not in chart.unsettled:
            owed[known] += Decimal(row["amt"])
    aged = {row["guarid"]: row for row in chart.tables["aging"]}
    for guarid in sorted(set(owed) | set(aged)):
        if guarid in chart.unsettled:
            continue
        if guarid in aged:
            row = aged[guarid]
            buckets = ("aging0to30", "aging31to60", "aging61to90", "aging91plus")
            missing = sum(Decimal(row[bucket]) for bucket in buckets) - owed[guarid]
            if missing:
                chart.posting(guarid, "0", f"{missing:.2f}", proclogorder="0")
        elif owed[guarid]:
            bucket = chart.random.choice(("aging0to30", "aging31to60", "aging91plus"))
            chart.owes(guarid, **({"current": "0.00"} | {bucket: f"{owed[guarid]:.2f}"}))
