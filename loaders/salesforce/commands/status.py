"""`load-sf status`: what runs did so far, also while one works."""

import json
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.home import Home, open_home
from loaders.salesforce.commands.progress import FROZEN
from loaders.salesforce.commands.session import is_running
from loaders.salesforce.ledger.manifest import ENDED


def status(as_json: bool) -> None:
    """Tells every run of this home, oldest first, from the small files beside their rows."""
    home = open_home()
    runs = states(home)
    if as_json:
        terminal.print_json({"runs": runs})
        return
    if not runs:
        terminal.console.print("No run yet.")
    for run in runs:
        taken = ("created", "updated", "adopted", "deleted")
        done = sum(s.get(each, 0) for s in run["steps"] for each in taken)
        kind = f" ({run['kind']})" if run.get("kind", "run") != "run" else ""
        terminal.console.print(
            f"{run['run']}{kind}  {run['org']}  {run['state']}: {done:,} of {run['rows']:,} rows"
            f" taken, {run['rejected']:,} refused{_superseded(run)}"
        )
        if run["state"] not in ENDED:
            for step in run["steps"]:
                terminal.console.print(f"  {step['step']}: {step['state']}")
            if run["state"] != "running":
                command = "rollback" if run.get("kind") == "rollback" else "run"
                terminal.console.print(f"  `load-sf {command}` carries it on.")


def states(home: Home) -> list[dict[str, Any]]:
    """Every run's own account of itself, oldest first."""
    return [_state(home, file) for file in sorted(home.runs.glob("*/progress.json"))]


def _superseded(run: dict[str, Any]) -> str:
    number = run.get("superseded", 0)
    return f", {number:,} superseded" if number else ""


def _state(home: Home, file: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    # A process that was killed had no chance to say so, but the kernel took its lock away.
    if said["state"] in (FROZEN, "running") and not is_running(home, said["org"]):
        said["state"] = "interrupted"
    return said
