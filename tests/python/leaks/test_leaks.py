"""No value of a source field leaves the places made for it: practices of canaries go through every
command, faults included, and none is in a log, an output, an artifact or a process's arguments."""

import json
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
import requests
import yaml

from loaders.salesforce.cli import load_sf
from tests.python.leaks.canaries import Canaries, dentrix, exec_
from tests.python.practice import practices
from tests.python.practice_exec import write
from tests.python.support import NO_UNIT_TESTS, TALKATIVE, Migration, door_to

# Where values may be (docs/security.md): raw/, the warehouse and so on.
HOLDS_VALUES = {
    *("raw", "warehouse.duckdb", "manifest.duckdb", "schema", "custom_fields.yml"),
    *("reports", "local_org"),
}
FROZEN = ("ready", "before", "superseded")
_LOOKS = 5


@dataclass
class Watch:
    """What commands said, and what canaries were in the arguments of processes meanwhile."""

    migration: Migration
    canaries: Canaries
    said: dict[str, str] = field(default_factory=dict)
    in_arguments: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, *command: str | Path, code: int | None = 0) -> str:
        """Runs a command; keeps what it said."""
        done = self.migration.run(*command, code=code, env=TALKATIVE)
        name = f"{len(self.said)} {' '.join(map(str, command))[:60]}"
        self.said[name] = done.stdout + done.stderr
        return self.said[name]

    def look_at_arguments(self) -> None:
        """Reads every process's arguments, a few times: it has its parent's at first."""
        looks: Counter[str] = Counter()
        while not self.over.wait(0.05):
            for process in Path("/proc").iterdir():
                if looks[process.name] == _LOOKS or not process.name.isdigit():
                    continue
                looks[process.name] += 1
                with suppress(OSError):
                    arguments = (process / "cmdline").read_bytes()
                    self.in_arguments.update(self.canaries.found(arguments))

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        """A call to the local org."""
        door = door_to(self.migration.home)
        headers = {"Authorization": f"Bearer {door.token}"}
        answer = requests.request(method, door.url + path, json=body, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer

    def arm(self, *faults: dict[str, object]) -> None:
        """Gives the org these faults and no others."""
        self.call("DELETE", "/local-org/faults")
        self.call("POST", "/local-org/faults", {"faults": faults})


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """The practices, moved and mistreated."""
    folder, canaries = tmp_path_factory.mktemp("leaks"), Canaries()
    watched = Watch(Migration(folder / "home"), canaries)
    looking = threading.Thread(target=watched.look_at_arguments)
    if sys.platform == "linux":
        looking.start()
    try:
        _migrate(watched, folder)
        yield watched
    finally:
        watched.over.set()
        if looking.ident:
            looking.join()
        watched.migration.stop_org()


def _migrate(watch: Watch, folder: Path) -> None:
    canaries = watch.canaries
    book, clinic = dentrix(canaries), exec_(canaries)
    sets = [practices.write(book, folder), write.write(clinic, folder / "birch_row")]
    # A file that begins without its header.
    (sets[0] / "archive.csv").write_text(f"{canaries.word()},{canaries.day()}\n" * 3)
    (sets[0] / "patient_old.csv").write_text(f"{canaries.word()},{canaries.day()}\n" * 3)
    options = {"defaults": {}, "practices": {"elm_street": book.options}}
    (folder / "migration.yml").write_text(yaml.safe_dump(options))
    watch.run("load-raw", *sets)
    watch.run("load-raw", sets[0], "--json")
    watch.run("load-raw", "audit")
    watch.run("load-raw", "audit", "--json")
    broken = shutil.copytree(sets[1], folder / "broken")
    (broken / "PATIENTS.csv").rename(broken / "BEFORE.csv")
    (broken / "patients.parquet").write_text(f"PAR1 {canaries.word()} PAR1")
    watch.run("load-raw", broken, code=1)
    watch.run("load-sf", "pull")
    watch.run("dbt", "build", *NO_UNIT_TESTS)
    watch.run("load-sf", "schema")
    watch.run("load-sf", "schema", "deploy")
    watch.run("load-sf", "schema", "diff", code=None)
    _run_with_faults(watch)
    _differ(watch)
    _break(watch)


def _run_with_faults(watch: Watch) -> None:
    secret = watch.canaries.word()
    said = {"message": f"{secret} is not allowed: {secret}", "fields": ["LastName"]}
    error = [{"errorCode": "X_Y", "message": secret, "fields": [f"{secret} {secret}"]}]
    watch.run("load-sf", "plan", code=None)
    watch.run("load-sf", "sample", "--patients", "2", "--json", code=None)
    watch.run("load-sf", "approve", "--yes", code=None)
    watch.arm({"object": "Account", "fail_job": 0, "message": f"{secret} : {secret}"})
    watch.run("load-sf", "run", code=1)
    watch.arm({"object": "Contact", "fail_job": 0, "message": f"InvalidBatch : {secret}"})
    watch.run("load-sf", "run", code=1)
    watch.arm({"method": "GET", "path": "^/query", "status": 400, "body": [{"errorCode": secret}]})
    watch.run("load-sf", "run", code=1)
    watch.arm(
        {"method": "GET", "path": "^/jobs/ingest", "status": 503, "body": secret},
        {"method": "POST", "path": "^/(composite/)?sobjects", "status": 400, "body": error},
        {"row_error": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "every": 3, "rounds": 0, **said},
    )
    watch.run("load-sf", "run", code=4)
    watch.run("load-sf", "report", "--json")
    watch.arm()
    watch.run("load-sf", "run", "--json", "--max-rejects", "100%")


def _differ(watch: Watch) -> None:
    (found, *_) = watch.migration.query_org(
        "SELECT Id FROM Contact WHERE Migration_Key__c LIKE '%:patient:%'"
    )
    path = f"/services/data/v67.0/sobjects/Contact/{found['Id']}"
    watch.call("PATCH", path, {"LastName": watch.canaries.word(), "Birthdate": "1931-05-06"})
    watch.run("load-sf", "verify", code=1)
    watch.run("load-sf", "status")
    watch.run("load-sf", "status", "--json")
    watch.run("load-sf", "report", "--with-values")
    watch.run("load-sf", "report")
    watch.run("load-sf", "explain", "elm_street:patient:10000", code=None)
    watch.run("load-sf", "resume")
    watch.run("load-sf", "rollback", "last", code=None)
    watch.run("load-sf", "recover", code=None)


def _break(watch: Watch) -> None:
    """A defect of ours: the error's text quotes a cell."""
    with duckdb.connect(str(watch.migration.home / "warehouse.duckdb")) as con:
        con.execute("alter table salesforce.dentrix__patient rename to kept")
        con.execute(
            "create view salesforce.dentrix__patient as select * replace"
            ' (cast("LastName" as integer)::varchar as _row_hash) from salesforce.kept'
        )
    assert "unforeseen ConversionException" in watch.run("load-sf", "run", "--dry-run", code=1)
    watch.run("load-sf", "status", "--check-log")


def test_every_command_was_watched(watch: Watch) -> None:
    """`org serve` and `org reset` see no value."""
    given = {name.split()[2] for name in watch.said if name.split()[1] == "load-sf"}
    assert given == load_sf.commands.keys() - {"org"}


def test_nothing_that_was_said_is_a_value(watch: Watch) -> None:
    leaks = {name: [*watch.canaries.found(said.encode())] for name, said in watch.said.items()}
    assert {name: found[:3] for name, found in leaks.items() if found} == {}


def test_a_report_shows_no_value_unless_asked(watch: Watch) -> None:
    reports = watch.migration.home / "reports"
    made = ("report.html", "recall_rebuild.csv", "owner_report.csv", "open_claims.csv")
    leaks = {name: [*watch.canaries.found((reports / name).read_bytes())] for name in made}
    assert {name: found[:3] for name, found in leaks.items() if found} == {}


def test_a_report_counts_what_the_org_refused(watch: Watch) -> None:
    said = next(s for name, s in watch.said.items() if name.endswith("load-sf report --json"))
    told = json.loads(said)
    codes = {each["why"]: each["rows"] for each in told["reasons"]}
    assert codes["FIELD_CUSTOM_VALIDATION_EXCEPTION"] > 0
    assert sum(each["refused"] for each in told["objects"]) > 0
    assert "rows were refused by the org" in [each["what"] for each in told["to_do"]]


def test_no_process_had_a_value_in_its_arguments(watch: Watch) -> None:
    assert watch.in_arguments == set()


def test_no_file_but_those_made_for_it_holds_a_value(watch: Watch) -> None:
    home = watch.migration.home
    leaks, looked_at = {}, set()
    for file in home.rglob("*"):
        place = file.relative_to(home)
        if not file.is_file() or place.parts[0].removesuffix(".wal") in HOLDS_VALUES:
            continue
        if _is_frozen(place):
            continue
        found = [*watch.canaries.found(_content(file)), *watch.canaries.found(str(place).encode())]
        looked_at.add(place.suffix)
        if found:
            leaks[str(place)] = found[:3]
    assert leaks == {}
    assert {".jsonl", ".json", ".parquet", ".log", ".sql", ".txt"} <= looked_at
    # What is looked for can be found: the raw files hold it.
    frozen = next(home.glob("runs/*/dentrix__patient.parquet"))
    assert len({*watch.canaries.found(_content(frozen))}) > 20


def _is_frozen(place: Path) -> bool:
    """The rows of a step as a run froze them, and as the org had them before."""
    if place.parts[0] != "runs" or place.suffix != ".parquet":
        return False
    step, *kind = place.name.removesuffix(".parquet").split(".")
    return "__" in step and (not kind or kind[0] in FROZEN or kind[0].startswith("round-"))


def _content(file: Path) -> bytes:
    if file.suffix != ".parquet":
        return file.read_bytes()
    with duckdb.connect() as con:
        return str(con.execute("from read_parquet(?)", [str(file)]).fetchall()).encode()
