"""The audit log: what it tells of a migration, that whatever is changed in it or in the records
files is found, and that it holds together however often a run is killed."""

import getpass
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.errors import UserError
from loaders.salesforce.cli import load_sf
from loaders.salesforce.ledger import check_log
from loaders.salesforce.ledger.audit import TABLE, AuditLog
from loaders.salesforce.ledger.manifest import Manifest

from .conftest import PROJECT, Migration, example

Lines = list[bytes]


def entries(home: Path, event: str | None = None) -> list[dict[str, Any]]:
    """The log's lines, all or those of an event."""
    said = [json.loads(line) for line in (home / "audit.jsonl").read_text().splitlines()]
    return [each for each in said if event in (None, each["event"])]


def records(home: Path, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What a line's records file holds."""
    with duckdb.connect() as con:
        cursor = con.execute("from read_parquet(?)", [str(home / entry["records"]["file"])])
        columns = [each[0] for each in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def delta(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A home after two runs: rows held back, refused, changed, unchanged, gone."""
    home = tmp_path_factory.mktemp("delta") / "home"
    shutil.copytree(deployed, home, symlinks=True)
    made = Migration(home)
    rows = example()
    rows["t__family"][0]["Account_Kind__c"] = "Sailing Club"
    rows["t__patient"][4]["_held_back"] = True
    made.build(rows)
    made.sf("run", "--max-rejects", "50%")
    rows = example()
    rows["t__patient"][5] |= {"FirstName": "Anna", "Description": None}
    gone = rows["t__insurance"].pop()
    made.build(rows)
    made.sf("run", "--only", "t__patient", code=4)
    made.sf("run")
    made.sf("run")
    made.gone = gone["Migration_Key__c"]  # type: ignore[attr-defined]
    yield made
    made.stop_org()


def check(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What `status --check-log --json` says."""
    monkeypatch.setenv("MIGRATION_HOME", str(home))
    capsys.readouterr()
    code = load_sf.main(["status", "--check-log", "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    assert code == (0 if said["whole"] else 1)
    return said


def test_every_command_is_told_with_who_gave_it(delta: Migration) -> None:
    begun = entries(delta.home, "command begun")
    assert [each["command"] for each in begun] == ["pull", "schema deploy", *["run"] * 4]
    assert begun[2]["options"] == {"max-rejects": "50%"}
    assert begun[3]["options"] == {"only": "t__patient"}
    (user,) = delta.soql("SELECT Id, Username FROM User WHERE UserType = 'Standard' LIMIT 1")
    for each in begun:
        assert each["user"] == {"id": user["Id"], "name": user["Username"]}
        assert each["os_user"] == getpass.getuser()
        assert each["org"].startswith("00D") and each["org_name"] and each["version"]
    ended = entries(delta.home, "command ended")
    assert [each["code"] for each in ended] == [0, 0, 0, 4, 0, 0]
    assert [each["begun"] for each in ended] == [each["number"] for each in begun]
    assert entries(delta.home)[-2]["event"] == "nothing to send"


def test_a_records_file_tells_what_became_of_each_record(delta: Migration) -> None:
    _, second, third = entries(delta.home, "run begun")
    jobs = entries(delta.home, "job saved")
    families = next(each for each in jobs if each["step"] == "t__family")
    assert families["actions"] == {"created": 2, "rejected": 1}
    assert families["fields"][:2] == ["Migration_Key__c", "Name"]
    (refused,) = [r for r in records(delta.home, families) if r["action"] == "rejected"]
    assert refused["key"] == "p:family:0"
    assert refused["code"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert refused["fields"] == ["Account_Kind__c"]
    only = next(each for each in jobs if each["run"] == second["run"])
    (anna,) = [r for r in records(delta.home, only) if r["action"] == "updated"]
    (id_,) = delta.soql("SELECT Id FROM Contact WHERE FirstName = 'Anna'")
    assert (anna["key"], anna["id"]) == ("p:patient:1-1", id_["Id"])
    assert "Description" in anna["cleared"] and "FirstName" not in anna["cleared"]
    assert third["steps"] == ["t__family", "t__patient", "t__guarantor", "t__insurance"]
    assert entries(delta.home, "run ended")[0]["rejects"]["rows"] > 0


def test_what_no_job_took_is_told_with_the_reason(delta: Migration) -> None:
    runs = [each["run"] for each in entries(delta.home, "run begun")]
    left = {(each["run"], each["step"]): each for each in entries(delta.home, "records left")}
    patients = left[runs[0], "t__patient"]
    assert patients["reasons"] == {"held back": 1}
    (held,) = records(delta.home, patients)
    assert (held["key"], held["reason"], held["classes"]) == ("p:patient:1-0", "held back", [])
    assert left[runs[1], "t__patient"]["reasons"] == {"unchanged": 6}
    insurances = left[runs[2], "t__insurance"]
    assert insurances["reasons"]["gone from the source"] == 1
    (gone,) = [r for r in records(delta.home, insurances) if r["reason"] != "unchanged"]
    assert gone["key"] == delta.gone and gone["id"].startswith("a")  # type: ignore[attr-defined]
    waiting = [e for e in entries(delta.home, "step") if "reasons" in e]
    assert waiting[0]["reasons"] == {"waits for its record": 3}


def changed(line: bytes) -> bytes:
    """A line in which one byte in the middle is another."""
    middle = len(line) // 2
    return line[:middle] + bytes([line[middle] ^ 1]) + line[middle + 1 :]


TAMPERED: dict[str, Callable[[Lines], Lines]] = {
    "first line": lambda lines: [changed(lines[0]), *lines[1:]],
    "middle line": lambda lines: [*lines[:9], changed(lines[9]), *lines[10:]],
    "last line": lambda lines: [*lines[:-1], changed(lines[-1])],
    "first line deleted": lambda lines: lines[1:],
    "middle line deleted": lambda lines: [*lines[:9], *lines[10:]],
    "last line deleted": lambda lines: lines[:-1],
    "two lines swapped": lambda lines: [*lines[:9], lines[10], lines[9], *lines[11:]],
    "a line twice": lambda lines: [*lines[:9], lines[9], *lines[9:]],
    "end cut": lambda lines: [*lines[:-1], lines[-1][:-20]],
    "cut to half": lambda lines: lines[: len(lines) // 2],
    "emptied": lambda lines: [],
    "last newline": lambda lines: [*lines[:-1], lines[-1][:-1]],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_is_changed_in_the_log_is_found(
    delta: Migration,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = delta.home / "audit.jsonl"
    whole = log.read_bytes()
    try:
        log.write_bytes(b"".join(TAMPERED[how](whole.splitlines(keepends=True))))
        said = check(delta.home, monkeypatch, capsys)
        assert not said["whole"]
        assert 1 <= len(said["wrong"]) <= 4, said["wrong"]
    finally:
        log.write_bytes(whole)


def test_every_byte_of_the_log_counts(
    delta: Migration, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A byte here and there, throughout; and after the next command, which goes on below it."""
    log, manifest = delta.home / "audit.jsonl", delta.home / "manifest.duckdb"
    whole, known = log.read_bytes(), manifest.read_bytes()
    assert check(delta.home, monkeypatch, capsys)["whole"]
    try:
        for place in [*range(0, len(whole), 499), len(whole) - 1]:
            log.write_bytes(whole[:place] + bytes([whole[place] ^ 2]) + whole[place + 1 :])
            assert not check(delta.home, monkeypatch, capsys)["whole"], place
        for how in ("middle line", "last line", "middle line deleted", "cut to half", "emptied"):
            log.write_bytes(b"".join(TAMPERED[how](whole.splitlines(keepends=True))))
            load_sf.main(["run", "--dry-run"], standalone_mode=False)
            assert not check(delta.home, monkeypatch, capsys)["whole"], how
            manifest.write_bytes(known)
    finally:
        log.write_bytes(whole)
        manifest.write_bytes(known)


def test_whatever_is_changed_in_a_records_file_is_found(
    delta: Migration, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = check(delta.home, monkeypatch, capsys)
    named = [e for e in entries(delta.home) if "records" in e or "rejects" in e]
    assert before["files"] == len(named) > 10
    for entry in named:
        said = entry.get("records") or entry["rejects"]
        file = delta.home / said["file"]
        content = file.read_bytes()
        try:
            file.write_bytes(changed(content))
            (wrong,) = check(delta.home, monkeypatch, capsys)["wrong"]
            assert wrong["where"] == said["file"]
            file.unlink()
            (wrong,) = check(delta.home, monkeypatch, capsys)["wrong"]
            assert "is gone" in wrong["what"]
        finally:
            file.write_bytes(content)
    assert check(delta.home, monkeypatch, capsys) == before


def test_a_log_without_its_manifest_goes_on(ready: Migration) -> None:
    ready.sf("run")
    (ready.home / "manifest.duckdb").unlink()
    assert "manifest.duckdb is gone" in ready.sf("status", "--check-log", code=1)
    ready.sf("pull")
    assert "The audit log is whole" in ready.sf("status", "--check-log")
    numbers = [each["number"] for each in entries(ready.home)]
    assert numbers == list(range(1, len(numbers) + 1))


# A process of ours that dies by itself: before or after its n-th write to the log or a records
# file reaches the disk.
DYING = """
import os, sys
from loaders.salesforce.ledger import audit, records_files
left, kind = int(os.environ["DIES_AT"]), os.environ["DIES_BEFORE"]
def die():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
real, flush = os.fsync, audit.AuditLog.flush
def fsync(fd):
    real(fd)
    if kind == "after":
        die()
def flushing(log):
    if kind == "before" and log.written < log.number:
        die()
    flush(log)
os.fsync, audit.AuditLog.flush = fsync, flushing
sys.argv = ["load-sf", "run"]
from loaders.salesforce.cli import main
main()
"""


def test_killed_at_any_write_and_carried_on_the_log_is_whole(ready: Migration) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SF_")}
    for number, (kind, at) in enumerate(
        [("before", 2), ("after", 2), ("after", 7), ("before", 9), ("after", 10), ("before", 3)]
    ):
        died = subprocess.run(
            [sys.executable, "-c", DYING],
            env=kept
            | {"MIGRATION_HOME": str(ready.home), "DIES_BEFORE": kind, "DIES_AT": str(at)}
            | {"PYTHONPATH": str(PROJECT), "CI": "1"},
            capture_output=True,
            timeout=120,
        )
        assert died.returncode == -signal.SIGKILL, (number, died.stderr)
    ready.sf("run")
    assert "The audit log is whole" in ready.sf("status", "--check-log")
    begun = entries(ready.home, "command begun")
    broken_off = [n for each in begun for n in each.get("broken_off", [])]
    ended = [each["begun"] for each in entries(ready.home, "command ended")]
    assert sorted(broken_off + ended) == [each["number"] for each in begun]
    assert len(broken_off) == 6
    assert list((ready.home / "runs").glob("command-*.lock")) == []
    saved = [(each["run"], each["job"]) for each in entries(ready.home, "job saved")]
    assert len(saved) == len(set(saved))


def test_a_full_disk_keeps_log_and_manifest_together(tmp_path: Path) -> None:
    """Where the log cannot grow, that is said; the next line brings what is missing along."""
    file = tmp_path / "audit.jsonl"
    with duckdb.connect() as con:
        con.execute(TABLE)
        manifest = Manifest(con, AuditLog(con, file))
        manifest.note("first")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 50, hard))
        try:
            with pytest.raises(UserError, match="cannot be written"):
                manifest.note("second")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        # A part of it is there.
        assert len(file.read_bytes().splitlines()) == 2
        manifest.note("third")
        with pytest.raises(duckdb.Error), manifest.transaction():
            manifest.log.note("never")
            con.execute("insert into nowhere values (1)")
        manifest.note("fourth")
    assert [each["event"] for each in entries(tmp_path)] == ["first", "second", "third", "fourth"]
    checked = check_log.check(file, tmp_path / "manifest.duckdb", tmp_path)
    assert [each.where for each in checked.wrong] == ["manifest.duckdb"]
