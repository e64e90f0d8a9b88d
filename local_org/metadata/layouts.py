"""Page layouts: every field on one is there, the required ones are on it, its lists are real."""

from __future__ import annotations

from local_org.metadata.columns import platform, resolves
from local_org.metadata.draft import Draft, Work
from local_org.metadata.problems import ComponentError, not_found
from local_org.metadata.xml import Node
from local_org.schema.model import Field, SObject

SYSTEM = ("CreatedById", "LastModifiedById")


def deploy_layout(work: Work, name: str, node: Node) -> tuple[bool, bool]:
    """Deploy a Layout, named `Object-Label`."""
    owner, dash, label = name.partition("-")
    if not dash or not label:
        raise ComponentError(f"The layout name {name} must be an object, a dash and a label", node)
    target = work.draft.sobject(owner)
    if target is None:
        raise not_found("fullName", "CustomObject", owner, node)
    behaviors = _behaviors(target, node)
    for item in target.fields:
        if _needed(target, item):
            if item.name not in behaviors:
                raise ComponentError(
                    f"Layout must contain an item for required layout field: {item.name}", node
                )
            if behaviors[item.name] != "Required":
                raise ComponentError(f"Field:{item.name} must be Required", node)
    for each in node.children("relatedLists"):
        _check_related(work.draft, owner, each)
    return work.draft.note("Layout", name, node)


def _behaviors(target: SObject, node: Node) -> dict[str, str]:
    """Give each field on the layout and how it behaves."""
    found: dict[str, str] = {}
    for section in node.children("layoutSections"):
        for column in section.children("layoutColumns"):
            for item in column.children("layoutItems"):
                name = item.text("field")
                if name is None:
                    continue
                known = target.field(name)
                if known is None or known.name != name:
                    raise not_found("field", "CustomField", f"{target.name}.{name}", item)
                if name in found:
                    raise ComponentError(f"Field:field, value:{name} appears more than once", item)
                found[name] = _behavior(item, known)
    return found


def _behavior(item: Node, known: Field) -> str:
    said = item.text("behavior")
    if said is None:
        raise ComponentError("Required field is missing: behavior", item)
    if known.auto_number is not None or known.name in SYSTEM:
        if said == "Required":
            raise ComponentError(f"Field:{known.name} must not be Required", item)
        if said != "Readonly":
            raise ComponentError(f"Field:{known.name} must be Readonly", item)
    return said


def _needed(target: SObject, item: Field) -> bool:
    """What a layout cannot leave out: required custom fields, a custom object's own name."""
    if item.name_field:
        return target.custom and item.auto_number is None
    return item.custom and item.required


def _check_related(draft: Draft, owner: str, node: Node) -> None:
    name = node.text("relatedList") or ""
    if name in platform()["related"]:
        _check_platform_list(draft, owner, name, node)
        return
    child, _, lookup = name.partition(".")
    found = draft.fields_of(child).get(lookup) if draft.exists(child) else None
    if found is None or owner not in found.reference_to or not found.child_relationship:
        raise ComponentError(f"Cannot find related list:{name}", node)
    for each in node.children("fields"):
        if not resolves(draft, child, each.value):
            raise _bad_column(each, name)


def _check_platform_list(draft: Draft, owner: str, name: str, node: Node) -> None:
    facts = platform()
    said = facts["related"][name]
    custom = draft.objects.get(owner)
    active = custom["activities"] if custom else owner in facts["activities"]
    if said.get("of", owner) != owner or (said.get("activities") and not active):
        raise ComponentError(f"Cannot find related list:{name}", node)
    child = said["columns"]
    for each in node.children("fields"):
        if each.value not in facts["columns"][child] and not resolves(draft, child, each.value):
            raise _bad_column(each, name)


def _bad_column(node: Node, name: str) -> ComponentError:
    return ComponentError(f"Invalid field:{node.value} in related list:{name}", node)
