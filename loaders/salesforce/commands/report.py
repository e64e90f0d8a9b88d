"""`load-sf report`: what the migration did, for people who were not there."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.home import Home, open_home
from loaders.report import migration
from loaders.report.corrections import write_corrections
from loaders.report.facts import Facts, Org
from loaders.report.migration import Report
from loaders.salesforce.commands import noting, rejecting, report_facts
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.report_tables import Lists, relation, rows
from loaders.salesforce.commands.schema_facts import practices
from loaders.salesforce.commands.session import is_running, project_of
from loaders.salesforce.commands.status import states
from loaders.salesforce.ledger import gate, tally
from loaders.salesforce.ledger.manifest import ENDED, Held, Manifest
from loaders.salesforce.ledger.steps import Project
from loaders.spreadsheet import write_query

_CSV = {
    "recalls": "recall_rebuild.csv",
    "owners": "owner_report.csv",
    "claims": "open_claims.csv",
}
_BESIDE = (
    ("plan.html", "The load plan"),
    ("sample_diff.html", "The sample, field by field"),
    ("audit.html", "The audit of the exports"),
    ("../schema/plan.html", "The schema plan"),
)


def report(with_values: bool, as_json: bool) -> int:
    """Writes the page and the CSVs beside it. No org is asked."""
    home = open_home()
    project = project_of(home)
    home.runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    spill = home.runs / "spill"
    try:
        if with_values:
            noting.begin(home)
        with noting.manifest_of(home) as manifest:
            gate.open_warehouse(manifest.con, home.warehouse, project.steps)
            gate.require_marts(manifest.con, project.steps)
            made = _gather(home, manifest, project, with_values)
    except Held as held:
        raise _at_work(home) or held from None
    # Only where it was ours: whoever holds the manifest has rows of its own in there.
    shutil.rmtree(spill, ignore_errors=True)
    page = home.reports / "report.html"
    migration.write(made, page)
    if as_json:
        document = asdict(made.facts) | {"to_do": [asdict(each) for each in made.to_do]}
        terminal.print_json(document | {"with_values": with_values, "page": str(page)})
    else:
        _tell(made.facts, page)
    return Exit.DONE


def _at_work(home: Home) -> UserError | None:
    org = next((run["org"] for run in states(home) if is_running(home, run["org"])), None)
    if org is None:
        return None
    return UserError(
        f"A run is at work on org {org}: what became of its rows is not known yet.",
        "`load-sf status` says how far it is; report when it has ended.",
        Exit.BLOCKED,
    )


def _gather(home: Home, manifest: Manifest, project: Project, with_values: bool) -> Report:
    con = manifest.con
    org = _org(con, home)
    org_id = org.id if org else ""
    runs = _runs(home, con, org_id)
    lists = [f for run in runs if (f := home.runs / run["run"] / rejecting.LIST).exists()]
    verified = _verified(home, org_id)
    facts = _facts(home, con, project, org, runs, verified)
    listing = Lists(con, project, with_values=with_values)
    tables = (
        *(listing.source_counts(), listing.differing_balances(), listing.months()),
        *(
            listing.to_do(),
            listing.classes(),
            listing.corrections(),
            listing.merges(),
            listing.owners(),
        ),
        *(listing.open_claims(), listing.recalls(), listing.fields()),
        *(listing.rejected(lists), listing.lives(org_id, lists)),
    )
    return Report(
        facts=facts,
        to_do=tuple(report_facts.to_do(con, project, facts)),
        tables={table.id: table for table in tables},
        sums=verified.get("money", []),
        brought=tuple(tally.brought(con, project, org_id)),
        plan=_said(home.reports / "plan.json", org_id),
        beside=tuple(each for each in _BESIDE if (home.reports / each[0]).exists()),
        corrections=tuple(
            _write_csvs(home, con, listing, relation(project, "corrections")),
        ),
        with_values=with_values,
    )


def _runs(home: Home, con: duckdb.DuckDBPyConnection, org: str) -> list[dict[str, Any]]:
    """The runs of an org. How one ended is the manifest's word: a process may have died between
    the two. One that it never heard of, and that did not end, sent nothing."""
    known = dict(con.execute("select run, state from runs where org = ?", [org]).fetchall())
    told = []
    for run in (each for each in states(home) if each["org"] == org):
        state = known.get(run["run"])
        if state in ENDED:
            told.append(run | {"state": state})
        elif state or run["state"] in ENDED:
            told.append(run)
    return told


def _facts(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    project: Project,
    org: Org | None,
    runs: list[dict[str, Any]],
    verified: dict[str, Any],
) -> Facts:
    org_id = org.id if org else ""
    steps = tally.steps(con, project, org_id)
    refusals = rejecting.standing(con, org_id)
    claims, claimed = rows(
        con,
        f"select count(*), coalesce(sum(outstanding), 0) from {relation(project, 'open_claims')}",
    )[0]
    in_files, landed, unaccounted = rows(
        con,
        "select coalesce(sum(rows_in_file), 0), coalesce(sum(landed), 0), count(*) filter (where"
        " rows_in_file <> landed + rejected or landed <> records + merged + skipped + held_back)"
        f" from {relation(project, 'source_counts')}",
    )[0]
    return Facts(
        org=org,
        practices=practices(con, home),
        made_at=now(),
        steps=tuple(steps),
        objects=tuple(tally.objects(steps)),
        reasons=tuple(sorted(report_facts.reasons(con, project, refusals), key=lambda r: -r.rows)),
        money=tuple(report_facts.money(con, project)),
        entries=tuple(report_facts.entries(con, project)),
        claims=claims,
        claimed=claimed,
        checked=report_facts.checked(verified, runs, project),
        runs=tuple(runs),
        rows_in_files=int(in_files),
        rows_landed=int(landed),
        tables_unaccounted=int(unaccounted),
    )


def _org(con: duckdb.DuckDBPyConnection, home: Home) -> Org | None:
    """The org that was pulled last: the marts were built for it."""
    folder = home.raw / "current" / "salesforce" / "organization"
    if not folder.is_dir():
        return None
    row = con.execute(
        "select organization_id, name, is_sandbox = 'true' from read_parquet(?) limit 1",
        [str(folder / "*.parquet")],
    ).fetchone()
    return Org(*row) if row else None


def _verified(home: Home, org: str) -> dict[str, Any]:
    """What the last `verify` of this org noted, nothing where it cannot be read any more."""
    said = _said(home.reports / "verify.json", org)
    if not said or report_facts.is_readable(said):
        return said
    terminal.notes.print(
        "The last verification was noted by an older version, and is left out:"
        " run `load-sf verify` again."
    )
    return {}


def _said(file: Path, org: str) -> dict[str, Any]:
    """What a command noted of this org for later, nothing where it did not."""
    if not file.exists():
        return {}
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return said if said["org"] == org else {}


def _write_csvs(home: Home, con: duckdb.DuckDBPyConnection, listing: Lists, mart: str) -> list[str]:
    """Writes the tables that people work through in a spreadsheet; gives their paths within
    `reports/`. Corrections are made in the source, so theirs hold its values in any case."""
    home.reports.mkdir(mode=0o700, exist_ok=True)
    for table, file in _CSV.items():
        write_query(con, listing.queries[table], home.reports / file)
    corrections = write_corrections(con, home, mart)
    written = [corrections.whole, *(file for file, _ in corrections.by_person.values())]
    return [str(file.relative_to(home.reports)) for file in written]


def _tell(facts: Facts, page: Path) -> None:
    def say(line: str) -> None:
        terminal.console.print(line, markup=False)

    held, refused = (sum(getattr(o, k) for o in facts.objects) for k in ("held_back", "refused"))
    say(f"{facts.in_org:,} records are in Salesforce; {held:,} are held back, {refused:,} refused.")
    for each in facts.money:
        say(
            f"{each.practice}: {each.agreeing:,} balances agree to the cent,"
            f" {each.explained:,} differ by what is held back, {each.differing:,} otherwise."
        )
    say(f"The report: {page}")
