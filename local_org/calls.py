"""Counts API requests over the last 24 hours, by the hour."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

HOURS = 24
HOUR = 3600


class Calls:
    """The count. It is only ever added to on the event loop; what is kept may lag behind it."""

    def __init__(self, kept: str | None = None) -> None:
        """Start from what `dump` gave."""
        loaded = json.loads(kept) if kept else {}
        counts = loaded.items() if isinstance(loaded, Mapping) else ()
        self._counts = {int(hour): int(count) for hour, count in counts}

    def add(self) -> None:
        """Count one request."""
        hour = int(time.time()) // HOUR
        if hour not in self._counts:
            self._counts = {old: n for old, n in self._counts.items() if old > hour - HOURS}
            self._counts[hour] = 0
        self._counts[hour] += 1

    @property
    def used(self) -> int:
        """How many requests the last 24 hours saw."""
        first = int(time.time()) // HOUR - HOURS
        return sum(count for hour, count in self._counts.items() if hour > first)

    def dump(self) -> str:
        """Give the counts as text to keep."""
        return json.dumps(self._counts)
