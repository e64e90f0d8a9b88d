"""audit.jsonl: what was done to which org, line by line, each bearing the hash of the one before.

A line holds names of steps, jobs, objects and fields, keys, counts and hashes: never a value. It is
written into the manifest with the transition it tells of, in one transaction, and from there into
the file: whatever breaks off, the two say the same.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

TABLE = "create table if not exists audit (number bigint, line varchar);"
_START = "0" * 64
# A line is far shorter; what lies before the last one is not read.
_TAIL = 1 << 20


def hash_of(line: str) -> str:
    """A line's hash, which the next one bears as `before`."""
    return hashlib.sha256(line.encode()).hexdigest()


@dataclass
class AuditLog:
    """The log's end. `number` and `last` are those of the newest line; `written` is the number of
    the newest that the file is known to hold."""

    con: duckdb.DuckDBPyConnection
    file: Path
    number: int = 0
    last: str = _START
    written: int = 0

    def open(self) -> None:
        """Finds where the log ends; gives the file what the manifest has and it lacks."""
        self._end_of_file()
        newest = self.con.execute(
            "select number, line from audit order by number desc limit 1"
        ).fetchone()
        if newest and newest[0] >= self.written:
            self.number, self.last = int(newest[0]), hash_of(newest[1])
        self.flush()

    def note(self, event: str, **facts: Any) -> None:
        """Adds a line, within the transaction that is open. `facts` hold no value of a field."""
        self.con.execute("delete from audit where number < ?", [self.written])
        entry = {
            "number": self.number + 1,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            **facts,
            "before": self.last,
        }
        line = json.dumps(entry, ensure_ascii=True)
        self.con.execute("insert into audit values (?, ?)", [self.number + 1, line])
        self.number, self.last = self.number + 1, hash_of(line)

    def flush(self) -> None:
        """Appends to the file what was noted since; it is on disk afterwards."""
        lines = self.con.execute(
            "select line from audit where number > ? order by number", [self.written]
        ).fetchall()
        if not lines:
            return
        with self.file.open("ab") as log:
            log.write("".join(f"{line}\n" for (line,) in lines).encode())
            log.flush()
            os.fsync(log.fileno())
        self.file.chmod(0o600)
        self.written = self.number

    def forget(self, number: int, last: str) -> None:
        """Goes back to where the log ended: the transaction was rolled back."""
        self.number, self.last = number, last

    def _end_of_file(self) -> None:
        """Reads the last whole line; cuts off one that was being written when power failed."""
        if not self.file.exists():
            return
        with self.file.open("r+b") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _TAIL))
            tail = log.read()
            whole = tail[: tail.rfind(b"\n") + 1]
            if len(whole) < len(tail):
                log.truncate(size - len(tail) + len(whole))
        lines = whole.splitlines()
        if lines:
            last = lines[-1].decode(errors="replace")
            self.last = hash_of(last)
            try:
                self.number = self.written = int(json.loads(last)["number"])
            except (ValueError, KeyError, TypeError):
                # Somebody changed it: `status --check-log` says so.
                self.number = self.written = 0
