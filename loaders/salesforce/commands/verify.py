"""`load-sf verify`: reads the org back and holds every field of every row against the marts."""

import json
import shutil
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.reading_back import read_back
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import compare, gate, money
from loaders.salesforce.ledger.compare import StepResult, Strays
from loaders.salesforce.ledger.manifest import Manifest, open_manifest
from loaders.salesforce.ledger.money import MoneyTotal


def verify(sample: float | None, as_json: bool) -> int:
    """Compares; writes the reports; gives 1 where anything differs."""
    with session() as s, sole_run(s.home, s.identity.id):
        folder = s.home.runs / "verify"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            with open_manifest(s.home.manifest, s.spill) as manifest:
                document = _compare(s, manifest, sample, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        # Only where it was ours: whoever holds the manifest has rows of its own in there.
        shutil.rmtree(s.spill, ignore_errors=True)
    if as_json:
        terminal.print_json(document)
    else:
        _say(document, s.home.reports)
    return Exit.DONE if document["equal"] else Exit.ERROR


def _compare(s: Session, manifest: Manifest, sample: float | None, folder: Path) -> dict[str, Any]:
    con, org, project = manifest.con, s.identity.id, s.project()
    gate.open_warehouse(con, s.home.warehouse, project.steps)
    found = read_back(s, manifest, project, sample, folder)
    compare.start(con)
    compared: list[StepResult] = []
    totals: list[MoneyTotal] = []
    for step in project.steps:
        plan, table = found.plans[step.name], found.tables[step.object]
        held = found.held.get(step.object)
        compared.append(compare.compare(con, step, plan, table, org, sample, held))
        totals += money.totals(con, step, plan, table, sample)
    strays = {
        o: compare.strays(con, found.tables[o], steps[0].external_id, steps, org)
        for o, steps in found.steps.items()
    }
    return _write(s, manifest, compared, totals, strays, sample)


def _write(
    s: Session,
    manifest: Manifest,
    compared: list[StepResult],
    totals: list[MoneyTotal],
    strays: dict[str, tuple[Strays, Strays]],
    sample: float | None,
) -> dict[str, Any]:
    document = {
        "org": s.identity.id,
        "verified_at": now(),
        "sample_percent": sample,
        "equal": all(r.equal for r in compared) and not any(u.count for _, u in strays.values()),
        "steps": [asdict(r) for r in compared],
        "money": [asdict(t) for t in totals],
        "gone": _listed({o: gone for o, (gone, _) in strays.items()}),
        "unexpected": _listed({o: unexpected for o, (_, unexpected) in strays.items()}),
        "api_calls": s.org.calls,
    }
    reports = s.home.reports
    reports.mkdir(mode=0o700, exist_ok=True)
    details = reports / "verify_differences.csv"
    details.unlink(missing_ok=True)
    compare.write_differences(manifest.con, details)
    (reports / "verify.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


def _listed(strays: dict[str, Strays]) -> list[dict[str, Any]]:
    return [
        {"object": o, "count": s.count, "keys": list(s.keys)} for o, s in strays.items() if s.count
    ]


def _say(document: dict[str, Any], reports: Path) -> None:
    for step in document["steps"]:
        line = f"{step['step']}: {step['found']:,} of {step['expected']:,} rows in the org"
        line += f", {step['compared']:,} fields compared"
        if step["kept"]:
            line += f", {step['kept']:,} kept as they were found"
        if step["rejected"]:
            line += f", {step['rejected']:,} refused earlier"
        terminal.console.print(line)
        if step["missing"]:
            shown = ", ".join(step["missing_keys"])
            terminal.console.print(f"  missing: {step['missing']:,} rows ({shown} …)")
        for d in step["differences"]:
            shown = ", ".join(d["keys"])
            terminal.console.print(f"  {d['field']}: {d['count']:,} rows differ ({shown} …)")
    for total in document["money"]:
        terminal.console.print(_sum(total))
    for gone in document["gone"]:
        shown = ", ".join(gone["keys"])
        terminal.console.print(
            f"{gone['object']}: {gone['count']:,} records are gone from the source, and stay"
            f" ({shown} …)"
        )
    for stray in document["unexpected"]:
        shown = ", ".join(stray["keys"])
        terminal.console.print(
            f"{stray['object']}: {stray['count']:,} records bear our key but are in no mart"
            f" ({shown} …)"
        )
    if document["equal"]:
        terminal.console.print("The org holds exactly what the marts hold.")
    else:
        terminal.console.print(f"Details: {reports / 'verify_differences.csv'}")


def _sum(total: dict[str, Any]) -> str:
    line = f"{total['step']}.{total['field']}: {Decimal(total['org']):,.2f} in the org"
    if not total["differing"]:
        return f"{line}, as in the mart, for each of {total['groups']:,} {total['by']}"
    shown = ", ".join(total["keys"])
    return (
        f"{line}, {Decimal(total['mart']):,.2f} in the mart: {total['differing']:,} of"
        f" {total['groups']:,} {total['by']} differ ({shown} …)"
    )
