"""`/query` and `/queryAll`: the first 2,000 rows, the rest behind nextRecordsUrl."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_org.bulk.jobs import stamp
from local_org.errors import ApiError
from local_org.files.links import check_links
from local_org.org import Org
from local_org.soql.columns import query_columns
from local_org.soql.compile import Compiled, Output, compile_query
from local_org.soql.parse import parse
from local_org.store import literal
from local_org.web import org_of

PAGE = 2_000
LOCATOR = re.compile(r"(0r8[0-9A-Za-z]{15})-(\d+)")
QUERY_PREFIX = "0r8"
# A user may have ten results open; the oldest is closed for an eleventh.
MAX_CURSORS = 10


async def query(request: Request) -> Response:
    """GET /query?q= and /queryAll?q=."""
    text = request.query_params.get("q")
    if text is None:
        raise ApiError(400, "MALFORMED_QUERY", "missing q parameter")
    everything = request.url.path.lower().endswith("queryall")
    if request.query_params.get("columns", "").lower() == "true":
        view = org_of(request).view
        compiled = compile_query(view, parse(text), everything=everything)
        return JSONResponse(query_columns(view, compiled))
    size = _batch_size(request.headers.get("sforce-query-options", ""))
    base = f"/services/data/v{request.path_params['version']}"
    answer = await run_in_threadpool(run, org_of(request), text, everything, base, size)
    return JSONResponse(answer)


def _batch_size(options: str) -> int:
    match = re.search(r"batchSize\s*=\s*(\d+)", options)
    return min(PAGE, max(200, int(match[1]))) if match else PAGE


def run(org: Org, text: str, everything: bool, base: str, size: int = PAGE) -> dict[str, Any]:
    """Run a query and give its first page."""
    parsed = parse(text)
    compiled = compile_query(org.view, parsed, everything=everything)
    check_links(parsed)
    if parsed.bare_count:
        with org.store.read() as cursor:
            sql = compiled.select(["count(*)"])
            row = cursor.execute(sql, list(compiled.parameters)).fetchone()
        return {"totalSize": row[0] if row else 0, "done": True, "records": []}
    outputs = (*compiled.outputs, *compiled.parents)
    selected = [f"{each.sql} as c{place}" for place, each in enumerate(outputs)]
    if not parsed.aggregate:
        selected.append('t."Id" as own')
    with org.store.read() as cursor:
        cursor.execute(compiled.select(selected), list(compiled.parameters))
        rows = cursor.fetchmany(size)
        if len(rows) < size:
            records = [record(compiled, outputs, row, base) for row in rows]
            return {"totalSize": len(rows), "done": True, "records": records}
    return _keep(org, compiled, outputs, selected, base, size)


def _keep(
    org: Org,
    compiled: Compiled,
    outputs: tuple[Output, ...],
    selected: list[str],
    base: str,
    size: int,
) -> dict[str, Any]:
    """Keep a long result on disk and give its first page."""
    with org.store.write() as cursor:
        locator = org.new_id(cursor, QUERY_PREFIX)
    path = org.folder / "pages" / f"{locator}.parquet"
    with org.store.read() as cursor:
        cursor.execute(
            f"copy ({compiled.select(selected)}) to {literal(str(path))} "
            "(format parquet, row_group_size 20000)",
            list(compiled.parameters),
        )
        found = cursor.execute(f"select count(*) from {literal(str(path))}").fetchone()
    while len(org.cursors) >= MAX_CURSORS:
        oldest = next(iter(org.cursors))
        del org.cursors[oldest]
        (org.folder / "pages" / f"{oldest}.parquet").unlink(missing_ok=True)
    org.cursors[locator] = (compiled, outputs, int(found[0]) if found else 0, size)
    return page(org, locator, 0, base)


async def more(request: Request) -> Response:
    """GET the next page of a long result."""
    org = org_of(request)
    match = LOCATOR.fullmatch(request.path_params["locator"])
    if match is None or match[1] not in org.cursors:
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    base = f"/services/data/v{request.path_params['version']}"
    return JSONResponse(await run_in_threadpool(page, org, match[1], int(match[2]), base))


def page(org: Org, locator: str, start: int, base: str) -> dict[str, Any]:
    """Give one page of a kept result."""
    compiled, outputs, total, size = org.cursors[locator]
    path = org.folder / "pages" / f"{locator}.parquet"
    with org.store.read() as cursor:
        rows = cursor.execute(
            f"""select * exclude (file_row_number)
            from read_parquet({literal(str(path))}, file_row_number = true)
            where file_row_number >= {start} and file_row_number < {start + size}
            order by file_row_number"""
        ).fetchall()
    end = start + len(rows)
    answer: dict[str, Any] = {"totalSize": total, "done": end >= total}
    if end < total:
        answer["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
    answer["records"] = [record(compiled, outputs, row, base) for row in rows]
    return answer


def record(
    compiled: Compiled, outputs: tuple[Output, ...], row: tuple[Any, ...], base: str
) -> dict[str, Any]:
    """Give one record as JSON: parents nested, an absent parent null."""
    if compiled.query.aggregate:
        made: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        own = None
    else:
        own = row[-1]
        made = {"attributes": _attributes(compiled.object.name, own, base)}
    count = len(compiled.outputs)
    present = {output.path: row[count + place] for place, output in enumerate(outputs[count:])}
    for output, value in zip(outputs[:count], row, strict=False):
        where = made
        for depth in range(1, len(output.path)):
            name = output.path[depth - 1]
            parent_id = present.get(output.path[:depth])
            if parent_id is None:
                where[name] = None
                break
            if where.get(name) is None:
                where[name] = {"attributes": _attributes(None, parent_id, base)}
            where = where[name]
        else:
            if value is not None and output.field.type == "base64":
                value = f"{where['attributes']['url']}/{output.field.name}"
            where[output.path[-1]] = json_value(value)
    return made


def _attributes(name: str | None, record_id: str, base: str) -> dict[str, str]:
    kind = name or _kinds.get(record_id[:3], "Name")
    return {"type": kind, "url": f"{base}/sobjects/{kind}/{record_id}"}


_kinds: dict[str, str] = {}


def learn_prefixes(org: Org) -> None:
    """Note which key prefix is which object, for the attributes of parents."""
    _kinds.update({each.prefix: each.name for each in org.schema.objects.values()})


def json_value(value: Any) -> Any:
    """Give a value as REST shows it."""
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value
