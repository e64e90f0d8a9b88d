"""Deploys a package by the Metadata API's REST resource `metadata/deployRequest`."""

import json
from dataclasses import dataclass
from typing import Any

from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling


@dataclass(frozen=True)
class Failure:
    """A component the org did not take."""

    component: str
    problem: str


@dataclass(frozen=True)
class Deployed:
    """How a deployment ended."""

    id: str
    success: bool
    components: int
    failures: tuple[Failure, ...]
    message: str
    user: str | None


def deploy(org: Org, package: bytes, *, check_only: bool, polling: Polling) -> Deployed:
    """Sends a metadata package (a zip) and waits for its end. All of it is taken, or nothing."""
    options = {
        "deployOptions": {
            "checkOnly": check_only,
            "singlePackage": True,
            "rollbackOnError": True,
            "testLevel": "NoTestRun",
        }
    }
    parts = {
        "json": (None, json.dumps(options), "application/json"),
        "file": ("deploy.zip", package, "application/zip"),
    }
    started = org.post("metadata/deployRequest", "the deployment", files=parts)
    for wait in polling.waits():
        answer = org.get(
            f"metadata/deployRequest/{started['id']}",
            "the deployment's state",
            params={"includeDetails": "true"},
        )
        result: dict[str, Any] = answer["deployResult"]
        if result.get("done"):
            break
        org.clock.sleep(wait)
    return _deployed(str(started["id"]), result)


def _deployed(deployment: str, result: dict[str, Any]) -> Deployed:
    failures = (result.get("details") or {}).get("componentFailures") or []
    if isinstance(failures, dict):  # a single one comes bare
        failures = [failures]
    return Deployed(
        id=deployment,
        success=bool(result.get("success")),
        components=int(result.get("numberComponentsTotal") or 0),
        failures=tuple(
            Failure(str(f.get("fullName") or f.get("fileName")), str(f.get("problem")))
            for f in failures
        ),
        message=str(result.get("errorMessage") or ""),
        user=result.get("createdBy"),
    )


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
