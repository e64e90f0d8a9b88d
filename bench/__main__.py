"""Measures a migration: `python -m bench [--patients N | --raw-rows N | --exec-rows N |
--loader-rows N]`.

Makes an export of N plain patients, takes it through every command into a local org of its own,
and tells each stage's time, memory and rows a second; `bench.json` in MIGRATION_HOME keeps them.
With --raw-rows the export is a whole practice of about N rows in all its files, and the measuring
ends with the build: beside its wall time stand its models and data tests, and the same statements
run straight in DuckDB. With --exec-rows it is a Dental-Exec practice of N tasks and bills, taken
through every command like plain patients. With --loader-rows the loader alone is held against its
bars. `make bench` does each. Without MIGRATION_HOME it works in a temporary folder and removes all
of it but the figures.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench import loader
from bench.export import write_dental_exec, write_patients, write_practice
from bench.straight import Node, nodes_of
from demo.plain import say, table
from demo.stages import BUILD, Outcome, Stage, command, perform
from loaders.errors import Exit, UserError
from loaders.home import Home
from loaders.terminal import notes

MEGABYTE = 1_000_000
SLOWEST = 3


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


_BUILDING = (
    Stage("pull", "load-sf pull", command("load-sf", "pull")),
    Stage("build", "dbt build", command("dbt", *BUILD)),
)
_LOADING = (
    Stage("schema", "load-sf schema deploy", command("load-sf", "schema", "deploy")),
    Stage("run", "load-sf run", command("load-sf", "run", "--json"), True),
    Stage("verify", "load-sf verify", command("load-sf", "verify", "--json"), True),
)
_STRAIGHT = (
    Stage("straight", "straight in DuckDB", [sys.executable, "-m", "bench.straight"], True),
)


def measure(home: Home, write: Callable[[Path], int], stages: tuple[Stage, ...]) -> list[Figures]:
    """Writes an export, lands it and runs the stages. Raises UserError where one fails."""
    export = home.path / "bench" / "export"
    if export.exists():
        shutil.rmtree(export)
    begun = time.monotonic()
    raw_rows = write(export)
    figures = [Figures("generate", time.monotonic() - begun, 0, 0, raw_rows)]
    tell(figures[-1])
    landing = Stage("load-raw", "load-raw", command("load-raw", str(export)))
    for stage in (landing, *stages):
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
        case "load-raw" | "build" | "straight":
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


@dataclass(frozen=True)
class Ratio:
    """dbt's work on the models and data tests against DuckDB's on the same statements: seconds
    summed over both, and those of the slowest models."""

    dbt: float
    straight: float
    slowest: list[tuple[str, float, float]]

    def show(self) -> None:
        """Tells it."""
        say(
            f"  Models and data tests, summed: {self.dbt:.1f} seconds by dbt, {self.straight:.1f}"
            f" straight in DuckDB: {self.dbt / self.straight:.2f} times."
        )
        table(
            ("slowest models", "dbt", "straight"),
            [(name, f"{dbt:.1f}", f"{straight:.1f}") for name, dbt, straight in self.slowest],
        )


def compare(home: Home) -> Ratio:
    """Holds the last build against what `bench.straight` answered."""
    straight = json.loads((home.path / "bench" / "straight.json").read_text(encoding="utf-8"))
    nodes = nodes_of(home)
    models = sorted((n for n in nodes if not n.is_test), key=_seconds, reverse=True)
    return Ratio(
        dbt=sum(map(_seconds, nodes)),
        straight=sum(straight[node.unique_id] for node in nodes),
        slowest=[(n.name, n.dbt_seconds, straight[n.unique_id]) for n in models[:SLOWEST]],
    )


def _seconds(node: Node) -> float:
    return node.dbt_seconds


def _machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def _document(figures: list[Figures], ratio: Ratio | None) -> dict[str, Any]:
    return {
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
        **({"models_and_tests": asdict(ratio)} if ratio else {}),
    }


@dataclass(frozen=True)
class Asked:
    """What to measure: how large, of what kind."""

    kind: str
    number: int

    def measure(self, home: Home) -> tuple[list[Figures], Ratio | None]:
        """Measures it; gives the stages, and dbt against DuckDB where that is asked for."""
        write = {
            "patients": write_patients,
            "raw_rows": write_practice,
            "exec_rows": write_dental_exec,
        }[self.kind]
        building_only = self.kind == "raw_rows"
        stages = (*_BUILDING, *(_STRAIGHT if building_only else _LOADING))
        figures = measure(home, lambda folder: write(folder, self.number), stages)
        _show(figures)
        return figures, compare(home) if building_only else None


def _bench(home: Home, asked: Asked) -> None:
    if asked.kind == "loader_rows":
        measured = loader.measure(home.path / "bench", asked.number)
    else:
        figures, ratio = asked.measure(home)
        if ratio:
            ratio.show()
        measured = _document(figures, ratio)
    path = home.path / "bench.json"
    document = {asked.kind: asked.number, **_machine(), **measured}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    say(f"  Kept in {path}")


def _asked(kind: str, number: str) -> Asked:
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return Asked(kind, int(number))


def main() -> int:
    """Runs the bench; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    for kind in ("patients", "raw_rows", "exec_rows", "loader_rows"):
        option = f"--{kind.replace('_', '-')}"
        size.add_argument(option, dest="asked", metavar="N", type=partial(_asked, kind))
    asked: Asked = parser.parse_args().asked or Asked("patients", 1_000_000)
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
        _bench(Home(path), asked)
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
