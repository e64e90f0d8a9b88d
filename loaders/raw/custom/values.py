"""What the data holds for confirmed fields, as `migration.custom_values`: one row per record and
field that has something, raw text, with the file and line it stands in."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders.home import Home
from loaders.raw import audit
from loaders.raw.contract import PRODUCTS, Table, product_contract
from loaders.raw.custom.decisions import LONG_FORM
from loaders.raw.landing import Generation
from loaders.raw.sql import key_text, name, text

_TABLES = Path(__file__).with_name("tables.yml")


@cache
def destinations() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """By folder and table: the step, object and kind of key that its rows become."""
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(
        _TABLES.read_text(encoding="utf-8")
    )
    return found


@cache
def tables_of(folder: str) -> Mapping[str, Table]:
    """A folder's tables of the contract."""
    contracts = [product_contract(system, product) for system, product in PRODUCTS]
    return next(c.tables for c in contracts if c.folder == folder)


def key_of(folder: str, table: str) -> str:
    """SQL of a row's id, as its record's key has it."""
    parts = [f"nullif({key_text(name(c))}, '')" for c in tables_of(folder)[table].key]
    return " || '-' || ".join(parts)


def write_values(
    con: duckdb.DuckDBPyConnection, new: Generation, fields: Sequence[Mapping[str, Any]]
) -> None:
    """Writes what the new generation's rows hold for confirmed fields, for all practices anew."""
    target = new.table("migration", "custom_values") / "values.parquet"
    parts = [part for field in fields if (part := _values(new, field))]
    if parts:
        con.execute(f"copy ({' union all '.join(parts)}) to {text(target)} (format parquet)")


def write_fields(
    con: duckdb.DuckDBPyConnection, new: Generation, fields: Sequence[Mapping[str, Any]]
) -> None:
    """Writes the confirmed fields, rows of `migration.custom_fields`, in the contract's order."""
    target = new.folder("migration", "custom_fields") / "fields.parquet"
    audit.write_rows(con, target, "custom_fields", [tuple(f.values()) for f in fields])


def landed_fields(con: duckdb.DuckDBPyConnection, home: Home) -> list[dict[str, Any]]:
    """The confirmed fields of the current generation."""
    return audit.read_rows(con, home, "custom_fields")


def _values(new: Generation, field: Mapping[str, Any]) -> str | None:
    folder, table, label = field["folder"], field["table_name"], text(field["field_name"])
    kind = destinations()[folder][table]["kind"]
    source = LONG_FORM if field["long_form"] else table
    files = new.folder(folder, source)
    if not files.is_dir():
        return None
    if field["long_form"]:
        value, key = "value", key_text("entity_id")
        where = (
            f"lower({key_text('entity')}) = {text(table)} and {key_text('field_name')} = {label}"
        )
    else:
        value, key, where = f"_extra[{label}]", key_of(folder, table), "true"
    # The table's key tells `Patient` from `patient`; of both, what landed last counts.
    last = (
        f" qualify row_number() over (partition by _practice, {key}"
        " order by _landed_at desc, _file desc, _line desc) = 1"
        if field["long_form"]
        else ""
    )
    return (
        f"select _practice as practice, {text(field['step'])} as step,"
        f" _practice || {text(f':{kind}:')} || {key} as key, {text(field['api_name'])} as api_name,"
        f" trim({value}) as value, _file as file, _line as line"
        f" from read_parquet({text(files / '*.parquet')})"
        f" where {where} and trim({value}) <> '' and {key} <> ''{last}"
    )
