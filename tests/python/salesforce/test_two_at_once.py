"""Two commands at once on one org: the second is refused and says why; a landing goes on beside a
run, which sends what it froze."""

from pathlib import Path

from tests.python import forked
from tests.python.raw.exports import write_set

from .conftest import Migration, example
from .test_interrupted import INGEST, assert_whole, wait_until_done

REFUSED = (
    ("run",),
    ("resume",),
    ("rollback", "last"),
    ("rollback", "last", "--dry-run"),
    ("pull",),
    ("sample",),
    ("schema", "deploy"),
    ("recover",),
    ("verify",),
)


def test_what_comes_while_a_run_is_at_work(ready: Migration, tmp_path: Path) -> None:
    ready.arm({"method": "POST", "path": INGEST + "$", "stall": 60, "when": "after"})
    process = ready.start("run")
    wait_until_done(ready, "POST", INGEST + "$")
    for command in REFUSED:
        said = ready.sf(*command, code=3)
        assert "Another run is at work on org" in said, command
        assert "load-sf status" in said
    (run,) = ready.json("status")["runs"]
    assert run["state"] == "running"
    written = write_set(tmp_path / "set", {"patient.csv": "patid,lastname\n1,a\n"})
    before = ready.generation()
    landed = forked.run("load-raw", [str(written)], ready.surroundings(), tmp_path, timeout=60)
    assert landed.returncode == 0, landed.stderr
    assert ready.generation() != before
    assert process.poll() is None, "the run was over before the others came"
    process.kill()
    process.communicate(timeout=60)
    # What was frozen is sent; the next run needs marts of what was landed meanwhile.
    assert "12 created" in ready.sf("resume")
    assert "before the last landing" in ready.sf("run", code=3)
    ready.sf("pull")
    ready.build(example())
    assert_whole(ready)


def test_what_comes_while_another_command_is_at_work(ready: Migration) -> None:
    """A command is alone with the manifest from where it is noted that it began."""
    ready.arm({"method": "GET", "path": "/describe$", "stall": 60, "when": "after"})
    process = ready.start("pull")
    wait_until_done(ready, "GET", "/describe$")
    said = ready.sf("run", code=1)
    assert "manifest.duckdb is open in another process" in said
    assert process.poll() is None, "the pull was over before the other came"
    process.kill()
    process.communicate(timeout=60)
    ready.arm()
    assert "12 created" in ready.sf("run")
    assert_whole(ready)
