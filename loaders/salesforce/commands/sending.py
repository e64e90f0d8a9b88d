"""Carries a frozen run to its end, from wherever it is: the run loop and the life of a job.

Every move is recorded before the next: a job is intended, created, uploaded, closed, done,
saved. A run that died goes on from the record, and what the record cannot know it asks the org.
"""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.salesforce.api import bulk
from loaders.salesforce.api.errors import STOPS, Refused, Stopped
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.looking_up import look_up
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.commands.uploading import Uploads
from loaders.salesforce.ledger import changes, outcomes, results
from loaders.salesforce.ledger.manifest import Job, Manifest, refused_keys
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import text

_LOCK_ROUNDS = 3
# The round in which rows that missed their parent get their second chance.
_LAST_ROUND = 9
_STARTS = 5
_DOWNLOADS = 3
_IDS_A_QUERY = 2_000


class JobRefused(UserError):
    """The org took none of a job: its header or file is wrong, so every further one will be."""


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
    # Seconds a row that a step's last job took.
    pace: dict[str, float] = field(default_factory=dict)

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
            self._round(plan, _LAST_ROUND, ("parent",))
            self._count(plan)
        self.progress.save()

    def _step(self, plan: StepPlan) -> None:
        if self.manifest.step_state(self.run, plan.name)[0] == "frozen":
            frozen = self.folder / f"{plan.name}.parquet"
            before = self._before(plan, frozen)
            ready = changes.prepare(self.con, plan, self.org_id, frozen, before)
            self.manifest.set_step(self.run, plan.name, "ready", ready.name)
        for round_ in range(_LOCK_ROUNDS + 1):
            if not self._round(plan, round_, ("again", "stop")):
                break

    def _round(self, plan: StepPlan, round_: int, classes: tuple[str, ...]) -> bool:
        """Sends a round's jobs; False where it has none."""
        jobs = self.manifest.jobs(self.run, plan.name, round_)
        resumed = bool(jobs)
        if not jobs:
            file = self._file(plan, round_, classes)
            if file is None:
                return False
            most = changes.MAX_FILES if plan.binary else None
            parts = list(changes.split(self.con, file, most))
            jobs = self.manifest.intend(self.run, plan.name, round_, parts)
            if 0 < round_ < _LAST_ROUND:
                # Whoever held the parent's lock needs a moment to let go of it.
                self.org.clock.sleep(0.5 * round_)
        for job in jobs:
            if job.state != "saved":
                self._job(plan, job, resumed)
                self._count(plan)
                self.progress.save()
        return bool(jobs)

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

    def _job(self, plan: StepPlan, job: Job, resumed: bool) -> None:
        """Takes one job from wherever it is to its saved results."""
        if plan.binary:
            self._uploads(plan).job(plan, job)
            self._stop_where_full()
            return
        if resumed and job.id and job.state in ("created", "uploaded"):
            job = self._adopt_job(job)
        for _ in range(_STARTS):
            if job.state in ("closed", "done"):
                break
            job = self._start(plan, job)
        else:
            raise UserError(
                f"{plan.name}: the upload broke off {_STARTS} times.",
                "Nothing is lost. Run `load-sf run` again when the network is well.",
            )
        info = self._finish(plan, job)
        job = self.manifest.set_job(job, "done", job.id)
        self._save(plan, job, info)

    def _uploads(self, plan: StepPlan) -> Uploads:
        step = self.progress.step(plan.name)
        rows, sent = step.created + step.updated, step.bytes_sent

        def working(count: int, size: int) -> None:
            step.bytes_sent = sent + size
            self.progress.working(plan.name, rows + count)

        return Uploads(self.org, self.org_id, self.manifest, self.folder, self.home, working)

    def _adopt_job(self, job: Job) -> Job:
        """Finds out what became of a job whose upload this process did not see."""
        found = bulk.state(self.org, str(job.id))
        if found is None or found.state == bulk.ABORTED:
            return self.manifest.set_job(job, "intent", None)
        if found.state == bulk.OPEN:
            # Nobody knows how much of the upload arrived; it can be sent again, but not to it.
            bulk.abort(self.org, found.id)
            return self.manifest.set_job(job, "intent", None)
        return self.manifest.set_job(job, "closed", found.id)

    def _start(self, plan: StepPlan, job: Job) -> Job:
        """Creates a job, uploads its rows and closes it."""
        csv = self.folder / f"job-{job.number}.csv"
        changes.write_csv(self.con, plan, job.part, self.folder, csv)
        by_id = job.part.kind in ("adopt", "update")
        operation, key = ("update", None) if by_id else ("upsert", plan.external_id)
        try:
            job_id = bulk.create(self.org, plan.object, operation, key)
        except Refused as refused:
            if refused.status != 400:
                raise
            raise _job_refused(plan, "a job", str(refused.problem.code)) from None
        job = self.manifest.set_job(job, "created", job_id)
        if not bulk.upload(self.org, job_id, csv):
            bulk.abort(self.org, job_id)
            return self.manifest.set_job(job, "intent", None)
        job = self.manifest.set_job(job, "uploaded", job_id)
        bulk.close(self.org, job_id)
        csv.unlink()
        return self.manifest.set_job(job, "closed", job_id)

    def _finish(self, plan: StepPlan, job: Job) -> bulk.JobInfo:
        """Waits for a job's end."""
        step = self.progress.step(plan.name)
        before = step.created + step.updated + step.adopted
        begun = self.org.clock.now()
        expected = self.pace.get(plan.name, 0.0) * job.part.rows
        for info in bulk.progress(self.org, str(job.id), replace(self.polling, expected=expected)):
            self.progress.working(plan.name, before + info.processed)
        self.pace[plan.name] = (self.org.clock.now() - begun) / job.part.rows
        if info.state == bulk.FAILED and info.processed == 0:
            raise _job_refused(plan, f"job {info.id} whole", _header_error(info.error))
        return info

    def _save(self, plan: StepPlan, job: Job, info: bulk.JobInfo) -> None:
        files = results.ResultFiles(
            self.folder / f"job-{job.number}.succeeded.csv",
            self.folder / f"job-{job.number}.failed.csv",
        )
        match = "Id" if job.part.kind == "update" else plan.external_id
        sent = (
            "select _key as key, _id as id, _hash as hash"
            f" from read_parquet({text(self.folder / job.part.file)}, file_row_number = true)"
            f" where file_row_number between {job.part.first} and {job.part.last}"
        )
        self._download(plan, info, files, match, sent)
        outcomes.save(self.manifest, job, self.org_id, self.folder)
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

    def _download(
        self, plan: StepPlan, job: bulk.JobInfo, files: results.ResultFiles, match: str, sent: str
    ) -> None:
        """Fetches the results until they account for every row the org says it processed; what
        is missing after that, and not found in the org, counts as not processed and is sent
        again."""
        for attempt in range(_DOWNLOADS):
            bulk.results(self.org, job.id, "successfulResults", files.succeeded)
            bulk.results(self.org, job.id, "failedResults", files.failed)
            try:
                taken, refused = results.stage_outcomes(self.con, files, match, sent)
            except (duckdb.Error, UnicodeDecodeError, results.Unreadable):
                # The error's text shows the line it stumbled over: it must not travel on.
                taken, refused = -1, 0
            if taken + refused >= job.processed:
                return
            self.org.clock.sleep(0.5 * attempt)
        if taken < 0:
            raise UserError(
                f"The results of job {job.id} cannot be read: they break off or are no CSV.",
                "Nothing is lost. Run `load-sf run` again to fetch them.",
            )
        look_up(self.org, self.con, plan, job, self.folder)

    def _before(self, plan: StepPlan, frozen: Path) -> Path | None:
        """Reads the records that rows will take over, as the org has them, into Parquet."""
        ids = [] if plan.is_update else changes.to_adopt(self.con, frozen)
        if not ids:
            return None
        columns = ["Id", *dict.fromkeys(c.api_name for c in plan.columns)]
        pages: list[Path] = []
        for start in range(0, len(ids), _IDS_A_QUERY):
            listed = ", ".join(text(i) for i in ids[start : start + _IDS_A_QUERY])
            soql = (
                f"SELECT {', '.join(columns)} FROM {plan.object}"
                f" WHERE IsDeleted = false AND Id IN ({listed})"
            )
            pages += bulk.query_all(self.org, soql, self.polling, self.folder / "before")
        before = self.folder / f"{plan.name}.before.parquet"
        rows = results.union(pages, columns)
        self.con.execute(f"copy ({rows}) to {text(before)} (format parquet)")
        shutil.rmtree(self.folder / "before")
        return before

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


def _job_refused(plan: StepPlan, what: str, why: str) -> JobRefused:
    return JobRefused(
        f"{plan.name}: the org refused {what}: {why}.",
        "Run `load-sf schema diff`; once it is put right, run `load-sf run` again.",
    )


def _header_error(message: str) -> str:
    """What a job's error message may show: Salesforce's words about headers, else its code."""
    code, _, rest = message.partition(":")
    if code.strip() == "InvalidBatch":
        return f"InvalidBatch: {rest.strip()[:200]}"
    return code.strip()[:60] or "it does not say why"
