"""`/sobjects`: describe, one record at a time, upsert by key; and Collections of up to 200."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.errors import ApiError, bad_json, not_found
from local_org.ids import long_id
from local_org.org import Org
from local_org.rest.records import (
    ROLLED_BACK,
    Result,
    RowError,
    delete_records,
    find_object,
    save_records,
)
from local_org.rest.results import json_value
from local_org.schema.describe import describe_global, describe_object
from local_org.schema.model import SObject
from local_org.soql.scope import column_sql
from local_org.web import json_body, org_of

MAX_COLLECTION = 200


class _AllOrNone(Exception):
    """Carries the results of a collection that is rolled back."""

    def __init__(self, results: list[Result]) -> None:
        super().__init__()
        self.results = results


async def list_objects(request: Request) -> Response:
    """GET /sobjects."""
    return JSONResponse(describe_global(org_of(request).view, request.path_params["version"]))


async def describe(request: Request) -> Response:
    """GET /sobjects/X/describe."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    return JSONResponse(await run_in_threadpool(_describe, org, target, request.path_params))


def _describe(org: Org, target: SObject, path: dict[str, Any]) -> dict[str, Any]:
    record_types = org.store.rows(
        'select "Id", "Name", "DeveloperName", "IsActive" from data."RecordType" '
        'where "SobjectType" = ? order by "Name"',
        [target.name],
    )
    return describe_object(org.view, target, path["version"], record_types)


async def basics(request: Request) -> Response:
    """GET /sobjects/X: the object without its fields."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    whole = await run_in_threadpool(_describe, org, target, request.path_params)
    kept = {name: value for name, value in whole.items() if name not in ("fields",)}
    return JSONResponse({"objectDescribe": kept, "recentItems": []})


async def create(request: Request) -> Response:
    """POST /sobjects/X."""
    org, body = org_of(request), await json_body(request)
    target = find_object(org, request.path_params["object"])
    result = await run_in_threadpool(_save_one, org, target, "insert", body, None)
    return JSONResponse({"id": result.id, "success": True, "errors": []}, status_code=201)


async def read(request: Request) -> Response:
    """GET /sobjects/X/id."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    wanted = request.query_params.get("fields")
    names = wanted.split(",") if wanted else None
    base = f"/services/data/v{request.path_params['version']}"
    return JSONResponse(
        await run_in_threadpool(_read, org, target, "Id", request.path_params["id"], names, base)
    )


async def read_by_key(request: Request) -> Response:
    """GET /sobjects/X/Key__c/value."""
    org, path = org_of(request), request.path_params
    target = find_object(org, path["object"])
    base = f"/services/data/v{path['version']}"
    return JSONResponse(
        await run_in_threadpool(_read, org, target, path["key"], path["value"], None, base)
    )


def _read(
    org: Org, target: SObject, key: str, value: str, names: list[str] | None, base: str
) -> dict[str, Any]:
    found = target.field(key)
    if found is None or not found.key:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {key}")
    fields = [item for item in target.fields if item.stored or item.formula]
    if names is not None:
        fields = []
        for name in names:
            item = target.field(name.strip())
            if item is None:
                raise ApiError(
                    400,
                    "INVALID_FIELD",
                    f"No such column '{name}' on entity '{target.name}'",
                )
            fields.append(item)
    columns = ", ".join(column_sql("t", item) for item in fields)
    gone = 't."IsDeleted"' if target.keeps_deleted else "false"
    text = (long_id(value) or value) if found.type == "id" else value
    with org.store.read() as cursor:
        rows = cursor.execute(
            f'select t."Id", {gone}, {columns} from {target.table} t '
            f'where t."{found.name}" = ? order by 2',
            [text],
        ).fetchall()
    if not rows:
        raise not_found()
    if rows[0][1]:
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
    attributes = {"type": target.name, "url": f"{base}/sobjects/{target.name}/{rows[0][0]}"}
    values = (json_value(value) for value in rows[0][2:])
    return {
        "attributes": attributes,
        **dict(zip((item.name for item in fields), values, strict=True)),
    }


async def update(request: Request) -> Response:
    """PATCH /sobjects/X/id."""
    org, body = org_of(request), await json_body(request)
    target = find_object(org, request.path_params["object"])
    if "Id" in body:
        raise ApiError(
            400, "INVALID_FIELD", "The Id field should not be specified in the sobject data."
        )
    record = {**body, "Id": request.path_params["id"]}
    await run_in_threadpool(_save_one, org, target, "update", record, "Id")
    return Response(status_code=204)


async def upsert(request: Request) -> Response:
    """PATCH /sobjects/X/Key__c/value."""
    org, body, path = org_of(request), await json_body(request), request.path_params
    target = find_object(org, path["object"])
    key = target.field(path["key"])
    if key is None or not key.key:
        raise not_found(
            f"Provided external ID field does not exist or is not accessible: {path['key']}"
        )
    if any(name.lower() == key.name.lower() for name in body):
        raise ApiError(
            400,
            "INVALID_FIELD",
            f"The {key.name} field should not be specified in the sobject data.",
        )
    record = {**body, key.name: path["value"]}
    result = await run_in_threadpool(_save_one, org, target, "upsert", record, key.name)
    answer: dict[str, Any] = {
        "id": result.id,
        "success": True,
        "errors": [],
        "created": result.created,
    }
    return JSONResponse(answer, status_code=201 if result.created else 200)


