"""What all tests share: the project parsed once, and an order in which no worker waits."""

import os
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.python.support import PARSED_IN, Migration, parsed_once, shared_folder

HERE = Path(__file__).parent
# Folders whose modules share a home that takes a minute to make: one worker runs all of a folder.
TOGETHER = ("built", "small")
# What takes longest begins first, so that no worker is left with it at the end.
FIRST = (
    "test_whole_practice.py",
    "salesforce/test_any_fault.py",
    "leaks/test_leaks.py",
    "demo/test_delta.py",
    "test_whole_dental_exec.py",
    "demo/test_demo.py",
    "small",
    "dbt/test_unit_tests.py",
    "built",
    "salesforce/test_any_fault_later.py",
    "salesforce/test_delta_exact.py",
    "salesforce/test_files.py",
    "salesforce/test_superseded.py",
    "salesforce/test_run.py",
    "salesforce/test_interrupted.py",
    "local_org/test_soql_hostile.py",
    "local_org/test_metadata_requests.py",
    "local_org/test_model.py",
)


def scope_of(path: Path) -> str:
    """What one worker runs together: a folder whose modules share a home, else a file."""
    parts = path.relative_to(HERE).parts
    return parts[0] if parts[0] in TOGETHER else "/".join(parts)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {scope: place for place, scope in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(scope_of(item.path), len(FIRST)))


class Together(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker a scope at a time."""

    def _split_scope(self, nodeid: str) -> str:
        path = self.config.rootpath / str(super()._split_scope(nodeid))
        return scope_of(path) if path.is_relative_to(HERE) else str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: a test waits for its commands and its org by turns."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


@pytest.fixture(scope="session", autouse=True)
def parsed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project is parsed for all workers, by the first that needs it."""
    place = shared_folder(tmp_path_factory) / "parsed"
    os.environ[PARSED_IN] = str(place)
    return place


@pytest.fixture(scope="session")
def parsed(parsed_in: Path) -> Migration:
    """The project as dbt parses it, in a home that holds nothing; to read."""
    return parsed_once(parsed_in)
