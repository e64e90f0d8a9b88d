"""Asks the org for records of a job whose results it lost, some or, with the job itself, all.

A row that is sent twice is no duplicate, since it bears its key; but the second time it would be
an update, of which nobody knew any more that this project made the record, and which an object
with fields for new records only refuses. All times are the org's own, in UTC, to the second.
"""

import shutil
from pathlib import Path

import duckdb

from loaders.salesforce.api import bulk, records
from loaders.salesforce.api.bulk import JobInfo
from loaders.salesforce.api.children import MADE
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.api.setup import quoted
from loaders.salesforce.ledger import results
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.undone import DELETED, PUT_BACK

_A_QUERY, _MOST_BY_VALUE = 1_000, 10_000
_LOST = f"code = {text(results.UNPROCESSED)}"


def look_up(
    org: Org,
    con: duckdb.DuckDBPyConnection,
    plan: StepPlan,
    job: JobInfo,
    folder: Path,
    users: tuple[str, ...],
) -> str:
    """Puts right, in the temporary table `outcome`, the rows without a result that were new and
    whose record came into being since the job was made: nobody else gives records our keys. The
    other rows are sent again. Gives when the org was through with the job; of one that it forgot,
    when one of `users` changed any of its records last."""
    is_forgotten = job.state == bulk.FORGOTTEN
    wanted = _LOST if is_forgotten else f"{_LOST} and id is null"
    made = job.created[:19]
    if not made or not _find(org, con, plan, plan.external_id, wanted, made, folder):
        return job.modified
    since = f"f.made >= {text(made)}"
    con.execute(
        f"update outcome set id = f.id, taken = {since}, created = {since},"
        f" code = case when {since} then null else code end"
        f" from found as f where outcome.key = f.value and {_LOST} and outcome.id is null"
    )
    return _through(con, job, users)


def look_up_undone(
    org: Org,
    con: duckdb.DuckDBPyConnection,
    plan: StepPlan,
    what: str,
    job: JobInfo,
    folder: Path,
    users: tuple[str, ...],
) -> str:
    """The same for a job of a rollback: rows of which it cannot be told leave `outcome`, for the
    rollback looks at the org anew and does again what is not done."""
    by, value = (plan.external_id, "key") if what == PUT_BACK else ("Id", "id")
    made = job.created[:19]
    # What is not there any more was changed at no time.
    _find(org, con, plan, by, _LOST, "" if what == DELETED else made, folder)
    since = text(made or "9999")
    match = f"from found as f where f.value = outcome.{value} and {_LOST}"
    if what == DELETED:
        con.execute(
            "update outcome set taken = true, code = null"
            f" where {_LOST} and id not in (select value from found)"
        )
    elif what == PUT_BACK:
        con.execute(
            f"update outcome set id = f.id, taken = true, code = null {match} and made >= {since}"
        )
    else:
        con.execute(
            f"update outcome set taken = true, code = null {match} and changed >= {since}"
            f" and {_by_us(users)}"
        )
    con.execute(f"delete from outcome where {_LOST}")
    return _through(con, job, users)


def _find(
    org: Org,
    con: duckdb.DuckDBPyConnection,
    plan: StepPlan,
    by: str,
    wanted: str,
    since: str,
    folder: Path,
) -> bool:
    """Makes the temporary table `found` (value, id, made, changed, by_user): the records that are
    there of those rows of `outcome` that are wanted. `value` is what the field `by` holds. Where
    they are very many, only records changed `since` are found, unless that is empty. False where
    no row is wanted."""
    column = "id" if by == "Id" else "key"
    asked = f"select {column} from outcome where {wanted}"
    values = [str(value) for (value,) in con.execute(f"{asked} order by 1").fetchall()]
    columns = list(dict.fromkeys(["Id", by, MADE, records.CHANGED, records.CHANGED_BY]))
    soql = f"SELECT {', '.join(columns)} FROM {plan.object} WHERE IsDeleted = false AND "
    some = [values[n : n + _A_QUERY] for n in range(0, len(values), _A_QUERY)]
    queries = [f"{soql}{by} IN ({', '.join(map(quoted, each))})" for each in some]
    if since and len(values) > _MOST_BY_VALUE:
        queries = [f"{soql}{by} != null AND {records.CHANGED} >= {since}Z"]
    pages = [page for q in queries for page in bulk.query_all(org, q, Polling(), folder / "lost")]
    con.execute(
        f"create or replace temp table found as select {name(by)} as value,"
        f' any_value("Id") as id, left(any_value({MADE}), 19) as made,'
        f" left(any_value({records.CHANGED}), 19) as changed,"
        f" any_value({records.CHANGED_BY}) as by_user"
        f" from ({results.union(pages, columns)}) where {name(by)} in ({asked}) group by 1"
    )
    shutil.rmtree(folder / "lost", ignore_errors=True)
    return bool(values)


def _by_us(users: tuple[str, ...]) -> str:
    listed = ", ".join(text(user[:15]) for user in users)
    return f"list_contains([{listed}]::varchar[], f.by_user[:15])"


def _through(con: duckdb.DuckDBPyConnection, job: JobInfo, users: tuple[str, ...]) -> str:
    """When the org was through with a job; of one it forgot it is not before it was made."""
    if job.state != bulk.FORGOTTEN or not job.created:
        return job.modified
    row = con.execute(f"select max(f.changed) from found as f where {_by_us(users)}").fetchone()
    return max(str(row[0] or "") if row else "", job.created[:19]) + "Z"
