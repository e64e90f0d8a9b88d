"""manifest.duckdb: what we know we did, per org; written before the act, one transaction a step.

Nothing else writes it. A table without an index is enough: rows are replaced in sets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.salesforce.ledger.changes import Slice
from loaders.salesforce.ledger.results import error_class
from loaders.salesforce.ledger.sql import text

_TABLES = """
create table if not exists runs (
    run varchar, org varchar, started_at timestamptz, finished_at timestamptz, state varchar
);
create table if not exists steps (
    run varchar, step varchar, position integer, state varchar, file varchar
);
create table if not exists jobs (
    run varchar, step varchar, number integer, round integer, file varchar, kind varchar,
    first_row bigint, last_row bigint, state varchar, job varchar, taken bigint, refused bigint,
    moved_at timestamptz
);
create table if not exists records (
    org varchar, step varchar, key varchar, id varchar, action varchar, row_hash varchar,
    code varchar, class varchar, fields varchar, run varchar, job varchar, moved_at timestamptz
);
create table if not exists created (
    org varchar, step varchar, key varchar, id varchar, run varchar
);
create table if not exists kept (org varchar, step varchar, key varchar, fields varchar[]);
create table if not exists files (
    org varchar, step varchar, key varchar, id varchar, document varchar, location varchar,
    sha256 varchar, md5 varchar, bytes bigint, before_id varchar, run varchar, state varchar
);
create table if not exists merges (org varchar, merged_key varchar, survivor_key varchar);
"""

# A run ends as one of these; in any other state it can be carried on.
ENDED = ("done", "failed")


@dataclass(frozen=True)
class Job:
    """One job of a run: the rows it sends and how far it is.

    States: intent, created, uploaded, closed, done, saved.
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

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing."""
        self.con.execute("begin")
        try:
            yield
        except BaseException:
            self.con.execute("rollback")
            raise
        self.con.execute("commit")

    def open_run(self, org: str) -> str | None:
        """The org's run that was begun and never ended."""
        row = self.con.execute(
            "select run from runs where org = ? and state not in ('done', 'failed')"
            " order by started_at desc limit 1",
            [org],
        ).fetchone()
        return str(row[0]) if row else None

    def begin_run(self, run: str, org: str, steps: list[str]) -> None:
        """Records a run whose rows are frozen."""
        with self.transaction():
            self.con.execute(
                "insert into runs values (?, ?, current_timestamp, null, 'running')", [run, org]
            )
            for position, step in enumerate(steps):
                self.con.execute(
                    "insert into steps values (?, ?, ?, 'frozen', null)", [run, step, position]
                )

    def end_run(self, run: str, state: str) -> None:
        """Records how a run ended."""
        self.con.execute(
            "update runs set state = ?, finished_at = current_timestamp where run = ?",
            [state, run],
        )

    def step_state(self, run: str, step: str) -> tuple[str, str | None]:
        """A step's state (frozen, ready, sent) and the file its rows are sent from."""
        row = self.con.execute(
            "select state, file from steps where run = ? and step = ?", [run, step]
        ).fetchone()
        return (str(row[0]), row[1]) if row else ("frozen", None)

    def set_step(self, run: str, step: str, state: str, file: str | None = None) -> None:
        """Moves a step on."""
        self.con.execute(
            "update steps set state = ?, file = coalesce(?, file) where run = ? and step = ?",
            [state, file, run, step],
        )

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
                    " (?, ?, ?, ?, ?, ?, ?, ?, 'intent', null, null, null, current_timestamp)",
                    [
                        *(run, step, number, round_),
                        *(part.file, part.kind, part.first, part.last),
                    ],
                )
        return self.jobs(run, step, round_)

    def set_job(self, job: Job, state: str, job_id: str | None) -> Job:
        """Moves a job on."""
        self.con.execute(
            "update jobs set state = ?, job = ?, moved_at = current_timestamp"
            " where run = ? and number = ?",
            [state, job_id, job.run, job.number],
        )
        return Job(job.run, job.step, job.number, job.round, job.part, state, job_id)

    def save_outcomes(self, job: Job, org: str, folder: Path, *, filed: bool = False) -> None:
        """Records what became of a job's rows, from the temporary table `outcome`.

        A refused row keeps the Id and hash the org took before: it counts as changed still. Of
        files, those in the temporary table `filed` are noted with their document and bytes.
        """
        with self.transaction():
            self.con.execute(
                f"""
                create or replace temp table replacing as
                select
                    o.key,
                    coalesce(o.id, r.id) as id,
                    case
                        when not o.taken then 'rejected'
                        when ? = 'adopt' then 'adopted'
                        when o.created then 'created'
                        else 'updated'
                    end as action,
                    case when o.taken then o.hash else r.row_hash end as row_hash,
                    o.code,
                    {error_class()} as class,
                    o.fields
                from outcome as o
                left join (
                    select * from records where org = ? and step = ? and action <> 'deleted'
                ) as r on r.key = o.key
                """,
                [job.part.kind, org, job.step],
            )
            self.con.execute(
                "delete from records where org = ? and step = ?"
                " and key in (select key from replacing)",
                [org, job.step],
            )
            self.con.execute(
                "insert into records select ?, ?, key, id, action, row_hash, code, class, fields,"
                " ?, ?, current_timestamp from replacing",
                [org, job.step, job.run, job.id],
            )
            # What a record's later updates hide: that it is ours to take away.
            self.con.execute(
                "insert into created select ?, ?, key, id, ? from replacing"
                " where action = 'created'",
                [org, job.step, job.run],
            )
            if job.part.kind == "adopt":
                self._remember_kept(job, org, folder)
            if filed:
                self.con.execute(
                    "update files set id = n.id, document = n.document, location = n.location,"
                    " sha256 = n.sha256, md5 = n.md5, bytes = n.bytes, state = 'done'"
                    " from filed as n where files.org = ? and files.step = ?"
                    " and files.key = n.key",
                    [org, job.step],
                )
            self.con.execute(
                "update jobs set state = 'saved', moved_at = current_timestamp,"
                " taken = (select count(*) filter (where taken) from outcome),"
                " refused = (select count(*) filter (where not taken) from outcome)"
                " where run = ? and number = ?",
                [job.run, job.number],
            )

    def intend_files(self, job: Job, org: str) -> None:
        """Records that files are about to be sent, from the temporary table `intended`: each key,
        and the version that bore it before this run."""
        with self.transaction():
            self.con.execute(
                "create or replace temp table intending as select f.key, r.id, r.document,"
                " r.location, r.sha256, r.md5, r.bytes, f.before_id from intended as f"
                " left join (select * from files where org = ? and step = ?) as r"
                " on r.key = f.key",
                [org, job.step],
            )
            self.con.execute(
                "delete from files where org = ? and step = ?"
                " and key in (select key from intending)",
                [org, job.step],
            )
            self.con.execute(
                "insert into files select ?, ?, *, ?, 'intent' from intending",
                [org, job.step, job.run],
            )

    def _remember_kept(self, job: Job, org: str, folder: Path) -> None:
        adopted = "select key from replacing where action = 'adopted'"
        self.con.execute(
            f"delete from kept where org = ? and step = ? and key in ({adopted})", [org, job.step]
        )
        self.con.execute(
            f"insert into kept select ?, ?, _key, _kept"
            f" from read_parquet({text(folder / job.part.file)})"
            f" where len(_kept) > 0 and _key in ({adopted})",
            [org, job.step],
        )

    def save_deleted(self, org: str, step: str, run: str, keys: list[str]) -> None:
        """Records that a step's records of these keys are deleted in the org."""
        self.con.execute(
            "update records set action = 'deleted', row_hash = null, code = null, class = null,"
            " fields = null, job = null, run = ?, moved_at = current_timestamp"
            " where org = ? and step = ? and list_contains(?::varchar[], key)",
            [run, org, step, keys],
        )

    def deleted(self, run: str) -> int:
        """How many records a run deleted."""
        row = self.con.execute(
            "select count(*) from records where run = ? and action = 'deleted'", [run]
        ).fetchone()
        return int(row[0]) if row else 0

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
def open_manifest(file: Path, spill: Path, *, read_only: bool = False) -> Iterator[Manifest]:
    """Opens the manifest, made where it is absent.

    Raises UserError where another process holds it.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "500MB",
        "threads": 2,
        "temp_directory": str(spill),
        # What is committed is on disk in the log; folding it in after every job costs more.
        "checkpoint_threshold": "64MB",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        con = duckdb.connect(str(file), read_only=read_only, config=settings)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise UserError(
            f"{file} is open in another process.",
            "Another load-sf is at work, or a database viewer: close it, then try again.",
        ) from None
    try:
        con.execute("set timezone = 'UTC'")
        if not read_only:
            con.execute(_TABLES)
            file.chmod(0o600)
        yield Manifest(con)
    finally:
        con.close()
