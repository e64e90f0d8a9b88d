"""Who approved which mapping, schema and sample for an org, and when: by hash, in the manifest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from loaders.salesforce.ledger.manifest import Manifest

_COLUMNS = (
    "org varchar, org_name varchar, is_sandbox boolean, login varchar, approved_by varchar,"
    " mapping varchar, schema_hash varchar, package varchar, sample varchar, sample_org varchar,"
    " sample_hash varchar"
)
TABLE = (
    f"create table if not exists approvals (approved_at timestamptz, {_COLUMNS});"
    "create table if not exists samples (taken_at timestamptz, run varchar, org varchar,"
    " mapping varchar, masked boolean, rejected bigint, wrong bigint, diff varchar);"
)


@dataclass(frozen=True)
class Subject:
    """What is approved: hashes of the mapping and of the schema without the data's own picklist
    values, which new data may bring; the package as it is now, values and all."""

    mapping: str
    schema_hash: str
    package: str


@dataclass(frozen=True)
class Sample:
    """A sample that was read back: the run that loaded it (None where the org had it all), its org
    and mapping, the records that were `rejected`, the fields that were `wrong`, and the SHA-256 of
    the diff that people read (sample_diff.csv)."""

    run: str | None
    org: str
    mapping: str
    masked: bool
    rejected: int
    wrong: int
    diff: str


@dataclass(frozen=True)
class Approval:
    """One approval. `login` is the user of the org, `approved_by` the person named; `sample` is the
    run that loaded the sample, `sample_hash` that of its diff."""

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


def keep_sample(manifest: Manifest, sample: Sample) -> None:
    """Remembers what a sample showed; that it is rolled back later takes nothing from it."""
    said = asdict(sample)
    names, marks = ", ".join(said), ", ".join(f"${key}" for key in said)
    with manifest.transaction():
        manifest.con.execute(
            f"insert into samples (taken_at, {names}) values (current_timestamp, {marks})", said
        )
        manifest.log.note("sample read back", **said)


def last_sample(con: duckdb.DuckDBPyConnection, org: str, mapping: str) -> Sample | None:
    """The newest sample: of this mapping sooner than of another, into this org sooner than into
    another of the same home."""
    names = [field.name for field in fields(Sample)]
    row = con.execute(
        f"select {', '.join(names)} from samples"
        " order by mapping = ? desc, org = ? desc, rowid desc limit 1",
        [mapping, org],
    ).fetchone()
    return Sample(*row) if row else None
