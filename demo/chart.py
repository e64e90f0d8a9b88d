"""The practice while it is being made up: its tables, and the truth about what was planted."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from demo import people
from demo.layout import COLUMNS

SLUG = "oak_park"
EXTRACTED = date(2026, 11, 20)

Row = dict[str, str]


@dataclass(frozen=True)
class Planted:
    """One expectation: what a planted mess must turn into.

    `effect` is one of merged, separate, loads, reported, held_back, rejected, skipped, adopted
    and not_landed; `record` is the Salesforce record's migration key where there is one, `detail`
    what else the effect needs (survivor, field and value, reason class).
    """

    case: str
    why: str
    table: str
    key: str
    effect: str
    record: str | None
    detail: dict[str, Any]


@dataclass
class Chart:
    """Tables being filled, ids being handed out, and the truth being written down."""

    random: Random
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    truth: list[dict[str, Any]] = field(default_factory=list)
    _last_id: Counter[str] = field(
        default_factory=lambda: Counter(patient=10479, address=700, insured=3000, inscarrier=200)
    )
    _case: str = ""
    _why: str = ""

    @contextmanager
    def case(self, name: str, why: str) -> Iterator[None]:
        """Everything said about the truth inside belongs to this case."""
        self._case, self._why = name, why
        yield
        self._case = self._why = ""

    def new_id(self, table: str) -> str:
        """The table's next primary key."""
        self._last_id[table] += 1
        return str(self._last_id[table])

    def add(self, table: str, **values: str) -> Row:
        """Adds a row; columns not named are empty."""
        row = dict.fromkeys(COLUMNS[table], "") | values
        self.tables[table].append(row)
        return row

    def find(self, table: str, key: str) -> Row:
        """The first row with this primary key."""
        column = COLUMNS[table][0]
        return next(row for row in self.tables[table] if row[column] == key)

    def address(self, **values: str) -> str:
        """Adds an address, complete unless told otherwise; gives its id."""
        town, postal_code = self.random.choice(people.TOWNS)
        usual = {
            "street1": people.street(self.random),
            "city": town,
            "state": "IL",
            "zipcode": postal_code,
            "phone": people.phone(self.random),
        }
        addrid = self.new_id("address")
        self.add("address", **(usual | {"addrid": addrid} | values))
        return addrid

    def patient(self, last: str, first: str, birth: str, visits: int = 0, **values: str) -> str:
        """Adds a patient, his own guarantor at an address of his own unless told otherwise.

        `visits` is how many appointments, each with a completed procedure and a note, he has:
        three child rows a visit. Gives the patid.
        """
        patid = values.pop("patid", None) or self.new_id("patient")
        guarid = values.get("guarid", patid)
        usual = {
            "patid": patid,
            "automodifiedtimestamp": "2026-11-02 16:26:19",
            "patguid": str(UUID(int=self.random.getrandbits(128), version=4)).upper(),
            "famid": guarid,
            "guarid": guarid,
            "isguar": str(int(guarid == patid)),
            "isheadofhouse": str(int(guarid == patid)),
            "lastname": last,
            "firstname": first,
            "birthdate": birth,
            "gender": "2",
            "status": "1",
            "fampos": "1",
            "provid1": "DDS1",
            "provid2": "HYG1",
            "privacyflags": "0",
            "missedappt": "0",
            "medalertmask1": "0",
            "medalertmask2": "0",
            "priminsuredid": "0",
            "secinsuredid": "0",
            "createdate": "2018-06-04 09:15:00",
        }
        if "addrid" not in values:
            values["addrid"] = self.address()
        self.add("patient", **(usual | values))
        for _ in range(visits):
            self.visit(patid, guarid)
        return patid

    def visit(self, patid: str, guarid: str) -> None:
        """An appointment kept, the work done, and what the dentist wrote about it."""
        when = people.day(self.random, 2019, 2025)
        apptid, procid, noteid = map(self.new_id, ("appt", "fullproclog", "clinicalnote"))
        moment = f"{when:%Y-%m-%d} 09:{self.random.randrange(0, 60, 10):02d}:00"
        fee = self.random.randrange(45, 400)
        self.add("appt", apptid=apptid, apptdate=f"{when:%Y-%m-%d} 00:00:00", timehr="9",
                 timemin="0", apptlen="60", opid="OP-1", provid="HYG1", patid=patid,
                 status="-106", apptbrokenclass="0", appttype="1", amt=f"{fee}.00",
                 apptreason="Prophy, exam", createdate=moment,
                 automodifiedtimestamp=moment)  # fmt: skip
        self.add("fullproclog", procid=procid, patid=patid, guarid=guarid, chartstatus="102",
                 procdate=moment, createdate=moment, completiondate=moment, proccodeid="1110",
                 amt=f"{fee}.00", provid="HYG1", toothrangestart="0", toothrangeend="0",
                 claimid="0", txcaseid="0", automodifiedtimestamp=moment)  # fmt: skip
        self.add("clinicalnote", cnotesid=noteid, patid=patid, provid="HYG1",
                 createdatetime=moment, entrydatetime=moment, lockeddate=moment,
                 notetext="Prophy completed.\nNext visit in 6 months.",
                 automodifiedtimestamp=moment)  # fmt: skip

    def insured(self, subscriber: str, plan: str, idnum: str, **values: str) -> str:
        """Adds a subscriber's policy under a plan (an `inscarrier` row); gives its id."""
        insuredid = self.new_id("insured")
        usual = {"insuredid": insuredid, "insplanid": plan, "inspartyid": subscriber}
        self.add("insured", **(usual | {"idnum": idnum} | values))
        return insuredid

    def plan(self, carrier: str, **values: str) -> str:
        """Adds an insurance plan, that is a row of `inscarrier`; gives its id."""
        insid = self.new_id("inscarrier")
        usual = {
            "insid": insid,
            "insconame": carrier,
            "groupname": "Employees",
            "groupnum": f"G{self.random.randrange(1000, 9999)}",
            "street1": f"{self.random.randrange(10, 99)} Claims Plaza",
            "city": "Chicago",
            "state": "IL",
            "zipcode": "60601",
            "phone": people.phone(self.random),
            "payerid": f"{self.random.randrange(10000, 99999)}",
            "instype": "0",
        }
        self.add("inscarrier", **(usual | values))
        return insid

    def owes(self, guarid: str, current: str, **older: str) -> None:
        """Adds a guarantor's aging row."""
        usual = {"aging0to30": current, "aging31to60": "0.00"}
        usual |= {"aging61to90": "0.00", "aging91plus": "0.00", "agingdate": "2026-11-19 00:00:00"}
        self.add("aging", **(usual | {"guarid": guarid} | older))

    def expect(
        self, effect: str, table: str, key: str, record: str | None = None, **detail: Any
    ) -> None:
        """Writes down what a source row of the current case must turn into."""
        self.truth.append(
            asdict(Planted(self._case, self._why, table, key, effect, record, detail))
        )

    def merges(self, patid: str, into: str, rule: str) -> None:
        """This patient is the same person as that one."""
        self.expect("merged", "patient", patid, record_of("patient", into), into=into, rule=rule)

    def stays(self, patid: str) -> None:
        """This patient is a person of his own."""
        self.expect("separate", "patient", patid, record_of("patient", patid))

    def loads(self, table: str, key: str, record: str, **values: Any) -> None:
        """The record has these values, by Salesforce field (None: the field stays empty)."""
        self.expect("loads", table, key, record, values=values)

    def reports(
        self, table: str, key: str, record: str, reason: str, header: str | None = None
    ) -> None:
        """The record loads; the correction report names it with this class (and field)."""
        self.expect("reported", table, key, record, reason=reason, header=header)

    def holds(self, table: str, key: str, record: str, reason: str) -> None:
        """The record does not load, for a reason of this class."""
        self.expect("held_back", table, key, record, reason=reason)


def record_of(kind: str, source_id: str) -> str:
    """The migration key of a record of this practice."""
    return f"{SLUG}:{kind}:{source_id}"


def carrier_of(normalised: str) -> str:
    """The migration key of a carrier, from its normalised name."""
    return f"all:carrier:{sha256(normalised.encode()).hexdigest()[:16]}"
