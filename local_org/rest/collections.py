"""Collections: up to 200 records in one request, saved, upserted or deleted."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.errors import ApiError, bad_json
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
from local_org.rest.sobjects import after_save, allow, key_of, options_of
from local_org.schema.model import SObject
from local_org.web import org_of

MAX_COLLECTION = 200
MAX_CHUNKS = 10


class _AllOrNone(Exception):
    """Carries the results of a collection that is rolled back."""

    def __init__(self, results: list[Result]) -> None:
        super().__init__()
        self.results = results


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
            key = key_of(find_object(org, kind), request.path_params["key"]).name
            _of_one_kind(records, kind)
        results = await run_in_threadpool(
            _save_many,
            org,
            operation,
            records,
            key,
            body.get("allOrNone") is True,
            options_of(request),
        )
    return JSONResponse([each.body(upsert=operation == "upsert") for each in results])


def _limit(count: int) -> None:
    if count > MAX_COLLECTION:
        message = f"Record limit reached, cannot submit more than {MAX_COLLECTION} records"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


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
                allow(target, operation)
                chosen = [records[place] for place in places]
                found = save_records(org, cursor, target, operation, chosen, key, options)
                results |= dict(zip(places, found, strict=True))
            _strictly(strict, [results[place] for place in range(len(records))])
    except _AllOrNone as error:
        return error.results
    for target, _ in chunks:
        after_save(org, target)
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
        after_save(org, find_object(org, kind))
    return [results[place] for place in range(len(ids))]


def _strictly(strict: bool, results: list[Result]) -> None:
    """With allOrNone one refused record takes all the others back."""
    if not strict or not any(each.error for each in results):
        return
    rolled = RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, ())
    raise _AllOrNone([each if each.error else Result(None, False, rolled) for each in results])


ROUTES = [
    Route("/composite/sobjects", collection, methods=["POST", "PATCH", "DELETE"]),
    Route("/composite/sobjects/{object:str}/{key:str}", collection, methods=["PATCH"]),
]
