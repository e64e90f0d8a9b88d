"""What a permission set may grant."""

from __future__ import annotations

from local_org.metadata.columns import platform, standard_tabs
from local_org.metadata.draft import Draft, Work
from local_org.metadata.fields import check_name, check_text
from local_org.metadata.problems import ComponentError, not_found
from local_org.metadata.xml import Node
from local_org.schema.model import Field
from local_org.switches import Switches

# Standard objects a permission set can grant; access to the others follows other records or rules.
GRANTED = ("Account", "Contact", "Lead")
# What each permission on an object rests on, the weakest first.
ACTIONS = {
    "allowRead": ("Read", ()),
    "allowCreate": ("Create", ("allowRead",)),
    "allowEdit": ("Edit", ("allowRead",)),
    "allowDelete": ("Delete", ("allowRead", "allowEdit")),
    "viewAllRecords": ("Read All", ("allowRead",)),
    "modifyAllRecords": (
        "Modify All",
        ("allowRead", "allowEdit", "allowDelete", "viewAllRecords"),
    ),
}
# Whose records cannot be read without those of another.
PARENTS = {"Contact": "Account"}
AUDIT_FIELDS = "CreateAuditFields"


def deploy_permission_set(work: Work, name: str, node: Node) -> tuple[bool, bool]:
    """Deploy a PermissionSet; raises ComponentError."""
    check_name(name, node)
    check_text(node, "label", "Label", 80)
    check_text(node, "description", "Description", 255)
    draft = work.draft
    _check_objects(draft, node)
    _check_fields(draft, node)
    _check_names(draft, node)
    for each in node.children("userPermissions"):
        _check_user_permission(work.switches, each)
    draft.permission_sets[name] = node
    return draft.note("PermissionSet", name, node)


def _unique(node: Node, element: str, key: str) -> list[Node]:
    seen: set[str] = set()
    for each in node.children(element):
        name = each.text(key) or ""
        if name in seen:
            raise ComponentError(f"Field:{key}, value:{name} appears more than once", each)
        seen.add(name)
    return list(node.children(element))


def _check_objects(draft: Draft, node: Node) -> None:
    granted: dict[str, Node] = {}
    for each in _unique(node, "objectPermissions", "object"):
        name = each.text("object") or ""
        if name not in draft.objects and name not in GRANTED:
            raise not_found("object", "CustomObject", name, each)
        granted[name] = each
    for name, each in granted.items():
        for action, (verb, needs) in ACTIONS.items():
            missing = [ACTIONS[need][0] for need in needs if not each.flag(need)]
            if each.flag(action) and missing:
                raise _depends(verb, name, [f"{need} {name}" for need in missing], each)
        if not each.flag("allowRead"):
            continue
        parents = [master.reference_to[0] for master in draft.masters(name)]
        for parent in (*parents, *(PARENTS.get(name, ()) and (PARENTS[name],))):
            if parent not in granted or not granted[parent].flag("allowRead"):
                raise _depends("Read", name, [f"Read {parent}"], each)


def _depends(verb: str, name: str, needs: list[str], at: Node) -> ComponentError:
    return ComponentError(
        f"Permission {verb} {name} depends on permission(s): {', '.join(needs)}", at
    )


def _check_fields(draft: Draft, node: Node) -> None:
    for each in _unique(node, "fieldPermissions", "field"):
        name = each.text("field") or ""
        owner, _, item_name = name.partition(".")
        target = draft.sobject(owner)
        item = target.field(item_name) if target else None
        if item is None or item.name != item_name or item.type == "id":
            raise not_found("field", "CustomField", name, each)
        if _given_to_all(item):
            raise ComponentError(f"You cannot deploy to a required field: {name}", each)
        if each.flag("editable") and not each.flag("readable"):
            raise ComponentError("A field has to be readable to be editable", each)


def _given_to_all(item: Field) -> bool:
    """Whether every user has the field anyway, so that nobody can be granted it."""
    return item.required or item.name_field or item.name == "OwnerId"


def _check_names(draft: Draft, node: Node) -> None:
    for each in _unique(node, "tabSettings", "tab"):
        name = each.text("tab") or ""
        if name not in standard_tabs() and not draft.has("CustomTab", name):
            raise not_found("tab", "CustomTab", name, each)
    for element, key, kind in (
        ("applicationVisibilities", "application", "CustomApplication"),
        ("customPermissions", "name", "CustomPermission"),
        ("recordTypeVisibilities", "recordType", "RecordType"),
    ):
        for each in _unique(node, element, key):
            name = each.text(key) or ""
            if not draft.has(kind, name):
                label = "customPermission" if kind == "CustomPermission" else key
                raise not_found(label, kind, name, each)


def _check_user_permission(switches: Switches, node: Node) -> None:
    name = node.text("name") or ""
    if name == AUDIT_FIELDS and switches.set_audit_fields:
        return
    if name not in platform()["user_permissions"]:
        raise ComponentError(f"Unknown user permission: {name}", node)
