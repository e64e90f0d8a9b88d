"""`load-sf status`: what runs did so far, also while one works."""

import json
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.home import Home, open_home
from loaders.salesforce.commands.session import is_running


def status(as_json: bool) -> None:
    """Tells every run of this home, oldest first, from the small files beside their rows."""
    home = open_home()
    runs = [_state(home, file) for file in sorted(home.runs.glob("*/progress.json"))]
    if as_json:
        terminal.print_json({"runs": runs})
        return
    if not runs:
        terminal.console.print("No run yet.")
    for run in runs:
        done = sum(s["created"] + s["updated"] + s["adopted"] for s in run["steps"])
        terminal.console.print(
            f"{run['run']}  {run['org']}  {run['state']}: {done:,} of {run['rows']:,} rows taken,"
            f" {run['rejected']:,} refused{_superseded(run)}"
        )
        if run["state"] not in ("done", "failed"):
            for step in run["steps"]:
                terminal.console.print(f"  {step['step']}: {step['state']}")
            if run["state"] != "running":
                terminal.console.print("  `load-sf run` carries it on.")


def _superseded(run: dict[str, Any]) -> str:
    number = run.get("superseded", 0)
    return f", {number:,} superseded" if number else ""


def _state(home: Home, file: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    # A process that was killed had no chance to say so, but the kernel took its lock away.
    if said["state"] == "running" and not is_running(home, said["org"]):
        said["state"] = "interrupted"
    return said
