"""What the org refused: where it came from and what to do about it. Codes, field names and keys,
never values, and none of the org's messages, which may repeat one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import text
from loaders.salesforce.ledger.superseded import Superseded
from loaders.spreadsheet import write_query

_ADVICE = Path(__file__).resolve().parent / "rejects.yml"
LIST = "rejects.parquet"
"""The list beside a run's rows."""
_COLUMNS = "step, object, key, code, class, fields, practice, file, line, rule, advice"


_REFUSED = """
    create or replace temp table refused (
        step varchar, object varchar, key varchar, code varchar, class varchar, fields varchar,
        practice varchar, file varchar, line bigint, rule varchar
    )
"""
_STEPS = """
    select distinct step from records where org = $org and run = $run and action = 'rejected'
"""


@dataclass(frozen=True)
class Refusal:
    """How many rows were refused with one code, and by one duplicate rule where that is why."""

    code: str
    rule: str | None
    number: int
    advice: str


@dataclass(frozen=True)
class Tally:
    """What runs sent and what of it the org refused: a row counts once, however many of them
    sent it."""

    sent: int
    rejected: int
    refused: list[Refusal]
    sent_by: dict[str, int]
    rejected_by: dict[str, int]

    def of(self, run: RunProgress) -> tuple[int, int]:
        """How many rows were refused of those that a run was the first to send, and how many
        these are."""
        return self.rejected_by.get(run.run, 0), self.sent_by[run.run]


def write(
    manifest: Manifest,
    progress: RunProgress,
    plans: tuple[StepPlan, ...],
    stay: list[tuple[Superseded, str]],
    reports: Path,
) -> None:
    """Lists what the org refused a run: `rejects.parquet` beside its rows and, where there is
    any, `reports/rejects.csv` for people, whose spreadsheet must not run it."""
    con, folder = manifest.con, progress.folder
    if not plans and not stay:
        return
    _stage_advice(con)
    asked = {"org": progress.org, "run": progress.run}
    con.execute(_REFUSED)
    # A step at a time: all of them at once would ask for more memory than a run has.
    refused = set(con.execute(_STEPS, asked).fetchall())
    for part in (_of_step(plan, folder) for plan in plans if (plan.name,) in refused):
        con.execute(f"insert into refused {part}", asked)
    for record, code in stay:
        con.execute(f"insert into refused {_of_delete(record, code)}")
    listed = folder / LIST
    con.execute(
        f"copy (select {_COLUMNS} from"
        " (select r.*, coalesce(c.advice, k.advice) as advice from refused as r"
        " left join advice as c on c.what = 'codes' and c.name = r.code"
        " left join advice as k on k.what = 'classes' and k.name = r.class)"
        f" order by step, key) to {text(listed)} (format parquet)"
    )
    con.execute("drop table refused")
    file = reports / "rejects.csv"
    file.unlink(missing_ok=True)
    if con.execute("select 1 from read_parquet(?) limit 1", [str(listed)]).fetchone():
        reports.mkdir(mode=0o700, exist_ok=True)
        write_query(con, f"select {_COLUMNS} from read_parquet({text(listed)})", file)


