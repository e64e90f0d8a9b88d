"""Sends rows by sObject Collections: small corrections, which a Bulk job would cost more calls,
and rows that a duplicate rule refused, which only Collections can be told to let pass.

A job is intended, sending, saved. One that was being sent when its process died is sent again:
an update by Id or by key says the same twice, and which keys were there before is kept first.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from loaders.salesforce.api import collections, records
from loaders.salesforce.api.collections import DUPLICATES, Saved
from loaders.salesforce.api.errors import Refused
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.setup import quoted
from loaders.salesforce.commands.carrying import JobRefused
from loaders.salesforce.ledger import outcomes, requests, results
from loaders.salesforce.ledger.manifest import Job, Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.requests import BY_ID, Outcome, Row

_ROUNDS = 3
# A query travels in the address; keys have up to 100 characters.
_KEYS_A_QUERY = 100
# One value that is not of its field's type, and the org reads none of the records.
_UNREADABLE = "JSON_PARSER_ERROR"


@dataclass(frozen=True)
class Corrections:
    """What sending by Collections needs; `folder` is the run's."""

    org: Org
    org_id: str
    manifest: Manifest
    folder: Path

    def takes(self, plan: StepPlan, job: Job) -> bool:
        """Whether a job is a small correction that no Bulk job was begun for."""
        if plan.binary or job.id:
            return False
        most = collections.MOST_BYTES
        file = self.folder / job.part.file
        return requests.is_small(self.manifest.con, file, collections.MOST, most)

    def job(self, plan: StepPlan, job: Job, *, allow_duplicates: bool = False) -> None:
        """Takes a job to its saved outcomes."""
        con = self.manifest.con
        rows = requests.rows(con, plan, job.part, self.folder)
        before = self._there_before(plan, job, rows)
        job = self.manifest.set_job(job, "sending", None)
        send = _Send(self.org, plan, job, allow_duplicates)
        found = [
            replace(each, created=each.code is None and each.created and each.row.key not in before)
            for each in send.all(rows)
        ]
        ids = [each.id for each in found if each.code is None and each.id]
        at = records.newest_change(self.org, plan.object, ids)
        if any(each.code == DUPLICATES for each in found):
            requests.write_rules(con, found, self.folder / f"job-{job.number}.rules.parquet")
        requests.stage(con, found)
        outcomes.save(self.manifest, plan, job, self.org_id, self.folder, at=at)

    def _there_before(self, plan: StepPlan, job: Job, rows: list[Row]) -> frozenset[str]:
        """Those keys of rows without a known record that were in the org before the job was first
        sent: all the others are of our making, whatever a second answer says."""
        unknown = [row.key for row in rows if row.id is None]
        if job.part.kind in BY_ID or not unknown:
            return frozenset()
        file = self.folder / f"job-{job.number}.there.parquet"
        if not file.exists():
            found: list[str] = []
            for start in range(0, len(unknown), _KEYS_A_QUERY):
                listed = ", ".join(quoted(k) for k in unknown[start : start + _KEYS_A_QUERY])
                soql = f"SELECT {plan.external_id} FROM {plan.object} WHERE {plan.external_id}"
                said = self.org.query(f"{soql} IN ({listed})", f"keys of {plan.object}")
                found += [str(each[plan.external_id]) for each in said]
            requests.write_keys(self.manifest.con, found, file)
        return requests.read_keys(self.manifest.con, file)


@dataclass(frozen=True)
class _Send:
    org: Org
    plan: StepPlan
    job: Job
    allow_duplicates: bool

    def all(self, rows: list[Row]) -> list[Outcome]:
        """Sends rows; those that met a lock, again after a while."""
        done: list[Outcome] = []
        left = rows
        for round_ in range(_ROUNDS + 1):
            # Whoever held a lock needs a moment to let go of it.
            self.org.clock.sleep(0.5 * round_)
            said = self._some(left)
            last = round_ == _ROUNDS
            passing = [o for o in said if o.code and results.is_passing(o.code) and not last]
            done += [o for o in said if o not in passing]
            left = [o.row for o in passing]
            if not left:
                break
        return done

    def _some(self, rows: list[Row]) -> list[Outcome]:
        by_id = self.job.part.kind in BY_ID
        key = None if by_id else self.plan.external_id
        try:
            said = collections.save(
                self.org,
                self.plan.object,
                key,
                [row.json for row in rows],
                [str(row.id) if by_id else self.plan.prefix for row in rows],
                allow_duplicates=self.allow_duplicates,
            )
        except Refused as refused:
            if refused.status != 400:
                raise
            code = refused.problem.code
            if code != _UNREADABLE:
                raise JobRefused(
                    f"{self.plan.name}: the org refused {len(rows)} records whole: {code}.",
                    "Run `load-sf schema diff`; once it is put right, run the same command again.",
                ) from None
            if len(rows) == 1:
                return [Outcome(rows[0], code=code, fields=refused.problem.fields)]
            half = len(rows) // 2
            return self._some(rows[:half]) + self._some(rows[half:])
        return [self._outcome(row, each) for row, each in zip(rows, said, strict=True)]

    def _outcome(self, row: Row, said: Saved) -> Outcome:
        # A record of a key that was not there is ours, though a lost answer made it.
        created = self.job.part.kind not in BY_ID and (said.created or row.id is None)
        return Outcome(row, said.id, created, said.code, said.fields, said.misses_parent, said.rule)
