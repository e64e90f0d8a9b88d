"""The ways into an org: by a signed token, by key and secret, by a token that is there already.
None of what lets somebody in is left where it can be read."""

import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.python import forked
from tests.python.local_org.test_login import certified, key_pair
from tests.python.support import PROJECT

from .conftest import Migration

APP = "3MVG9_load"
SECRET = "5ecretOfTheConnectedApp"
JOB = "^/jobs/ingest/[^/]+"
TOKEN = "^/services/oauth2/token$"
# A token runs out while a job is looked at, and before its results are fetched.
EXPIRING = (
    {"method": "GET", "path": JOB + "$", "expired": True},
    {"method": "GET", "path": JOB + "/successfulResults", "expired": True},
)


def ways(migration: Migration, folder: Path) -> dict[str, dict[str, str]]:
    """The environment of each way in, for an app that is registered with the org."""
    private, _, certificate = key_pair()
    url = migration.door["url"]
    facts = {"certificate_pem": certificate, "secret": SECRET}
    migration.control("PUT", f"apps/{APP}", facts)
    file = folder / "load.pem"
    file.write_text(private)
    (user,) = migration.soql("SELECT Username FROM User WHERE IsActive = true LIMIT 1")
    key = {"SF_INSTANCE_URL": url, "SF_CONSUMER_KEY": APP}
    return {
        "JWT": key | {"SF_USERNAME": user["Username"], "SF_PRIVATE_KEY_FILE": str(file)},
        "client credentials": key | {"SF_CONSUMER_SECRET": SECRET},
    }


def logins(migration: Migration) -> int:
    return sum(path == "/services/oauth2/token" for _, path in migration.noted())


def assert_nothing_told(migration: Migration, secrets: list[str], said: str) -> None:
    """No secret was printed, nor is one in a file but the local org's own."""
    files = [each for each in migration.home.rglob("*") if each.is_file()]
    ours = [each for each in files if "local_org" not in each.parts]
    assert (migration.home / "audit.jsonl") in ours
    for secret in secrets:
        assert secret not in said
        assert [each for each in ours if secret.encode() in each.read_bytes()] == []


def test_each_way_in_is_renewed_in_the_middle_of_a_job(ready: Migration, tmp_path: Path) -> None:
    said, rounds = "", ways(ready, tmp_path)
    for number, (way, environment) in enumerate(rounds.items()):
        ready.arm(*EXPIRING)
        ready.environment = environment
        done = ready.run("run", "--only", ("t__family", "t__patient")[number], code=0)
        said += done.stdout + done.stderr
        ready.environment = {}
        assert [each for each in ready.control("GET", "faults") if each["left"]] == [], way
        # Once to begin with, and once after each refusal.
        assert logins(ready) == 1 + len(EXPIRING), way
    key = (tmp_path / "load.pem").read_text().splitlines()
    assert_nothing_told(ready, [SECRET, key[1], key[-2], str(ready.door["access_token"])], said)


def test_a_login_has_patience(shared: Migration, tmp_path: Path) -> None:
    """Also where a token ran out."""
    for way, environment in ways(shared, tmp_path).items():
        for passing in ({"status": 503}, {"reset": "before"}, {"reset": "after"}):
            shared.arm({"path": TOKEN} | passing, {"path": "^/query$", "expired": True})
            shared.environment = environment
            shared.sf("run")
            shared.environment = {}
            assert logins(shared) == 3, (way, passing)
    shared.arm()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, '{"access_token": "a"}'),
        (200, "[]"),
        (200, "<html>Welcome</html>"),
        (403, "<html>Go away</html>"),
        (400, '["error"]'),
    ],
)
def test_what_answers_a_login_in_place_of_the_org_is_named(
    shared: Migration, tmp_path: Path, status: int, body: str
) -> None:
    for environment in ways(shared, tmp_path).values():
        shared.arm({"path": TOKEN, "status": status, "body": body})
        shared.environment = environment
        said = shared.sf("run", code=1)
        shared.environment = {}
        assert f"What answered the login is no Salesforce: HTTP {status} without" in said
        assert len(said.strip().splitlines()) == 2
    shared.arm()


def test_a_way_in_without_an_org_is_no_way_into_the_local_one(shared: Migration) -> None:
    for name in ("SF_USERNAME", "SF_PRIVATE_KEY_FILE", "SF_CONSUMER_KEY", "SF_ACCESS_TOKEN"):
        shared.environment = {name: "given"}
        said = shared.sf("run", code=1)
        shared.environment = {}
        assert f"{name} is set, but SF_INSTANCE_URL is not." in said


def test_a_private_ca_counts_on_loopback_too(shared: Migration, tmp_path: Path) -> None:
    """A tunnel or gateway may listen there; one whose certificate nobody vouches for is refused."""
    file = tmp_path / "gateway.pem"
    private, certificate = certified("127.0.0.1")
    file.write_text(private + certificate)
    with gateway(file, urlsplit(shared.door["url"]).port or 0) as port:
        shared.environment = {
            "SF_INSTANCE_URL": f"https://127.0.0.1:{port}",
            "SF_ACCESS_TOKEN": str(shared.door["access_token"]),
            "REQUESTS_CA_BUNDLE": str(file),
        }
        try:
            assert "Nothing to send" in shared.sf("run")
        finally:
            shared.environment = {}


@contextmanager
def gateway(certificate: Path, to: int) -> Iterator[int]:
    """Takes TLS on loopback and passes on what is in it; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Passing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                suppress(OSError),
                context.wrap_socket(self.request, server_side=True) as client,
                socket.create_connection(("127.0.0.1", to)) as org,
            ):
                back = Thread(target=pass_on, args=(org, client), daemon=True)
                back.start()
                pass_on(client, org)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Passing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def pass_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            to.sendall(block)
        to.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    ("hours", "where"), [(1, "60 minutes ahead of"), (-1, "60 minutes behind")]
)
def test_a_wrong_clock_is_named(shared: Migration, tmp_path: Path, hours: int, where: str) -> None:
    surroundings = shared.surroundings() | ways(shared, tmp_path)["JWT"]
    arguments = ["--hours-off", str(hours), str(tmp_path / "moves"), "run"]
    done = forked.run("tests.python.faults.loader", arguments, surroundings, PROJECT, timeout=60)
    assert done.returncode == 1
    assert f"invalid_grant. This machine's clock is {where} the org's" in done.stderr
    assert "set the clock right" in done.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SF_CONSUMER_SECRET": "not the secret"}, "refused the login: invalid_client"),
        ({"SF_CONSUMER_SECRET": "", "SF_USERNAME": "nobody@example.com"}, "invalid_grant"),
        ({"SF_CONSUMER_SECRET": "", "SF_PRIVATE_KEY_FILE": __file__}, "must be an RSA key"),
        ({"SF_INSTANCE_URL": "http://192.0.2.1"}, "Plain http to 192.0.2.1 is refused"),
        ({"SF_INSTANCE_URL": "http://localhost.example.com"}, "Plain http to localhost.example"),
        ({"SF_INSTANCE_URL": "http://[::1]:1"}, "did not answer the login"),
    ],
)
def test_a_login_that_fails_is_one_clear_line(
    shared: Migration, tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    both = {key: value for way in ways(shared, tmp_path).values() for key, value in way.items()}
    shared.environment = both | changed
    try:
        said = shared.sf("run", code=1)
    finally:
        shared.environment = {}
    assert words in said
    assert len(said.strip().splitlines()) == 2
    secrets = [value for name, value in both.items() if name.endswith("SECRET")]
    assert_nothing_told(shared, [*secrets, "not the secret"], said)
