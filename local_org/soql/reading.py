"""How a query reads: what it shows, and when and where the one who asks is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from local_org.org import Org


@dataclass(frozen=True)
class Reading:
    """Whether deleted and archived records show; the user's time zone; the moment of the query."""

    everything: bool = False
    zone: tzinfo = UTC
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def today(self) -> date:
        """The day it is for the user."""
        return self.now.astimezone(self.zone).date()


def reading_of(org: Org, *, everything: bool) -> Reading:
    """Give how the running user reads."""
    rows = org.store.rows(
        'select "TimeZoneSidKey" as zone from data."User" where "Id" = ?', [org.identity.user]
    )
    try:
        return Reading(everything, ZoneInfo(rows[0]["zone"]))
    except (IndexError, TypeError, ValueError, ZoneInfoNotFoundError):
        return Reading(everything)
