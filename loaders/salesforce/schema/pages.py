"""What an admin finds after the load, derived from the same YAML: list views, compact layouts,
page layouts with their related lists, tabs, an app and report types."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loaders.salesforce.ledger.steps import CustomObject, ListViewSpec, ReportTypeSpec, Step
from loaders.salesforce.schema import checks
from loaders.salesforce.schema.platform import PLATFORM

if TYPE_CHECKING:
    from loaders.salesforce.schema.model import SchemaField, SchemaObject

_LONG = "LongTextArea"


@dataclass(frozen=True)
class ListView:
    """A list view of an object: columns, and at most one filter."""

    object: str
    name: str
    label: str
    columns: tuple[str, ...]
    filter: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class CompactLayout:
    """The fields on top of a record's page."""

    object: str
    name: str
    label: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A field on a page."""

    field: str
    behavior: str


@dataclass(frozen=True)
class Section:
    """A part of a page: two columns, or one that takes the whole width."""

    label: str
    left: tuple[Item, ...]
    right: tuple[Item, ...] | None


@dataclass(frozen=True)
class RelatedList:
    """Records that belong to the one on the page."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """A page layout."""

    object: str
    label: str
    sections: tuple[Section, ...]
    related: tuple[RelatedList, ...]

    @property
    def name(self) -> str:
        """As the Metadata API names it."""
        return f"{self.object}-{self.label}"


@dataclass(frozen=True)
class Tab:
    """A custom object's tab."""

    object: str
    motif: str


@dataclass(frozen=True)
class App:
    """A Lightning app."""

    name: str
    label: str
    description: str
    tabs: tuple[str, ...]


@dataclass(frozen=True)
class ReportType:
    """A kind of report: an object's fields, those a new report starts with marked."""

    name: str
    label: str
    description: str
    object: str
    category: str
    section: str
    columns: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Pages:
    """All of it."""

    list_views: tuple[ListView, ...]
    compact_layouts: tuple[CompactLayout, ...]
    layouts: tuple[Layout, ...]
    tabs: tuple[Tab, ...]
    app: App
    report_types: tuple[ReportType, ...]


def derive(objects: tuple[SchemaObject, ...], steps: tuple[Step, ...]) -> Pages:
    """The pages of these objects. Raises UserError where a mart asks for what cannot be."""
    custom = tuple(o for o in objects if o.custom)
    used = sorted({s.object for s in steps})
    tabs = tuple(Tab(o.api_name, _motif(o.api_name, o.custom)) for o in custom if o.custom)
    app = PLATFORM["app"]
    standard = [PLATFORM["standard_tabs"][o] for o in used if o in PLATFORM["standard_tabs"]]
    return Pages(
        list_views=_list_views(objects, steps),
        compact_layouts=tuple(_compact(o, o.custom) for o in custom if o.custom),
        layouts=tuple(_layout(o, objects) for o in objects if _has_layout(o)),
        tabs=tabs,
        app=App(
            app["name"],
            app["label"],
            app["description"],
            (*app["first"], *standard, *(t.object for t in tabs), *app["last"]),
        ),
        report_types=_report_types(objects, steps),
    )


def _motif(api_name: str, custom: CustomObject) -> str:
    """An icon that stays the object's own whatever other objects join."""
    motifs: list[str] = PLATFORM["motifs"]
    if custom.motif is None:
        return motifs[zlib.crc32(api_name.encode()) % len(motifs)]
    if custom.motif not in motifs:
        checks.refuse(api_name, f"there is no motif {custom.motif}.", f"One of {motifs}.")
    return custom.motif


def _column(sobject: str, field: str) -> str | None:
    """What a field is called in lists; None where the platform gives it no name we know."""
    if field.endswith("__c"):
        return field
    kind = "custom" if sobject.endswith("__c") else sobject
    found: str | None = PLATFORM["columns"].get(kind, {}).get(field)
    return found


def _listed(obj: SchemaObject) -> list[SchemaField]:
    """The fields that fit into a list, keys left out: they tell people nothing."""
    unfit = PLATFORM["not_listed"]
    return [f for f in obj.in_order if f.type not in unfit and not f.unique]


