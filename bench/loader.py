"""Measures the loader and holds it against its bars: `python -m bench --loader-rows N`.

A mart of N rows goes into a local org by `load-sf run`, by a script of plain DuckDB and curl
(`bench.reference`) and by simple-salesforce (`bench.simple`), each into an org and a home of its
own, copied from one that was made ready; then the loader and DuckDB look for changes where there
are none. At the end of each round `load-sf verify` reads all of it back, and `load-sf rollback`
undoes it. The loader and the script take turns, and the median of three rounds counts. Memory is
what the system says a command held at most, at a tenth, once and twice the rows.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import mart
from bench.export import write_patients
from demo.plain import say, table
from demo.stages import command
from loaders.errors import UserError
from loaders.home import Home
from loaders.salesforce.api import local
from loaders.salesforce.api.clock import SystemClock
from loaders.terminal import notes
from local_org.process import locked

ROUNDS = 3
# Rows of all files of an export of plain patients, for each patient.
RAW_ROWS_A_PATIENT = 1.7
MEGABYTE = 1_000_000

AGAINST_REFERENCE = 1.5
AGAINST_SIMPLE = 2.0
DELTA_TIMES, DELTA_PLUS = 2.0, 2.0
DELTA_CALLS = 10
CALLS = 200
FLAT = 1.2
MOST_MEGABYTES = 1_000


@dataclass(frozen=True)
class Ran:
    """A command that has run: wall seconds, seconds of CPU, peak resident megabytes, and what it
    printed."""

    seconds: float
    cpu: float
    peak_megabytes: int
    said: str

    def answer(self) -> Any:
        """The JSON document it printed."""
        return json.loads(self.said)


@dataclass(frozen=True)
class Bar:
    """A figure, the bar it is held against, and whether it is reached; None where it was not
    measured."""

    what: str
    figure: str
    bar: str
    reached: bool | None


@dataclass(frozen=True)
class Round:
    """The same rows by the loader and the script, then nothing changed: by the loader, and the
    seconds of DuckDB's hash and anti-join; then all of it read back and compared, and undone. The
    script's are None where there is no curl."""

    loader: Ran
    delta: Ran
    verify: Ran
    rollback: Ran
    curl: Ran | None
    anti_join: float | None


@dataclass(frozen=True)
class Simple:
    """simple-salesforce, with its own waits and without."""

    own: Ran
    hurried: Ran


def run(home: Home, *arguments: str) -> Ran:
    """Runs a command in a home to its end. Raises UserError where it fails."""
    begun = time.monotonic()
    log = home.path / "bench.log"
    with log.open("wb") as said:
        child = subprocess.Popen(
            arguments,
            env={**os.environ, "MIGRATION_HOME": str(home.path), "CI": "true"},
            stdout=subprocess.PIPE,
            stderr=said,
        )
        assert child.stdout is not None
        with child.stdout:
            printed = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise UserError(f"{' '.join(arguments)} ended with {child.returncode}.", "\n  ".join(last))
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(
        time.monotonic() - begun,
        used.ru_utime + used.ru_stime,
        round(used.ru_maxrss * unit / MEGABYTE),
        printed.decode(),
    )


def apart(work: Callable[..., Any], *arguments: Any) -> None:
    """Does something large in a process of its own: what this one holds when it starts a command
    counts as that command's memory too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(work, *arguments).result()


def made_ready(path: Path, rows: int) -> Home:
    """A home with the mart built and its object in the org, to be copied."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700, parents=True)
    home = Home(path)
    run(home, *command("load-sf", "pull"))
    apart(mart.build, home, rows)
    run(home, *command("load-sf", "schema", "deploy"))
    stop(home)
    return home


def stop(home: Home) -> None:
    """Ends a home's org and waits until its process has let go of the folder."""
    local.stop(home.local_org, SystemClock())
    with locked(home.local_org):
        pass


@contextmanager
def copy_of(ready: Home, name: str) -> Iterator[Home]:
    """A copy whose org answers; gone afterwards."""
    path = ready.path.with_name(name)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(ready.path, path, symlinks=True)
    home = Home(path)
    apart(local.ensure, home.local_org, SystemClock())
    try:
        yield home
    finally:
        stop(home)
        shutil.rmtree(path)


