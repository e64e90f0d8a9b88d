"""What a fault strikes, what it does and how often: one class for each place it strikes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """What all faults have.

    `given` is the entry as it was written. The first `after` matches are let by, the next `times`
    are struck; 0 times is always.
    """

    given: Mapping[str, Any]
    kind: str
    after: int
    times: int


@dataclass(frozen=True)
class RequestFault(Fault):
    """Spoils a request: before the org has acted, or `late`, when it has."""

    method: str | None
    path: re.Pattern[str]
    late: bool = False
    status: int = 0
    content: bytes = b""
    media: str = "application/json"
    seconds: float = 0
    length: int | None = None

    def takes(self, method: str, path: str) -> bool:
        """Whether a request is one of those it strikes."""
        return self.method in (None, method) and self.path.search(path) is not None


@dataclass(frozen=True)
class SaveFault(Fault):
    """Strikes saves and deletes of an object, or of all; of an operation, or of all."""

    object: str | None
    operation: str | None

    def takes(self, name: str, operation: str) -> bool:
        """Whether rows of the object are struck in this operation."""
        return (self.object is None or self.object.lower() == name.lower()) and (
            self.operation in (None, operation)
        )


@dataclass(frozen=True)
class RowFault(SaveFault):
    """Refuses rows. Without `share`, `every` and `keys` it refuses all; `times` are rounds."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    share: float | None = None
    every: int | None = None
    keys: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class StorageFault(SaveFault):
    """Leaves room for so many more records."""

    records: int


@dataclass(frozen=True)
class JobFault(SaveFault):
    """Ends or holds an ingest job once so many of its rows are processed."""

    rows: int
    message: str = ""
    seconds: float = 0
