"""Deploys as they are kept: asked for, waiting, at work, ended."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from local_org.bulk.jobs import now
from local_org.errors import not_found
from local_org.ids import make_id
from local_org.metadata.options import Options
from local_org.metadata.outcome import Outcome
from local_org.org import DEPLOY_PREFIX, Org

PENDING, IN_PROGRESS, CANCELING = "Pending", "InProgress", "Canceling"
_MOMENT = 0.002
SUCCEEDED, PARTIAL, FAILED, CANCELED = "Succeeded", "SucceededPartial", "Failed", "Canceled"
WAITING = (PENDING, IN_PROGRESS)
_CREATING = threading.Lock()
ENDED = (SUCCEEDED, PARTIAL, FAILED, CANCELED)


@dataclass(frozen=True)
class Deployment:
    """One row of `org.deployments`."""

    id: str
    status: str
    created: datetime
    started: datetime | None
    completed: datetime | None
    options: Options
    problem: str | None
    outcomes: tuple[Outcome, ...]

    @property
    def done(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in ENDED


def folder(org: Org) -> Path:
    """Give the folder that holds the zips of deploys to do."""
    return org.folder / "deploys"


def zip_file(org: Org, deploy_id: str) -> Path:
    """Give the zip of a deploy."""
    return folder(org) / f"{deploy_id}.zip"


def cancel_mark(org: Org, deploy_id: str) -> Path:
    """Give the file that tells the worker to stop a deploy."""
    return folder(org) / f"{deploy_id}.cancel"


def create(org: Org, options: Options, zipped: Path) -> Deployment:
    """Keep a new deploy; its zip, written beside, becomes the org's.

    A request is a row of its own that no other transaction touches: it does not wait for the
    deploy at hand, which holds the store.
    """
    with _CREATING, org.store.read() as cursor:
        cursor.begin()
        found = cursor.execute("select count(*) from org.deployments").fetchone()
        deploy_id = make_id(DEPLOY_PREFIX, org.identity.pod, (found[0] if found else 0) + 1)
        zipped.rename(zip_file(org, deploy_id))
        cursor.execute(
            "insert into org.deployments values (?, ?, ?, null, null, ?, null, '[]')",
            [deploy_id, PENDING, now(), json.dumps(options.given)],
        )
        cursor.commit()
    return get(org, deploy_id)


def get(org: Org, deploy_id: str) -> Deployment:
    """Find a deploy by its 15- or 18-character id; raises the 404 where there is none."""
    rows = org.store.rows("from org.deployments where id[:15] = ?", [deploy_id[:15]])
    if not rows:
        raise not_found()
    found = _read(rows[0])
    # It is over for others once the org goes by what it changed.
    while found.done and org.deploy_at_hand == found.id:
        time.sleep(_MOMENT)
    if found.done or not cancel_mark(org, found.id).exists():
        return found
    # One that has not started never will.
    status = CANCELING if found.status == IN_PROGRESS else CANCELED
    return replace(found, status=status)


def next_waiting(org: Org) -> Deployment | None:
    """Give the deploy to do next: one that a killed server was at, or the oldest that waits."""
    rows = org.store.rows(
        "from org.deployments where status in (?, ?) order by created, id limit 1",
        list(WAITING),
    )
    return _read(rows[0]) if rows else None


def move(cursor: duckdb.DuckDBPyConnection, deploy_id: str, status: str, **facts: Any) -> None:
    """Set a deploy's status, and more, within the caller's transaction."""
    facts = {"status": status, **facts}
    names = ", ".join(f"{name} = ?" for name in facts)
    cursor.execute(f"update org.deployments set {names} where id = ?", [*facts.values(), deploy_id])


def end(
    cursor: duckdb.DuckDBPyConnection,
    deploy_id: str,
    status: str,
    outcomes: list[Outcome],
    problem: str | None = None,
) -> None:
    """Note how a deploy ended, within the caller's transaction."""
    text = json.dumps([asdict(each) for each in outcomes])
    move(cursor, deploy_id, status, completed=now(), outcomes=text, problem=problem)


def clear(org: Org, deploy_id: str) -> None:
    """Remove the files of a deploy that has ended."""
    zip_file(org, deploy_id).unlink(missing_ok=True)
    cancel_mark(org, deploy_id).unlink(missing_ok=True)


def tidy(org: Org) -> None:
    """Remove the files a killed server left behind."""
    rows = org.store.rows("select id from org.deployments where status in (?, ?)", list(WAITING))
    waiting = {row["id"] for row in rows}
    for path in folder(org).glob("*"):
        if path.stem not in waiting or path.suffix == ".part":
            path.unlink(missing_ok=True)


def _read(row: dict[str, Any]) -> Deployment:
    return Deployment(
        id=row["id"],
        status=row["status"],
        created=row["created"],
        started=row["started"],
        completed=row["completed"],
        options=Options(json.loads(row["options"])),
        problem=row["problem"],
        outcomes=tuple(Outcome(**each) for each in json.loads(row["outcomes"])),
    )
