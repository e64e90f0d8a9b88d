"""Which run may be rolled back: the newest that touched the org, so that each undoes its own."""

from dataclasses import dataclass

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger.manifest import ENDED, Manifest

LAST = "last"


@dataclass(frozen=True)
class Target:
    """A run to roll back, its state, and the rollback of it that was left open, if one was."""

    run: str
    state: str
    open: str | None

    @property
    def is_open(self) -> bool:
        """Whether the run itself broke off."""
        return self.state not in ENDED


def choose(manifest: Manifest, org: str, asked: str) -> Target:
    """The run `asked` for, by its name or as `last`.

    Raises UserError (blocked) where there is none such, or another has to go first.
    """
    runs = manifest.con.execute(
        "select run, state, kind, of_run from runs where org = ? order by run", [org]
    ).fetchall()
    touched = [
        (run, state)
        for run, state, kind, _ in runs
        if kind != "rollback" and state != "rolled back" and _touched(manifest, run)
    ]
    if asked == LAST:
        if not touched:
            raise UserError(
                "No run is left to roll back in this org.",
                "`load-sf status` lists them.",
                Exit.BLOCKED,
            )
        asked = touched[-1][0]
    states = {run: state for run, state, kind, _ in runs if kind != "rollback"}
    if asked not in states:
        raise UserError(
            f"This org has no run {asked}.", "`load-sf status` lists them.", Exit.BLOCKED
        )
    if states[asked] == "rolled back":
        raise UserError(f"Run {asked} is rolled back already.", code=Exit.BLOCKED)
    later = [run for run, _ in touched if run != asked and _is_later(runs, run, asked)]
    if later:
        raise UserError(
            f"Run {later[-1]} came after {asked} and is not rolled back.",
            f"Run `load-sf rollback {later[-1]}` first.",
            Exit.BLOCKED,
        )
    halves = [(r, of) for r, state, kind, of in runs if kind == "rollback" and state not in ENDED]
    for _, of in halves:
        if of != asked:
            raise UserError(
                f"The rollback of {of} is under way.",
                f"Run `load-sf rollback {of}` to carry it on.",
                Exit.BLOCKED,
            )
    return Target(asked, states[asked], halves[-1][0] if halves else None)


def _touched(manifest: Manifest, run: str) -> bool:
    """Whether a run may have changed the org: a job of it got further than being meant."""
    row = manifest.con.execute(
        "select (select count(*) from jobs where run = $run"
        " and not (job is null and state in ('intent', 'given up')))"
        " + (select count(*) from files where run = $run)"
        " + (select count(*) from records where run = $run)",
        {"run": run},
    ).fetchone()
    return bool(row and row[0])


def _is_later(runs: list[tuple[str, str, str, str]], run: str, asked: str) -> bool:
    order = [each[0] for each in runs]
    return order.index(run) > order.index(asked)


def users(manifest: Manifest, org: str) -> tuple[str, ...]:
    """The Ids of the users this project worked as in the org."""
    rows = manifest.con.execute(
        "select distinct user_id from runs where org = ? and user_id is not null order by 1", [org]
    ).fetchall()
    return tuple(str(row[0]) for row in rows)
