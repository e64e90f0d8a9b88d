"""manifest.duckdb: what we know we did, per org; written before the act, one transaction a step.

Runs, their steps and jobs are moved on here, what became of records in `outcomes`; each move is a
line of the audit log. Nothing else writes it. A table without an index is enough: rows are
replaced in sets. `replaced` and `replaced_files` keep, for each record that a run changed, what was
known before it; `undone` what rollbacks did. A job's `org_time` is the org's own: when it was made,
and, once it is saved, when the org was through with it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import UserError
from loaders.salesforce.ledger import approvals, audit, damage, records_files
from loaders.salesforce.ledger.audit import AuditLog
from loaders.salesforce.ledger.changes import Slice
from loaders.salesforce.ledger.records_files import Facts
from loaders.salesforce.ledger.sql import text

_TABLES = """
create table if not exists runs (
    run varchar, org varchar, kind varchar, user_id varchar, started_at timestamptz,
    finished_at timestamptz, state varchar, of_run varchar
);
create table if not exists steps (
    run varchar, step varchar, position integer, state varchar, file varchar
);
create table if not exists jobs (
    run varchar, step varchar, number integer, round integer, file varchar, kind varchar,
    first_row bigint, last_row bigint, state varchar, job varchar, taken bigint, refused bigint,
    moved_at timestamptz, org_time timestamptz
);
create table if not exists records (
    org varchar, step varchar, key varchar, id varchar, action varchar, row_hash varchar,
    code varchar, class varchar, fields varchar, run varchar, job varchar, moved_at timestamptz
);
create table if not exists replaced as select *, null::varchar as by_run from records where false;
create table if not exists created (
    org varchar, step varchar, key varchar, id varchar, run varchar
);
create table if not exists kept (org varchar, step varchar, key varchar, fields varchar[]);
create table if not exists files (
    org varchar, step varchar, key varchar, id varchar, document varchar, location varchar,
    sha256 varchar, md5 varchar, bytes bigint, before_id varchar, run varchar, state varchar
);
create table if not exists replaced_files as
    select *, null::varchar as by_run from files where false;
