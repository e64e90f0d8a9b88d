"""What the org allows a day and how much of it is used."""

from __future__ import annotations

from typing import Any

from local_org.org import Org

DAILY_CALLS = 5_000_000
DAILY_BATCHES = 15_000
DAILY_QUERIES = 10_000
DATA_MB = 1_000_000
FILE_MB = 1_000_000
BATCH = 10_000
RECORD_KB = 2


def usage(org: Org) -> str:
    """Give the text of the Sforce-Limit-Info header."""
    return f"api-usage={org.calls}/{DAILY_CALLS}"


def limits(org: Org) -> dict[str, Any]:
    """Give the answer of `/limits`."""
    with org.store.read() as cursor:
        counted = cursor.execute(
            f"""select coalesce(sum((processed + {BATCH - 1}) // {BATCH})
                filter (kind = 'ingest'), 0), count(*) filter (kind = 'query')
            from org.jobs where created > now()::timestamp - interval 1 day"""
        ).fetchone()
        records = cursor.execute(
            "select coalesce(sum(estimated_size), 0) from duckdb_tables() "
            "where schema_name = 'data'"
        ).fetchone()
    batches, queries = counted or (0, 0)
    used_mb = (records[0] if records else 0) * RECORD_KB // 1024
    pairs = {
        "DailyApiRequests": (DAILY_CALLS, org.calls),
        "DailyBulkApiBatches": (DAILY_BATCHES, batches),
        "DailyBulkV2QueryJobs": (DAILY_QUERIES, queries),
        "DailyBulkV2QueryFileStorageMB": (1_000_000, 0),
        "DataStorageMB": (DATA_MB, used_mb),
        "FileStorageMB": (FILE_MB, 0),
    }
    return {
        name: {"Max": most, "Remaining": max(0, most - int(used))}
        for name, (most, used) in pairs.items()
    }
