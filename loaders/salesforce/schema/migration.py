"""The schema of one migration: the marts' own, with the fields confirmed for it and the picklist
values found in its data."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import Exit, UserError
from loaders.home import Home
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Field, Step
from loaders.salesforce.schema.checks import PICKLISTS
from loaders.salesforce.schema.confirmed import read_confirmed
from loaders.salesforce.schema.model import (
    Additions,
    Schema,
    SchemaField,
    SchemaObject,
    build_schema,
)
from loaders.salesforce.schema.platform import PLATFORM, described_as, host_of

Notices = list[str]


def migration_schema(home: Home, steps: tuple[Step, ...]) -> tuple[Schema, Notices]:
    """The schema of this migration, and what people should know of how it was found.

    Raises UserError where the marts or custom_fields.yml are not as they must be.
    """
    fields = read_confirmed(home.custom_fields)
    # Defined wrongly, a field would rather be refused than its data read.
    base = build_schema(steps, Additions(fields))
    values, notices = _values(home.warehouse, steps, base)
    return build_schema(steps, Additions(fields, values)), notices


def mapped_schema(home: Home, steps: tuple[Step, ...]) -> Schema:
    """The schema of this migration as its mapping alone makes it: without the picklist values
    found in the data, which the next export may add to."""
    return build_schema(steps, Additions(read_confirmed(home.custom_fields)))


def _values(
    warehouse: Path, steps: tuple[Step, ...], base: Schema
) -> tuple[dict[tuple[str, str], tuple[str, ...]], Notices]:
    columns: dict[tuple[str, str], list[tuple[Step, Field]]] = {}
    for step in steps:
        for field in step.fields:
            if field.from_data:
                place = (host_of(step.object), field.api_name)
                columns.setdefault(place, []).append((step, field))
    if not columns:
        return {}, []
    if not warehouse.exists():
        listed = ", ".join(".".join(place) for place in columns)
        return {}, [f"dbt has built nothing yet: the values of {listed} are not known."]
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    notices: Notices = []
    named = {(o.api_name, f.api_name): f.values for o in base.objects for f in o.fields}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for place, sources in columns.items():
            here = ".".join(place)
            most = PLATFORM["picklist_values"] - len(named[place])
            values = _distinct(con, here, sources, named[place])
            if len(values) > most:
                notices.append(
                    f"{here}: the data has {len(values):,} values, more than a picklist holds;"
                    f" the {most:,} most frequent are in the package. Records take the others too."
                )
            found[place] = tuple(sorted(values[:most], key=lambda v: (v.lower(), v)))
    return found, notices


def _distinct(
    con: duckdb.DuckDBPyConnection,
    here: str,
    sources: list[tuple[Step, Field]],
    named: tuple[str, ...],
) -> list[str]:
    """The values of a field over its marts that its YAML does not name, the most frequent first.
    Spellings that differ by case alone are one value to the platform: the most frequent counts."""
    selects = " union all ".join(_select(step, field) for step, field in sources)
    longest = PLATFORM["picklist_value"]
    query = f"""
        with spelled as (
            select value, count(*) as times from ({selects}) where value <> '' group by value
        )
        select arg_max(value, (times, value)) as value, sum(times) as times
        from spelled
        where not list_contains(?, lower(value))
        group by lower(value)
        order by times desc, value
    """
    try:
        rows = con.execute(query, [[v.lower() for v in named]]).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        # No such table, or one built before the column came into the YAML.
        raise UserError(
            f"{here}: the warehouse lacks it.", "Run `dbt build` first.", Exit.BLOCKED
        ) from None
    values = [str(row[0]) for row in rows]
    too_long = sum(len(value) > longest for value in values)
    if too_long:
        raise UserError(
            f"{here}: {too_long} values of the data have more than {longest} characters.",
            "Give its column a `length:` in the YAML: longer ones are then left out and reported.",
        )
    return values


def _select(step: Step, field: Field) -> str:
    column = name(field.column)
    each = f"unnest(string_split({column}, {text(';')}))"
    value = each if field.type == "MultiselectPicklist" else column
    return f"select trim({value}) as value from {step.relation} where not _held_back"


def keeping(schema: Schema, describes: Mapping[str, Mapping[str, Any] | None]) -> Schema:
    """The schema with the values our picklists have in the org besides: deploying a picklist
    deactivates every value its file does not name, also those people added since."""
    objects = tuple(
        replace(o, fields=tuple(_kept(f, _values_in(o, f, describes)) for f in o.fields))
        for o in schema.objects
    )
    shared = [f for o in objects for f in o.fields if f.value_set]
    sets = tuple(
        replace(
            s,
            values=tuple(
                dict.fromkeys(v for f in shared if f.value_set == s.name for v in f.values)
            ),
        )
        for s in schema.value_sets
    )
    return replace(schema, objects=objects, value_sets=sets)


def _kept(field: SchemaField, values: list[str]) -> SchemaField:
    known = {v.lower() for v in field.values}
    return replace(field, values=(*field.values, *(v for v in values if v.lower() not in known)))


def _values_in(
    obj: SchemaObject, field: SchemaField, describes: Mapping[str, Mapping[str, Any] | None]
) -> list[str]:
    shown = describes.get(described_as(obj.api_name)[0]) or {"fields": []}
    if field.type not in PICKLISTS:
        return []
    return [
        v["value"]
        for f in shown["fields"]
        if f["name"] == field.api_name
        for v in f.get("picklistValues") or ()
        if v.get("active", True)
    ]
