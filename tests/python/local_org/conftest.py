from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import clinic
from tests.python.local_org.uploads import archive


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not started yet, in a store of its own."""
    made = Server(tmp_path / "org")
    yield made
    made.end()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("shared") / "org")
    client = made.start()
    assert client.deploy(clinic())["status"] == "Succeeded"
    client.assign("Loader")
    client.session.close()
    yield made
    made.end()


@pytest.fixture(scope="session")
def org(shared_server: Server) -> Iterator[Client]:
    """A client of an org with the clinic's schema; its tests use keys of their own."""
    client = shared_server.client()
    yield client
    client.session.close()


@pytest.fixture
def faulty(org: Client) -> Iterator[Client]:
    """A client of the clinic's org, which has no fault before and after."""
    org.call("DELETE", "/local-org/faults")
    yield org
    org.call("DELETE", "/local-org/faults")
    org.call("POST", "/local-org/faults", json={"record": False})
    org.call("DELETE", "/local-org/requests")


@pytest.fixture(scope="session")
def archive_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("archive") / "org")
    client = made.start()
    assert client.deploy(archive())["status"] == "Succeeded"
    client.assign("Archive")
    client.session.close()
    yield made
    made.end()


@pytest.fixture(scope="session")
def archive_org(archive_server: Server) -> Iterator[Client]:
    """A client of an org with custom fields on ContentVersion, and no other user."""
    client = archive_server.client()
    yield client
    client.session.close()
