"""What a run needs of an org: jobs, calls, batches, storage, time; and what the org has left."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from loaders.salesforce.api.retry import Polling
from loaders.salesforce.ledger.forecast import StepForecast
from loaders.salesforce.schema.planning import BYTES_A_RECORD

SAID: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parent / "planning.yml").read_text(encoding="utf-8")
)
_MB = 1 << 20


@dataclass(frozen=True)
class Speed:
    """Rows a second, and whether earlier runs of this org say so (`runs` of them)."""

    rows_per_second: float
    runs: int


@dataclass(frozen=True)
class Needs:
    """What a run of everything planned takes. `data_mb` counts new records at 2 KB each."""

    rows: int
    jobs: int
    batches: int
    bytes: int
    api_calls: int
    query_jobs: int
    records: int
    data_mb: float
    file_mb: float
    seconds: float
    rows_per_second: float
    measured_runs: int


@dataclass(frozen=True)
class Room:
    """One limit of the org, under its own name: what is needed, what is left; None where the org
    does not tell."""

    name: str
    words: str
    needed: float
    remaining: float | None
    max: float | None

    @property
    def fits(self) -> bool | None:
        """Whether there is room, as far as it is known."""
        return None if self.remaining is None else self.needed <= self.remaining


def speed(runs: Path, org: str) -> Speed:
    """How fast earlier runs of this org were; an assumption where they say nothing."""
    rows, seconds, number = 0, 0.0, 0
    for file in sorted(runs.glob("*/progress.json")):
        said = json.loads(file.read_text(encoding="utf-8"))
        if said.get("kind") == "rollback":
            continue
        took = said.get("worked_seconds")
        if said["org"] != org or said["state"] != "done" or not took:
            continue
        # Files take their time by the byte.
        sent = sum(step["rows"] for step in said["steps"] if not step.get("bytes"))
        if sent >= SAID["telling_rows"]:
            rows, seconds, number = rows + sent, seconds + took, number + 1
    if not number or not seconds:
        return Speed(float(SAID["rows_per_second"]), 0)
    return Speed(rows / seconds, number)


def of_run(steps: Iterable[StepForecast], fast: Speed) -> Needs:
    """What all steps take together."""
    counted = [each for each in steps if each.counts]
    files = [each for each in counted if each.cut.is_files]
    rows = [each for each in counted if each not in files]
    sent = sum(each.cut.rows for each in rows)
    file_bytes = sum(each.cut.bytes for each in files)
    records = sum(each.counts.create for each in rows if each.counts and not each.is_update)
    seconds = sent / fast.rows_per_second + file_bytes / SAID["bytes_per_second"]
    queries = sum(_queries(each) for each in counted)
    return Needs(
        rows=sent + sum(each.cut.rows for each in files),
        jobs=sum(each.cut.jobs for each in rows),
        batches=sum(each.cut.batches for each in rows),
        bytes=sum(each.cut.bytes for each in rows),
        api_calls=_calls(rows, files, fast, queries, counted),
        query_jobs=queries,
        records=records,
        data_mb=records * BYTES_A_RECORD / _MB,
        file_mb=file_bytes / _MB,
        seconds=seconds,
        rows_per_second=fast.rows_per_second,
        measured_runs=fast.runs,
    )


def _queries(each: StepForecast) -> int:
    """Query jobs that read records before they are changed or deleted: by Id, or many at once;
    what is taken over bears no key yet and is asked for by Id."""
    most, read = int(SAID["ids_a_query"]), each.cut.read
    if read > int(SAID["most_by_id"]):
        adopted = each.counts.adopt if each.counts else 0
        return 1 + ceil(adopted / most) + ceil(each.superseded / most)
    return ceil(read / most) + ceil(each.superseded / most)


def _calls(
    rows: list[StepForecast],
    files: list[StepForecast],
    fast: Speed,
    queries: int,
    counted: list[StepForecast],
) -> int:
    each: dict[str, int] = SAID["calls"]
    calls = each["run"] + len({step.object for step in counted if step.cut.rows})
    for step in rows:
        if step.cut.jobs:
            seconds = step.cut.rows / step.cut.jobs / fast.rows_per_second
            calls += step.cut.jobs * (each["job"] + _polls(seconds))
        calls += step.cut.corrections * each["correction"]
    for step in files:
        requests = max(
            ceil(step.cut.rows / each["files_a_request"]),
            ceil(step.cut.bytes / each["bytes_a_request"]),
        )
        calls += step.cut.jobs * each["file_job"] + requests
    most = int(SAID["deletes_a_request"])
    deletes = sum(ceil(step.superseded / most) for step in counted)
    return calls + queries * each["query"] + deletes


def _polls(seconds: float) -> int:
    """How often a job that takes so long is looked at."""
    polls, waited = 1, 0.0
    for wait in Polling().waits():
        if waited >= seconds:
            return polls
        polls, waited = polls + 1, waited + wait
    return polls


def rooms(wanted: Needs, limits: Mapping[str, Any]) -> Iterator[Room]:
    """The org's limits that a run takes of."""
    for name, about in SAID["limits"].items():
        said = limits.get(name) or {}
        yield Room(
            name=name,
            words=about["words"],
            needed=getattr(wanted, about["need"]),
            remaining=said.get("Remaining"),
            max=said.get("Max"),
        )
