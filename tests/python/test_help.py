"""Every command says what it does, with an example."""

from pathlib import Path

import pytest

from tests.python.support import Migration

COMMANDS = (
    ("load-raw",),
    ("load-raw", "audit"),
    ("load-raw", "propose"),
    ("load-raw", "confirm"),
    ("load-sf",),
    ("load-sf", "pull"),
    ("load-sf", "schema"),
    ("load-sf", "schema", "deploy"),
    ("load-sf", "schema", "diff"),
    ("load-sf", "plan"),
    ("load-sf", "sample"),
    ("load-sf", "approve"),
    ("load-sf", "run"),
    ("load-sf", "verify"),
    ("load-sf", "explain"),
    ("load-sf", "report"),
    ("load-sf", "status"),
    ("load-sf", "org", "serve"),
    ("load-sf", "org", "reset"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command: tuple[str, ...], tmp_path: Path) -> None:
    said = Migration(tmp_path / "home").run(*command, "--help").stdout
    assert "Example:" in said
    assert " ".join(command) in said.partition("Example:")[2]
