"""`load-raw propose`: a target for every field that nobody has told us about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from loaders import terminal
from loaders.errors import UserError
from loaders.home import Home
from loaders.raw.custom.decisions import STATUSES, Source, read_entries, read_source, write_entries
from loaders.raw.custom.existing import Match, OrgField, best_match, org_fields
from loaders.raw.custom.profile import Profile, profiles
from loaders.raw.custom.target import Target, api_name_of, label_of, target_of
from loaders.raw.custom.values import destinations
from loaders.raw.landing import connect, current_generation, ensure_generation, landing_lock
from loaders.raw.sources import printable
from loaders.salesforce.ledger.steps import Project, read_project
from loaders.salesforce.schema.platform import PLATFORM, host_of

_NEW_SCORE = 0.5


@dataclass
class _Taken:
    """Names in lower case that are spoken for, of the marts, the org, the entries; by the object
    that has the fields, which is one for all activities."""

    ours: dict[str, set[str]] = field(default_factory=dict)
    org: dict[str, set[str]] = field(default_factory=dict)

    def filled(self, sobject: str) -> set[str]:
        """What something goes to already."""
        return self.ours.setdefault(host_of(sobject), set())

    def named(self, sobject: str) -> set[str]:
        """What a new field must not be called."""
        return self.filled(sobject) | self.org.get(host_of(sobject), set())


def propose(home: Home, as_json: bool) -> None:
    """Adds a proposal for each field that has none; what a person decided stays as it is."""
    if current_generation(home) is None:
        raise UserError("Nothing has been landed yet.", "Run `load-raw` with an export first.")
    with landing_lock(home), connect(home) as con:
        ensure_generation(home)
        entries = read_entries(home.custom_fields)
        project = read_project(home.dbt_target / "manifest.json")
        added = _proposals(con, home, project, entries)
        write_entries(home.custom_fields, [*entries, *added])
    if as_json:
        counts = {s: sum(e["status"] == s for e in [*entries, *added]) for s in STATUSES}
        # A picklist's values are values of the data.
        shown = [{k: v for k, v in entry.items() if k != "values"} for entry in added]
        terminal.print_json({"file": str(home.custom_fields), "added": shown, "entries": counts})
        return
    for entry in added:
        terminal.console.print(_line(entry), markup=False)
    terminal.console.print(
        f"{len(added)} proposed, {len(entries)} were there already: read {home.custom_fields},"
        " set each `status:`, then run `load-raw confirm`.",
        markup=False,
    )


def _line(entry: dict[str, Any]) -> str:
    what = "the org's own" if entry["in_org"] else "new"
    return (
        f"{printable(entry['source'])} -> {entry['object']}.{entry['api_name']}"
        f" ({entry['type']}, {what}, score {entry['score']})"
    )


def _proposals(
    con: duckdb.DuckDBPyConnection, home: Home, project: Project, entries: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    known = {read_source(e.get("source")) for e in entries}
    org = org_fields(con, home)
    taken = _taken(project, org, entries)
    added: list[dict[str, Any]] = []
    for source, profile in profiles(con, home).items():
        if source in known or not profile.filled:
            continue
        sobject = destinations()[source.folder][source.table]["object"]
        entry = _proposal(source, profile, sobject, org, taken)
        taken.filled(sobject).add(entry["api_name"].lower())
        added.append(entry)
    return added


def _taken(project: Project, org: Sequence[OrgField], entries: Sequence[dict[str, Any]]) -> _Taken:
    taken = _Taken()
    for step in project.steps:
        taken.filled(step.object).update(f.api_name.lower() for f in step.fields)
    for entry in entries:
        taken.filled(str(entry.get("object"))).add(str(entry.get("api_name")).lower())
    for each in org:
        taken.org.setdefault(host_of(each.object), set()).add(each.name.lower())
    return taken


def _proposal(
    source: Source, profile: Profile, sobject: str, org: Sequence[OrgField], taken: _Taken
) -> dict[str, Any]:
    target = target_of(source.field, profile)
    if target.type in PLATFORM["forbidden"].get(host_of(sobject), ()):
        target = Target("TextArea", length=255, reason=f"{sobject} takes no longer text")
    here = [f for f in org if f.object == sobject]
    match = best_match(
        source.field, target, profile.longest, profile.words, here, taken.filled(sobject)
    )
    entry: dict[str, Any] = {"status": "proposed", "source": source.written, "object": sobject}
    entry |= _existing(match) if match else _new(source, target, taken.named(sobject))
    return entry | {"profile": profile.shown}


def _existing(match: Match) -> dict[str, Any]:
    return {
        "api_name": match.field.name,
        "in_org": True,
        "label": match.field.label,
        **match.field.said,
        "score": match.score,
        "reasons": list(match.reasons),
    }


def _new(source: Source, target: Target, taken: set[str]) -> dict[str, Any]:
    api_name = api_name_of(source.field, taken)
    reasons = [target.reason, "no field of the org is like it"]
    if api_name != api_name_of(source.field, ()):
        reasons.append("another field has the name it would have had")
    return {
        "api_name": api_name,
        "in_org": False,
        "label": label_of(source.field),
        **target.said,
        "score": _NEW_SCORE,
        "reasons": reasons,
    }
