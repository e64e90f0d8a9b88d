"""When the patients are due again, and by which rule."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.python.practice.book import Book, Row
from tests.python.practice.expect import matching
from tests.python.practice.world import Person, World


@dataclass(frozen=True)
class Rule:
    """A kind of recall, every so often."""

    number: int
    name: str
    every: int
    unit: str

    @property
    def words(self) -> str:
        return f"{self.name} every {self.every} {self.unit}"


RULES = [
    Rule(1, "PROPHY", 6, "months"),
    Rule(2, "BITEWINGS", 12, "months"),
    Rule(3, "PERIO", 3, "months"),
    Rule(4, "PANO", 5, "years"),
]
# Of a rule's text the words in brackets, who does it, are the practice's.
WHO = r"( \([^()]*\))?"


@dataclass(eq=False)
class Recall:
    """One person due by one rule, their own or the practice's."""

    number: int
    person: Person
    rule: Rule
    due: date
    own: bool = False


def recall(world: World) -> list[Recall]:
    """Recalls for half of all people, one or two each, some by a rule of their own."""
    random = Random("recalls")
    recalls: list[Recall] = []
    for person in world.people:
        if person.number % 2:
            continue
        rules = random.sample(RULES, random.choice([1, 1, 2]))
        days = random.sample(range(30, 500), 2)
        for rule, day in zip(rules, days, strict=False):
            own = random.random() < 0.2
            if own:
                rule = Rule(rule.number, rule.name, rule.every + 1, rule.unit)
            due = date(2026, 11, 20) + timedelta(days=day)
            recalls.append(Recall(400_001 + len(recalls), person, rule, due, own))
    return recalls


def write_recalls(book: Book, world: World, recalls: list[Recall]) -> None:
    """The practice's rules, who is due, and the two fields of every contact."""
    if not book.ascend:
        for rule in RULES:
            write_rule(book, rule, 0)
    for due in recalls:
        write_recall(book, due)
    for person in world.people:
        expect_recalls(book, person, [due for due in recalls if due.person is person])


def write_rule(book: Book, rule: Rule, patid: int, **different: Any) -> Row:
    """A rule's row: the practice's own with patid 0, else one person's. Who does it is a code
    that no document explains, so such a row may be reported."""
    cells: Row = {
        "recallid": rule.number,
        "patid": patid,
        "name": rule.name,
        "descript": f"{rule.name.title()} recall",
        "unit": rule.unit,
        "qty": rule.every,
        "provtype": 1,
        "status": "",
    }
    row = book.row("recalltype", **cells | different)
    book.may_report(row)
    return row


def write_recall(book: Book, due: Recall, **different: Any) -> Row:
    """The row of one who is due, and of their own rule where they have one."""
    if book.ascend:
        cells: Row = {
            "id": book.id(due.number),
            "patient": {"id": due.person.id(book), "type": "PatientV1"},
            "dueDate": due.due,
            "interval": due.rule.every,
            "intervalUnit": due.rule.unit.upper(),
            "recareTemplate": {
                "id": book.id(due.rule.number),
                "type": "RecareTemplateV1",
                "name": due.rule.name,
            },
        }
        return book.row("patientrecares", **cells | different)
    if due.own:
        write_rule(book, due.rule, due.person.number)
    cells = {
        "recallid": due.rule.number,
        "patid": due.person.number,
        "setdate": due.due - timedelta(days=180),
        "duedate": due.due,
        "priordate": "",
        "provid": due.person.provider.code,
        "status": "",
    }
    return book.row("recallpending", **cells | different)


def expect_recalls(book: Book, person: Person, dues: list[Recall]) -> None:
    """A contact's rules, the earliest due first, and when that is."""
    ordered = sorted(dues, key=lambda due: due.due)
    book.record(
        "patient",
        person.key(book),
        Recall_Rule__c=rules(book, ordered) if dues else None,
        Next_Recall_Date__c=ordered[0].due if dues else None,
    )


def rules(book: Book, dues: list[Recall]) -> Any:
    """The text of rules in their order; an Ascend rule's name is not told by its reference."""
    if book.ascend:
        told = [f"every {due.rule.every} {due.rule.unit}" for due in dues]
        return matching(".*; .*".join(told))
    told = [due.rule.words + WHO for due in dues]
    return matching("^" + "; ".join(told) + "$")
