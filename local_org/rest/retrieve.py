"""`/composite/sobjects/X`: up to 2,000 records of one object by their Ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.errors import ApiError, bad_json
from local_org.ids import long_id
from local_org.org import Org
from local_org.rest.cursors import shape_of
from local_org.rest.records import find_object
from local_org.rest.results import records
from local_org.schema.model import SObject
from local_org.soql.compile import compile_query
from local_org.soql.reading import Reading
from local_org.soql.tree import Item, Path, Query
from local_org.web import json_body, org_of

MAX_RECORDS = 2_000


async def retrieve(request: Request) -> Response:
    """GET with `ids` and `fields` in the query, POST with them in the body."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    given: dict[str, Any]
    if request.method == "POST":
        given = await json_body(request)
    else:
        texts = {name: request.query_params.get(name, "") for name in ("ids", "fields")}
        given = {name: [x for x in text.split(",") if x] for name, text in texts.items()}
    ids, names = (_texts(given, name) for name in ("ids", "fields"))
    if len(ids) > MAX_RECORDS:
        message = f"Record limit reached, cannot submit more than {MAX_RECORDS} records"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    base = f"/services/data/v{request.path_params['version']}"
    return JSONResponse(await run_in_threadpool(_retrieve, org, target, ids, names, base))


def _texts(given: dict[str, Any], name: str) -> list[str]:
    listed = given.get(name)
    if not isinstance(listed, list) or not listed or not all(isinstance(x, str) for x in listed):
        raise bad_json(f"{name}: a list of texts is required")
    return listed


def _retrieve(
    org: Org, target: SObject, ids: list[str], names: list[str], base: str
) -> list[dict[str, Any] | None]:
    """Give the records in the order of the Ids; null for what is not there, or deleted."""
    paths = [Path(tuple(name.strip().split(".")), 0) for name in dict.fromkeys(names)]
    for path in paths:
        if len(path.names) == 1 and target.field(path.text) is None:
            message = f"No such column '{path.text}' on sobject of type {target.name}"
            raise ApiError(400, "INVALID_FIELD", message)
    query = Query(", ".join(names), tuple(Item(path) for path in paths), target.name, 0)
    compiled = compile_query(org.view, query, reading=Reading(everything=True))
    where = ['t."Id" in (select unnest(?::varchar[]))']
    if target.keeps_deleted:
        where.append('not t."IsDeleted"')
    compiled = replace(compiled, where=tuple(where))
    wanted = [long_id(each) or each for each in ids]
    with org.store.read() as cursor:
        rows = cursor.execute(compiled.select(compiled.columns), [wanted]).fetchall()
        made = records(shape_of(org, base, MAX_RECORDS), cursor, compiled, rows)
    found = {row[-1]: record for row, record in zip(rows, made, strict=True)}
    return [found.get(each) for each in wanted]


ROUTES = [Route("/composite/sobjects/{object:str}", retrieve, methods=["GET", "POST"])]
