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
from local_org.soql.compile import compile_query, header_names, text_sql
from local_org.soql.parse import parse
from local_org.soql.tree import Query
from local_org.store import literal, quoted

DEFAULT_PAGE = 100_000


def check_query(org: Org, text: str) -> Query:
    """Parse and check a query as a job takes it; raises the 400 of what it does not take."""
    query = parse(text)
    compiled = compile_query(org.view, query, everything=True)
    check_links(query)
    if any(output.field.type == "base64" for output in compiled.outputs):
        message = "FeatureNotEnabled : Selecting binary data not supported in Bulk Query"
        raise ApiError(400, "API_ERROR", message)
    if any(output.field.type in COMPOUND for output in compiled.outputs):
        message = "FeatureNotEnabled : Selecting compound data not supported in Bulk Query"
        raise ApiError(400, "API_ERROR", message)
    if query.aggregate or query.offset is not None:
        raise ApiError(
            400,
            "API_ERROR",
            "Aggregate Relationships not supported in Bulk Query with CSV content type",
        )
    return query


def run_query(org: Org, job: Job) -> None:
    """Do a query job."""
    started = time.monotonic()
    path = job_file(org, job, "parquet")
    try:
        compiled = compile_query(
            org.view, parse(job.query or ""), everything=job.operation == "queryAll"
        )
    except ApiError as error:
        update_job(org, job, state="Failed", error=f"{error.code} : {error.message}")
        return
    names = header_names(compiled)
    texts = [
        f"{text_sql(output)} as {quoted(f'c{place}')}"
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
