"""`make demo`: practices that do not exist move into a Salesforce that runs on this machine."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.markup import escape

from demo import practice
from demo.facts import gather
from demo.maple_street import practice as maple_street
from demo.org import furnish
from demo.plain import near
from demo.stages import BUILD, Outcome, Stage, command, perform
from demo.summary import show
from loaders.errors import Exit, UserError
from loaders.home import Home, open_home
from loaders.terminal import console, interactive, run

_TITLE_WIDTH = 28
_PRACTICES = {"oak_park": practice.write, "maple_street": maple_street.write}
"""What writes the export of each practice."""


@click.command("demo")
def demo() -> None:
    """Migrates the made-up practices into the local org, verifies them, tells what happened."""
    if os.environ.get("SF_INSTANCE_URL"):
        raise UserError(
            "SF_INSTANCE_URL is set, and the demo is for the local org only.",
            "Unset it: made-up patients have no place in a real org.",
            Exit.BLOCKED,
        )
    _migrate(open_home())


def _migrate(home: Home) -> None:
    console.print("[bold]Oak Park Dental and Maple Street Dental move to Salesforce.[/bold]")
    console.print("One kept its books in Dentrix, the other in Dental-Exec.")
    console.print("The practices are made up, and the Salesforce runs on this machine.\n")
    exports = {slug: home.path / "demo" / slug / "export" for slug in _PRACTICES}
    begun = time.monotonic()
    _step("Make up the practices", lambda: "written" if _make_up(exports) else "unchanged")
    landing = command("load-raw", *map(str, exports.values()))
    _perform(home, Stage("load-raw", "Land their exports", landing))
    _step(
        "Furnish the local org",
        lambda: "users and accounts of before" if furnish(home.local_org) else "furnished already",
    )
    _perform(home, Stage("pull", "Read what the org holds", command("load-sf", "pull")))
    _perform(home, Stage("build", "Shape it for Salesforce", command("dbt", *BUILD)))
    _perform(
        home, Stage("schema", "Deploy objects and fields", command("load-sf", "schema", "deploy"))
    )
    loading = Stage(
        "run",
        "Load what changed",
        command("load-sf", "run", "--json", "--allow-open-claims"),
        answers=True,
    )
    loaded = _perform(home, loading)
    verifying = Stage(
        "verify", "Read it back and compare", command("load-sf", "verify", "--json"), answers=True
    )
    verified = _perform(home, verifying)
    _perform(home, Stage("report", "Write the report", command("load-sf", "report")))
    seconds = time.monotonic() - begun
    show(gather(home, loaded.answer(), verified.answer()), home, seconds)


def _make_up(exports: dict[str, Path]) -> bool:
    """Writes the exports; False where all of them stood there already."""
    written = [_PRACTICES[slug](folder) for slug, folder in exports.items()]
    return any(written)


def _step(title: str, action: Callable[[], str]) -> None:
    """Does something of the demo's own, and tells it as one line."""
    begun = time.monotonic()
    with _working(title):
        remark = action()
    _tell(title, time.monotonic() - begun, remark)


def _perform(home: Home, stage: Stage) -> Outcome:
    """Runs one command, and tells it as one line. Raises UserError where it does not end well."""
    shown = " ".join([Path(stage.command[0]).name, *map(_short, stage.command[1:])])
    with _working(stage.title) as tick:
        outcome = perform(
            stage,
            home.path / "logs" / f"demo-{stage.name}.log",
            {"MIGRATION_HOME": str(home.path)},
            tick,
        )
    _tell(stage.title, outcome.seconds, shown, "red]✗" if outcome.code else "green]✓")
    if outcome.code:
        raise UserError(
            f"`{shown}` ended with exit code {outcome.code}; its last lines:",
            "\n  ".join([*outcome.last_lines(), f"All of it: {near(outcome.log)}"]),
            Exit(outcome.code) if outcome.code in set(Exit) else Exit.ERROR,
        )
    return outcome


def _short(argument: str) -> str:
    return near(Path(argument)) if Path(argument).is_absolute() else argument


def _tell(title: str, seconds: float, remark: str, mark: str = "green]✓") -> None:
    console.print(
        f"[{mark}[/] {title:<{_TITLE_WIDTH}}{seconds:6.1f} s  [dim]{escape(remark)}[/dim]"
    )


@contextmanager
def _working(title: str) -> Iterator[Callable[[], None]]:
    """A line that lives while a person watches; in CI there is none."""
    if not (interactive() and console.is_terminal):
        yield lambda: None
        return
    begun = time.monotonic()
    with console.status(title) as status:
        yield lambda: status.update(f"{title:<{_TITLE_WIDTH}}{time.monotonic() - begun:6.1f} s")


if __name__ == "__main__":
    run(demo)
