"""Runs Bridgework's commands as processes of their own, forked from one that has everything
imported: what a process does stays real, and its start costs milliseconds instead of a second.

`run` and `serve` ask a server of this module's, one for each process that tests; it ends with that.
Where forking is not safe (macOS' own libraries are not), commands start the long way.
"""

import atexit
import gc
import importlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

BIN = Path(sys.executable).parent
AVAILABLE = sys.platform == "linux"
_ORG_STARTS = 30
# What commands and the org import once they are at work.
_LATE = ("anyio._backends._asyncio", "encodings.utf_8_sig")
_OF_DBT = ("dbt.cli.main", "dbt.adapters.duckdb")
SHARES_DBT = "tests.python.shared_parse"
_OF_LOGINS = ("simple_salesforce.login",)


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code (negative: the signal that ended it)."""

    returncode: int
    stdout: str
    stderr: str


def run(
    program: str, arguments: list[str], environment: Mapping[str, str], folder: Path, timeout: float
) -> Done:
    """Runs `load-raw`, `load-sf`, `dbt` or a module of the tests' that has a `main` to its end.
    Raises TimeoutError where it has none."""
    if not AVAILABLE:
        command = [sys.executable, "-m", program] if "." in program else [str(BIN / program)]
        done = subprocess.run(
            [*command, *arguments],
            env=dict(environment),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout, done.stderr)
    with tempfile.TemporaryDirectory(prefix="said-") as said:
        out, err = Path(said) / "out", Path(said) / "err"
        order = {
            "program": program,
            "arguments": arguments,
            "environment": dict(environment),
            "folder": str(folder),
            "out": str(out),
            "err": str(err),
        }
        code = _ask(order, timeout)
        return Done(code, out.read_text("utf-8"), err.read_text("utf-8"))


def serve(
    store: Path, environment: Mapping[str, str], idle_seconds: float, plan: Path | None = None
) -> None:
    """Starts a local org, unless one is announced; `load-sf` would start the same by itself."""
    address = store / "server.json"
    if not AVAILABLE or address.exists():
        return
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = str(store / "server.log")
    order = {
        "program": "local-org",
        "arguments": [
            *("serve", "--store", str(store)),
            *("--port", "0", "--idle-seconds", str(idle_seconds)),
            *(("--plan", str(plan)) if plan else ()),
        ],
        "environment": dict(environment),
        "folder": "/",
        "out": log,
        "err": log,
    }
    _ask(order, None)
    deadline = time.monotonic() + _ORG_STARTS
    while not address.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@cache
def _server() -> str:
    """The address of this process' server."""
    folder = tempfile.TemporaryDirectory(prefix="fork-")
    address = f"{folder.name}/s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        os.set_inheritable(listener.fileno(), True)
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.python.forked", str(listener.fileno())],
            cwd=Path(__file__).resolve().parents[2],
            close_fds=False,
            stdin=subprocess.DEVNULL,
        )

    def end() -> None:
        server.kill()
        server.wait()
        folder.cleanup()

    atexit.register(end)
    return address


def _ask(order: dict[str, Any], timeout: float | None) -> int:
    """Gives the server an order; waits for the exit code, or for nothing without a timeout."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(_server())
        line.sendall(json.dumps(order | {"waits": timeout is not None}).encode() + b"\n")
        answers = line.makefile()
        pid = int(answers.readline())
        if timeout is None:
            return 0
        line.settimeout(timeout)
        try:
            return int(answers.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise


def _next_order(listener: socket.socket) -> dict[str, Any]:
    """Takes orders; returns only in the child that is to carry one out."""
    while True:
        line, _ = listener.accept()
        with line.makefile() as said:
            order: dict[str, Any] = json.loads(said.readline())
        if order["program"] in ("dbt", SHARES_DBT):
            _import(*_OF_DBT)
        if "SF_CONSUMER_KEY" in order["environment"]:
            _import(*_OF_LOGINS)
        if "." in order["program"]:
            _import(order["program"])
        # What is here already is not looked through for garbage: that would copy its memory.
        gc.freeze()
        keeper = os.fork()
        if keeper:
            line.close()
            continue
        listener.close()
        # Whoever waits for the child must be its parent.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if child:
            line.sendall(f"{child}\n".encode())
            if order["waits"]:
                _, status = os.waitpid(child, 0)
                line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os._exit(0)
        line.close()
        return order


def _import(*modules: str) -> None:
    for module in modules:
        importlib.import_module(module)


def _become(order: dict[str, Any]) -> Callable[[], object]:
    """Makes this process that of a command; gives what it is to do."""
    for descriptor, file in ((1, order["out"]), (2, order["err"])):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, descriptor)
        os.close(handle)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    random.seed()
    # Tests in the background ignore Ctrl-C, and so would their commands.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program, arguments = order["program"], order["arguments"]
    sys.argv = [str(BIN / program), *arguments]
    if "." in program:
        of_the_tests: Callable[[], object] = importlib.import_module(program).main
        return of_the_tests
    from loaders import dbt_command
    from loaders.raw import cli as load_raw
    from loaders.salesforce import cli as load_sf

    mains: dict[str, Callable[[], object]] = {
        "load-raw": load_raw.main,
        "load-sf": load_sf.main,
        "dbt": dbt_command.main,
        "local-org": _local_org,
    }
    return mains[program]


def _end(work: Callable[[], object]) -> NoReturn:
    """Does it, and ends as a process does, but for taking apart all that is imported: that costs
    more than most commands, and their own memory goes with them."""
    code = 0
    try:
        work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _local_org() -> None:
    from local_org.__main__ import main

    # It outlives the command that needs it.
    os.setsid()
    sys.exit(main())


def main() -> None:
    """Serves on the socket that was handed down."""
    _import("loaders.raw.cli", "loaders.salesforce.cli", "local_org.__main__", *_LATE)
    from local_org.schema.standard import standard_objects

    standard_objects()  # read once, kept
    # Whichever process ends, this one or a command: DuckDB's nanobind complains of what garbage
    # collection leaves behind.
    atexit.register(gc.unfreeze)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        order = _next_order(listener)
    _end(_become(order))


if __name__ == "__main__":
    main()
