"""`python -m local_org serve|reset --store DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local_org.process import Busy, reset, serve

BUSY = 3


def main() -> int:
    """Run the command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="local_org", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("serve", help="serve the org in DIR on loopback")
    run.add_argument("--store", type=Path, required=True, metavar="DIR")
    run.add_argument("--port", type=int, default=0)
    run.add_argument("--idle-seconds", type=float, default=None, metavar="N")
    clear = commands.add_parser("reset", help="forget the org in DIR")
    clear.add_argument("--store", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    try:
        if given.command == "serve":
            serve(given.store, given.port, given.idle_seconds)
        else:
            reset(given.store)
    except Busy as error:
        print(error, file=sys.stderr)
        return BUSY
    return 0


if __name__ == "__main__":
    sys.exit(main())
