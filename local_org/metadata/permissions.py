"""What a permission set may grant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from local_org.metadata.fields import ComponentError
from local_org.metadata.package import Node
from local_org.schema.build import ACTIVITIES
from local_org.schema.model import Field
from local_org.schema.standard import standard_objects


def check_permissions(
    fields_of: Callable[[str], Mapping[str, Field]], known: set[str], node: Node
) -> None:
    """Hold a permission set against the objects and fields there are; raises ComponentError."""
    if not node.text("label"):
        raise ComponentError("Required field is missing: label")
    for each in node.children("objectPermissions"):
        name = each.text("object") or ""
        if name not in known or name in ACTIVITIES:
            raise ComponentError(f"In field: object - no CustomObject named {name} found")
    for each in node.children("fieldPermissions"):
        name = each.text("field") or ""
        owner, _, item_name = name.partition(".")
        item = fields_of(owner).get(item_name)
        if owner == "Activity" or (item is None and not _standard(owner, item_name)):
            raise ComponentError(f"In field: field - no CustomField named {name} found")
        if item is not None and item.required:
            raise ComponentError(f"You cannot deploy to a required field: {name}")
        if each.flag("editable") and not each.flag("readable"):
            raise ComponentError(f"Field permission editable requires readable: {name}")


def _standard(owner: str, name: str) -> bool:
    """A standard field takes a permission unless every user has it anyway."""
    target = standard_objects().get(owner.lower())
    item = target.field(name) if target else None
    if item is None:
        return False
    if item.required or item.name_field or name in ("OwnerId", "Id"):
        raise ComponentError(f"You cannot deploy to a required field: {owner}.{name}")
    return True
