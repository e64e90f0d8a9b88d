"""Measures a whole migration: `python -m bench [--patients N]`, which is `make bench`.

Makes an export of N plain patients, takes it through every command into a local org of its own,
and tells each stage's time, memory and rows a second; `bench.json` in MIGRATION_HOME keeps them.
Without MIGRATION_HOME it works in a temporary folder and removes all of it but the figures.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.export import write_export
from demo.plain import say, table
from demo.stages import BUILD, Outcome, Stage, command, perform
from loaders.errors import Exit, UserError
from loaders.home import Home
from loaders.terminal import notes

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Figures:
    """One stage measured. `rows` is what it moved: raw rows until `dbt build`, then records."""

    stage: str
    seconds: float
    peak_megabytes: int
    org_megabytes: int
    rows: int

    @property
    def rows_per_second(self) -> int:
        """Throughput, rounded."""
        return round(self.rows / self.seconds) if self.seconds else 0


def measure(home: Home, patients: int) -> list[Figures]:
    """Runs the migration stage by stage. Raises UserError where a stage fails."""
    export = home.path / "bench" / "export"
    if export.exists():
        shutil.rmtree(export)
    begun = time.monotonic()
    raw_rows = write_export(export, patients)
    figures = [Figures("generate", time.monotonic() - begun, 0, 0, raw_rows)]
    tell(figures[-1])
    stages = (
        Stage("load-raw", "load-raw", command("load-raw", str(export))),
        Stage("pull", "load-sf pull", command("load-sf", "pull")),
        Stage("build", "dbt build", command("dbt", *BUILD)),
        Stage("schema", "load-sf schema deploy", command("load-sf", "schema", "deploy")),
        Stage("run", "load-sf run", command("load-sf", "run", "--json"), True),
        Stage("verify", "load-sf verify", command("load-sf", "verify", "--json"), True),
    )
    for stage in stages:
        outcome = perform(
            stage,
            home.path / "bench" / f"{stage.name}.log",
            {"MIGRATION_HOME": str(home.path)},
            beside=lambda: _local_org_pid(home),
        )
        _refuse_failure(outcome)
        figures.append(
            Figures(
                stage.title,
                outcome.seconds,
                round(outcome.peak_bytes / MEGABYTE),
                round(outcome.peak_bytes_beside / MEGABYTE),
                _moved(outcome, raw_rows),
            )
        )
        tell(figures[-1])
    return figures


def _moved(outcome: Outcome, raw_rows: int) -> int:
    """How many rows a stage moved: what the loader says, where it is one of its stages."""
    match outcome.stage.name:
        case "load-raw" | "build":
            return raw_rows
        case "run":
            return int(outcome.answer()["sent"])
        case "verify":
            return sum(int(step["found"]) for step in outcome.answer()["steps"])
        case _:
            return 0


def _local_org_pid(home: Home) -> int | None:
    try:
        return int(json.loads((home.local_org / "server.json").read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def tell(figures: Figures) -> None:
    """One line as soon as a stage is done: the whole table may be a quarter of an hour away."""
    notes.print(f"{figures.stage:<24}{figures.seconds:>8.1f} s")


def _refuse_failure(outcome: Outcome) -> None:
    if outcome.code:
        raise UserError(
            f"{outcome.stage.title} failed with exit code {outcome.code}.",
            "\n  ".join([*outcome.last_lines(), f"All of it: {outcome.log}"]),
        )


def _show(figures: list[Figures]) -> None:
    table(
        ("stage", "seconds", "peak MB", "local org MB", "rows", "rows/s"),
        [
            (
                *(one.stage, f"{one.seconds:.1f}", _number(one.peak_megabytes)),
                *(_number(one.org_megabytes), _number(one.rows), _number(one.rows_per_second)),
            )
            for one in figures
        ],
    )
    say(f"  All stages: {sum(one.seconds for one in figures):.1f} seconds.")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"


def _document(patients: int, figures: list[Figures]) -> dict[str, Any]:
    return {
        "patients": patients,
        "cpus": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "stages": [
            {
                "stage": one.stage,
                "seconds": round(one.seconds, 2),
                "peak_megabytes": one.peak_megabytes,
                "local_org_peak_megabytes": one.org_megabytes,
                "rows": one.rows,
                "rows_per_second": one.rows_per_second,
            }
            for one in figures
        ],
    }


def _bench(home: Home, patients: int) -> None:
    figures = measure(home, patients)
    _show(figures)
    path = home.path / "bench.json"
    path.write_text(json.dumps(_document(patients, figures), indent=2) + "\n", encoding="utf-8")
    say(f"  Kept in {path}")


def main() -> int:
    """Runs the bench; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000_000)
    patients = parser.parse_args().patients
    if patients < 1:
        parser.error("--patients must be 1 or more.")
    if os.environ.get("SF_INSTANCE_URL"):
        notes.print("bench: SF_INSTANCE_URL is set; the bench is for the local org only. Unset it.")
        return Exit.BLOCKED
    named = os.environ.get("MIGRATION_HOME")
    path = Path(named).absolute() if named else Path(tempfile.mkdtemp(prefix="bridgework-bench-"))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (path / "raw").exists() and not (path / "bench").exists():
        notes.print(f"bench: {path} holds a migration. Set MIGRATION_HOME to an empty folder.")
        return Exit.BLOCKED
    try:
        _bench(Home(path), patients)
    except UserError as error:
        notes.print(f"bench: {error}", markup=False)
        return error.code
    if not named:
        _clear(path)
    return Exit.DONE


def _clear(path: Path) -> None:
    """Leaves the figures only: a million patients take gigabytes."""
    for child in path.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child, ignore_errors=True)
        elif child.name != "bench.json":
            child.unlink()


if __name__ == "__main__":
    sys.exit(main())
