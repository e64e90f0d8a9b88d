"""Holds what a migration did against a book: the org's records, the corrections, the audit."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import Any

from tests.python.practice.book import Book, Fields, Place
from tests.python.support import Migration

# The object of each step, by the system whose marts it is among.
SHARED = {"practice": "Account", "carrier": "Account"}
OBJECTS = {
    "shared": SHARED,
    "dentrix": {
        **SHARED,
        "family": "Account",
        "provider": "Contact",
        "patient": "Contact",
        "guarantor": "Contact",
        "insurance": "Insurance_Detail__c",
        "plan": "Treatment_Plan__c",
        "procedure": "Procedure__c",
        "note": "Clinical_Note__c",
        "ledger": "Billing_Ledger__c",
        "event": "Event",
        "appointment": "Appointment__c",
        "alert": "Clinical_Alert__c",
        "activity": "Task",
        "image": "Imaging_Reference__c",
    },
    "dental_exec": {
        **SHARED,
        "provider": "Contact",
        "patient": "Account",
        "responsible": "Account",
        "junction": "Provider_Patient_Junction__c",
        "plan": "Treatment_Plan__c",
        "history": "Treatment_History__c",
        "note": "Clinical_Note__c",
        "billing": "Billing_Record__c",
        "event": "Event",
        "visit": "Task",
        "recall": "Task",
        "activity": "Task",
        "metric": "Production_Metrics__c",
        "lead": "Lead",
        "file": "ContentVersion",
    },
}
# What tells a file's bytes without fetching them.
BYTES, CHECKSUM = "VersionData", "Checksum"
# Columns compared by what they point at: of a User the e-mail, of anything else the key.
BY_KEY, BY_EMAIL = ".Migration_Key__c", ".Email"
KEY = "Migration_Key__c"
STANDS = f"{KEY} != null and IsDeleted = false"

Records = dict[str, Fields]


def records_of(migration: Migration) -> dict[str, Records]:
    """The org's records that bear a key, by object and key: every field a mart writes, a lookup as
    the key of the record it meets, a User as their e-mail."""
    columns: dict[str, set[str]] = defaultdict(set)
    for table, column in migration.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'salesforce'"
    ):
        system, step = str(table).split("__", 1)
        if not str(column).startswith("_"):
            asked_for = CHECKSUM if column == BYTES else column_of(column)
            columns[OBJECTS[system][step]].add(asked_for)
    ask = migration.query_org
    points_at = {user["Id"]: user["Email"] for user in ask("select Id, Email from User")}
    found = {
        name: ask(f"select Id, {', '.join(sorted(asked))} from {name} where {STANDS}")
        for name, asked in columns.items()
    }
    points_at |= {row["Id"]: row[KEY] for rows in found.values() for row in rows}
    return {
        name: {
            row[KEY]: {column: _named(points_at, value) for column, value in row.items()}
            for row in rows
        }
        for name, rows in found.items()
    }


def _named(points_at: dict[str, str | None], value: Any) -> Any:
    return points_at.get(value, value) if isinstance(value, str) else value


def column_of(field: str) -> str:
    """The column that holds an expected field: of a lookup, its Id column."""
    for suffix in (BY_KEY, BY_EMAIL):
        if field.endswith(suffix):
            relation = field.removesuffix(suffix)
            return relation[:-1] + "c" if relation.endswith("__r") else f"{relation}Id"
    return field


def expected_by_object(books: Iterable[Book]) -> dict[str, Records]:
    """All books' records, those of several steps at one object under one key as one record; what
    books say of a record they share, the first one decides."""
    expected: dict[str, Records] = defaultdict(dict)
    for book in reversed(list(books)):
        for (step, key), fields in book.records.items():
            expected[OBJECTS[book.system][step]].setdefault(key, {}).update(fields)
    return expected


def record_differences(org: dict[str, Records], books: Iterable[Book]) -> list[str]:
    """What is otherwise in the org than in the books, a line each: `Object key field: …`."""
    found = []
    expected = expected_by_object(books)
    for name in sorted(expected.keys() | org.keys()):
        if name not in org:
            found.append(f"{name}: no mart writes it")
            continue
        got, records = org[name], expected[name]
        found += [f"{name} {key}: did not arrive" for key in sorted(records.keys() - got.keys())]
        found += [f"{name} {key}: unexpected" for key in sorted(got.keys() - records.keys())]
        for key in sorted(records.keys() & got.keys()):
            for field, value in records[key].items():
                arrived = got[key].get(column_of(field), f"no field {column_of(field)}")
                if not same(value, arrived):
                    found.append(f"{name} {key} {field}: expected {value!r}, got {arrived!r}")
    return found


def same(expected: Any, got: Any) -> bool:
    """Whether an org's value is the one expected, as Salesforce stores values."""
    if callable(expected):
        return bool(expected(got))
    if isinstance(expected, tuple):
        return any(same(value, got) for value in expected)
    if expected is None or expected == "" or expected == set():
        return got in (None, "")
    if isinstance(expected, bool):
        return got is expected
    if got is None:
        return False
    if isinstance(expected, datetime):
        return datetime.strptime(str(got), "%Y-%m-%dT%H:%M:%S.%f%z") == expected
    if isinstance(expected, date):
        return bool(got == expected.isoformat())
    if isinstance(expected, int | Decimal):
        try:
            return Decimal(str(got)) == Decimal(expected)
        except InvalidOperation:
            return False
    if isinstance(expected, set | frozenset):
        return set(str(got).split(";")) == expected
    return text(str(expected)) == text(str(got))


