from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.install import PYTHON
from tests.conformance.org import Org, start_org
from tests.conformance.table import Row

# What drives the browser is installed apart from the project's own packages.
sys.path.append(str(PYTHON))

ROWS = pytest.StashKey[list[Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-table", action="store_true", help="write docs/conformance.md anew")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(client, call, why): a row of the table")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the rows the tests declare, before any of them is deselected."""
    marks = (mark for item in items for mark in item.iter_markers("covers"))
    config.stash[ROWS] = [Row(*mark.args) for mark in marks]


@pytest.fixture(scope="session")
def rows(pytestconfig: pytest.Config) -> list[Row]:
    return pytestconfig.stash[ROWS]


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org of the module's own, empty; its requests are listed beside it."""
    folder: Path = tmp_path_factory.mktemp("conformance")
    with start_org(folder) as made:
        yield made
