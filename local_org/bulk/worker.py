"""One thread does all jobs, oldest first. What a killed server left half-done starts again."""

from __future__ import annotations

import logging
import threading

from local_org.bulk.jobs import Job, StateChanged, update_job
from local_org.bulk.process import fail, process_ingest
from local_org.bulk.query import run_query
from local_org.files.blobs import collect
from local_org.org import Org
from local_org.web import places

log = logging.getLogger("local_org")


class Worker:
    """The thread, started and stopped with the server."""

    def __init__(self, org: Org) -> None:
        """Take the org whose jobs to do."""
        self.org = org
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Start, with the jobs that are still waiting."""
        self.org.wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the job at hand."""
        self._stop.set()
        self.org.faults.end()
        self.org.wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.org.wake.wait()
            self.org.wake.clear()
            while not self._stop.is_set() and (job := self._next()) is not None:
                self.org.busy = True
                self._do(job)
            self.org.busy = False

    def _next(self) -> Job | None:
        rows = self.org.store.rows(
            "select * from org.jobs where state in ('UploadComplete', 'InProgress') "
            "order by state = 'InProgress' desc, modified, id limit 1"
        )
        return Job(**rows[0]) if rows else None

    def _do(self, job: Job) -> None:
        try:
            job = update_job(self.org, job, state="InProgress")
            if job.kind == "query":
                run_query(self.org, job)
            else:
                process_ingest(self.org, job)
                collect(self.org.store)
        except StateChanged:
            log.info("job %s was aborted", job.id)
        except Exception as error:
            # No message: a database error may quote a cell.
            log.error("job %s failed: %s", job.id, places(error))
            fail(self.org, job, "Unknown : An unexpected error occurred")
