"""What the org's setup says: which custom objects and fields there are, whoever may see them, and
what a permission set grants. Describe shows only what this very user sees.

Both need View Setup and Configuration; where the user lacks it, nothing is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from loaders.salesforce.api.errors import Refused
from loaders.salesforce.api.org import Org

_RIGHTS = ("Read", "Create", "Edit")


@dataclass(frozen=True)
class Rights:
    """What a permission set grants: objects by right (`Read`, `Create`, `Edit`), fields by name
    (`Contact.Gender__c`)."""

    objects: dict[str, frozenset[str]]
    readable: frozenset[str]
    editable: frozenset[str]


def rights(org: Org, permission_set: str) -> Rights | None:
    """The rights of a permission set, None where the org does not let this user look.

    Object Reference, FieldPermissions and ObjectPermissions.
    """
    columns = ", ".join(f"Permissions{right}" for right in _RIGHTS)
    where = f"WHERE ParentId = {quoted(permission_set)}"
    objects = _asked(org, f"SELECT SobjectType, {columns} FROM ObjectPermissions {where}")
    fields = _asked(
        org, f"SELECT Field, PermissionsRead, PermissionsEdit FROM FieldPermissions {where}"
    )
    if objects is None or fields is None:
        return None
    return Rights(
        objects={
            str(o["SobjectType"]): frozenset(r for r in _RIGHTS if o[f"Permissions{r}"])
            for o in objects
        },
        readable=frozenset(str(f["Field"]) for f in fields if f["PermissionsRead"]),
        editable=frozenset(str(f["Field"]) for f in fields if f["PermissionsEdit"]),
    )


def custom_there(org: Org, objects: Iterable[str]) -> frozenset[str] | None:
    """Which of these custom objects there are, and the custom fields of all of them
    (`Contact.Gender__c`), None where the org does not let this user look.

    Tooling API, CustomObject and CustomField: setup, which field-level security does not touch.
    """
    ids = custom_ids(org)
    if ids is None:
        return None
    asked = {name: ids.get(name, name) for name in objects}
    found = {name for name in asked if name in ids}
    standing = [n for n in asked if n in ids or not n.endswith("__c")]
    if standing:
        listed = ", ".join(quoted(asked[name]) for name in standing)
        fields = _asked(
            org,
            "SELECT DeveloperName, NamespacePrefix, TableEnumOrId FROM CustomField"
            f" WHERE TableEnumOrId IN ({listed})",
            tooling=True,
        )
        if fields is None:
            return None
        owners = {asked[name][:15] if name in ids else name: name for name in standing}
        for field in fields:
            table = str(field["TableEnumOrId"])
            owner = owners.get(table) or owners.get(table[:15])
            if owner and not field["NamespacePrefix"]:
                found.add(f"{owner}.{field['DeveloperName']}__c")
    return frozenset(found)


def custom_ids(org: Org) -> dict[str, str] | None:
    """The setup Id of each custom object that is no package's, None where the org does not let
    this user look."""
    made = _asked(org, "SELECT Id, DeveloperName, NamespacePrefix FROM CustomObject", tooling=True)
    if made is None:
        return None
    return {f"{o['DeveloperName']}__c": str(o["Id"]) for o in made if not o["NamespacePrefix"]}


def _asked(org: Org, soql: str, tooling: bool = False) -> list[dict[str, Any]] | None:
    """A query's records; None where the org has no such object for this user."""
    try:
        return org.query(soql, "what its setup says", tooling=tooling)
    except Refused as refused:
        if refused.status in (400, 403, 404):
            return None
        raise


def quoted(value: str) -> str:
    """A SOQL string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
