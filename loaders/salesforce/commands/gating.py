"""What must hold before marts are used: landed and settled, of this org, built whole, with today's
options."""

from collections.abc import Mapping
from typing import Any

import duckdb

from loaders.errors import Exit, UserError
from loaders.home import Home
from loaders.options import options_file, read_options
from loaders.raw import audit
from loaders.raw.custom.decisions import require_sealed
from loaders.raw.custom.values import landed_fields
from loaders.raw.landing import current_generation
from loaders.salesforce.commands.session import Session
from loaders.salesforce.ledger import drift, gate
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan, plan_step
from loaders.salesforce.ledger.steps import Project, Step

_SHOWN = 5


def gated(
    s: Session, manifest: Manifest, only: str | None = None
) -> tuple[Project, tuple[Step, ...]]:
    """The steps, or the one asked for, with the warehouse attached. Raises UserError (blocked)
    where they must not load."""
    generation = current_generation(s.home)
    if generation is None:
        raise UserError("Nothing has been landed yet.", "Run `load-raw` first.", Exit.BLOCKED)
    project = s.project()
    steps = (project.step(only),) if only else project.steps
    gate.require_pull(gate.pulled_org(manifest.con, s.home.raw / "current"), s.identity.id)
    gate.open_warehouse(manifest.con, s.home.warehouse, project.steps)
    gate.require_build(manifest.con, project, steps, generation)
    require_options(s.home, manifest.con)
    require_fields(s.home, manifest.con)
    require_settled(s.home, manifest.con)
    # All of it was read from what was current then.
    if current_generation(s.home) != generation:
        raise UserError(
            "Something was landed meanwhile.", "Run `dbt build`, then try again.", Exit.BLOCKED
        )
    return project, steps


def require_options(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    """Raises UserError (blocked) where migration.yml says other than what was landed."""
    landed = audit.read_rows(con, home, "practices")
    if audit.with_options(landed, read_options()) != landed:
        raise UserError(
            f"{options_file().name} says other than what was landed with the data.",
            "Run `load-raw`, then `dbt build`.",
            Exit.BLOCKED,
        )


def require_fields(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    """Raises UserError (blocked) where custom_fields.yml says other than what was landed, or was
    edited since it was confirmed."""
    sealed = {entry["seal"] for entry in require_sealed(home.custom_fields)}
    if sealed != {field["seal"] for field in landed_fields(con, home)}:
        raise UserError(
            f"{home.custom_fields.name} says other than what was landed with the data.",
            "Run `load-raw confirm`, then `dbt build`.",
            Exit.BLOCKED,
        )


def require_settled(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    """Raises UserError (blocked) where the newest full set of a practice has no file of a table
    whose earlier rows stand because nobody said otherwise."""
    full = [row for row in audit.read_rows(con, home, "sets") if row["kind"] == "full"]
    in_order = sorted(full, key=lambda row: str(row["landed_at"]))
    newest = {row["practice"]: row["set_id"] for row in in_order}
    tables: dict[str, list[str]] = {}
    for file in audit.read_rows(con, home, "files"):
        practice = file["practice"]
        if file["note"] == audit.UNSETTLED and file["set_id"] == newest.get(practice):
            tables.setdefault(practice, []).append(file["table_name"])
    if tables:
        raise UserError(
            " ".join(
                f"{practice}: the newest full set has no file of {', '.join(sorted(names))}, so the"
                " rows of an earlier set stand."
                for practice, names in sorted(tables.items())
            ),
            "Export them, or name them in the set's export.yml under keep: or empty:, and land it"
            " again.",
            Exit.BLOCKED,
        )


def planned(
    s: Session, con: duckdb.DuckDBPyConnection, project: Project, busy: list[Step]
) -> tuple[StepPlan, ...]:
    """How each of these steps is sent. Raises UserError (blocked) where the org is not ready for
    one, or its schema changed since the pull."""
    describes = {name: s.org.describe(name) for name in {step.object for step in busy}}
    objects = {step.name: step.object for step in project.steps}
    plans = tuple(plan_step(step, describes[step.object], objects) for step in busy)
    require_no_drift(s, con, tuple(busy), describes)
    return plans


def require_no_drift(
    s: Session,
    con: duckdb.DuckDBPyConnection,
    steps: tuple[Step, ...],
    describes: Mapping[str, Mapping[str, Any] | None],
) -> None:
    """Raises UserError (blocked) where a field that is sent is otherwise than when the org was
    pulled: what the marts checked no longer holds."""
    lines = [c.line for c in drift.since_pull(con, s.home.raw / "current", steps, describes)]
    if lines:
        more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise UserError(
            f"The org's schema changed since it was pulled: {'; '.join(lines[:_SHOWN])}{more}.",
            "Put it back, or run `load-sf pull`, `dbt build` and `load-sf schema diff`.",
            Exit.BLOCKED,
        )
