"""`load-raw confirm`: checks what people decided, seals it, and lands it beside the data."""

import getpass
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from loaders import terminal
from loaders.errors import UserError
from loaders.home import Home
from loaders.options import MigrationOptions
from loaders.raw import audit
from loaders.raw.custom import values
from loaders.raw.custom.decisions import (
    STATUSES,
    Source,
    is_sealed,
    read_entries,
    read_source,
    seal_of,
    write_entries,
)
from loaders.raw.custom.existing import TYPES, OrgField, org_fields
from loaders.raw.custom.profile import Profile, profiles
from loaders.raw.landing import (
    connect,
    current_generation,
    ensure_generation,
    generation,
    landing_lock,
)
from loaders.salesforce.ledger.steps import Project, read_project
from loaders.salesforce.schema.confirmed import target_of
from loaders.salesforce.schema.platform import PLATFORM, host_of

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*(?:__c)?")
TAKEN = (
    "Text",
    "TextArea",
    "LongTextArea",
    "Email",
    "Phone",
    "Url",
    "Picklist",
    "Checkbox",
    "Date",
    "DateTime",
    "Number",
    "Currency",
    "Percent",
)


def confirm(home: Home, options: MigrationOptions, by: str | None, as_json: bool) -> None:
    """Seals each confirmed and ignored entry, and lands the confirmed ones with what the data
    holds for them, where that differs from what is landed.

    Raises UserError, naming every entry that cannot load, before anything is changed.
    """
    with landing_lock(home), connect(home) as con:
        ensure_generation(home)
        entries = read_entries(home.custom_fields)
        project = read_project(home.dbt_target / "manifest.json")
        _refuse(con, home, project, entries)
        sealed = _sealed(entries, by or getpass.getuser())
        if sealed != entries:
            write_entries(home.custom_fields, sealed)
        changed = land(home, con, sealed, options)
        now = current_generation(home)
    counts = {status: sum(e["status"] == status for e in sealed) for status in STATUSES}
    if as_json:
        terminal.print_json({"generation": now, "changed": changed, "entries": counts})
        return
    terminal.console.print(
        f"{counts['confirmed']} confirmed, {counts['ignored']} ignored, {counts['proposed']} still"
        " open."
    )
    terminal.console.print(
        f"Landed as generation {now}: run `dbt build`, then `load-sf schema deploy`."
        if changed
        else "Nothing changed since it was landed."
    )


def land(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    entries: Sequence[Mapping[str, Any]],
    options: MigrationOptions,
) -> bool:
    """Lands the confirmed entries, and today's options, as a new generation; whether they differ
    from what is landed."""
    fields = [_row(entry) for entry in entries if entry["status"] == "confirmed"]
    practices = audit.read_rows(con, home, "practices")
    same = audit.with_options(practices, options) == practices
    if same and values.landed_fields(con, home) == fields:
        return False
    with generation(home, "custom fields") as new:
        values.write_fields(con, new, fields)
        values.write_values(con, new, fields)
        audit.write_practices(con, new, practices, options)
    return True


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as `migration.custom_fields` has it."""
    source = read_source(entry["source"])
    assert source is not None
    return {
        "step": values.destinations()[source.folder][source.table]["step"],
        "object": entry["object"],
        "api_name": entry["api_name"],
        "label": entry["label"],
        "description": entry.get("description") or entry["label"],
        "type": entry["type"],
        "length": entry.get("length"),
        "precision": entry.get("precision"),
        "scale": entry.get("scale"),
        "picklist_values": json.dumps([str(v) for v in entry.get("values") or ()]),
        # Whether the org takes other values was not pulled: it loads what is listed, unless told.
        "restricted": bool(entry.get("restricted", entry.get("in_org"))),
        "in_org": bool(entry.get("in_org")),
        "folder": source.folder,
        "table_name": source.table,
        "field_name": source.field,
        "long_form": source.long_form,
        "seal": entry["seal"],
    }


def _sealed(entries: Sequence[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """The entries, decided ones sealed; a seal that holds stays as it is."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    sealed = []
    for entry in entries:
        if entry["status"] == "proposed":
            sealed.append({k: v for k, v in entry.items() if k not in ("by", "at", "seal")})
        elif is_sealed(entry):
            sealed.append(entry)
        else:
            decided = {k: v for k, v in entry.items() if k != "seal"} | {"by": by, "at": at}
            sealed.append(decided | {"seal": seal_of(decided)})
    return sealed


