"""Custom objects, and what lives inside an object's file beside its fields."""

from __future__ import annotations

from local_org.ids import DIGITS
from local_org.metadata.columns import resolves
from local_org.metadata.draft import ACTIVITY, Draft, Work
from local_org.metadata.elements import check
from local_org.metadata.fields import check_format, check_name, check_text
from local_org.metadata.problems import ComponentError, not_found, unsupported
from local_org.metadata.xml import Node

NEEDED = ("pluralLabel", "deploymentStatus", "sharingModel")
SHARING = {"Private": 0, "Read": 1, "ReadWrite": 2, "ControlledByParent": 2}
TRIO = ("enableBulkApi", "enableSharing", "enableStreamingApi")
MAX_LABEL = 40
MAX_DESCRIPTION = 1_000
MAX_COLUMNS = 15
MAX_COMPACT = 10
NOT_COMPACT = ("LongTextArea", "Html", "TextArea", "MultiselectPicklist")
RECORD_TYPED = ("Account", "Contact", "Lead", "Event", "Task")
# What a standard object's file may hold beside the header of a custom object.
INSIDE = ("fields", "compactLayouts", "listViews", "recordTypes")


def deploy_object(work: Work, name: str, node: Node) -> tuple[bool, bool]:
    """Deploy an object's header: all of a custom object, nothing of a standard one."""
    draft, header = work.draft, node.without(*INSIDE)
    if not name.endswith("__c"):
        return _standard(draft, name, header)
    check_name(name.removesuffix("__c"), node)
    if not header.text("label"):
        raise ComponentError("Must specify a non-empty label for the CustomObject", node)
    for element in NEEDED:
        if not header.text(element):
            raise ComponentError(f"Must specify '{element}' for a CustomObject", node)
    for element, label in (("label", "Label"), ("pluralLabel", "Plural Label")):
        check_text(header, element, label, MAX_LABEL)
    check_text(header, "description", "Description", MAX_DESCRIPTION)
    name_field = _name_field(header)
    _check_sharing(draft, name, node)
    if len({header.flag(each) for each in TRIO}) > 1:
        raise ComponentError(f"{', '.join(TRIO)} must all be true or all be false", node)
    _check_assignment(draft, name, node)
    same = next((each for each in draft.objects if each.lower() == name.lower()), name)
    if same != name:
        raise ComponentError(f"There is already an object named {same}", node)
    before = draft.objects.get(name)
    draft.objects[name] = {
        "name": name,
        "label": header.text("label"),
        "plural": header.text("pluralLabel"),
        "prefix": before["prefix"] if before else _free_prefix(draft),
        "sharing": header.text("sharingModel"),
        "activities": header.flag("enableActivities"),
        "name_field": name_field,
    }
    return draft.note("CustomObject", name, header)


def _standard(draft: Draft, name: str, header: Node) -> tuple[bool, bool]:
    if name != ACTIVITY and not draft.exists(name):
        raise ComponentError(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}", header
        )
    if header.nodes:
        raise unsupported(f"'{header.nodes[0].tag}' of a standard object", header.nodes[0])
    return False, False


def _name_field(header: Node) -> dict[str, str | None]:
    name = header.child("nameField")
    if name is None or name.text("type") not in ("Text", "AutoNumber"):
        raise ComponentError("Must specify a nameField of type Text or AutoNumber", header)
    if not name.text("label"):
        raise ComponentError("Must specify a non-empty label for the CustomField", name)
    check_text(name, "label", "Label", MAX_LABEL)
    text = name.text("displayFormat")
    if name.text("type") == "AutoNumber":
        if text is None:
            raise ComponentError(
                "Must specify 'displayFormat' for a CustomField of type AutoNumber", name
            )
        check_format(text, name)
    elif text is not None:
        raise ComponentError("Can not specify 'displayFormat' for a CustomField of type Text", name)
    return {"label": name.text("label"), "type": name.text("type"), "format": text}


def _check_sharing(draft: Draft, name: str, node: Node) -> None:
    model = node.text("sharingModel") or ""
    there = {each.name for each in draft.masters(name)}
    there |= {
        f.text("fullName") or ""
        for f in node.children("fields")
        if f.text("type") == "MasterDetail"
    }
    if model not in SHARING:
        raise ComponentError(f"{model} is not a valid sharing model for {name}", node)
    if model == "ControlledByParent" and not there:
        raise ComponentError(
            "Cannot set sharingModel to ControlledByParent on a CustomObject without a "
            "MasterDetail relationship field",
            node,
        )
    if model != "ControlledByParent" and there:
        raise ComponentError(
            f"Cannot set sharingModel to {model} on a CustomObject with a MasterDetail "
            "relationship field",
            node,
        )
    outside = node.text("externalSharingModel")
    if outside is not None and (outside not in SHARING or SHARING[outside] > SHARING[model]):
        raise ComponentError(
            f"{outside} is not a valid external sharing model for {name} when its sharing model "
            f"is {model}",
            node,
        )