create table if not exists merges (org varchar, merged_key varchar, survivor_key varchar);
create table if not exists undone (
    org varchar, run varchar, of_run varchar, step varchar, key varchar, id varchar,
    new_id varchar, what varchar, code varchar, job varchar, moved_at timestamptz
);
create table if not exists commands (number bigint);
"""

LITTLE = "92MB"
"""What DuckDB needs for 100,000 rows of one mart, so that ten times as many need no more."""
MUCH = "500MB"
"""What is given to statements over more than a mart, however much they take of it."""
_MB_A_MART, _MOST_MB = 16, 500
# Below LITTLE: what is held for reading makes room for what is folded in at the end.
_TO_CLOSE = "72MB"

# A run ends as one of these; in any other state it can be carried on.
ENDED = ("done", "failed", "rolled back")


class Held(UserError):
    """Another process has the manifest open."""


@dataclass(frozen=True)
class Job:
    """One job of a run: the rows it sends and how far it is.

    States: intent, created, uploaded, closed, done, saved; of rows that go without a Bulk
    job intent, sending, saved; given up, where a run that is rolled
    back never sent it.
    """

    run: str
    step: str
    number: int
    round: int
    part: Slice
    state: str
    id: str | None


@dataclass(frozen=True)
class Manifest:
    """The open manifest. `con` is DuckDB's, with the manifest as its own database."""

    con: duckdb.DuckDBPyConnection
    log: AuditLog

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing; what was noted in it is in the audit log afterwards."""
        before = self.log.number, self.log.last
        self.con.execute("begin")
        try:
            yield
            self.con.execute("commit")
        except BaseException:
            self.log.forget(*before)
            # A commit that failed, for want of space, has rolled back already.
            with suppress(duckdb.Error):
                self.con.execute("rollback")
            raise
        self.log.flush()

    def room_for(self, marts: int) -> None:
        """Lets DuckDB take what statements over so many marts at once need, whatever the number of
        their rows."""
        most = min(int(LITTLE.removesuffix("MB")) + _MB_A_MART * marts, _MOST_MB)
        self.limit(f"{most}MB")

    def limit(self, memory: str) -> None:
        """Lets DuckDB take so much memory. What BRIDGEWORK_MEMORY says stands."""
        if "BRIDGEWORK_MEMORY" not in os.environ:
            self.con.execute(f"set memory_limit = '{memory}'")

    def note(self, event: str, **facts: Any) -> None:
        """Adds a line to the audit log that tells of no change here."""
        with self.transaction():
            self.log.note(event, **facts)

    def folder(self, run: str) -> Path:
        """Where a run's files are."""
        return self.log.file.parent / "runs" / run

    def open_run(self, org: str) -> str | None:
        """The org's run that was begun and never ended."""
        row = self.con.execute(
            "select run from runs where org = ? and not list_contains(?, state)"
            " order by run desc limit 1",
            [org, list(ENDED)],
        ).fetchone()
        return str(row[0]) if row else None

    def newest_run(self) -> str:
        """The run that was begun last, whatever its org; empty before the first."""
        row = self.con.execute("select coalesce(max(run), '') from runs").fetchone()
        return str(row[0]) if row else ""

    def kind(self, run: str) -> str:
        """What a run is: run, sample or rollback."""
        row = self.con.execute("select kind from runs where run = ?", [run]).fetchone()
        return str(row[0]) if row else ""

    def begin_run(
        self,
        run: str,
        org: str,
        user: str,
        steps: list[str],
        kind: str = "run",
        of_run: str | None = None,
        left: Sequence[Facts] = (),
    ) -> None:
        """Records a run whose rows are frozen. `user` is the Id of who is logged in; `kind` is
        run, sample or rollback, `of_run` the run that a rollback undoes; `left` says of each step
        which records no job will take."""
        with self.transaction():
            self.con.execute(
                "insert into runs values (?, ?, ?, ?, current_timestamp, null, 'running', ?)",
                [run, org, kind, user, of_run],
            )
            about = {"user": user, "steps": steps} | ({"undoes": of_run} if of_run else {})
            self.log.note("run begun", org=org, run=run, kind=kind, **about)
            for position, step in enumerate(steps):
                self.con.execute(
                    "insert into steps values (?, ?, ?, 'frozen', null)", [run, step, position]
                )
            for facts in left:
                self.log.note("records left", run=run, **facts)

    def end_run(self, run: str, state: str) -> None:
        """Records how a run ended; with the list of what the org refused, where it wrote one."""
        rejects = self.folder(run) / "rejects.parquet"
        listed = {"rejects": records_files.noted(self.con, rejects)} if rejects.exists() else {}
        with self.transaction():
            self.con.execute(
                "update runs set state = ?, finished_at = current_timestamp where run = ?",
                [state, run],
            )
            self.log.note("run ended", run=run, state=state, **listed)

    def step_state(self, run: str, step: str) -> tuple[str, str | None]:
        """A step's state (frozen, ready, sent) and the file its rows are sent from."""
        row = self.con.execute(
            "select state, file from steps where run = ? and step = ?", [run, step]
        ).fetchone()
        return (str(row[0]), row[1]) if row else ("frozen", None)

    def set_step(
        self, run: str, step: str, state: str, file: str | None = None, left: Facts | None = None
    ) -> None:
        """Moves a step on. `left` says which of its frozen rows no job will take."""
        with self.transaction():
            self.con.execute(
                "update steps set state = ?, file = coalesce(?, file) where run = ? and step = ?",
                [state, file, run, step],
            )
            self.log.note("step", run=run, step=step, state=state, **(left or {}))

    def jobs(self, run: str, step: str, round_: int) -> list[Job]:
        """A round's jobs, in order."""
        rows = self.con.execute(
            "select number, file, kind, first_row, last_row, state, job from jobs"
            " where run = ? and step = ? and round = ? order by number",
            [run, step, round_],
        ).fetchall()
        return [
            Job(run, step, r[0], round_, Slice(r[1], r[2], r[3], r[4]), r[5], r[6]) for r in rows
        ]

    def next_round(self, run: str, step: str) -> int:
        """The number of a step's next round."""
        row = self.con.execute(
            "select coalesce(max(round) + 1, 0) from jobs where run = ? and step = ?", [run, step]
        ).fetchone()
        return int(row[0]) if row else 0

    def unsaved(self, run: str, step: str) -> list[Job]:
        """A step's jobs whose results are not saved yet, in order."""
        rows = self.con.execute(
            "select distinct round from jobs where run = ? and step = ?"
            " and state not in ('saved', 'given up') order by 1",
            [run, step],
        ).fetchall()
        return [
            job
            for (round_,) in rows
            for job in self.jobs(run, step, round_)
            if job.state not in ("saved", "given up")
        ]

    def intend(self, run: str, step: str, round_: int, parts: list[Slice]) -> list[Job]:
        """Records the jobs of a round before the first of them is made."""
        row = self.con.execute(
            "select coalesce(max(number), 0) from jobs where run = ?", [run]
        ).fetchone()
        after = int(row[0]) if row else 0
        with self.transaction():
            for number, part in enumerate(parts, after + 1):
                self.con.execute(
                    "insert into jobs values"
                    " (?, ?, ?, ?, ?, ?, ?, ?, 'intent', null, null, null, current_timestamp,"
                    " null)",
                    [
                        *(run, step, number, round_),
                        *(part.file, part.kind, part.first, part.last),
                    ],
                )
                self.log.note(
                    "job intended", run=run, step=step, job=number, kind=part.kind, rows=part.rows
                )
        return self.jobs(run, step, round_)

    def set_job(self, job: Job, state: str, job_id: str | None, made: str | None = None) -> Job:
        """Moves a job on; `made` is when the org made it, by its own clock."""
        with self.transaction():
            self.con.execute(
                "update jobs set state = ?, job = ?, moved_at = current_timestamp,"
                " org_time = coalesce(try_cast(? as timestamptz), org_time)"
                " where run = ? and number = ?",
                [state, job_id, made, job.run, job.number],
            )
            self.log.note(f"job {state}", run=job.run, step=job.step, job=job.number, id=job_id)
        return Job(job.run, job.step, job.number, job.round, job.part, state, job_id)

    def made(self, job: Job) -> str:
        """When the org made a job that is not saved, by its own clock, in UTC to the second; empty
        where it did not say."""
        row = self.con.execute(
            "select strftime(org_time, '%Y-%m-%dT%H:%M:%S') from jobs where run = ? and number = ?",
            [job.run, job.number],
        ).fetchone()
        return str(row[0] or "") if row else ""

    def bytes_sent(self, org: str, step: str, run: str) -> int:
        """How many bytes of files a run brought in."""
        row = self.con.execute(
            "select coalesce(sum(bytes), 0) from files"
            " where org = ? and step = ? and run = ? and state = 'done'",
            [org, step, run],
        ).fetchone()
        return int(row[0]) if row else 0

    def refused(self, org: str, run: str, classes: tuple[str, ...], step: str) -> int:
        """How many of a step's rows a run was refused, of these classes."""
        row = self.con.execute(f"select count(*) from ({refused_keys(classes)})", [org, step, run])
        found = row.fetchone()
        return int(found[0]) if found else 0

    def remember_merges(self, org: str, pairs: str) -> None:
        """Keeps the merges whose survivor is loaded. `pairs` gives merged_key, survivor_key."""
        with self.transaction():
            self.con.execute(
                "create or replace temp table loaded_merges as"
                f" select distinct merged_key, survivor_key from ({pairs}) where survivor_key in"
                " (select key from records where org = ? and id is not null)",
                [org],
            )
            self.con.execute(
                "delete from merges where org = ?"
                " and merged_key in (select merged_key from loaded_merges)",
                [org],
            )
            self.con.execute("insert into merges select ?, * from loaded_merges", [org])


