"""Faults of rows and of storage: in jobs, in REST saves, in deletes."""

from __future__ import annotations

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import clinic
from tests.python.local_org.wording import sourced

LOCKED = sourced(
    "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {}:--",
    "a failedResults file in a public runbook; RForcecom issue 67",
)
UNNAMED = sourced(
    "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--",
    "a public load script that filters on it",
)
FULL = sourced(
    "STORAGE_LIMIT_EXCEEDED:storage limit exceeded:--", "a public report of a Bulk API load"
)
KEY = "Migration_Key__c"


def contacts(start: str, count: int, parent: str = "") -> str:
    head = f"{KEY},LastName" + (f",Account.{KEY}" if parent else "")
    lines = (f"{start}{n},Row" + (f",{parent}" if parent else "") for n in range(count))
    return "\n".join([head, *lines]) + "\n"


def keys(rows: list[dict[str, str]]) -> list[str]:
    return sorted(each[KEY] for each in rows)


def struck(client: Client) -> list[tuple[int, int | None, int]]:
    listed = client.get("/local-org/faults")
    return [(each["struck"], each["left"], each["rows"]) for each in listed]


def test_locked_rows_name_their_parent_and_pass_when_sent_again(faulty: Client) -> None:
    account = faulty.create("Account", Name="Locked", **{KEY: "lock:parent"})
    faulty.fault(object="Contact", operation="upsert", locked=True, keys="^lock:[13]$", rounds=2)
    text = contacts("lock:", 5, "lock:parent")
    for turn in (1, 2):
        job = faulty.bulk("Contact", "upsert", text, KEY)
        assert job.counts == ("JobComplete", 5, 2)
        assert keys(job.failed) == ["lock:1", "lock:3"]
        assert {each["sf__Error"] for each in job.failed} == {LOCKED.format(account)}
        assert {each["sf__Id"] for each in job.failed} == {""}
        assert struck(faulty) == [(turn, 2 - turn, 2 * turn)]
    found = faulty.query(f"SELECT {KEY} FROM Contact WHERE {KEY} LIKE 'lock:%'")
    assert keys(found) == ["lock:0", "lock:2", "lock:4"]
    assert faulty.bulk("Contact", "upsert", text, KEY).counts == ("JobComplete", 5, 0)


def test_a_locked_row_without_parents_names_itself_if_it_is_there(faulty: Client) -> None:
    faulty.fault(object="Account", locked=True, rounds="always")
    job = faulty.bulk("Account", "upsert", f"{KEY},Name\nself:1,A\n", KEY)
    assert job.error() == UNNAMED
    faulty.call("DELETE", "/local-org/faults")
    made = faulty.create("Account", Name="A", **{KEY: "self:1"})
    faulty.fault(object="Account", locked=True, rounds="always")
    for _ in range(3):
        job = faulty.bulk("Account", "upsert", f"{KEY},Name\nself:1,B\n", KEY)
        assert job.error() == LOCKED.format(made)
        assert job.failed[0]["sf__Id"] == made
    assert faulty.query(f"SELECT Name FROM Account WHERE Id = '{made}'") == [{"Name": "A"}]
    assert struck(faulty) == [(3, None, 3)]


def test_a_share_of_the_rows_is_the_same_each_time(faulty: Client) -> None:
    text = contacts("share:", 1_000)
    chosen = []
    for seed in (0, 0, 1):
        faulty.call("DELETE", "/local-org/faults")
        faulty.fault(object="Contact", locked=True, share=0.1, seed=seed)
        chosen.append(keys(faulty.bulk("Contact", "upsert", text, KEY).failed))
    assert chosen[0] == chosen[1] != chosen[2]
    assert all(70 <= len(each) <= 130 for each in chosen)


def test_a_job_is_one_round_however_long_it_is(faulty: Client) -> None:
    faulty.fault(object="Contact", locked=True, keys="^long:(7|119999)$")
    text = contacts("long:", 120_000)
    assert keys(faulty.bulk("Contact", "upsert", text, KEY).failed) == ["long:119999", "long:7"]
    assert struck(faulty) == [(1, 0, 2)]


def test_every_so_many_rows_are_struck(faulty: Client) -> None:
    faulty.fault(object="Contact", locked=True, every=4)
    job = faulty.bulk("Contact", "insert", "LastName\n" + "".join(f"E{n}\n" for n in range(1, 11)))
    assert sorted(each["LastName"] for each in job.failed) == ["E4", "E8"]


def test_a_row_is_refused_in_any_words(faulty: Client) -> None:
    faulty.fault(
        object="contact",
        row_error="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="It's not: allowed.",
        fields=["LastName", "Email"],
        keys="^words:1$",
    )
    job = faulty.bulk("Contact", "insert", contacts("words:", 3))
    assert job.error() == ("FIELD_CUSTOM_VALIDATION_EXCEPTION:It's not: allowed.:LastName,Email --")
    assert keys(job.succeeded) == ["words:0", "words:2"]


def test_a_row_that_is_wrong_by_itself_keeps_its_own_error(faulty: Client) -> None:
    faulty.fault(object="Contact", locked=True, rounds=1)
    job = faulty.bulk("Contact", "upsert", f"{KEY},LastName\nown:1,\nown:2,B\n", KEY)
    errors = {each[KEY]: each["sf__Error"].partition(":")[0] for each in job.failed}
    assert errors == {"own:1": "REQUIRED_FIELD_MISSING", "own:2": "UNABLE_TO_LOCK_ROW"}
    assert struck(faulty) == [(1, 0, 1)]


