"""The setup's own objects: which custom objects and fields there are, whoever may see them, and
what acts on records of its own accord.

Tooling API, CustomObject and CustomField: their rows are what was deployed. ValidationRule: those
of the switch. ApexTrigger: none, as this org runs no Apex.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from local_org.ids import id_sql
from local_org.schema.model import Field, Schema, SObject
from local_org.switches import ValidationRule

# Ids are made of names: a deploy writes its rows anew, and a component keeps its Id.
NUMBERS = 62**6


def _text(name: str, length: int) -> Field:
    return Field(name, name, "string", length=length, nillable=True)


def _flag(name: str) -> Field:
    return Field(name, name, "boolean", defaulted=True)


def _setup_object(name: str, label: str, prefix: str, *fields: Field) -> SObject:
    found = Field("Id", "Id", "id", length=18, defaulted=True)
    return SObject(
        name,
        label,
        f"{label}s",
        prefix,
        (found, _text("NamespacePrefix", 15), *fields),
        createable=False,
        updateable=False,
        deletable=False,
        bulk=False,
    )


# A standard object's name, or the Id of a custom one: in either length, as Ids are.
_TABLE = Field("TableEnumOrId", "TableEnumOrId", "reference", length=40, nillable=True)
_RULE = _setup_object(
    *("ValidationRule", "Validation Rule", "03d"),
    _text("ValidationName", 80),
    _flag("Active"),
    _text("Description", 255),
    Field("EntityDefinitionId", "EntityDefinitionId", "string", length=40),
    _text("ErrorDisplayField", 255),
    _text("ErrorMessage", 255),
)
_TRIGGER = _setup_object(
    *("ApexTrigger", "Apex Trigger", "01q"),
    _text("Name", 255),
    _TABLE,
    _text("Status", 40),
    _flag("IsValid"),
    *(
        _flag(f"Usage{when}")
        for when in (
            *("BeforeInsert", "AfterInsert", "BeforeUpdate", "AfterUpdate"),
            *("BeforeDelete", "AfterDelete", "IsBulk", "AfterUndelete"),
        )
    ),
)
SETUP = Schema(
    {
        "customobject": _setup_object(
            "CustomObject", "Custom Object", "01I", _text("DeveloperName", 80)
        ),
        "customfield": _setup_object(
            "CustomField", "Custom Field", "00N", _text("DeveloperName", 80), _TABLE
        ),
        "validationrule": _RULE,
        "apextrigger": _TRIGGER,
    }
)
# Those with rows of their own; the others show what was deployed.
KEPT = Schema({each.name.lower(): each for each in (_RULE, _TRIGGER)})


def ensure_views(cursor: duckdb.DuckDBPyConnection, pod: str) -> None:
    """Show what was deployed as the rows of the setup's objects."""
    own, object_id = (
        id_sql(prefix, pod, f"(hash({key}) % {NUMBERS})::bigint")
        for prefix, key in (("00N", "concat(f.object, '.', f.name)"), ("01I", "o.name"))
    )
    bare = "regexp_replace({}.name, '__c$', '')"
    cursor.execute(
        f"""create or replace view data."CustomObject" as
        select {object_id} as "Id", {bare.format("o")} as "DeveloperName",
            null::varchar as "NamespacePrefix" from org.custom_objects o"""
    )
    cursor.execute(
        f"""create or replace view data."CustomField" as
        select {own} as "Id", {bare.format("f")} as "DeveloperName",
            null::varchar as "NamespacePrefix",
            case when o.name is null then f.object else {object_id} end as "TableEnumOrId"
        from org.custom_fields f left join org.custom_objects o on o.name = f.object"""
    )


def show_rules(
    cursor: duckdb.DuckDBPyConnection, pod: str, schema: Schema, rules: Iterable[ValidationRule]
) -> None:
    """Write the validation rules of the switch as the setup shows them."""
    cursor.execute('delete from data."ValidationRule"')
    own, table = id_sql("03d", pod, "own"), id_sql("01I", pod, "made")
    for rule in rules:
        target = schema.get(rule.object)
        name = target.name if target else rule.object
        cursor.execute(
            f"""insert into data."ValidationRule" by name
            select {own} as "Id", $rule as "ValidationName", true as "Active",
                case when $custom then {table} else $object end as "EntityDefinitionId",
                $field as "ErrorDisplayField", $message as "ErrorMessage"
            from (select (hash(concat($object, '.', $rule)) % {NUMBERS})::bigint as own,
                (hash($object::varchar) % {NUMBERS})::bigint as made)""",
            {
                "object": name,
                "custom": bool(target and target.custom),
                "rule": rule.name,
                "field": rule.field,
                "message": rule.message,
            },
        )
