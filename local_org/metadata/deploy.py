"""Applies a package to a draft of the org's metadata; keeps the draft if the deploy holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import duckdb

from local_org.ids import DIGITS
from local_org.metadata.fields import ComponentError, picklist_values, read_field
from local_org.metadata.package import Component, Node, Package
from local_org.metadata.permissions import check_permissions
from local_org.org import Org
from local_org.schema.build import ACTIVITIES, ensure_tables, load_schema
from local_org.schema.model import Field, field_from_json, field_to_json
from local_org.schema.standard import standard_objects
from local_org.store import literal

ACTIVITY = "Activity"
# Applies one component to the draft; tells whether it was created, and whether changed.
Step = Callable[[], tuple[bool, bool]]


@dataclass(frozen=True)
class Outcome:
    """What became of one component."""

    type: str
    name: str
    file: str
    problem: str | None
    created: bool = False
    changed: bool = False


@dataclass
class Draft:
    """The custom metadata as it would be after the deploy."""

    objects: dict[str, dict[str, Any]]
    fields: dict[str, dict[str, Field]]
    value_sets: dict[str, tuple[str, ...]]
    permission_sets: dict[str, Node] = field(default_factory=dict)

    def known_objects(self) -> set[str]:
        """Every object a lookup may refer to."""
        return {each.name for each in standard_objects().values()} | set(self.objects)

    def fields_of(self, name: str) -> dict[str, Field]:
        """The custom fields of an object; Event and Task have Activity's."""
        return self.fields.get(ACTIVITY if name in ACTIVITIES else name, {})


def read_draft(cursor: duckdb.DuckDBPyConnection) -> Draft:
    """Read the custom metadata as it is."""
    objects = {
        name: json.loads(text)
        for name, text in cursor.execute("from org.custom_objects order by rowid").fetchall()
    }
    fields: dict[str, dict[str, Field]] = {}
    rows = cursor.execute("from org.custom_fields order by rowid").fetchall()
    for owner, name, text in rows:
        fields.setdefault(owner, {})[name] = field_from_json(json.loads(text))
    sets = cursor.execute("from org.value_sets").fetchall()
    return Draft(objects, fields, {name: tuple(json.loads(text)) for name, text in sets})


def deploy(org: Org, package: Package, *, check_only: bool, rollback: bool) -> list[Outcome]:
    """Deploy; gives one outcome per component. With `rollback` one failure keeps nothing."""
    with org.store.write() as cursor:
        draft = read_draft(cursor)
        outcomes = _apply(cursor, package, draft)
        failed = any(each.problem for each in outcomes)
        if not check_only and not (failed and rollback):
            _keep(cursor, org, draft)
    org.reload()
    return outcomes


def _apply(cursor: duckdb.DuckDBPyConnection, package: Package, draft: Draft) -> list[Outcome]:
    outcomes = []
    for component in package.components:
        for kind, name, work in _steps(cursor, package, draft, component):
            try:
                created, changed = work()
            except ComponentError as error:
                outcomes.append(Outcome(kind, name, component.file, str(error)))
            else:
                outcomes.append(Outcome(kind, name, component.file, None, created, changed))
    outcomes += _missing(package, outcomes)
    return outcomes + [Outcome(folder, file, file, None) for folder, file in package.others]


def _steps(
    cursor: duckdb.DuckDBPyConnection, package: Package, draft: Draft, component: Component
) -> Iterator[tuple[str, str, Step]]:
    """Give what a file deploys, in order: an object before its fields."""
    kind, name = component.type, component.name
    if kind == "GlobalValueSet":
        yield kind, name, _named(package, kind, name, partial(_value_set, draft, component))
    elif kind == "PermissionSet":
        work = partial(_permission_set, cursor, draft, component)
        yield kind, name, _named(package, kind, name, work)
    elif kind == "CustomObject":
        if name.endswith("__c") and component.node.has("label"):
            yield kind, name, _named(package, kind, name, partial(_object, draft, component))
    else:
        owner = name
        for node in component.node.children("fields"):
            item = node.text("fullName") or ""
            if not item.endswith("__c") and item in _standard_names(owner):
                continue
            full, step = f"{owner}.{item}", partial(_field, cursor, draft, owner, node)
            if package.names("CustomObject", owner):
                yield kind, full, step
            else:
                yield kind, full, _named(package, kind, full, step)


