"""Saves a set of rows: one pass of SQL finds every error, one insert and one update follow.

The rows stand in the temporary table `staged` (`_row` from 1, `c0` … text; NULL = not given, the
null token = clear). What became of each goes to the temporary table `outcome` (`_row`, `id`,
`created`, `error`; an error as `values.problem` writes it).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from local_org.files.storage import STORAGE_LIMIT
from local_org.ids import id_sql
from local_org.records.checks import (
    column_arms,
    key_arms,
    match_join,
    parent_joins,
    required_arms,
    unique_statements,
    writable_arms,
)
from local_org.records.columns import Column
from local_org.records.values import clean_sql, parse_error_sql, problem, value_sql
from local_org.schema.model import Field, Schema, SObject
from local_org.store import literal, next_numbers

BATCH = 10_000
OUTCOME = "create temp table outcome (_row bigint, id varchar, created boolean, error varchar)"


@dataclass(frozen=True)
class Save:
    """What to do with the staged rows. `key` is the column that finds a record, if any."""

    schema: Schema
    target: SObject
    operation: str
    columns: tuple[Column, ...]
    key: Column | None
    null_token: str
    user: str
    pod: str
    full: bool = False

    @property
    def values(self) -> tuple[Column, ...]:
        """The columns that are written: all but an Id that only finds the record."""
        return tuple(each for each in self.columns if each.field.type != "id")


def save(cursor: duckdb.DuckDBPyConnection, request: Save) -> None:
    """Save what is staged. Rows that share a key across batches go one batch after the other."""
    cursor.execute("drop table if exists outcome")
    cursor.execute(OUTCOME)
    for wave in range(_waves(cursor, request)):
        _resolve(cursor, request, wave)
        for statement in unique_statements(request.target, request.values, request.key):
            cursor.execute(statement)
        _apply(cursor, request)


def _key_text(request: Save) -> str:
    assert request.key is not None
    text = clean_sql(f"c{request.key.place}", request.null_token)
    return text if request.key.field.case_sensitive else f"lower({text})"


def _waves(cursor: duckdb.DuckDBPyConnection, request: Save) -> int:
    """Number each key's batches in table `turns` where one key comes in several batches."""
    cursor.execute("drop table if exists turns")
    cursor.execute("drop table if exists twins")
    if request.key is None:
        return 1
    key = _key_text(request)
    # Hashes are cheaper to tell apart than text; two keys with one hash only cost time.
    distinct = cursor.execute(
        f"select count({key}) - count(distinct hash({key})) from staged"
    ).fetchone()
    if not distinct or not distinct[0]:
        return 1
    batch = f"(_row - 1) // {BATCH}"
    cursor.execute(
        f"""create temp table twins as
        select {key} as key, {batch} as batch from staged where {key} is not null
        group by all having count(*) > 1"""
    )
    cursor.execute(
        f"""create temp table turns as
        select _row, dense_rank() over (partition by {key} order by {batch}) - 1 as turn
        from staged where {key} is not null"""
    )
    last = cursor.execute("select coalesce(max(turn), 0) from turns").fetchone()
    return int(last[0]) + 1 if last else 1


def _resolve(cursor: duckdb.DuckDBPyConnection, request: Save, wave: int) -> None:
    """Make table `resolved`: each row's record, its values (v), what was given (g), its error."""
    twins = bool(cursor.execute("from duckdb_tables() where table_name = 'turns'").fetchone())
    cells = ", ".join(
        f"c{each.place} is not null as g{each.place}, "
        f"{clean_sql(f'c{each.place}', request.null_token)} as x{each.place}"
        for each in request.columns
    )
    source = "staged"
    if twins:
        source = (
            "(select s.* from staged s left join turns t using (_row) "
            f"where coalesce(t.turn, 0) = {wave})"
        )
    cursor.execute(f"create or replace temp view clean as select _row, {cells} from {source}")
    typed = [
        f"{value_sql(each.field, f'x{each.place}')} as v{each.place}"
        for each in request.columns
        if each.parent is None
    ]
    typed_rows = f"(select *, {', '.join(typed)} from clean)" if typed else "clean"
    joins, lookups = parent_joins(request.schema, request.columns)
    match, target_arms = match_join(request.target, request.key)
    values = ", ".join(
        f"g{each.place}, {lookups.get(each.place, f'v{each.place}')} as v{each.place}"
        for each in request.values
    )
    error = _error_sql(request, twins, target_arms)
    fresh_id = _fresh_id_sql(cursor, request)
    cursor.execute("drop table if exists resolved")
    cursor.execute(
        f"""create temp table resolved as
        select s._row, {match.found} as _target,
            case when {match.found} is null then {fresh_id} else {match.found} end as _id,
            {values or "null as _none"}, {error} as _error
        from {typed_rows} s {match.join}
        {_twin_join(request) if twins else ""} {" ".join(joins)}"""
    )


