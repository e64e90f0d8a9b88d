"""Objects and fields as plain facts. Names are Salesforce's; lookups ignore case as it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# How a field of each describe type is stored. Numbers are doubles, as Salesforce's are.
STORED_AS = {
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "double": "DOUBLE",
    "currency": "DOUBLE",
    "percent": "DOUBLE",
    "int": "BIGINT",
}
# Standard objects whose records take data storage: setup and files take none.
STORED = ("Account", "Contact", "Lead", "Event", "Task", "Opportunity")
NUMBERS = {"double", "currency", "percent", "int"}
COMPOUND = {"address", "location"}


@dataclass(frozen=True)
class Field:
    """One field, in the words of a describe. `formula` is SQL over the object's own columns.

    `labels` are those of `values`, in their order; where there are none a value is its own label.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = False
    createable: bool = False
    updateable: bool = False
    defaulted: bool = False
    id_lookup: bool = False
    restricted: bool = False
    name_field: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    values: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    value_set: str | None = None
    default: str | None = None
    formula: str | None = None
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    auto_number: str | None = None
    on_delete: str = "SetNull"
    child_relationship: str | None = None
    html: bool = False
    metadata_type: str | None = None
    must: bool = False

    @property
    def stored_as(self) -> str:
        """The DuckDB type of the column behind it."""
        return STORED_AS.get(self.type, "VARCHAR")

    @property
    def stored(self) -> bool:
        """Whether a column stands behind it at all."""
        return self.formula is None and self.type not in COMPOUND

    @property
    def polymorphic(self) -> bool:
        """Whether a header must name the object: so wherever it may refer to more than one."""
        return len(self.reference_to) > 1

    @property
    def key(self) -> bool:
        """Whether rows can be found by it: an external id, an idLookup field or the Id."""
        return self.external_id or self.id_lookup

    @property
    def required(self) -> bool:
        """Whether a new record needs a value for it."""
        needed = not self.nillable and not self.defaulted and self.type != "boolean"
        return needed or self.must


@dataclass(frozen=True)
class SObject:
    """One object: its fields in order, and what may be done with it."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    bulk: bool = True
    activities: bool = False
    unique_together: tuple[str, ...] = ()
    sharing: str = "ReadWrite"
    _by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    _by_relationship: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {each.name.lower(): each for each in self.fields}
        relations = {each.relationship.lower(): each for each in self.fields if each.relationship}
        object.__setattr__(self, "_by_name", names)
        object.__setattr__(self, "_by_relationship", relations)

    def field(self, name: str) -> Field | None:
        """Give the field of that name, whatever its case."""
        return self._by_name.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """Give the lookup whose parent path is `name` (`Account`, `Guarantor__r`)."""
        return self._by_relationship.get(name.lower())

    @property
    def table(self) -> str:
        """The table that holds its records, quoted."""
        return f'data."{self.name}"'

    @property
    def takes_storage(self) -> bool:
        """Whether its records count as data storage."""
        return self.custom or self.name in STORED

    @property
    def keeps_deleted(self) -> bool:
        """Whether deleted records stay in a recycle bin."""
        return self.field("IsDeleted") is not None


@dataclass(frozen=True)
class Schema:
    """Every object of the org at one moment."""

    objects: Mapping[str, SObject]
    value_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, name: str) -> SObject | None:
        """Give the object of that name, whatever its case."""
        return self.objects.get(name.lower())

    def by_prefix(self, prefix: str) -> SObject | None:
        """Give the object whose ids begin so."""
        return next((each for each in self.objects.values() if each.prefix == prefix), None)

    def children(self, parent: str) -> Iterable[tuple[SObject, Field]]:
        """Give every lookup that may point at `parent`, with the object it stands on."""
        for each in self.objects.values():
            for lookup in each.fields:
                if parent in lookup.reference_to:
                    yield each, lookup


def field_to_json(item: Field) -> dict[str, Any]:
    """Give what is worth keeping of a deployed field: everything that is not the default."""
    plain = Field("", "", "")
    return {
        name: value
        for name, value in asdict(item).items()
        if value != getattr(plain, name) or name in ("name", "label", "type")
    }


def field_from_json(data: Mapping[str, Any]) -> Field:
    """Give the field that `field_to_json` wrote."""
    listed = {
        name: tuple(data[name]) for name in ("reference_to", "values", "labels") if name in data
    }
    return Field(**{**data, **listed})
