"""What stands in the way of a run, all of it at once: each with what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import duckdb

from loaders.errors import UserError
from loaders.salesforce.commands.gating import require_fields, require_options, require_settled
from loaders.salesforce.commands.open_runs import require_no_rollback
from loaders.salesforce.commands.schema_diff import Describes
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import drift, gate
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.missing import ObjectGone
from loaders.salesforce.ledger.steps import Project
from loaders.salesforce.schema.difference import KINDS, Difference
from loaders.salesforce.schema.model import Schema, described_as

_SHOWN = 5
_PERMISSIONS = ("no permission set", "not assigned", "not on the permission set", "not granted")
# Rows may still be refused for these, but not all of them.
_SOFT = ("restricted", "required")


@dataclass(frozen=True)
class Blocker:
    """One reason not to run."""

    kind: str
    what: str
    do: str


def gathered(kind: str, check: Callable[[], None]) -> Iterator[Blocker]:
    """What a check that raises has to say."""
    try:
        check()
    except UserError as error:
        yield Blocker(kind, error.message, error.hint)


def of_marts(
    s: Session, con: duckdb.DuckDBPyConnection, project: Project, generation: str
) -> Iterator[Blocker]:
    """Marts of another org, stale ones, options and sets that nobody settled."""
    pulled = gate.pulled_org(con, s.home.raw / "current")
    yield from gathered("other org", lambda: gate.require_pull(pulled, s.identity.id))
    yield from gathered(
        "stale marts", lambda: gate.require_build(con, project, project.steps, generation)
    )
    yield from gathered("options", lambda: require_options(s.home, con))
    yield from gathered("custom fields", lambda: require_fields(s.home, con))
    yield from gathered("set", lambda: require_settled(s.home, con))


def of_blocks(
    con: duckdb.DuckDBPyConnection, project: Project, allowed: frozenset[str]
) -> Iterator[Blocker]:
    """Marts whose rows keep a run from starting."""
    for block in project.blocks:
        only = replace(project, blocks=(block,))
        check = partial(gate.require_unblocked, con, only, "run", allowed)
        try:
            yield from gathered(block.name, check)
        except duckdb.CatalogException:
            continue


def of_schema(schema: Schema, found: list[Difference]) -> tuple[list[Blocker], list[str]]:
    """Differences between schema and org as blockers, one a kind; and, as notes, those that let
    a run begin."""
    restricted = {
        (shown, f.api_name)
        for o in schema.objects
        for f in o.fields
        if f.restricted
        for shown in described_as(o.api_name)
    }
    hard: dict[str, list[Difference]] = {}
    soft: dict[str, list[Difference]] = {}
    for each in found:
        lets_pass = each.kind in _SOFT or (
            each.kind == "missing values" and (each.object, each.field) not in restricted
        )
        (soft if lets_pass else hard).setdefault(each.kind, []).append(each)
    blockers = [
        Blocker(
            "permissions" if kind in _PERMISSIONS else "schema", _listed(kind, each), each[0].do
        )
        for kind, each in hard.items()
    ]
    return blockers, [f"{_listed(kind, each)} {each[0].do}" for kind, each in soft.items()]


def _listed(kind: str, found: list[Difference]) -> str:
    shown = "; ".join(f"{d.what} ({d.detail})" if d.detail else d.what for d in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{KINDS[kind]['title']}: {shown}{more}."


def of_rights(
    project: Project, describes: Describes, deleting: frozenset[str]
) -> Iterator[Blocker]:
    """Objects this user may not write."""
    for sobject in sorted({step.object for step in project.steps}):
        described = describes.get(sobject)
        if described is None:
            continue
        makes = any(s.object == sobject and not s.is_update for s in project.steps)
        wanted = {"createable": makes, "updateable": True, "deletable": sobject in deleting}
        words = {"createable": "create", "updateable": "change", "deletable": "delete"}
        lacks = [words[r] for r, needed in wanted.items() if needed and not described.get(r, True)]
        if lacks:
            yield Blocker(
                "permissions",
                f"This user may not {' or '.join(lacks)} records of {sobject}.",
                "Grant it in Setup, Permission Sets, the loader's set, Object Settings.",
            )


def of_drift(
    s: Session,
    con: duckdb.DuckDBPyConnection,
    project: Project,
    describes: Describes,
    found: list[Difference],
) -> Iterator[Blocker]:
    """What of the org's schema is otherwise than when it was pulled. What is hidden from this
    user, as `found` says, is no change of the schema."""
    changes = drift.since_pull(con, s.home.raw / "current", project.steps, describes)
    hidden = {(d.object, d.field) for d in found if d.kind == "not granted"}
    everything = any(d.kind in ("not assigned", "no permission set") for d in found)
    lines = [
        c.line
        for c in changes
        if c.what != drift.GONE or not (everything or (c.object, c.field) in hidden)
    ]
    if lines:
        more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        yield Blocker(
            "changed since pull",
            f"The org's schema changed since it was pulled: {'; '.join(lines[:_SHOWN])}{more}.",
            "Put it back, or run `load-sf pull`, `dbt build` and `load-sf schema diff`.",
        )


def of_rollback(manifest: Manifest, org: str) -> Iterator[Blocker]:
    """A rollback that broke off."""
    yield from gathered("rollback", partial(require_no_rollback, manifest, org))


def of_deletes(gone: list[ObjectGone], limit: float) -> Iterator[Blocker]:
    """More gone from the source than a delete may take."""
    for each in gone:
        if each.share > limit:
            yield Blocker(
                "delete",
                f"{each.object}: {each.ours:,} of {each.created:,} records that came from here are"
                f" gone from the source, {each.share:.1f} %; up to {limit:g} % may be deleted.",
                "See whether the export is whole. Where they are meant to go, plan with"
                " --delete-limit; `run` leaves them unless it is told --delete-missing.",
            )