def _list_views(objects: Iterable[SchemaObject], steps: Iterable[Step]) -> tuple[ListView, ...]:
    by_name = {o.api_name: o for o in objects}
    found: dict[tuple[str, str], ListView] = {}
    for step in steps:
        for spec in step.list_views:
            obj = by_name.get(step.object)
            where = f"{step.name}: list view {spec.name}"
            if obj is None or (obj.custom is None and step.object not in PLATFORM["columns"]):
                checks.refuse(where, f"{step.object} takes none from here.", "Take it out.")
            view = _asked_view(where, obj, spec)
            other = found.setdefault((step.object, view.name), view)
            if other != view:
                checks.refuse(where, "another mart has one of that name.", "Rename it.")
    for obj in by_name.values():
        if obj.custom:
            found.setdefault((obj.api_name, "All"), _all_view(obj, obj.custom))
            if not any(s.list_views for s in steps if s.object == obj.api_name):
                for view in _month_view(obj, obj.custom):
                    found[obj.api_name, view.name] = view
    return tuple(found[key] for key in sorted(found))


def _asked_view(where: str, obj: SchemaObject, spec: ListViewSpec) -> ListView:
    checks.check_name(where, spec.name, "list view name")
    checks.check_label(where, spec.label)
    chosen = spec.columns or ("Name", *(f.api_name for f in _listed(obj)))
    columns = [_need_column(where, obj, c) for c in chosen]
    condition = None
    if spec.field is not None:
        operations = PLATFORM["list_operations"]
        if spec.operation not in operations:
            checks.refuse(
                where, f"there is no operation {spec.operation}.", f"One of {operations}."
            )
        field = _need_column(where, obj, spec.field)
        condition = (field, spec.operation or "", spec.value or "")
    return ListView(obj.api_name, spec.name, spec.label, _some(columns, spec.columns), condition)


