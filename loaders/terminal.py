"""How commands speak: plain lines for people, one JSON document for programs, no tracebacks."""

import errno
import functools
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import duckdb
from rich.console import Console

from loaders.errors import Exit, UserError
from loaders.home import open_home

F = TypeVar("F", bound=Callable[..., Any])
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_MEMORY = UserError(
    "DuckDB needs more memory here than it may take.",
    "Nothing is lost. Set BRIDGEWORK_MEMORY, to 2GB say, and run the same command again.",
)
_NO_ROOM = UserError(
    "The disk is full: a file could not be written.",
    "Nothing is lost. Make room where MIGRATION_HOME is, then run the same command again.",
)
LINE_SECONDS = 10.0
"""Between two plain lines about one piece of work, where nobody watches a live one."""

# Results go to stdout; progress and problems to stderr, so that `--json` stays one document.
console = Console(highlight=False, soft_wrap=True, emoji=False)
notes = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def interactive() -> bool:
    """Whether a person watches: a terminal on stderr, and not CI."""
    return sys.stderr.isatty() and not os.environ.get("CI")


@contextmanager
def watching(what: str) -> Iterator[Callable[[str], None]]:
    """Takes how far long work is: as a live line on a terminal, else as a plain line now and
    then."""
    if interactive():
        with notes.status(what) as status:
            yield lambda far: status.update(f"{what}: {far}")
        return
    told = [time.monotonic()]

    def tell(far: str) -> None:
        if time.monotonic() - told[0] >= LINE_SECONDS:
            told[0] = time.monotonic()
            notes.print(f"{what}: {far}", markup=False)

    yield tell


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
    except (Exception, KeyboardInterrupt) as error:
        code = code_of(error)
        if isinstance(error, UserError):
            click.echo(f"{command.name}: {error}", err=True)
        elif _is_full(error):
            click.echo(f"{command.name}: {_NO_ROOM}", err=True)
        elif isinstance(error, duckdb.OutOfMemoryException):
            click.echo(f"{command.name}: {_NO_MEMORY}", err=True)
        elif isinstance(error, click.ClickException):
            error.show()
        elif code == Exit.INTERRUPTED:
            click.echo(f"{command.name}: interrupted.", err=True)
        else:
            click.echo(f"{command.name}: {_unforeseen(error)}", err=True)
    sys.exit(int(code) if isinstance(code, int) else 0)


def code_of(error: BaseException) -> Exit:
    """The exit code of a command that an exception ended."""
    if isinstance(error, UserError):
        return error.code
    if isinstance(error, click.ClickException):
        return Exit.USAGE
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Exit.INTERRUPTED
    return Exit.ERROR


def _is_full(error: BaseException | None) -> bool:
    """Whether an error goes back to a disk without room, or a quota or limit that was reached."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        # DuckDB tells the system's error in words.
        if isinstance(error, duckdb.Error) and any(os.strerror(n) in str(error) for n in _FULL):
            return True
        error = error.__cause__ or error.__context__
    return False


def _unforeseen(error: BaseException) -> str:
    """A defect of ours in one line, and a file that says where it arose."""
    kind = type(error).__name__
    try:
        home = open_home()
        home.logs.mkdir(mode=0o700, exist_ok=True)
        file = home.logs / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.txt"
        file.touch(mode=0o600)
        file.write_text("".join(_where(error)), encoding="utf-8")
    except (OSError, UserError):
        return f"an unforeseen {kind}, and no place to write what it says."
    return f"an unforeseen {kind}.\n  This is a defect of Bridgework; {file} says where it arose."


def _where(error: BaseException) -> Iterator[str]:
    """The way to an exception, and to what gave rise to it. What they say themselves is left out:
    it may quote a cell (DuckDB's errors do), and a log goes to people who may not read it."""
    first: BaseException | None = error.__cause__ or error.__context__
    if first is not None:
        yield from _where(first)
        yield "\nand then\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}\n"


def entry_point(command: click.Command) -> Callable[[], None]:
    """What `[project.scripts]` names for a click command."""
    return functools.partial(run, command)
