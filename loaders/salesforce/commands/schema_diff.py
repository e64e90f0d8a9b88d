"""`load-sf schema diff`: what an org lacks or has otherwise, and what an admin does about it."""

from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from rich.markup import escape

from loaders import terminal
from loaders.errors import Exit
from loaders.salesforce.api import metadata, setup
from loaders.salesforce.api.errors import Refused
from loaders.salesforce.commands.schema_facts import this_schema
from loaders.salesforce.commands.session import Session, session
from loaders.salesforce.schema.difference import KINDS, Difference, Seen, differences, needed
from loaders.salesforce.schema.model import Schema

_NO_RIGHTS = (
    "The org does not show this user what a permission set grants (FieldPermissions), so whether"
    " the loader's grants everything was not checked."
)
_NO_SETUP = (
    "The org does not show this user its setup (Tooling API), so what is missing and what is only"
    " hidden look alike. View Setup and Configuration tells them apart."
)
_NO_USER = (
    "The org does not say who is logged in (userinfo), so whether the loader's permission set is"
    " assigned was not checked."
)

Describes = dict[str, dict[str, Any] | None]


@dataclass(frozen=True)
class Found:
    """The differences, and what could not be checked."""

    differences: list[Difference]
    notes: list[str]


def diff(as_json: bool) -> int:
    """Tells what the org lacks; gives 1 where it lacks anything."""
    with session() as s:
        found = find_differences(s, this_schema(s.home, s.project().steps))
    if as_json:
        terminal.print_json(asdict(found))
    else:
        _tell(found)
    return Exit.ERROR if found.differences else Exit.DONE


def _tell(found: Found) -> None:
    for kind, group in groupby(found.differences, key=lambda d: d.kind):
        listed = list(group)
        title = f"{KINDS[kind]['title']} ({len(listed)})"
        terminal.console.print(f"[bold]{escape(title)}[/bold]")
        for d in listed:
            terminal.console.print(f"  {escape(d.what)}: {escape(d.detail)}".rstrip(": "))
        terminal.console.print(f"  -> {escape(listed[0].do)}\n")
    if not found.differences:
        terminal.console.print("The org has everything this migration needs.")
    for note in found.notes:
        terminal.notes.print(note, markup=False)


def find_differences(s: Session, schema: Schema, describes: Describes | None = None) -> Found:
    """The org held against the schema, by the `describes` where they were read already. Setup is
    asked only where describe leaves a doubt."""
    steps = s.project().steps
    describes = described(s, schema) if describes is None else describes
    set_id = metadata.permission_set_id(s.org, schema.loader.name)
    rights = setup.rights(s.org, set_id) if set_id else None
    assigned = _assigned(s, set_id)
    seen = Seen(describes, None, set_id is not None, assigned, rights)
    found = differences(schema, steps, seen)
    notes = [_NO_RIGHTS] if set_id and rights is None else []
    notes += [_NO_USER] if set_id and assigned is None else []
    if any(d.kind == "missing" for d in found):
        seen, note = _with_setup(s, schema, seen)
        found, notes = differences(schema, steps, seen), notes + note
    return Found(found, notes)


def described(s: Session, schema: Schema) -> Describes:
    """The describes of every object the schema or a step has to do with."""
    return {name: s.org.describe(name) for name in needed(schema, s.project().steps)}


def _assigned(s: Session, set_id: str | None) -> bool | None:
    """Whether this user has the permission set; None where the org does not say who this is."""
    if set_id is None:
        return False
    try:
        return metadata.is_assigned(s.org, set_id, s.org.user_id())
    except Refused:
        return None


def _with_setup(s: Session, schema: Schema, seen: Seen) -> tuple[Seen, list[str]]:
    there = setup.custom_there(s.org, [o.api_name for o in schema.objects])
    told = Seen(seen.describes, there, seen.has_set, seen.assigned, seen.rights)
    return told, [] if there is not None else [_NO_SETUP]
