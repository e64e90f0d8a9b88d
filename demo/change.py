"""What a change would do, as Markdown: `python -m demo.change BEFORE AFTER`.

Each folder holds `plan.json` (of `load-sf plan --json`), `schema.json` (of `load-sf schema diff
--json`) and `manifest.json` (dbt's): BEFORE of an org that the base of the change has loaded, AFTER
of the same org and exports, with marts built by the change. `.ci/show_change` makes both of the
demo.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loaders.lineage.rows import FieldRow, field_rows
from loaders.salesforce.ledger.steps import read_project

_COUNTED = ("create", "update", "adopt", "unchanged", "held_back", "gone")
_SHOWN = {
    "type": "type",
    "rule": "rule",
    "sources": "from",
    "decided_by": "decided by",
}

Row = Mapping[str, Any]


def markdown(before: Path, after: Path) -> str:
    """The whole comment."""
    parts = [
        "## What this change would do",
        "An org into which the base loaded the demo, and what `load-sf run` would send it now.",
        "### Plan",
        *_plan(_read(before / "plan.json"), _read(after / "plan.json")),
        "### Schema",
        *_schema(_read(after / "schema.json")),
        "### Field map",
        *_field_map(_fields(before), _fields(after)),
    ]
    return "\n\n".join(parts) + "\n"


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _plan(before: Row, after: Row) -> Iterator[str]:
    """Steps whose rows would not stay as they are, and what would block a run that did not."""
    were = {step["step"]: step for step in before["steps"]}
    rows = []
    for step in after["steps"]:
        was = were.pop(step["step"], {})
        moved = any(step[count] for count in ("create", "update", "adopt", "gone"))
        if moved or any(step[count] != was.get(count, 0) for count in _COUNTED):
            cells = [_counted(was.get(count, 0), step[count]) for count in _COUNTED]
            rows.append([f"`{step['step']}`", step["object"], *cells])
        rows += [["", "", f"{which}: {change}"] for which, change in _classes(was, step)]
    rows += [[f"`{name}`", step["object"], "no longer a step"] for name, step in were.items()]
    yield (
        _table(["step", "object", *(count.replace("_", " ") for count in _COUNTED)], rows)
        or "Nothing would be sent: no row of any step differs."
    )
    known = {blocker["what"] for blocker in before["blockers"]}
    new = [blocker for blocker in after["blockers"] if blocker["what"] not in known]
    if new:
        yield "\n".join(f"- **blocked:** {_cell(b['what'])} {_cell(b['do'])}" for b in new)


def _classes(was: Row, step: Row) -> Iterator[tuple[str, str]]:
    """Classes of problems whose number changed."""
    for kind, words in (("held", "held back"), ("left_out", "left out")):
        old, new = was.get(kind, {}), step[kind]
        for name in sorted({*old, *new}):
            if old.get(name, 0) != new.get(name, 0):
                yield f"{words}, {name}", _counted(old.get(name, 0), new.get(name, 0))


def _schema(after: Row) -> Iterator[str]:
    """What `schema deploy` would change in the org of the base."""
    rows = [
        [f"`{'.'.join(filter(None, (d['object'], d['field'])))}`", d["detail"], d["do"]]
        for d in after["differences"]
    ]
    yield _table(["where", "what", "what to do"], rows) or "The org has all that is needed."


def _fields(folder: Path) -> dict[tuple[str, str], FieldRow]:
    steps = read_project(folder / "manifest.json").steps
    return {(row.step, row.field): row for row in field_rows(steps)}


def _field_map(
    before: Mapping[tuple[str, str], FieldRow], after: Mapping[tuple[str, str], FieldRow]
) -> Iterator[str]:
    """Fields that are new, gone, or come about otherwise than before."""
    rows = []
    for place in sorted({*before, *after}):
        old, new = (_shown(fields.get(place)) for fields in (before, after))
        name = [f"`{place[0]}`", f"`{place[1]}`"]
        if not old:
            told = "; ".join(f"{what}: {said}" for what, said in new.items() if said)
            rows.append([*name, "new", "", told])
        elif not new:
            rows.append([*name, "gone", "", ""])
        else:
            rows += [[*name, what, old[what], new[what]] for what in old if old[what] != new[what]]
    yield _table(["step", "field", "what", "was", "is"], rows) or "No field comes about otherwise."


def _shown(row: FieldRow | None) -> dict[str, str]:
    if row is None:
        return {}
    said = {words: getattr(row, name) for name, words in _SHOWN.items()}
    return {
        words: value if isinstance(value, str) else ", ".join(f"`{each}`" for each in value)
        for words, value in said.items()
    }


def _counted(was: int, now: int) -> str:
    return f"{now:,}" if was == now else f"{was:,} → **{now:,}**"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A table, empty where there are no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head)]
    lines += [[_cell(cell) for cell in row] + [""] * (len(head) - len(row)) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def main() -> None:
    """Prints the Markdown."""
    parser = argparse.ArgumentParser(prog="python -m demo.change", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    asked = parser.parse_args()
    print(markdown(asked.before, asked.after), end="")


if __name__ == "__main__":
    main()
