"""Which objects have rules of their own, beside what holds for every field."""

from __future__ import annotations

from local_org.records.activities import (
    audited_task_rules,
    event_rules,
    relation_rules,
    task_rules,
)
from local_org.records.addresses import address_rules
from local_org.records.columns import Column
from local_org.records.values import problem
from local_org.records.whole import Rules, together
from local_org.schema.model import Schema, SObject
from local_org.store import literal
from local_org.switches import Switches


def own_rules(
    schema: Schema, target: SObject, columns: tuple[Column, ...], switches: Switches
) -> Rules:
    """Give the rules of an object for rows with these columns."""
    given = {each.field.name for each in columns}
    parts = []
    if target.name == "Event":
        parts.append(event_rules())
    if target.name == "Task":
        parts.append(task_rules())
        if "LastModifiedDate" in given:
            parts.append(audited_task_rules())
    if target.name in ("Event", "Task"):
        parts.append(relation_rules(schema))
    if target.name == "Lead":
        parts.append(_lead_rules())
    if switches.state_country_picklists:
        parts += address_rules(target, given)
    return together(parts)


def _lead_rules() -> Rules:
    converted = literal("cannot reference converted lead")
    return Rules(
        needs=("IsConverted",),
        arms=(
            f'when w."was IsConverted" then {problem("CANNOT_UPDATE_CONVERTED_LEAD", converted)}',
        ),
    )
