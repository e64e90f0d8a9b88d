"""audit.jsonl: what was done to which org, line by line, each bearing the hash of the one before.

A line holds names of steps, jobs, objects and fields, keys, counts and hashes: never a value. It is
written into the manifest with the transition it tells of, in one transaction, and from there into
the file: whatever breaks off, the two say the same.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from loaders.errors import UserError

TABLE = "create table if not exists audit (number bigint, line varchar);"
START = "0" * 64
"""What the first line bears as the hash of the one before."""
# A line is far shorter; what lies before the last one is not read.
_TAIL = 1 << 20


def hash_of(line: bytes) -> str:
    """A line's hash, which the next one bears as `before`."""
    return hashlib.sha256(line).hexdigest()


def number_of(line: bytes) -> int | None:
    """The number a line bears, None where somebody changed it so that it bears none."""
    try:
        said = json.loads(line)["number"]
    except (ValueError, KeyError, TypeError):
        return None
    return said if isinstance(said, int) else None


@dataclass
class AuditLog:
    """The log's end. `number` and `last` are those of the newest line; `written` is the number of
    the newest that the file is known to hold."""

    con: duckdb.DuckDBPyConnection
    file: Path
    number: int = 0
    last: str = START
    written: int = 0
    is_doubtful: bool = field(default=False, repr=False)

    def open(self) -> None:
        """Finds where the log ends; gives the file what the manifest has and it lacks."""
        self._find_end()
        newest = self.con.execute(
            "select number, line from audit order by number desc limit 1"
        ).fetchone()
        # The file alone is longer where an older manifest was put back in place.
        if newest and newest[0] >= self.written:
            self.number, self.last = int(newest[0]), hash_of(newest[1].encode())
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
        self.number, self.last = self.number + 1, hash_of(line.encode())

    def flush(self) -> None:
        """Appends to the file what was noted since; it is on disk afterwards.

        Raises UserError where it cannot be written; the manifest has the lines, and the next
        command that can write adds them.
        """
        try:
            if self.is_doubtful:
                self._find_written()
            lines = self.con.execute(
                "select line from audit where number > ? order by number", [self.written]
            ).fetchall()
            if not lines:
                return
            self.is_doubtful = True
            with self.file.open("ab") as log:
                log.write("".join(f"{line}\n" for (line,) in lines).encode())
                log.flush()
                os.fsync(log.fileno())
            self.file.chmod(0o600)
        except OSError as error:
            raise UserError(
                f"{self.file} cannot be written: {error.strerror}.",
                "Nothing is lost. Make room, or give the permission, and run the command again.",
            ) from None
        self.written, self.is_doubtful = self.number, False

    def forget(self, number: int, last: str) -> None:
        """Goes back to where the log ended: the transaction was rolled back."""
        self.number, self.last = number, last

    def _find_end(self) -> None:
        line = self._find_written()
        if line is not None:
            self.number, self.last = self.written, hash_of(line)

    def _find_written(self) -> bytes | None:
        """Finds the newest line that the file holds whole, and gives it.

        A line that somebody changed counts as none: what the manifest has is written again, and
        `status --check-log` tells.
        """
        self.written = 0
        if not self.file.exists():
            return None
        with self.file.open("r+b") as log:
            whole = _cut(log)
        if not whole:
            return None
        last = whole[:-1].rpartition(b"\n")[2]
        self.written = number_of(last) or 0
        return last


def _cut(log: BinaryIO) -> bytes:
    """The file's end, up to its last whole line; cuts off one that was being written when power or
    space ran out."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - _TAIL))
    tail = log.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) == len(tail):
        return whole
    if not whole and size > _TAIL:
        # No line of ours is as long: it stays, for whoever looks, and ours begin below it.
        log.write(b"\n")
        return tail + b"\n"
    log.truncate(size - len(tail) + len(whole))
    return whole
