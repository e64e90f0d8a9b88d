"""`load-sf org serve`: the local org in the foreground, with a plan of what goes wrong."""

import json
from pathlib import Path

import requests

from .conftest import Migration


def test_serves_with_a_plan(migration: Migration, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yml"
    plan.write_text("faults: [{path: ^/limits$, status: 503, after: 1}]")
    process = migration.start("org", "serve", "--plan", str(plan), "--json")
    assert process.stdout is not None
    said = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
    address = migration.home / "local_org" / "server.json"
    assert said["door"] == str(address)
    door = json.loads(address.read_text())
    assert (said["url"], said["org"]) == (door["url"], door["organization_id"])
    headers = {"Authorization": f"Bearer {door['access_token']}"}
    seen = [
        requests.get(f"{door['url']}/services/data/v67.0/limits", headers=headers, timeout=10)
        for _ in range(3)
    ]
    assert [each.status_code for each in seen] == [200, 503, 200]
    migration.stop_org()
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_a_wrong_plan_is_refused(migration: Migration, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yml"
    plan.write_text("faults: [{path: ^/limits$, status: 503, tims: 1}]")
    assert "fault 1: tims: no such key" in migration.sf("org", "serve", "--plan", str(plan), code=2)
    assert not (migration.home / "local_org" / "state.duckdb").exists()
    missing = migration.sf("org", "serve", "--plan", str(tmp_path / "none.yml"), code=2)
    assert "does not exist" in missing
