"""Deploys in the shape REST shows them."""

from __future__ import annotations

from typing import Any

from local_org.bulk.jobs import stamp
from local_org.metadata import requests
from local_org.metadata.outcome import Outcome
from local_org.metadata.package import MANIFEST
from local_org.metadata.requests import Deployment
from local_org.org import Org

USER = "Integration User"


def deploy_request(org: Org, deployment: Deployment, url: str, *, details: bool) -> dict[str, Any]:
    """Give what a call on a deploy answers."""
    return {
        "id": deployment.id,
        "url": url,
        "validatedDeployRequestId": None,
        "deployOptions": dict(deployment.options.given),
        "deployResult": deploy_result(org, deployment, details=details),
    }


def deploy_result(org: Org, deployment: Deployment, *, details: bool) -> dict[str, Any]:
    """Give a deploy's status and counts, and each component with `details`."""
    options, outcomes = deployment.options, deployment.outcomes
    counted = [each for each in outcomes if each.failed or not _is_manifest(each)]
    failed = [each for each in outcomes if each.failed]
    last = deployment.completed or deployment.started or deployment.created
    result: dict[str, Any] = {
        "id": deployment.id,
        "status": deployment.status,
        "success": deployment.status in (requests.SUCCEEDED, requests.PARTIAL),
        "done": deployment.done,
        "checkOnly": options.flag("checkOnly"),
        "rollbackOnError": options.flag("rollbackOnError"),
        "ignoreWarnings": options.flag("ignoreWarnings"),
        "createdDate": stamp(deployment.created),
        "startDate": stamp(deployment.started) if deployment.started else None,
        "completedDate": stamp(deployment.completed) if deployment.completed else None,
        "lastModifiedDate": stamp(last),
        "createdBy": org.identity.user,
        "createdByName": USER,
        "numberComponentErrors": len(failed),
        "numberComponentsDeployed": sum(not each.failed for each in counted),
        "numberComponentsTotal": len(counted),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "runTestsEnabled": False,
    }
    if deployment.problem:
        result["errorMessage"] = deployment.problem
        result["errorStatusCode"] = "UNKNOWN_EXCEPTION"
    if deployment.status in (requests.CANCELED, requests.CANCELING):
        result |= {"canceledBy": org.identity.user, "canceledByName": USER}
    if details:
        result["details"] = _details(deployment)
    return result


def _is_manifest(each: Outcome) -> bool:
    return each.name == MANIFEST and each.type == ""


def _details(deployment: Deployment) -> dict[str, Any]:
    at = stamp(deployment.completed or deployment.created)
    return {
        "componentFailures": [_message(x, at) for x in deployment.outcomes if x.failed],
        "componentSuccesses": [_message(x, at) for x in deployment.outcomes if not x.failed],
        "retrieveResult": None,
        "runTestResult": {
            "numFailures": 0,
            "numTestsRun": 0,
            "totalTime": 0.0,
            "codeCoverage": [],
            "codeCoverageWarnings": [],
            "failures": [],
            "flowCoverage": [],
            "flowCoverageWarnings": [],
            "successes": [],
        },
    }


def _message(each: Outcome, at: str) -> dict[str, Any]:
    kind = None
    if each.problem is not None:
        kind = "Warning" if each.warning else "Error"
    return {
        "componentType": each.type,
        "fullName": each.name,
        "fileName": each.file,
        "id": None,
        "success": not each.failed,
        "created": each.created,
        "changed": each.changed,
        "deleted": each.deleted,
        "problem": each.problem,
        "problemType": kind,
        "lineNumber": each.line,
        "columnNumber": each.column,
        "createdDate": at,
        "warning": each.warning,
        "forPackageManifestFile": _is_manifest(each),
        "knownPackagingProblem": False,
        "requiresProductionTestRun": False,
    }
