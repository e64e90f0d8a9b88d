"""How commands speak: plain lines for people, one JSON document for programs, no tracebacks."""

import functools
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console

from loaders.errors import Exit, UserError

F = TypeVar("F", bound=Callable[..., Any])

# Results go to stdout; progress and problems to stderr, so that `--json` stays one document.
console = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)


def interactive() -> bool:
    """Whether a person watches: a terminal on stderr, and not CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


def json_option(command: F) -> F:
    """Adds `--json`, passed to the command as `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="One JSON document on stdout; all else on stderr."
    )(command)


def print_json(document: Any) -> None:
    """Writes the command's one JSON document."""
    click.echo(json.dumps(document, indent=2, default=str))


def run(command: click.Command) -> None:
    """Runs a click command as a process: a UserError becomes its lines and its exit code."""
    try:
        code = command.main(standalone_mode=False)
    except UserError as error:
        click.echo(f"{command.name}: {error}", err=True)
        code = error.code
    except click.ClickException as error:
        error.show()
        code = Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{command.name}: interrupted.", err=True)
        code = Exit.INTERRUPTED
    sys.exit(int(code) if isinstance(code, int) else 0)


def entry_point(command: click.Command) -> Callable[[], None]:
    """What `[project.scripts]` names for a click command."""
    return functools.partial(run, command)
