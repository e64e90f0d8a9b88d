"""`load-sf pull`: what the org holds already, landed as the source `raw_salesforce`."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders import terminal
from loaders.errors import UserError
from loaders.raw.contract import all_tables
from loaders.raw.landing import (
    connect,
    current_generation,
    ensure_generation,
    generation,
)
from loaders.salesforce.api import bulk
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.progress import now
from loaders.salesforce.commands.session import Session, session
from loaders.salesforce.ledger import results
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import read_project

_SYSTEM = "salesforce"
_SPEC = Path(__file__).resolve().parent.parent / "pull.yml"


@dataclass(frozen=True)
class Records:
    """A table filled from an object's records: its columns and the fields behind them."""

    table: str
    object: str
    columns: dict[str, str]


@dataclass(frozen=True)
class Spec:
    """What is pulled, and which columns say nothing about a change."""

    records: tuple[Records, ...]
    volatile: dict[str, list[str]]


def _spec() -> Spec:
    said = yaml.safe_load(_SPEC.read_text(encoding="utf-8"))
    records = tuple(Records(t, s["object"], s["columns"]) for t, s in said["tables"].items())
    return Spec(records, said["volatile"])


def pull(as_json: bool) -> None:
    """Reads the org; lands a new generation where anything is other than before."""
    with session() as s:
        ensure_generation(s.home)
        work = s.home.runs / "pull"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            spec = _spec()
            pulled = _read(s, spec, work)
            landed = _land(s, spec, pulled)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    rows = {table: count for table, (_, count) in pulled.items()}
    if as_json:
        terminal.print_json(
            {
                "org": s.identity.id,
                "generation": landed or current_generation(s.home),
                "changed": landed is not None,
                "rows": rows,
            }
        )
        return
    listed = ", ".join(f"{count:,} {table}" for table, count in rows.items())
    terminal.console.print(f"Pulled from {s.identity.name} ({s.identity.id}): {listed}.")
    terminal.console.print(
        f"Landed as generation {landed}: run `dbt build`."
        if landed
        else "Nothing changed since the last pull: the marts stay as they are."
    )


def _read(s: Session, spec: Spec, work: Path) -> dict[str, tuple[Path, int]]:
    """Every table as a Parquet file, with its number of rows."""
    describes = {o: s.org.describe(o) for o in _objects(s, spec)}
    pulled: dict[str, tuple[Path, int]] = {}
    with connect(s.home) as con:
        for records in spec.records:
            query = _records(s, records, describes[records.object], work)
            pulled[records.table] = _write(con, records.table, query, work)
        for table, rows in _small(s, describes).items():
            file = work / f"{table}.json"
            file.write_text(json.dumps(rows), encoding="utf-8")
            columns = ", ".join(f"{text(c)}: 'VARCHAR'" for c, _ in _schema(table))
            query = (
                f"select * from read_json({text(file)}, format = 'array', columns = {{{columns}}})"
            )
            pulled[table] = _write(con, table, query, work)
    merges = work / "merges.parquet"
    pulled["merges"] = (merges, _merges(s, merges))
    return pulled


def _objects(s: Session, spec: Spec) -> list[str]:
    """Objects to describe: those asked for, and those the steps load, where dbt has run."""
    found = {r.object for r in spec.records}
    dbt_manifest = s.home.dbt_target / "manifest.json"
    if dbt_manifest.exists():
        found |= {step.object for step in read_project(dbt_manifest).steps}
    return sorted(found)


def _schema(table: str) -> tuple[tuple[str, str], ...]:
    return all_tables()[_SYSTEM, table].schema


def _write(con: duckdb.DuckDBPyConnection, table: str, query: str, work: Path) -> tuple[Path, int]:
    file = work / f"{table}.parquet"
    columns = ", ".join(f"cast({name(c)} as {t}) as {name(c)}" for c, t in _schema(table))
    con.execute(f"copy (select {columns} from ({query}) order by all) to {text(file)}")
    row = con.execute("select count(*) from read_parquet(?)", [str(file)]).fetchone()
    return file, int(row[0]) if row else 0