def _named(package: Package, kind: str, name: str, work: Step) -> Step:
    """Give the step itself, or one that refuses what package.xml does not name."""

    def refuse() -> tuple[bool, bool]:
        raise ComponentError(f"'{name}' of type {kind} is in the zip, but not in package.xml")

    return work if package.names(kind, name) else refuse


def _standard_names(owner: str) -> set[str]:
    found = standard_objects().get(owner.lower())
    return {item.name for item in found.fields} if found else set()


def _missing(package: Package, outcomes: list[Outcome]) -> list[Outcome]:
    """What package.xml names must be in the zip."""
    there = {(each.type, each.name) for each in outcomes}
    there |= {(each.type, each.name) for each in package.components}
    return [
        Outcome(
            kind,
            name,
            "package.xml",
            f"An object '{name}' of type {kind} was named in package.xml, but was not found in "
            "zipped directory",
        )
        for kind in ("CustomObject", "CustomField", "PermissionSet", "GlobalValueSet")
        for name in sorted(package.members.get(kind, set()))
        if name != "*" and (kind, name) not in there
    ]


def _value_set(draft: Draft, component: Component) -> tuple[bool, bool]:
    values = picklist_values(component.node, "customValue")
    if not values:
        raise ComponentError("Must specify at least one customValue for a GlobalValueSet")
    before = draft.value_sets.get(component.name)
    # Values that are gone from the file are deactivated, not deleted; new ones are added.
    merged = tuple(dict.fromkeys((*values, *(before or ()))))
    draft.value_sets[component.name] = merged
    return before is None, before != merged


def _object(draft: Draft, component: Component) -> tuple[bool, bool]:
    node, name = component.node, component.name
    for element in ("label", "pluralLabel", "deploymentStatus", "sharingModel"):
        if not node.text(element):
            raise ComponentError(f"Must specify '{element}' for a CustomObject")
    name_field = node.child("nameField")
    if name_field is None or name_field.text("type") not in ("Text", "AutoNumber"):
        raise ComponentError("Must specify a nameField of type Text or AutoNumber")
    masters = [each for each in node.children("fields") if each.text("type") == "MasterDetail"]
    if node.text("sharingModel") == "ControlledByParent" and not masters:
        raise ComponentError(
            "Cannot set sharingModel to ControlledByParent on a CustomObject without a "
            "MasterDetail relationship field"
        )
    before = draft.objects.get(name)
    definition = {
        "name": name,
        "label": node.text("label"),
        "plural": node.text("pluralLabel"),
        "prefix": before["prefix"] if before else _free_prefix(draft),
        "sharing": node.text("sharingModel"),
        "activities": node.flag("enableActivities"),
        "name_field": {
            "label": name_field.text("label") or "Name",
            "type": name_field.text("type"),
            "format": name_field.text("displayFormat"),
        },
    }
    draft.objects[name] = definition
    return before is None, before != definition


def _free_prefix(draft: Draft) -> str:
    """Custom objects get a00 to a0Z, a10 …, in the order they are made."""
    number = len(draft.objects)
    return f"a{DIGITS[number // 62]}{DIGITS[number % 62]}"


def _field(
    cursor: duckdb.DuckDBPyConnection, draft: Draft, owner: str, node: Node
) -> tuple[bool, bool]:
    if owner in ACTIVITIES:
        raise ComponentError(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}"
        )
    if owner != ACTIVITY and owner not in draft.known_objects():
        raise ComponentError(
            f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}"
        )
    item = read_field(owner, node, draft.value_sets, draft.known_objects())
    fields = draft.fields.setdefault(owner, {})
    before = fields.get(item.name)
    if before is not None:
        item = _altered(cursor, owner, before, item)
    _check_relationship(draft, owner, item)
    fields[item.name] = item
    return before is None, before != item