def _some(columns: list[str], asked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(columns if asked else columns[: PLATFORM["listed_columns"]])


def _need_column(where: str, obj: SchemaObject, field: str) -> str:
    known = {f.api_name for f in obj.fields}
    column = _column(obj.api_name, field)
    if column is None or (field.endswith("__c") and field not in known):
        checks.refuse(where, f"{obj.api_name} lists no {field}.", "Name a field of the mart.")
    return column


def _all_view(obj: SchemaObject, custom: CustomObject) -> ListView:
    return ListView(obj.api_name, "All", f"All {custom.plural}"[: checks.MAX_LABEL], _row(obj))


def _row(obj: SchemaObject) -> tuple[str, ...]:
    columns = ["NAME", *(f.api_name for f in _listed(obj))]
    return tuple(columns[: PLATFORM["listed_columns"]])


def _month_view(obj: SchemaObject, custom: CustomObject) -> tuple[ListView, ...]:
    """Where an object has a date: the records of this month by its first."""
    date = next((f for f in obj.in_order if f.type == "Date"), None)
    if date is None:
        return ()
    label = f"{date.label} This Month"[: checks.MAX_LABEL]
    columns = tuple(dict.fromkeys((*_row(obj)[:-1], date.api_name)))
    condition = (date.api_name, "equals", "THIS_MONTH")
    return (ListView(obj.api_name, "This_Month", label, columns, condition),)


def _compact(obj: SchemaObject, custom: CustomObject) -> CompactLayout:
    fields = ("Name", *(f.api_name for f in _listed(obj)))[: PLATFORM["compact_fields"]]
    name = f"{obj.api_name.removesuffix('__c')}_Summary"[: checks.MAX_NAME]
    return CompactLayout(obj.api_name, name, f"{custom.label} Summary"[: checks.MAX_LABEL], fields)


def _has_layout(obj: SchemaObject) -> bool:
    return obj.custom is not None or obj.api_name in PLATFORM["layouts"]


def _layout(obj: SchemaObject, objects: tuple[SchemaObject, ...]) -> Layout:
    standard = PLATFORM["layouts"].get(obj.api_name)
    ours = [f for f in obj.in_order if not f.unique]
    facts = [f for f in ours if f.type != _LONG]
    related = _related(obj, objects)
    if obj.custom:
        label = f"{obj.custom.label} Layout"
        links = [f for f in facts if f.type == "Lookup"]
        name = Item("Name", "Readonly" if obj.name_length is None else "Required")
        owner = Item("OwnerId", "Edit")
        sections = [
            _columns(obj.custom.label, [name, *map(_item, links), owner]),
            _columns("Details", [_item(f) for f in facts if f.type != "Lookup"]),
        ]
    else:
        label = standard["name"]
        sections = [_given(s) for s in standard["sections"]]
        sections.append(_columns(PLATFORM["app"]["label"], [_item(f) for f in facts]))
        related = [*(_listed_as(r) for r in standard["lists"]), *related]
    sections += [Section(f.label, (_item(f),), None) for f in ours if f.type == _LONG]
    system = [Item(f, "Readonly") for f in PLATFORM["layout_readonly"]]
    keys = [Item(f.api_name, "Readonly") for f in obj.in_order if f.unique]
    sections.append(_columns("System Information", [*system, *keys]))
    shown = tuple(s for s in sections if s.left)
    return Layout(obj.api_name, label, shown, tuple(related))


def _item(field: SchemaField) -> Item:
    return Item(field.api_name, "Required" if field.required else "Edit")


def _columns(label: str, items: list[Item]) -> Section:
    """Two columns read from left to right, as the YAML goes."""
    return Section(label, tuple(items[::2]), tuple(items[1::2]))


def _given(said: Mapping[str, Any]) -> Section:
    def items(names: list[str]) -> tuple[Item, ...]:
        required = PLATFORM["layout_required"]
        return tuple(Item(n, "Required" if n in required else "Edit") for n in names)

    if "full" in said:
        return Section(said["label"], items(said["full"]), None)
    return Section(said["label"], items(said["left"]), items(said["right"]))


def _listed_as(said: Mapping[str, Any]) -> RelatedList:
    return RelatedList(said["list"], tuple(said["fields"]))


def _related(obj: SchemaObject, objects: tuple[SchemaObject, ...]) -> list[RelatedList]:
    """The lists of everything of ours that looks this object up, then activities and files."""
    found = []
    for child in objects:
        # The activities of a record are on its page anyway, by the platform's own lists.
        if child.api_name in PLATFORM["hosts"].values() or (
            child.custom is None and child.api_name not in PLATFORM["columns"]
        ):
            continue
        for field in child.in_order:
            if field.reference_to == obj.api_name:
                columns = [_column(child.api_name, "Name")]
                columns += [f.api_name for f in _listed(child) if f != field]
                row = tuple(c for c in columns if c)[: PLATFORM["listed_columns"]]
                found.append(RelatedList(f"{child.api_name}.{field.api_name}", row))
    always = PLATFORM["related"]
    return found + [_listed_as(r) for r in (*always["activities"], *always["files"])]


def _report_types(objects: Iterable[SchemaObject], steps: Iterable[Step]) -> tuple[ReportType, ...]:
    by_name = {o.api_name: o for o in objects}
    found: dict[str, ReportType] = {}
    for step in steps:
        for spec in step.report_types:
            where = f"{step.name}: report type {spec.name}"
            obj = by_name.get(step.object)
            if obj is None:
                checks.refuse(where, f"there is none of {step.object}.", "Take it out.")
            made = _report_type(where, obj, spec)
            if found.setdefault(spec.name, made) != made:
                checks.refuse(where, "another mart has one of that name.", "Rename it.")
    return tuple(found[name] for name in sorted(found))


def _report_type(where: str, obj: SchemaObject, spec: ReportTypeSpec) -> ReportType:
    checks.check_name(where, spec.name, "report type name")
    checks.check_label(where, spec.label, 50)
    standard = ["Name"] if obj.custom else PLATFORM["report_fields"].get(obj.api_name, [])
    fields = [*standard, *obj.order]
    for column in spec.columns:
        if column not in fields:
            checks.refuse(where, f"{obj.api_name} has no {column}.", "Name a field of the mart.")
    starts = spec.columns or fields[: PLATFORM["listed_columns"]]
    return ReportType(
        name=spec.name,
        label=spec.label,
        description=" ".join(spec.description.split()) or spec.label,
        object=obj.api_name,
        category=PLATFORM["report_categories"].get(obj.api_name, "other"),
        section=obj.custom.plural if obj.custom else obj.api_name,
        columns=tuple((f, f in starts) for f in fields),
    )