def one_round(ready: Home) -> Round:
    """The loader and the script once each."""
    curl = anti_join = None
    if shutil.which("curl"):
        with copy_of(ready, "curl") as home:
            curl = run(home, sys.executable, "-m", "bench.reference")
            only = run(home, sys.executable, "-m", "bench.reference", "--delta")
            anti_join = sum(only.answer()["seconds"].values())
    with copy_of(ready, "loader") as home:
        loader = run(home, *command("load-sf", "run", "--json"))
        delta = run(home, *command("load-sf", "run", "--json"))
        verify = run(home, *command("load-sf", "verify", "--json"))
        rollback = run(home, *command("load-sf", "rollback", "last", "--json"))
    return Round(loader, delta, verify, rollback, curl, anti_join)


def by_simple(ready: Home, *options: str) -> Ran:
    """simple-salesforce, with the rows as a file that is there already."""
    csv = ready.path.with_name("rows.csv")
    apart(mart.write_csv, ready, csv)
    with copy_of(ready, "simple") as home:
        found = run(home, sys.executable, "-m", "bench.simple", str(csv), *options)
    csv.unlink()
    return found


def speed(folder: Path, rows: int) -> tuple[list[Round], Simple]:
    """All rounds, and simple-salesforce."""
    ready = made_ready(folder / "ready", rows)
    rounds = []
    for number in range(1, ROUNDS + 1):
        rounds.append(one_round(ready))
        _tell(f"round {number}", rounds[-1])
        _refuse_missing(rows, rounds[-1].loader, rounds[-1].curl)
    simple = Simple(by_simple(ready), by_simple(ready, "--hurried"))
    _tell("simple-salesforce", simple)
    _refuse_missing(rows, simple.own, simple.hurried)
    shutil.rmtree(ready.path)
    return rounds, simple


def _tell(what: str, found: Round | Simple) -> None:
    ran = {name: one for name, one in vars(found).items() if isinstance(one, Ran)}
    parts = ", ".join(f"{name} {one.seconds:.1f} s" for name, one in ran.items())
    notes.print(f"{what}: {parts}")


def _refuse_missing(rows: int, *runs: Ran | None) -> None:
    """Raises UserError where one did not bring in every row."""
    for one in runs:
        if one is None:
            continue
        said = one.answer()
        number = said["rows"] if "rows" in said else said["sent"] - said["rejected"]
        if number != rows:
            raise UserError(
                f"One brought in {number:,} of {rows:,} rows.", "It cannot be compared."
            )


def loader_peaks(folder: Path, sizes: list[int]) -> dict[int, int]:
    """The most megabytes that `load-sf run` held, by the rows it sent."""
    peaks = {}
    for size in sizes:
        ready = made_ready(folder / "ready", size)
        with copy_of(ready, "loader") as home:
            peaks[size] = run(home, *command("load-sf", "run")).peak_megabytes
        shutil.rmtree(ready.path)
    return peaks


def landing_peaks(folder: Path, sizes: list[int]) -> dict[int, int]:
    """The most megabytes that `load-raw` held, by the rows it landed."""
    peaks = {}
    for size in sizes:
        home = Home(folder / "landing")
        shutil.rmtree(home.path, ignore_errors=True)
        home.path.mkdir(mode=0o700, parents=True)
        export = home.path / "export"
        apart(write_patients, export, max(1, round(size / RAW_ROWS_A_PATIENT)))
        peaks[size] = run(home, *command("load-raw", str(export))).peak_megabytes
        shutil.rmtree(home.path)
    return peaks


def bars_of(rows: int, rounds: list[Round], simple: Simple) -> list[Bar]:
    """The bars of speed and of calls."""
    seconds = statistics.median(r.loader.seconds for r in rounds)
    against_simple = simple.own.seconds / seconds
    calls = max(r.loader.answer()["api_calls"] for r in rounds)
    idle = max(r.delta.answer()["api_calls"] for r in rounds)
    sent = max(r.delta.answer()["sent"] for r in rounds)
    bars = [
        *_against_curl(rounds),
        Bar(
            "rows/s against simple-salesforce's upsert",
            f"{against_simple:.2f} times",
            f"{AGAINST_SIMPLE} times or more",
            against_simple >= AGAINST_SIMPLE,
        ),
        Bar("nothing changed: rows sent", f"{sent:,}", "none", sent == 0),
        Bar(
            "nothing changed: API calls", f"{idle}", f"{DELTA_CALLS} or fewer", idle <= DELTA_CALLS
        ),
    ]
    return [
        *bars,
        Bar(f"API calls for {rows:,} rows", f"{calls}", f"{CALLS} or fewer", calls <= CALLS),
    ]


