"""The sample's report for people: a page to read, filter and print, and a CSV of every field.

Both show values, so they stay in `reports/`, for their owner only.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from loaders.home import Home
from loaders.report.page import render, write_page
from loaders.salesforce.commands.progress import now
from loaders.salesforce.ledger import diff
from loaders.salesforce.ledger.diff import FieldSummary
from loaders.salesforce.ledger.steps import Project

_PAGE = Path(__file__).resolve().parent / "sample.html"
_SCRIPT = _PAGE.with_suffix(".js")
# Longer values are whole in the CSV.
_SHOWN = 600


@dataclass(frozen=True)
class Row:
    """One field of a record. `sources` are triples: column, the way there, value."""

    field: str
    state: str
    sources: list[tuple[str, str | None, str | None]]
    mart: str | None
    held: str | None
    problem: str | None
    action: str | None


@dataclass(frozen=True)
class Record:
    """One record, and those of its fields of which anything is said."""

    step: str
    object: str
    key: str
    id: str | None
    practice: str | None
    file: str | None
    line: int | None
    code: str | None
    problems: list[dict[str, str | None]]
    rows: list[Row]


def write_report(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    project: Project,
    document: dict[str, Any],
    fields: list[FieldSummary],
) -> dict[str, str]:
    """Writes page and CSV; gives where they are."""
    home.reports.mkdir(mode=0o700, exist_ok=True)
    page, csv = home.reports / "sample_diff.html", home.reports / "sample_diff.csv"
    about = {(step.name, f.column): f for step in project.steps for f in step.fields}
    diff.write_csv(con, {place: f.description for place, f in about.items()}, csv)
    script = _SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    steps = [step for step in project.steps if any(f.step == step.name for f in fields)]
    content = render(
        _PAGE,
        d=document,
        made=now(),
        steps=steps,
        summaries={s.name: [f for f in fields if f.step == s.name] for s in steps},
        records=_records(con),
        about=about,
        states=diff.STATES,
        script=Markup(script),
        digest=digest,
        columns=sorted({f.field for f in fields}),
    )
    write_page(content, page)
    return {"page": str(page), "csv": str(csv)}


def _records(con: duckdb.DuckDBPyConnection) -> dict[str, list[Record]]:
    """The sample's records by step; a value that is long is cut."""
    rows: dict[tuple[str, str], list[Row]] = {}
    cells = con.execute(
        "select step, key, field, state, list_transform(sources, lambda x: [x.source, x.way,"
        f" x.value[:{_SHOWN}]]), mart[:{_SHOWN}], held[:{_SHOWN}], class, action from cells"
        " where state <> 'empty' order by step, key, position"
    ).fetchall()
    for step, key, field, state, sources, mart, held, class_, action in cells:
        triples = [(str(s[0]), s[1], s[2]) for s in sources]
        row = Row(field, state, triples, mart, held, class_, action)
        rows.setdefault((step, key), []).append(row)
    found: dict[str, list[Record]] = {}
    about = con.execute(
        "select step, object, key, id, practice, file, line, case when action = 'rejected' then"
        " code end, problems from rows order by step, key"
    ).fetchall()
    for each in about:
        record = Record(*(*each, rows.get((each[0], each[2]), [])))
        found.setdefault(record.step, []).append(record)
    return found