def _refuse(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    project: Project,
    entries: Sequence[dict[str, Any]],
) -> None:
    found = profiles(con, home)
    org = {(f.object, f.name.lower()): f for f in org_fields(con, home)}
    marts = {(step.object, f.api_name.lower()) for step in project.steps for f in step.fields}
    problems: list[str] = []
    given: set[tuple[str, str]] = set()
    for number, entry in enumerate(entries, 1):
        if entry["status"] != "confirmed":
            continue
        where = f"{home.custom_fields.name}, entry {number}"
        try:
            target_of(where, entry)
        except UserError as error:
            problems.append(error.message)
            continue
        wrong = list(_wrong(entry, found, org, marts))
        place = (str(entry.get("object")), str(entry.get("api_name")).lower())
        if place in given:
            wrong.append(f"{place[0]}.{entry.get('api_name')} is there already")
        given.add(place)
        problems += [f"{where}: {each}." for each in wrong]
    if problems:
        raise UserError(
            "\n  ".join(["These custom fields cannot load:", *problems]),
            "Put them right, or set their status to proposed or ignored.",
        )


def _wrong(
    entry: Mapping[str, Any],
    found: Mapping[Source, Profile],
    org: Mapping[tuple[str, str], OrgField],
    marts: set[tuple[str, str]],
) -> Iterator[str]:
    source = read_source(entry.get("source"))
    table = source and values.destinations().get(source.folder, {}).get(source.table)
    if source is None or not table:
        yield "its source is no field of a table whose rows become records"
        return
    if table["object"] != entry.get("object"):
        yield f"rows of {source.folder}.{source.table} become {table['object']} records"
        return
    name, kind = str(entry.get("api_name")), entry.get("type")
    if kind not in TAKEN:
        yield f"its type is none of {', '.join(TAKEN)}"
        return
    in_org = bool(entry.get("in_org"))
    # What the org has, a package may have named: ns__Name__c.
    if not in_org and (not _NAME.fullmatch(name) or len(name.removesuffix("__c")) > 40):
        yield "its api_name is none: letters, digits and single underscores, at most 40"
    elif not in_org and not name.endswith("__c"):
        yield f"{name} is to be made, so its name ends in __c"
    if (entry["object"], name.lower()) in marts:
        yield f"a mart fills {entry['object']}.{name} already"
    there = org.get((entry["object"], name.lower()))
    if in_org and there is None:
        yield f"the org has no {entry['object']}.{name} to write: `load-sf pull`"
    if there is not None and TYPES[there.type] != kind and not _texts(TYPES[there.type], kind):
        yield f"the org's {entry['object']}.{name} is a {TYPES[there.type]}"
    yield from _unfit(entry, found.get(source))


def _texts(one: str, other: object) -> bool:
    return {one, other} <= {"Text", "TextArea", "LongTextArea"}


def _unfit(entry: Mapping[str, Any], profile: Profile | None) -> Iterator[str]:
    """What of the data would not go in."""
    kind, length = entry["type"], entry.get("length")
    least, most = PLATFORM["types"][kind].get("length", (None, None))
    digits = PLATFORM["max_digits"]
    precision, scale = entry.get("precision", digits), entry.get("scale", 0)
    if "digits" in PLATFORM["types"][kind] and not (
        1 <= precision <= digits and 0 <= scale <= precision
    ):
        yield f"its precision is 1 to {digits}, its scale 0 to the precision"
    if least is None and length is not None:
        yield f"a {kind} has no length"
    if kind in PLATFORM["forbidden"].get(host_of(entry["object"]), ()):
        yield f"{entry['object']} takes no {kind}"
    if kind in ("Text", "LongTextArea") and not isinstance(length, int):
        yield "it says no length"
    elif least and isinstance(length, int) and not least <= length <= most:
        yield f"the length of a {kind} is {least:,} to {most:,}"
    if kind == "Picklist" and not entry.get("values"):
        yield "a picklist needs values"
    if profile is None or not profile.filled:
        return
    if isinstance(length, int) and profile.longest > length:
        yield f"the data has {profile.longest:,} characters, more than its length {length:,}"
    fits = {
        "Email": ("email",),
        "Url": ("url",),
        "Date": ("moment",),
        "DateTime": ("moment",),
        "Checkbox": ("flag",),
        "Number": ("amount",),
        "Currency": ("amount",),
        "Percent": ("percent", "decimal"),
    }.get(kind)
    # Some that do not fit are left out and reported; a type that hardly any fits is a mistake.
    if fits and 2 * sum(profile.kinds[k] for k in fits) < profile.filled:
        yield f"most of the data is no {kind}"
    if kind == "Picklist" and profile.words:
        known = {str(v).lower() for v in entry.get("values") or ()}
        if 2 * sum(w.lower() in known for w in profile.words) < len(profile.words):
            yield "most of the data's values are not on its list"