def tally(con: duckdb.DuckDBPyConnection, finished: Sequence[RunProgress]) -> Tally:
    """What these runs of one org, one after the other, sent, and which refusals stand; `con` has
    the manifest open."""
    sent_by = {p.run: sum(step.rows for step in p.steps) for p in finished}
    for earlier, later in pairwise(finished):
        sent_by[later.run] -= _sent_again(con, earlier, later)
    sent = sum(sent_by.values())
    lists = {str(p.folder / LIST): p.run for p in finished if (p.folder / LIST).exists()}
    if not lists:
        return Tally(sent, 0, [], sent_by, {})
    # A run's folder sorts by its age.
    found = con.execute(
        "select l.first, l.code, l.rule, count(*), any_value(l.advice)"
        " from (select distinct on (step, key) *, min(filename) over (partition by step, key)"
        " as first from read_parquet(?, filename = true)"
        " order by step, key, filename desc) as l"
        " join records as r on r.org = ? and r.step = l.step and r.key = l.key"
        " where case when l.class = 'delete' then r.action <> 'deleted'"
        " else r.action = 'rejected' end group by all",
        [list(lists), finished[-1].org],
    ).fetchall()
    refused: dict[tuple[str, str | None], Refusal] = {}
    rejected_by: dict[str, int] = dict.fromkeys(lists.values(), 0)
    for first, code, rule, number, advice in found:
        before = refused.get((code, rule))
        whole = number + (before.number if before else 0)
        refused[code, rule] = Refusal(code, rule, whole, advice)
        rejected_by[lists[first]] += number
    in_order = sorted(refused.values(), key=lambda r: (-r.number, r.code, r.rule or ""))
    return Tally(sent, sum(rejected_by.values()), in_order, sent_by, rejected_by)


def _sent_again(con: duckdb.DuckDBPyConnection, earlier: RunProgress, later: RunProgress) -> int:
    """How many rows of a run a later one sent once more."""
    number = 0
    for step in later.steps:
        first, second = (p.folder / f"{step.step}.parquet" for p in (earlier, later))
        if first.exists() and second.exists():
            row = con.execute(
                "select count(*) from read_parquet(?) where _key in"
                " (select _key from read_parquet(?))",
                [str(second), str(first)],
            ).fetchone()
            number += row[0] if row else 0
    return number


def standing(con: duckdb.DuckDBPyConnection, org: str) -> list[Refusal]:
    """What the org refuses still, whichever run tried last, by code, the most frequent first."""
    _stage_advice(con)
    found = con.execute(
        "select r.code, null, count(*), any_value(coalesce(c.advice, k.advice)) from records as r"
        " left join advice as c on c.what = 'codes' and c.name = r.code"
        " left join advice as k on k.what = 'classes' and k.name = r.class"
        " where r.org = ? and r.action = 'rejected' group by 1 order by 3 desc, 1",
        [org],
    ).fetchall()
    return [Refusal(*each) for each in found]


def _of_step(plan: StepPlan, folder: Path) -> str:
    rules = "(select null::varchar as key, null::varchar as rule where false)"
    if any(folder.glob("job-*.rules.parquet")):
        files = text(folder / "job-*.rules.parquet")
        rules = f"(select key, any_value(rule) as rule from read_parquet({files}) group by 1)"
    return (
        f"select {text(plan.name)} as step, {text(plan.object)} as object, r.key, r.code, r.class,"
        " r.fields, f._practice as practice, f._file as file, f._line as line,"
        " case when r.class = 'duplicate' then d.rule end as rule"
        " from (select * from records where org = $org and run = $run and action = 'rejected'"
        f" and step = {text(plan.name)}) as r left join"
        f" read_parquet({text(folder / f'{plan.name}.parquet')}) as f on f._key = r.key"
        f" left join {rules} as d on d.key = r.key"
    )


def _of_delete(record: Superseded, code: str) -> str:
    return (
        f"select {text(record.step)} as step, {text(record.object)} as object,"
        f" {text(record.key)} as key, {text(code)} as code, 'delete' as class,"
        " null::varchar as fields, null::varchar as practice, null::varchar as file,"
        " null::bigint as line, null::varchar as rule"
    )


def _stage_advice(con: duckdb.DuckDBPyConnection) -> None:
    said: dict[str, dict[str, Any]] = yaml.safe_load(_ADVICE.read_text(encoding="utf-8"))
    rows = [(what, name, advice) for what, of in said.items() for name, advice in of.items()]
    con.execute("create or replace temp table advice (what varchar, name varchar, advice varchar)")
    con.executemany("insert into advice values (?, ?, ?)", rows)
