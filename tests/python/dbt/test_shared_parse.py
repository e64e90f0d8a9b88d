"""What other tests build with: a parse that is handed on is what dbt would have made there."""

import json
from pathlib import Path
from typing import Any

from tests.python.support import PARSE, Migration

AT_TIMES = {"created_at", "generated_at", "invocation_id", "invocation_started_at"}


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(each) for key, each in value.items() if key not in AT_TIMES}
    return [_without_times(each) for each in value] if isinstance(value, list) else value


def test_a_home_is_given_the_parse_dbt_would_make_there(parsed: Migration, tmp_path: Path) -> None:
    made = Migration(tmp_path / "home")
    (made.home / "raw").mkdir(parents=True)
    said = made.run("dbt", "parse")
    assert (made.home / PARSE).exists()
    assert "full parse" not in said.stdout
    timings = json.loads((made.home / "target" / "perf_info.json").read_text())
    assert timings["parsed_path_count"] == 0
    text = (parsed.home / "target" / "manifest.json").read_text()
    assert str(parsed.home) in text
    of_parsed = json.loads(text.replace(str(parsed.home), str(made.home)))
    of_made = json.loads((made.home / "target" / "manifest.json").read_text())
    assert _without_times(of_made) == _without_times(of_parsed)
