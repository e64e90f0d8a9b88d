"""The practice while it is being made up: its reports, its documents, the truth about both."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from demo import people
from demo.files import Row
from demo.maple_street.layout import COLUMNS
from demo.maple_street.papers import rtf
from demo.truth import Truth

SLUG = "maple_street"
EXTRACTED = date(2026, 11, 20)
TOWNS = (("Lakewood", "44107"), ("Rocky River", "44116"), ("Parma", "44129"))


@dataclass(frozen=True)
class Work:
    """Something the practice does: its code, its words, what it charges."""

    code: str
    words: str
    fee: int


CLEANING = Work("D1110", "Adult cleaning", 105)
CHECKUP = Work("D0120", "Checkup", 55)
PICTURES = Work("D0274", "Four bitewing pictures", 70)
FILLING = Work("D2392", "White filling, two surfaces", 228)
CROWN = Work("D2740", "Ceramic crown", 1240)
ROUTINE = (CLEANING, CHECKUP, PICTURES)


@dataclass
class Book(Truth):
    """Reports being filled, ids being handed out, and the truth being written down."""

    random: Random
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    files: dict[str, bytes] = field(default_factory=dict)
    """Documents by their path below the set's `files/`."""
    unsettled: set[str] = field(default_factory=set)
    """Patients whose billing and Outstanding Balance are meant to disagree."""
    _last_id: Counter[str] = field(default_factory=lambda: Counter(patients=1000, docs=500))

    def new_id(self, table: str) -> str:
        """The report's next primary key."""
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

    def patient(self, last: str, first: str, birth: str, visits: int = 0, **values: str) -> str:
        """Adds a patient who answers for themselves unless told otherwise; gives the Patient ID.

        `visits` is how many kept appointments they have, each with the work, its charge, its
        payment and a note.
        """
        patient_id = values.pop("patient_id", None) or self.new_id("patients")
        town, postal_code = self.random.choice(TOWNS)
        usual = {
            "patient_id": patient_id,
            "account_no": f"A{patient_id}",
            "responsible_party_id": patient_id,
            "last_name": last,
            "first_name": first,
            "birth_date": birth,
            "sex": "F",
            "marital": "S",
            "address_1": people.street(self.random),
            "city": town,
            "state": "OH",
            "zip": postal_code,
            "home_phone": people.phone(self.random),
            "status": "A",
            "primary_provider": "D1",
            "drug_interaction_flag": "0",
            "premed_flag": "0",
            "assigned_to": "U1",
            "entered_date": "06/04/2018",
        }
        self.add("patients", **(usual | values))
        for _ in range(visits):
            self.visit(patient_id)
        return patient_id

    def visit(self, patient_id: str) -> str:
        """An appointment kept, the work done, billed and half paid, and a note; gives its id."""
        when = people.day(self.random, 2019, 2025)
        work = self.random.choice(ROUTINE)
        appt_id = self.appointment(
            patient_id, us(when), "9:00 AM", status="COMPLETED", type="HYGIENE", reason=work.words,
            created=us(when),
        )  # fmt: skip
        history_id = self.history(patient_id, work, us(when))
        self.bill(patient_id, "C", f"${work.fee}.00", us(when), code=work.code,
                  description=work.words, tx_hist_id=history_id)  # fmt: skip
        self.bill(patient_id, "P", f"({work.fee - 20}.00)", us(when), description="Check")
        body = self.random.choice((
            rtf(f"{work.words} done, patient résumé: {{\\b calm}}.", "Next visit in 6 months."),
            f"<p>{work.words} done.</p><ul><li>No pain</li><li>Gums firm</li></ul>",
            f"{work.words} done.\nNext visit in 6 months.",
        ))  # fmt: skip
        self.note(patient_id, us(when), body, appt_id=appt_id)
        return appt_id

    def appointment(self, patient_id: str, day: str, start: str, **values: str) -> str:
        """Adds an appointment of an hour with the hygienist; gives its id."""
        usual = {
            "appt_id": self.new_id("appointments"),
            "patient_id": patient_id,
            "provider_id": "H1",
            "operatory": "Chair 2",
            "date": day,
            "start_time": start,
            "minutes": "60",
            "type": "HYGIENE",
            "status": "SCHEDULED",
            "created": "10/05/2026",
            "created_by": "U1",
        }
        return self.add("appointments", **(usual | values))["appt_id"]

    def history(self, patient_id: str, work: Work, day: str, **values: str) -> str:
        """Adds work done; gives its History ID."""
        usual = {
            "history_id": self.new_id("txhist"),
            "patient_id": patient_id,
            "provider_id": "H1",
            "completed_date": day,
            "procedure_code": work.code,
            "fee": f"${work.fee:,}.00",
        }
        return self.add("txhist", **(usual | values))["history_id"]

    def plan_line(self, patient_id: str, plan_id: str, line: int, work: Work, **values: str) -> str:
        """Adds a line of a treatment plan; gives what its migration key ends in."""
        usual = {
            "plan_id": plan_id,
            "line_no": str(line),
            "patient_id": patient_id,
            "provider_id": "D1",
            "phase": "1",
            "procedure_code": work.code,
            "fee": f"${work.fee:,}.00",
            "ins_est": f"${work.fee / 2:,.2f}",
            "status": "PROPOSED",
            "plan_date": "03/04/2026",
        }
        self.add("txplan", **(usual | values))
        return f"{plan_id}-{line}"

    def bill(self, patient_id: str, kind: str, amount: str, day: str, **values: str) -> str:
        """Adds a line of the patient's bill (C, P, A or B); gives its Trans ID."""
        usual = {
            "trans_id": self.new_id("billing"),
            "account_no": f"A{patient_id}",
            "patient_id": patient_id,
            "date": day,
            "type": kind,
            "amount": amount,
            "provider_id": "D1",
        }
        return self.add("billing", **(usual | values))["trans_id"]

    def note(self, patient_id: str, day: str, body: str, **values: str) -> str:
        """Adds a signed note; gives its id."""
        usual = {
            "note_id": self.new_id("notes"),
            "patient_id": patient_id,
            "provider_id": "H1",
            "note_date": day,
            "body": body,
            "signed": "Y",
        }
        return self.add("notes", **(usual | values))["note_id"]

    def task(self, patient_id: str, kind: str, subject: str, due: str, **values: str) -> str:
        """Adds something to be done; gives its id."""
        usual = {
            "task_id": self.new_id("tasks"),
            "patient_id": patient_id,
            "task_type": kind,
            "subject": subject,
            "due_date": due,
            "assigned_to": "U1",
            "status": "OPEN",
            "created": "06/01/2026",
        }
        return self.add("tasks", **(usual | values))["task_id"]

    def document(self, patient_id: str, name: str, content: bytes | None, **values: str) -> str:
        """Adds a scan in the patient's folder, or names one that is not there; gives its id."""
        path = values.pop("relative_path", f"{patient_id}/{name}")
        usual = {
            "doc_id": self.new_id("docs"),
            "patient_id": patient_id,
            "category": "XRAY" if name.endswith(".png") else "CONSENT",
            "file_name": name,
            "relative_path": path,
            "size": str(len(content or b"")),
            "scan_date": "05/06/2024",
        }
        if content is not None:
            self.files[path] = content
        return self.add("docs", **(usual | values))["doc_id"]

    def merges(self, patient_id: str, into: str) -> None:
        """This patient is the same person as that one."""
        self.expect("merged", "patients", patient_id, key_of("patient", into), into=into)

    def stays(self, patient_id: str) -> None:
        """This patient is a person of their own."""
        self.expect("separate", "patients", patient_id, key_of("patient", patient_id))

    def settle(self) -> None:
        """Makes Outstanding Balance what the billing comes to, once everything is planted.

        Those meant to disagree are left alone.
        """
        for row in self.tables["patients"]:
            if row["patient_id"] and row["patient_id"] not in self.unsettled:
                row["outstanding_balance"] = money(
                    amount_of(bill["amount"])
                    for bill in self.tables["billing"]
                    if bill["patient_id"] == row["patient_id"]
                )


def us(day: date) -> str:
    """A day as the reports write it."""
    return f"{day:%m/%d/%Y}"


def amount_of(written: str) -> Decimal:
    """An amount as the reports write it: `$1,234.50`, `(45.00)`."""
    plain = Decimal(written.strip("()$").replace(",", "").replace("$", ""))
    return -plain if written.startswith("(") else plain


def money(amounts: Iterable[Decimal]) -> str:
    """The sum of amounts, as the reports write it."""
    total = sum(amounts, Decimal(0))
    return f"(${-total:,.2f})" if total < 0 else f"${total:,.2f}"


def key_of(kind: str, source_id: str) -> str:
    """The migration key of a record of this practice."""
    return f"{SLUG}:{kind}:{source_id}"