def _check_assignment(draft: Draft, name: str, node: Node) -> None:
    chosen = node.text("compactLayoutAssignment")
    if chosen in (None, "SYSTEM"):
        return
    sent = {each.text("fullName") for each in node.children("compactLayouts")}
    if chosen not in sent and not draft.has("CompactLayout", f"{name}.{chosen}"):
        raise not_found("compactLayoutAssignment", "CompactLayout", f"{name}.{chosen}", node)


def _free_prefix(draft: Draft) -> str:
    """Custom objects get a00 to a0Z, a10 …, in the order they are made; none is used twice."""
    taken = {each["prefix"] for each in draft.objects.values()}
    number = len(draft.objects)
    while (prefix := f"a{DIGITS[number // 62]}{DIGITS[number % 62]}") in taken:
        number += 1
    return prefix


def deploy_compact_layout(work: Work, owner: str, node: Node) -> tuple[bool, bool]:
    """Deploy a CompactLayout of an object."""
    check(node, "CompactLayout")
    name = node.text("fullName") or ""
    check_name(name, node)
    check_text(node, "label", "Label", MAX_LABEL)
    target = work.draft.sobject(owner)
    fields = node.texts("fields")
    if not 1 <= len(fields) <= MAX_COMPACT:
        raise ComponentError(f"A compact layout has 1 to {MAX_COMPACT} fields", node)
    for each in node.children("fields"):
        found = target.field(each.value) if target else None
        if found is None:
            raise not_found("fields", "CustomField", f"{owner}.{each.value}", each)
        if found.metadata_type in NOT_COMPACT:
            raise ComponentError(
                f"Field {each.value} is not available for a compact layout: it is of type "
                f"{found.metadata_type}",
                each,
            )
    check_once(node, "fields", "fields")
    return work.draft.note("CompactLayout", f"{owner}.{name}", node)


def deploy_list_view(work: Work, owner: str, node: Node) -> tuple[bool, bool]:
    """Deploy a ListView of an object."""
    check(node, "ListView")
    name = node.text("fullName") or ""
    check_name(name, node)
    check_text(node, "label", "Label", MAX_LABEL)
    scope = node.text("filterScope")
    if scope not in ("Everything", "Mine"):
        raise unsupported(f"list views of the scope {scope}", node)
    model = (work.draft.objects.get(owner) or {}).get("sharing")
    if scope == "Mine" and model == "ControlledByParent":
        raise ComponentError("Invalid scope:Mine, not allowed", node)
    for each in [*node.children("columns"), *node.children("filters")]:
        column = each.value if each.tag == "columns" else each.text("field") or ""
        if not resolves(work.draft, owner, column):
            raise ComponentError(f"Could not resolve list view column: {column}", each)
    if len(node.texts("columns")) > MAX_COLUMNS:
        raise ComponentError(f"A list view has no more than {MAX_COLUMNS} columns", node)
    check_once(node, "columns", "columns")
    return work.draft.note("ListView", f"{owner}.{name}", node)


def deploy_record_type(work: Work, owner: str, node: Node) -> tuple[bool, bool]:
    """Deploy a RecordType of an object."""
    check(node, "RecordType")
    draft, name = work.draft, node.text("fullName") or ""
    check_name(name, node)
    check_text(node, "label", "Record Type Label", 80)
    check_text(node, "description", "Description", 255)
    if owner not in draft.objects and owner not in RECORD_TYPED:
        raise unsupported(f"record types of {owner}", node)
    target = draft.sobject(owner)
    for each in node.children("picklistValues"):
        picklist = each.text("picklist") or ""
        found = target.field(picklist) if target else None
        if found is None or found.type not in ("picklist", "multipicklist"):
            raise not_found("picklist", "CustomField", f"{owner}.{picklist}", each)
        known = draft.value_sets.get(found.value_set or "", found.values)
        for value in each.children("values"):
            # A record type's values are escaped as in a URL.
            said = value.text("fullName") or ""
            if said not in known and said.replace("%20", " ") not in known:
                raise ComponentError(
                    f"Picklist value: {said} in picklist: {picklist} not found", value
                )
    draft.record_types[f"{owner}.{name}"] = node
    return draft.note("RecordType", f"{owner}.{name}", node)


def check_once(node: Node, element: str, label: str) -> None:
    """Refuse what is named twice where once is enough."""
    seen: set[str] = set()
    for each in node.children(element):
        if each.value in seen:
            raise ComponentError(f"Field:{label}, value:{each.value} appears more than once", each)
        seen.add(each.value)
