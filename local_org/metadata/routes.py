"""`/metadata/deployRequest`: take a package, do it, tell how it went."""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.bulk.jobs import now, stamp
from local_org.errors import ApiError, bad_json, not_found
from local_org.metadata.deploy import Outcome, deploy
from local_org.metadata.package import PackageError, read_package
from local_org.org import DEPLOY_PREFIX, Org
from local_org.web import json_body, org_of

MAX_PART = 60_000_000


async def start(request: Request) -> Response:
    """POST /metadata/deployRequest."""
    org = org_of(request)
    async with request.form(max_part_size=MAX_PART) as form:
        options = await _text(form.get("json") or form.get("entity_content"))
        archive = form.get("file")
        if not isinstance(archive, UploadFile):
            raise ApiError(400, "INVALID_MULTIPART_REQUEST", "A part named file is required")
        data = await archive.read()
    try:
        chosen = json.loads(options)["deployOptions"]
    except (ValueError, KeyError, TypeError) as error:
        raise bad_json("deployOptions are required") from error
    answer = await run_in_threadpool(_run, org, chosen, data)
    return JSONResponse(answer, status_code=201)


async def _text(part: Any) -> str:
    if isinstance(part, UploadFile):
        return (await part.read()).decode("utf-8")
    return part if isinstance(part, str) else ""


def _run(org: Org, options: dict[str, Any], data: bytes) -> dict[str, Any]:
    check_only = options.get("checkOnly") is True
    rollback = options.get("rollbackOnError", True) is not False
    started = now()
    problem: str | None = None
    outcomes: list[Outcome] = []
    try:
        package = read_package(data)
        outcomes = deploy(org, package, check_only=check_only, rollback=rollback)
    except PackageError as error:
        problem = str(error)
    with org.store.write() as cursor:
        deploy_id = org.new_id(cursor, DEPLOY_PREFIX)
        result = {
            "outcomes": [vars(each) for each in outcomes],
            "problem": problem,
            "rollback": rollback,
        }
        cursor.execute(
            "insert into org.deploys values (?, ?, ?, ?, ?)",
            [deploy_id, started, now(), json.dumps(options), json.dumps(result)],
        )
    return {
        "id": deploy_id,
        "validatedDeployRequestId": None,
        "deployOptions": options,
        "deployResult": _result(org, deploy_id, details=False)["deployResult"],
    }


async def status(request: Request) -> Response:
    """GET /metadata/deployRequest/{id}."""
    org = org_of(request)
    details = request.query_params.get("includeDetails", "false").lower() == "true"
    deploy_id = request.path_params["deploy"]
    return JSONResponse(await run_in_threadpool(_result, org, deploy_id, details=details))


async def cancel(request: Request) -> Response:
    """PATCH /metadata/deployRequest/{id}: too late here, a deploy is done when it is answered."""
    await json_body(request)
    raise ApiError(400, "INVALID_ID_FIELD", "INVALID_ID_FIELD: Deployment already completed")


def _result(org: Org, deploy_id: str, *, details: bool) -> dict[str, Any]:
    rows = org.store.rows("select * from org.deploys where id[:15] = ?", [deploy_id[:15]])
    if not rows:
        raise not_found()
    row = rows[0]
    options, kept = json.loads(row["options"]), json.loads(row["result"])
    outcomes = [Outcome(**each) for each in kept["outcomes"]]
    failed = [each for each in outcomes if each.problem]
    succeeded = [each for each in outcomes if not each.problem]
    word = "Succeeded"
    if failed or kept["problem"]:
        word = "Failed" if kept["rollback"] or kept["problem"] else "SucceededPartial"
    result: dict[str, Any] = {
        "id": row["id"],
        "status": word,
        "success": word == "Succeeded",
        "done": True,
        "checkOnly": options.get("checkOnly") is True,
        "rollbackOnError": kept["rollback"],
        "ignoreWarnings": options.get("ignoreWarnings", False),
        "createdDate": stamp(row["created"]),
        "startDate": stamp(row["created"]),
        "completedDate": stamp(row["completed"]),
        "lastModifiedDate": stamp(row["completed"]),
        "createdBy": org.identity.user,
        "numberComponentErrors": len(failed),
        "numberComponentsDeployed": len(succeeded),
        "numberComponentsTotal": len(outcomes),
        "numberTestErrors": 0,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "runTestsEnabled": False,
    }
    if kept["problem"]:
        result["errorMessage"] = kept["problem"]
        result["errorStatusCode"] = "UNKNOWN_EXCEPTION"
    if details:
        result["details"] = {
            "componentFailures": [_component(each, row["created"]) for each in failed],
            "componentSuccesses": [_component(each, row["created"]) for each in succeeded],
            "retrieveResult": None,
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
        }
    return {"id": row["id"], "deployOptions": options, "deployResult": result}


def _component(each: Outcome, created: Any) -> dict[str, Any]:
    return {
        "componentType": each.type,
        "fullName": each.name,
        "fileName": each.file,
        "success": each.problem is None,
        "created": each.created,
        "changed": each.changed,
        "deleted": False,
        "problem": each.problem,
        "problemType": "Error" if each.problem else None,
        "createdDate": stamp(created),
        "warning": False,
    }


ROUTES = [
    Route("/metadata/deployRequest", start, methods=["POST"]),
    Route("/metadata/deployRequest/{deploy:str}", status, methods=["GET"]),
    Route("/metadata/deployRequest/{deploy:str}", cancel, methods=["PATCH"]),
]
