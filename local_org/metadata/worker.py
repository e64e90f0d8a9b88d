"""One thread does all deploys, oldest first, each in one transaction. One that a killed server
left behind starts again: nothing of it was kept."""

from __future__ import annotations

import logging
import threading

from local_org.bulk.jobs import now
from local_org.metadata import requests
from local_org.metadata.archive import ArchiveError
from local_org.metadata.deploy import Canceled, apply
from local_org.metadata.draft import Work, read_draft
from local_org.metadata.keep import keep
from local_org.metadata.options import Options
from local_org.metadata.outcome import Outcome
from local_org.metadata.package import Package, read_package
from local_org.metadata.requests import Deployment
from local_org.org import Org
from local_org.web import places

log = logging.getLogger("local_org")


class DeployWorker:
    """The thread, started and stopped with the server."""

    def __init__(self, org: Org) -> None:
        """Take the org whose deploys to do."""
        self.org = org
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deploys", daemon=True)

    def start(self) -> None:
        """Start, with the deploys that are still waiting."""
        requests.tidy(self.org)
        self.org.deploy_wake.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop after the deploy at hand."""
        self._stop.set()
        self.org.deploy_wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.org.deploy_wake.wait()
            self.org.deploy_wake.clear()
            self.org.deploying = True
            while not self._stop.is_set() and (found := requests.next_waiting(self.org)):
                self._do(found)
            self.org.deploying = False

    def _do(self, deployment: Deployment) -> None:
        self.org.deploy_at_hand = deployment.id
        try:
            if _begin(self.org, deployment):
                _deploy(self.org, deployment)
        except Exception as error:
            log.error("deploy %s failed: %s", deployment.id, places(error))
            with self.org.store.write() as cursor:
                problem = "UNKNOWN_EXCEPTION: An unexpected error occurred"
                requests.end(cursor, deployment.id, requests.FAILED, [], problem)
        finally:
            self.org.deploy_at_hand = ""
        requests.clear(self.org, deployment.id)


def _begin(org: Org, deployment: Deployment) -> bool:
    """Take a deploy in hand, unless it was canceled meanwhile."""
    with org.store.write() as cursor:
        found = cursor.execute(
            "select status from org.deployments where id = ?", [deployment.id]
        ).fetchone()
        if found is None or found[0] not in requests.WAITING:
            return False
        if requests.cancel_mark(org, deployment.id).exists():
            requests.end(cursor, deployment.id, requests.CANCELED, [])
            return False
        requests.move(cursor, deployment.id, requests.IN_PROGRESS, started=now())
    return True


def _deploy(org: Org, deployment: Deployment) -> None:
    single = deployment.options.flag("singlePackage")
    try:
        package = read_package(requests.zip_file(org, deployment.id), single=single)
    except ArchiveError as error:
        with org.store.write() as cursor:
            requests.end(cursor, deployment.id, requests.FAILED, [], str(error))
        return
    try:
        _apply(org, deployment, package)
    except Canceled:
        with org.store.write() as cursor:
            requests.end(cursor, deployment.id, requests.CANCELED, [])
    org.reload()


def _apply(org: Org, deployment: Deployment, package: Package) -> None:
    """Apply and end in one transaction: a deploy that is not ended has changed nothing."""
    options, mark = deployment.options, requests.cancel_mark(org, deployment.id)
    with org.store.write() as cursor:
        work = Work(cursor, read_draft(cursor), org.switches)
        outcomes = apply(work, package, options, mark.exists)
        status = _status(outcomes, options)
        if status != requests.FAILED and not options.flag("checkOnly"):
            keep(work, org)
        if mark.exists():
            raise Canceled
        requests.end(cursor, deployment.id, status, outcomes)


def _status(outcomes: list[Outcome], options: Options) -> str:
    ignore = options.flag("ignoreWarnings")
    bad = [each for each in outcomes if each.failed or (each.warning and not ignore)]
    if not bad:
        return requests.SUCCEEDED
    good = any(each.problem is None and each.type for each in outcomes)
    partial = good and not options.flag("rollbackOnError")
    return requests.PARTIAL if partial else requests.FAILED
