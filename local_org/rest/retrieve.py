"""Collections, read side: many records of one object by their ids, in the order asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.errors import ApiError, bad_json
from local_org.ids import long_id
from local_org.org import Org
from local_org.rest.query import json_value
from local_org.rest.records import find_object
from local_org.schema.model import Field, SObject
from local_org.soql.compile import column_sql
from local_org.web import json_body, org_of

MAX_RECORDS = 2_000


async def retrieve(request: Request) -> Response:
    """GET /composite/sobjects/X?ids=&fields=, and POST with both in the body."""
    org = org_of(request)
    target = find_object(org, request.path_params["object"])
    if request.method == "POST":
        body = await json_body(request)
        ids, names = (_texts(body, name) for name in ("ids", "fields"))
    else:
        given = request.query_params
        ids, names = (given.get(name, "").split(",") for name in ("ids", "fields"))
    if len(ids) > MAX_RECORDS:
        message = f"Record limit reached, cannot retrieve more than {MAX_RECORDS} records"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    base = f"/services/data/v{request.path_params['version']}"
    fields = named_fields(target, names)
    return JSONResponse(await run_in_threadpool(_read_many, org, target, ids, fields, base))


def _texts(body: dict[str, Any], name: str) -> list[str]:
    texts = body.get(name)
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise bad_json(f"{name}: a list of strings is required")
    return texts


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


def _read_many(
    org: Org, target: SObject, ids: Sequence[str], fields: Sequence[Field], base: str
) -> list[dict[str, Any] | None]:
    """Give a record for each id; None where there is none, or it is deleted."""
    asked = [long_id(each) for each in ids]
    columns = ", ".join(['t."Id"', *(column_sql("t", item) for item in fields)])
    left = ' and not t."IsDeleted"' if target.keeps_deleted else ""
    with org.store.read() as cursor:
        rows = cursor.execute(
            f"select {columns} from {target.table} t "
            f'where t."Id" in (select unnest(?::varchar[])){left}',
            [[each for each in asked if each is not None]],
        ).fetchall()
    found = {
        record_id: {
            "attributes": {
                "type": target.name,
                "url": f"{base}/sobjects/{target.name}/{record_id}",
            },
            **{item.name: json_value(value) for item, value in zip(fields, values, strict=True)},
        }
        for record_id, *values in rows
    }
    return [found.get(each) if each is not None else None for each in asked]
