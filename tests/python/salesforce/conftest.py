"""A made-up migration small enough to read: four steps, their marts and dbt's manifest, in a home
of its own; commands run as people run them, against the local org's own process."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests

from tests.python import forked
from tests.python.support import end_org

PROJECT = Path(__file__).resolve().parents[3]
LOAD_SF = PROJECT / ".venv" / "bin" / "load-sf"
# As long as `load-sf` itself lets a local org be idle that it starts.
_IDLE_SECONDS = 20
PROBLEMS = (
    'struct(field varchar, class varchar, "value" varchar, held_back boolean, action varchar,'
    " file varchar, line bigint)[]"
)
KEY = {"type": "Text", "length": 100, "external_id": True, "required": True}
KINDS = ["Practice", "Family", "Insurance Carrier", "Patient"]

Column = tuple[str, str, dict[str, Any]]

WAITING = {
    "blocks": "run",
    "unless": "allow-open-claims",
    "what": "bills wait",
    "amount": "owed",
    "action": "Wait for them",
}
"""What the mart says whose rows keep a run from starting."""

FAMILY: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Name", "varchar", {"type": "Text", "length": 255, "required": True, "hold": True}),
    ("Account_Kind__c", "varchar", {"type": "Picklist", "values": KINDS, "restricted": True}),
    ("Phone", "varchar", {"type": "Phone", "length": 40}),
    ("BillingStreet", "varchar", {"type": "TextArea", "length": 255}),
    ("BillingPostalCode", "varchar", {"type": "Text", "length": 20}),
    ("Balance_0_30__c", "decimal(16,2)", {"type": "Currency", "precision": 16, "scale": 2}),
]
PATIENT: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("FirstName", "varchar", {"type": "Text", "length": 40}),
    ("LastName", "varchar", {"type": "Text", "length": 80, "required": True, "hold": True}),
    ("Birthdate", "date", {"type": "Date"}),
    ("Is_Provider__c", "boolean", {"type": "Checkbox"}),
    ("Chart_Number__c", "varchar", {"type": "Text", "length": 40}),
    ("Clinical_Alert__c", "varchar", {"type": "MultiselectPicklist", "values": ["Latex", "Nuts"]}),
    ("Clinical_Alert_Details__c", "varchar", {"type": "LongTextArea", "length": 32768}),
    ("Original_Patient_Create_Date__c", "timestamp", {"type": "DateTime"}),
    ("Description", "varchar", {"type": "LongTextArea", "length": 32000}),
    (
        "Account.Migration_Key__c",
        "varchar",
        {"lookup": "t__family", "required": True, "lock": True},
    ),
]
PATIENT_LOOKUP = {"lookup": "t__patient"}
PRIORITY = {"type": "Picklist", "values": ["Primary", "Secondary"], "restricted": True}
GUARANTOR: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Guarantor__r.Migration_Key__c", "varchar", PATIENT_LOOKUP),
]
INSURANCE: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Contact__r.Migration_Key__c", "varchar", PATIENT_LOOKUP | {"required": True, "lock": True}),
    ("Subscriber__r.Migration_Key__c", "varchar", PATIENT_LOOKUP),
    ("Carrier__r.Migration_Key__c", "varchar", {"lookup": "t__family"}),
    ("Priority__c", "varchar", PRIORITY),
    ("Group_Number__c", "varchar", {"type": "Text", "length": 40}),
    ("Eligibility_Start__c", "date", {"type": "Date"}),
]
MARTS: dict[str, tuple[dict[str, Any], list[Column]]] = {
    "t__family": ({"object": "Account", "operation": "upsert"}, FAMILY),
    "t__patient": ({"object": "Contact", "operation": "upsert", "sample": True}, PATIENT),
    "t__guarantor": ({"object": "Contact", "operation": "update", "of": "t__patient"}, GUARANTOR),
    "t__insurance": (
        {
            "object": "Insurance_Detail__c",
            "operation": "upsert",
            "label": "Insurance Detail",
            "plural": "Insurance Details",
            "name_format": "INS-{0000000}",
            "access": "billing",
        },
        INSURANCE,
    ),
}
ADOPTS = {"t__family"}
Rows = dict[str, list[dict[str, Any]]]


def manifest_document(marts: dict[str, tuple[dict[str, Any], list[Column]]]) -> dict[str, Any]:
    """dbt's manifest.json (v12), as far as the loader reads it."""
    nodes: dict[str, Any] = {
        "seed.t.words": {
            "unique_id": "seed.t.words",
            "name": "words",
            "resource_type": "seed",
            "schema": "seeds",
            "alias": "words",
            "config": {"materialized": "seed", "meta": {}},
            "depends_on": {"macros": []},
            "columns": {},
        },
        "model.t.merges": _model("merges", {"bridgework": {"remember": "merges"}}, [], "migration"),
        "model.t.waiting": _model("waiting", {"bridgework": WAITING}, [], "migration"),
    }
    for name, (meta, columns) in marts.items():
        meta = {"external_id": "Migration_Key__c"} | meta
        node = _model(name, {"salesforce": meta}, columns, "salesforce")
        for private in ["_practice", *(["_adopt_id"] if name in ADOPTS else [])]:
            node["columns"][private] = _column(private, "varchar", {})
        nodes[node["unique_id"]] = node
        test_id = f"test.t.unique_{name}"
        nodes[test_id] = {
            "unique_id": test_id,
            "name": f"unique_{name}",
            "resource_type": "test",
            "config": {"severity": "ERROR", "meta": {}},
            "depends_on": {"macros": [], "nodes": [node["unique_id"]]},
        }
    return {"metadata": {"dbt_schema_version": "v12"}, "nodes": nodes, "unit_tests": {}}


