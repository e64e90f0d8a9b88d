"""Gathers a plan: what a run would do now, what it needs of the org, what it meets there, and what
stands in its way. Nothing is written to the org."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import Exit, UserError
from loaders.raw.landing import current_generation
from loaders.salesforce.api import collections, setup
from loaders.salesforce.api.automation import Kind, automation
from loaders.salesforce.commands import leaving, needs, plan_blockers
from loaders.salesforce.commands.approving import subject, why_not_approved
from loaders.salesforce.commands.needs import Needs, Room
from loaders.salesforce.commands.open_runs import open_run_line
from loaders.salesforce.commands.plan_blockers import Blocker
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.schema_diff import Describes, described, find_differences
from loaders.salesforce.commands.schema_facts import occasion, this_schema
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import approvals, forecast, gate, mapping, missing
from loaders.salesforce.ledger.forecast import Renames, StepForecast
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.missing import ObjectGone
from loaders.salesforce.ledger.plan import coded, plan_step
from loaders.salesforce.ledger.shown import ShownMart, shown_marts
from loaders.salesforce.ledger.steps import Project
from loaders.salesforce.schema.model import Schema

# What of records that are known goes in one request instead of a job.
CORRECTIONS = (collections.MOST, collections.MOST_BYTES)


@dataclass(frozen=True)
class Wish:
    """How the run is meant: the options that let it pass, and how many percent of an object's
    records may be gone from the source."""

    allowed: frozenset[str] = frozenset()
    delete_limit: float = missing.DELETE_LIMIT


@dataclass(frozen=True)
class Required:
    """A field the org wants filled on new records, and nothing here fills."""

    object: str
    field: str
    label: str


@dataclass(frozen=True)
class Proposed:
    """A custom field that nobody has confirmed or ignored yet."""

    object: str
    field: str
    source: str


@dataclass(frozen=True)
class Plan:
    """All of it."""

    org: str
    org_name: str
    is_sandbox: bool
    made_at: str
    practices: tuple[str, ...]
    delete_limit: float
    steps: tuple[StepForecast, ...]
    gone: tuple[ObjectGone, ...]
    needs: Needs
    limits: tuple[Room, ...]
    shown: tuple[ShownMart, ...]
    automation: tuple[Kind, ...]
    required: tuple[Required, ...]
    proposed: tuple[Proposed, ...]
    approval: str
    needs_approval: bool
    notes: tuple[str, ...]
    blockers: tuple[Blocker, ...]


def make_plan(s: Session, manifest: Manifest, wish: Wish) -> Plan:
    """The plan of a run into this org. Raises UserError (blocked) where there is nothing to plan:
    no landing, no build, no warehouse."""
    generation = _landed(s)
    project, con = s.project(), manifest.con
    manifest.room_for(len(project.steps))
    schema = this_schema(s.home, project.steps)
    told = occasion(s.home, project.steps)
    gate.open_warehouse(con, s.home.warehouse, project.steps)
    describes = described(s, schema)
    differences = find_differences(s, schema, describes)
    blockers, notes = plan_blockers.of_schema(schema, differences.differences)
    blockers = [
        *plan_blockers.of_marts(s, con, project, generation),
        *plan_blockers.of_blocks(con, project, wish.allowed),
        *blockers,
        *plan_blockers.of_drift(s, con, project, describes, differences.differences),
    ]
    steps, gone = _forecasts(s, con, project, describes)
    deleting = frozenset(f.object for f in steps if f.superseded)
    blockers += plan_blockers.of_rights(project, describes, deleting)
    blockers += plan_blockers.of_deletes(gone, wish.delete_limit)
    blockers += plan_blockers.of_rollback(manifest, s.identity.id)
    wanted = needs.of_run(steps, needs.speed(s.home.runs, s.identity.id))
    shown = shown_marts(con, project, "plan", needs.SAID["shown_people"])
    lines = _lines(s, manifest, project, steps)
    gate.close_warehouse(con)
    approval, needs_approval = _approval(s, manifest, project, schema)
    return Plan(
        org=s.identity.id,
        org_name=s.identity.name,
        is_sandbox=s.identity.is_sandbox,
        made_at=now(),
        practices=told.practices,
        delete_limit=wish.delete_limit,
        steps=tuple(steps),
        gone=tuple(gone),
        needs=wanted,
        limits=tuple(needs.rooms(wanted, s.org.limits())),
        shown=tuple(shown),
        automation=tuple(_automation(s, project)),
        required=tuple(_required(project, describes)),
        proposed=tuple(_proposed(s)),
        approval=approval,
        needs_approval=needs_approval,
        notes=(*lines, *notes, *differences.notes),
        blockers=tuple(blockers),
    )


def _landed(s: Session) -> str:
    generation = current_generation(s.home)
    if generation is None:
        raise UserError("Nothing has been landed yet.", "Run `load-raw` first.", Exit.BLOCKED)
    return generation


def _lines(
    s: Session, manifest: Manifest, project: Project, steps: list[StepForecast]
) -> list[str]:
    """What else a run would find: a run that was left open, rows it holds back."""
    counted = [(project.step(f.step), f.counts) for f in steps if f.counts]
    lines = open_run_line(manifest, s.identity.id), leaving.held_line(s, manifest, counted)
    return [line for line in lines if line]


def _forecasts(
    s: Session, con: duckdb.DuckDBPyConnection, project: Project, describes: Describes
) -> tuple[list[StepForecast], list[ObjectGone]]:
    """Each step's numbers, and what is gone, as far as the marts are there."""
    org = s.identity.id
    steps = [forecast.step_counts(con, step, org) for step in project.steps]
    try:
        superseded = forecast.superseded_by_step(con, project, org)
        gone, objects = missing.gone(con, project, org)
    except (duckdb.CatalogException, duckdb.BinderException):
        superseded, gone, objects = {}, {}, []
    work = s.home.runs / "plan"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        steps = [
            replace(
                each,
                superseded=superseded.get(each.step, 0),
                gone=gone.get(each.step, 0),
                cut=_cut(s, con, project, describes, each, work),
                renames=_renames(s, con, project, describes, each),
            )
            for each in steps
        ]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return steps, objects


