"""`load-sf verify`: reads the org back and holds every field of every row against the marts."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.api import bulk, files
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.session import Session, session, sole_run
from loaders.salesforce.ledger import compare, gate, results
from loaders.salesforce.ledger.compare import FilesHeld, StepResult, Strays
from loaders.salesforce.ledger.manifest import Manifest, open_manifest
from loaders.salesforce.ledger.plan import StepPlan, plan_step
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import Step

_KEYS_A_QUERY = 1_000


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
            shutil.rmtree(s.spill, ignore_errors=True)
    if as_json:
        terminal.print_json(document)
    else:
        _say(document, s.home.reports)
    return Exit.DONE if document["equal"] else Exit.ERROR


def _compare(s: Session, manifest: Manifest, sample: float | None, folder: Path) -> dict[str, Any]:
    project = s.project()
    gate.open_warehouse(manifest.con, s.home.warehouse)
    objects: dict[str, list[Step]] = {}
    for step in project.steps:
        objects.setdefault(step.object, []).append(step)
    own = {step.name: step.object for step in project.steps}
    plans: dict[str, StepPlan] = {}
    for sobject, steps in objects.items():
        describe = s.org.describe(sobject)
        plans |= {step.name: plan_step(step, describe, own) for step in steps}
        _read_back(s, manifest, steps, [plans[st.name] for st in steps], sample, folder)
    tables = {o: (f"org_{o}", steps[0].external_id) for o, steps in objects.items()}
    compare.id_map(manifest.con, tables, s.identity.id)
    compare.start(manifest.con)
    held = {o: _files_held(s, manifest, tables[o][0], folder) for o in _of_files(plans)}
    compared = [
        compare.compare(
            *(manifest.con, step, plans[step.name], f"org_{step.object}", s.identity.id, sample),
            held.get(step.object),
        )
        for step in project.steps
    ]
    strays = {
        o: compare.strays(manifest.con, *tables[o], steps, s.identity.id)
        for o, steps in objects.items()
    }
    return _write(s, manifest, compared, strays, sample)


def _read_back(
    s: Session,
    manifest: Manifest,
    steps: list[Step],
    plans: list[StepPlan],
    sample: float | None,
    folder: Path,
) -> None:
    """An object's records that bear our key, deleted ones apart, as `org_<object>`."""
    columns = compare.read_back_columns(plans)
    if any(plan.binary for plan in plans):
        columns += [files.DOCUMENT, files.CHECKSUM, files.SIZE]
    sobject, key = steps[0].object, steps[0].external_id
    soql = f"SELECT {', '.join(columns)} FROM {sobject} WHERE IsDeleted = false AND {key}"
    pages: list[Path] = []
    if sample is None:
        pages = bulk.query_all(s.org, f"{soql} != null", Polling(), folder)
    else:
        keys = compare.sample_keys(manifest.con, steps, sample)
        for start in range(0, len(keys), _KEYS_A_QUERY):
            listed = ", ".join(_soql(k) for k in keys[start : start + _KEYS_A_QUERY])
            pages += bulk.query_all(s.org, f"{soql} IN ({listed})", Polling(), folder)
    rows = folder / f"{sobject}.parquet"
    compare.load_org_rows(manifest.con, f"org_{sobject}", pages, columns, rows)
    for page in pages:
        page.unlink()


def _of_files(plans: dict[str, StepPlan]) -> set[str]:
    return {plan.object for plan in plans.values() if plan.binary}


def _files_held(s: Session, manifest: Manifest, table: str, folder: Path) -> FilesHeld:
    """What the org says of the files in `table`, and the records each is shown on."""
    documents = [
        str(row[0])
        for row in manifest.con.execute(
            f"select distinct {name(files.DOCUMENT)} from {name(table)} order by 1"
        ).fetchall()
    ]
    pages: list[Path] = []
    for start in range(0, len(documents), _KEYS_A_QUERY):
        soql = files.links_of(documents[start : start + _KEYS_A_QUERY])
        pages += bulk.query_all(s.org, soql, Polling(), folder)
    rows = results.union(pages, [files.DOCUMENT, files.LINKED])
    manifest.con.execute(
        f"create or replace temp table file_links as select distinct"
        f" {name(files.DOCUMENT)} as document, {name(files.LINKED)} as record from ({rows})"
    )
    return FilesHeld(files.CHECKSUM, files.SIZE, files.DOCUMENT, "file_links")


def _soql(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _write(
    s: Session,
    manifest: Manifest,
    compared: list[StepResult],
    strays: dict[str, tuple[Strays, Strays]],
    sample: float | None,
) -> dict[str, Any]:
    document = {
        "org": s.identity.id,
        "verified_at": now(),
        "sample_percent": sample,
        "equal": all(r.equal for r in compared) and not any(u.count for _, u in strays.values()),
        "steps": [asdict(r) for r in compared],
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
