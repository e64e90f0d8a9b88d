"""What to load, read from dbt's manifest.json: each mart with `meta.salesforce` is a step.

Objects, fields, keys, lookups and order are all data here; nothing below names one.
"""

import graphlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger import meta as words

BINARY = "Base64"


@dataclass(frozen=True)
class Field:
    """One public column of a mart: a header of the CSV, and what its YAML says of it."""

    column: str
    data_type: str
    description: str
    type: str | None = None
    label: str | None = None
    help: str | None = None
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    value_set: str | None = None
    from_data: bool = False
    restricted: bool = False
    required: bool = False
    hold: bool = False
    external_id: bool = False
    unique: bool = False
    lookup: str | None = None
    to: str | None = None
    on_delete: str | None = None
    relationship_name: str | None = None
    relationship_label: str | None = None
    access: str | None = None
    lock: bool = False
    create_only: bool = False
    sources: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    # A custom field of the practice's own, which stands in the mart's map `_custom`.
    of_practice: bool = False
    in_org: bool = False

    @property
    def is_custom(self) -> bool:
        """Whether the schema has to make it."""
        return self.api_name.endswith("__c") and not self.in_org

    @property
    def relationship(self) -> str | None:
        """The relationship of a lookup by external id, None for a plain field."""
        return self.column.partition(".")[0] if "." in self.column else None

    @property
    def api_name(self) -> str:
        """The field itself: `AccountId` of `Account.Key__c`, `Parent__c` of `Parent__r.Key__c`."""
        relationship = self.relationship
        if relationship is None:
            return self.column
        if relationship.endswith("__r"):
            return relationship.removesuffix("__r") + "__c"
        return relationship + "Id"


@dataclass(frozen=True)
class CustomObject:
    """How the schema makes a step's object, where it is a custom one."""

    label: str
    plural: str
    name_format: str | None
    sharing: str
    access: str | None
    description: str
    motif: str | None = None


@dataclass(frozen=True)
class ListViewSpec:
    """A list view a mart asks for: all records, or those of one value."""

    name: str
    label: str
    field: str | None = None
    operation: str | None = None
    value: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportTypeSpec:
    """A report type a mart asks for; `columns` are those a new report starts with."""

    name: str
    label: str
    description: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One mart and the object it goes into. `sample`: its records are what a sample picks."""

    name: str
    unique_id: str
    relation: str
    object: str
    operation: str
    external_id: str
    of: str | None
    fields: tuple[Field, ...]
    adopts: bool
    supersedes: str | None = None
    custom: CustomObject | None = None
    access: str | None = None
    list_views: tuple[ListViewSpec, ...] = ()
    report_types: tuple[ReportTypeSpec, ...] = ()
    sample: bool = False

    @property
    def is_update(self) -> bool:
        """Whether it changes another step's records instead of making its own."""
        return self.operation == "update"

    @property
    def binary(self) -> Field | None:
        """The field that holds a file's bytes, whose column holds the file's path."""
        return next((f for f in self.fields if f.type == BINARY), None)

    @property
    def lock(self) -> Field | None:
        """The lookup whose parent the org locks, by which rows are kept together."""
        return next((f for f in self.fields if f.lock), None)

    @property
    def parents(self) -> tuple[str, ...]:
        """The steps that must be in before this one."""
        found = [f.lookup for f in self.fields if f.lookup]
        return tuple(dict.fromkeys([*found, self.of] if self.of else found))


@dataclass(frozen=True)
class Remembered:
    """A mart whose pairs the manifest keeps once they are loaded."""

    what: str
    unique_id: str
    relation: str


@dataclass(frozen=True)
class Block:
    """A mart whose rows keep a command from working, unless its user says otherwise.

    `what` completes "12 …"; `amount` names the column that is added up; `action` is what to do
    instead; `unless` is the option that lets the command pass.
    """

    name: str
    unique_id: str
    relation: str
    blocks: str
    unless: str
    what: str
    action: str
    amount: str | None = None


@dataclass(frozen=True)
class Project:
    """What dbt's manifest.json says to the loader."""

    steps: tuple[Step, ...]
    remembered: tuple[Remembered, ...]
    blocks: tuple[Block, ...]
    nodes: dict[str, Any]

    def step(self, name: str) -> Step:
        """The step of that name. Raises UserError, naming those there are."""
        for step in self.steps:
            if step.name == name:
                return step
        known = ", ".join(s.name for s in self.steps)
        raise UserError(f"There is no step {name}.", f"Steps: {known}", Exit.USAGE)


def read_project(manifest: Path) -> Project:
    """The steps in load order.

    Raises UserError where dbt has not run, or the marts' metadata does not make a load.
    """
    if not manifest.exists():
        raise UserError(
            f"dbt has not run here: {manifest} does not exist.",
            "Run `dbt build` first.",
            Exit.BLOCKED,
        )
    document = json.loads(manifest.read_text(encoding="utf-8"))
    models = [n for n in document["nodes"].values() if n["resource_type"] == "model"]
    steps = [_step(m) for m in models if "salesforce" in _meta(m)]
    return Project(
        steps=_in_order(steps),
        remembered=tuple(_remembered(m) for m in models if "remember" in own_words(m)),
        blocks=tuple(_block(m) for m in models if "blocks" in own_words(m)),
        nodes=document["nodes"],
    )


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return found


def own_words(node: dict[str, Any]) -> dict[str, Any]:
    """What a node says under `meta.bridgework`."""
    found: dict[str, Any] = _meta(node).get("bridgework", {})
    return found


def _remembered(model: dict[str, Any]) -> Remembered:
    return Remembered(own_words(model)["remember"], str(model["unique_id"]), relation_of(model))


