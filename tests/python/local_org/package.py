"""Builds deploy packages in mdapi layout."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
OBJECT = (
    "<deploymentStatus>Deployed</deploymentStatus><label>{label}</label>"
    "<nameField><displayFormat>{format}</displayFormat><label>No</label><type>AutoNumber</type>"
    "</nameField><pluralLabel>{label}s</pluralLabel><sharingModel>Private</sharingModel>"
)


TAB = "<customObject>true</customObject><motif>Custom18: Form</motif>"
CUSTOM = OBJECT.format(label="Thing", format="T-{000}")
TEXT = "<length>20</length>"


def failures(result: dict[str, Any]) -> dict[str, str]:
    """What did not deploy, and why."""
    return {each["fullName"]: each["problem"] for each in result["details"]["componentFailures"]}


def successes(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What deployed, by type and name, package.xml left out."""
    found = result["details"]["componentSuccesses"]
    return {
        f"{each['componentType']} {each['fullName']}": each
        for each in found
        if each["componentType"]
    }


def permissions(name: str, *allowed: str) -> str:
    """What a permission set grants on an object."""
    flags = (
        "allowCreate",
        "allowDelete",
        "allowEdit",
        "allowRead",
        "modifyAllRecords",
        "viewAllRecords",
    )
    inner = "".join(f"<{flag}>{str(flag in allowed).lower()}</{flag}>" for flag in flags)
    return f"<objectPermissions>{inner}<object>{name}</object></objectPermissions>"


def custom_field(name: str, kind: str, inner: str = "", label: str | None = None) -> str:
    shown = label or name.removesuffix("__c").replace("_", " ")
    return (
        f"<fields><fullName>{name}</fullName><label>{shown}</label>"
        f"<type>{kind}</type>{inner}</fields>"
    )


def key_field(name: str = "Migration_Key__c") -> str:
    return custom_field(
        name,
        "Text",
        "<length>100</length><externalId>true</externalId><unique>true</unique>"
        "<caseSensitive>true</caseSensitive>",
    )


def picklist(*values: str, restricted: bool = True) -> str:
    rows = "".join(
        f"<value><fullName>{value}</fullName><default>false</default><label>{value}</label></value>"
        for value in values
    )
    return (
        f"<valueSet><restricted>{str(restricted).lower()}</restricted><valueSetDefinition>"
        f"<sorted>false</sorted>{rows}</valueSetDefinition></valueSet>"
    )


def lookup(target: str, relationship: str, rule: str = "SetNull") -> str:
    return (
        f"<referenceTo>{target}</referenceTo><relationshipName>{relationship}</relationshipName>"
        f"<deleteConstraint>{rule}</deleteConstraint>"
    )


@dataclass
class Package:
    """Files of a deploy and the members of its package.xml."""

    files: dict[str, str | bytes] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    manifest: bool = True
    version: str = "67.0"
    top: str = ""

    def add(self, kind: str, name: str, path: str, inner: str) -> Package:
        """A component with a file of its own."""
        self.files[path] = f"<?xml version='1.0'?><{kind} {NAMESPACE}>{inner}</{kind}>"
        self.members.setdefault(kind, []).append(name)
        return self

    def layout(self, name: str, inner: str) -> Package:
        return self.add("Layout", name, f"layouts/{name}.layout", inner)

    def tab(self, name: str, inner: str = TAB) -> Package:
        return self.add("CustomTab", name, f"tabs/{name}.tab", inner)

    def app(self, name: str, inner: str) -> Package:
        return self.add("CustomApplication", name, f"applications/{name}.app", inner)

    def report_type(self, name: str, inner: str) -> Package:
        return self.add("ReportType", name, f"reportTypes/{name}.reportType", inner)

    def grants(self, name: str, inner: str, label: str = "Grants") -> Package:
        """A permission set with anything in it."""
        body = f"{inner}<label>{label}</label>"
        return self.add("PermissionSet", name, f"permissionsets/{name}.permissionset", body)

    def delete(self, kind: str, *names: str, file: str = "destructiveChanges.xml") -> Package:
        """A list of deletions."""
        members = "".join(f"<members>{name}</members>" for name in names)
        self.files[file] = (
            f"<?xml version='1.0'?><Package {NAMESPACE}><types>{members}<name>{kind}</name>"
            "</types></Package>"
        )
        return self

    def object(self, name: str, *fields: str, custom: str = "") -> Package:
        body = f"<?xml version='1.0'?><CustomObject {NAMESPACE}>{''.join(fields)}{custom}"
        self.files[f"objects/{name}.object"] = body + "</CustomObject>"
        self.members.setdefault("CustomObject", []).append(name)
        return self

    def permission_set(self, name: str, *fields: str, read_only: tuple[str, ...] = ()) -> Package:
        granted = "".join(
            f"<fieldPermissions><editable>{str(item not in read_only).lower()}</editable>"
            f"<field>{item}</field><readable>true</readable></fieldPermissions>"
            for item in (*fields, *read_only)
        )
        self.files[f"permissionsets/{name}.permissionset"] = (
            f"<?xml version='1.0'?><PermissionSet {NAMESPACE}>{granted}<label>{name}</label>"
            "</PermissionSet>"
        )
        self.members.setdefault("PermissionSet", []).append(name)
        return self

    def value_set(self, name: str, *values: str) -> Package:
        rows = "".join(
            f"<customValue><fullName>{value}</fullName><default>false</default>"
            f"<label>{value}</label></customValue>"
            for value in values
        )
        self.files[f"globalValueSets/{name}.globalValueSet"] = (
            f"<?xml version='1.0'?><GlobalValueSet {NAMESPACE}>{rows}"
            f"<masterLabel>{name}</masterLabel><sorted>false</sorted></GlobalValueSet>"
        )
        self.members.setdefault("GlobalValueSet", []).append(name)
        return self

    def zip(self) -> bytes:
        types = "".join(
            "<types>"
            + "".join(f"<members>{name}</members>" for name in names)
            + f"<name>{kind}</name></types>"
            for kind, names in self.members.items()
        )
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            if self.manifest:
                archive.writestr(
                    f"{self.top}package.xml",
                    f"<?xml version='1.0'?><Package {NAMESPACE}>{types}"
                    f"<version>{self.version}</version></Package>",
                )
            for name, body in self.files.items():
                archive.writestr(self.top + name, body)
        return target.getvalue()


