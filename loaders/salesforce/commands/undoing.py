"""Undoes: puts back what a run deleted, restores what it changed, deletes what it created.

In that order: a record leaves the parent it was given before that parent is deleted. Parents come
back before their children, and children go before their parents.
"""

from dataclasses import dataclass
from pathlib import Path

from loaders.salesforce.api import collections
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.before import Reader
from loaders.salesforce.commands.carrying import Carrier, JobRefused, Load
from loaders.salesforce.commands.looking_up import look_up_undone
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.ledger import changes, protect, results, rollbacks, sorting, undone
from loaders.salesforce.ledger import undo as ledger
from loaders.salesforce.ledger.manifest import Job
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.undo import Undo, restorable
from loaders.salesforce.ledger.undone import DELETED, PUT_BACK, RESTORED

_ROUNDS = 4
# A deleted file's bytes are out of reach.
_NO_BYTES = "FILE_DELETED"
_OPERATIONS = {RESTORED: "update", PUT_BACK: "upsert", DELETED: "delete"}


@dataclass(frozen=True)
class Undoing:
    """What undoing needs; `folder` is the rollback's own."""

    org: Org
    undo: Undo
    folder: Path
    progress: RunProgress

    def settle(self) -> None:
        """Saves what became of jobs that an earlier process left; starts none again."""
        for plan in self.undo.plans:
            for job in self.undo.manifest.unsaved(self.undo.rollback, plan.name):
                if plan.binary and job.part.kind != PUT_BACK:
                    continue
                job = self._carrier.found(job)
                if job.state in ("closed", "done"):
                    self._carry(plan, job, resumed=True)
                else:
                    self.undo.manifest.set_job(job, "given up", job.id)
        ledger.reborn(self.undo)

    def put_back(self) -> None:
        """Makes anew what the run deleted."""
        for plan in self.undo.plans:
            if plan.name not in self.undo.deleted or plan.is_update:
                continue
            rows = self.to_put_back(plan)
            if plan.binary:
                key = name(plan.external_id)
                lost = self.undo.con.execute(f'select {key}, "Id" from ({rows})').fetchall()
                said = [(str(k), str(i), _NO_BYTES) for k, i in lost]
                undone.save_few(self.undo, plan.name, PUT_BACK, said)
            else:
                self._rounds(plan, PUT_BACK, rows, _cells(plan))
                ledger.reborn(self.undo)
        # Records that look each other up are all there by now.
        for plan in self.undo.plans:
            if plan.name in self.undo.deleted and plan.is_update:
                self._rounds(plan, RESTORED, ledger.told_again(self.undo, plan), _restored(plan))

    def to_put_back(self, plan: StepPlan) -> str:
        """A query of what the run deleted of a step and is not there again."""
        alive = self.folder / f"{plan.name}.alive.parquet"
        reader = Reader(self.org, self.undo.con, self.folder / "pages")
        ids = f'select "Id" from read_parquet({text(self.undo.deleted[plan.name])})'
        reader.read(plan, ["Id"], ids, alive)
        return ledger.put_back(self.undo, plan, f"read_parquet({text(alive)})")

    def restore(self) -> None:
        """Gives back their values to what the run changed."""
        for plan in reversed(self.undo.plans):
            if plan.name in self.undo.images and not plan.binary:
                self._rounds(plan, RESTORED, ledger.differing(self.undo, plan), _restored(plan))
                self._keep_refused(plan, RESTORED)

    def delete(self) -> None:
        """Deletes what the run created."""
        for plan in reversed(self.undo.plans):
            if plan.is_update:
                continue
            rows = ledger.doomed(self.undo, plan)
            if plan.binary:
                self._delete_documents(plan, rows)
            else:
                self._rounds(plan, DELETED, rows, {})
            self._keep_refused(plan, DELETED)

    def were_refused(self, what: str) -> bool:
        """Whether the org refused any of this, and refused it last."""
        return any(undone.refused(self.undo, plan.name, what) for plan in self.undo.plans)

    def _keep_refused(self, plan: StepPlan, what: str) -> None:
        """What the org refused stays, and so does what it looks up."""
        protect.also(self.undo.con, undone.refused_nodes(self.undo, plan.name, what))

    def _rounds(self, plan: StepPlan, what: str, rows: str, cells: dict[str, str]) -> None:
        """Sends rows, and once more what was only locked, up to three rounds. `cells` gives the
        CSV's columns, beside the Id, by header."""
        round_ = self.undo.manifest.next_round(self.undo.rollback, plan.name)
        file = self._file(plan, what, round_)
        self._freeze(plan, what, rows, cells, file)
        for more in range(_ROUNDS):
            if not self._send(plan, file, round_ + more):
                return
            again = undone.passing(self.undo, plan.name, what)
            if not again:
                return
            # Whoever held the lock needs a moment to let go of it.
            self.org.clock.sleep(0.5 * (more + 1))
            rest = self._file(plan, what, round_ + more + 1)
            self.undo.con.execute(
                f"copy (select * from read_parquet({text(file)}) where coalesce(_hash, _id) in"
                f" (select unnest(?::varchar[]))) to {text(rest)} (format parquet)",
                [again],
            )
            file = rest

    def _file(self, plan: StepPlan, what: str, round_: int) -> Path:
        return self.folder / f"{plan.name}.{what.replace(' ', '-')}.{round_}.parquet"

    def _freeze(
        self, plan: StepPlan, what: str, rows: str, cells: dict[str, str], file: Path
    ) -> None:
        """Writes rows as jobs send them: `_key, _id` and the cells; `_hash` is the old Id of a
        record that comes back. In any order: each record is a group of its own."""
        key, id_, old = "g_key", '"Id"', "null::varchar"
        if what == DELETED:
            key, id_ = "key", "id"
        elif what == PUT_BACK:
            key, id_, old = name(plan.external_id), "null::varchar", '"Id"'
        size = " + ".join(f"coalesce(strlen({v}), 0) + 12" for v in cells.values())
        listed = "".join(f", {value} as {name(header)}" for header, value in cells.items())
        frozen = (
            f"select {key} as _key, {id_} as _id, {old} as _hash, {text(what)} as _kind,"
            f" {key} as _group, 30{' + ' + size if size else ''} as _bytes{listed} from ({rows})"
        )
        sorting.write_unsorted(self.undo.con, frozen, file)

    def _send(self, plan: StepPlan, file: Path, round_: int) -> bool:
        parts = list(changes.split(self.undo.con, file))
        if not parts:
            file.unlink()
            return False
        self.progress.begin(plan.name)
        for job in self.undo.manifest.intend(self.undo.rollback, plan.name, round_, parts):
            self._carry(plan, job, resumed=False)
        return True

    def _carry(self, plan: StepPlan, job: Job, *, resumed: bool) -> None:
        what = job.part.kind
        external_id = plan.external_id if what == PUT_BACK else None
        load = Load(
            plan.object, _OPERATIONS[what], external_id, lambda csv: self._write(plan, job, csv)
        )
        shown = self.progress.step(plan.name)
        through = shown.created + shown.updated + shown.deleted
        try:
            job, info = self._carrier.carry(
                *(job, load, resumed),
                lambda rows: self.progress.working(plan.name, through + rows),
            )
        except JobRefused:
            self.undo.manifest.set_job(job, "given up", job.id)
            raise
        sent = f"select _key as key, _id as id, _hash as hash from {self._part(job)}"
        match = plan.external_id if what == PUT_BACK else "Id"
        files, is_whole = self._carrier.outcomes(job, match, sent, info)
        at = info.modified
        if resumed and not is_whole:
            users = rollbacks.users(self.undo.manifest, self.undo.org_id)
            at = look_up_undone(self.org, self.undo.con, plan, what, info, self.folder, users)
        undone.save(self.undo, job, at)
        files.remove()
        self.count()

    def _part(self, job: Job) -> str:
        file = text(self.folder / job.part.file)
        return (
            f"read_parquet({file}, file_row_number = true)"
            f" where file_row_number between {job.part.first} and {job.part.last}"
        )

    def _write(self, plan: StepPlan, job: Job, csv: Path) -> None:
        """Writes a job's CSV: `#N/A` gives a record that is there its blank back."""
        what = job.part.kind
        cells = [] if what == PUT_BACK else ['_id as "Id"']
        if what != DELETED:
            blank = {c.api_name for c in plan.columns if c.never_blank}
            for header in _cells(plan) if what == PUT_BACK else _restored(plan):
                clears = what == RESTORED and header not in blank
                value = f"coalesce({name(header)}, '#N/A')" if clears else name(header)
                cells.append(f"{value} as {name(header)}")
        self.undo.con.execute(
            f"copy (select {', '.join(cells)} from {self._part(job)} order by file_row_number)"
            f" to {text(csv)}"
            " (format csv, header, delimiter ',', quote '\"', escape '\"', nullstr '')"
        )

    def _delete_documents(self, plan: StepPlan, rows: str) -> None:
        """Files go by their documents, which Bulk API need not know."""
        found = self.undo.con.execute(f"select key, id, node from ({rows}) order by 1").fetchall()
        if found:
            self.progress.begin(plan.name)
        for start in range(0, len(found), collections.MOST):
            left = found[start : start + collections.MOST]
            for round_ in range(_ROUNDS):
                self.org.clock.sleep(0.5 * round_)
                said = collections.delete(self.org, [node for _, _, node in left])
                pairs = [(r[0], r[1], s.code) for r, s in zip(left, said, strict=True)]
                undone.save_few(self.undo, plan.name, DELETED, pairs)
                left = [
                    r for r, s in zip(left, said, strict=True) if results.is_passing(s.code or "")
                ]
                if not left:
                    break
            self.count()

    def count(self) -> None:
        """Brings the progress up to what the manifest says."""
        for step, counts in undone.counts(self.undo).items():
            shown = self.progress.step(step)
            shown.created = counts.get(PUT_BACK, 0)
            shown.updated = counts.get(RESTORED, 0)
            shown.deleted = counts.get(DELETED, 0)
            shown.rejected = sum(len(undone.refused(self.undo, step, what)) for what in _OPERATIONS)
        self.progress.save()

    @property
    def _carrier(self) -> Carrier:
        return Carrier(self.org, self.undo.manifest, self.folder, Polling())


def _cells(plan: StepPlan) -> dict[str, str]:
    """The columns of a record that is made anew."""
    return {c.api_name: name(c.api_name) for c in plan.columns if not c.is_binary}


def _restored(plan: StepPlan) -> dict[str, str]:
    """The columns of a record that is given its values back."""
    return {c.api_name: name(c.api_name) for c in restorable(plan)}
