"""Gathers the first page of the report: why rows did not move, whether the money agrees, and what
people have to do next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import duckdb

from loaders.report.facts import Checked, Entries, Facts, Money, Reason, ToDo
from loaders.salesforce.commands.rejecting import Refusal
from loaders.salesforce.commands.report_tables import relation, rows
from loaders.salesforce.ledger import changes
from loaders.salesforce.ledger.compare import StepResult
from loaders.salesforce.ledger.held_now import HeldNow
from loaders.salesforce.ledger.manifest import ENDED
from loaders.salesforce.ledger.money import MoneyTotal
from loaders.salesforce.ledger.steps import Project

# Of what `verify` notes: its lists and what each entry holds, and all that is read here.
_LISTS: Mapping[str, type] = {
    "steps": StepResult,
    "money": MoneyTotal,
    "held_back_now": HeldNow,
}
_VERIFIED = {"verified_at", "sample_percent", "equal", "unexpected", *_LISTS}


def reasons(
    con: duckdb.DuckDBPyConnection, project: Project, refusals: Iterable[Refusal]
) -> Iterator[Reason]:
    """Why rows did not arrive, the most frequent first: first what the marts hold back, then what
    could not be landed, then what the org refused."""
    corrections = relation(project, "corrections")
    for class_, number, action, who in rows(
        con,
        "select class, count(distinct coalesce(key, file || ':' || line)), mode(action), mode(who)"
        f" from {corrections} where held_back and object is not null"
        " group by class order by 2 desc, class",
    ):
        yield Reason(class_, number, action, who)
    for number, who in rows(
        con,
        f"select count(*), mode(who) from {corrections}"
        " where held_back and object is null and line is not null having count(*) > 0",
    ):
        yield Reason("A line of a file could not be read", number, "See each line's reason.", who)
    for refusal in refusals:
        yield Reason(refusal.code, refusal.number, refusal.advice, "admin")


def money(con: duckdb.DuckDBPyConnection, project: Project) -> list[Money]:
    """Balances, by practice."""
    found = rows(
        con,
        "select practice, kind, coalesce(sum(source_amount), 0), coalesce(sum(mart_amount), 0),"
        " coalesce(sum(held_back_amount), 0), count(*) filter (where difference = 0),"
        " count(*) filter (where difference <> 0 and difference = held_back_amount),"
        " count(*) filter (where difference <> 0 and difference <> held_back_amount),"
        " count(*) filter (where difference is null)"
        f" from {relation(project, 'control_totals')} where kind <> 'month'"
        " group by practice, kind order by all",
    )
    return [Money(*row) for row in found]


def entries(con: duckdb.DuckDBPyConnection, project: Project) -> list[Entries]:
    """The ledger, by practice."""
    found = rows(
        con,
        "select practice, sum(source_amount), sum(mart_amount), sum(held_back_amount),"
        " count(*), count(*) filter (where difference is distinct from held_back_amount) from ("
        " select practice, key, sum(source_amount) as source_amount, sum(mart_amount)"
        " as mart_amount, sum(held_back_amount) as held_back_amount, sum(difference) as difference"
        f" from {relation(project, 'control_totals')} where kind = 'month' group by practice, key)"
        " group by practice order by practice",
    )
    return [Entries(*row) for row in found]


def is_readable(said: dict[str, Any]) -> bool:
    """Whether `verify` noted all that is read here: an older version noted less."""
    return said.keys() >= _VERIFIED and all(
        each.keys() >= {field.name for field in fields(kind)}
        for name, kind in _LISTS.items()
        for each in said[name]
    )


def checked(
    said: dict[str, Any], runs: Sequence[dict[str, Any]], project: Project
) -> Checked | None:
    """What the last `verify` found, from what it noted, None where it noted nothing."""
    if not said:
        return None
    steps, sums = said["steps"], said["money"]
    second_passes = {step.name for step in project.steps if step.is_update}
    # Times are ISO 8601 in UTC, to the second: text compares as time.
    last = max((run["finished"] or run["started"] for run in runs), default="")
    return Checked(
        at=said["verified_at"],
        sample_percent=said["sample_percent"],
        is_equal=said["equal"],
        is_stale=last > said["verified_at"],
        records=sum(step["found"] for step in steps if step["step"] not in second_passes),
        fields=sum(step["compared"] for step in steps),
        kept=sum(step["kept"] for step in steps),
        differences=sum(d["count"] for step in steps for d in step["differences"]),
        missing=sum(step["missing"] for step in steps),
        refused=sum(step["refused_missing"] + step["refused_differing"] for step in steps),
        held_now=sum(each["count"] for each in said["held_back_now"]),
        unexpected=sum(each["count"] for each in said["unexpected"]),
        sums=len(sums),
        sums_differing=sum(1 for each in sums if each["differing"]),
    )


def to_do(con: duckdb.DuckDBPyConnection, project: Project, facts: Facts) -> Iterator[ToDo]:
    """What is left to people, what stands in the way first."""
    if facts.claims:
        yield ToDo(
            *(facts.claims, "claims are under way", "Close them in the old system, export again."),
            "claims",
        )
    undoing = [run["kind"] == "rollback" for run in facts.runs if run["state"] not in ENDED]
    if True in undoing:
        do = "`load-sf rollback` carries them on."
        yield ToDo(undoing.count(True), "rollbacks broke off", do, "runs")
    if False in undoing:
        do = "`load-sf resume` carries them on."
        yield ToDo(undoing.count(False), "runs broke off", do, "runs")
    waiting = sum(each.waiting for each in facts.objects)
    if waiting:
        yield ToDo(
            waiting, "records are ready and not sent", "`load-sf run` sends them.", "records"
        )
    org = facts.org.id if facts.org else ""
    made = [step for step in project.steps if not step.is_update]
    changed = sum(changes.count(con, step, org).update for step in made)
    if changed:
        yield ToDo(
            *(changed, "records are not in Salesforce as the source has them now"),
            *("`load-sf run` sends them again.", "records"),
        )
    refused = sum(each.refused for each in facts.objects)
    if refused:
        yield ToDo(refused, "rows were refused by the org", "The list says what to do.", "runs")
    if facts.in_org and (facts.checked is None or facts.checked.is_stale):
        yield ToDo(
            *(facts.in_org, "records were not read back since the last run"),
            *("`load-sf verify` compares every field.", "money"),
        )
    differing = sum(m.differing for m in facts.money)
    if differing:
        yield ToDo(differing, "balances differ", "Look at each; correct it in the source.", "money")
    for who, number, held in rows(
        con,
        "select who, count(*), count(*) filter (where held_back)"
        f" from {relation(project, 'corrections')} where class <> 'parent_held_back'"
        " group by who order by 3 desc, 2 desc, who",
    ):
        holding = f"{held:,} of them hold a record back." if held else "They load meanwhile."
        yield ToDo(number, f"places to put right: {who}", holding, "corrections")
    yield from _people_and_flows(con, project)


def _people_and_flows(con: duckdb.DuckDBPyConnection, project: Project) -> Iterator[ToDo]:
    owners = rows(con, f"select count(*) from {relation(project, 'owner_report')} where needs_user")
    if owners[0][0]:
        yield ToDo(
            *(owners[0][0], "people need a Salesforce user"),
            *("Make them users, or name another owner in migration.yml.", "owners"),
        )
    recalls = rows(
        con, f"select count(*) from {relation(project, 'recall_rebuild')} where patients > 0"
    )
    if recalls[0][0]:
        yield ToDo(
            recalls[0][0], "recall rules want a Flow", "Automation does not move.", "recalls"
        )
