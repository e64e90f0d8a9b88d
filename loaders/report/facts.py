"""What the migration report says, as data: gathered by `load-sf report`, shown by this package."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loaders.salesforce.ledger.tally import ObjectTally, StepTally


@dataclass(frozen=True)
class ToDo:
    """One thing that people have to do: how many, of what, what to do, and the tab that lists
    them."""

    number: int
    what: str
    do: str
    tab: str


@dataclass(frozen=True)
class Org:
    """The org the marts were built for, as it was pulled."""

    id: str
    name: str
    is_sandbox: bool


@dataclass(frozen=True)
class Money:
    """A practice's balances, of `kind` guarantor or patient, against what loads.

    Sums are in the practice's currency. `agreeing` are equal to the cent, `explained` differ by
    just what is held back, `differing` otherwise; of `unknown` the source tells no balance.
    """

    practice: str
    kind: str
    source: Decimal
    loads: Decimal
    held_back: Decimal
    agreeing: int
    explained: int
    differing: int
    unknown: int


@dataclass(frozen=True)
class Entries:
    """A practice's ledger by month: what the files come to, what of it loads and what is held back;
    `unexplained_months` of `months` do not add up."""

    practice: str
    source: Decimal
    loads: Decimal
    held_back: Decimal
    months: int
    unexplained_months: int


@dataclass(frozen=True)
class Reason:
    """Why rows are not in Salesforce: a class of problem or the org's error code, and how many."""

    why: str
    rows: int
    what_to_do: str
    who: str


@dataclass(frozen=True)
class Checked:
    """What the last `verify` of this org found; `is_stale` where a run came after it."""

    at: str
    sample_percent: float | None
    is_equal: bool
    is_stale: bool
    records: int
    fields: int
    kept: int
    differences: int
    missing: int
    refused: int
    held_now: int
    unexpected: int
    sums: int
    sums_differing: int


@dataclass(frozen=True)
class Facts:
    """All of it. `steps` are in load order, `runs` oldest first as `status` tells them."""

    org: Org | None
    practices: tuple[str, ...]
    made_at: str
    steps: tuple[StepTally, ...]
    objects: tuple[ObjectTally, ...]
    reasons: tuple[Reason, ...]
    money: tuple[Money, ...]
    entries: tuple[Entries, ...]
    claims: int
    claimed: Decimal
    checked: Checked | None
    runs: tuple[dict[str, Any], ...]
    rows_in_files: int
    rows_landed: int
    tables_unaccounted: int

    @property
    def in_org(self) -> int:
        """Records of this migration in the org."""
        return sum(each.in_org for each in self.objects)

    @property
    def money_agrees(self) -> bool:
        """Whether nothing about money is left to explain."""
        balances = all(not m.differing for m in self.money)
        return balances and all(not e.unexplained_months for e in self.entries)
