"""`/sobjects`: describe, one record at a time, upsert by key; and Collections of up to 200."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.errors import ApiError, bad_json, not_found
from local_org.files.blobs import collect
from local_org.files.upload import record_body
from local_org.ids import long_id
from local_org.org import Org
from local_org.rest.records import (
    ROLLED_BACK,
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

MAX_COLLECTION = 200
MAX_CHUNKS = 10


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
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    async with record_body(request) as body:
        result = await run_in_threadpool(
            _save_one, org, target, "insert", body, None, _options(request)
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
    found = _key_of(target, key)
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
        await run_in_threadpool(_save_one, org, target, "update", record, "Id", _options(request))
    return Response(status_code=204)


async def upsert(request: Request) -> Response:
    """PATCH /sobjects/X/Key__c/value."""
    org, path = org_of(request), request.path_params
    target = find_object(org, path["object"])
    async with record_body(request) as body:
        key = _key_of(target, path["key"])
        if any(name.lower() == key.name.lower() for name in body):
            raise ApiError(
                400,
                "INVALID_FIELD",
                f"The {key.name} field should not be specified in the sobject data.",
            )
        record = {**body, key.name: path["value"]}
        options = _options(request)
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


def _options(request: Request) -> Options:
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
    _allowed(target, operation)
    with org.store.write() as cursor:
        result = save_records(org, cursor, target, operation, [record], key, options)[0]
        if result.error is not None:
            refusal = _refused(result.error)
            refusal.more = tuple(_refused(each) for each in result.more)
            raise refusal
    _after(org, target)
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
    async with record_body(request) as body:
        records = body.get("records")
        if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
            raise bad_json("records: a list of records is required")
        _limit(len(records))
        operation = "insert" if request.method == "POST" else "update"
        kind, key = request.path_params.get("object"), None
        if kind is not None:
            operation = "upsert"
            key = _key_of(find_object(org, kind), request.path_params["key"]).name
            _of_one_kind(records, kind)
        results = await run_in_threadpool(
            _save_many,
            org,
            operation,
            records,
            key,
            body.get("allOrNone") is True,
            _options(request),
        )
    return JSONResponse([each.body(upsert=operation == "upsert") for each in results])


def _limit(count: int) -> None:
    if count > MAX_COLLECTION:
        message = f"Record limit reached, cannot submit more than {MAX_COLLECTION} records"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _key_of(target: SObject, name: str) -> Field:
    """Give the field records are found by; raises the 404 of one that is no key."""
    key = target.field(name)
    if key is None or not key.key:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return key


def _of_one_kind(records: list[dict[str, Any]], kind: str) -> None:
    """An upsert takes records of the one object its path names."""
    for each in records:
        given = _kind(each)
        if given is not None and given.lower() != kind.lower():
            message = f"{given} does not match the sObject type of the request: {kind}"
            raise ApiError(400, "INVALID_TYPE", message)


def _kind(record: dict[str, Any]) -> str | None:
    attributes = record.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    return kind if isinstance(kind, str) else None


def _chunks(org: Org, kinds: list[str | None]) -> list[tuple[SObject, list[int]]]:
    """Give the runs of records of one object, in order; ten at most are taken."""
    chunks: list[tuple[SObject, list[int]]] = []
    for place, kind in enumerate(kinds):
        target = org.view.get(kind) if kind else None
        if target is None:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        if not chunks or chunks[-1][0] is not target:
            chunks.append((target, []))
        chunks[-1][1].append(place)
    if len(chunks) > MAX_CHUNKS:
        message = (
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please rearrange "
            "the data to reduce chunking."
        )
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    return chunks


def _save_many(
    org: Org,
    operation: str,
    records: list[dict[str, Any]],
    key: str | None,
    strict: bool,
    options: Options,
) -> list[Result]:
    chunks = _chunks(org, [_kind(each) for each in records])
    results: dict[int, Result] = {}
    try:
        with org.store.write() as cursor:
            for target, places in chunks:
                _allowed(target, operation)
                chosen = [records[place] for place in places]
                found = save_records(org, cursor, target, operation, chosen, key, options)
                results |= dict(zip(places, found, strict=True))
            _strictly(strict, [results[place] for place in range(len(records))])
    except _AllOrNone as error:
        return error.results
    for target, _ in chunks:
        _after(org, target)
    return [results[place] for place in range(len(records))]


def _delete_many(org: Org, ids: list[str], strict: bool) -> list[Result]:
    _limit(len(ids))
    results: dict[int, Result] = {}
    kinds: dict[str, list[int]] = {}
    for place, each in enumerate(ids):
        target = org.view.by_prefix((long_id(each) or "")[:3])
        if target is None:
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
