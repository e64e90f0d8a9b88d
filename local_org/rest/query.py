"""`/query` and `/queryAll`: the first 2,000 rows, the rest behind nextRecordsUrl."""

from __future__ import annotations

import re
from typing import Any

import duckdb
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.errors import ApiError
from local_org.files.links import check_links
from local_org.org import Org
from local_org.rest.cursors import find, keep, page, shape_of
from local_org.rest.results import records
from local_org.schema.model import Schema
from local_org.soql.columns import query_columns
from local_org.soql.compile import Compiled, compile_query
from local_org.soql.parse import parse
from local_org.soql.reading import reading_of
from local_org.soql.tree import too_complicated
from local_org.web import org_of

PAGE = 2_000
# Records that come with their children come fewer at a time.
PAGE_WITH_CHILDREN = 200


async def query(request: Request) -> Response:
    """GET /query?q= and /queryAll?q=."""
    base = f"/services/data/v{request.path_params['version']}"
    return await answer(request, base, org_of(request).view)


async def answer(request: Request, base: str, view: Schema) -> Response:
    """Answer a query of what a view shows; `columns=true` asks for its columns alone."""
    text = request.query_params.get("q")
    if text is None:
        raise ApiError(400, "MALFORMED_QUERY", "missing q parameter")
    org = org_of(request)
    everything = request.url.path.lower().endswith("queryall")
    if request.query_params.get("columns", "").lower() == "true":
        reading = reading_of(org, everything=everything)
        compiled = compile_query(view, parse(text), reading=reading)
        return JSONResponse(query_columns(view, compiled))
    size = _batch_size(request.headers.get("sforce-query-options", ""))
    found = await run_in_threadpool(run, org, text, everything, base, size, view)
    return JSONResponse(found)


def _batch_size(options: str) -> int:
    match = re.search(r"batchSize\s*=\s*(\d{1,9})", options)
    return min(PAGE, max(200, int(match[1]))) if match else PAGE


def run(
    org: Org,
    text: str,
    everything: bool,
    base: str,
    size: int = PAGE,
    view: Schema | None = None,
) -> dict[str, Any]:
    """Run a query, of what the user may see unless another `view` is given; its first page."""
    parsed = parse(text)
    check_links(parsed)
    reading = reading_of(org, everything=everything)
    compiled = compile_query(view or org.view, parsed, reading=reading)
    try:
        return _run(org, compiled, base, size)
    except (duckdb.BinderException, duckdb.ParserException, duckdb.OutOfMemoryException) as error:
        # Deeper or wider than the database takes: the query's fault, not the server's.
        raise too_complicated() from error


def _run(org: Org, compiled: Compiled, base: str, size: int) -> dict[str, Any]:
    parsed = compiled.query
    if parsed.bare_count:
        with org.store.read() as cursor:
            sql = f"select count(*) from ({compiled.select_rows()})"
            row = cursor.execute(sql, list(compiled.parameters)).fetchone()
        return {"totalSize": row[0] if row else 0, "done": True, "records": []}
    if compiled.children:
        size = min(size, PAGE_WITH_CHILDREN)
    elif parsed.aggregate:
        size = PAGE
    with org.store.read() as cursor:
        cursor.execute(compiled.select(compiled.columns), list(compiled.parameters))
        rows = cursor.fetchmany(size + 1)
        if len(rows) <= size:
            found = records(shape_of(org, base, size), cursor, compiled, rows)
            return {"totalSize": len(rows), "done": True, "records": found}
    if parsed.aggregate:
        message = (
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a "
            "single batch"
        )
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)
    return page(org, keep(org, compiled, size), 0, base)


async def more(request: Request) -> Response:
    """GET the next page of a long result."""
    org = org_of(request)
    locator, start = find(org, request.path_params["locator"])
    base = f"/services/data/v{request.path_params['version']}"
    return JSONResponse(await run_in_threadpool(page, org, locator, start, base))
