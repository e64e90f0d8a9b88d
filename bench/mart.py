"""A mart of any size as `dbt build` leaves it: one step of ten plain fields, and its record.

The object is the bench's own and has no lookup, no picklist and no rule, so that the local org
has as little to check as Salesforce's rules allow: what is measured is the loader.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from loaders.home import Home

STEP = "bench__row"
OBJECT = "Bench_Row__c"
KEY = "Migration_Key__c"
TABLE = f"salesforce.{STEP}"

# Each column: its type in the mart, and what its YAML would say.
FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    KEY: ("varchar", {"type": "Text", "length": 100, "external_id": True, "required": True}),
    "Person__c": ("varchar", {"type": "Text", "length": 80}),
    "Street__c": ("varchar", {"type": "Text", "length": 80}),
    "Words__c": ("varchar", {"type": "Text", "length": 80}),
    "Note__c": ("varchar", {"type": "Text", "length": 80}),
    "Day__c": ("date", {"type": "Date"}),
    "Moment__c": ("timestamp", {"type": "DateTime"}),
    "Amount__c": ("decimal(16,2)", {"type": "Currency", "precision": 16, "scale": 2}),
    "Flag__c": ("boolean", {"type": "Checkbox"}),
    "Count__c": ("integer", {"type": "Number", "precision": 8, "scale": 0}),
}
_CELLS = ", ".join(f'coalesce("{column}"::varchar, chr(0))' for column in FIELDS)
HASH = f"md5(concat_ws(chr(31), {_CELLS}))"
"""A row's hash in SQL."""

# Every value follows from a row's number. Rows stand in another order than their keys sort in.
_ROWS = f"""
    create table {TABLE} as
    select
        * exclude (n), 'bench' as _practice, 'rows.csv' as _file, n + 2 as _line,
        []::struct(class varchar, held_back boolean)[] as _problems, false as _held_back,
        {HASH} as _row_hash
    from (
        select
            n,
            'bench:row:' || n as "{KEY}",
            'Person number ' || n as "Person__c",
            n || ' Main Street' as "Street__c",
            'words ' || n % 97 as "Words__c",
            'note number ' || n as "Note__c",
            date '1990-01-01' + (n % 9000)::int as "Day__c",
            timestamp '2020-01-01' + to_minutes(n) as "Moment__c",
            (n % 1000 + 0.25)::decimal(16, 2) as "Amount__c",
            n % 2 = 0 as "Flag__c",
            (n % 1000)::int as "Count__c"
        from range($rows) as numbers (n)
        order by hash(n)
    )
"""
_BUILDS = """
    create table migration_state.builds as
    select
        'bench' as invocation_id, now()::timestamp as started_at, 'build' as command,
        $generation as generation, now()::timestamp as finished_at
"""
_NODES = """
    create table migration_state.nodes as
    select
        $model as unique_id, 'model' as resource_type, 'success' as status,
        $generation as generation, 'bench' as invocation_id, now()::timestamp as finished_at
"""
_MODEL = f"model.bench.{STEP}"


def build(home: Home, rows: int) -> None:
    """Makes the warehouse and dbt's manifest.json of a mart of so many rows.

    `load-sf pull` comes before it: the record names the generation that it made.
    """
    home.dbt_target.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = json.dumps(_document())
    (home.dbt_target / "manifest.json").write_text(document, encoding="utf-8")
    generation = (home.raw / "current").readlink().name
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("set enable_progress_bar = false")
        warehouse.execute("create schema salesforce; create schema migration_state")
        warehouse.execute(_ROWS, {"rows": rows})
        warehouse.execute(_BUILDS, {"generation": generation})
        warehouse.execute(_NODES, {"generation": generation, "model": _MODEL})


def write_csv(home: Home, file: Path) -> None:
    """Writes the mart as the CSV that a bulk job takes."""
    columns = ", ".join(f'"{column}"' for column in FIELDS)
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        warehouse.execute("set enable_progress_bar = false")
        warehouse.execute(
            f"copy (select {columns} from {TABLE}) to '{file}'"
            " (format csv, header, timestampformat '%Y-%m-%dT%H:%M:%SZ')"
        )


def _document() -> dict[str, Any]:
    """dbt's manifest.json, as far as the loader reads it."""
    meta = {
        "object": OBJECT,
        "operation": "upsert",
        "external_id": KEY,
        "label": "Bench Row",
        "plural": "Bench Rows",
        "name_format": "ROW-{0000000}",
    }
    columns = {
        column: {
            "name": column,
            "data_type": data_type,
            "description": f"{column}.",
            "config": {"meta": {"salesforce": said}},
        }
        for column, (data_type, said) in FIELDS.items()
    }
    node = {
        "unique_id": _MODEL,
        "name": STEP,
        "alias": STEP,
        "schema": "salesforce",
        "resource_type": "model",
        "description": "Rows of the bench.",
        "config": {"materialized": "table", "meta": {"salesforce": meta}},
        "depends_on": {"macros": [], "nodes": []},
        "columns": columns,
    }
    return {
        "metadata": {"dbt_schema_version": "v12"},
        "nodes": {_MODEL: node},
        "unit_tests": {},
    }
