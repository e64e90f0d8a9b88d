"""Whether the audit log is as it was written: its lines, their numbers and hashes, what the
manifest holds of its end, and the records files it names."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import UserError
from loaders.salesforce.ledger.audit import START, hash_of, number_of
from loaders.salesforce.ledger.manifest import Held, open_manifest
from loaders.salesforce.ledger.records_files import sha256_of

_RECORDS = ("records", "rejects")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: which line or file, and what with it."""

    where: str
    what: str


@dataclass
class Checked:
    """What a check found. `end` is the hash of the last line: whoever keeps it elsewhere can tell
    later that nothing up to there was rewritten. `is_compared` tells whether the manifest, which
    holds the log's end as well, could be asked."""

    lines: int = 0
    end: str = START
    files: int = 0
    is_compared: bool = False
    wrong: list[Wrong] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Adds what is wrong."""
        self.wrong.append(Wrong(where, what))


def check(log: Path, manifest: Path, spill: Path) -> Checked:
    """Reads the log and every file it names. Changes nothing."""
    checked = Checked()
    held = _held(manifest, spill, checked)
    if not log.exists():
        if held:
            checked.add(log.name, f"is gone; the manifest knows of {max(held):,} lines")
        return checked
    if not manifest.exists():
        checked.add(
            manifest.name, f"is gone: nothing tells whether {log.name} ends where it should"
        )
    found: dict[int, bytes] = {}
    number, before = 0, START
    for place, line, is_whole in _lines(log):
        if not is_whole:
            # While a command is at work, it may be in the middle of writing it.
            if checked.is_compared:
                checked.add(f"line {place}", "breaks off")
            break
        number, before = _line(checked, place, line, number, before)
        if number in held:
            found[number] = line
        checked.lines, checked.end = place, before
        _files(checked, place, line, log.parent)
    _compare(checked, held, found)
    return checked


def _held(manifest: Path, spill: Path, checked: Checked) -> dict[int, bytes]:
    """The lines of the log's end, by number, as the manifest has them."""
    if not manifest.exists():
        checked.is_compared = True
        return {}
    try:
        with open_manifest(manifest, spill, read_only=True) as opened:
            rows = opened.con.execute("select number, line from audit order by 1").fetchall()
    except Held:
        return {}
    except (UserError, duckdb.Error):
        checked.add(manifest.name, "cannot be read")
        return {}
    checked.is_compared = True
    return {int(number): str(line).encode() for number, line in rows}


def _lines(log: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Each line, its place, and whether it is there to its end."""
    with log.open("rb") as lines:
        for place, line in enumerate(lines, 1):
            yield place, line.removesuffix(b"\n"), line.endswith(b"\n")


def _line(
    checked: Checked, place: int, line: bytes, before_it: int, before: str
) -> tuple[int, str]:
    """Holds a line against the number and the hash of the one before it; gives its own."""
    entry, number = _entry(line), number_of(line)
    where = f"line {place}"
    if entry is None or number is None:
        checked.add(where, "is no entry of the log")
        return before_it + 1, hash_of(line)
    if number != before_it + 1:
        what = f"has number {number:,} where {before_it + 1:,} should be"
        checked.add(where, f"{what}: lines are missing, added or in another order")
    elif entry.get("before") != before:
        what = "this line or the one before was changed" if place > 1 else "this line was changed"
        checked.add(where, f"does not bear the hash of the one before: {what}")
    return number, hash_of(line)


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _files(checked: Checked, place: int, line: bytes, home: Path) -> None:
    """Holds the records files that a line names against their hashes."""
    for records in ((_entry(line) or {}).get(each) for each in _RECORDS):
        if not isinstance(records, dict):
            continue
        named = Path(str(records.get("file")))
        if named.is_absolute() or ".." in named.parts:
            checked.add(f"line {place}", "names a file outside the migration's home")
            continue
        checked.files += 1
        if not (home / named).is_file():
            checked.add(str(named), f"is gone; line {place} tells of it")
        elif sha256_of(home / named) != records.get("sha256"):
            checked.add(str(named), f"was changed: line {place} bears another hash")


def _compare(checked: Checked, held: dict[int, bytes], found: dict[int, bytes]) -> None:
    """Holds the log's end against the lines that the manifest has."""
    lacking = [number for number in held if number not in found]
    if lacking:
        listed = f"{min(lacking):,}" + (f" to {max(lacking):,}" if len(lacking) > 1 else "")
        checked.add(
            "the end",
            f"lacks what the manifest has as number {listed}: lines were cut off, or a command"
            " was killed as it wrote them, and the next one will",
        )
    for number, line in found.items():
        if line != held[number]:
            checked.add(f"number {number:,}", "is not as the manifest has it: it was changed")