def _against_curl(rounds: list[Round]) -> list[Bar]:
    run_bar = f"{AGAINST_REFERENCE} times or less"
    delta_bar = f"{DELTA_TIMES:.0f} times and {DELTA_PLUS:.0f} s or less"
    what = "load-sf run against plain DuckDB and curl"
    idle = "nothing changed: against hash and anti-join"
    pairs = [(r, r.curl, r.anti_join) for r in rounds if r.curl and r.anti_join is not None]
    if not pairs:
        return [
            Bar(what, "no curl here", run_bar, None),
            Bar(idle, "no curl here", delta_bar, None),
        ]
    ratio = statistics.median(r.loader.seconds / curl.seconds for r, curl, _ in pairs)
    over = statistics.median(
        (r.delta.seconds - DELTA_PLUS) / anti_join for r, _, anti_join in pairs
    )
    took = statistics.median(r.delta.seconds for r, _, _ in pairs)
    joined = statistics.median(anti_join for _, _, anti_join in pairs)
    return [
        Bar(what, f"{ratio:.2f} times", run_bar, ratio <= AGAINST_REFERENCE),
        Bar(idle, f"{took:.1f} s to {joined:.2f} s", delta_bar, over <= DELTA_TIMES),
    ]


def memory_bars(what: str, peaks: dict[int, int]) -> list[Bar]:
    """Each larger size against the smallest, the largest against the one before it, and the
    largest peak."""
    sizes = list(peaks)
    pairs = [(larger, sizes[0]) for larger in sizes[1:]] + [(sizes[-1], sizes[-2])]
    bars = [
        Bar(
            f"{what}: memory of {larger:,} rows to that of {smaller:,}",
            f"{peaks[larger] / peaks[smaller]:.2f} times",
            f"{FLAT} times or less",
            peaks[larger] / peaks[smaller] <= FLAT,
        )
        for larger, smaller in pairs
    ]
    most = max(peaks.values())
    bar = f"{MOST_MEGABYTES:,} MB or less"
    return [*bars, Bar(f"{what}: peak", f"{most:,} MB", bar, most <= MOST_MEGABYTES)]


def measure(folder: Path, rows: int) -> dict[str, Any]:
    """Measures everything, shows it, and gives it as a document."""
    if not shutil.which("curl"):
        notes.print("bench: there is no curl here; nothing is held against DuckDB and curl.")
    rounds, simple = speed(folder, rows)
    sizes = [max(1, rows // 10), rows, 2 * rows]
    peaks = {"load-sf run": loader_peaks(folder, sizes), "load-raw": landing_peaks(folder, sizes)}
    bars = bars_of(rows, rounds, simple)
    bars += [bar for what, found in peaks.items() for bar in memory_bars(what, found)]
    _show(rows, rounds, simple, bars)
    return {
        "rounds": [asdict(each) for each in rounds],
        "simple_salesforce": asdict(simple),
        "peaks": peaks,
        "bars": [asdict(bar) for bar in bars],
    }


def _show(rows: int, rounds: list[Round], simple: Simple, bars: list[Bar]) -> None:
    named: dict[str, list[Ran | None]] = {
        "load-sf run": [r.loader for r in rounds],
        "plain DuckDB and curl": [r.curl for r in rounds],
        "simple-salesforce": [simple.own],
        "simple-salesforce, hurried": [simple.hurried],
        "load-sf run, nothing changed": [r.delta for r in rounds],
        "load-sf verify": [r.verify for r in rounds],
        "load-sf rollback": [r.rollback for r in rounds],
    }
    lines = []
    for name, found in named.items():
        runs = [one for one in found if one]
        if not runs:
            continue
        seconds = statistics.median(one.seconds for one in runs)
        cpu = statistics.median(one.cpu for one in runs)
        peak = max(one.peak_megabytes for one in runs)
        calls = max(one.answer().get("api_calls", 0) for one in runs)
        lines.append(
            (
                *(name, f"{seconds:.1f}", f"{cpu:.1f}", f"{rows / seconds:,.0f}"),
                *(f"{peak:,}", f"{calls:,}" if calls else "-"),
            )
        )
    table((f"{rows:,} rows", "seconds", "of CPU", "rows/s", "peak MB", "calls"), lines)
    say("  The local org's work is in the seconds, not in the CPU and not in the memory.")
    words = {True: "yes", False: "NO", None: "not measured"}
    table(
        ("what", "figure", "bar", "reached"),
        [(bar.what, bar.figure, bar.bar, words[bar.reached]) for bar in bars],
    )
