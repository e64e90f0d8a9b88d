"""Carries a frozen run to its end, from wherever it is: its steps, their rounds, their jobs."""

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import zip_longest
from pathlib import Path

import duckdb

from loaders.salesforce.api import collections
from loaders.salesforce.api.bulk import JobInfo
from loaders.salesforce.api.errors import STOPS, Stopped
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands import before
from loaders.salesforce.commands.carrying import Carrier, JobRefused, Load
from loaders.salesforce.commands.correcting import Corrections
from loaders.salesforce.commands.looking_up import look_up
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.commands.uploading import Uploads
from loaders.salesforce.ledger import changes, outcomes, rollbacks, untouched
from loaders.salesforce.ledger.manifest import Job, Manifest, refused_keys
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import text

_LOCK_ROUNDS = 3
# Rows that a duplicate rule refused are sent once more, to be let pass; rows that missed their
# parent get their second chance when all are in, and meet duplicate rules in turn.
_DUPLICATES, _LAST_ROUND, _LAST_DUPLICATES = 8, 9, 10


@dataclass(frozen=True)
class Sender:
    """What sending needs."""

    org: Org
    org_id: str
    manifest: Manifest
    home: Path
    folder: Path
    run: str
    plans: tuple[StepPlan, ...]
    progress: RunProgress
    polling: Polling

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """DuckDB, with the manifest open."""
        return self.manifest.con

    def send(self) -> None:
        """Sends every step, parents first; at the end, once more, rows that missed a parent."""
        try:
            self._remove_csvs()
            self._send()
        finally:
            self._remove_csvs()

    def _remove_csvs(self) -> None:
        """Rows on their way and results are patients' data, made anew where they are needed: none
        outlives the process, and what one that was killed has left goes first."""
        for left in self.folder.glob("*.csv"):
            left.unlink()

    def _send(self) -> None:
        for plan in self.plans:
            if self.manifest.step_state(self.run, plan.name)[0] == "sent":
                continue
            self.progress.begin(plan.name)
            self._step(plan)
            self.manifest.set_step(self.run, plan.name, "sent")
            self._count(plan)
            self.progress.done(plan.name)
        for plan in self.plans:
            if self._round(plan, _LAST_ROUND, ("parent",)):
                self._round(plan, _LAST_DUPLICATES, ("duplicate",))
            self._count(plan)
        self.progress.save()

    def _step(self, plan: StepPlan) -> None:
        if self.manifest.step_state(self.run, plan.name)[0] == "frozen":
            frozen = self.folder / f"{plan.name}.parquet"
            adoptable = self._adoptable(plan, frozen)
            ready = changes.prepare(self.con, plan, self.org_id, frozen, adoptable)
            waiting = None
            if plan.is_update:
                waiting = untouched.waiting(self.con, plan.name, self.folder, frozen, ready)
            self.manifest.set_step(self.run, plan.name, "ready", ready.name, waiting)
        for round_ in range(_LOCK_ROUNDS + 1):
            if not self._round(plan, round_, ("again", "stop")):
                break
        self._round(plan, _DUPLICATES, ("duplicate",))

    def _round(self, plan: StepPlan, round_: int, classes: tuple[str, ...]) -> bool:
        """Sends a round's jobs; False where it has none."""
        jobs = self.manifest.jobs(self.run, plan.name, round_)
        resumed = bool(jobs)
        if not jobs:
            file = self._file(plan, round_, classes)
            if file is None:
                return False
            parts = list(changes.split(self.con, file, *_most(plan, round_)))
            jobs = self.manifest.intend(self.run, plan.name, round_, parts)
            if 0 < round_ <= _LOCK_ROUNDS:
                # Whoever held the parent's lock needs a moment to let go of it.
                self.org.clock.sleep(0.5 * round_)
        self._jobs(plan, [job for job in jobs if job.state != "saved"], resumed)
        return bool(jobs)

    def _jobs(self, plan: StepPlan, jobs: list[Job], resumed: bool) -> None:
        """Takes jobs from wherever they are to their saved results, one at a time at the org.
        While it works at one, the results of the one before are saved, and the next one's CSV is
        written."""
        through: tuple[Job, JobInfo] | None = None
        for job, following in zip_longest(jobs, jobs[1:]):
            if not self._is_bulk(plan, job):
                self._save_through(plan, through)
                through = None
                self._small_job(plan, job)
                self._saved(plan)
                continue
            try:
                sent = self._carrier.send(job, self._load(plan, job), resumed)
            except JobRefused:
                # The run ends with it: nobody would come back for these.
                self._save_through(plan, through)
                raise
            self._save_through(plan, through)
            if following and following.state == "intent" and self._is_bulk(plan, following):
                self._carrier.write(following, self._load(plan, following))
            through = self._carrier.finish(sent, partial(self._working, plan))
        self._save_through(plan, through)

    def _file(self, plan: StepPlan, round_: int, classes: tuple[str, ...]) -> Path | None:
        source = self.manifest.step_state(self.run, plan.name)[1]
        if source is None:
            return None
        if round_ == 0:
            return self.folder / source
        if not self.manifest.refused(self.org_id, self.run, classes, plan.name):
            return None
        file = self.folder / f"{plan.name}.round-{round_}.parquet"
        params = [self.org_id, plan.name, self.run]
        changes.again(self.con, self.folder / source, refused_keys(classes), params, file)
        return file

    def _save_through(self, plan: StepPlan, through: tuple[Job, JobInfo] | None) -> None:
        if through:
            self._save(plan, *through)
            self._saved(plan)

    def _saved(self, plan: StepPlan) -> None:
        self._count(plan)
        self.progress.save()

    def _is_bulk(self, plan: StepPlan, job: Job) -> bool:
        """Whether a job goes by Bulk API, not as files nor as a small correction."""
        small = self._is_let_pass(job) or self._corrections.takes(plan, job)
        return not (plan.binary or small)

    def _small_job(self, plan: StepPlan, job: Job) -> None:
        """Takes one job that is no Bulk job from wherever it is to its saved outcomes."""
        if plan.binary:
            self._uploads(plan).job(plan, job)
        else:
            self._corrections.job(plan, job, allow_duplicates=self._is_let_pass(job))
        self._stop_where_full()

    def _load(self, plan: StepPlan, job: Job) -> Load:
        by_id = job.part.kind in ("adopt", "update")
        return Load(
            plan.object,
            "update" if by_id else "upsert",
            None if by_id else plan.external_id,
            lambda csv: changes.write_csv(self.con, plan, job.part, self.folder, csv),
        )

    def _working(self, plan: StepPlan, rows: int) -> None:
        """Shows that so many rows of a job are through, beside those of the jobs before it."""
        step = self.progress.step(plan.name)
        self.progress.working(plan.name, step.created + step.updated + step.adopted + rows)

    def settle(self) -> None:
        """Sends nothing more of a run that broke off; saves what became of what was sent."""
        try:
            self._settle()
        finally:
            self._remove_csvs()

    def _settle(self) -> None:
        for plan in self.plans:
            for job in self.manifest.unsaved(self.run, plan.name):
                if plan.binary:
                    self._uploads(plan).settle(plan, job)
                    continue
                job = self._carrier.found(job)
                try:
                    # Of what was being sent nobody knows what arrived: once more says the same.
                    if job.state in ("closed", "done", "sending"):
                        self._jobs(plan, [job], resumed=True)
                    else:
                        self.manifest.set_job(job, "given up", job.id)
                except JobRefused:
                    self.manifest.set_job(job, "given up", job.id)
                except Stopped:
                    # That a limit refused rows stops no undoing, once their results are saved.
                    left = self.manifest.unsaved(self.run, plan.name)
                    if any(o.number == job.number and o.state != "intent" for o in left):
                        raise

    @cached_property
    def _carrier(self) -> Carrier:
        return Carrier(self.org, self.manifest, self.folder, self.polling)

    @cached_property
    def _corrections(self) -> Corrections:
        return Corrections(self.org, self.org_id, self.manifest, self.folder)

    def _is_let_pass(self, job: Job) -> bool:
        return job.round in (_DUPLICATES, _LAST_DUPLICATES)

    def _uploads(self, plan: StepPlan) -> Uploads:
        step = self.progress.step(plan.name)
        rows, sent = step.created + step.updated, step.bytes_sent

        def working(count: int, size: int) -> None:
            step.bytes_sent = sent + size
            self.progress.working(plan.name, rows + count)

        return Uploads(self.org, self.org_id, self.manifest, self.folder, self.home, working)

    def _save(self, plan: StepPlan, job: Job, info: JobInfo) -> None:
        match = "Id" if job.part.kind == "update" else plan.external_id
        sent = (
            "select _key as key, _id as id, _hash as hash"
            f" from read_parquet({text(self.folder / job.part.file)}, file_row_number = true)"
            f" where file_row_number between {job.part.first} and {job.part.last}"
        )
        files, is_whole = self._carrier.outcomes(job, match, sent, info)
        at = info.modified
        if not is_whole:
            users = rollbacks.users(self.manifest, self.org_id)
            at = look_up(self.org, self.con, plan, info, self.folder, users)
        outcomes.save(self.manifest, plan, job, self.org_id, self.folder, at=at)
        files.remove()
        self._stop_where_full()
        if info.error.partition(":")[0].strip().upper() in STOPS:
            raise Stopped(info.error.partition(":")[0].strip())

    def _stop_where_full(self) -> None:
        """Raises Stopped where a limit refused some of the rows just saved."""
        stopped = self.con.execute(
            "select min(code) from replacing where class = 'stop'"
        ).fetchone()
        if stopped and stopped[0]:
            raise Stopped(str(stopped[0]))

    def _adoptable(self, plan: StepPlan, frozen: Path) -> Path | None:
        """Keeps what the step's rows will change, and gives it where some take records over."""
        reader = before.Reader(self.org, self.con, self.folder / "before")
        kept = before.save(reader, self.manifest, self.org_id, self.run, plan, frozen)
        return kept if not plan.is_update and changes.to_adopt(self.con, frozen) else None

    def _count(self, plan: StepPlan) -> None:
        """Brings the step's counts up to the manifest's."""
        step = self.progress.step(plan.name)
        counted = self.con.execute(
            "select action, count(*) from records where org = ? and step = ? and run = ?"
            " group by 1",
            [self.org_id, plan.name, self.run],
        ).fetchall()
        counts = {"created": 0, "updated": 0, "adopted": 0, "rejected": 0} | dict(counted)
        for action, count in counts.items():
            setattr(step, action, count)
        row = self.con.execute(
            "select coalesce(sum(last_row - first_row + 1) filter (where round = 0), 0), count(*)"
            " from jobs where run = ? and step = ?",
            [self.run, plan.name],
        ).fetchone()
        intended, step.jobs = row or (0, 0)
        if self.manifest.step_state(self.run, plan.name)[0] != "frozen":
            step.unsent = step.rows - intended
        if plan.binary:
            step.bytes_sent = self.manifest.bytes_sent(self.org_id, plan.name, self.run)


def _most(plan: StepPlan, round_: int) -> tuple[int, int]:
    """How many rows and bytes a job of a round has at most."""
    if plan.binary:
        return changes.MAX_FILES, changes.MAX_BYTES
    if round_ in (_DUPLICATES, _LAST_DUPLICATES):
        return collections.MOST, collections.MOST_BYTES
    return changes.MAX_ROWS, changes.MAX_BYTES
