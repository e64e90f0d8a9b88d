"""A run's plan: all it needs to send its frozen rows, kept beside them so that a resume needs
neither the warehouse nor dbt's manifest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger.steps import BINARY, Field, Step

_NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})


@dataclass(frozen=True)
class Column:
    """One column of the CSV: its name in the mart, its header, and the field it fills.

    `never_blank`: the org holds a value whatever we say, one of its own where we say none.
    `is_binary`: the column holds the path of a file. `lookup`: the step whose key it holds.
    `is_number`: JSON has it without quotes.
    """

    column: str
    header: str
    api_name: str
    is_boolean: bool
    create_only: bool
    never_blank: bool = False
    is_binary: bool = False
    lookup: str | None = None
    is_number: bool = False


@dataclass(frozen=True)
class StepPlan:
    """How one step's rows are sent."""

    name: str
    object: str
    operation: str
    external_id: str
    of: str | None
    columns: tuple[Column, ...]
    prefix: str = ""
    """What the Ids of the object's records begin with, where the org says so."""

    @property
    def is_update(self) -> bool:
        """Whether it changes another step's records."""
        return self.operation == "update"

    @property
    def sent(self) -> tuple[Column, ...]:
        """The columns of the CSV; an update by Id leaves the key alone."""
        if not self.is_update:
            return self.columns
        return tuple(c for c in self.columns if c.column != self.external_id)

    @property
    def binary(self) -> Column | None:
        """The column with the path of a file, where the step's rows are files."""
        return next((c for c in self.columns if c.is_binary), None)

    @property
    def splits(self) -> bool:
        """Whether new and known rows need jobs of their own."""
        return any(c.create_only for c in self.columns)


Describe = Mapping[str, Any]


def plan_step(step: Step, describe: Describe | None, objects: Mapping[str, str]) -> StepPlan:
    """A step's headers, as this org wants them. `objects` gives each step's object.

    Raises UserError (blocked) where the org lacks the object or a field, or this user may not
    write it.
    """
    if describe is None:
        raise UserError(
            f"{step.name}: the org has no object {step.object} that this user sees.",
            "Run `load-sf schema deploy` first.",
            Exit.BLOCKED,
        )
    known = {f["name"]: f for f in describe["fields"]}
    missing = [f.api_name for f in step.fields if f.api_name not in known]
    sent = [f for f in step.fields if not (step.is_update and f.column == step.external_id)]
    read_only = [
        f.api_name
        for f in sent
        if f.api_name in known and not _writable(known[f.api_name], step.is_update)
    ]
    if missing or read_only:
        what = f"has no {', '.join(missing)}" if missing else f"lets nobody write {read_only[0]}"
        raise UserError(
            f"{step.name}: {step.object} {what} as far as this user sees.",
            "Run `load-sf schema deploy`: it makes the fields and grants them to this user.",
            Exit.BLOCKED,
        )
    return StepPlan(
        name=step.name,
        object=step.object,
        operation=step.operation,
        external_id=step.external_id,
        of=step.of,
        columns=tuple(_column(f, known, objects) for f in step.fields),
        prefix=str(describe.get("keyPrefix") or ""),
    )


def _writable(field: Mapping[str, Any], is_update: bool) -> bool:
    return bool(field["updateable"] or (field["createable"] and not is_update))


def _column(field: Field, known: Mapping[str, Any], objects: Mapping[str, str]) -> Column:
    variant = coded(field.column, known)
    api_name = variant if field.relationship is None else field.api_name
    described = known[api_name]
    header = variant
    if field.relationship and len(described.get("referenceTo") or ()) > 1:
        # A type is needed where, and only where, the lookup has several in this very org:
        # [Bulk API 2.0 Developer Guide, "Relationship Fields in a Header Row"].
        header = f"{objects[field.lookup or '']}:{field.column}"
    return Column(
        column=field.column,
        header=header,
        api_name=api_name,
        is_boolean=field.data_type.lower() == "boolean",
        create_only=field.create_only or not described["updateable"],
        never_blank=not described["nillable"] and described["type"] != "boolean",
        is_binary=field.type == BINARY,
        lookup=field.lookup,
        is_number=described["type"] in _NUMBERS,
    )


def coded(column: str, known: Mapping[str, Any]) -> str:
    """The field a column goes to: where the org has state and country picklists, the plain
    address fields take labels and their `…Code` siblings take codes, which marts hold."""
    if column.endswith(("State", "Country")) and f"{column}Code" in known:
        return f"{column}Code"
    return column


def write_plan(plans: tuple[StepPlan, ...], file: Path) -> None:
    """Writes a run's plan."""
    document = [asdict(plan) for plan in plans]
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_plan(file: Path) -> tuple[StepPlan, ...]:
    """Reads a run's plan back."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        StepPlan(**(step | {"columns": tuple(Column(**c) for c in step["columns"])}))
        for step in document
    )
