"""The table of docs/conformance.md: made of what the tests say they cover, and what nobody does.

A row's verdict is the test's: were the call to fail, so would the test, and with it the run.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"
START, END = "<!-- table -->", "<!-- end of table -->"
PASSED, REFUSED, UNCOVERED = "passed", "refused as Salesforce does", "not covered"
SIMPLE, JSFORCE, SF = "simple-salesforce", "jsforce", "sf"


@dataclass(frozen=True)
class Row:
    """One call of a client."""

    client: str
    call: str
    why: str
    verdict: str = PASSED


def _uncovered(client: str, call: str, why: str) -> Row:
    return Row(client, call, why, UNCOVERED)


NOT_COVERED = (
    _uncovered(SIMPLE, "`sf.bulk` (Bulk API 1.0)", "the org speaks Bulk API 2.0 only"),
    _uncovered(SIMPLE, "`SalesforceLogin` with a password", "SOAP login is being retired"),
    _uncovered(SIMPLE, "`sf.mdapi`, `sf.deploy`", "metadata over SOAP; the org deploys over REST"),
    _uncovered(SIMPLE, "`sf.search`, `sf.quick_search`", "the org has no search index"),
    _uncovered(SIMPLE, "`sf.apexecute`, `sf.toolingexecute`", "the org runs no Apex"),
    _uncovered(SIMPLE, "`bulk2.X.delete_job`", "reads JSON from the empty 204 Salesforce answers"),
    _uncovered(JSFORCE, "`bulk` (Bulk API 1.0)", "the org speaks Bulk API 2.0 only"),
    _uncovered(JSFORCE, "`metadata`, `login` with a password", "both go over SOAP"),
    _uncovered(JSFORCE, "`tooling`, `apex`, `streaming`, `chatter`", "nothing the loader needs"),
    _uncovered(SF, "`org login jwt`, `org login web`", "needs a connected app"),
    _uncovered(SF, "`project retrieve start`", "the org gives no metadata back"),
    _uncovered(SF, "`org list metadata`, `org list metadata-types`", "both go over SOAP"),
    _uncovered(SF, "`apex run`", "the org runs no Apex"),
)


def versions() -> dict[str, str]:
    """Give each client's pinned version."""
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    return {
        SIMPLE: importlib.metadata.version("simple-salesforce"),
        JSFORCE: pinned["jsforce"],
        SF: pinned["@salesforce/cli"],
    }


def render(rows: Sequence[Row]) -> str:
    """Give the table as Markdown: by client, what is covered first."""
    known = versions()
    order = list(known)
    verdicts = [PASSED, REFUSED, UNCOVERED]
    unique = list(dict.fromkeys([*rows, *NOT_COVERED]))
    placed = sorted(unique, key=lambda row: (order.index(row.client), verdicts.index(row.verdict)))
    lines = ["| client | version | call | verdict | what was held against what |", "|" + "---|" * 5]
    lines += [
        f"| {row.client} | {known[row.client]} | {row.call} | {row.verdict} | {row.why} |"
        for row in placed
    ]
    return "\n".join(lines)


def written() -> str:
    """Give the table as it stands in the docs."""
    text = PAGE.read_text(encoding="utf-8")
    return text.split(START, 1)[1].split(END, 1)[0].strip()


def write(table: str) -> None:
    """Put the table into the docs."""
    before, rest = PAGE.read_text(encoding="utf-8").split(START, 1)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{START}\n\n{table}\n\n{END}{after}", encoding="utf-8")
