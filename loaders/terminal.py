"""How commands speak: plain lines for people, one JSON document for programs, no tracebacks."""

import errno
import functools
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
# DuckDB's words where a signal ends one of its statements, in a plain RuntimeError.
_STOPPED_QUERY = "Query interrupted"
LINE_SECONDS = 10.0
"""Between two plain lines about one piece of work, where nobody watches a live one."""

# Results go to stdout; progress and problems to stderr, so that `--json` stays one document.
console = Console(highlight=False, soft_wrap=True, emoji=False)
notes = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


# What `--json` has said, and what it is to say of runs should an error end the command.
_documents: list[Any] = []
_runs: list[Any] = []


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
    _documents.append(document)
    click.echo(json.dumps(document, indent=2, default=str))


def keep_run(document: Any) -> None:
    """Keeps what a run came to, for `--json` to tell should an error end the command."""
    _runs.append(document)


def run(command: click.Command) -> None:
    """Runs a click command as a process: a UserError becomes its lines and its exit code."""
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        # CI cancels with it: what is under way ends as with Ctrl-C.
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = command.main(standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        code = code_of(error)
        _tell(str(command.name), error, code)
    sys.exit(int(code) if isinstance(code, int) else 0)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _tell(command: str, error: BaseException, code: Exit) -> None:
    """Says in a line or two what ended a command; to a program, in its one document."""
    said = _in_words(error, code)
    if isinstance(error, click.ClickException):
        error.show()
    else:
        click.echo(f"{command}: {said}", err=True)
    if "--json" in sys.argv[1:] and not _documents:
        document = {"message": said.message, "hint": said.hint, "code": int(code)}
        with suppress(OSError):  # whoever read it may be gone
            print_json({"error": document} | ({"runs": _runs} if _runs else {}))


def _in_words(error: BaseException, code: Exit) -> UserError:
    if isinstance(error, UserError):
        return error
    if _is_full(error):
        return _NO_ROOM
    if isinstance(error, duckdb.OutOfMemoryException):
        return _NO_MEMORY
    if isinstance(error, click.ClickException):
        return UserError(error.format_message())
    if code == Exit.INTERRUPTED:
        return UserError("interrupted.")
    return _unforeseen(error)


def code_of(error: BaseException) -> Exit:
    """The exit code of a command that an exception ended."""
    if isinstance(error, UserError):
        return error.code
    if isinstance(error, click.ClickException):
        return Exit.USAGE
    stopped = isinstance(error, RuntimeError) and str(error) == _STOPPED_QUERY
    if stopped or isinstance(error, click.Abort | KeyboardInterrupt):
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


def _unforeseen(error: BaseException) -> UserError:
    """A defect of ours in one line, and a file that says where it arose."""
    kind = type(error).__name__
    try:
        home = open_home()
        home.logs.mkdir(mode=0o700, exist_ok=True)
        file = home.logs / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.txt"
        file.touch(mode=0o600)
        file.write_text("".join(_where(error)), encoding="utf-8")
    except (OSError, UserError):
        return UserError(f"an unforeseen {kind}, and no place to write what it says.")
    return UserError(
        f"an unforeseen {kind}.", f"This is a defect of Bridgework; {file} says where it arose."
    )


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