def _altered(cursor: duckdb.DuckDBPyConnection, owner: str, before: Field, item: Field) -> Field:
    """Hold a field that is there against what it shall become."""
    if before.metadata_type != item.metadata_type or before.reference_to != item.reference_to:
        raise ComponentError(
            f"Cannot change the type of field {item.name} from {before.metadata_type} to "
            f"{item.metadata_type}"
        )
    if item.length < before.length:
        tables = ACTIVITIES if owner == ACTIVITY else (owner,)
        for table in tables:
            found = cursor.execute(
                f'select max(length("{item.name}")) from data."{table}"'
            ).fetchone()
            if found and (found[0] or 0) > item.length:
                raise ComponentError(
                    f"Cannot decrease the length of field {item.name}: data would be truncated"
                )
    if item.values:
        return replace(item, values=tuple(dict.fromkeys((*item.values, *before.values))))
    return item


def _check_relationship(draft: Draft, owner: str, item: Field) -> None:
    if item.child_relationship is None:
        return
    for other, fields in draft.fields.items():
        for each in fields.values():
            same = each.child_relationship == item.child_relationship
            if (
                same
                and each.reference_to == item.reference_to
                and (other, each.name)
                != (
                    owner,
                    item.name,
                )
            ):
                raise ComponentError(
                    f"There is already a Child Relationship named {item.child_relationship[:-3]} "
                    f"on {item.reference_to[0]}."
                )


def _permission_set(
    cursor: duckdb.DuckDBPyConnection, draft: Draft, component: Component
) -> tuple[bool, bool]:
    check_permissions(draft.fields_of, draft.known_objects(), component.node)
    found = cursor.execute(
        'select count(*) from data."PermissionSet" where "Name" = ?', [component.name]
    ).fetchone()
    draft.permission_sets[component.name] = component.node
    created = not found or not found[0]
    return created, True


def _keep(cursor: duckdb.DuckDBPyConnection, org: Org, draft: Draft) -> None:
    """Write the draft as the org's metadata."""
    cursor.execute("delete from org.custom_objects")
    for name, definition in draft.objects.items():
        cursor.execute(
            "insert into org.custom_objects values (?, ?)", [name, json.dumps(definition)]
        )
    cursor.execute("delete from org.custom_fields")
    rows = [
        [owner, item.name, json.dumps(field_to_json(item))]
        for owner, fields in draft.fields.items()
        for item in fields.values()
    ]
    if rows:
        cursor.executemany("insert into org.custom_fields values (?, ?, ?)", rows)
    cursor.execute("delete from org.value_sets")
    for name, values in draft.value_sets.items():
        cursor.execute("insert into org.value_sets values (?, ?)", [name, json.dumps(values)])
    ensure_tables(cursor, load_schema(cursor))
    for name, node in draft.permission_sets.items():
        _keep_permission_set(cursor, org, name, node)


def _keep_permission_set(
    cursor: duckdb.DuckDBPyConnection, org: Org, name: str, node: Node
) -> None:
    found = cursor.execute(
        'select "Id" from data."PermissionSet" where "Name" = ?', [name]
    ).fetchone()
    now = "date_trunc('second', now()::timestamp)"
    user = literal(org.identity.user)
    if found is None:
        cursor.execute(
            f"""insert into data."PermissionSet" by name select ? as "Id", ? as "Name",
                ? as "Label", ? as "Description", false as "IsOwnedByProfile", true as "IsCustom",
                false as "HasActivationRequired", {now} as "CreatedDate",
                {now} as "LastModifiedDate", {now} as "SystemModstamp",
                {user} as "CreatedById", {user} as "LastModifiedById" """,
            [org.new_id(cursor, "0PS"), name, node.text("label") or name, node.text("description")],
        )
    cursor.execute("delete from org.field_permissions where permission_set = ?", [name])
    rows = [
        [name, *(each.text("field") or "").split(".", 1), each.flag("editable")]
        for each in node.children("fieldPermissions")
        if each.flag("readable") or each.flag("editable")
    ]
    if rows:
        cursor.executemany("insert into org.field_permissions values (?, ?, ?, ?)", rows)
