"""Sends files, one a request, a few at a time; each arrives once, whatever breaks off.

A job is intended, looked up, sent and saved as a whole. Its files bear their keys in the org, so
a job that died is looked up again, and what is there is not sent again.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loaders.errors import UserError
from loaders.salesforce.api import collections, files
from loaders.salesforce.api.errors import Refused, Unreachable
from loaders.salesforce.api.files import Version
from loaders.salesforce.api.org import Org
from loaders.salesforce.ledger import files as ledger
from loaders.salesforce.ledger.files import FileOutcome, FileRow
from loaders.salesforce.ledger.manifest import Job, Manifest
from loaders.salesforce.ledger.plan import StepPlan

_AT_ONCE = 4
_SENDS = 3
_OUTSIDE, _MISSING, _CHANGED = "FILE_REFUSED", "FILE_MISSING", "FILE_CHANGED"
_NO_PARENT, _DUPLICATE = "INVALID_CROSS_REFERENCE_KEY", "DUPLICATE_VALUE"
_SPOILT = "CHECKSUM_DIFFERS"


@dataclass(frozen=True)
class _Task:
    """One file: its row, the version that is there, and the one that was before this run."""

    row: FileRow
    there: Version | None
    before: str | None

    @property
    def is_sent(self) -> bool:
        """Whether this run made the version that bears the key."""
        return bool(self.there and self.there.key and self.there.id != self.before)


@dataclass(frozen=True)
class _Sent:
    """How far one file is: the version that has its bytes, whose fields may still be old."""

    task: _Task
    place: Path
    digest: files.Digest
    id: str
    fields_are_old: bool = False


@dataclass(frozen=True)
class Uploads:
    """What sending files needs. `home` is where their paths begin; `working` is told how many
    files and bytes of the job at hand are through."""

    org: Org
    org_id: str
    manifest: Manifest
    folder: Path
    home: Path
    working: Callable[[int, int], None]

    def job(self, plan: StepPlan, job: Job) -> None:
        """Takes one job from wherever it is to its saved outcomes."""
        rows = ledger.rows(self.manifest, plan, job, self.org_id, self.folder)
        there = self._look(plan, rows)
        new = [row for row in rows if not row.is_intended]
        before = {row.key: there[row.key].id if row.key in there else None for row in new}
        ledger.intend(self.manifest, job, self.org_id, before)
        tasks = [_Task(row, there.get(row.key), before.get(row.key, row.before)) for row in rows]
        sent, outcomes = self._send_all(plan, tasks)
        sent, spoilt = self._compare(plan, sent)
        outcomes += spoilt
        outcomes += self._update_fields(plan, [s for s in sent if s.fields_are_old])
        refused = {outcome.key for outcome in outcomes}
        outcomes += [_taken(s) for s in sent if s.task.row.key not in refused]
        ledger.save(self.manifest, job, self.org_id, self.folder, outcomes)

    def _look(self, plan: StepPlan, rows: list[FileRow]) -> dict[str, Version]:
        """The version of each key that has one; also one whose key was taken off for a further
        version that never came."""
        fixed = tuple(_fixed(plan))
        there = files.find(self.org, plan.external_id, [row.key for row in rows], fixed)
        lost = {row.before or row.known: row.key for row in rows if row.key not in there}
        by_id = files.find(self.org, "Id", [i for i in lost if i], fixed)
        return there | {lost[i]: version for i, version in by_id.items()}

    def _send_all(
        self, plan: StepPlan, tasks: list[_Task]
    ) -> tuple[list[_Sent], list[FileOutcome]]:
        sent: list[_Sent] = []
        refused: list[FileOutcome] = []
        size = 0
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            futures = {pool.submit(self._one, plan, task): task for task in tasks}
            try:
                for future in as_completed(futures):
                    done = future.result()
                    if isinstance(done, _Sent):
                        sent.append(done)
                    else:
                        refused.append(done)
                    size += futures[future].row.size
                    self.working(len(sent) + len(refused), size)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return sent, refused

    def _one(self, plan: StepPlan, task: _Task) -> _Sent | FileOutcome:
        """Sends a file, or finds that its bytes are there, or why it cannot go."""
        row = task.row
        if row.unknown:
            return _refused(row, _NO_PARENT, row.unknown)
        place = self._place(row.path)
        if isinstance(place, str):
            return _refused(row, place)
        digest = files.digest(place)
        if digest.sha256 != row.sha256:
            return _refused(row, _CHANGED)
        try:
            if task.there and _is_as_it_was(plan, task, task.there, digest):
                self._move(task, task.there.document)
                old = not task.is_sent
                return _Sent(task, place, digest, task.there.id, fields_are_old=old)
            version = self._upload(plan, task, place)
            if task.there:
                self._move(task, task.there.document)
            return _Sent(task, place, digest, version)
        except Refused as refused:
            return _refused(row, refused.problem.code, refused.problem.fields)

    def _place(self, path: str | None) -> Path | str:
        """Where a file is, or why it is not sent: what leads out of the home is never opened."""
        if not path:
            return _MISSING
        if Path(path).is_absolute() or ".." in Path(path).parts:
            return _OUTSIDE
        try:
            place = (self.home / path).resolve(strict=True)
        except OSError:
            return _MISSING
        if not place.is_relative_to(self.home.resolve()) or not place.is_file():
            return _OUTSIDE
        return place

    def _upload(self, plan: StepPlan, task: _Task, place: Path) -> str:
        """Uploads until an answer says that it is there, and gives the version's Id.

        A changed file is a further version of its document. The key is unique, and only the
        latest version of a document can be changed: so the old one gives it up first, and gets
        it back where the new one is refused.
        """
        key, row, old = plan.external_id, task.row, task.there
        fields = {n: v for n, v in row.fields.items() if v is not None} | {key: row.key}
        fields |= {files.DOCUMENT: old.document} if old else row.parents
        if old and old.key:
            files.set_fields(self.org, old.id, {key: None}, row.key)
        waits = self.org.patience.waits()
        while True:
            try:
                return files.upload(self.org, fields, place, row.key)
            except Unreachable:
                arrived = self._arrived(plan, task)
                wait = next(waits, None)
                if arrived is None and wait is None:
                    raise
            except Refused as refused:
                # The org may have been slow, not lost, and be done with the first one by now.
                arrived = self._arrived(plan, task) if _is_duplicate(refused) else None
                if arrived is None:
                    if old and old.key:
                        files.set_fields(self.org, old.id, {key: row.key}, row.key)
                    raise
            if arrived:
                return arrived.id
            self.org.clock.sleep(wait or 0)

    def _arrived(self, plan: StepPlan, task: _Task) -> Version | None:
        found = files.find(self.org, plan.external_id, [task.row.key]).get(task.row.key)
        return found if found and (task.there is None or found.id != task.there.id) else None

    def _move(self, task: _Task, document: str) -> None:
        """Puts a file that is there already on the record it now belongs to."""
        location = _location(task.row)
        if location and task.row.location and location != task.row.location:
            files.link(self.org, document, location)
            files.unlink(self.org, document, task.row.location)

    def _compare(self, plan: StepPlan, sent: list[_Sent]) -> tuple[list[_Sent], list[FileOutcome]]:
        """Holds what the org has against what was sent; what was spoilt on its way is replaced by
        a further version."""
        good: list[_Sent] = []
        refused: list[FileOutcome] = []
        for attempt in range(_SENDS):
            held = files.find(self.org, "Id", [each.id for each in sent])
            spoilt: list[_Sent] = []
            for each in sent:
                version = held.get(each.id)
                if version is None:
                    refused.append(_refused(each.task.row, _SPOILT))
                    continue
                there = replace(version, key=each.task.row.key)
                each = replace(each, task=replace(each.task, there=there))
                (good if version.checksum == each.digest.md5 else spoilt).append(each)
            sent = []
            for each in spoilt if attempt < _SENDS - 1 else ():
                done = self._again(plan, each)
                sent += [done] if isinstance(done, _Sent) else []
                refused += [done] if isinstance(done, FileOutcome) else []
        refused += [_refused(each.task.row, _SPOILT) for each in spoilt]
        return good, refused

    def _again(self, plan: StepPlan, spoilt: _Sent) -> _Sent | FileOutcome:
        try:
            return replace(spoilt, id=self._upload(plan, spoilt.task, spoilt.place))
        except Refused as refused:
            return _refused(spoilt.task.row, refused.problem.code, refused.problem.fields)

    def _update_fields(self, plan: StepPlan, sent: list[_Sent]) -> list[FileOutcome]:
        """Changes the fields of files whose bytes are as they should be; gives those refused."""
        refused: list[FileOutcome] = []
        fixed = {c.api_name for c in plan.columns if c.create_only}
        kept = {c.api_name for c in plan.columns if c.never_blank}
        for start in range(0, len(sent), collections.MOST):
            some = sent[start : start + collections.MOST]
            records: list[dict[str, Any]] = [
                {"Id": each.id, plan.external_id: each.task.row.key}
                | {
                    n: v
                    for n, v in each.task.row.fields.items()
                    if n not in fixed and not (v is None and n in kept)
                }
                for each in some
            ]
            saved = collections.update(self.org, plan.object, records)
            refused += [
                _refused(each.task.row, said.code, said.fields)
                for each, said in zip(some, saved, strict=True)
                if said.code
            ]
        return refused


def _fixed(plan: StepPlan) -> list[str]:
    """The plain fields that only a new version can have otherwise."""
    return [
        c.api_name
        for c in plan.columns
        if c.create_only and not (c.is_binary or c.lookup or c.column == plan.external_id)
    ]


def _is_as_it_was(plan: StepPlan, task: _Task, there: Version, digest: files.Digest) -> bool:
    """Whether no further version is needed: the bytes are there, under the name they have now."""
    same = all(there.fields.get(n) == task.row.fields.get(n) for n in _fixed(plan))
    return there.checksum == digest.md5 and (same or task.is_sent)


def _is_duplicate(refused: Refused) -> bool:
    return refused.problem.code == _DUPLICATE


def _location(row: FileRow) -> str | None:
    return next(iter(row.parents.values()), None)


def _refused(row: FileRow, code: str, fields: tuple[str, ...] = ()) -> FileOutcome:
    return FileOutcome(row.key, row.hash, None, code=code, fields=fields)


def _taken(sent: _Sent) -> FileOutcome:
    task = sent.task
    if task.there is None:
        raise UserError("A file was sent, but nobody looked what arrived.")
    return FileOutcome(
        key=task.row.key,
        hash=task.row.hash,
        id=sent.id,
        created=task.before is None,
        document=task.there.document,
        location=_location(task.row),
        sha256=sent.digest.sha256,
        md5=sent.digest.md5,
        size=sent.digest.size,
    )