def test_a_round_in_which_no_row_was_struck_does_not_count(faulty: Client) -> None:
    faulty.fault(object="Contact", locked=True, keys="^quiet:9$")
    assert faulty.bulk("Contact", "upsert", contacts("quiet:", 3), KEY).counts[2] == 0
    assert faulty.bulk("Contact", "upsert", contacts("quiet:", 10), KEY).counts[2] == 1
    assert faulty.bulk("Contact", "upsert", contacts("quiet:", 10), KEY).counts[2] == 0


def test_rounds_may_be_skipped(faulty: Client) -> None:
    faulty.fault(object="Contact", locked=True, after=1)
    failed = [faulty.bulk("Contact", "upsert", contacts("skip:", 2), KEY).counts[2] for _ in "abc"]
    assert failed == [0, 2, 0]


def test_only_the_object_and_operation_that_are_named(faulty: Client) -> None:
    faulty.fault(object="Account", operation="insert", locked=True, rounds=0)
    assert faulty.bulk("Contact", "insert", contacts("other:", 2)).counts[2] == 0
    assert faulty.bulk("Account", "upsert", f"{KEY},Name\nother:1,A\n", KEY).counts[2] == 0
    assert faulty.bulk("Account", "insert", "Name\nA\n").counts[2] == 1


def test_rest_saves_are_struck(faulty: Client) -> None:
    made = faulty.create("Contact", LastName="Rest", **{KEY: "rest:0"})
    message = LOCKED.format(made).removeprefix("UNABLE_TO_LOCK_ROW:").removesuffix(":--")
    expected = {"message": message, "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}
    for method, path, body in (
        ("PATCH", f"/sobjects/Contact/{made}", {"LastName": "Other"}),
        ("PATCH", f"/sobjects/Contact/{KEY}/rest:0", {"LastName": "Other"}),
        ("DELETE", f"/sobjects/Contact/{made}", None),
    ):
        faulty.fault(object="Contact", locked=True)
        answer = faulty.call(method, path, json=body)
        assert (answer.status_code, answer.json()) == (400, [expected]), method
    found = faulty.query(f"SELECT LastName FROM Contact WHERE Id = '{made}'")
    assert found == [{"LastName": "Rest"}]
    answer = faulty.call("PATCH", f"/sobjects/Contact/{made}", json={"LastName": "Other"})
    assert answer.status_code == 204


def test_collections_are_struck(faulty: Client) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "Many", KEY: f"many:{n}"} for n in range(4)
    ]
    faulty.fault(object="Contact", locked=True, keys="many:[12]", rounds=2)
    body = {"allOrNone": False, "records": records}
    results = faulty.call("PATCH", f"/composite/sobjects/Contact/{KEY}", json=body).json()
    assert [each["success"] for each in results] == [True, False, False, True]
    assert results[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    made = [results[0]["id"], results[3]["id"]]
    faulty.fault(object="Contact", operation="delete", locked=True, keys=made[1])
    ids = ",".join(made)
    results = faulty.call("DELETE", "/composite/sobjects", params={"ids": ids}).json()
    assert [each["success"] for each in results] == [True, False]


def test_a_delete_job_is_struck(faulty: Client) -> None:
    made = [faulty.create("Contact", LastName=f"Del {n}") for n in range(3)]
    faulty.fault(object="Contact", operation="delete", locked=True, keys=made[1])
    text = "Id\n" + "".join(f"{each}\n" for each in made)
    job = faulty.bulk("Contact", "delete", text)
    assert job.error() == LOCKED.format(made[1])
    left = faulty.query("SELECT Id FROM Contact WHERE LastName LIKE 'Del %'")
    assert [each["Id"] for each in left] == [made[1]]


def test_storage_runs_full(server: Server) -> None:
    client = server.start()
    assert client.deploy(clinic())["status"] == "Succeeded"
    client.assign("Loader")
    client.bulk("Contact", "upsert", contacts("full:", 3), KEY)
    client.fault(storage_full=4)
    job = client.bulk("Contact", "upsert", contacts("full:", 9), KEY)
    assert job.counts == ("JobComplete", 9, 2)
    assert keys(job.failed) == ["full:7", "full:8"]
    assert {each["sf__Error"] for each in job.failed} == {FULL}
    refused = client.refused("Account", Name="One more")
    assert refused == ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", [])
    # What is there can still be changed; deleted records stay in the recycle bin and take room.
    job = client.bulk("Contact", "upsert", contacts("full:", 7), KEY)
    assert job.counts == ("JobComplete", 7, 0)
    body = {"allOrNone": True, "records": [{"attributes": {"type": "Account"}, "Name": "A"}]}
    results = client.call("POST", "/composite/sobjects", json=body).json()
    assert results[0]["errors"][0]["statusCode"] == "STORAGE_LIMIT_EXCEEDED"
    client.call("DELETE", "/local-org/faults")
    client.create("Account", Name="Room again")
    client.session.close()


def test_rows_that_are_refused_take_no_room(server: Server) -> None:
    client = server.start()
    client.fault(storage_full=2)
    client.fault(object="Account", locked=True, keys="^[AB]$")
    job = client.bulk("Account", "insert", "Name\nA\nB\nC\nD\nE\n")
    errors = {each["Name"]: each["sf__Error"].partition(":")[0] for each in job.failed}
    assert errors == {
        "A": "UNABLE_TO_LOCK_ROW",
        "B": "UNABLE_TO_LOCK_ROW",
        "E": "STORAGE_LIMIT_EXCEEDED",
    }
    body = {
        "allOrNone": True,
        "records": [{"attributes": {"type": "Account"}, "Name": n} for n in "FG"],
    }
    client.call("DELETE", "/local-org/faults")
    client.fault(storage_full=1)
    results = client.call("POST", "/composite/sobjects", json=body).json()
    assert [each["success"] for each in results] == [False, False]
    # Rolled back, it took no room.
    client.create("Account", Name="H")
    client.session.close()
