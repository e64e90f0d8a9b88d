"""What became of the practices: read from the marts, and from what the loader answered."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from loaders.home import Home
from loaders.salesforce.ledger.steps import read_project

TO_DECIDE = ("possible_duplicate", "ambiguous_match", "unmatched_user")


@dataclass(frozen=True)
class Arrived:
    """One load step: what the org holds of it, read back, and what this run did.

    A second pass fills fields of another step's records and adds none of its own.
    """

    step: str
    object: str
    second_pass: bool
    in_org: int
    created: int
    updated: int
    adopted: int
    unchanged: int
    held_back: int


@dataclass(frozen=True)
class Counted:
    """One source table of a practice: where its rows went."""

    practice: str
    table: str
    in_file: int
    landed: int
    rejected: int
    records: int
    merged: int
    skipped: int
    held_back: int

    @property
    def adds_up(self) -> bool:
        """Whether every row of the file is accounted for."""
        destinations = self.records + self.merged + self.skipped + self.held_back
        return self.in_file == self.landed + self.rejected and self.landed == destinations


@dataclass(frozen=True)
class Problem:
    """One class of entries in the correction report: how many, an example, what to do."""

    reason: str
    where: str
    number: int
    example: str
    action: str


@dataclass(frozen=True)
class Skipped:
    """Rows of one table that make no record, for one reason."""

    table: str
    reason: str
    number: int


@dataclass(frozen=True)
class Balances:
    """Whether what is in Salesforce adds up to what the books say, of one kind of debtor.

    `kind` is guarantor or patient, `owed` what all of them owe by the records; `agreeing` and
    `differing` count those whose sum is, or is not, their balance in the export.
    """

    kind: str
    owed: Decimal
    agreeing: int
    differing: int


@dataclass(frozen=True)
class Money:
    """Balances, and claims in flight with `claimed` still to come."""

    balances: list[Balances]
    claims: int
    claimed: Decimal


@dataclass(frozen=True)
class Merged:
    """One patient's row that became part of another's."""

    key: str
    survivor: str
    why: str


@dataclass(frozen=True)
class Verified:
    """What reading the org back gave."""

    equal: bool
    fields: int
    kept: int
    differences: int


@dataclass(frozen=True)
class Facts:
    """All that the summary tells."""

    arrived: list[Arrived]
    refused: int
    verified: Verified
    counted: list[Counted]
    skipped: list[Skipped]
    money: Money
    merged: list[Merged]
    rejected: list[Problem]
    held_back: list[Problem]
    left_out: list[Problem]
    to_decide: list[Problem]
    missing_files: list[str]

    @property
    def sent(self) -> int:
        """Rows this run wrote into the org."""
        return sum(one.created + one.updated + one.adopted for one in self.arrived)

    @property
    def records(self) -> dict[str, int]:
        """The records of this migration that the org holds, by object."""
        by_object: Counter[str] = Counter()
        for one in self.arrived:
            by_object[one.object] += 0 if one.second_pass else one.in_org
        return dict(by_object)


def gather(home: Home, loaded: dict[str, Any], verified: dict[str, Any]) -> Facts:
    """Reads the marts, beside what `run --json` and `verify --json` answered."""
    steps = read_project(home.dbt_target / "manifest.json").steps
    second_passes = {step.name for step in steps if step.is_update}
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return Facts(
            arrived=_arrived(loaded, verified, second_passes),
            refused=int(loaded["rejected"]),
            verified=_verified(verified),
            counted=_counted(warehouse),
            skipped=_skipped(warehouse),
            money=_money(warehouse),
            merged=_merged(warehouse),
            rejected=_rejected(warehouse),
            held_back=_problems(warehouse, "object is not null and held_back"),
            left_out=_problems(
                warehouse, f"object is not null and not held_back and class not in {TO_DECIDE}"
            ),
            to_decide=[
                *_problems(
                    warehouse, f"object is not null and not held_back and class in {TO_DECIDE}"
                ),
                *_staff_without_user(warehouse),
            ],
            missing_files=_missing_files(warehouse),
        )


def _arrived(
    loaded: dict[str, Any], verified: dict[str, Any], second_passes: set[str]
) -> list[Arrived]:
    counts = {step["step"]: step for step in loaded["steps"]}
    sent = [step for run in loaded["runs"] for step in run["steps"]]
    return [
        Arrived(
            step=step["step"],
            object=step["object"],
            second_pass=step["step"] in second_passes,
            in_org=step["found"],
            created=sum(one["created"] for one in sent if one["step"] == step["step"]),
            updated=sum(one["updated"] for one in sent if one["step"] == step["step"]),
            adopted=sum(one["adopted"] for one in sent if one["step"] == step["step"]),
            unchanged=counts[step["step"]]["unchanged"],
            held_back=step["held_back"],
        )
        for step in verified["steps"]
    ]


def _verified(document: dict[str, Any]) -> Verified:
    steps = document["steps"]
    return Verified(
        equal=document["equal"],
        fields=sum(step["compared"] for step in steps),
        kept=sum(step["kept"] for step in steps),
        differences=sum(one["count"] for step in steps for one in step["differences"]),
    )


def _counted(warehouse: duckdb.DuckDBPyConnection) -> list[Counted]:
    rows = warehouse.execute(
        """select practice, table_name, rows_in_file, landed, rejected, records, merged, skipped,
            held_back
        from migration.source_counts where rows_in_file > 0
        order by practice != 'oak_park', practice, table_name"""
    ).fetchall()
    return [Counted(str(row[0]), str(row[1]), *map(int, row[2:])) for row in rows]


def _skipped(warehouse: duckdb.DuckDBPyConnection) -> list[Skipped]:
    rows = warehouse.execute(
        """select table_name, reason, count(*) from (
            select table_name, reason, outcome from intermediate.int_dentrix__source_rows
            union all
            select table_name, reason, outcome from intermediate.int_dental_exec__source_rows
        ) as source_rows
        where outcome = 'skipped' group by all order by table_name, count(*) desc, reason"""
    ).fetchall()
    return [Skipped(str(table), str(reason), int(number)) for table, reason, number in rows]


def _money(warehouse: duckdb.DuckDBPyConnection) -> Money:
    rows = warehouse.execute(
        """select kind, coalesce(sum(mart_amount), 0), count(*) filter (where difference = 0),
            count(*) filter (where difference != 0)
        from migration.control_totals where kind in ('guarantor', 'patient')
        group by kind order by kind"""
    ).fetchall()
    claims, claimed = warehouse.execute(
        "select count(*), coalesce(sum(outstanding), 0) from migration.open_claims"
    ).fetchall()[0]
    balances = [Balances(str(kind), owed, int(yes), int(no)) for kind, owed, yes, no in rows]
    return Money(balances, int(claims), claimed)


def _merged(warehouse: duckdb.DuckDBPyConnection) -> list[Merged]:
    rows = warehouse.execute(
        "select merged_key, survivor_key, rule from migration.merges order by merged_key"
    ).fetchall()
    return [Merged(*map(str, row)) for row in rows]


def _problems(warehouse: duckdb.DuckDBPyConnection, condition: str) -> list[Problem]:
    rows = warehouse.execute(
        f"""select class, coalesce(nullif(concat_ws('.', object, field), ''), file), count(*),
            coalesce(min(key), min(file || ', line ' || line), ''), coalesce(min(action), '')
        from migration.corrections where {condition}
        group by all order by class, count(*) desc, 2"""
    ).fetchall()
    return [Problem(str(a), str(b), int(c), str(d), str(e)) for a, b, c, d, e in rows]


def _staff_without_user(warehouse: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Staff make no records, so the correction report does not know them."""
    rows = warehouse.execute(
        """select count(*), min(practice || ':staff:' || person_id) from migration.owner_report
        where person_kind = 'staff' and needs_user having count(*) > 0"""
    ).fetchall()
    return [Problem("unmatched_user", "staff", int(n), str(key), "") for n, key in rows]


def _rejected(warehouse: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Lines the landing turned away: here the reason says more than any key."""
    rows = warehouse.execute(
        """select class, coalesce(action, ''), count(*), min(file || ', line ' || line)
        from migration.corrections where object is null and line is not null
        group by all order by class, count(*) desc, 2"""
    ).fetchall()
    return [Problem(str(a), str(b), int(c), str(d), "") for a, b, c, d in rows]


def _missing_files(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    rows = warehouse.execute(
        """select file from migration.corrections where class = 'file_missing' and object is null
        order by file"""
    ).fetchall()
    return [str(file) for (file,) in rows]