def _model(name: str, meta: dict[str, Any], columns: list[Column], schema: str) -> dict[str, Any]:
    return {
        "unique_id": f"model.t.{name}",
        "name": name,
        "alias": name,
        "schema": schema,
        "resource_type": "model",
        "description": f"The {name}.",
        "config": {"materialized": "table", "meta": meta},
        "depends_on": {"macros": [], "nodes": ["seed.t.words"]},
        "columns": {
            c: _column(c, t, {} if c.startswith("_") else {"salesforce": m}) for c, t, m in columns
        },
    }


def _column(name: str, data_type: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "data_type": data_type,
        "description": f"What {name} holds.",
        "config": {"meta": meta, "tags": []},
        "meta": meta,
        "quote": True,
    }


def hear_interrupts() -> None:
    """Makes a process heed SIGINT whatever it inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Migration:
    """A migration's home and what people do with it."""

    home: Path
    marts: dict[str, tuple[dict[str, Any], list[Column]]] = field(default_factory=lambda: MARTS)
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts a command."""
        return subprocess.Popen(
            [str(LOAD_SF), *arguments],
            env=self.surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            # Tests in the background ignore Ctrl-C, and so would their commands.
            preexec_fn=hear_interrupts,
        )

    def surroundings(self) -> dict[str, str]:
        """The environment of a command."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SF_")}
        return clean | {"MIGRATION_HOME": str(self.home), "CI": "1"} | self.environment

    def run(self, *arguments: str, code: int) -> forked.Done:
        """Runs a command to its end, which must have this exit code."""
        surroundings = self.surroundings()
        if "SF_INSTANCE_URL" not in surroundings and arguments[0] not in ("org", "status"):
            forked.serve(self.home / "local_org", surroundings, _IDLE_SECONDS)
        done = forked.run("load-sf", [*arguments], surroundings, Path("/"), timeout=120)
        said = f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done

    def sf(self, *arguments: str, code: int = 0) -> str:
        """Runs a command and gives what it printed; it must end with this exit code."""
        done = self.run(*arguments, code=code)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Runs a command with --json and gives its document."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def build(self, rows: Rows, finished: bool = True, **statuses: str) -> None:
        """What `dbt build` leaves: marts, build record, manifest.json. `statuses` gives nodes by
        name another outcome than success."""
        target = self.home / "target"
        target.mkdir(parents=True, exist_ok=True)
        document = manifest_document(self.marts)
        (target / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
        with duckdb.connect(str(self.home / "warehouse.duckdb")) as con:
            for schema in ("salesforce", "migration", "migration_state"):
                con.execute(f"drop schema if exists {schema} cascade")
                con.execute(f"create schema {schema}")
            for name, (_, columns) in self.marts.items():
                self._mart(con, name, columns, rows.get(name, []))
            con.execute("create table migration.merges (merged_key varchar, survivor_key varchar)")
            con.executemany(
                "insert into migration.merges values (?, ?)",
                [[m["merged_key"], m["survivor_key"]] for m in rows.get("merges", [])]
                or [["none", "none"]],
            )
            con.execute("create table migration.waiting (owed decimal(16, 2))")
            for row in rows.get("waiting", []):
                con.execute("insert into migration.waiting values (?)", [row["owed"]])
            self._record(con, document["nodes"], finished, statuses)

    def _mart(
        self, con: duckdb.DuckDBPyConnection, name: str, columns: list[Column], rows: list[Any]
    ) -> None:
        quoted = [f'"{c}"' for c, _, _ in columns]
        spec = ", ".join(f"{q} {t}" for q, (_, t, _) in zip(quoted, columns, strict=True))
        adopt = ", _adopt_id varchar" if name in ADOPTS else ""
        con.execute(
            f"create table salesforce.{name} ({spec}, _practice varchar, _file varchar,"
            f" _line bigint, _problems {PROBLEMS}, _held_back boolean{adopt}, _row_hash varchar)"
        )
        for line, row in enumerate(rows, 1):
            values = [row.get(c) for c, _, _ in columns]
            values += ["p", "file.csv", line, [], bool(row.get("_held_back"))]
            values += [row.get("_adopt_id")] if adopt else []
            marks = ", ".join("?" * len(values))
            con.execute(f"insert into salesforce.{name} values ({marks}, null)", values)
        hashed = ", ".join(
            f"coalesce({q}::varchar, chr(0))" for q in quoted if q != '"_supersedes"'
        )
        con.execute(f"update salesforce.{name} set _row_hash = md5(concat_ws(chr(31), {hashed}))")

    def _record(
        self,
        con: duckdb.DuckDBPyConnection,
        nodes: dict[str, Any],
        finished: bool,
        statuses: dict[str, str],
    ) -> None:
        generation = self.generation()
        con.execute(
            "create table migration_state.builds (invocation_id varchar, started_at timestamp,"
            " command varchar, generation varchar, finished_at timestamp)"
        )
        con.execute(
            "create table migration_state.nodes (unique_id varchar, resource_type varchar,"
            " status varchar, generation varchar, invocation_id varchar, finished_at timestamp)"
        )
        con.execute(
            "insert into migration_state.builds values"
            f" ('i', current_timestamp, 'build', ?, {'current_timestamp' if finished else 'null'})",
            [generation],
        )
        for unique_id, node in nodes.items():
            good = "pass" if node["resource_type"] == "test" else "success"
            con.execute(
                "insert into migration_state.nodes values (?, ?, ?, ?, 'i', current_timestamp)",
                [
                    *(unique_id, node["resource_type"]),
                    *(statuses.get(node["name"], good), generation),
                ],
            )

    def generation(self) -> str | None:
        """The current generation of raw/."""
        link = self.home / "raw" / "current"
        return link.readlink().name if link.is_symlink() else None

    @property
    def door(self) -> dict[str, Any]:
        """Where the local org answers; starts it where it ended."""
        file = self.home / "local_org" / "server.json"
        if file.exists():
            found: dict[str, Any] = json.loads(file.read_text())
            try:
                requests.get(found["url"] + "/services/data", timeout=5)
                return found
            except requests.ConnectionError:
                pass
        # Whatever keeps a run from starting, it wakes the org.
        forked.run("load-sf", ["run", "--dry-run"], self.surroundings(), Path("/"), timeout=120)
        found = json.loads(file.read_text())
        return found

    def rest(self, method: str, path: str, **options: Any) -> Any:
        """A plain client's request."""
        door = self.door
        answer = requests.request(
            method,
            f"{door['url']}/services/data/v67.0/{path}",
            headers={"Authorization": f"Bearer {door['access_token']}"},
            timeout=30,
            **options,
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def control(self, method: str, what: str, body: dict[str, Any] | None = None) -> Any:
        """A call of whoever runs the local org: its faults, the requests it noted."""
        door = self.door
        answer = requests.request(
            method,
            f"{door['url']}/local-org/{what}",
            headers={"Authorization": f"Bearer {door['access_token']}"},
            json=body,
            timeout=30,
        )
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def arm(self, *faults: dict[str, Any]) -> None:
        """Gives the local org these faults and no others; the requests from here on are noted."""
        self.control("DELETE", "faults")
        self.control("DELETE", "requests")
        self.control("POST", "faults", {"faults": faults, "record": True})

    def noted(self) -> list[tuple[str, str]]:
        """The requests since the faults were armed: method and path."""
        found = self.control("GET", "requests")["requests"]
        return [(each["method"], each["path"]) for each in found]

    def soql(self, query: str) -> list[dict[str, Any]]:
        """A plain client's query."""
        records = self.rest("GET", "query", params={"q": query})["records"]
        return [{k: v for k, v in r.items() if k != "attributes"} for r in records]

    def deploy(self, package: bytes) -> Any:
        """What becomes of a package that another admin sends: the finished deployResult."""
        options = {"deployOptions": {"rollbackOnError": True, "singlePackage": True}}
        parts = {
            "json": (None, json.dumps(options), "application/json"),
            "file": ("deploy.zip", package, "application/zip"),
        }
        started = self.rest("POST", "metadata/deployRequest", files=parts)
        state = f"metadata/deployRequest/{started['id']}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            result = self.rest("GET", state, params={"includeDetails": "true"})["deployResult"]
            if result["done"]:
                return result
            time.sleep(0.05)
        raise AssertionError(f"{state} does not end")

    def calls(self) -> int:
        """API calls the org counted so far, this one included."""
        said = self.rest("GET", "limits")["DailyApiRequests"]
        return int(said["Max"]) - int(said["Remaining"])

    def stop_org(self) -> None:
        """Ends the local org's process."""
        end_org(self.home / "local_org")


def example(families: int = 3, patients: int = 4) -> Rows:
    """Families of patients, each with an insurance; the first patient of a family answers for
    the others."""
    rows: Rows = {"t__family": [], "t__patient": [], "t__guarantor": [], "t__insurance": []}
    for f in range(families):
        family = f"p:family:{f}"
        rows["t__family"].append(
            {
                "Migration_Key__c": family,
                "Name": f'Fam, "{f}" Family',
                "Account_Kind__c": "Family",
                "Phone": "(555) 555-0100",
                "BillingStreet": "1 Main St\r\nUnit 2",
                "BillingPostalCode": f"1048{f % 10}",
                "Balance_0_30__c": 12.5 + f,
            }
        )
        for n in range(patients):
            key = f"p:patient:{f}-{n}"
            rows["t__patient"].append(
                {
                    "Migration_Key__c": key,
                    "FirstName": f"Zoë {n}",
                    "LastName": f"O'Fam {f}",
                    "Birthdate": f"19{70 + n}-02-03",
                    "Is_Provider__c": False,
                    "Chart_Number__c": f"C{f}{n}",
                    "Clinical_Alert__c": "Nuts;Latex" if n == 1 else None,
                    "Clinical_Alert_Details__c": f' note "{n}",\nline two\n' if n == 2 else None,
                    "Original_Patient_Create_Date__c": "2019-05-06 07:08:09",
                    "Description": "likes tea",
                    "Account.Migration_Key__c": family,
                }
            )
            head = f"p:patient:{f}-0"
            rows["t__guarantor"].append(
                {
                    "Migration_Key__c": key,
                    "Guarantor__r.Migration_Key__c": head if n else None,
                }
            )
            rows["t__insurance"].append(
                {
                    "Migration_Key__c": f"p:insurance:{f}-{n}-P",
                    "Contact__r.Migration_Key__c": key,
                    "Subscriber__r.Migration_Key__c": head,
                    "Carrier__r.Migration_Key__c": None,
                    "Priority__c": "Primary",
                    "Group_Number__c": f"G{f}",
                    "Eligibility_Start__c": "2024-01-01",
                }
            )
    return rows


@pytest.fixture
def migration(tmp_path: Path) -> Iterator[Migration]:
    """An empty home with a local org of its own."""
    made = Migration(tmp_path / "home")
    yield made
    made.stop_org()


@pytest.fixture
def rows() -> Rows:
    """The example's rows, to change."""
    return example()


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the example built and the schema in its org, to be copied."""
    made = Migration(tmp_path_factory.mktemp("deployed") / "home")
    made.sf("pull")
    made.build(example())
    made.sf("schema", "deploy")
    made.stop_org()
    return made.home


@pytest.fixture
def ready(deployed: Path, tmp_path: Path) -> Iterator[Migration]:
    """A home of the test's own in which the example can be loaded at once."""
    shutil.copytree(deployed, tmp_path / "home", symlinks=True)
    made = Migration(tmp_path / "home")
    yield made
    made.stop_org()


@pytest.fixture(scope="session")
def shared(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """A home whose example is loaded; for tests that leave it as they found it."""
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(deployed, home, symlinks=True)
    made = Migration(home)
    made.sf("run")
    yield made
    made.stop_org()
