"""The pages an admin finds as XML, their elements in the order of the Metadata API's XSD."""

from xml.etree import ElementTree

from loaders.salesforce.schema.pages import (
    App,
    CompactLayout,
    Item,
    Layout,
    ListView,
    ReportType,
    Section,
    Tab,
)

Element = ElementTree.Element


def add(parent: Element, tag: str, value: object) -> None:
    """Adds `<tag>value</tag>`; nothing where there is no value."""
    if value is not None and value != "":
        said = str(value).lower() if isinstance(value, bool) else str(value)
        ElementTree.SubElement(parent, tag).text = said


def list_view(view: ListView, tag: str = "ListView") -> Element:
    """A list view."""
    root = Element(tag)
    add(root, "fullName", view.name)
    for column in view.columns:
        add(root, "columns", column)
    add(root, "filterScope", "Everything")
    if view.filter:
        field, operation, value = view.filter
        entry = ElementTree.SubElement(root, "filters")
        add(entry, "field", field)
        add(entry, "operation", operation)
        add(entry, "value", value)
    add(root, "label", view.label)
    return root


def compact_layout(layout: CompactLayout, tag: str = "CompactLayout") -> Element:
    """A compact layout."""
    root = Element(tag)
    add(root, "fullName", layout.name)
    for field in layout.fields:
        add(root, "fields", field)
    add(root, "label", layout.label)
    return root


def layout(page: Layout) -> Element:
    """A page layout: sections, then related lists."""
    root = Element("Layout")
    for section in page.sections:
        root.append(_section(section))
    for related in page.related:
        entry = ElementTree.SubElement(root, "relatedLists")
        for field in related.fields:
            add(entry, "fields", field)
        add(entry, "relatedList", related.name)
    return root


def _section(section: Section) -> Element:
    root = Element("layoutSections")
    add(root, "customLabel", True)
    add(root, "detailHeading", True)
    add(root, "editHeading", True)
    add(root, "label", section.label)
    root.append(_column(section.left))
    if section.right is not None:
        root.append(_column(section.right))
    add(root, "style", "OneColumn" if section.right is None else "TwoColumnsLeftToRight")
    return root


def _column(items: tuple[Item, ...]) -> Element:
    root = Element("layoutColumns")
    for item in items:
        entry = ElementTree.SubElement(root, "layoutItems")
        add(entry, "behavior", item.behavior)
        add(entry, "field", item.field)
    return root


def tab(tab: Tab) -> Element:
    """A custom object's tab."""
    root = Element("CustomTab")
    add(root, "customObject", True)
    add(root, "motif", tab.motif)
    return root


def application(app: App) -> Element:
    """A Lightning app."""
    root = Element("CustomApplication")
    add(root, "description", app.description)
    for factor in ("Small", "Large"):
        add(root, "formFactors", factor)
    add(root, "isNavAutoTempTabsDisabled", False)
    add(root, "isNavPersonalizationDisabled", False)
    add(root, "label", app.label)
    add(root, "navType", "Standard")
    for name in app.tabs:
        add(root, "tabs", name)
    add(root, "uiType", "Lightning")
    return root


def report_type(kind: ReportType) -> Element:
    """A report type over one object."""
    root = Element("ReportType")
    add(root, "baseObject", kind.object)
    add(root, "category", kind.category)
    add(root, "deployed", True)
    add(root, "description", kind.description)
    add(root, "label", kind.label)
    section = ElementTree.SubElement(root, "sections")
    for field, starts in kind.columns:
        entry = ElementTree.SubElement(section, "columns")
        add(entry, "checkedByDefault", starts)
        add(entry, "field", field)
        add(entry, "table", kind.object)
    add(section, "masterLabel", kind.section)
    return root
