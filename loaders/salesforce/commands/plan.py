"""`load-sf plan`: what a run would do, what it needs and meets, and what stands in its way."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from loaders import terminal
from loaders.errors import Exit
from loaders.report.page import render, write_page
from loaders.salesforce.commands.noting import manifest_of
from loaders.salesforce.commands.planning import Plan, Wish, make_plan
from loaders.salesforce.commands.session import session
from loaders.salesforce.ledger.manifest import LITTLE

__all__ = ["Wish", "plan"]

_PAGE = Path(__file__).resolve().parent / "plan.html"


def plan(wish: Wish, as_json: bool) -> int:
    """Tells the plan whole, on the terminal and as a page; gives 3 where something blocks."""
    with session() as s:
        with manifest_of(s.home, LITTLE) as manifest:
            made = make_plan(s, manifest, wish)
        s.home.reports.mkdir(mode=0o700, exist_ok=True)
        page = s.home.reports / "plan.html"
        write_page(render(_PAGE, p=made, in_words=in_words), page)
        document = _document(made) | {"page": str(page)}
        # The report tells of it without asking the org again.
        write_page(json.dumps(document, default=str), page.with_suffix(".json"))
    if as_json:
        terminal.print_json(document)
    else:
        _tell(made)
        terminal.console.print(f"The whole plan, to read and print: {page}", markup=False)
    return Exit.BLOCKED if made.blockers else Exit.DONE


def _document(made: Plan) -> dict[str, Any]:
    """The plan as JSON holds it: counts of people, never who they are."""
    said = asdict(made)
    for step, planned in zip(said["steps"], made.steps, strict=True):
        step |= step.pop("counts") or {}
        step |= step.pop("cut")
        step["renames"] = planned.renames.number
        step["counted"] = planned.counts is not None
    for gone, each in zip(said["gone"], made.gone, strict=True):
        gone["share"] = round(each.share, 2)
        gone["above_limit"] = each.share > made.delete_limit
    for limit, room in zip(said["limits"], made.limits, strict=True):
        limit["fits"] = room.fits
    for shown, mart in zip(said["shown"], made.shown, strict=True):
        del shown["rows"], shown["columns"]
        names = (*mart.count_by, "number")
        shown["groups"] = [dict(zip(names, group, strict=True)) for group in mart.groups]
    said["blocked"] = bool(made.blockers)
    return said


def in_words(seconds: float) -> str:
    """A time as people say it: rounded up, since it is a guess."""
    if seconds < 60:
        return "less than a minute"
    minutes = int(seconds // 60) + 1
    if minutes < 60:
        return f"about {minutes} minutes"
    return f"about {minutes // 60} h {minutes % 60:02} min"


def _tell(made: Plan) -> None:
    kind = "a sandbox" if made.is_sandbox else "a production org"
    say = terminal.console.print
    say(f"Plan for {made.org_name} ({made.org}), {kind}", markup=False)
    say(_steps(made))
    _tell_problems(made)
    say(_needs(made))
    n = made.needs
    by = f"{n.measured_runs} earlier runs" if n.measured_runs else "an assumption, no run yet"
    say(f"Time: {in_words(n.seconds)}, at {n.rows_per_second:,.0f} rows/s ({by}).")
    _tell_renames(made)
    _tell_gone(made)
    _tell_met(made)
    for mart in made.shown:
        if mart.total:
            say(f"{mart.total:,} {mart.what}. {mart.action}.", markup=False)
    for each in made.proposed:
        say(f"Custom field still open: {each.object}.{each.field} ({each.source})", markup=False)
    for note in made.notes:
        say(note, markup=False)
    say(f"Approval: {made.approval}", markup=False)
    if not made.blockers:
        but = " but that nobody has approved what it would load" if made.needs_approval else ""
        say(f"[bold]Nothing blocks a run{but}.[/bold]")
        return
    say(f"[bold]Blocked by {len(made.blockers)}:[/bold]")
    for blocker in made.blockers:
        say(f"  {escape(blocker.what)}\n  -> {escape(blocker.do)}")


def _steps(made: Plan) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("step", min_width=max((len(each.step) for each in made.steps), default=4))
    for name in ("create", "update", "adopt", "skip", "held back", "gone", "replaced", "jobs"):
        table.add_column(name, justify="right")
    for each in made.steps:
        c = each.counts
        numbers = (c.create, c.update, c.adopt, c.unchanged, c.held_back) if c else (None,) * 5
        numbers = (*numbers, each.gone, each.superseded, each.cut.jobs)
        table.add_row(each.step, *("?" if n is None else f"{n:,}" if n else "" for n in numbers))
    return table


def _tell_problems(made: Plan) -> None:
    for what, chosen in (("Held back", "held"), ("Fields left empty", "left_out")):
        sums: dict[str, int] = {}
        for each in made.steps:
            for name, number in getattr(each, chosen).items():
                sums[name] = sums.get(name, 0) + number
        if sums:
            listed = ", ".join(f"{number:,} {name}" for name, number in sums.items())
            terminal.console.print(f"{what}: {listed}. The corrections report says where.")


def _needs(made: Plan) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("limit", "needs", "left", "of", ""):
        table.add_column(name, justify="left" if name in ("limit", "") else "right")
    for room in made.limits:
        left, most = ("not told" if n is None else f"{n:,.0f}" for n in (room.remaining, room.max))
        needed = f"{room.needed:,.2f}" if isinstance(room.needed, float) else f"{room.needed:,}"
        short = (
            "" if room.fits in (True, None) else "not enough: the run would stop and go on later"
        )
        table.add_row(f"{room.name} ({room.words})", needed, left, most, short)
    return table


def _tell_renames(made: Plan) -> None:
    for each in made.steps:
        if each.renames.number:
            terminal.console.print(
                f"{each.step}: {each.renames.number:,} names of records that are in the org change;"
                " the page says which.",
                markup=False,
            )


def _tell_gone(made: Plan) -> None:
    for each in made.gone:
        if each.gone:
            terminal.console.print(
                f"Gone from the source: {each.gone:,} of {each.object}. They stay unless the run"
                f" is told --delete-missing: that would delete {each.ours:,} of the"
                f" {each.created:,} this project created, {each.share:.1f} % (limit"
                f" {made.delete_limit:g} %).",
                markup=False,
            )


def _tell_met(made: Plan) -> None:
    say = terminal.console.print
    for kind in made.automation:
        if kind.found:
            say(f"[bold]{escape(kind.title)}[/bold]")
            for met in kind.found:
                about = f": {met.about}" if met.about else ""
                say(f"  {met.object or 'any object'}  {met.name}{about}", markup=False)
            say(f"  -> {kind.do}", markup=False)
        if kind.note:
            say(f"{kind.title}: {kind.note}", markup=False)
    if made.required:
        say("[bold]Fields the org wants filled that nothing here fills[/bold]")
        for each in made.required:
            say(f"  {each.object}.{each.field} ({each.label})", markup=False)
        say("  -> Give each a default, or clear Required, until the load has ended.", markup=False)
