"""Metadata as XML. Elements come in the order of the Metadata API's XSD, which is strict:
alphabetical after `fullName`."""

from collections.abc import Iterable
from xml.etree import ElementTree

from loaders.salesforce.schema.model import Grant, SchemaField, SchemaObject

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

Element = ElementTree.Element


def document(root: Element) -> bytes:
    """A file's bytes."""
    root.set("xmlns", NAMESPACE)
    ElementTree.indent(root, "    ")
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def _add(parent: Element, tag: str, value: object) -> None:
    """Adds `<tag>value</tag>`; nothing where there is no value."""
    if value is not None and value != "":
        said = str(value).lower() if isinstance(value, bool) else str(value)
        ElementTree.SubElement(parent, tag).text = said


def custom_object(obj: SchemaObject, fields: Iterable[SchemaField] = ()) -> Element:
    """A custom object; with its fields inside, or a standard object's new fields, as a
    deployment wants them."""
    root = Element("CustomObject")
    custom = obj.custom
    if custom:
        _add(root, "deploymentStatus", "Deployed")
        _add(root, "description", " ".join(custom.description.split())[:1000])
        for feature in ("Activities", "BulkApi", "Reports", "Sharing", "StreamingApi"):
            _add(root, f"enable{feature}", True)
    for field in fields:
        root.append(custom_field(field, "fields"))
    if custom:
        _add(root, "label", custom.label)
        name = ElementTree.SubElement(root, "nameField")
        if obj.name_length is None:
            short = "".join(word[0] for word in custom.label.split()).upper()
            _add(name, "displayFormat", custom.name_format or f"{short}-{{0000000}}")
            _add(name, "label", f"{custom.label} Number"[:40])
            _add(name, "type", "AutoNumber")
        else:
            _add(name, "label", f"{custom.label} Name"[:40])
            _add(name, "type", "Text")
        _add(root, "pluralLabel", custom.plural)
        _add(root, "sharingModel", custom.sharing)
    return root


def custom_field(field: SchemaField, tag: str = "CustomField") -> Element:
    """One field."""
    root = Element(tag)
    _add(root, "fullName", field.api_name)
    _add(root, "caseSensitive", True if field.external_id else None)
    _add(root, "defaultValue", False if field.type == "Checkbox" else None)
    _add(root, "deleteConstraint", "SetNull" if field.type == "Lookup" else None)
    _add(root, "description", field.description)
    _add(root, "externalId", field.external_id)
    _add(root, "label", field.label)
    _add(root, "length", field.length)
    _add(root, "precision", field.precision)
    if field.type == "Lookup":
        _add(root, "referenceTo", field.reference_to)
        _add(root, "relationshipLabel", field.relationship_label)
        _add(root, "relationshipName", field.relationship_name)
    if field.type not in ("Checkbox", "LongTextArea", "MultiselectPicklist"):
        _add(root, "required", field.required)
    _add(root, "scale", field.scale)
    _add(root, "type", field.type)
    _add(root, "unique", True if field.external_id else None)
    if field.type in ("Picklist", "MultiselectPicklist"):
        root.append(_values(field))
    if field.type in ("LongTextArea", "MultiselectPicklist"):
        _add(root, "visibleLines", 6)
    return root


def _values(field: SchemaField) -> Element:
    root = Element("valueSet")
    _add(root, "restricted", field.restricted)
    definition = ElementTree.SubElement(root, "valueSetDefinition")
    _add(definition, "sorted", False)
    for value in field.values:
        entry = ElementTree.SubElement(definition, "value")
        _add(entry, "fullName", value)
        _add(entry, "default", False)
        _add(entry, "label", value)
    return root


def permission_set(grant: Grant) -> Element:
    """A permission set: fields, then objects."""
    root = Element("PermissionSet")
    _add(root, "description", grant.description)
    for field in grant.fields:
        entry = ElementTree.SubElement(root, "fieldPermissions")
        _add(entry, "editable", grant.writes)
        _add(entry, "field", field)
        _add(entry, "readable", True)
    _add(root, "hasActivationRequired", False)
    _add(root, "label", grant.label)
    for name in grant.objects:
        entry = ElementTree.SubElement(root, "objectPermissions")
        for may in ("allowCreate", "allowDelete", "allowEdit"):
            _add(entry, may, grant.writes)
        _add(entry, "allowRead", True)
        _add(entry, "modifyAllRecords", False)
        _add(entry, "object", name)
        # Private records would stay unseen by those who are meant to read them.
        _add(entry, "viewAllRecords", True)
    return root


def manifest(types: dict[str, list[str]], version: str) -> Element:
    """package.xml: what the package holds, by type."""
    root = Element("Package")
    for kind in sorted(types):
        entry = ElementTree.SubElement(root, "types")
        for member in sorted(types[kind]):
            _add(entry, "members", member)
        _add(entry, "name", kind)
    _add(root, "version", version)
    return root
