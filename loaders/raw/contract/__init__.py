"""The export contract as data: which tables there are, their keys, columns and other names."""

import hashlib
from dataclasses import dataclass, field
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
PRODUCTS: tuple[tuple[str, str], ...] = (("dentrix", "g_series"), ("dentrix", "ascend"))


@dataclass(frozen=True)
class Table:
    """One table of a source: its schema in raw/, and how its files are recognised."""

    name: str
    schema: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    file_names: frozenset[str] = frozenset()
    spellings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """All tables of one system and product, and the folder of raw/ they land in."""

    system: str
    product: str
    folder: str
    tables: dict[str, Table]


@cache
def product_contract(system: str, product: str) -> Contract:
    """The contract of a source product, such as Dentrix G-series."""
    document = _read(f"{system}_{product}.yml")
    tables = {name: _source_table(name, spec) for name, spec in document["tables"].items()}
    return Contract(system, product, document["folder"], tables)


@cache
def all_tables() -> dict[tuple[str, str], Table]:
    """Every table a generation holds, by folder and name."""
    tables: dict[tuple[str, str], Table] = {}
    for system, product in PRODUCTS:
        contract = product_contract(system, product)
        for name, table in contract.tables.items():
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
        columns=columns,
        file_names=frozenset(plain(n) for n in (name, *spec.get("files", []))),
        spellings=spellings,
    )