def _records(s: Session, records: Records, describe: dict[str, Any] | None, work: Path) -> str:
    """A query over an object's records, read by a query job so that any number streams."""
    if describe is None:
        raise UserError(
            f"The org shows this user no {records.object}.",
            "Give the user read access to it; matching needs it.",
        )
    present = {f["name"] for f in describe["fields"]}
    fields = [f for f in records.columns.values() if f in present]
    deleted = " WHERE IsDeleted = false" if "IsDeleted" in present else ""
    soql = f"SELECT {', '.join(fields)} FROM {records.object}{deleted}"
    pages = bulk.query_all(s.org, soql, Polling(), work / "pages")
    chosen = ", ".join(f"{name(f)} as {name(c)}" for c, f in records.columns.items())
    return f"select {chosen} from ({results.union(pages, list(records.columns.values()))})"


def _small(
    s: Session, describes: dict[str, dict[str, Any] | None]
) -> dict[str, list[dict[str, str]]]:
    """The tables that are a handful of rows."""
    return {
        "organization": [
            {
                "organization_id": s.identity.id,
                "name": s.identity.name,
                "is_sandbox": str(s.identity.is_sandbox).lower(),
                "pulled_at": now(),
            }
        ],
        "limits": [
            {
                "name": limit,
                "max": str(said.get("Max", "")),
                "remaining": str(said.get("Remaining", "")),
            }
            for limit, said in s.org.limits().items()
        ],
        "fields": [field for sobject, d in describes.items() if d for field in _fields(sobject, d)],
    }


def _fields(sobject: str, describe: dict[str, Any]) -> Iterator[dict[str, str]]:
    for field in describe["fields"]:
        yield {
            "object": sobject,
            "field": str(field["name"]),
            "type": str(field["type"]),
            "length": str(field.get("length") or 0),
            "nillable": str(bool(field.get("nillable"))).lower(),
            "createable": str(bool(field.get("createable"))).lower(),
            "updateable": str(bool(field.get("updateable"))).lower(),
            "reference_to": ",".join(field.get("referenceTo") or []),
            "label": str(field.get("label") or ""),
            "precision": str(field.get("precision") or 0),
            "scale": str(field.get("scale") or 0),
            "picklist_values": json.dumps(
                [v["value"] for v in field.get("picklistValues") or () if v.get("active", True)]
            ),
        }


def _merges(s: Session, file: Path) -> int:
    """The merges this org has loaded already."""
    query = "select merged_key, survivor_key from merges where org = ? order by all"
    with manifest_of(s.home) as manifest:
        manifest.con.execute(f"copy ({query}) to {text(file)}", [s.identity.id])
        row = manifest.con.execute("select count(*) from read_parquet(?)", [str(file)]).fetchone()
    return int(row[0]) if row else 0


def _land(s: Session, spec: Spec, pulled: dict[str, tuple[Path, int]]) -> str | None:
    """Lands what was pulled as a new generation, None where the current one says the same."""
    current = s.home.raw / "current" / _SYSTEM
    with connect(s.home) as con:
        same = all(
            _equal(con, file, current / table, spec.volatile.get(table, []))
            for table, (file, _) in pulled.items()
        )
    if same:
        return None
    with generation(s.home, f"pull {s.identity.id}") as new:
        for table, (file, _) in pulled.items():
            shutil.copyfile(file, new.table(_SYSTEM, table) / "pulled.parquet")
        return new.id


def _equal(con: duckdb.DuckDBPyConnection, file: Path, folder: Path, volatile: list[str]) -> bool:
    leave_out = f" exclude ({', '.join(name(c) for c in volatile)})" if volatile else ""
    new = f"select *{leave_out} from read_parquet({text(file)})"
    old = f"select *{leave_out} from read_parquet({text(folder / '*.parquet')})"
    gone, come = f"(({new}) except all ({old}))", f"(({old}) except all ({new}))"
    row = con.execute(f"select count(*) from ({gone} union all {come})").fetchone()
    return row is not None and row[0] == 0