def _cut(
    s: Session,
    con: duckdb.DuckDBPyConnection,
    project: Project,
    describes: Describes,
    each: StepForecast,
    work: Path,
) -> forecast.Cut:
    """The jobs of a step; nothing where the org is not ready for it, which a blocker says."""
    if each.counts is None or not each.counts.to_send:
        return forecast.Cut()
    step = project.step(each.step)
    objects = {other.name: other.object for other in project.steps}
    try:
        planned = plan_step(step, describes[step.object], objects)
    except UserError:
        return forecast.Cut(rows=each.counts.to_send)
    return forecast.cut(con, step, planned, s.identity.id, work, CORRECTIONS)


def _renames(
    s: Session,
    con: duckdb.DuckDBPyConnection,
    project: Project,
    describes: Describes,
    each: StepForecast,
) -> Renames:
    """Records whose name changes: the name of one that was there may change because of another
    that came later."""
    step, described_as = project.step(each.step), describes.get(each.object) or {"fields": []}
    names = {field["name"] for field in described_as["fields"] if field.get("nameField")}
    column = next((f.column for f in step.fields if f.api_name in names), None)
    if column is None or each.is_update or not (each.counts and each.counts.update):
        return Renames()
    most = needs.SAID["shown_people"]
    return forecast.renames(con, step, column, s.identity.id, s.home.runs, most)


def _automation(s: Session, project: Project) -> list[Kind]:
    objects = {step.object for step in project.steps}
    return automation(s.org, objects, setup.custom_ids(s.org))


def _required(project: Project, describes: Describes) -> Iterator[Required]:
    """Custom fields that new records must have and that a step making such records does not send.
    Which standard fields a record needs is the same everywhere, and the marts know it; describes
    name some that need none (the document of a new version)."""
    told: set[tuple[str, str]] = set()
    for step in project.steps:
        shown = describes.get(step.object)
        if step.is_update or shown is None:
            continue
        known: dict[str, dict[str, Any]] = {field["name"]: field for field in shown["fields"]}
        sent = {f.api_name if f.relationship else coded(f.column, known) for f in step.fields}
        for name, field in known.items():
            demanded = not field.get("nillable", True) and not field.get("defaultedOnCreate")
            settable = field.get("custom") and field["type"] != "boolean"
            if demanded and settable and name not in sent and (step.object, name) not in told:
                told.add((step.object, name))
                yield Required(step.object, name, field.get("label") or name)


def _proposed(s: Session) -> Iterator[Proposed]:
    for entry in mapping.custom_fields(s.home.custom_fields, "proposed"):
        yield Proposed(
            str(entry.get("object") or ""),
            str(entry.get("api_name") or ""),
            str(entry.get("source") or ""),
        )


def _approval(s: Session, manifest: Manifest, project: Project, schema: Schema) -> tuple[str, bool]:
    """Whether a run is approved, in words; and whether this org takes none before it is."""
    newest = approvals.newest(manifest.con, s.identity.id)
    why = why_not_approved(newest, subject(s, project, schema))
    if why is None and newest is not None:
        who = newest.approved_by or newest.login
        return f"{who} approved this mapping and schema on {newest.approved_at:%Y-%m-%d}.", False
    asks = "a sandbox asks for none" if s.identity.is_sandbox else "`load-sf approve` before `run`"
    return f"{str(why)[0].upper()}{str(why)[1:]}: {asks}.", not s.identity.is_sandbox
