"""The `sf` CLI in a home of its own, in a copy of the repository's package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.install import NODE, SF, with_node
from tests.conformance.org import Org

PACKAGE = Path(__file__).parents[2] / "salesforce"
SECONDS = 120
QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_HIDE_RELEASE_NOTES": "true",
    "SF_NO_BROWSER": "true",
    # Without a desktop's key store: the key lies in the home, which is the test's own.
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "SF_ORG_METADATA_REST_DEPLOY": "true",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Answer:
    """What a command ended with."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        """The whole of `--json`."""
        return json.loads(self.output)


@dataclass(frozen=True)
class Sf:
    """Runs commands."""

    folder: Path
    project: Path
    environment: dict[str, str]

    def run(self, *arguments: str, where: Path | None = None) -> Answer:
        """Run a command, in the project unless told where."""
        done = subprocess.run(
            [str(NODE), str(SF), *arguments],
            cwd=where or self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def result(self, *arguments: str, where: Path | None = None) -> Any:
        """Run a command that must succeed; gives its result."""
        answer = self.run(*arguments, "--json", where=where)
        assert answer.code == 0, answer.output + answer.errors
        return answer.json["result"]

    def error(self, *arguments: str) -> Any:
        """Run a command that must be refused; gives its error."""
        answer = self.run(*arguments, "--json")
        assert answer.code != 0, answer.output
        return answer.json

    def file(self, name: str, text: str) -> str:
        """Write a file; gives its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def make_sf(org: Org) -> Sf:
    """Give the CLI for an org: nothing of the machine's own configuration reaches it."""
    home, project = org.folder / "home", org.folder / "project"
    home.mkdir()
    shutil.copytree(PACKAGE, project)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    environment = {**with_node(kept), **QUIET, "HOME": str(home), "SF_ACCESS_TOKEN": org.token}
    return Sf(org.folder, project, environment)
