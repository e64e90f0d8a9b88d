"""The CI recipe: its workflows run what there is, its scripts do what docs/ci.md says."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.python.demo import walk
from tests.python.small import own_export
from tests.python.support import BIN, PROJECT, Migration, environment

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = sorted((PROJECT / ".ci").iterdir())


def read(workflow: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    return found


def commands(workflow: Path) -> list[str]:
    return [
        step["run"]
        for job in read(workflow)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_scripts_and_targets_there_are(workflow: Path) -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    for command in commands(workflow):
        program, *rest = command.split()
        if program.startswith(".ci/"):
            assert os.access(PROJECT / program, os.X_OK), command
        elif program == "make":
            assert re.search(rf"^{rest[0]}:", makefile, re.MULTILINE), command
        # What is typed into a form or named by a branch never becomes part of a command's text.
        assert "${{" not in command


def test_only_the_protected_jobs_have_secrets_and_each_has_its_environment() -> None:
    change, load = WORKFLOWS
    assert (change.name, load.name) == ("change.yml", "load.yml")
    assert "secrets." not in change.read_text() and "self-hosted" not in change.read_text()
    jobs = read(load)["jobs"]
    assert all(job["environment"] and "self-hosted" in job["runs-on"] for job in jobs.values())
    assert jobs["load"]["needs"] == "plan" and "main" in jobs["plan"]["if"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_bash(script: Path) -> None:
    done = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def ci(project: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(project / ".ci" / command[0]), *command[1:]],
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=900,
    )


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert "usage" in ci(PROJECT, "show_change").stderr
    assert "MIGRATION_HOME" in ci(PROJECT, "migrate", "plan").stderr
    assert "EXPORTS" in ci(PROJECT, "migrate", "plan", MIGRATION_HOME=str(tmp_path)).stderr
    assert ci(PROJECT, "migrate", MIGRATION_HOME=str(tmp_path)).returncode == 2


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project as a repository of its own, with one commit, set up."""
    project = walk.copy_project(tmp_path_factory.mktemp("ci") / "clone")
    (project / ".venv").symlink_to(BIN.parent)
    (project / ".gitignore").write_text("/.venv\n__pycache__/\n")
    who = ("-c", "user.name=CI", "-c", "user.email=ci@example.com")
    for command in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "-m", "base")):
        subprocess.run(["git", *command], cwd=project, check=True)
    return project


@pytest.mark.long
def test_a_change_is_shown(clone: Path, tmp_path: Path) -> None:
    for edit in walk.edits():
        walk.put(clone, *edit)
    done = ci(clone, "show_change", "HEAD", HOME=str(tmp_path), TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert re.search(r"`dental_exec__patient` \| Account \| 0 \| 0 → \*\*\d+\*\* ", done.stdout)
    assert "| `dental_exec__patient` | `Assigned_To__c` | new |" in done.stdout
    assert list(tmp_path.iterdir()) == []
    wrong = ci(clone, "show_change", "no-such-branch", TMPDIR=str(tmp_path))
    assert wrong.returncode != 0 and "no-such-branch" in wrong.stderr


@pytest.mark.long
def test_a_migration_goes_through_both_halves(clone: Path, tmp_path: Path) -> None:
    export = own_export.write_export(tmp_path / "export")
    migration = Migration(tmp_path / "home")
    own = {**environment(migration.home), "PYTHONPATH": str(clone), "EXPORTS": str(export)}
    blocked = ci(clone, "migrate", "plan", **own)
    assert blocked.returncode == 3 and "schema deploy" in blocked.stdout
    migration.run("load-sf", "schema", "deploy")
    assert ci(clone, "migrate", "plan", **own).returncode == 0
    loaded = ci(clone, "migrate", "load", **own, APPROVED_BY="Dr. Ada Park")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert "Dr. Ada Park" in loaded.stdout and "exactly what the marts hold" in loaded.stdout
    migration.stop_org()
