"""Reads a plan: which switches are set, which faults will strike, whether requests are noted."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from local_org.faults.answers import ANSWERS, body_of
from local_org.faults.model import Fault, JobFault, RequestFault, RowFault, StorageFault
from local_org.switches import SwitchError, Switches

ALWAYS = "always"
MAX_FAULTS = 1_000
MAX_PATTERN = 1_000
MAX_TEXT = 10_000
MAX_COUNT = 1_000_000_000
MAX_SECONDS = 3_600
OPERATIONS = ("insert", "update", "upsert", "delete")
MOMENTS = ("before", "after")
LOCKED = "unable to obtain exclusive access to this record"
TOO_MANY_LOCKS = "TooManyLockFailure : Too many lock failure 200 Trying again later."


class PlanError(Exception):
    """A plan that is not understood; the text names the entry and the key."""


@dataclass(frozen=True)
class Plan:
    """What was asked for. `digest` is of the file it came from; `record` None leaves it as is."""

    switches: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    record: bool | None = None
    digest: str = ""


def read_plan(path: Path) -> Plan:
    """Read a plan file; raises PlanError."""
    try:
        content = path.read_bytes()
        given = yaml.safe_load(content)
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror or 'cannot be read'}") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise PlanError(f"{path}: no readable YAML{where}") from error
    try:
        return make_plan(given, hashlib.sha256(content).hexdigest())
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from error


def make_plan(given: Any, digest: str = "") -> Plan:
    """Give the plan a document describes; raises PlanError."""
    given = _plain(given)
    if not isinstance(given, Mapping):
        raise PlanError("a plan has the keys switches, faults and record")
    for key in given:
        if key not in ("switches", "faults", "record"):
            raise PlanError(f"{key}: no such key; a plan has switches, faults and record")
    switches, entries = given.get("switches") or {}, given.get("faults") or []
    record = given.get("record")
    if not isinstance(switches, Mapping):
        raise PlanError("switches: takes names and values")
    if not isinstance(entries, list) or len(entries) > MAX_FAULTS:
        raise PlanError(f"faults: takes a list of at most {MAX_FAULTS}")
    if record is not None and not isinstance(record, bool):
        raise PlanError("record: takes true or false")
    try:
        Switches().changed(switches)
    except SwitchError as error:
        raise PlanError(f"switches: {error}") from error
    faults = tuple(_fault(number, entry) for number, entry in enumerate(entries, start=1))
    return Plan(dict(switches), faults, record, digest)


def _plain(given: Any) -> Any:
    """Give a document as JSON has it: YAML knows dates, and lists that hold themselves."""
    try:
        return json.loads(json.dumps(given, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise PlanError("takes text, numbers, true, false, lists and keys only") from error


def _fault(number: int, given: Any) -> Fault:
    if not isinstance(given, Mapping):
        raise PlanError(f"fault {number}: takes keys and values")
    kinds = [key for key in given if key in READERS]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none"
        raise PlanError(f"fault {number}: one of {', '.join(READERS)} is needed, there is {found}")
    if given[kinds[0]] is None:
        raise PlanError(f"fault {number}: {kinds[0]}: takes a value")
    entry = _Entry(number, dict(given))
    fault = READERS[kinds[0]](entry, kinds[0])
    entry.finish()
    return fault


class _Entry:
    """One entry, from which keys are taken; what is left over at the end is refused."""

    def __init__(self, number: int, given: dict[str, Any]) -> None:
        self.number, self.given = number, given
        self._left = set(given)

    def wrong(self, key: str, takes: str) -> PlanError:
        return PlanError(f"fault {self.number}: {key}: takes {takes}")

    def finish(self) -> None:
        for key in self.given:
            if key in self._left:
                raise PlanError(f"fault {self.number}: {key}: no such key for this kind of fault")

    def take(self, key: str) -> Any:
        self._left.discard(key)
        return self.given.get(key)

    def flag(self, key: str) -> None:
        if self.take(key) is not True:
            raise self.wrong(key, "true")

    def count(self, key: str, default: int, *, least: int = 0, most: int = MAX_COUNT) -> int:
        value = self.take(key)
        if value is None:
            return default
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least} to {most}")
        return value

    def number_up_to(self, key: str, most: float) -> float:
        value = self.take(key)
        if type(value) not in (int, float) or not math.isfinite(value) or not 0 < value <= most:
            raise self.wrong(key, f"a number above 0, up to {most:g}")
        return float(value)

    def times(self, key: str = "times") -> int:
        if self.given.get(key) == ALWAYS:
            self.take(key)
            return 0
        return self.count(key, 1)

    def text(self, key: str, most: int = MAX_TEXT) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        plain = isinstance(value, str) and 0 < len(value) <= most
        if not plain or any(ord(each) < 32 for each in value):
            raise self.wrong(key, f"text of up to {most} characters, without control characters")
        return str(value)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            raise self.wrong(key, f"one of {', '.join(allowed)}")
        return value

    def struck(self) -> dict[str, Any]:
        return {
            "object": self.text("object", 80),
            "operation": self.choice("operation", OPERATIONS),
        }


def _request(entry: _Entry, kind: str, **more: Any) -> RequestFault:
    text = entry.text("path", MAX_PATTERN)
    if text is None:
        raise entry.wrong("path", "a regular expression, and is needed")
    try:
        path = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise entry.wrong("path", f"a regular expression ({error})") from error
    method = entry.text("method", 20)
    return RequestFault(
        given=entry.given,
        kind=kind,
        after=entry.count("after", 0),
        times=entry.times(),
        method=method.upper() if method else None,
        path=path,
        **more,
    )


def _status(entry: _Entry, kind: str) -> RequestFault:
    status = entry.count(kind, 0, least=200, most=599)
    if status in (204, 304):
        raise entry.wrong(kind, "a status that has a body")
    html, csv = (entry.take(media) for media in ("html", "csv"))
    for name, given in (("html", html), ("csv", csv)):
        if given not in (None, True, False):
            raise entry.wrong(name, "true or false")
    body = entry.take("body")
    if body is None and (csv or (not html and status not in ANSWERS)):
        raise entry.wrong("body", "the answer's text, and is needed with this status")
    content, media = body_of(status, body, html is True, csv is True)
    late = entry.choice("when", MOMENTS) == "after"
    return _request(entry, kind, status=status, content=content, media=media, late=late)


def _named(status: int) -> Callable[[_Entry, str], RequestFault]:
    def read(entry: _Entry, kind: str) -> RequestFault:
        entry.flag(kind)
        content, media = body_of(status, None, False)
        return _request(entry, kind, status=status, content=content, media=media)

    return read


def _moment(entry: _Entry, kind: str) -> RequestFault:
    late = entry.choice(kind, MOMENTS)
    return _request(entry, kind, late=late == "after")


def _stall(entry: _Entry, kind: str) -> RequestFault:
    seconds = entry.number_up_to(kind, MAX_SECONDS)
    return _request(entry, kind, seconds=seconds, late=entry.choice("when", MOMENTS) == "after")


def _truncate(entry: _Entry, kind: str) -> RequestFault:
    if entry.given[kind] is True or entry.given[kind] == "half":
        entry.take(kind)
        return _request(entry, kind, length=None)
    return _request(entry, kind, length=entry.count(kind, 0))


def _lose_row(entry: _Entry, kind: str) -> RequestFault:
    entry.flag(kind)
    return _request(entry, kind)


def _rows(entry: _Entry, kind: str, code: str, message: str, fields: tuple[str, ...]) -> RowFault:
    keys = entry.text("keys", MAX_PATTERN)
    if keys is not None:
        _check_pattern(entry, keys)
    return RowFault(
        given=entry.given,
        kind=kind,
        after=entry.count("after", 0),
        times=entry.times("rounds"),
        code=code,
        message=message,
        fields=fields,
        share=entry.number_up_to("share", 1) if "share" in entry.given else None,
        every=entry.count("every", 1, least=1) if "every" in entry.given else None,
        keys=keys,
        seed=entry.count("seed", 0),
        **entry.struck(),
    )


def _check_pattern(entry: _Entry, pattern: str) -> None:
    """Keys are compared in the database: its regular expressions are the ones that count."""
    with duckdb.connect() as connection:
        try:
            connection.execute("select regexp_matches('', ?)", [pattern])
        except duckdb.Error as error:
            raise entry.wrong("keys", "a regular expression (RE2)") from error


def _locked(entry: _Entry, kind: str) -> RowFault:
    entry.flag(kind)
    return _rows(entry, kind, "UNABLE_TO_LOCK_ROW", LOCKED, ())


def _row_error(entry: _Entry, kind: str) -> RowFault:
    code, message = entry.text(kind, 80), entry.text("message", 1_000)
    if code is None or re.fullmatch("[A-Z][A-Z0-9_]*", code) is None:
        raise entry.wrong(kind, "a status code such as FIELD_CUSTOM_VALIDATION_EXCEPTION")
    if message is None:
        raise entry.wrong("message", "the error's text, and is needed")
    fields = entry.take("fields") or []
    plain = isinstance(fields, list) and all(
        isinstance(each, str) and re.fullmatch(r"\w{1,80}", each) for each in fields
    )
    if not plain:
        raise entry.wrong("fields", "a list of field names")
    return _rows(entry, kind, code, message, tuple(fields))


def _storage(entry: _Entry, kind: str) -> StorageFault:
    return StorageFault(entry.given, kind, 0, 0, None, None, entry.count(kind, 0))


def _job(entry: _Entry, kind: str) -> JobFault:
    rows, seconds, message = 0, 0.0, ""
    if kind == "hold_job":
        seconds = entry.number_up_to(kind, MAX_SECONDS)
    else:
        rows = entry.count(kind, 0)
    if kind == "fail_job":
        message = entry.text("message") or TOO_MANY_LOCKS
    return JobFault(
        given=entry.given,
        kind=kind,
        after=entry.count("after", 0),
        times=entry.times(),
        rows=rows,
        message=message,
        seconds=seconds,
        **entry.struck(),
    )


READERS: dict[str, Callable[[_Entry, str], Fault]] = {
    "status": _status,
    "expired": _named(401),
    "quota": _named(403),
    "reset": _moment,
    "kill": _moment,
    "stall": _stall,
    "truncate": _truncate,
    "lose_row": _lose_row,
    "locked": _locked,
    "row_error": _row_error,
    "storage_full": _storage,
    "fail_job": _job,
    "abort_job": _job,
    "hold_job": _job,
    "kill_job": _job,
}
