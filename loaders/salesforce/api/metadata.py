"""Deploys a package by the Metadata API's REST resource `metadata/deployRequest`."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from loaders.errors import UserError
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling


@dataclass(frozen=True)
class Failure:
    """A component the org did not take, and where in the package it stands."""

    component: str
    kind: str
    file: str
    line: int | None
    column: int | None
    problem: str

    @property
    def place(self) -> str:
        """The file, with line and column where the org says them."""
        found = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(found)


@dataclass(frozen=True)
class Deployed:
    """How a deployment ended."""

    id: str
    success: bool
    components: int
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    message: str
    user: str | None


def deploy(
    org: Org,
    package: bytes,
    *,
    check_only: bool,
    polling: Polling,
    progress: Callable[[str], None] = lambda far: None,
) -> Deployed:
    """Sends a metadata package (a zip) and waits for its end, telling how far it is. All of it
    is taken, or nothing; interrupted, the deployment is cancelled.

    No test level is named: production refuses NoTestRun, and a package without Apex runs none.
    """
    options = {
        "deployOptions": {
            "checkOnly": check_only,
            "singlePackage": True,
            "rollbackOnError": True,
        }
    }
    parts = {
        "json": (None, json.dumps(options), "application/json"),
        "file": ("deploy.zip", package, "application/zip"),
    }
    started = org.post("metadata/deployRequest", "the deployment", "id", files=parts)
    deployment = str(started["id"])
    try:
        for wait in polling.waits():
            result = _state(org, deployment)
            if result.get("done"):
                break
            progress(_how_far(result))
            org.clock.sleep(wait)
    except KeyboardInterrupt:
        _cancel(org, deployment)
        raise
    return _deployed(deployment, result)


def _state(org: Org, deployment: str) -> dict[str, Any]:
    answer = org.get(
        f"metadata/deployRequest/{deployment}",
        "the deployment's state",
        "deployResult",
        params={"includeDetails": "true"},
    )
    result: dict[str, Any] = answer["deployResult"]
    return result


def _how_far(result: dict[str, Any]) -> str:
    done = int(result.get("numberComponentsDeployed") or 0)
    total = int(result.get("numberComponentsTotal") or 0)
    errors = int(result.get("numberComponentErrors") or 0)
    counted = f", {done:,} of {total:,} components" if total else ""
    failed = f", {errors:,} with errors" if errors else ""
    detail = f": {result['stateDetail']}" if result.get("stateDetail") else ""
    return f"{result.get('status') or 'Pending'}{counted}{failed}{detail}"


def _cancel(org: Org, deployment: str) -> None:
    """Asks the org to stop; where it is too late for that, it says so and the rest is the same."""
    with contextlib.suppress(UserError):
        org.request(
            "PATCH",
            f"metadata/deployRequest/{deployment}",
            what="the deployment's cancellation",
            again=False,
            json={"deployResult": {"status": "Canceling"}},
        )


def _deployed(deployment: str, result: dict[str, Any]) -> Deployed:
    details = result.get("details") or {}
    return Deployed(
        id=deployment,
        success=bool(result.get("success")),
        components=int(result.get("numberComponentsTotal") or 0),
        failures=tuple(_messages(details.get("componentFailures"))),
        warnings=tuple(m for m in _messages(details.get("componentSuccesses")) if m.problem),
        message=str(result.get("errorMessage") or ""),
        user=result.get("createdBy"),
    )


def _messages(listed: Any) -> Iterator[Failure]:
    for said in [listed] if isinstance(listed, dict) else listed or []:  # a single one comes bare
        yield Failure(
            component=str(said.get("fullName") or said.get("fileName") or ""),
            kind=str(said.get("componentType") or ""),
            file=str(said.get("fileName") or ""),
            line=_number(said.get("lineNumber")),
            column=_number(said.get("columnNumber")),
            problem=" ".join(str(said.get("problem") or "").split()),
        )


def _number(said: Any) -> int | None:
    return int(said) if str(said or "").isdigit() else None


def permission_set_id(org: Org, name: str) -> str | None:
    """The Id of the permission set of that API name, None where there is none."""
    found = org.query(
        f"SELECT Id FROM PermissionSet WHERE Name = '{name}'", f"permission set {name}"
    )
    return str(found[0]["Id"]) if found else None


def is_assigned(org: Org, permission_set: str, user: str) -> bool:
    """Whether the user has the permission set."""
    return bool(
        org.query(
            "SELECT Id FROM PermissionSetAssignment"
            f" WHERE PermissionSetId = '{permission_set}' AND AssigneeId = '{user}'",
            "permission set assignments",
        )
    )


def assign(org: Org, permission_set: str, user: str) -> None:
    """Gives the user the permission set."""
    org.post(
        "sobjects/PermissionSetAssignment",
        "the permission set's assignment",
        json={"PermissionSetId": permission_set, "AssigneeId": user},
    )