def _save_one(
    org: Org, target: SObject, operation: str, record: dict[str, Any], key: str | None
) -> Result:
    _allowed(target, operation)
    with org.store.write() as cursor:
        result = save_records(org, cursor, target, operation, [record], key)[0]
        if result.error is not None:
            raise _refused(result.error)
    _after(org, target)
    return result


def _refused(error: RowError) -> ApiError:
    status = 404 if error.code in ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY") else 400
    if error.code == "INVALID_CROSS_REFERENCE_KEY" and not error.fields:
        return not_found()
    if error.fields:
        status = 400
    return ApiError(status, error.code, error.message, error.fields)


def _allowed(target: SObject, operation: str) -> None:
    wrong = (operation in ("insert", "upsert") and not target.createable) or (
        operation == "update" and not target.updateable
    )
    if wrong:
        message = f"entity type cannot be {'updated' if operation == 'update' else 'inserted'}: "
        code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        raise ApiError(400, code, message + target.label)


def _after(org: Org, target: SObject) -> None:
    if target.name in ("PermissionSetAssignment", "PermissionSet"):
        org.reload()


async def remove(request: Request) -> Response:
    """DELETE /sobjects/X/id."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])

    def work() -> None:
        with org.store.write() as cursor:
            result = delete_records(org, cursor, target, [request.path_params["id"]])[0]
            if result.error is not None:
                raise _refused(result.error)
        _after(org, target)

    await run_in_threadpool(work)
    return Response(status_code=204)


async def collection(request: Request) -> Response:
    """POST, PATCH and DELETE /composite/sobjects; PATCH /composite/sobjects/X/Key__c."""
    org = org_of(request)
    if request.method == "DELETE":
        ids = [each for each in request.query_params.get("ids", "").split(",") if each]
        strict = request.query_params.get("allOrNone", "false").lower() == "true"
        results = await run_in_threadpool(_delete_many, org, ids, strict)
        return JSONResponse([each.body() for each in results])
    body = await json_body(request)
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise bad_json("records: a list of records is required")
    _limit(len(records))
    operation = "insert" if request.method == "POST" else "update"
    key = request.path_params.get("key")
    if key is not None:
        operation = "upsert"
    results = await run_in_threadpool(
        _save_many, org, operation, records, key, body.get("allOrNone") is True
    )
    return JSONResponse([each.body(upsert=operation == "upsert") for each in results])


def _limit(count: int) -> None:
    if count > MAX_COLLECTION:
        message = f"Record limit reached, cannot submit more than {MAX_COLLECTION} records"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _save_many(
    org: Org, operation: str, records: list[dict[str, Any]], key: str | None, strict: bool
) -> list[Result]:
    kinds: dict[str, list[int]] = {}
    for place, each in enumerate(records):
        kind = (each.get("attributes") or {}).get("type")
        if not kind or org.view.get(kind) is None:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        kinds.setdefault(kind.lower(), []).append(place)
    results: dict[int, Result] = {}
    try:
        with org.store.write() as cursor:
            for kind, places in kinds.items():
                target = find_object(org, kind)
                _allowed(target, operation)
                found = save_records(
                    org, cursor, target, operation, [records[place] for place in places], key
                )
                results |= dict(zip(places, found, strict=True))
            _strictly(strict, [results[place] for place in range(len(records))])
    except _AllOrNone as error:
        return error.results
    for kind in kinds:
        _after(org, find_object(org, kind))
    return [results[place] for place in range(len(records))]


def _delete_many(org: Org, ids: list[str], strict: bool) -> list[Result]:
    _limit(len(ids))
    results: dict[int, Result] = {}
    kinds: dict[str, list[int]] = {}
    for place, each in enumerate(ids):
        target = org.view.by_prefix(each[:3])
        if target is None or long_id(each) is None:
            error = RowError("MALFORMED_ID", f"bad id {each}", ())
            results[place] = Result(None, False, error)
        else:
            kinds.setdefault(target.name, []).append(place)
    try:
        with org.store.write() as cursor:
            for kind, places in kinds.items():
                chosen = [ids[place] for place in places]
                found = delete_records(org, cursor, find_object(org, kind), chosen)
                results |= dict(zip(places, found, strict=True))
            _strictly(strict, [results[place] for place in range(len(ids))])
    except _AllOrNone as error:
        return error.results
    for kind in kinds:
        _after(org, find_object(org, kind))
    return [results[place] for place in range(len(ids))]


def _strictly(strict: bool, results: list[Result]) -> None:
    """With allOrNone one refused record takes all the others back."""
    if not strict or not any(each.error for each in results):
        return
    rolled = RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, ())
    raise _AllOrNone([each if each.error else Result(None, False, rolled) for each in results])
