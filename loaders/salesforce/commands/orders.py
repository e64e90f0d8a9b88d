"""What a run is asked for."""

import re
from dataclasses import dataclass

from loaders.salesforce.ledger import missing


@dataclass(frozen=True)
class Rejects:
    """How many refused rows a run may have: a number, or a share of what it sent."""

    number: float
    is_share: bool = False

    @classmethod
    def read(cls, said: str) -> "Rejects | None":
        """Reads `10` or `0.5%`; None where it is neither."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", said.strip())
        if not found or (not found[2] and "." in found[1]):
            return None
        return cls(float(found[1]), bool(found[2]))

    def __str__(self) -> str:
        return f"{self.number:g}{'%' if self.is_share else ''}"

    def exceeded(self, rejected: int, sent: int) -> bool:
        """Whether it were too many."""
        return rejected > (sent * self.number / 100 if self.is_share else self.number)


NO_REJECTS = Rejects(0)


@dataclass(frozen=True)
class Order:
    """What was asked for. `max_rejects` is None where nothing was said: a run that is carried on
    may then have as many as it was begun with, a new one none."""

    only: str | None
    dry_run: bool
    max_rejects: Rejects | None
    as_json: bool
    allowed: frozenset[str] = frozenset()
    delete_missing: bool = False
    delete_limit: float = missing.DELETE_LIMIT
