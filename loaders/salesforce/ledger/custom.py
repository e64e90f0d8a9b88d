"""Custom fields of a practice's own, confirmed and landed: columns of a mart like any other to all
that load, though the mart holds them in one map, `_custom`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Field, Project, Step

_DATA_TYPES = {
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "timestamp",
    "Number": "decimal",
    "Currency": "decimal",
    "Percent": "decimal",
}


def with_custom_fields(project: Project, raw_current: Path) -> Project:
    """The project with the fields that are landed with the data in `raw_current`."""
    found = _landed(raw_current)
    steps = tuple(replace(s, fields=(*s.fields, *found.get(s.name, ()))) for s in project.steps)
    return replace(project, steps=steps)


def _landed(raw_current: Path) -> dict[str, list[Field]]:
    files = sorted((raw_current / "migration" / "custom_fields").glob("*.parquet"))
    found: dict[str, list[Field]] = {}
    if not files:
        return found
    with duckdb.connect() as con:
        result = con.execute(
            "select * from read_parquet(?) order by step, api_name", [[str(f) for f in files]]
        )
        columns = [d[0] for d in result.description or ()]
        for row in result.fetchall():
            said = dict(zip(columns, row, strict=True))
            found.setdefault(said["step"], []).append(_field(said))
    return found


def _field(said: dict[str, Any]) -> Field:
    table = "custom_fields" if said["long_form"] else said["table_name"]
    return Field(
        column=said["api_name"],
        data_type=_DATA_TYPES.get(said["type"], "varchar"),
        description=said["description"],
        type=said["type"],
        label=said["label"],
        length=said["length"],
        precision=said["precision"],
        scale=said["scale"],
        values=tuple(json.loads(said["picklist_values"])),
        restricted=said["restricted"],
        sources=(f"{said['folder']}.{table}.{said['field_name']}",),
        of_practice=True,
        in_org=said["in_org"],
    )


def spreads(step: Step) -> bool:
    """Whether the step has such fields."""
    return any(f.of_practice for f in step.fields)


def spread(step: Step, mart: str) -> str:
    """A query of the mart's rows with each of them as a column of its type."""
    own = [f for f in step.fields if f.of_practice]
    columns = ", ".join(f"{_cell(f)} as {name(f.column)}" for f in own)
    # The mart hashes the map's text; what type and scale make of it counts too.
    typed = ", ".join(f"({_cell(f)})::varchar" for f in own)
    hashed = f"md5(concat_ws(chr(31), _row_hash, {typed}))"
    changed = f"case when _custom is null then _row_hash else {hashed} end"
    return f"select * replace ({changed} as _row_hash), {columns} from {mart}"


def _cell(field: Field) -> str:
    value = f"_custom[{text(field.column)}]"
    if field.data_type == "boolean":
        # Salesforce knows no empty checkbox.
        return f"coalesce({value} = 'true', false)"
    if field.data_type == "decimal":
        return f"try_cast({value} as decimal({field.precision or 18}, {field.scale or 0}))"
    return value if field.data_type == "varchar" else f"try_cast({value} as {field.data_type})"
