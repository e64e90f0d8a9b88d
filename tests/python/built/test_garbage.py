"""Any text in any cell: every model builds, and nothing prints what stood there."""

import pytest

from tests.python.built.conftest import Built
from tests.python.built.garbage import MARKER
from tests.python.support import Migration


def test_garbage_is_not_printed(building: Built) -> None:
    assert MARKER not in building.said
    logs = [file.read_text() for file in (building.migration.home / "logs").rglob("*.log*")]
    assert logs
    assert MARKER not in "".join(logs)


@pytest.mark.parametrize("product", ["g_series", "ascend"])
def test_garbage_is_told_of(built: Migration, product: str) -> None:
    [(problems,)] = built.rows(
        f"select count(*) from migration.corrections where practice = 'garbage_{product}'"
    )
    assert problems > 100
