"""The end of the demo: what arrived, what did not, and why, in words and small tables."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from textwrap import fill

from rich.text import Text

from demo.facts import Counted, Facts, Merged, Money, Problem, Skipped, Verified
from demo.plain import near, say, table
from loaders.home import Home
from loaders.terminal import console

_EXAMPLES_A_RULE = 2
_DEBTORS = {"guarantor": "families of Oak Park", "patient": "patients of Maple Street"}


def show(facts: Facts, home: Home, seconds: float) -> None:
    """Prints the summary."""
    console.print()
    _headline(facts, seconds)
    _arrivals(facts)
    _money(facts.money)
    _counts(facts.counted)
    _merges(facts.merged)
    _problems("Left out or changed", "values; their records loaded", facts.left_out)
    _problems("Held back", "records that did not load", facts.held_back)
    _problems("Rejected", "lines that could not be landed", facts.rejected)
    _problems("Left to people", "cases only the practice can decide", facts.to_decide)
    _skipped(facts.skipped)
    _missing(facts.missing_files)
    _next(home)


def _title(text: str, more: str) -> None:
    console.print()
    console.print(Text.assemble((text, "bold"), f": {more}"))


def _headline(facts: Facts, seconds: float) -> None:
    records = ", ".join(f"{number:,} {name}" for name, number in facts.records.items() if number)
    if facts.sent:
        say("Oak Park Dental and Maple Street Dental are in Salesforce.", "bold green")
        sent = "1 row was sent" if facts.sent == 1 else f"{facts.sent:,} rows were sent"
        say(f"It holds {records}; {sent}, {seconds:.0f} seconds all told.")
    else:
        say("Nothing was migrated anew: Salesforce holds all of it already.", "bold green")
        say(f"It holds {records}; no row was sent, {seconds:.0f} seconds all told.")
    _verification(facts.verified)
    if facts.refused:
        say(f"The org refused {facts.refused:,} rows: see `load-sf status`.", "red")


def _verification(verified: Verified) -> None:
    if verified.equal:
        kept = f", {verified.kept:,} kept as the org had them" if verified.kept else ""
        say(f"Read back and compared: {verified.fields:,} fields as they should be{kept}.")
    else:
        say(f"Read back: {verified.differences:,} fields differ; see `load-sf verify`.", "red")


def _arrivals(facts: Facts) -> None:
    _title("What arrived", "step by step, in the order of loading")
    table(
        ("step", "object", "in the org", "created", "updated", "adopted", "unchanged"),
        [
            (
                *(one.step, one.object, _number(one.in_org), _number(one.created)),
                *(_number(one.updated), _number(one.adopted), _number(one.unchanged)),
            )
            for one in facts.arrived
        ],
    )


def _counts(counted: Sequence[Counted]) -> None:
    _title("How the counts add up", "in file = landed + rejected; landed = the other four")
    table(
        (
            "practice",
            "table",
            "in file",
            "landed",
            "rejected",
            "records",
            "merged",
            "skipped",
            "held back",
        ),
        [
            (
                *(one.practice, one.table, _number(one.in_file), _number(one.landed)),
                *(_number(one.rejected), _number(one.records), _number(one.merged)),
                *(_number(one.skipped), _number(one.held_back)),
            )
            for one in counted
        ],
    )
    wrong = [f"{one.practice}'s {one.table}" for one in counted if not one.adds_up]
    if wrong:
        say(f"  Rows are unaccounted for in {', '.join(wrong)}.", "red")
    else:
        say("  Every row of every table is accounted for.", "green")


def _merges(merged: Sequence[Merged]) -> None:
    _title("Merged", f"{len(merged)} patients' rows that were somebody we had already")
    shown: Counter[str] = Counter()
    for one in sorted(merged, key=lambda one: (one.why, one.key)):
        shown[one.why] += 1
        if shown[one.why] <= _EXAMPLES_A_RULE:
            say(f"  {one.key} is {one.survivor}: {one.why}")
    rest = sum(max(number - _EXAMPLES_A_RULE, 0) for number in shown.values())
    if rest:
        say(f"  and {rest} more", "dim")


def _problems(title: str, what: str, problems: Sequence[Problem]) -> None:
    _title(title, f"{sum(one.number for one in problems):,} {what}")
    width = max((len(one.where) for one in problems), default=0)
    for reason, found in groupby(problems, key=lambda one: one.reason):
        of_class = list(found)
        action = of_class[0].action
        console.print(Text.assemble(("  " + reason, "yellow"), f": {action}" if action else ""))
        for one in of_class:
            example = f"e.g. {one.example}" if one.number > 1 else one.example
            say(f"  {one.number:5,}  {one.where:<{width}}  {example}")


def _skipped(skipped: Sequence[Skipped]) -> None:
    _title("Skipped", f"{sum(one.number for one in skipped):,} rows that make no record, by rule")
    for one in skipped:
        say(f"  {one.number:5,}  {one.table}: {one.reason}")


def _money(money: Money) -> None:
    _title("The money", "what is in Salesforce against the balances on file")
    for one in money.balances:
        say(
            f"  The {_DEBTORS[one.kind]} owe ${one.owed:,.2f};"
            f" {one.agreeing:,} balances agree to the cent."
        )
        if one.differing:
            verb = "differs: it is" if one.differing == 1 else "differ: each is"
            say(f"  {one.differing:,} {verb} in migration.control_totals.", "yellow")
    if money.claims:
        say(
            f"  {money.claims:,} claims are in flight, ${money.claimed:,.2f} still to come: they do"
            " not move, and block a cutover unless a person allows it, as this demo does."
        )


def _missing(files: Sequence[str]) -> None:
    if files:
        _title("Not sent", f"{len(files)} files Dentrix could export; their tables are empty")
        say(fill(", ".join(files), 88, initial_indent="  ", subsequent_indent="  "))


def _next(home: Home) -> None:
    _title("Where to look next", "everything is kept")
    for what, where in (
        ("The report, for a browser", near(home.reports / "report.html")),
        ("The exports, as they came", f"{near(home.path / 'demo')}/*/export"),
        ("What is wrong with them, and why", f"{near(home.path / 'demo')}/*/truth.json"),
        ("All corrections, merges, counts", f"{near(home.warehouse)}, schema migration"),
        ("What every command said", near(home.path / "logs")),
        ("What the loader has done so far", ".venv/bin/load-sf status"),
    ):
        say(f"  {what:<36}{where}")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"
