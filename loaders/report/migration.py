"""The report of a migration: one page that needs nothing but a browser."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup

from loaders.report import charts
from loaders.report.charts import Bar, Month
from loaders.report.facts import Facts, ToDo
from loaders.report.page import render, write_page
from loaders.report.table import Column, Table
from loaders.report.words import said_of
from loaders.salesforce.ledger.tally import OUTCOMES, Brought
from loaders.salesforce.schema.planning import BYTES_A_RECORD

_PAGE = Path(__file__).resolve().parent / "migration.html"
_SERIES = {
    "created": "Created",
    "taken_over": "There before, taken over",
    "refused": "Refused by the org",
    "held_back": "Held back",
    "waiting": "Not sent yet",
}
_MB = 1 << 20


@dataclass(frozen=True)
class Report:
    """What the page is made of.

    `sums` are the amounts the last `verify` read back, as it noted them; `plan` is what the last
    `plan` noted, empty where there was none; `beside` are other pages, (path from here, title), and
    `corrections` the files to work through.
    """

    facts: Facts
    to_do: tuple[ToDo, ...]
    tables: Mapping[str, Table]
    sums: Sequence[Mapping[str, Any]]
    brought: tuple[Brought, ...]
    plan: Mapping[str, Any]
    beside: tuple[tuple[str, str], ...]
    corrections: tuple[str, ...]
    with_values: bool


def write(report: Report, page: Path) -> None:
    """Writes the page."""
    script = _PAGE.with_suffix(".js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    own = (
        *(_objects(report.facts), _runs(report.facts)),
        *(_verified(report.sums), _storage(report.brought)),
    )
    content = render(
        _PAGE,
        r=report,
        f=report.facts,
        t={**report.tables, **{table.id: table for table in own}},
        words=said_of,
        charts={
            "objects": _by_object(report.facts),
            "classes": _by_class(report.tables["classes"]),
            "months": _by_month(report.tables["months"]),
            "runs": _by_run(report.facts),
        },
        script=Markup(script),
        digest=digest,
    )
    write_page(content, page)


def _by_object(facts: Facts) -> Markup:
    series = [(_SERIES[outcome], outcome) for outcome in OUTCOMES]
    rows = [
        Bar(o.object, [getattr(o, outcome) for outcome in OUTCOMES], f"{o.in_org:,}", True)
        for o in facts.objects
        if o.rows
    ]
    return charts.bars(series, rows)


def _by_class(classes: Table) -> Markup:
    rows = [
        Bar(said_of(name), (held_back, loads), f"{held_back + loads:,}")
        for name, held_back, loads in classes.rows
    ]
    return charts.bars([("Held back", "held_back"), ("Loads without it", "created")], rows)


def _by_month(months: Table) -> list[tuple[str, Markup]]:
    """A chart a practice."""
    sums: dict[str, dict[str, list[Decimal]]] = {}
    for practice, month, _kind, source, loads, _held, _unexplained in months.rows:
        if not month[:1].isdigit():
            continue
        of = sums.setdefault(practice, {}).setdefault(month, [Decimal(0)] * 4)
        for place, amount in ((0, source), (2, loads)):
            of[place + (amount < 0)] += amount
    return [
        (
            practice,
            charts.months(
                f"The ledger of {practice} by month, source against Salesforce",
                [Month(month, *of[month]) for month in sorted(of)],
            ),
        )
        for practice, of in sorted(sums.items())
    ]


def _by_run(facts: Facts) -> Markup:
    rows = []
    for run in facts.runs:
        parts = [sum(s.get(k, 0) for s in run["steps"]) for k in _RUN_PARTS]
        rows.append(Bar(f"{_at(run['started'])} {run['kind']}", parts, f"{sum(parts):,}"))
    return charts.bars(list(_RUN_PARTS.values()), rows)


_RUN_PARTS = {
    "created": ("Created", "created"),
    "updated": ("Updated", "updated"),
    "adopted": ("Taken over", "taken_over"),
    "deleted": ("Deleted", "waiting"),
    "rejected": ("Refused", "refused"),
}


def _at(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")


def _objects(facts: Facts) -> Table:
    columns = (
        *(Column("Object", "code"), Column("Rows", "number"), Column("In Salesforce", "number")),
        *(Column(_SERIES[outcome], "number") for outcome in OUTCOMES),
    )
    rows = [
        (o.object, o.rows, o.in_org, *(getattr(o, outcome) for outcome in OUTCOMES))
        for o in facts.objects
    ]
    return Table("objects", "Records by object and what became of them", columns, rows)


def _runs(facts: Facts) -> Table:
    columns = (
        *(
            Column("Run", "code"),
            Column("Kind"),
            Column("State"),
            Column("Started"),
            Column("Ended"),
        ),
        *(Column(label, "number") for label, _ in _RUN_PARTS.values()),
    )
    rows = [
        (
            *(run["run"], run["kind"], run["state"], _at(run["started"]), _at(run["finished"])),
            *(sum(s.get(k, 0) for s in run["steps"]) for k in _RUN_PARTS),
        )
        for run in reversed(facts.runs)
    ]
    return Table("runs", "Every run, the newest first; times are UTC", columns, rows)


def _verified(sums: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        *(Column("Object", "code", choose=True), Column("Amount", "code")),
        *(Column("Sent", "money"), Column("In Salesforce", "money")),
        *(
            Column("Held for each of", "number"),
            Column("Of", choose=True),
            Column("Differ", "number"),
        ),
    )
    rows = [
        (
            *(s["object"], s["field"], Decimal(s["mart"]), Decimal(s["org"]), s["groups"]),
            *(s["by"], s["differing"]),
        )
        for s in sums
    ]
    return Table("verified", "Sums read back from Salesforce", columns, rows)


def _storage(brought: Sequence[Brought]) -> Table:
    columns = (
        *(Column("Object", "code"), Column("Records created", "number")),
        *(Column("Data storage, MB", "money"), Column("File storage, MB", "money")),
    )
    rows = [
        (b.object, b.records, b.records * BYTES_A_RECORD / _MB, b.file_bytes / _MB) for b in brought
    ]
    return Table("storage", "What was created takes, at 2 KB a record", columns, rows)
