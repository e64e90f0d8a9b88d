from pathlib import Path

import pytest

from tests.python.raw.exports import Migration


@pytest.fixture
def migration(tmp_path: Path) -> Migration:
    """An empty MIGRATION_HOME."""
    return Migration(tmp_path / "home")
