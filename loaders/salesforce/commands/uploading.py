"""Sends files, several small ones or one a request; each arrives once, whatever breaks off.

A job is intended, looked up, sent and saved as a whole. Its files bear their keys in the org, so
a job that died is looked up again, and what is there is not sent again.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loaders.errors import UserError
from loaders.salesforce.api import collections, files
from loaders.salesforce.api.collections import Saved
from loaders.salesforce.api.errors import Refused, Unreachable
from loaders.salesforce.api.files import Version
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.records import newest_change
from loaders.salesforce.ledger import files as ledger
from loaders.salesforce.ledger.files import FileOutcome, FileRow
from loaders.salesforce.ledger.manifest import Job, Manifest
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.results import UNPROCESSED

_AT_ONCE = 4
# A request costs the org more than a small file does.
_TOGETHER, _TOGETHER_BYTES = 25, 8 * 1024 * 1024
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
class _File:
    """How far one file is: where its bytes are here, and the version that has them in the org,
    once there is one; the other fields of that may still be old."""

    task: _Task
    place: Path
    digest: files.Digest
    id: str | None = None
    fields_are_old: bool = False

    @property
    def key(self) -> str:
        """The record's key."""
        return self.task.row.key


_Done = _File | FileOutcome


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
        sent, outcomes = _parted(self._send(plan, tasks))
        sent, spoilt = self._compare(plan, sent)
        outcomes += spoilt
        outcomes += self._update_fields(plan, [each for each in sent if each.fields_are_old])
        refused = {outcome.key for outcome in outcomes}
        outcomes += [_taken(each) for each in sent if each.key not in refused]
        taken = [str(each.id) for each in outcomes if each.code is None]
        at = newest_change(self.org, plan.object, taken)
        ledger.save(self.manifest, plan, job, self.org_id, self.folder, outcomes, at)

    def settle(self, plan: StepPlan, job: Job) -> None:
        """Sends nothing more of a job that broke off: finds what of it arrived, and saves that."""
        rows = ledger.rows(self.manifest, plan, job, self.org_id, self.folder)
        intended = [row for row in rows if row.is_intended]
        there = self._look(plan, intended)
        keyless = [
            {"Id": version.id, plan.external_id: key}
            for key, version in there.items()
            if version.key is None
        ]
        if keyless:
            collections.update(self.org, plan.object, keyless)
        at = newest_change(self.org, plan.object, [version.id for version in there.values()])
        tasks = [_Task(row, there.get(row.key), row.before) for row in intended]
        outcomes = [_found(t) if t.is_sent else _refused(t.row, UNPROCESSED) for t in tasks]
        ledger.save(self.manifest, plan, job, self.org_id, self.folder, outcomes, at)

    def _look(self, plan: StepPlan, rows: list[FileRow]) -> dict[str, Version]:
        """The version of each key that has one; also one whose key was taken off for a further
        version that never came."""
        fixed = tuple(_fixed(plan))
        there = files.find(self.org, plan.external_id, [row.key for row in rows], fixed)
        lost = {row.before or row.known: row.key for row in rows if row.key not in there}
        by_id = files.find(self.org, "Id", [i for i in lost if i], fixed)
        return there | {lost[i]: version for i, version in by_id.items()}

    def _send(self, plan: StepPlan, tasks: list[_Task]) -> list[_Done]:
        """Sends what has to go, several files a request, several requests at once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                checked = list(pool.map(lambda task: self._check(plan, task), tasks))
                done = [each for each in checked if not _is_to_go(each)]
                ready = [each for each in checked if isinstance(each, _File) and not each.id]
                size = 0
                futures = {pool.submit(self._upload, plan, some): some for some in _together(ready)}
                for future in as_completed(futures):
                    done += future.result()
                    size += sum(each.digest.size for each in futures[future])
                    self.working(len(done), size)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return done

    def _check(self, plan: StepPlan, task: _Task) -> _Done:
        """Finds whether a file has to be sent, is there already, or cannot go and why."""
        row = task.row
        if row.unknown:
            return _refused(row, _NO_PARENT, row.unknown)
        place = self._place(row.path)
        if isinstance(place, str):
            return _refused(row, place)
        file = _File(task, place, files.digest(place))
        if file.digest.sha256 != row.sha256:
            return _refused(row, _CHANGED)
        if task.there and _is_as_it_was(plan, task, task.there, file.digest):
            return self._moved(replace(file, id=task.there.id, fields_are_old=not task.is_sent))
        return file

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

    def _upload(self, plan: StepPlan, batch: list[_File]) -> list[_Done]:
        """Uploads until an answer says what became of each file."""
        left, done = self._take_keys_off(plan, batch)
        waits = self.org.patience.waits()
        while left:
            lost: Unreachable | None = None
            said: list[Saved | None]
            try:
                said = [*files.upload(self.org, [_record(plan, each) for each in left])]
            except Unreachable as unreachable:
                lost, said = unreachable, [None] * len(left)
            except Refused:
                # It takes none of several at once; one by one is the older way.
                for each in left:
                    done += self._upload(plan, [each])
                break
            # The org may have been slow, not lost, and have the file from before by now.
            doubtful = [f for f, s in zip(left, said, strict=True) if s is None or _is_twin(s)]
            arrived = self._arrived(plan, doubtful)
            again = []
            for each, answer in zip(left, said, strict=True):
                if each.key in arrived:
                    done.append(replace(each, id=arrived[each.key].id))
                elif answer is None:
                    again.append(each)
                elif answer.code is None:
                    done.append(replace(each, id=answer.id))
                else:
                    done.append(self._turned_down(plan, each, answer))
            left = again
            if left and lost:
                wait = next(waits, None)
                if wait is None:
                    raise lost
                self.org.clock.sleep(wait)
        return [self._moved(each) if isinstance(each, _File) else each for each in done]

    def _take_keys_off(self, plan: StepPlan, batch: list[_File]) -> tuple[list[_File], list[_Done]]:
        """A changed file is a further version of its document. The key is unique, and only the
        latest version of a document can be changed: so the old one gives it up first."""
        known = [each for each in batch if each.task.there and each.task.there.key]
        saved = self._set_keys(plan, known, given=False)
        refused = {
            each.key: _refused(each.task.row, said.code, said.fields)
            for each, said in zip(known, saved, strict=True)
            if said.code
        }
        return [each for each in batch if each.key not in refused], [*refused.values()]

    def _turned_down(self, plan: StepPlan, file: _File, said: Saved) -> FileOutcome:
        """A refused file; the version it was to follow gets its key back."""
        if file.task.there and file.task.there.key:
            self._set_keys(plan, [file], given=True)
        return _refused(file.task.row, str(said.code), said.fields)

    def _set_keys(self, plan: StepPlan, known: list[_File], *, given: bool) -> list[Saved]:
        records: list[dict[str, Any]] = [
            {"Id": each.task.there.id, plan.external_id: each.key if given else None}
            for each in known
            if each.task.there
        ]
        return collections.update(self.org, plan.object, records) if records else []

    def _arrived(self, plan: StepPlan, doubtful: list[_File]) -> dict[str, Version]:
        """Those of the files that are there, though no answer said so."""
        found = files.find(self.org, plan.external_id, [each.key for each in doubtful])
        old = {each.task.there.id for each in doubtful if each.task.there}
        return {key: version for key, version in found.items() if version.id not in old}

    def _moved(self, file: _File) -> _Done:
        """Puts a file that was there already on the record it now belongs to."""
        row, location = file.task.row, _location(file.task.row)
        if file.task.there and location and row.location and location != row.location:
            try:
                files.link(self.org, file.task.there.document, location)
                files.unlink(self.org, file.task.there.document, row.location)
            except Refused as refused:
                return _refused(row, refused.problem.code, refused.problem.fields)
        return file

    def _compare(self, plan: StepPlan, sent: list[_File]) -> tuple[list[_File], list[FileOutcome]]:
        """Holds what the org has against what was sent; what was spoilt on its way is replaced by
        a further version."""
        good: list[_File] = []
        refused: list[FileOutcome] = []
        for attempt in range(_SENDS):
            held = files.find(self.org, "Id", [str(each.id) for each in sent])
            spoilt: list[_File] = []
            for each in sent:
                version = held.get(str(each.id))
                if version is None:
                    refused.append(_refused(each.task.row, _SPOILT))
                    continue
                there = replace(version, key=each.key)
                each = replace(each, task=replace(each.task, there=there))
                (good if version.checksum == each.digest.md5 else spoilt).append(each)
            if not spoilt or attempt == _SENDS - 1:
                refused += [_refused(each.task.row, _SPOILT) for each in spoilt]
                break
            sent, turned_down = _parted(self._upload(plan, spoilt))
            refused += turned_down
        return good, refused

    def _update_fields(self, plan: StepPlan, sent: list[_File]) -> list[FileOutcome]:
        """Changes the fields of files whose bytes are as they should be; gives those refused."""
        refused: list[FileOutcome] = []
        fixed = {c.api_name for c in plan.columns if c.create_only}
        kept = {c.api_name for c in plan.columns if c.never_blank}
        for start in range(0, len(sent), collections.MOST):
            some = sent[start : start + collections.MOST]
            records: list[dict[str, Any]] = [
                {"Id": each.id, plan.external_id: each.key}
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


def _is_twin(said: Saved) -> bool:
    return said.code == _DUPLICATE


def _is_to_go(done: _Done) -> bool:
    return isinstance(done, _File) and done.id is None


def _parted(done: list[_Done]) -> tuple[list[_File], list[FileOutcome]]:
    sent = [each for each in done if isinstance(each, _File)]
    return sent, [each for each in done if isinstance(each, FileOutcome)]


def _together(ready: list[_File]) -> Iterator[list[_File]]:
    """Files that go in one request: several small ones, or one."""
    some: list[_File] = []
    size = 0
    for each in ready:
        if some and (len(some) == _TOGETHER or size + each.digest.size > _TOGETHER_BYTES):
            yield some
            some, size = [], 0
        some.append(each)
        size += each.digest.size
    if some:
        yield some


def _record(plan: StepPlan, file: _File) -> files.Upload:
    row = file.task.row
    fields = {n: v for n, v in row.fields.items() if v is not None} | {plan.external_id: row.key}
    # Only the first version of a document says where it is published.
    there = file.task.there
    more = {files.DOCUMENT: there.document} if there else row.parents
    return files.Upload(fields | more, file.place, file.digest.size)


def _location(row: FileRow) -> str | None:
    return next(iter(row.parents.values()), None)


def _refused(row: FileRow, code: str, fields: tuple[str, ...] = ()) -> FileOutcome:
    return FileOutcome(row.key, row.hash, None, code=code, fields=fields)


def _taken(sent: _File) -> FileOutcome:
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


def _found(task: _Task) -> FileOutcome:
    """A file that arrived, though nobody saw it arrive: whether whole is not known."""
    row, there = task.row, task.there
    return FileOutcome(
        key=row.key,
        hash=row.hash,
        id=there.id if there else None,
        created=task.before is None,
        document=there.document if there else None,
        location=_location(row),
    )
