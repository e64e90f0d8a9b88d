"""Notes in the audit log each command that enters an org or shows values: who gave it, and how it
ended. The manifest in which it is noted that it began is the one it works in.

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
from loaders.salesforce.ledger.manifest import LITTLE, MUCH, Held, Manifest, open_manifest
from loaders.salesforce.ledger.records_files import Facts

_LONGEST = 200
# A command that is about to end holds the manifest for a moment.
_TRIES, _WAIT_SECONDS = 10, 0.2
# What a person looks up may be a name that was taken for a key.
_UNNOTED = frozenset({"key"})


@dataclass
class Begun:
    """A command under way: the number of its line, the lock and the manifest it holds; None where
    an error closed that."""

    home: Home
    command: str
    number: int
    lock: TextIO
    manifest: Manifest | None
    closing: ExitStack


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
    with ExitStack() as closing:
        manifest = closing.enter_context(_opened(home))
        broken_off = [n for n in commands.unended(manifest) if _is_dead(_lock_file(home, n))]
        for each in broken_off:
            _lock_file(home, each).unlink(missing_ok=True)
        lock = _lock_file(home, manifest.log.number + 1).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        number = commands.begin(manifest, facts, broken_off)
        kept = closing.pop_all()
    context.find_root().obj = Begun(home, command, number, lock, manifest, kept)


@contextmanager
def manifest_of(home: Home, memory: str = MUCH) -> Iterator[Manifest]:
    """The manifest for the command at hand: that in which it is noted that it began, or, where
    nothing was noted, opened for it. Raises UserError as `open_manifest` does."""
    context = click.get_current_context(silent=True)
    begun = context.find_root().obj if context else None
    if not isinstance(begun, Begun) or begun.manifest is None:
        with _opened(home, memory) as manifest:
            yield manifest
        return
    manifest, begun.manifest = begun.manifest, None
    with begun.closing as closing:
        manifest.limit(memory)
        yield manifest
        # It stays open to be told the end; what an error may have broken is opened anew for that.
        begun.manifest, begun.closing = manifest, closing.pop_all()


def _end(begun: Begun, code: int) -> None:
    try:
        with begun.closing as closing:
            manifest = begun.manifest or closing.enter_context(_opened(begun.home))
            commands.end(manifest, begun.number, begun.command, code)
    except (UserError, duckdb.Error, OSError) as error:
        why = error.message if isinstance(error, UserError) else type(error).__name__
        terminal.notes.print(f"The audit log lacks the end of this command: {why}", markup=False)
    finally:
        _lock_file(begun.home, begun.number).unlink(missing_ok=True)
        begun.lock.close()


@contextmanager
def _opened(home: Home, memory: str = LITTLE) -> Iterator[Manifest]:
    with ExitStack() as stack:
        for left in reversed(range(_TRIES)):
            try:
                opened = open_manifest(home.manifest, home.runs / "spill", memory=memory)
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
