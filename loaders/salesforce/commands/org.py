"""`load-sf org`: the local org."""

from pathlib import Path

from loaders import terminal
from loaders.home import open_home
from loaders.salesforce.api import local
from loaders.salesforce.api.clock import SystemClock


def serve(port: int, plan: Path | None) -> int:
    """Runs the local org in the foreground."""
    home = open_home()
    terminal.notes.print(f"The local org of {home.path}; Ctrl-C ends it.")
    try:
        return local.serve(home.local_org, port, plan)
    except KeyboardInterrupt:
        return 0


def reset() -> None:
    """Forgets the local org."""
    home = open_home()
    local.stop(home.local_org, SystemClock())
    local.reset(home.local_org)
    terminal.console.print("The local org is empty; it starts anew, under a new Organization Id.")
