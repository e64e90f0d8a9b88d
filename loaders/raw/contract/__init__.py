"""The export contract as data: which tables there are, their keys, columns and other names."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loaders.raw.contract.names import plain

FOLDER = Path(__file__).resolve().parent

# What every landed row carries beside its own columns.
METADATA: tuple[tuple[str, str], ...] = (
    ("_extra", "MAP(VARCHAR, VARCHAR)"),
    ("_practice", "VARCHAR"),
    ("_file", "VARCHAR"),
    ("_line", "BIGINT"),
    ("_set", "VARCHAR"),
    ("_landed_at", "VARCHAR"),
)

# The products this version lands; the contract of each is `<system>_<product>.yml`.
PRODUCTS: tuple[tuple[str, str], ...] = (
    ("dentrix", "g_series"),
    ("dentrix", "ascend"),
    ("dental_exec", "dental_exec"),
)


@dataclass(frozen=True)
class Table:
    """One table of a source: its schema in raw/, and how its files are recognised."""

    name: str
    schema: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ()
    # Parts of the key that say something where they are blank.
    blank_key_parts: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    file_names: frozenset[str] = frozenset()
    spellings: dict[str, str] = field(default_factory=dict)
    # Whether a record may be longer than one of text alone is: documents stand in its cells.
    long_records: bool = False

    def named(self, told: Mapping[str, str]) -> "Table":
        """The table in an export that names columns its own way: `told` maps plain names to them.

        What it names by another word does not go by its own name or alias any more.
        """
        columns = set(told.values())
        kept = {name: column for name, column in self.spellings.items() if column not in columns}
        return replace(self, spellings=kept | dict(told))


@dataclass(frozen=True)
class Contract:
    """All tables of one system and product, and the folder of raw/ they land in."""

    system: str
    product: str
    folder: str
    tables: dict[str, Table]
    # What landing makes of the tables' rows; no file holds it.
    derived: dict[str, Table] = field(default_factory=dict)


@cache
def product_contract(system: str, product: str) -> Contract:
    """The contract of a source product, such as Dentrix G-series."""
    document = _read(f"{system}_{product}.yml")
    tables = {name: _source_table(name, spec) for name, spec in document["tables"].items()}
    derived = {
        name: Table(name, tuple(spec["columns"].items()))
        for name, spec in document.get("derived", {}).items()
    }
    return Contract(system, product, document["folder"], tables, derived)


@cache
def all_tables() -> dict[tuple[str, str], Table]:
    """Every table a generation holds, by folder and name."""
    tables: dict[tuple[str, str], Table] = {}
    for system, product in PRODUCTS:
        contract = product_contract(system, product)
        for name, table in (contract.tables | contract.derived).items():
            tables[contract.folder, name] = table
    for own in ("salesforce", "migration"):
        for name, spec in _read(f"{own}.yml")["tables"].items():
            tables[own, name] = Table(name, tuple(spec["columns"].items()))
    return tables


@cache
def contract_id() -> str:
    """Identifies all tables' schemas: a generation of another one must be brought up to date."""
    schemas = sorted((system, name, table.schema) for (system, name), table in all_tables().items())
    return hashlib.sha256(repr(schemas).encode()).hexdigest()[:16]


def _read(file: str) -> dict[str, Any]:
    text = (FOLDER / file).read_text(encoding="utf-8")
    # libyaml's loader is as safe and ten times as fast, where PyYAML was built with it.
    document: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return document


def _source_table(name: str, spec: dict[str, Any]) -> Table:
    columns = tuple(spec["columns"])
    spellings = {plain(alias): c for c, also in spec.get("aliases", {}).items() for alias in also}
    # A column's own name beats another column's alias.
    spellings |= {plain(column): column for column in columns}
    return Table(
        name=name,
        schema=(*((column, "VARCHAR") for column in columns), *METADATA),
        key=tuple(spec["key"]),
        blank_key_parts=frozenset(spec.get("blank_key_parts", [])),
        long_records=bool(spec.get("long_records", False)),
        columns=columns,
        file_names=frozenset(plain(n) for n in (name, *spec.get("files", []))),
        spellings=spellings,
    )
