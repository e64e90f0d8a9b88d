"""The field map as rows for people: each field of each step, what it is made of, and an example.

Read from dbt's manifest and `examples.csv` beside this file: it needs no sqlglot and no warehouse.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from loaders.salesforce.ledger.steps import BINARY, Field, Step

EXAMPLES = Path(__file__).resolve().parent / "examples.csv"
"""Made-up values: of the demo, by step and column. `python -m demo.examples` writes it."""


@dataclass(frozen=True)
class Example:
    """One record's value as it is sent, and what its source columns said, both shortened.

    `source` is empty where the record's own lines say nothing of it.
    """

    source: str
    value: str

    def __str__(self) -> str:
        if self.source in ("", self.value):
            return self.value
        return f"{self.source} → {self.value}"


@dataclass(frozen=True)
class FieldRow:
    """One field of one step.

    `field` is the mart's column (`Account.Migration_Key__c`), `api_name` the field it fills
    (`AccountId`). `sources` may arrive in it, `decided_by` only decides what does; both are columns
    such as `dentrix.patient.lastname`. `rule` says in words what is done. `example` is None where
    the demo has no value.
    """

    step: str
    object: str
    field: str
    api_name: str
    type: str
    sources: tuple[str, ...]
    decided_by: tuple[str, ...]
    rule: str
    example: Example | None


def field_rows(steps: Iterable[Step]) -> list[FieldRow]:
    """The rows, in the order of the steps and of their own columns."""
    examples = read_examples()
    return [
        FieldRow(
            step=step.name,
            object=step.object,
            field=field.column,
            api_name=field.api_name,
            type=_type(field),
            sources=field.sources,
            decided_by=field.decided_by,
            rule=" ".join(field.description.split()),
            example=examples.get((step.name, field.column)),
        )
        for step in steps
        for field in step.fields
    ]


def read_examples(file: Path = EXAMPLES) -> dict[tuple[str, str], Example]:
    """The examples by step and column."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            (row["step"], row["field"]): Example(row["source"], row["value"])
            for row in csv.DictReader(lines)
        }


def _type(field: Field) -> str:
    """A field's type with its room: `Text (40)`, `Currency (16, 2)`, `Lookup`."""
    if field.relationship or field.to:
        return "Lookup"
    if field.type == BINARY:
        return "File"
    kind = field.type or field.data_type
    if field.length:
        return f"{kind} ({field.length:,})"
    if field.precision is not None:
        return f"{kind} ({field.precision}, {field.scale or 0})"
    return kind
