"""Several things at once: a job at work, writes by REST, an abort, readers."""

import signal
import threading

from tests.python.local_org.client import Client, Job, Server
from tests.python.local_org.package import Package, custom_field

ROWS = 160_000


def big_job(org: Client, name: str) -> dict[str, str]:
    job = org.open_job("Account", "insert")
    rows = "".join(f"{name} {number}\n" for number in range(ROWS))
    assert org.upload(job, ("Name\n" + rows).encode()).status_code == 201
    assert org.close(job).status_code == 200
    found: dict[str, str] = job
    return found


def test_rest_writes_and_reads_while_a_job_works(server: Server) -> None:
    org = server.start()
    job = big_job(org, "Row")
    record = org.create("Account", Name="Beside")
    assert len(org.query(f"SELECT Id FROM Account WHERE Id = '{record}'")) == 1
    info = org.wait(job)
    assert info["numberRecordsProcessed"] == ROWS
    count = org.get("/query", params={"q": "SELECT count() FROM Account"})
    assert count["totalSize"] == ROWS + 1
    org.session.close()


def test_an_abort_leaves_the_rest_unprocessed(server: Server) -> None:
    org = server.start()
    job = big_job(org, "Row")
    path = f"/jobs/ingest/{job['id']}"
    answer = org.call("PATCH", path, json={"state": "Aborted"})
    info = org.wait(job)
    assert (info["state"] == "Aborted") == (answer.status_code == 200)
    done = info["numberRecordsProcessed"]
    assert done % 10_000 == 0
    count = org.get("/query", params={"q": "SELECT count() FROM Account"})["totalSize"]
    results = Job(org, info)
    saved = {row["Name"] for row in results.succeeded}
    left = [row["Name"] for row in results.rows("unprocessedRecords")]
    assert count == done == len(saved)
    assert saved | set(left) == {f"Row {number}" for number in range(ROWS)}
    assert len(saved) + len(left) == ROWS
    org.session.close()


def test_a_killed_server_goes_on_where_its_job_was(server: Server) -> None:
    org = server.start()
    job = big_job(org, "Row")
    done = 0
    while not done:
        done = org.get(f"/jobs/ingest/{job['id']}")["numberRecordsProcessed"]
    server.end(signal.SIGKILL)
    org.session.close()
    org = server.start()
    info = org.wait(job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("JobComplete", ROWS)
    names = [row["Name"] for row in Job(org, info).succeeded]
    assert sorted(names) == sorted(f"Row {number}" for number in range(ROWS))
    count = org.get("/query", params={"q": "SELECT count() FROM Account"})["totalSize"]
    assert count == ROWS
    org.session.close()


def test_many_writers_lose_nothing(org: Client) -> None:
    def work(number: int) -> None:
        client = Client(org.url, org.token, org.organization)
        for step in range(5):
            client.create("Account", Name=f"Writer {number} {step}")
        client.session.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(org.query("SELECT Id FROM Account WHERE Name LIKE 'Writer %'")) == 30


def test_a_hidden_checkbox_has_its_default(server: Server) -> None:
    org = server.start()
    flag = custom_field("Flag__c", "Checkbox", "<defaultValue>true</defaultValue>")
    assert org.deploy(Package().object("Account", flag))["status"] == "Succeeded"
    org.create("Account", Name="Before the grant")
    assert org.deploy(Package().permission_set("F", "Account.Flag__c"))["success"] is True
    org.assign("F")
    assert org.query("SELECT Flag__c FROM Account") == [{"Flag__c": True}]
    org.session.close()