def _fresh_id_sql(cursor: duckdb.DuckDBPyConnection, request: Save) -> str:
    """Give SQL for the id a row gets if it makes a record; numbers not used are lost."""
    counted = cursor.execute("select coalesce(max(_row), 0) from staged").fetchone()
    rows = int(counted[0]) if counted else 0
    first = next_numbers(cursor, request.target.prefix, max(rows, 1))
    return id_sql(request.target.prefix, request.pod, f"({first - 1} + s._row)")


def _twin_join(request: Save) -> str:
    assert request.key is not None
    key = f"x{request.key.place}"
    key = key if request.key.field.case_sensitive else f"lower({key})"
    return f"left join twins on twins.key = {key} and twins.batch = (s._row - 1) // {BATCH}"


def _error_sql(request: Save, twins: bool, target_arms: list[str]) -> str:
    arms: list[str] = []
    for each in request.values:
        if each.parent is None:
            arm = parse_error_sql(each.field, f"x{each.place}", f"v{each.place}", each.place)
            arms += [arm] if arm else []
    arms += key_arms(request.operation, request.key, twins)
    arms += target_arms
    if request.full and request.target.takes_storage:
        code, message = STORAGE_LIMIT
        arms.append(f"when _target is null then {problem(code, literal(message))}")
    arms += writable_arms(request.values, request.key)
    arms += required_arms(request.target, request.values)
    for each in request.values:
        arms += column_arms(each)
    return f"case {' '.join(arms)} end" if arms else "null::varchar"


def _apply(cursor: duckdb.DuckDBPyConnection, request: Save) -> None:
    """Insert and update what has no error, and note the outcome of every row."""
    counted = cursor.execute(
        """select coalesce(max(_row), 0), count(*) filter (_error is null and _target is null),
            count(*) filter (_error is null and _target is not null) from resolved"""
    ).fetchone()
    assert counted is not None
    last, fresh, known = counted
    if fresh:
        cursor.execute(_insert_sql(cursor, request, int(last)))
    if known:
        cursor.execute(_update_sql(request))
    cursor.execute(
        """insert into outcome
        select _row, case when _error is null then _id else _target end,
            _error is null and _target is null, _error from resolved"""
    )


def _insert_sql(cursor: duckdb.DuckDBPyConnection, request: Save, last: int) -> str:
    now = "date_trunc('second', now()::timestamp)"
    user = literal(request.user)
    written = {each.field.name: each for each in request.values}
    columns: dict[str, str] = {"Id": "_id"}
    # All fields, not only those the user sees: a hidden checkbox has its default too.
    whole = request.schema.get(request.target.name) or request.target
    for item in whole.fields:
        if not item.stored or item.type == "id":
            continue
        fallback = _default_sql(cursor, request.target, item, user, now, last)
        if item.name in written:
            place = written[item.name].place
            value = f"case when g{place} then v{place} else {fallback} end"
            columns[item.name] = value if fallback != "null" else f"v{place}"
        elif fallback != "null":
            columns[item.name] = fallback
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"insert into {request.target.table} ({names}) select {', '.join(columns.values())} "
        "from resolved where _error is null and _target is null"
    )


def _default_sql(
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    item: Field,
    user: str,
    now: str,
    last: int,
) -> str:
    """Give SQL for what a field holds in a new record that does not set it."""
    if item.name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        return now
    if item.name in ("CreatedById", "LastModifiedById", "OwnerId"):
        return user
    if item.auto_number is not None:
        first = next_numbers(cursor, f"{target.name}.{item.name}", last)
        return _auto_number_sql(item.auto_number, f"({first - 1} + _row)")
    if item.type == "boolean":
        return "true" if item.default == "true" or item.name == "IsActive" else "false"
    return literal(item.default) if item.default and item.defaulted else "null"


def _auto_number_sql(pattern: str, number: str) -> str:
    """Give SQL for `A-{0000}`: the number in place of the braces, at least as wide."""
    before, _, rest = pattern.partition("{")
    zeros, _, after = rest.partition("}")
    width = f"greatest({len(zeros)}, length({number}::varchar))::int"
    return f"concat({literal(before)}, lpad({number}::varchar, {width}, '0'), {literal(after)})"


def _update_sql(request: Save) -> str:
    now = "date_trunc('second', now()::timestamp)"
    sets = [
        f'"{each.field.name}" = case when g{each.place} then v{each.place} '
        f'else t."{each.field.name}" end'
        for each in request.values
        if each is not request.key
    ]
    stamps = {"LastModifiedDate": now, "SystemModstamp": now}
    stamps["LastModifiedById"] = literal(request.user)
    sets += [f'"{name}" = {value}' for name, value in stamps.items() if request.target.field(name)]
    return (
        f"update {request.target.table} t set {', '.join(sets)} from resolved r "
        'where t."Id" = r._target and r._error is null'
    )
