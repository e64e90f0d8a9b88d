"""`load-sf verify`: reads the org back and holds every field of every row against the marts."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.commands.gating import gated
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.reading_back import read_back
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import compare, held_now, money
from loaders.salesforce.ledger.compare import StepResult, Strays
from loaders.salesforce.ledger.held_now import HeldNow
from loaders.salesforce.ledger.manifest import LITTLE, Manifest
from loaders.salesforce.ledger.money import MoneyTotal


@dataclass
class _Result:
    """What was found: by step, and by object the records that no mart has."""

    steps: list[StepResult] = field(default_factory=list)
    money: list[MoneyTotal] = field(default_factory=list)
    held_now: list[HeldNow] = field(default_factory=list)
    gone: dict[str, Strays] = field(default_factory=dict)
    unexpected: dict[str, Strays] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether the org has all that the marts let load, as they have it, to the cent."""
        return (
            all(r.equal for r in self.steps)
            and not any(t.differing for t in self.money)
            and not any(u.count for u in self.unexpected.values())
        )


def verify(sample: float | None, as_json: bool) -> int:
    """Compares; writes the reports; gives 1 where anything differs. What is gone from the source,
    or held back since it was loaded, is named and is no difference. Raises UserError (blocked)
    where the marts must not load: they say nothing of what the org should hold."""
    with session() as s, sole_run(s.home, s.identity.id):
        folder = s.home.runs / "verify"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            with manifest_of(s.home, LITTLE) as manifest:
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
    con, org = manifest.con, s.identity.id
    project, steps = gated(s, manifest)
    manifest.room_for(len(project.steps))
    found = read_back(s, manifest, project, sample, folder)
    compare.start(con)
    result = _Result()
    for step in steps:
        against = found.against(step, org, sample)
        result.steps.append(compare.compare(con, against))
        result.money += money.totals(con, against)
        result.held_now.append(held_now.read_back(con, step, against.table, org, sample))
    for o, of in found.steps.items():
        told = compare.strays(con, found.tables[o], of[0].external_id, of, org)
        result.gone[o], result.unexpected[o] = told
    return _write(s, manifest, result, sample)


def _write(s: Session, manifest: Manifest, result: _Result, sample: float | None) -> dict[str, Any]:
    document = {
        "org": s.identity.id,
        "verified_at": now(),
        "sample_percent": sample,
        "equal": result.equal,
        "steps": [asdict(r) for r in result.steps],
        "money": [asdict(t) for t in result.money],
        "held_back_now": [asdict(h) for h in result.held_now if h.count],
        "gone": _listed(result.gone),
        "unexpected": _listed(result.unexpected),
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
        _say_step(step)
    say = terminal.console.print
    for total in document["money"]:
        say(_sum(total))
    for held in document["held_back_now"]:
        say(
            f"{held['step']}: {held['count']:,} records were loaded before and are held back now:"
            f" the org has them as they were ({_first(held)})"
        )
    for gone in document["gone"]:
        say(
            f"{gone['object']}: {gone['count']:,} records are gone from the source, and stay"
            f" ({_first(gone)})"
        )
    for stray in document["unexpected"]:
        say(
            f"{stray['object']}: {stray['count']:,} records bear our key but are in no mart"
            f" ({_first(stray)})"
        )
    more = [*document["held_back_now"], *document["gone"]]
    if not document["equal"]:
        say(f"Details: {reports / 'verify_differences.csv'}")
    elif more:
        number = sum(each["count"] for each in more)
        say(f"The org holds all that the marts let load, and {number:,} records beside it.")
    else:
        say("The org holds exactly what the marts hold.")


def _say_step(step: dict[str, Any]) -> None:
    say = terminal.console.print
    line = f"{step['step']}: {step['found']:,} of {step['expected']:,} rows in the org"
    line += f", {step['compared']:,} fields compared"
    if step["kept"]:
        line += f", {step['kept']:,} kept as they were found"
    say(line)
    if step["missing"]:
        say(f"  missing: {step['missing']:,} rows ({_first(step, 'missing_keys')})")
    if step["refused_missing"] or step["refused_differing"]:
        say(
            f"  refused by the org: {step['refused_missing']:,} rows are missing,"
            f" {step['refused_differing']:,} are as they were before"
            f" ({_first(step, 'refused_keys')})"
        )
    for d in step["differences"]:
        say(f"  {d['field']}: {d['count']:,} rows differ ({_first(d)})")


def _first(each: dict[str, Any], keys: str = "keys") -> str:
    return f"{', '.join(each[keys])} …"


def _sum(total: dict[str, Any]) -> str:
    line = f"{total['step']}.{total['field']}: {Decimal(total['org']):,.2f} in the org"
    kept = f"; {total['kept']:,} kept as they were found are left out" if total["kept"] else ""
    if not total["differing"]:
        return f"{line}, as in the mart, for each of {total['groups']:,} {total['by']}{kept}"
    return (
        f"{line}, {Decimal(total['mart']):,.2f} in the mart: {total['differing']:,} of"
        f" {total['groups']:,} {total['by']} differ ({_first(total)}){kept}"
    )
