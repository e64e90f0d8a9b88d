"""Records as they would be saved: what is stored with what was given laid over it.

Rules that look at several fields at once read the temporary table `whole`. It has a row for each
row without an error so far, and per field three columns: `"X"` as it would be saved, `"was X"` as
it is stored (NULL for a new record) and `"given X"`. What a rule works out goes to the temporary
table `derived`, which the insert and the update take before what was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from local_org.records.columns import Column
from local_org.schema.model import Field, SObject
from local_org.store import literal

NAME = re.compile(r"\w+")
NOW = "date_trunc('second', now()::timestamp)"


@dataclass(frozen=True)
class Rules:
    """What Salesforce works out and refuses by itself, as SQL over `whole w`.

    `needs` are the fields it reads; `steps` name expressions that later ones may use; `values`
    are the fields it sets; `arms` are the errors, first come first served.
    """

    needs: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    arms: tuple[str, ...] = ()


def together(parts: Iterable[Rules]) -> Rules:
    """Give several sets of rules as one."""
    each = list(parts)
    return Rules(
        needs=tuple(dict.fromkeys(name for part in each for name in part.needs)),
        joins=tuple(join for part in each for join in part.joins),
        steps=tuple(step for part in each for step in part.steps),
        values={name: sql for part in each for name, sql in part.values.items()},
        arms=tuple(arm for part in each for arm in part.arms),
    )


def default_sql(item: Field, user: str) -> str:
    """Give SQL for what a field holds in a new record that does not set it."""
    if item.name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        return NOW
    if item.name in ("CreatedById", "LastModifiedById", "OwnerId"):
        return literal(user)
    if item.type == "boolean":
        return "true" if item.default == "true" or item.name == "IsActive" else "false"
    return literal(item.default) if item.default and item.defaulted else "null"


def fresh_sql(item: Field, column: Column | None, fallback: str) -> str:
    """Give SQL over `resolved r` for a field of a new record."""
    if column is None:
        return fallback
    given = f"r.v{column.place}"
    if fallback == "null":
        return given
    # A field that must hold something takes its default even where it was cleared.
    kept = given if item.nillable else f"coalesce({given}, {fallback})"
    return f"case when r.g{column.place} then {kept} else {fallback} end"


def stand(
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    columns: Iterable[Column],
    names: Iterable[str],
    user: str,
) -> None:
    """Make table `whole` with these fields of the object."""
    given = {each.field.name: each for each in columns}
    parts = ["r._row", "r._target", "r._id"]
    for name in dict.fromkeys(names):
        item = target.field(name)
        if item is None or not item.stored:
            continue
        column = given.get(item.name)
        stored = f't."{item.name}"'
        fresh = fresh_sql(item, column, default_sql(item, user))
        known = (
            f"case when r.g{column.place} then r.v{column.place} else {stored} end"
            if column
            else stored
        )
        kind = item.stored_as
        parts.append(
            f'(case when r._target is null then {fresh} else {known} end)::{kind} as "{item.name}"'
        )
        parts.append(f'{stored} as "was {item.name}"')
        parts.append(f'{f"r.g{column.place}" if column else "false"} as "given {item.name}"')
    cursor.execute("drop table if exists whole")
    cursor.execute(
        f"create temp table whole as select {', '.join(parts)} from resolved r "
        f'left join {target.table} t on t."Id" = r._target where r._error is null'
    )


def derive(cursor: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Make table `derived`, lay it over `whole`, and note the errors in `resolved`."""
    names = [f'"{name}"' for name in rules.values]
    values = "".join(f', {sql} as "set {name}"' for name, sql in rules.values.items())
    error = f"case {' '.join(rules.arms)} end" if rules.arms else "null::varchar"
    cursor.execute("drop table if exists derived")
    cursor.execute(
        f"""create temp table derived as select _row, _error
            {"".join(f', "set {name[1:-1]}" as {name}' for name in names)}
        from (select w._row{values}, {error} as _error
            from {_stepped(rules.steps)} w {" ".join(rules.joins)})"""
    )
    if names:
        replaced = ", ".join(f"d.{name} as {name}" for name in names)
        cursor.execute(
            f"""create or replace temp table whole as
            select w.* replace ({replaced}) from whole w join derived d using (_row)"""
        )
    cursor.execute(
        """update resolved r set _error = d._error from derived d
        where d._row = r._row and d._error is not null"""
    )
    cursor.execute("delete from whole where _row in (select _row from derived where _error <> '')")


def _stepped(steps: Iterable[tuple[str, str]]) -> str:
    """Give `whole` with the steps as columns, those that use others in a select around these:
    within one, DuckDB would put the whole of a step in the place of each of its names."""
    source, level = "whole", dict[str, str]()
    for name, sql in steps:
        if level.keys() & set(NAME.findall(sql)):
            source, level = _with(source, level), {}
        level[name] = sql
    return _with(source, level) if level else source


def _with(source: str, level: Mapping[str, str]) -> str:
    listed = ", ".join(f"{sql} as {name}" for name, sql in level.items())
    return f"(select w.*, {listed} from {source} w)"
