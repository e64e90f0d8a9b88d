"""What an org should do with Contacts, in memory and a row at a time: the property test's truth."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CLEAR = "#N/A"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
EMAIL = re.compile(r"[a-z0-9._+-]+@([a-z0-9-]+\.)+[a-z0-9-]+", re.IGNORECASE)
LENGTHS = {"FirstName": 40, "LastName": 80, "Email": 80}
GENDERS = ("Male", "Female", "Unknown")
PLAIN = ("FirstName", "LastName", "Email", "Birthdate", "Balance__c", "Gender__c", "Is_Provider__c")
GUARANTOR = "Guarantor__r.Migration_Key__c"

Row = dict[str, str]


@dataclass
class Contact:
    """One record. `guarantor` is another contact, deleted or not."""

    values: dict[str, Any]
    guarantor: Contact | None = None
    deleted: bool = False
    id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a row: saved, or refused with one of these codes."""

    created: bool
    codes: frozenset[str] = frozenset()


@dataclass
class Model:
    """Every contact ever made, the living ones by key."""

    living: dict[str, Contact] = field(default_factory=dict)
    dead: list[Contact] = field(default_factory=list)

    def upsert(self, rows: list[Row]) -> list[Outcome]:
        """Upsert rows of one batch; parents are those there before it."""
        times = Counter(row["Migration_Key__c"] for row in rows)
        before = dict(self.living)
        outcomes = []
        for row in rows:
            key = row["Migration_Key__c"]
            known = before.get(key)
            values, codes = read(row)
            parent = self._guarantor(row, before, codes)
            if times[key] > 1:
                codes.add("DUPLICATE_VALUE")
            cleared = "LastName" in values and values["LastName"] is None
            if cleared or (known is None and not values.get("LastName")):
                codes.add("REQUIRED_FIELD_MISSING")
            outcomes.append(Outcome(known is None, frozenset(codes)))
            if codes:
                continue
            if known is None:
                blank = dict.fromkeys(PLAIN)
                known = Contact({**blank, "Is_Provider__c": False, "Migration_Key__c": key})
                self.living[key] = known
            known.values |= values
            if row[GUARANTOR] == CLEAR:
                known.guarantor = None
            elif parent is not None:
                known.guarantor = parent
        return outcomes

    def _guarantor(self, row: Row, before: dict[str, Contact], codes: set[str]) -> Contact | None:
        name = row[GUARANTOR].strip()
        if name in ("", CLEAR):
            return None
        if name not in before:
            codes.add("INVALID_FIELD")
        return before.get(name)

    def delete(self, contacts: list[Contact]) -> list[Outcome]:
        """Delete contacts of one batch: a second time is refused, lookups to them are emptied."""
        outcomes = []
        for each in contacts:
            if each.deleted:
                outcomes.append(Outcome(False, frozenset({"ENTITY_IS_DELETED"})))
                continue
            outcomes.append(Outcome(False))
            each.deleted = True
            del self.living[each.values["Migration_Key__c"]]
            self.dead.append(each)
        for other in self.living.values():
            if other.guarantor is not None and other.guarantor.deleted:
                other.guarantor = None
        return outcomes


def read(row: Row) -> tuple[dict[str, Any], set[str]]:
    """Give what a row writes, field by field, and the codes of what is wrong with it."""
    values: dict[str, Any] = {}
    codes: set[str] = set()
    for name in PLAIN:
        text = row[name]
        if text == "":
            continue
        text = text.strip()
        if text in ("", CLEAR):
            if name == "Is_Provider__c":
                codes.add("INVALID_TYPE_ON_FIELD_IN_RECORD")
            values[name] = None
            continue
        values[name] = _value(name, text, codes)
    return values, codes


def _value(name: str, text: str, codes: set[str]) -> Any:
    if name == "Birthdate":
        return _date(text, codes)
    if name == "Balance__c":
        return _amount(text, codes)
    if name == "Is_Provider__c":
        word = text.lower()
        if word not in ("true", "false", "1", "0"):
            codes.add("INVALID_FIELD")
        return word in ("true", "1")
    if name == "Gender__c":
        if text not in GENDERS:
            codes.add("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
        return text
    if name == "Email" and not EMAIL.fullmatch(text):
        codes.add("INVALID_EMAIL_ADDRESS")
    if len(text.encode("utf-16-le")) // 2 > LENGTHS[name]:
        codes.add("STRING_TOO_LONG")
    return text.lower() if name == "Email" else text


def _date(text: str, codes: set[str]) -> str | None:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None:
        codes.add("INVALID_FIELD")
        return None
    if not 1700 <= found.year <= 4000:
        codes.add("DATE_OUT_OF_RANGE")
    return found.isoformat()


def _amount(text: str, codes: set[str]) -> float | None:
    try:
        number = Decimal(text) if NUMBER.fullmatch(text) else None
    except InvalidOperation:
        number = None
    if number is None:
        codes.add("INVALID_FIELD")
        return None
    rounded = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if abs(rounded) >= 1_000_000:
        codes.add("NUMBER_OUTSIDE_VALID_RANGE")
    return float(rounded)