def refused_keys(classes: tuple[str, ...]) -> str:
    """A query of the keys a run was refused; takes the parameters org, step, run."""
    listed = ", ".join(text(c) for c in classes)
    return (
        "select key from records where org = ? and step = ? and run = ?"
        f" and action = 'rejected' and class in ({listed})"
    )


@contextmanager
def open_manifest(
    file: Path, spill: Path, *, read_only: bool = False, memory: str = MUCH
) -> Iterator[Manifest]:
    """Opens the manifest, made where it is absent. DuckDB takes so much memory and no more, or what
    BRIDGEWORK_MEMORY says; what does not fit goes into `spill`.

    Raises Held where another process has it open, UserError where it is damaged: also while it is
    in use, by whatever reads the block that is.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": os.environ.get("BRIDGEWORK_MEMORY", memory),
        "threads": 2,
        "temp_directory": str(spill),
        # What is committed is on disk in the log; folding it in after every job costs more.
        "checkpoint_threshold": "64MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        con = duckdb.connect(str(file), read_only=read_only, config=settings)
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise Held(
                f"{file} is open in another process.",
                "Another load-sf is at work, or a database viewer: close it, then try again.",
            ) from None
        if damaged := damage.at_opening(file, error):
            raise damaged from None
        raise
    try:
        con.execute("set timezone = 'UTC'")
        log = AuditLog(con, file.parent / "audit.jsonl")
        if not read_only:
            con.execute(_TABLES + audit.TABLE + approvals.TABLE)
            file.chmod(0o600)
            log.open()
        yield Manifest(con, log)
    except duckdb.Error as error:
        if damaged := damage.at_work(file, error):
            raise damaged from None
        raise
    finally:
        if "BRIDGEWORK_MEMORY" not in os.environ:
            with suppress(duckdb.Error):
                con.execute(f"set memory_limit = '{_TO_CLOSE}'")
        con.close()
