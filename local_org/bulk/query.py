"""Query jobs: one pass writes the result to a Parquet file, pages are cut from it."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from local_org.bulk.files import join_names
from local_org.bulk.jobs import DELIMITERS, Job, job_file, update_job
from local_org.errors import ApiError
from local_org.files.links import check_links
from local_org.org import Org
from local_org.schema.model import COMPOUND
from local_org.soql.compile import Compiled, compile_query
from local_org.soql.parse import parse
from local_org.soql.reading import reading_of
from local_org.soql.scope import Output
from local_org.soql.tree import FieldSet, Query, TypeOf, malformed
from local_org.store import literal, quoted

DEFAULT_PAGE = 100_000


def check_query(org: Org, text: str) -> Query:
    """Parse and check a query as a job takes it; raises the 400 of what it does not take."""
    query = parse(text)
    compiled = compile_query(org.view, query, everything=True)
    check_links(query)
    if query.children or query.aggregate or query.offset is not None:
        raise _refused("Aggregate Relationships not supported in Bulk Query with CSV content type")
    if any(isinstance(item, TypeOf) for item in query.items):
        raise _refused("TypeOf not supported in Bulk Query")
    if any(isinstance(item, FieldSet) and item.word != "standard" for item in query.items):
        raise malformed(
            "The SOQL FIELDS function is not supported with an unbounded set of fields in this API"
        )
    if any(output.field.type in COMPOUND for output in compiled.outputs):
        raise _refused("Selecting compound data not supported in Bulk Query")
    if any(output.field.type == "base64" for output in compiled.outputs):
        raise _refused("Binary fields are not supported in Bulk Query")
    return query


def _refused(message: str) -> ApiError:
    return ApiError(400, "API_ERROR", message)


def run_query(org: Org, job: Job) -> None:
    """Do a query job."""
    started = time.monotonic()
    path = job_file(org, job, "parquet")
    try:
        reading = reading_of(org, everything=job.operation == "queryAll")
        compiled = compile_query(org.view, parse(job.query or ""), reading=reading)
    except ApiError as error:
        update_job(org, job, state="Failed", error=f"{error.code} : {error.message}")
        return
    names = _header_names(compiled)
    texts = [
        f"{_text_sql(output)} as {quoted(f'c{place}')}"
        for place, output in enumerate(compiled.outputs)
    ]
    with org.store.read() as cursor:
        cursor.execute(
            f"copy ({compiled.select(texts)}) to {literal(str(path))} "
            "(format parquet, row_group_size 20000)",
            list(compiled.parameters),
        )
        counted = cursor.execute(f"select count(*) from {literal(str(path))}").fetchone()
    rows = int(counted[0]) if counted else 0
    header = join_names(names, DELIMITERS[job.delimiter])
    job_file(org, job, "header").write_text(header, encoding="utf-8")
    took = int((time.monotonic() - started) * 1000)
    update_job(org, job, state="JobComplete", processed=rows, milliseconds=took)


def cut_page(org: Org, job: Job, start: int, size: int) -> tuple[Path, int]:
    """Write rows `start` … to a file of their own; gives it and the number of rows in it."""
    source = literal(str(job_file(org, job, "parquet")))
    page = org.folder / "pages" / f"{job.id}.{secrets.token_hex(8)}.csv"
    with org.store.read() as cursor:
        written = cursor.execute(
            f"""copy (select * exclude (file_row_number)
            from read_parquet({source}, file_row_number = true)
            where file_row_number >= {start} and file_row_number < {start + size})
            to {literal(str(page))}
            (format csv, header false, force_quote *,
            delimiter {literal(DELIMITERS[job.delimiter])})"""
        ).fetchone()
    return page, int(written[0]) if written else 0


def _header_names(compiled: Compiled) -> list[str]:
    return [".".join(output.path) for output in compiled.outputs]


def _text_sql(output: Output) -> str:
    """Give SQL for a value as a CSV result shows it: `1.0`, `1.0E7`, `2024-01-01T10:00:00.000Z`."""
    match output.field.type:
        case "datetime":
            text = f"strftime({output.sql}, '%Y-%m-%dT%H:%M:%S.000Z')"
        case "double" | "currency" | "percent":
            text = _double_sql(output.sql)
        case "boolean" | "date" | "int":
            text = f"({output.sql})::varchar"
        case _:
            text = output.sql
    return f"coalesce({text}, '')"


def _double_sql(value: str) -> str:
    """Give a double as Java writes it: plain from 0.001 up to 10 million, else by powers of ten."""
    plain, size = f"({value})::varchar", f"abs({value})"
    shortest = f"({size})::varchar"
    decimals = f"split_part({shortest}, '.', 2)"
    # From the text, not by a logarithm: that rounds 9999999999999.999 up to the next power.
    power = (
        f"case when contains({shortest}, 'e') then split_part({shortest}, 'e', 2)::int "
        f"when {size} >= 1 then length(split_part({shortest}, '.', 1))::int - 1 "
        f"else (length(ltrim({decimals}, '0')) - length({decimals}))::int - 1 end"
    )
    digits = f"trim(replace(split_part({shortest}, 'e', 1), '.', ''), '0')"
    sign = f"case when {value} < 0 then '-' else '' end"
    rest = f"coalesce(nullif(substr({digits}, 2), ''), '0')"
    scientific = f"concat({sign}, {digits}[1], '.', {rest}, 'E', {power})"
    outside = f"{size} >= 1e7 or ({size} < 1e-3 and {size} > 0)"
    return f"case when {outside} then {scientific} else {plain} end"
