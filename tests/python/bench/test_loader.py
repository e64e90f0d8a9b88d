"""The loader's bench: each contestant brings in every row, and nothing changed is seen as that."""

import shutil
from pathlib import Path

from bench import loader

ROWS = 300


def test_each_contestant_brings_in_every_row(tmp_path: Path) -> None:
    ready = loader.made_ready(tmp_path / "ready", ROWS)
    found = loader.one_round(ready)
    sent = found.loader.answer()
    assert (sent["sent"], sent["rejected"]) == (ROWS, 0)
    # The script runs where there is a curl, and is left out where there is none.
    loaded = [found.curl.answer()["rows"]] if found.curl else []
    assert loaded == ([ROWS] if shutil.which("curl") else [])
    assert found.delta.answer()["sent"] == 0
    verified, undone = found.verify.answer(), found.rollback.answer()
    assert (verified["equal"], verified["steps"][0]["found"]) == (True, ROWS)
    assert (undone["equal"], undone["steps"][0]["deleted"]) == (True, ROWS)
    assert loader.by_simple(ready, "--hurried").answer()["rows"] == ROWS
    assert found.loader.peak_megabytes > 20
    assert list(tmp_path.iterdir()) == [ready.path]


def test_a_bar_missed_is_said_to_be_missed() -> None:
    *flat, most = loader.memory_bars("load", {100: 500, 1_000: 590, 2_000: 1_100})
    assert [(bar.reached, bar.figure) for bar in flat] == [
        (True, "1.18 times"),
        (False, "2.20 times"),
        (False, "1.86 times"),
    ]
    assert (most.reached, most.figure) == (False, "1,100 MB")
