"""Saves a set of rows: one pass of SQL finds every error, one insert and one update follow.

The rows stand in the temporary table `staged` (`_row` from 1, `c0` … text; NULL = not given, the
null token = clear). What became of each goes to the temporary table `outcome` (`_row`, `id`,
`created`, `error`; an error as `values.problem` writes it).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from local_org.faults.register import Strike
from local_org.faults.rows import spoil_save
from local_org.files.storage import STORAGE_LIMIT, storage_full
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
from local_org.records.duplicates import RULES, find_duplicates, rule_fields
from local_org.records.own_rules import own_rules
from local_org.records.validation import hold_rules, needed_fields, rules_of
from local_org.records.values import clean_sql, parse_error_sql, problem, value_sql
from local_org.records.whole import NOW, Rules, default_sql, derive, fresh_sql, stand
from local_org.schema.model import Schema, SObject
from local_org.store import literal, next_numbers
from local_org.switches import Switches

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
    faults: tuple[Strike, ...] = ()
    switches: Switches = field(default_factory=Switches)
    allow_duplicates: bool = False

    @property
    def whole(self) -> SObject:
        """The object with all its fields, not only those the user sees."""
        return self.schema.get(self.target.name) or self.target

    @property
    def values(self) -> tuple[Column, ...]:
        """The columns that are written: all but an Id that only finds the record."""
        return tuple(each for each in self.columns if each.field.type != "id")


def save(cursor: duckdb.DuckDBPyConnection, request: Save) -> None:
    """Save what is staged. Rows that share a key across batches go one batch after the other."""
    for table in ("outcome", "matches", "more_errors"):
        cursor.execute(f"drop table if exists {table}")
    cursor.execute(OUTCOME)
    for wave in range(_waves(cursor, request)):
        _resolve(cursor, request, wave)
        rules = _hold_whole(cursor, request)
        for statement in unique_statements(request.target, request.values, request.key):
            cursor.execute(statement)
        spoil_save(cursor, request.faults, request.columns, request.key)
        _apply(cursor, request, rules)


def _hold_whole(cursor: duckdb.DuckDBPyConnection, request: Save) -> Rules:
    """Hold the rows as they would be saved against all rules that look at several fields."""
    switches, target = request.switches, request.whole
    own = own_rules(request.schema, target, request.values, switches)
    admins = rules_of(target, switches.validation_rules)
    unlike = _looks_for_duplicates(request)
    names = [*own.needs, *own.values, *needed_fields(request.schema, admins)]
    names += rule_fields(target.name) if unlike else ()
    if not names:
        return own
    stand(cursor, target, request.values, names, request.user)
    derive(cursor, own)
    if admins:
        hold_rules(cursor, request.schema, target, admins)
    if unlike:
        find_duplicates(cursor, target)
    return own


def _looks_for_duplicates(request: Save) -> bool:
    mode = request.switches.duplicate_rules
    if request.target.name not in RULES or mode == "off":
        return False
    return mode == "block" or not request.allow_duplicates


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
    full = storage_full(cursor, request.schema, request.switches)
    error = _error_sql(request, twins, target_arms, full)
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


def _error_sql(request: Save, twins: bool, target_arms: list[str], full: bool) -> str:
    arms: list[str] = []
    for each in request.values:
        if each.parent is None:
            arm = parse_error_sql(each.field, f"x{each.place}", f"v{each.place}", each.place)
            arms += [arm] if arm else []
    arms += key_arms(request.operation, request.key, twins)
    arms += target_arms
    if full and request.target.takes_storage:
        code, message = STORAGE_LIMIT
        arms.append(f"when _target is null then {problem(code, literal(message))}")
    arms += writable_arms(request.values, request.key)
    arms += required_arms(request.target, request.values)
    for each in request.values:
        arms += column_arms(request.schema, each)
    return f"case {' '.join(arms)} end" if arms else "null::varchar"


def _apply(cursor: duckdb.DuckDBPyConnection, request: Save, rules: Rules) -> None:
    """Insert and update what has no error, and note the outcome of every row."""
    counted = cursor.execute(
        """select coalesce(max(_row), 0), count(*) filter (_error is null and _target is null),
            count(*) filter (_error is null and _target is not null) from resolved"""
    ).fetchone()
    assert counted is not None
    last, fresh, known = counted
    if fresh:
        cursor.execute(_insert_sql(cursor, request, rules, int(last)))
    if known:
        cursor.execute(_update_sql(request, rules))
    cursor.execute(
        """insert into outcome
        select _row, case when _error is null then _id else _target end,
            _error is null and _target is null, _error from resolved"""
    )


def _insert_sql(cursor: duckdb.DuckDBPyConnection, request: Save, rules: Rules, last: int) -> str:
    written = {each.field.name: each for each in request.values}
    columns: dict[str, str] = {"Id": "r._id"}
    for item in request.whole.fields:
        if not item.stored or item.type == "id":
            continue
        if item.name in rules.values:
            columns[item.name] = f'd."{item.name}"'
            continue
        fallback = default_sql(item, request.user)
        if item.auto_number is not None:
            first = next_numbers(cursor, f"{request.target.name}.{item.name}", last)
            fallback = _auto_number_sql(item.auto_number, f"({first - 1} + r._row)")
        if item.name in written or fallback != "null":
            columns[item.name] = fresh_sql(item, written.get(item.name), fallback)
    names = ", ".join(f'"{name}"' for name in columns)
    derived = "join derived d using (_row)" if rules.values else ""
    return (
        f"insert into {request.target.table} ({names}) select {', '.join(columns.values())} "
        f"from resolved r {derived} where r._error is null and r._target is null"
    )


def _auto_number_sql(pattern: str, number: str) -> str:
    """Give SQL for `A-{0000}`: the number in place of the braces, at least as wide."""
    before, _, rest = pattern.partition("{")
    zeros, _, after = rest.partition("}")
    width = f"greatest({len(zeros)}, length({number}::varchar))::int"
    return f"concat({literal(before)}, lpad({number}::varchar, {width}, '0'), {literal(after)})"


def _update_sql(request: Save, rules: Rules) -> str:
    sets = {}
    for each in request.values:
        if each is not request.key:
            name = each.field.name
            sets[name] = f'case when g{each.place} then v{each.place} else t."{name}" end'
    sets |= {name: f'd."{name}"' for name in rules.values}
    stamps = {"LastModifiedDate": NOW, "SystemModstamp": NOW}
    stamps["LastModifiedById"] = literal(request.user)
    sets |= {name: value for name, value in stamps.items() if request.target.field(name)}
    listed = ", ".join(f'"{name}" = {value}' for name, value in sets.items())
    derived = "join derived d using (_row)" if rules.values else ""
    return (
        f"update {request.target.table} t set {listed} from "
        f"(select * from resolved r where r._error is null) r {derived} "
        'where t."Id" = r._target'
    )
