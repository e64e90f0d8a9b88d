"""Adds a field to an object or changes one that is there, as far as limits and data allow."""

from __future__ import annotations

from local_org.metadata import field_types as facts
from local_org.metadata.draft import Work
from local_org.metadata.fields import read_field
from local_org.metadata.problems import ComponentError, unsupported
from local_org.metadata.xml import Node
from local_org.schema.model import Field
from local_org.schema.standard import standard_objects


def deploy_field(work: Work, owner: str, node: Node) -> tuple[bool, bool]:
    """Deploy one CustomField; raises ComponentError."""
    draft = work.draft
    name = node.text("fullName") or ""
    if owner not in draft.objects and owner not in facts.EXTENSIBLE:
        raise ComponentError(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}", node
        )
    if not name.endswith("__c"):
        raise _standard_field(owner, name, node)
    item = read_field(draft, owner, node)
    fields = draft.fields.setdefault(owner, {})
    same = next((each for each in fields if each.lower() == name.lower()), None)
    if same is not None and same != name:
        raise ComponentError(f"There is already a field named {name[:-3]} on {owner}.", node)
    before = fields.get(name)
    if before is None:
        _check_limits(work, owner, item, node)
    elif (owner, name) in draft.stored:
        _check_change(work, owner, before, item, node)
    _check_relationship(work, owner, item, node)
    fields[name] = item
    created, changed = draft.note("CustomField", f"{owner}.{name}", node)
    return created, changed or before != item


def _standard_field(owner: str, name: str, node: Node) -> ComponentError:
    found = standard_objects().get(owner.lower())
    if found and found.field(name):
        return unsupported(f"changes of a standard field: {owner}.{name}", node)
    return ComponentError("Could not resolve standard field's name.", node)


def _check_limits(work: Work, owner: str, item: Field, node: Node) -> None:
    fields = [*work.draft.fields.get(owner, {}).values(), item]
    counted = (
        ("custom fields", facts.MAX_FIELDS, len(fields)),
        (
            "external ID or unique fields",
            facts.MAX_EXTERNAL_IDS,
            sum(each.external_id or each.unique for each in fields),
        ),
        ("relationships", facts.MAX_RELATIONS, sum(bool(each.reference_to) for each in fields)),
    )
    for what, limit, count in counted:
        if count > limit:
            raise ComponentError(f"{owner} has reached the maximum number of {what}: {limit}", node)
    new = item.metadata_type == "MasterDetail" and owner in work.draft.objects
    if new and _has_records(work, owner):
        raise ComponentError(
            f"Can not add a MasterDetail field to {owner}: the object has records", node
        )


def _has_records(work: Work, owner: str) -> bool:
    there = work.cursor.execute(
        "select 1 from duckdb_tables() where schema_name = 'data' and table_name = ?", [owner]
    ).fetchone()
    return bool(there) and work.any_row(owner, "true")


def _check_change(work: Work, owner: str, before: Field, item: Field, node: Node) -> None:
    """Hold a field that is there against what it shall become."""
    column = f'"{item.name}"'
    if before.metadata_type != item.metadata_type:
        both = {before.metadata_type, item.metadata_type}
        if not both <= facts.TEXTUAL:
            if work.any_row(owner, f"{column} is not null"):
                raise ComponentError("Cannot change type due to existing data", node)
            raise unsupported(
                f"the change of {owner}.{item.name} from {before.metadata_type} to "
                f"{item.metadata_type}",
                node,
            )
    if before.reference_to != item.reference_to:
        raise ComponentError(
            f"Cannot change the object {item.name} refers to from {before.reference_to[0]} to "
            f"{item.reference_to[0]}",
            node,
        )
    if before.value_set != item.value_set:
        raise ComponentError("Cannot change which global value set this picklist uses", node)
    _check_narrowing(work, owner, before, item, node)
    if item.unique and not (before.unique and before.case_sensitive == item.case_sensitive):
        _check_unique(work, owner, item, node)


def _check_narrowing(work: Work, owner: str, before: Field, item: Field, node: Node) -> None:
    column = f'"{item.name}"'
    if item.length < before.length and work.any_row(owner, f"length({column}) > {item.length}"):
        raise ComponentError(
            f"Cannot decrease the length of field {item.name}: data would be truncated", node
        )
    if (item.precision, item.scale) == (before.precision, before.scale):
        return
    limit = 10 ** (item.precision - item.scale)
    cut = f"abs({column}) >= {limit} or round({column}, {item.scale}) <> {column}"
    if work.any_row(owner, cut):
        raise ComponentError(
            f"Cannot decrease the precision or scale of field {item.name}: data would be truncated",
            node,
        )


def _check_unique(work: Work, owner: str, item: Field, node: Node) -> None:
    text = item.type in ("string", "email") and not item.case_sensitive
    key = f'lower("{item.name}")' if text else f'"{item.name}"'
    for table in work.tables(owner):
        kept = work.draft.sobject(table)
        alive = 'and not "IsDeleted"' if kept and kept.keeps_deleted else ""
        found = work.cursor.execute(
            f'select 1 from data."{table}" where {key} is not null {alive} '
            f"group by {key} having count(*) > 1 limit 1"
        ).fetchone()
        if found:
            raise ComponentError(
                f"Cannot make field {item.name} unique: there are duplicate values", node
            )


def _check_relationship(work: Work, owner: str, item: Field, node: Node) -> None:
    """The list of an object's children has one name on it, whichever object they are of."""
    if item.child_relationship is None:
        return
    for other, each in work.draft.children(item.reference_to[0]):
        same = (each.child_relationship or "").lower() == item.child_relationship.lower()
        if same and (other, each.name) != (owner, item.name):
            raise ComponentError(
                f"There is already a Child Relationship named {item.child_relationship[:-3]} "
                f"on {item.reference_to[0]}.",
                node,
            )
