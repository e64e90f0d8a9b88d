"""`python -m local_org serve|reset --store DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local_org.faults.plan import Plan, PlanError, read_plan
from local_org.process import Busy, reset, serve

WRONG_PLAN = 2
BUSY = 3


def main() -> int:
    """Run the command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="local_org", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("serve", help="serve the org in DIR on loopback")
    run.add_argument("--store", type=Path, required=True, metavar="DIR")
    run.add_argument("--port", type=int, default=0)
    run.add_argument("--idle-seconds", type=float, default=None, metavar="N")
    run.add_argument("--plan", type=Path, metavar="FILE", help="YAML: switches and faults")
    clear = commands.add_parser("reset", help="forget the org in DIR")
    clear.add_argument("--store", type=Path, required=True, metavar="DIR")
    given = parser.parse_args()
    try:
        if given.command == "serve":
            plan = read_plan(given.plan) if given.plan else Plan()
            serve(given.store, given.port, given.idle_seconds, plan)
        else:
            reset(given.store)
    except PlanError as error:
        print(error, file=sys.stderr)
        return WRONG_PLAN
    except Busy as error:
        print(error, file=sys.stderr)
        return BUSY
    return 0


if __name__ == "__main__":
    sys.exit(main())
