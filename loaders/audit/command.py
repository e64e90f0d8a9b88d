"""What `load-raw audit` does: surveys what is landed, writes the reports, says it in short."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.audit import lines as telling
from loaders.audit.lines import Line
from loaders.audit.page import write_audit_page
from loaders.audit.survey import Practice, survey
from loaders.home import Home
from loaders.raw.contract.names import product_name
from loaders.raw.landing import connect, current_generation, ensure_generation, landing_lock, now


@dataclass(frozen=True)
class Audit:
    """What the audit found, and where its page and its CSV are."""

    practices: list[Practice]
    lines: list[Line]
    page: Path
    csv: Path


def audit(home: Home) -> Audit:
    """Audits what is landed in a home and writes `reports/audit.html` and `reports/audit.csv`.

    Raises UserError where nothing is landed.
    """
    # A landing meanwhile would mix two generations on one page.
    with landing_lock(home), connect(home) as con:
        if current_generation(home):
            ensure_generation(home)
        practices = survey(con, home)
        lines = telling.lines_of(practices)
        home.reports.mkdir(mode=0o700, exist_ok=True)
        page, csv = home.reports / "audit.html", home.reports / "audit.csv"
        telling.write_csv(con, lines, csv)
        write_audit_page(practices, lines, now(), page)
    return Audit(practices, lines, page, csv)


def as_document(done: Audit) -> dict[str, Any]:
    """The audit as one JSON document: counts, places, names; no cell's value."""
    return {
        "practices": [
            {
                "practice": one.slug,
                "system": one.system,
                "product": one.product,
                "extracted_at": one.extracted_at,
                "tables": [
                    {
                        "table": table.name,
                        "status": table.notes.status,
                        "expected": table.notes.expected,
                        "rows_in_files": table.notes.rows_in_files,
                        "landed": table.notes.landed,
                        "rows": table.rows,
                        "objects": list(table.objects),
                    }
                    for table in one.tables
                ],
                "findings": telling.as_document(_of(done.lines, one)),
            }
            for one in done.practices
        ],
        "reports": {"page": str(done.page), "csv": str(done.csv)},
    }


def show(done: Audit) -> None:
    """The audit in a few lines a practice, and where to read on."""
    say = terminal.console.print
    for one in done.practices:
        lines = _of(done.lines, one)
        rows = sum(table.rows for table in one.tables)
        sent = sum(1 for table in one.tables if table.notes.files)
        say(f"{one.name} ({one.slug}): {product_name(one.system, one.product)}", markup=False)
        say(f"  {rows:,} rows in {sent} of {len(one.tables)} tables", markup=False)
        say(f"  Lacking in the export: {_lacking(lines)}", markup=False)
        say(f"  Found: {_found(lines)}", markup=False)
    say(f"The whole audit: {done.page}", markup=False)
    say(f"For a spreadsheet: {done.csv}", markup=False)


def _of(lines: Sequence[Line], practice: Practice) -> list[Line]:
    return [line for line in lines if line.practice == practice.slug]


def _lacking(lines: Sequence[Line]) -> str:
    needed = [line for line in lines if line.result == "lacking" and line.argument == "needed"]
    others = sum(1 for line in lines if line.result == "lacking") - len(needed)
    named = ", ".join(".".join(filter(None, (line.table, line.column))) for line in needed)
    return f"{named or 'nothing that is needed'}; {others} others."


def _found(lines: Sequence[Line]) -> str:
    counts: Counter[str] = Counter()
    for line in lines:
        if line.result == "found":
            counts[line.finding.partition(":")[0]] += line.count or 1
    listed = ", ".join(f"{number:,} {class_}" for class_, number in sorted(counts.items()))
    return f"{listed or 'nothing'}."
