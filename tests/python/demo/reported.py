"""What the report of the demo must say: the manifest's and the marts' own numbers, and no names."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb

from demo import practice
from demo.maple_street import practice as maple_street
from tests.python.support import PROJECT, Migration

EVIL = "</script><script>alert(1)</script>"
CSVS = ("recall_rebuild.csv", "owner_report.csv", "open_claims.csv")


def names() -> set[str]:
    """Last names of patients, but for those so short that they are parts of words."""
    found = {row["lastname"].strip() for row in practice.make_up().tables["patient"]}
    found |= {row["last_name"].strip() for row in maple_street.make_up().tables["patients"]}
    return {name for name in found if len(name) > 3}


def hold_numbers(migration: Migration) -> None:
    """The report's numbers are those of the manifest, of `verify` and of the marts."""
    told = json.loads(migration.run("load-sf", "report", "--json").stdout)
    page = Path(told["page"]).read_text(encoding="utf-8")
    in_org = {o["object"]: o["created"] + o["taken_over"] for o in told["objects"]}
    verified = json.loads((migration.home / "reports" / "verify.json").read_text())
    second_passes = {step["step"] for step in told["steps"] if step["is_update"]}
    assert second_passes
    found: dict[str, int] = {}
    for step in verified["steps"]:
        if step["step"] not in second_passes:
            found[step["object"]] = found.get(step["object"], 0) + step["found"]
    assert in_org == found
    with duckdb.connect(str(migration.home / "manifest.duckdb"), read_only=True) as manifest:
        created = manifest.execute("select count(*) from created").fetchall()[0][0]
    assert created == sum(o["created"] for o in told["objects"])
    assert f"<b>{sum(in_org.values()):,}</b> records are in Salesforce" in page
    held_back = sum(o["held_back"] for o in told["objects"])
    assert f"<p>{held_back:,} are held back" in page
    _hold_marts(migration, told, page)
    assert told["checked"]["is_equal"] and not told["checked"]["is_stale"]


def _hold_marts(migration: Migration, told: dict[str, Any], page: str) -> None:
    held = {reason["why"]: reason["rows"] for reason in told["reasons"]}
    classes = migration.rows(
        "select class, count(distinct coalesce(key, file || ':' || line)) from"
        " migration.corrections where held_back and object is not null group by class"
    )
    assert {name: held[name] for name, _ in classes} == dict(classes)
    balances = migration.rows(
        "select count(*) filter (where difference = 0), count(*) filter (where difference <> 0)"
        " from migration.control_totals where kind <> 'month'"
    )[0]
    agreeing = sum(m["agreeing"] for m in told["money"])
    otherwise = sum(m["explained"] + m["differing"] for m in told["money"])
    assert (agreeing, otherwise) == balances
    claims = migration.rows("select count(*), sum(outstanding) from migration.open_claims")[0]
    assert (told["claims"], told["claimed"]) == (claims[0], str(claims[1]))
    for mart, table in (("corrections", "corrections"), ("merges", "merges")):
        rows = migration.rows(f"select count(*) from migration.{mart}")[0][0]
        assert data(page, table)["rows"] == rows > 0


def hold_values_apart(migration: Migration, folder: Path) -> None:
    """Names stand in it only where a person asks for them, and never as a script or a formula."""
    reports = migration.home / "reports"
    migration.run("load-sf", "report")
    # The field map shows some of the demo's, whoever's migration it is.
    shown = (PROJECT / "loaders" / "lineage" / "examples.csv").read_text(encoding="utf-8")
    unshown = [name for name in names() if name not in shown]
    assert len(unshown) > 100
    for file in ("report.html", *CSVS):
        said = (reports / file).read_text(encoding="utf-8")
        assert [name for name in unshown if name in said] == [], file
        assert (reports / file).stat().st_mode & 0o077 == 0
    migration.stop_org()
    hostile = migration.copy(folder / "hostile")
    with duckdb.connect(str(hostile.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("update migration.owner_report set last_name = '=HYPERLINK(1)'")
        warehouse.execute('update migration.corrections set "value" = ?, file = ?', [EVIL, EVIL])
    hostile.run("load-sf", "report", "--with-values")
    log = (hostile.home / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    noted = [json.loads(line) for line in log if '"command begun"' in line]
    assert noted[-1]["command"] == "report"
    assert noted[-1]["options"] == {"with-values": True}
    page = (hostile.home / "reports" / "report.html").read_text(encoding="utf-8")
    assert EVIL not in page
    assert len(re.findall("<script", page)) == len(re.findall("</script", page))
    columns = {c["label"]: c["values"] for c in data(page, "corrections")["columns"]}
    assert columns["Value in the source"] == columns["File"] == [EVIL]
    owners = hostile.home / "reports" / "owner_report.csv"
    with owners.open(newline="", encoding="utf-8") as rows:
        assert {row["Last name"] for row in csv.DictReader(rows)} == {"'=HYPERLINK(1)"}
    _hold_at_work(hostile)
    _hold_older_verifications(hostile)
    shutil.rmtree(hostile.home)


def _hold_at_work(migration: Migration) -> None:
    """While another process has the manifest, it says so."""
    with duckdb.connect(str(migration.home / "manifest.duckdb")):
        refused = migration.run("load-sf", "report", code=1)
    assert "open in another process" in refused.stderr


def _hold_older_verifications(migration: Migration) -> None:
    """What an older version noted with fewer keys counts as no verification."""
    file = migration.home / "reports" / "verify.json"
    noted = json.loads(file.read_text(encoding="utf-8"))
    steps = [{k: v for k, v in s.items() if k != "refused_missing"} for s in noted["steps"]]
    without = {k: v for k, v in noted.items() if k != "held_back_now"}
    for older in (without, noted | {"steps": steps}):
        file.write_text(json.dumps(older), encoding="utf-8")
        done = migration.run("load-sf", "report", "--json")
        assert "run `load-sf verify` again" in done.stderr
        assert json.loads(done.stdout)["checked"] is None


def data(page: str, table: str) -> dict[str, Any]:
    """The data that stands in the page for a table."""
    _, _, after = page.partition(f'data-table="{table}"')
    found = re.search(r'<script type="application/json">(.*?)</script>', after, re.DOTALL)
    assert found
    said: dict[str, Any] = json.loads(found[1])
    return said