def text(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


class Corrections:
    """The mart `corrections`, by the row each entry names."""

    def __init__(self, migration: Migration) -> None:
        self.by_place: dict[tuple[str, Place], list[Fields]] = defaultdict(list)
        for practice, file, line, key, field, cls, held_back in migration.rows(
            "select practice, file, line, key, field, class, held_back from migration.corrections"
        ):
            place = Place(PurePath(file or "").name, line or 0)
            column = column_of(field or "")
            entry = {"key": key, "field": column, "class": cls, "held_back": held_back}
            self.by_place[practice, place].append(entry)


def missing_corrections(corrections: Corrections, book: Book) -> list[str]:
    """The planted defects no entry names, each with what is reported of its row instead."""
    missing = []
    for planted in book.problems:
        rows = [row for row in (planted.row, planted.or_row) if row is not None]
        places = [book.places[id(row)] for row in rows]
        # A carrier is shared: what is wrong with one is no single practice's.
        named = [(name, place) for name in (book.practice, "all") for place in places]
        entries = [entry for at in named for entry in corrections.by_place.get(at, [])]
        asked = {"key": planted.key, "field": planted.field, "held_back": planted.held_back}
        wanted = {name: value for name, value in asked.items() if value is not None}
        wanted["class"] = planted.cls
        if not any(wanted.items() <= entry.items() for entry in entries):
            missing.append(f"{planted.table} {_shown(wanted)}; reported: {_all(entries)}")
    return missing


def false_alarms(corrections: Corrections, book: Book) -> list[str]:
    """Entries for rows of this practice on which nothing was planted."""
    known = {book.places[id(planted.row)] for planted in book.problems}
    known |= {book.places[id(p.or_row)] for p in book.problems if p.or_row is not None}
    known |= {place for row, place in book.places.items() if row in book.noisy}
    return [
        f"{place.file}:{place.line} {_all(entries)}"
        for (practice, place), entries in sorted(corrections.by_place.items(), key=str)
        if practice == book.practice and place.line and place not in known
    ]


def waiting(migration: Migration) -> dict[str, set[str]]:
    """The keys of the records that wait for another's correction, by that one's key."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, awaited in migration.rows(
        "select key, waits_for from migration.corrections where waits_for is not null"
    ):
        found[awaited].add(key)
    return found


def _shown(entry: Fields) -> str:
    return " ".join(str(value) for value in entry.values())


def _all(entries: list[Fields]) -> str:
    return "; ".join(map(_shown, entries)) or "nothing"


class Audit:
    """What the audit says became of each row: its outcome and the reason."""

    def __init__(self, migration: Migration) -> None:
        tables = migration.rows(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_name in ('int_dentrix__source_rows', 'int_dental_exec__source_rows')"
        )
        self.of: dict[tuple[str, str, Place], tuple[str, str]] = {
            (practice, name, Place(PurePath(file).name, line)): (outcome, reason or "")
            for (table,) in tables
            for practice, name, file, line, outcome, reason in migration.rows(
                f"select practice, table_name, file, line, outcome, reason from {table}"
            )
        }


def audit_differences(audit: Audit, book: Book) -> list[str]:
    """The rows the audit should list as skipped, merged or held back and does not, or not so."""
    found = []
    for skip in book.skips:
        place = book.places[id(skip.row)]
        at = (book.practice, skip.table, place)
        outcome, reason = audit.of.get(at, ("not listed", ""))
        if outcome != skip.outcome or skip.reason_contains.lower() not in reason.lower():
            found.append(
                f"{skip.table} {place.file}:{place.line}: expected {skip.outcome}"
                f" ({skip.reason_contains}), got {outcome} ({reason})"
            )
    return found


def twin_differences(
    here: dict[str, Records],
    there: dict[str, Records],
    lower: Callable[[str], str],
    but: dict[str, dict[str, str]],
) -> list[str]:
    """The fields of records that two orgs hold of the same things and not alike, `but` for those
    named. `lower` says what a key there is here."""
    found = []
    for name, records in sorted(there.items()):
        left_out = {"Id", KEY, "attributes", *but.get(name, {})}
        for key, record in records.items():
            twin = here.get(name, {}).get(lower(key))
            if twin is None:
                continue
            found += [
                f"{name} {lower(key)} {field}: {twin[field]!r}, in Ascend {record[field]!r}"
                for field in sorted(twin.keys() & record.keys() - left_out)
                if (lower(value) if isinstance(value := record[field], str) else value)
                != twin[field]
            ]
    return found
