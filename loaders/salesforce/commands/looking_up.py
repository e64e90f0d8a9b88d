"""Asks the org for new rows of a job whose results it lost: what it created is not sent again.

A row that is sent twice is no duplicate, since it bears its key; but the second time it would be
an update, of which nobody knew any more that this project made the record, and which an object
with fields for new records only refuses.
"""

import shutil
from pathlib import Path

import duckdb

from loaders.salesforce.api import bulk
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.ledger import results
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text

_KEYS_A_QUERY = 1_000
_CREATED = "CreatedDate"


def look_up(
    org: Org, con: duckdb.DuckDBPyConnection, plan: StepPlan, job: bulk.JobInfo, folder: Path
) -> None:
    """Puts right, in the temporary table `outcome`, the rows without a result that were new and
    whose record came into being since the job was made: nobody else gives records our keys."""
    lost = con.execute(
        "select key from outcome where code = ? and id is null order by 1", [results.UNPROCESSED]
    ).fetchall()
    if not lost or not job.created:
        return
    columns = ["Id", plan.external_id, _CREATED]
    pages: list[Path] = []
    for start in range(0, len(lost), _KEYS_A_QUERY):
        listed = ", ".join(_soql(key) for (key,) in lost[start : start + _KEYS_A_QUERY])
        soql = (
            f"SELECT {', '.join(columns)} FROM {plan.object}"
            f" WHERE IsDeleted = false AND {plan.external_id} IN ({listed})"
        )
        pages += bulk.query_all(org, soql, Polling(), folder / "lost")
    found = results.union(pages, columns)
    # Both times are the org's own, in UTC, to the second.
    con.execute(
        'update outcome set id = f."Id", taken = true, created = true, code = null'
        f" from ({found}) as f where outcome.key = f.{name(plan.external_id)}"
        f" and outcome.id is null and left(f.{name(_CREATED)}, 19) >= {text(job.created[:19])}"
    )
    shutil.rmtree(folder / "lost")


def _soql(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
