"""The server as a process: one per store, durable, private, gone when idle."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from tests.python.local_org.client import Server


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local_org", *command], capture_output=True, text=True, timeout=30
    )


def test_says_where_it_is_and_removes_it_at_the_end(server: Server) -> None:
    client = server.start()
    facts = json.loads((server.store / "server.json").read_text())
    assert set(facts) == {"url", "access_token", "pid", "organization_id"}
    assert facts["url"].startswith("http://127.0.0.1:")
    assert facts["organization_id"].startswith("00D") and len(facts["organization_id"]) == 18
    assert server.process is not None and facts["pid"] == server.process.pid
    found = client.query("SELECT Id, Name, IsSandbox, InstanceName FROM Organization")
    assert found[0]["Id"] == facts["organization_id"] and found[0]["IsSandbox"] is True
    client.session.close()
    server.end()
    assert not (server.store / "server.json").exists()


def test_everything_it_writes_is_private(server: Server) -> None:
    client = server.start()
    client.bulk("Account", "insert", "Name\nA\n")
    client.session.close()
    for path in [server.store, *server.store.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))


def test_a_second_server_on_one_store_is_refused(server: Server) -> None:
    server.start().session.close()
    second = run("serve", "--store", str(server.store))
    assert second.returncode == 3
    assert "another process serves" in second.stderr
    assert run("reset", "--store", str(server.store)).returncode == 3


def test_ends_by_itself_when_idle(server: Server) -> None:
    client = server.start("--idle-seconds", "1")
    client.session.close()
    assert server.process is not None
    assert server.process.wait(10) == 0
    assert not (server.store / "server.json").exists()


def test_reset_founds_another_org(server: Server) -> None:
    client = server.start()
    client.create("Account", Name="Old")
    first = client.organization
    client.session.close()
    server.end()
    assert run("reset", "--store", str(server.store)).returncode == 0
    client = server.start()
    assert client.organization != first
    assert client.query("SELECT Id FROM Account") == []
    client.session.close()


def test_what_was_answered_survives_kill_9(server: Server) -> None:
    client = server.start()
    client.create("Account", Name="By REST")
    rows = "".join(f"Row {number}\n" for number in range(20_000))
    job = client.bulk("Account", "insert", "Name\n" + rows)
    assert job.counts == ("JobComplete", 20_000, 0)
    client.session.close()
    server.end(signal.SIGKILL)
    client = server.start()
    answer = client.get("/query", params={"q": "SELECT count() FROM Account"})
    assert answer["totalSize"] == 20_001
    kept = client.get(f"/jobs/ingest/{job.info['id']}")
    assert kept["state"] == "JobComplete" and kept["numberRecordsProcessed"] == 20_000
    first = client.create("Account", Name="After")
    assert len(client.query(f"SELECT Id FROM Account WHERE Id = '{first}'")) == 1
    client.session.close()


def test_a_job_that_was_closed_is_done_after_kill_9(server: Server) -> None:
    client = server.start()
    job = client.open_job("Account", "insert")
    rows = "".join(f"Row {number}\n" for number in range(60_000))
    assert client.upload(job, ("Name\n" + rows).encode()).status_code == 201
    assert client.close(job).status_code == 200
    server.end(signal.SIGKILL)
    client.session.close()
    client = server.start()
    info = client.wait(job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", 60_000)
    answer = client.get("/query", params={"q": "SELECT count() FROM Account"})
    assert answer["totalSize"] == 60_000
    client.session.close()


def test_no_value_reaches_the_log(server: Server) -> None:
    client = server.start()
    client.bulk("Account", "insert", 'Name\n"secret\n')
    client.bulk("Contact", "insert", "LastName,Birthdate\nsecret,secret\n")
    client.call("POST", "/sobjects/Contact", data=b'{"LastName": secret}')
    client.call("GET", "/query", params={"q": "SELECT secret FROM Contact"})
    client.session.close()
    assert server.process is not None and server.process.stderr is not None
    server.process.send_signal(signal.SIGTERM)
    assert "secret" not in server.errors()


def test_it_works_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local_org", "reset", "--store", str(tmp_path / "x")],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        timeout=30,
    )
    assert done.returncode == 0


def test_two_servers_starting_at_once_end_as_one(server: Server) -> None:
    command = [sys.executable, "-m", "local_org", "serve", "--store", str(server.store)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as other:
        client = server.start()
        assert client.query("SELECT Id FROM Organization")[0]["Id"] == client.organization
        client.session.close()
        assert server.process is not None
        deadline = time.monotonic() + 15
        while other.poll() is None and server.process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert {other.poll(), server.process.poll()} == {None, 3}
        if other.poll() is None:
            other.terminate()


def test_a_server_that_is_ending_hands_over(server: Server) -> None:
    client = server.start()
    client.session.close()
    assert server.process is not None
    first = server.process
    first.send_signal(signal.SIGTERM)
    while (server.store / "server.json").exists():
        time.sleep(0.005)
    client = server.start()
    assert len(client.query("SELECT Id FROM Organization")) == 1
    client.session.close()
    assert first.wait(10) == 0
    assert first.stderr is not None
    first.stderr.close()
