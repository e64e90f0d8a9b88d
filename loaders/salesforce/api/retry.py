"""How long to wait before trying again, and how long between two looks at a working job."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

# Answers that say "not now": the request was sound and may work in a moment.
PASSING = frozenset({500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """Waits grow from `first` by `factor` up to `longest` seconds, `attempts` times in all."""

    attempts: int = 6
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    readings: int = 3
    """How often an answer that came, but not whole, is asked for."""

    def waits(self) -> Iterator[float]:
        """One wait before each further attempt, jittered: clients must not march in step."""
        return self._waits(self.attempts)

    def waits_to_read_again(self) -> Iterator[float]:
        """One wait before each further reading of what was not whole."""
        return self._waits(self.readings)

    def _waits(self, attempts: int) -> Iterator[float]:
        wait = self.first
        for _ in range(attempts - 1):
            yield min(wait, self.longest) * random.uniform(0.5, 1.0)
            wait *= self.factor


@dataclass(frozen=True)
class Polling:
    """Looks at a working job: soon at first, then ever more rarely, so that calls stay few.

    Where it is known about how many seconds the job will take, `expected`, the looks gather
    around its end: no call is spent on the middle, and little time on a job that is done.
    """

    first: float = 0.05
    factor: float = 2.0
    longest: float = 30.0
    expected: float = 0.0

    def waits(self) -> Iterator[float]:
        """Waits without end."""
        # A job's seconds are known no better than the looks at the one before allowed.
        near = self.expected * 0.8
        wait, spent = self.first, 0.0
        while True:
            if spent < near <= spent + wait:
                yield near - spent
                spent, wait = near, max(self.expected / 16, self.first) / self.factor
            else:
                yield wait
                spent += wait
            wait = min(wait * self.factor, self.longest)