def _block(model: dict[str, Any]) -> Block:
    where = f"{model['name']}: meta.bridgework"
    said = words.checked(where, own_words(model), words.BLOCK, ("unless", "what", "action"))
    return Block(
        name=str(model["name"]),
        unique_id=str(model["unique_id"]),
        relation=relation_of(model),
        **said,
    )


def relation_of(model: dict[str, Any]) -> str:
    """A model's table, quoted, without its database."""
    parts = (model["schema"], model.get("alias") or model["name"])
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _step(model: dict[str, Any]) -> Step:
    name = str(model["name"])
    where = f"{name}: meta.salesforce"
    meta = words.checked(
        where, _meta(model)["salesforce"], words.STEP, ("object", "operation", "external_id")
    )
    if meta["operation"] not in ("upsert", "update"):
        raise UserError(
            f"{name}: there is no operation {meta['operation']}.", "Write upsert or update."
        )
    if meta["operation"] == "update" and "of" not in meta:
        raise UserError(f"{name}: an update step must say whose records it changes.", "Add `of:`.")
    columns = model["columns"]
    fields = tuple(_field(name, c) for c in columns.values() if not c["name"].startswith("_"))
    if meta["external_id"] not in {f.column for f in fields}:
        raise UserError(f"{name}: no column {meta['external_id']}, its key.", "Add the column.")
    views = words.each(
        f"{where}.list_views", meta.get("list_views"), words.LIST_VIEW, ("name", "label")
    )
    reports = words.each(
        f"{where}.report_types", meta.get("report_types"), words.REPORT_TYPE, ("name", "label")
    )
    return Step(
        name=name,
        unique_id=str(model["unique_id"]),
        relation=relation_of(model),
        object=meta["object"],
        operation=meta["operation"],
        external_id=meta["external_id"],
        of=meta.get("of"),
        fields=fields,
        adopts="_adopt_id" in columns,
        supersedes=_superseded(name, meta, columns),
        # What a row stands for in the source is for those who read the models.
        custom=_custom(name, meta, str(model.get("description") or "").partition(" Grain: ")[0]),
        access=meta.get("access"),
        list_views=tuple(ListViewSpec(**_tupled(v)) for v in views),
        report_types=tuple(ReportTypeSpec(**_tupled(r)) for r in reports),
        sample=bool(meta.get("sample")),
    )


def _superseded(step: str, meta: dict[str, Any], columns: dict[str, Any]) -> str | None:
    superseded: str | None = meta.get("supersedes")
    if (superseded is not None) != ("_supersedes" in columns):
        raise UserError(
            f"{step}: `supersedes:` and the column _supersedes belong together.",
            "Name the step there, and in each row the key its record had in it.",
        )
    return superseded


def _tupled(said: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(str(i) for i in v) if isinstance(v, list) else v for k, v in said.items()}


def _custom(step: str, meta: dict[str, Any], description: str) -> CustomObject | None:
    is_update = meta["operation"] == "update"
    if not meta["object"].endswith("__c") or is_update:
        for key in ("label", "plural", "name_format", "sharing", "motif"):
            if key in meta:
                whose = "an update step" if is_update else f"the platform's own {meta['object']}"
                raise UserError(
                    f"{step}: meta.salesforce: `{key}` of {whose} is not ours to set.",
                    "Take it out: only a custom object's first step says how it is made.",
                )
        return None
    label = meta.get("label") or _words(meta["object"])
    return CustomObject(
        label=label,
        plural=meta.get("plural") or f"{label}s",
        name_format=meta.get("name_format"),
        sharing=meta.get("sharing") or "Private",
        access=meta.get("access"),
        description=description,
        motif=meta.get("motif"),
    )


def _words(api_name: str) -> str:
    return api_name.removesuffix("__c").replace("_", " ")


def _field(step: str, column: dict[str, Any]) -> Field:
    meta = _meta(column).get("salesforce")
    name = str(column["name"])
    if meta is None:
        raise UserError(
            f"{step}: column {name} has no meta.salesforce.",
            "Describe it, or let its name begin with _ where it is not to be sent.",
        )
    return Field(
        column=name,
        data_type=str(column.get("data_type") or "varchar"),
        description=str(column.get("description") or ""),
        sources=tuple(str(source) for source in _meta(column).get("source") or ()),
        decided_by=tuple(str(source) for source in _meta(column).get("decided_by") or ()),
        **_tupled(words.checked(f"{step}.{name}: meta.salesforce", meta, words.COLUMN)),
    )


def _in_order(steps: list[Step]) -> tuple[Step, ...]:
    """Parents before children. Among equals, in the order of their names, so that it never
    differs between two runs."""
    by_name = {step.name: step for step in sorted(steps, key=lambda s: s.name)}
    graph: dict[str, set[str]] = {}
    for step in by_name.values():
        for parent in step.parents:
            if parent not in by_name:
                raise UserError(
                    f"{step.name} looks up {parent}, which is no load step.",
                    "Name a mart with meta.salesforce.",
                )
        if step.supersedes is not None and step.supersedes not in by_name:
            raise UserError(
                f"{step.name} supersedes {step.supersedes}, which is no load step.",
                "Name a mart with meta.salesforce.",
            )
        graph[step.name] = set(step.parents)
    sorter = graphlib.TopologicalSorter(graph)
    ordered: list[str] = []
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(error.args[1])
        raise UserError(
            f"These steps wait for each other: {circle}.",
            "Move one lookup into an update step (`operation: update`, `of:`).",
        ) from None
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return tuple(by_name[name] for name in ordered)
