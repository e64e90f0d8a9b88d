"""`/sobjects`: describe, one record at a time, upsert by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.errors import ApiError, not_found
from local_org.files.blobs import collect
from local_org.files.upload import record_body
from local_org.ids import long_id
from local_org.org import Org
from local_org.rest.records import (
    Options,
    Result,
    RowError,
    delete_records,
    find_object,
    save_records,
)
from local_org.rest.results import json_value
from local_org.schema.describe import describe_global, describe_object
from local_org.schema.model import Field, SObject
from local_org.soql.scope import column_sql
from local_org.web import org_of


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
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    async with record_body(request) as body:
        result = await run_in_threadpool(
            _save_one, org, target, "insert", body, None, options_of(request)
        )
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
    found = key_of(target, key)
    fields = [item for item in target.fields if item.stored or item.formula]
    if names is not None:
        fields = named_fields(target, names)
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
    record: dict[str, Any] = {"attributes": attributes}
    for item, value in zip(fields, rows[0][2:], strict=True):
        binary = value is not None and item.type == "base64"
        record[item.name] = f"{attributes['url']}/{item.name}" if binary else json_value(value)
    return record


def named_fields(target: SObject, names: Sequence[str]) -> list[Field]:
    """Give the fields of these names; raises the 400 where the object has no such field."""
    fields = []
    for name in names:
        item = target.field(name.strip())
        if item is None:
            message = f"No such column '{name}' on entity '{target.name}'"
            raise ApiError(400, "INVALID_FIELD", message)
        fields.append(item)
    return fields


async def update(request: Request) -> Response:
    """PATCH /sobjects/X/id."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    async with record_body(request) as body:
        if "Id" in body:
            raise ApiError(
                400, "INVALID_FIELD", "The Id field should not be specified in the sobject data."
            )
        record = {**body, "Id": request.path_params["id"]}
        await run_in_threadpool(_save_one, org, target, "update", record, "Id", options_of(request))
    return Response(status_code=204)


async def upsert(request: Request) -> Response:
    """PATCH /sobjects/X/Key__c/value."""
    org, path = org_of(request), request.path_params
    target = find_object(org, path["object"])
    async with record_body(request) as body:
        key = key_of(target, path["key"])
        if any(name.lower() == key.name.lower() for name in body):
            raise ApiError(
                400,
                "INVALID_FIELD",
                f"The {key.name} field should not be specified in the sobject data.",
            )
        record = {**body, key.name: path["value"]}
        options = options_of(request)
        several = await run_in_threadpool(_records_of, org, target, key, path["value"])
        if len(several) > 1:
            paths = [f"{options.base}/sobjects/{target.name}/{each}" for each in several]
            return JSONResponse(paths, status_code=300)
        result = await run_in_threadpool(
            _save_one, org, target, "upsert", record, key.name, options
        )
    answer: dict[str, Any] = {
        "id": result.id,
        "success": True,
        "errors": [],
        "created": result.created,
    }
    return JSONResponse(answer, status_code=201 if result.created else 200)


def options_of(request: Request) -> Options:
    """Read the path's version and `Sforce-Duplicate-Rule-Header: allowSave=true; …`."""
    parts = request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").split(";")
    return Options(
        base=f"/services/data/v{request.path_params['version']}",
        allow_duplicates="allowsave=true" in (part.lower() for part in parts),
    )


def _records_of(org: Org, target: SObject, key: Field, value: str) -> list[str]:
    """Give the records a key names: more than one where the key is not unique."""
    if key.unique or key.type == "id":
        return []
    gone = 'and not "IsDeleted"' if target.keeps_deleted else ""
    with org.store.read() as cursor:
        rows = cursor.execute(
            f'select "Id" from {target.table} where lower("{key.name}") = lower(?) {gone} '
            'order by "Id"',
            [value.strip()],
        ).fetchall()
    return [str(row[0]) for row in rows]


def _save_one(
    org: Org,
    target: SObject,
    operation: str,
    record: dict[str, Any],
    key: str | None,
    options: Options,
) -> Result:
    allow(target, operation)
    with org.store.write() as cursor:
        result = save_records(org, cursor, target, operation, [record], key, options)[0]
        if result.error is not None:
            refusal = _refused(result.error)
            refusal.more = tuple(_refused(each) for each in result.more)
            raise refusal
    after_save(org, target)
    return result


def _refused(error: RowError) -> ApiError:
    status = 404 if error.code in ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY") else 400
    if error.code == "INVALID_CROSS_REFERENCE_KEY" and not error.fields:
        return not_found()
    if error.fields:
        status = 400
    if error.duplicates:
        # Spelt as single-record calls answer it; Collections spell it `duplicateResult`.
        extra = {"duplicateResut": error.duplicates}
        return ApiError(status, error.code, error.message, extra=extra)
    return ApiError(status, error.code, error.message, error.fields)


def allow(target: SObject, operation: str) -> None:
    """Raise the 400 of an operation the object does not take."""
    wrong = (operation in ("insert", "upsert") and not target.createable) or (
        operation == "update" and not target.updateable
    )
    if wrong:
        message = f"entity type cannot be {'updated' if operation == 'update' else 'inserted'}: "
        code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
        raise ApiError(400, code, message + target.label)


def after_save(org: Org, target: SObject) -> None:
    """Do what a committed save asks for: another view of the schema, bytes no longer wanted."""
    if target.name in ("PermissionSetAssignment", "PermissionSet"):
        org.reload()
    if target.name in ("ContentDocument", "ContentVersion"):
        collect(org.store)


async def remove(request: Request) -> Response:
    """DELETE /sobjects/X/id."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])

    def work() -> None:
        with org.store.write() as cursor:
            result = delete_records(org, cursor, target, [request.path_params["id"]])[0]
            if result.error is not None:
                raise _refused(result.error)
        after_save(org, target)

    await run_in_threadpool(work)
    return Response(status_code=204)


def key_of(target: SObject, name: str) -> Field:
    """Give the field records are found by; raises the 404 of one that is no key."""
    key = target.field(name)
    if key is None or not key.key:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return key
