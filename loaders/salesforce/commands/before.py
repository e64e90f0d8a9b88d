"""Before-images: records as the org has them, read into Parquet before a run changes them.

A file is written once, whole or not at all: what is in it is from before the first change, also
where a run is carried on. Few records are asked for by Id; many with one query of all that bear
our key, so that API calls stay few.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.salesforce.api import bulk, files, records
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.api.setup import quoted
from loaders.salesforce.ledger import results, sorting
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import text

# A query job takes about five calls.
_IDS_A_QUERY, _MOST_BY_ID = 2_000, 10_000


def image(folder: Path, step: str) -> Path:
    """Where a run keeps what a step's records were before it changed them."""
    return folder / f"{step}.before.parquet"


def columns(plan: StepPlan) -> list[str]:
    """What is kept of a record: its Id, who changed it last and when, every field the step fills;
    of a file its document and the checksum of its bytes, but not these."""
    fields = [c.api_name for c in plan.columns if not c.is_binary]
    about = ["Id", records.CHANGED, records.CHANGED_BY]
    more = [files.DOCUMENT, files.CHECKSUM] if plan.binary else []
    return list(dict.fromkeys([*about, *fields, *more]))


@dataclass(frozen=True)
class Reader:
    """Reads records back; `folder` is where pages go for the while."""

    org: Org
    con: duckdb.DuckDBPyConnection
    folder: Path

    def read(
        self,
        plan: StepPlan,
        wanted: list[str],
        ids: str,
        to: Path,
        *,
        without_key: str | None = None,
        all_by_id: bool = False,
    ) -> None:
        """Writes those records of `ids` (a query of one column) that are there, deleted ones
        apart, with the fields `wanted`, all as text.

        `without_key` is a query of those of them that may not bear our key; without it, all that
        the query by key does not give are asked for by Id. `all_by_id` asks for all of them so.
        """
        con = self.con
        con.execute(
            f"create or replace temp table asked as select distinct * from ({ids}) as i(id)"
        )
        row = con.execute("select count(*) from asked").fetchone()
        soql = f"SELECT {', '.join(wanted)} FROM {plan.object} WHERE IsDeleted = false AND "
        if all_by_id or int(row[0] if row else 0) <= _MOST_BY_ID:
            parts = [self._part(results.union(self._by_id(soql, "from asked"), wanted), 0)]
        else:
            parts = [
                self._part(results.union([page], wanted), number)
                for number, page in enumerate(self._query(f"{soql}{plan.external_id} != null"))
            ]
            keyed = f"(select Id from read_parquet([{', '.join(text(part) for part in parts)}]))"
            other = f"select id from asked anti join {keyed} as k on k.Id = asked.id"
            apart = self._by_id(soql, without_key or other)
            if apart:
                more = (
                    f"select * from ({results.union(apart, wanted)}) anti join {keyed} using (Id)"
                )
                parts.append(self._part(more, len(parts)))
        self._join(parts, to)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _part(self, rows: str, number: int) -> Path:
        """Keeps those rows of a query that were asked for.

        A page is looked up by itself, its own Ids among those asked for and not the other way
        round: what a join holds in memory is its right side, and all that was asked for may be
        more than there is.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        page, part = self.folder / f"page-{number}.parquet", self.folder / f"part-{number}.parquet"
        sorting.write_unsorted(self.con, rows, page)
        read = f"read_parquet({text(page)})"
        asked = f"select id from asked where id in (select Id from {read})"
        more = f"select 1 from {read} where Id not in ({asked}) limit 1"
        if self.con.execute(more).fetchone() is None:
            return page
        sorting.write_unsorted(self.con, f"select * from {read} where Id in ({asked})", part)
        page.unlink()
        return part

    def _join(self, parts: list[Path], to: Path) -> None:
        unfinished = to.with_suffix(".new")
        if len(parts) == 1:
            parts[0].replace(unfinished)
        else:
            listed = ", ".join(text(part) for part in parts)
            sorting.write_unsorted(self.con, f"from read_parquet([{listed}])", unfinished)
        unfinished.replace(to)

    def _by_id(self, soql: str, ids: str) -> list[Path]:
        listed = [r[0] for r in self.con.execute(f"from ({ids}) order by 1").fetchall()]
        pages: list[Path] = []
        for start in range(0, len(listed), _IDS_A_QUERY):
            some = ", ".join(quoted(each) for each in listed[start : start + _IDS_A_QUERY])
            pages += self._query(f"{soql}Id IN ({some})")
        return pages

    def _query(self, soql: str) -> list[Path]:
        return bulk.query_all(self.org, soql, Polling(), self.folder)


def save(
    reader: Reader, manifest: Manifest, org: str, run: str, plan: StepPlan, frozen: Path
) -> Path | None:
    """Keeps the records that a step's frozen rows will change: those the manifest knows, those
    to be adopted, or those of the step it updates, but for what this very run created. Gives the
    file, None where no record is changed.

    Called before the first row of the step is sent.
    """
    kept = image(frozen.parent, plan.name)
    if kept.exists():
        return kept
    rows = f"read_parquet({text(frozen)})"
    adopted = f"select _adopt_id from {rows} where _id is null and _adopt_id is not null"
    ids = f"select _id from {rows} where _id is not null union all {adopted}"
    if plan.is_update:
        ids = (
            f"select r.id from {rows} as f join records as r on r.key = f._key"
            f" where r.org = {text(org)} and r.step = {text(str(plan.of))} and r.id is not null"
            " and r.action <> 'deleted' and r.id not in (select c.id from created as c"
            f" where c.org = {text(org)} and c.run = {text(run)})"
        )
    if not manifest.con.execute(f"select 1 from ({ids}) limit 1").fetchone():
        return None
    reader.read(plan, columns(plan), ids, kept)
    return kept


def save_deleted(reader: Reader, plan: StepPlan, ids: list[str], kept: Path) -> None:
    """Keeps records that a run is about to delete, as `<step>.<why>.parquet` in its folder, for
    `rollback` to put back. What it holds stays when a run is carried on: it may be gone by then.

    Raises UserError where the org has a record of which it gave no values: it must not be deleted.
    """
    con = reader.con
    saved = (
        f"select Id from read_parquet({text(kept)})" if kept.exists() else "select null::varchar"
    )
    con.execute(
        "create or replace temp table unsaved as select distinct id"
        f" from unnest(?::varchar[]) as d (id) anti join ({saved}) as s (id) using (id)",
        [ids],
    )
    if not con.execute("from unsaved limit 1").fetchone():
        return
    more = kept.with_suffix(".more")
    reader.read(plan, columns(plan), "from unsaved", more, all_by_id=True)
    found = f"select Id from read_parquet({text(more)})"
    absent = con.execute(f"from unsaved where id not in ({found}) order by 1").fetchall()
    alive = records.alive(reader.org, plan.object, [row[0] for row in absent])
    if alive:
        more.unlink()
        raise UserError(
            f"{plan.name}: the org gave no values of {len(alive):,} records that it has, which are"
            " to be deleted.",
            "They were not deleted. Run the same command again.",
        )
    if kept.exists():
        whole = kept.with_suffix(".whole")
        both = f"[{text(kept)}, {text(more)}]"
        sorting.write_unsorted(con, f"from read_parquet({both})", whole)
        whole.replace(kept)
        more.unlink()
    else:
        more.replace(kept)
