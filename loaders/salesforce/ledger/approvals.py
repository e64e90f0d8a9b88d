"""Who approved which mapping, schema and sample for an org, and when: by hash, in the manifest."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from loaders.salesforce.ledger.manifest import Manifest

_COLUMNS = (
    "org varchar, org_name varchar, is_sandbox boolean, login varchar, approved_by varchar,"
    " mapping varchar, schema_hash varchar, package varchar, sample varchar, sample_org varchar,"
    " sample_hash varchar"
)
TABLE = f"create table if not exists approvals (approved_at timestamptz, {_COLUMNS});"


@dataclass(frozen=True)
class Subject:
    """What is approved: hashes of the mapping and of the schema without the data's own picklist
    values, which new data may bring; the package as it is now, values and all."""

    mapping: str
    schema_hash: str
    package: str


@dataclass(frozen=True)
class Sample:
    """A finished sample run: its org, and the hash of what it was to load."""

    sample: str
    sample_org: str
    sample_hash: str | None


@dataclass(frozen=True)
class Approval:
    """One approval. `login` is the user of the org, `approved_by` the person named."""

    org: str
    org_name: str
    is_sandbox: bool
    login: str
    approved_by: str | None
    mapping: str
    schema_hash: str
    package: str
    sample: str | None
    sample_org: str | None
    sample_hash: str | None
    approved_at: datetime

    def covers(self, subject: Subject) -> bool:
        """Whether mapping and schema are those approved."""
        return (self.mapping, self.schema_hash) == (subject.mapping, subject.schema_hash)


def record(manifest: Manifest, approval: Approval) -> None:
    """Adds an approval; those before it stay."""
    said = asdict(approval)
    marks = ", ".join(f"${key}" for key in said)
    with manifest.transaction():
        manifest.con.execute(f"insert into approvals ({', '.join(said)}) values ({marks})", said)
        manifest.log.note("approved", **said | {"approved_at": str(approval.approved_at)})


def newest(con: duckdb.DuckDBPyConnection, org: str) -> Approval | None:
    """The last approval of an org: the last row, whatever the clock said."""
    names = [field.name for field in fields(Approval)]
    row = con.execute(
        f"select {', '.join(names)} from approvals where org = ? order by rowid desc limit 1",
        [org],
    ).fetchone()
    return Approval(**dict(zip(names, row, strict=True))) if row else None


def last_sample(con: duckdb.DuckDBPyConnection, runs: Path, org: str) -> Sample | None:
    """The newest finished sample run: of this org, else of another of the same home."""
    row = con.execute(
        "select run, org from runs where kind = 'sample' and state = 'done'"
        " order by org = ? desc, run desc limit 1",
        [org],
    ).fetchone()
    if row is None:
        return None
    plan = runs / row[0] / "plan.json"
    digest = hashlib.sha256(plan.read_bytes()).hexdigest() if plan.exists() else None
    return Sample(row[0], row[1], digest)
