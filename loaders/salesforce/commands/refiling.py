"""Gives files their earlier bytes, fields and place back.

No version can be deleted by API. The bytes a file had are in its earlier version still: they come
back as a further one, which bears the key, by the same way on which files arrive.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from loaders.salesforce.api import files
from loaders.salesforce.api.org import Org
from loaders.salesforce.commands.progress import RunProgress
from loaders.salesforce.commands.uploading import Uploads
from loaders.salesforce.ledger import changes, protect, undone
from loaders.salesforce.ledger.manifest import Job
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.undo import Undo, refiled

_ROUND = 0


@dataclass(frozen=True)
class Refiling:
    """What it needs; `folder` is the rollback's own, below `home`."""

    org: Org
    undo: Undo
    home: Path
    folder: Path
    progress: RunProgress

    def settle(self) -> None:
        """Carries on what an earlier process left half done."""
        manifest, rollback = self.undo.manifest, self.undo.rollback
        for plan in self.undo.plans:
            if not plan.binary:
                continue
            for round_ in range(manifest.next_round(rollback, plan.name)):
                for job in manifest.jobs(rollback, plan.name, round_):
                    if job.state == "saved":
                        self._note(job)
            for job in manifest.unsaved(rollback, plan.name):
                self._job(plan, job)

    def restore(self) -> None:
        """Restores the files of every step that changed some."""
        for plan in self.undo.plans:
            if plan.binary and plan.name in self.undo.images:
                self._step(plan)
        shutil.rmtree(self.folder / "files", ignore_errors=True)

    def _step(self, plan: StepPlan) -> None:
        con, manifest = self.undo.con, self.undo.manifest
        refiled(self.undo, plan)
        checksum = name(self.undo.checksum)
        rows = con.execute(f"select key, old_id, {checksum} from refiled order by 1").fetchall()
        if not rows:
            return
        self.progress.begin(plan.name)
        con.execute(
            "create or replace temp table fetched"
            " (key varchar, path varchar, sha256 varchar, size bigint)"
        )
        for key, version, md5 in rows:
            about = self._fetch(str(key), str(version), str(md5))
            con.execute("insert into fetched values (?, ?, ?, ?)", list(about))
        round_ = manifest.next_round(self.undo.rollback, plan.name)
        file = self._freeze(plan, round_)
        parts = list(changes.split(con, file, changes.MAX_FILES))
        for job in manifest.intend(self.undo.rollback, plan.name, round_, parts):
            self._job(plan, job)
        protect.also(con, undone.refused_nodes(self.undo, plan.name, undone.RESTORED))

    def _job(self, plan: StepPlan, job: Job) -> None:
        undo, nobody = self.undo, lambda *_: None
        uploads = Uploads(self.org, undo.org_id, undo.manifest, self.folder, self.home, nobody)
        uploads.job(plan, job)
        self._note(job)

    def _note(self, job: Job) -> None:
        undone.save_files(
            self.undo,
            job,
            f"select _key as key, _old_id as old_id from"
            f" read_parquet({text(self.folder / job.part.file)}, file_row_number = true)"
            f" where file_row_number between {job.part.first} and {job.part.last}",
        )

    def _fetch(self, key: str, version: str, md5: str) -> tuple[str, str, str, int]:
        """Brings a version's bytes here; gives key, path from the home, SHA-256 and size."""
        place = self.folder / "files" / version
        place.parent.mkdir(mode=0o700, exist_ok=True)
        digest = files.download_version(self.org, version, md5, place)
        return key, str(place.relative_to(self.home)), digest.sha256, digest.size

    def _freeze(self, plan: StepPlan, round_: int) -> Path:
        """Writes the rows as a run would freeze them, with what the files were before."""
        file = self.folder / f"{plan.name}.refiled.{round_}.parquet"
        cells = []
        for c in plan.columns:
            value = f"q.{name(c.api_name)}"
            if c.is_binary:
                value = "t.path"
            elif c.lookup:
                value = (
                    f"(select any_value(key) from records where org = {text(self.undo.org_id)}"
                    f" and step = {text(c.lookup)} and id = q.location and action <> 'deleted')"
                )
            elif c.column == plan.external_id:
                value = "q.key"
            cells.append(f"{value} as {name(c.column)}")
        self.undo.con.execute(
            "copy (select q.key as _key, q.old_id as _id, q.old_id as _old_id, q.old_hash as _hash,"
            " t.size as _bytes, t.sha256 as _sha256, q.key as _group, 'upsert' as _kind,"
            " cast([] as varchar[]) as _kept,"
            f" {', '.join(cells)}"
            f" from refiled as q join fetched as t on t.key = q.key order by q.key)"
            f" to {text(file)} (format parquet)"
        )
        return file
