"""The practice while it is being made up: its tables, and the truth about what was planted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from demo import people
from demo.files import Row
from demo.layout import COLUMNS
from demo.truth import Truth

SLUG = "oak_park"
EXTRACTED = date(2026, 11, 20)


@dataclass(frozen=True)
class Work:
    """A line of the practice's procedure table: its own words, and what it charges."""

    proccodeid: str
    code: str
    short: str
    words: str
    area: str
    fee: int


ROUTINE = (
    Work("101", "D0120", "PerEx", "Checkup", "mouth", 58),
    Work("102", "D1110", "AdPro", "Adult cleaning", "mouth", 110),
    Work("103", "D0274", "4BW", "Four bitewing pictures", "mouth", 72),
)
FILLING = Work("104", "D2392", "2SurfC", "White filling, two surfaces", "surface", 235)
CROWN = Work("105", "D2740", "PorCrn", "Ceramic crown", "tooth", 1280)
DEEP_CLEANING = Work("106", "D4341", "PerSRP", "Deep cleaning of a quadrant", "quadrant", 265)
WHITENING = Work("107", "BLEACH", "Bleach", "Whitening at home", "mouth", 300)
PROCEDURES = (*ROUTINE, FILLING, CROWN, DEEP_CLEANING, WHITENING)


