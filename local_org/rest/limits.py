"""What the org allows a day and how much of it is used."""

from __future__ import annotations

from math import ceil
from typing import Any

from local_org.files.storage import MB, data_mb, file_bytes
from local_org.org import Org

DAILY_BATCHES = 15_000
DAILY_QUERIES = 10_000
BATCH = 10_000


def usage(org: Org) -> str:
    """Give the text of the Sforce-Limit-Info header."""
    return f"api-usage={org.calls}/{org.switches.daily_api_requests}"


def limits(org: Org) -> dict[str, Any]:
    """Give the answer of `/limits`."""
    with org.store.read() as cursor:
        counted = cursor.execute(
            f"""select coalesce(sum((processed + {BATCH - 1}) // {BATCH})
                filter (kind = 'ingest'), 0), count(*) filter (kind = 'query')
            from org.jobs where created > now()::timestamp - interval 1 day"""
        ).fetchone()
        data_used = data_mb(cursor, org.schema)
        file_used = file_bytes(cursor) / MB
    batches, queries = counted or (0, 0)
    most = org.switches
    pairs = {
        "DailyApiRequests": (most.daily_api_requests, org.calls),
        "DailyBulkApiBatches": (DAILY_BATCHES, batches),
        "DailyBulkV2QueryJobs": (DAILY_QUERIES, queries),
        "DailyBulkV2QueryFileStorageMB": (1_000_000, 0),
        "DataStorageMB": (most.data_storage_mb, ceil(data_used)),
        "FileStorageMB": (most.file_storage_mb, ceil(file_used)),
    }
    return {
        name: {"Max": limit, "Remaining": max(0, limit - int(used))}
        for name, (limit, used) in pairs.items()
    }
