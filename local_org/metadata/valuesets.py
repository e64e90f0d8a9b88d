"""Global value sets."""

from __future__ import annotations

from local_org.metadata.draft import Work
from local_org.metadata.fields import check_name, check_text
from local_org.metadata.problems import ComponentError
from local_org.metadata.values import default_value, picklist_values
from local_org.metadata.xml import Node


def deploy_value_set(work: Work, name: str, node: Node) -> tuple[bool, bool]:
    """Deploy a GlobalValueSet: its values are those of every field that uses it."""
    check_name(name, node)
    check_text(node, "masterLabel", "Label", 80)
    check_text(node, "description", "Description", 255)
    values = picklist_values(node, "customValue")
    if not values:
        raise ComponentError("Must specify at least one customValue for a GlobalValueSet", node)
    default_value(node, "customValue")
    work.draft.value_sets[name] = values
    return work.draft.note("GlobalValueSet", name, node)