@dataclass
class Chart(Truth):
    """Tables being filled, ids being handed out, and the truth being written down."""

    random: Random
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    unsettled: set[str] = field(default_factory=set)
    """Guarantors whose ledger and aging are meant to disagree."""
    _last_id: Counter[str] = field(
        default_factory=lambda: Counter(patient=10479, address=700, insured=3000, inscarrier=200)
    )

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
        moment = f"{when:%Y-%m-%d} 09:{self.random.randrange(0, 60, 10):02d}:00"
        work = self.random.choice(ROUTINE)
        procid = self.work(patid, guarid, work, moment)
        self.appointment(patid, f"{when:%Y-%m-%d}", 9, 0, status="-106", codeid1=procid,
                         codetype1="1", amt=f"{work.fee}.00", apptreason=work.short,
                         createdate=moment)  # fmt: skip
        self.note(patid, moment, f"{work.words} done.\nNext visit in 6 months.")

    def appointment(self, patid: str, day: str, hour: int, minute: int, **values: str) -> str:
        """Adds an appointment of an hour with the hygienist; gives its id. `day` is YYYY-MM-DD."""
        apptid = values.pop("apptid", None) or self.new_id("appt")
        usual = {
            "apptid": apptid,
            "automodifiedtimestamp": "2026-11-02 16:26:19",
            "apptdate": f"{day} 00:00:00",
            "timehr": str(hour),
            "timemin": str(minute),
            "apptlen": "60",
            "opid": "OP-1",
            "provid": "HYG1",
            "patid": patid,
            "status": "1",
            "apptbrokenclass": "0",
            "appttype": "1",
            "codeid1": "0",
            "codetype1": "0",
            "createdate": "2026-10-05 10:12:00",
        }
        self.add("appt", **(usual | values))
        return apptid

    def work(self, patid: str, guarid: str, work: Work, moment: str, **values: str) -> str:
        """Adds completed work at the practice's fee; gives its procid."""
        usual = {
            "procid": self.new_id("fullproclog"),
            "automodifiedtimestamp": moment,
            "patid": patid,
            "guarid": guarid,
            "chartstatus": "102",
            "procdate": moment,
            "createdate": moment,
            "completiondate": moment,
            "proccodeid": work.proccodeid,
            "amt": f"{work.fee}.00",
            "provid": "HYG1",
            "toothrangestart": "0",
            "toothrangeend": "0",
            **dict.fromkeys(("surfm", "surfo", "surfd", "surfl", "surff", "surf5"), "0"),
            "claimid": "0",
            "txcaseid": "0",
            "history": "0",
        }
        row = self.add("fullproclog", **(usual | values))
        return row["procid"]

    def posting(self, guarid: str, proclogclass: str, amount: str, **values: str) -> str:
        """Adds a payment (class 1, 3), an adjustment (2, 7) or an opening balance (0)."""
        usual = {
            "procid": self.new_id("fullproclog"),
            "automodifiedtimestamp": "2026-01-15 11:05:00",
            "patid": guarid,
            "guarid": guarid,
            "chartstatus": "90",
            "proclogclass": proclogclass,
            "proclogorder": "1",
            "procdate": f"{EXTRACTED:%Y}-01-15 00:00:00",
            "createdate": f"{EXTRACTED:%Y}-01-15 11:05:00",
            "amt": amount,
            "provid": "DDS1",
        }
        row = self.add("fullproclog", **(usual | values))
        return row["procid"]

    def note(self, patid: str, moment: str, text: str, **values: str) -> str:
        """Adds a signed clinical note; gives its id."""
        usual = {
            "cnotesid": self.new_id("clinicalnote"),
            "automodifiedtimestamp": moment,
            "patid": patid,
            "provid": "HYG1",
            "createdatetime": moment,
            "entrydatetime": moment,
            "lockeddate": moment,
            "notetext": text,
            "txcaseid": "0",
        }
        row = self.add("clinicalnote", **(usual | values))
        return row["cnotesid"]

    def document(self, patid: str, path: str, **values: str) -> str:
        """Adds a scanned document of a patient, with its place on the file share; gives its id."""
        usual = {
            "docid": self.new_id("document"),
            "doctypeid": "1",
            "descript": "Health history",
            "createdate": "2024-05-06 08:00:00",
        }
        docid = self.add("document", **(usual | values))["docid"]
        self.add("docattach", attachid=self.new_id("docattach"), docid=docid, attachtotype="1",
                 attachtoentityid=patid)  # fmt: skip
        if path:
            self.add("document_files", docid=docid, path=path)
        return docid

    def alert(self, patid: str, itemid: str, **values: str) -> str:
        """Adds an allergy, a problem or a medication of a patient; gives the link's id."""
        usual = {
            "linkid": self.new_id("hhlinkpat_item"),
            "patid": patid,
            "hhitemid": itemid,
            "status": "1",
            "critical": "1",
            "reporteddate": "2023-01-09 00:00:00",
            "startdate": "2023-01-09 00:00:00",
            "enddate": "9999-12-31 00:00:00",
        }
        return self.add("hhlinkpat_item", **(usual | values))["linkid"]

    def recall(self, patid: str, recallid: str, due: str, **values: str) -> None:
        """Adds a recall that is due on a day (YYYY-MM-DD)."""
        usual = {
            "recallid": recallid,
            "patid": patid,
            "setdate": "2026-05-04 00:00:00",
            "duedate": f"{due} 00:00:00",
            "provid": "HYG1",
            "status": "0",
        }
        self.add("recallpending", **(usual | values))

    def journal(self, patid: str, day: str, minutes: str, title: str, **values: str) -> str:
        """Adds an entry of the office journal, a call unless told otherwise; gives its id."""
        usual = {
            "contactid": self.new_id("contact"),
            "contactdate": f"{day} 00:00:00",
            "contacttime": minutes,
            "patid": patid,
            "provid": "DDS1",
            "title": title,
            "contacttype": "3",
        }
        return self.add("contact", **(usual | values))["contactid"]

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

    def merges(self, patid: str, into: str, rule: str) -> None:
        """This patient is the same person as that one."""
        self.expect("merged", "patient", patid, record_of("patient", into), into=into, rule=rule)

    def stays(self, patid: str) -> None:
        """This patient is a person of his own."""
        self.expect("separate", "patient", patid, record_of("patient", patid))


def record_of(kind: str, source_id: str) -> str:
    """The migration key of a record of this practice."""
    return f"{SLUG}:{kind}:{source_id}"
