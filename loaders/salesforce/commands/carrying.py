"""The life of one Bulk job, taken from wherever it is to its end: created, uploaded, closed, done.

Every move is in the manifest before the next, so a process that dies is followed by one that
knows where to look; what the manifest cannot know is asked of the org.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from loaders.errors import UserError
from loaders.salesforce.api import bulk
from loaders.salesforce.api.bulk import JobInfo
from loaders.salesforce.api.errors import STOPS, Refused, Stopped, code_of
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.ledger import results
from loaders.salesforce.ledger.manifest import Job, Manifest

_STARTS = 5
_DOWNLOADS = 3
_OF_HEADERS = re.compile(r"Field name|type is not needed|Unable to find relationship")


class JobRefused(UserError):
    """The org took none of a job: its header or file is wrong, so every further one will be."""


@dataclass(frozen=True)
class Load:
    """What a job does: its object and operation, the field an upsert finds records by, and how
    its CSV is written."""

    object: str
    operation: str
    external_id: str | None
    write: Callable[[Path], None]


@dataclass(frozen=True)
class Carrier:
    """Carries jobs; `folder` is where their files are. `pace` has the seconds a row that a step's
    last job took, `closed` when jobs were closed, by the clock."""

    org: Org
    manifest: Manifest
    folder: Path
    polling: Polling
    pace: dict[str, float] = field(default_factory=dict)
    closed: dict[int, float] = field(default_factory=dict)

    def carry(
        self, job: Job, load: Load, resumed: bool, working: Callable[[int], None]
    ) -> tuple[Job, JobInfo]:
        """Takes a job to its end; raises what `send` and `finish` raise."""
        return self.finish(self.send(job, load, resumed), working)

    def write(self, job: Job, load: Load) -> Path:
        """Writes a job's CSV where it is not there; what is there under its name is whole."""
        csv = self.folder / f"job-{job.number}.csv"
        if not csv.exists():
            unfinished = csv.with_suffix(".new.csv")
            load.write(unfinished)
            unfinished.replace(csv)
        return csv

    def send(self, job: Job, load: Load, resumed: bool) -> Job:
        """Takes a job to where the org works at it. Raises JobRefused where the org does not take
        it, UserError where its upload breaks off again and again."""
        if resumed:
            job = self.found(job)
        for _ in range(_STARTS):
            if job.state in ("closed", "done"):
                return job
            job = self._start(job, load)
        raise UserError(
            f"{job.step}: the upload broke off {_STARTS} times.",
            "Nothing is lost. Run the same command again when the network is well.",
        )

    def finish(self, job: Job, working: Callable[[int], None]) -> tuple[Job, JobInfo]:
        """Waits for the end of a job that was sent; `working` is told how many rows are through.
        Raises JobRefused where the org took none of them."""
        begun = self.closed.pop(job.number, self.org.clock.now())
        expected = self.pace.get(job.step, 0.0) * job.part.rows - (self.org.clock.now() - begun)
        polling = replace(self.polling, expected=max(expected, 0.0))
        for info in bulk.progress(self.org, str(job.id), polling):
            working(info.processed)
        if info.state == bulk.FORGOTTEN:
            return job, replace(info, created=self.manifest.made(job))
        self.pace[job.step] = (self.org.clock.now() - begun) / job.part.rows
        if info.state == bulk.FAILED and info.processed == 0:
            code = info.error.partition(":")[0].strip()
            if code.upper() in STOPS:
                # None of it is in: it is sent anew once the limit allows it.
                self.manifest.set_job(job, "intent", None)
                raise Stopped(code)
            raise _job_refused(job, f"job {info.id} whole", _header_error(info.error))
        return self.manifest.set_job(job, "done", job.id), info

    def found(self, job: Job) -> Job:
        """Finds out what became of a job whose upload this process did not see."""
        if not job.id or job.state not in ("created", "uploaded"):
            return job
        found = bulk.state(self.org, job.id)
        if found is None and job.state == "uploaded":
            # It may have been closed, and its rows are in, before the org forgot it.
            return self.manifest.set_job(job, "closed", job.id)
        if found is None or found.state == bulk.ABORTED:
            return self.manifest.set_job(job, "intent", None)
        if found.state == bulk.OPEN:
            # Nobody knows how much of the upload arrived; it can be sent again, but not to it.
            bulk.abort(self.org, found.id)
            return self.manifest.set_job(job, "intent", None)
        return self.manifest.set_job(job, "closed", found.id)

    def _start(self, job: Job, load: Load) -> Job:
        """Creates a job, uploads its rows and closes it."""
        csv = self.write(job, load)
        try:
            made = bulk.create(self.org, load.object, load.operation, load.external_id)
        except Refused as refused:
            if refused.status != 400:
                raise
            raise _job_refused(job, "a job", str(refused.problem.code)) from None
        job_id = made.id
        job = self.manifest.set_job(job, "created", job_id, made.created)
        if not bulk.upload(self.org, job_id, csv):
            bulk.abort(self.org, job_id)
            return self.manifest.set_job(job, "intent", None)
        job = self.manifest.set_job(job, "uploaded", job_id)
        bulk.close(self.org, job_id)
        self.closed[job.number] = self.org.clock.now()
        csv.unlink()
        return self.manifest.set_job(job, "closed", job_id)

    def outcomes(
        self, job: Job, match: str, sent: str, info: JobInfo
    ) -> tuple[results.ResultFiles, bool]:
        """Fetches the results of a job that is done into the temporary table `outcome`, until
        they account for every row the org says it processed. False where some are missing after
        that, or all, since the org has them no more: these count as not processed. `match` and
        `sent` are those of `results.stage_outcomes`."""
        files = results.ResultFiles(
            self.folder / f"job-{job.number}.succeeded.csv",
            self.folder / f"job-{job.number}.failed.csv",
        )
        for attempt in range(_DOWNLOADS):
            there = self._fetch(job, info, files)
            try:
                taken, refused = results.stage_outcomes(self.manifest.con, files, match, sent)
            except (duckdb.Error, UnicodeDecodeError, results.Unreadable):
                # The error's text shows the line it stumbled over: it must not travel on.
                taken, refused = -1, 0
            if not there:
                return files, False
            if taken + refused >= info.processed:
                return files, True
            self.org.clock.sleep(0.5 * attempt)
        if taken < 0:
            raise UserError(
                f"The results of job {job.id} cannot be read: they break off or are no CSV.",
                "Nothing is lost. Run the same command again to fetch them.",
            )
        return files, False

    def _fetch(self, job: Job, info: JobInfo, files: results.ResultFiles) -> bool:
        """Downloads a job's results; leaves empty files where the org has them no more."""
        there = info.state != bulk.FORGOTTEN
        for kind, file in (("successfulResults", files.succeeded), ("failedResults", files.failed)):
            there = there and bulk.results(self.org, str(job.id), kind, file)
        if not there:
            files.succeeded.write_bytes(b"")
            files.failed.write_bytes(b"")
        return there


def _job_refused(job: Job, what: str, why: str) -> JobRefused:
    return JobRefused(
        f"{job.step}: the org refused {what}: {why}.",
        "Run `load-sf schema diff`; once it is put right, run the same command again.",
    )


def _header_error(message: str) -> str:
    """What a job's error message may show: its code, and Salesforce's words about headers."""
    code, _, rest = message.partition(":")
    if not code.strip():
        return "it does not say why"
    if code.strip() == "InvalidBatch" and _OF_HEADERS.match(rest.strip()):
        return f"InvalidBatch: {rest.strip()[:200]}"
    return code_of(code.strip())
