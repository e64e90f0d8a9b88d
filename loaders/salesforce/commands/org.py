"""`load-sf org`: the local org."""

from pathlib import Path

from loaders import terminal
from loaders.home import open_home
from loaders.salesforce.api import local
from loaders.salesforce.api.clock import SystemClock


def serve(port: int, plan: Path | None, as_json: bool) -> int:
    """Runs the local org in the foreground; says where it answers."""
    home = open_home()
    door = home.local_org / "server.json"

    def answers(facts: local.Facts) -> None:
        if as_json:
            # Its token stands in the file, which only its owner reads.
            said = {"url": facts["url"], "org": facts["organization_id"], "door": str(door)}
            terminal.print_json(said)
            return
        where = f"The local org of {home.path} answers at {facts['url']}; Ctrl-C ends it."
        terminal.notes.print(where, markup=False)

    try:
        return local.serve(home.local_org, port, plan, answers)
    except KeyboardInterrupt:
        return 0


def reset(as_json: bool) -> None:
    """Forgets the local org."""
    home = open_home()
    local.stop(home.local_org, SystemClock())
    local.reset(home.local_org)
    if as_json:
        terminal.print_json({"home": str(home.path), "reset": True})
        return
    terminal.console.print("The local org is empty; it starts anew, under a new Organization Id.")