@dataclass
class Raw(Package):
    """What is sent in place of a package."""

    data: bytes = b""

    def zip(self) -> bytes:
        return self.data


def clinic() -> Package:
    """The schema most tests work with."""
    contact = (
        key_field(),
        custom_field("Guarantor__c", "Lookup", lookup("Contact", "Guaranteed")),
        custom_field("Gender__c", "Picklist", picklist("Male", "Female", "Unknown")),
        custom_field(
            "Alerts__c",
            "MultiselectPicklist",
            "<visibleLines>4</visibleLines>" + picklist("Latex", "Penicillin", "Asthma"),
        ),
        custom_field("Balance__c", "Currency", "<precision>8</precision><scale>2</scale>"),
        custom_field("Seen__c", "DateTime"),
        custom_field(
            "Notes__c", "LongTextArea", "<length>300</length><visibleLines>3</visibleLines>"
        ),
        custom_field("Is_Provider__c", "Checkbox", "<defaultValue>false</defaultValue>"),
        custom_field("Rank__c", "Number", "<precision>4</precision><scale>0</scale>"),
        custom_field("Portal__c", "Url"),
        custom_field("Second_Email__c", "Email"),
        custom_field("Hidden__c", "Text", "<length>20</length>"),
        custom_field("Shown__c", "Text", "<length>20</length>"),
    )
    insurance = (
        key_field().replace("<type>", "<required>true</required><type>"),
        custom_field("Contact__c", "Lookup", lookup("Contact", "Insurance", "Restrict")),
        custom_field("Carrier__c", "Lookup", lookup("Account", "Carried")),
        custom_field("Priority__c", "Text", "<length>20</length>"),
    )
    activity = (
        key_field(),
        custom_field("Operatory__c", "Text", "<length>40</length>"),
    )
    granted = [
        "Account.Migration_Key__c",
        *(
            f"Contact.{name}"
            for name in (
                "Migration_Key__c",
                "Guarantor__c",
                "Gender__c",
                "Alerts__c",
                "Balance__c",
                "Seen__c",
                "Notes__c",
                "Is_Provider__c",
                "Rank__c",
                "Portal__c",
                "Second_Email__c",
            )
        ),
        *(f"Insurance_Detail__c.{name}" for name in ("Contact__c", "Carrier__c", "Priority__c")),
        *(
            f"{owner}.{name}"
            for owner in ("Event", "Task")
            for name in ("Migration_Key__c", "Operatory__c")
        ),
    ]
    return (
        Package()
        .object("Account", key_field())
        .object("Contact", *contact)
        .object("Activity", *activity)
        .object(
            "Insurance_Detail__c",
            *insurance,
            custom=OBJECT.format(label="Insurance Detail", format="I-{0000}"),
        )
        .permission_set("Loader", *granted, read_only=("Contact.Shown__c",))
    )
