"""Time, passed in so that tests and simulations can own it."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """What waiting needs of time."""

    def now(self) -> float:
        """Seconds that only ever grow, whatever the wall clock does."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)
