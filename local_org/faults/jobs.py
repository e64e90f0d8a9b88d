"""Does to an ingest job what its faults ask for."""

from __future__ import annotations

from local_org.bulk.files import FileError
from local_org.bulk.jobs import Job, StateChanged, get_job, update_job
from local_org.faults.register import JobWatch
from local_org.org import Org


def obey(org: Org, job: Job, watch: JobWatch, done: int) -> None:
    """Judge a job of which so many rows are processed; returns where it is to go on.

    Raises FileError with the errorMessage of a job that is to fail, and StateChanged where the job
    is aborted, or left to the next server because this one ends.
    """
    while (verdict := watch.verdict(done)).kind != "go":
        if verdict.kind == "fail":
            raise FileError(verdict.message)
        if verdict.kind == "abort":
            update_job(org, job, state="Aborted")
            raise StateChanged(job.id)

        def as_it_was() -> bool:
            return get_job(org, job.id, job.kind).state == job.state

        if not org.faults.hold(verdict.seconds, as_it_was):
            raise StateChanged(job.id)
