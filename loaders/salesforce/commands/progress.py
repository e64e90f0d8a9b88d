"""How far a run is: a small file for `status`, and lines for whoever watches."""

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from loaders import terminal

FROZEN = "frozen"
"""The state of a run that no manifest has yet: its rows are chosen, and none is sent."""


@dataclass
class StepProgress:
    """One step's counts so far."""

    step: str
    object: str
    rows: int
    created: int = 0
    updated: int = 0
    adopted: int = 0
    rejected: int = 0
    unsent: int = 0
    jobs: int = 0
    state: str = "waiting"
    bytes: int = 0
    bytes_sent: int = 0
    deleted: int = 0


@dataclass
class RunProgress:
    """One run's state, in `progress.json` beside its rows, replaced whole each time. `worked` are
    the seconds that earlier processes worked at it."""

    folder: Path
    run: str
    org: str
    started: str
    steps: list[StepProgress]
    state: str = FROZEN
    finished: str | None = None
    superseded: int = 0
    missing: int = 0
    not_deleted: int = 0
    kind: str = "run"
    worked: float = 0.0
    opened: float = field(default_factory=time.monotonic)
    max_rejects: str = "0"
    begun: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)
    live: Progress | None = None
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """What the file and `--json` say."""
        return {
            "run": self.run,
            "org": self.org,
            "kind": self.kind,
            "max_rejects": self.max_rejects,
            "started": self.started,
            "finished": self.finished,
            "worked_seconds": round(self.seconds, 3),
            "state": self.state,
            "rows": sum(s.rows for s in self.steps),
            "rejected": sum(s.rejected for s in self.steps),
            "superseded": self.superseded,
            "missing_deleted": self.missing,
            "not_deleted": self.not_deleted,
            "steps": [asdict(s) for s in self.steps],
        }

    @property
    def seconds(self) -> float:
        """How long the run was worked at, whatever the clock did; not while it lay broken off."""
        return self.worked + (0.0 if self.finished else time.monotonic() - self.opened)

    def save(self) -> None:
        """Writes the file, whole or not at all."""
        unfinished = self.folder / "progress.json.new"
        unfinished.write_text(json.dumps(self.document(), indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.folder / "progress.json")

    def start(self) -> None:
        """The manifest has the run."""
        self.state = "running"
        self.save()

    def end(self, state: str) -> None:
        """Says how the run ended."""
        self.state = state
        self.worked, self.finished = self.seconds, now()
        self.close()
        self.save()
        terminal.keep_run(self.document())

    def close(self) -> None:
        """Leaves the live display."""
        if self.live:
            self.live.stop()
            self.live = None
            self.tasks.clear()

    def step(self, name: str) -> StepProgress:
        """One step's counts."""
        return next(s for s in self.steps if s.step == name)

    def begin(self, name: str) -> StepProgress:
        """A step starts to be sent."""
        step = self.step(name)
        step.state = "sending"
        self.begun = self.told = time.monotonic()
        self.save()
        if terminal.interactive() and step.rows:
            if self.live is None:
                self.live = Progress(
                    TextColumn("{task.description:<24}"),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TextColumn("{task.fields[rate]}"),
                    TimeRemainingColumn(),
                    console=terminal.notes,
                )
                self.live.start()
            self.tasks[name] = self.live.add_task(name, total=step.rows, rate="")
        return step

    def working(self, name: str, processed: int) -> None:
        """The org has got through so many of the step's rows, this job's included: a live line on
        a terminal, else a plain line now and then."""
        shown = bool(self.live) and name in self.tasks
        now_ = time.monotonic()
        if not shown and (terminal.interactive() or now_ - self.told < terminal.LINE_SECONDS):
            return
        self.told = now_
        step, rate = self.step(name), processed / max(now_ - self.begun, 0.001)
        far = f"{rate:,.0f} rows/s"
        if step.bytes:
            far = f"{_megabytes(step.bytes_sent)} of {_megabytes(step.bytes)} MB, {far}"
        if self.live and shown:
            self.live.update(self.tasks[name], completed=processed, rate=far)
            return
        left = f", {_left((step.rows - processed) / rate)} left" if processed else ""
        terminal.notes.print(f"{name}: {processed:,} of {step.rows:,} rows, {far}{left}")

    def done(self, name: str) -> None:
        """A step is through."""
        step = self.step(name)
        step.state = "done"
        if self.live:
            self.working(name, step.rows)
        self.save()
        if not terminal.interactive() and step.rows:
            seconds = time.monotonic() - self.begun
            terminal.notes.print(f"{name}: {sentence(step)} ({seconds:.1f} s)")


def sentence(step: StepProgress) -> str:
    """What became of a step's rows, in words."""
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (step.created, "created"),
            (step.updated, "updated"),
            (step.adopted, "adopted"),
            (step.deleted, "deleted"),
            (step.rejected, "refused by the org"),
            (step.unsent, "waiting for their record"),
        )
        if count
    ]
    if step.bytes:
        parts.append(f"{_megabytes(step.bytes_sent)} MB of files")
    return ", ".join(parts) or "nothing sent"


def _left(seconds: float) -> str:
    minutes, seconds = divmod(max(round(seconds), 0), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.1f}"


def now() -> str:
    """The present as ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_back(folder: Path) -> RunProgress:
    """A run's progress from its file, to carry it on."""
    said = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    steps = [StepProgress(**s) for s in said["steps"]]
    return RunProgress(
        *(folder, said["run"], said["org"], said["started"], steps),
        state="running",
        kind=said.get("kind", "run"),
        max_rejects=said.get("max_rejects", "0"),
        worked=said.get("worked_seconds", 0.0),
    )


def is_begun(folder: Path) -> bool:
    """Whether the run of a folder came to be sent, as far as its file tells."""
    file = folder / "progress.json"
    return file.exists() and json.loads(file.read_text(encoding="utf-8"))["state"] != FROZEN


def mark(folder: Path, state: str) -> None:
    """Says of a run that ended what became of it since."""
    file = folder / "progress.json"
    said = json.loads(file.read_text(encoding="utf-8")) | {"state": state}
    unfinished = folder / "progress.json.new"
    unfinished.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(file)
