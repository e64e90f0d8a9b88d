"""Metadata as XML. Elements come in the order of the Metadata API's XSD, which is strict:
alphabetical after `fullName`."""

from collections.abc import Iterable
from xml.etree import ElementTree

from loaders.salesforce.ledger.steps import CustomObject
from loaders.salesforce.schema.model import Grant, SchemaField, SchemaObject, ValueSet
from loaders.salesforce.schema.pages import Pages
from loaders.salesforce.schema.xml_pages import Element, compact_layout, list_view
from loaders.salesforce.schema.xml_pages import add as _add

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def document(root: Element) -> bytes:
    """A file's bytes."""
    root.set("xmlns", NAMESPACE)
    ElementTree.indent(root, "    ")
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def custom_object(
    obj: SchemaObject, pages: Pages, *, whole: bool, fields: Iterable[SchemaField] = ()
) -> Element:
    """A custom object, or a standard one's additions. `whole` puts its compact layout, fields and
    list views inside, as a deployment wants them; the source format has files of their own."""
    root = Element("CustomObject")
    custom = obj.custom
    compact = [c for c in pages.compact_layouts if c.object == obj.api_name]
    for each in compact:
        _add(root, "compactLayoutAssignment", each.name)
    if whole:
        for each in compact:
            root.append(compact_layout(each, "compactLayouts"))
    if custom:
        _add(root, "deploymentStatus", "Deployed")
        _add(root, "description", " ".join(custom.description.split())[:1000])
        for feature in ("Activities", "BulkApi", "Reports", "Sharing", "StreamingApi"):
            _add(root, f"enable{feature}", True)
    for field in fields:
        root.append(custom_field(field, "fields"))
    if custom:
        _add(root, "label", custom.label)
    if whole:
        for view in pages.list_views:
            if view.object == obj.api_name:
                root.append(list_view(view, "listViews"))
    if custom:
        root.append(_name_field(obj, custom))
        _add(root, "pluralLabel", custom.plural)
        _add(root, "sharingModel", custom.sharing)
    return root


def _name_field(obj: SchemaObject, custom: CustomObject) -> Element:
    name = Element("nameField")
    if obj.name_length is None:
        short = "".join(word[0] for word in custom.label.split()).upper()
        _add(name, "displayFormat", custom.name_format or f"{short}-{{0000000}}")
        _add(name, "label", f"{custom.label} Number"[:40])
        _add(name, "type", "AutoNumber")
    else:
        _add(name, "label", f"{custom.label} Name"[:40])
        _add(name, "type", "Text")
    return name


def custom_field(field: SchemaField, tag: str = "CustomField") -> Element:
    """One field."""
    root = Element(tag)
    _add(root, "fullName", field.api_name)
    _add(root, "caseSensitive", True if field.unique else None)
    _add(root, "defaultValue", False if field.type == "Checkbox" else None)
    _add(root, "deleteConstraint", field.on_delete)
    _add(root, "description", field.description)
    _add(root, "externalId", field.external_id)
    _add(root, "inlineHelpText", field.help)
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
    _add(root, "unique", True if field.unique else None)
    if field.type in ("Picklist", "MultiselectPicklist"):
        root.append(_values(field))
    if field.type in ("LongTextArea", "MultiselectPicklist"):
        _add(root, "visibleLines", 6)
    return root


def _values(field: SchemaField) -> Element:
    root = Element("valueSet")
    _add(root, "restricted", field.restricted)
    if field.value_set:
        _add(root, "valueSetName", field.value_set)
        return root
    definition = ElementTree.SubElement(root, "valueSetDefinition")
    _add(definition, "sorted", False)
    for value in field.values:
        definition.append(_value("value", value))
    return root


def _value(tag: str, value: str) -> Element:
    entry = Element(tag)
    _add(entry, "fullName", value)
    _add(entry, "default", False)
    _add(entry, "label", value)
    return entry


def global_value_set(values: ValueSet) -> Element:
    """Values that picklists of several objects share."""
    root = Element("GlobalValueSet")
    for value in values.values:
        root.append(_value("customValue", value))
    _add(root, "masterLabel", values.label)
    _add(root, "sorted", False)
    return root


def permission_set(grant: Grant) -> Element:
    """A permission set: the app, fields, objects, tabs."""
    root = Element("PermissionSet")
    app = ElementTree.SubElement(root, "applicationVisibilities")
    _add(app, "application", grant.app)
    _add(app, "visible", True)
    _add(root, "description", grant.description)
    for field in grant.fields:
        entry = ElementTree.SubElement(root, "fieldPermissions")
        _add(entry, "editable", grant.writes)
        _add(entry, "field", field)
        _add(entry, "readable", True)
    _add(root, "hasActivationRequired", False)
    _add(root, "label", grant.label)
    for name in sorted((*grant.objects, *grant.reads)):
        entry = ElementTree.SubElement(root, "objectPermissions")
        for may in ("allowCreate", "allowDelete", "allowEdit"):
            _add(entry, may, grant.writes and name in grant.objects)
        _add(entry, "allowRead", True)
        _add(entry, "modifyAllRecords", False)
        _add(entry, "object", name)
        # Private records would stay unseen by those who are meant to read them.
        _add(entry, "viewAllRecords", name in grant.objects)
    for tab in grant.tabs:
        entry = ElementTree.SubElement(root, "tabSettings")
        _add(entry, "tab", tab)
        _add(entry, "visibility", "Visible")
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
