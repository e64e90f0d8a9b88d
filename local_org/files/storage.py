"""How much storage is used: data by the record, files by the byte."""

from __future__ import annotations

import duckdb

from local_org.schema.model import Schema
from local_org.switches import Switches

RECORD_KB = 2
MB = 1024 * 1024
STORAGE_LIMIT = ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")


def data_mb(cursor: duckdb.DuckDBPyConnection, schema: Schema) -> float:
    """Give the data storage used, the recycle bin's included."""
    counted = [each.table for each in schema.objects.values() if each.takes_storage]
    parts = " + ".join(f"(select count(*) from {table})" for table in counted)
    row = cursor.execute(f"select {parts}").fetchone()
    return int(row[0]) * RECORD_KB / 1024 if row else 0


def storage_full(cursor: duckdb.DuckDBPyConnection, schema: Schema, switches: Switches) -> bool:
    """Tell whether the org takes no further record."""
    return data_mb(cursor, schema) >= switches.data_storage_mb


def file_bytes(cursor: duckdb.DuckDBPyConnection) -> int:
    """Give the bytes of all versions that are not deleted."""
    row = cursor.execute(
        'select coalesce(sum("ContentSize"), 0) from data."ContentVersion" '
        'where "VersionData" is not null'
    ).fetchone()
    return int(row[0]) if row else 0
