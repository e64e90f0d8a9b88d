"""Notes in the audit log each command that enters an org or shows values: who gave it, and how it
ended.

What was killed has no end. It held a lock that the kernel took away, so the next command knows,
and says so.
"""

import fcntl
import getpass
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

import click
import duckdb
from click.core import ParameterSource

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.home import Home
from loaders.salesforce.api.errors import Refused
from loaders.salesforce.api.org import Identity, Org
from loaders.salesforce.ledger import commands
from loaders.salesforce.ledger.manifest import LITTLE, Held, Manifest, open_manifest
from loaders.salesforce.ledger.records_files import Facts

_LONGEST = 200
# Another command holds the manifest for as long as it takes to note that it began.
_TRIES, _WAIT_SECONDS = 10, 0.2
# What a person looks up may be a name that was taken for a key.
_UNNOTED = frozenset({"key"})


@dataclass(frozen=True)
class Begun:
    """A command under way: the number of its line, and the lock it holds."""

    home: Home
    command: str
    number: int
    lock: TextIO


class NotingGroup(click.Group):
    """Commands of which those that were noted as begun are noted to their end."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; notes its exit code."""
        code: int = Exit.ERROR
        try:
            result = super().invoke(ctx)
            code = result if isinstance(result, int) else Exit.DONE
            return result
        except BaseException as error:
            code = terminal.code_of(error)
            raise
        finally:
            if isinstance(ctx.obj, Begun):
                _end(ctx.obj, code)


def begin(home: Home, org: Org | None = None, identity: Identity | None = None) -> None:
    """Notes that the command at hand begins, in an org or in none. Raises UserError where the
    manifest is held.

    A command is noted once, however often it enters the org; what no command line gave is none.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.find_root().obj is not None:
        return
    command, options = _asked(context)
    facts: Facts = {
        "command": command,
        "options": options,
        "org": identity.id if identity else None,
        "org_name": identity.name if identity else None,
        "user": _user(org) if org else None,
        **{"os_user": _os_user(), "version": version("bridgework")},
    }
    with _opened(home) as manifest:
        broken_off = [n for n in commands.unended(manifest) if _is_dead(_lock_file(home, n))]
        for each in broken_off:
            _lock_file(home, each).unlink(missing_ok=True)
        lock = _lock_file(home, manifest.log.number + 1).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        number = commands.begin(manifest, facts, broken_off)
    context.find_root().obj = Begun(home, command, number, lock)


def _end(begun: Begun, code: int) -> None:
    try:
        with _opened(begun.home) as manifest:
            commands.end(manifest, begun.number, begun.command, code)
    except (UserError, duckdb.Error, OSError) as error:
        why = error.message if isinstance(error, UserError) else type(error).__name__
        terminal.notes.print(f"The audit log lacks the end of this command: {why}", markup=False)
    finally:
        _lock_file(begun.home, begun.number).unlink(missing_ok=True)
        begun.lock.close()


@contextmanager
def _opened(home: Home) -> Iterator[Manifest]:
    with ExitStack() as stack:
        for left in reversed(range(_TRIES)):
            try:
                opened = open_manifest(home.manifest, home.runs / "spill", memory=LITTLE)
                manifest = stack.enter_context(opened)
                break
            except Held:
                if not left:
                    raise
                time.sleep(_WAIT_SECONDS)
        yield manifest


def _lock_file(home: Home, number: int) -> Path:
    return home.runs / f"command-{number}.lock"


def _is_dead(lock: Path) -> bool:
    try:
        with lock.open("r") as held:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _asked(context: click.Context) -> tuple[str, Facts]:
    """The command's name, and what was given with it."""
    names: list[str] = []
    above: click.Context | None = context
    while above is not None and above.parent is not None:
        names.insert(0, str(above.info_name))
        above = above.parent
    given = {
        max(param.opts, key=len).lstrip("-"): _plain(context.params[param.name])
        for param in context.command.params
        if param.name in context.params
        and param.name not in _UNNOTED
        and context.get_parameter_source(param.name) == ParameterSource.COMMANDLINE
    }
    return " ".join(names), given


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else str(value)[:_LONGEST]


def _user(org: Org) -> Facts | None:
    """Who is logged in; None where the login does not let it be asked."""
    try:
        return asdict(org.user())
    except Refused:
        return None


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container's user need not have a name.
        return str(os.getuid())
