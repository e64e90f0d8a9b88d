"""Refuses rows that would be saved or deleted, set-wise, as the faults ask."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from local_org.faults.model import RowFault
from local_org.faults.register import Strike
from local_org.records.columns import Column
from local_org.records.values import problem
from local_org.store import literal, quoted

MILLION = 1_000_000
FULL = "storage limit exceeded"


def spoil_save(
    cursor: duckdb.DuckDBPyConnection,
    strikes: Sequence[Strike],
    columns: Sequence[Column],
    key: Column | None,
) -> None:
    """Give rows of `resolved` that have no error yet the errors the faults ask for."""
    parents = [f"r.v{each.place}" for each in columns if each.field.type == "reference"]
    record = f"coalesce({', '.join([*parents, 'r._target'])})"
    for strike in _rows_first(strikes):
        if isinstance(strike.fault, RowFault):
            where = _struck(strike.fault, _key(columns, key))
            error = _error(strike.fault, record)
            statement = (
                f"update resolved r set _error = {error} from staged s "
                f"where s._row = r._row and r._error is null and {where}"
            )
        else:
            statement = _without_room(strike.room(_records(cursor)))
        strike.hit(_updated(cursor, statement))


def spoil_delete(
    cursor: duckdb.DuckDBPyConnection, strikes: Sequence[Strike], column: Column
) -> None:
    """Give rows of `outcome` that have no error yet the errors the faults ask for."""
    for strike in strikes:
        if isinstance(strike.fault, RowFault):
            statement = (
                f"update outcome o set error = {_error(strike.fault, 'o.id')} from staged s "
                "where s._row = o._row and o.error is null "
                f"and {_struck(strike.fault, f's.c{column.place}')}"
            )
            strike.hit(_updated(cursor, statement))


def _rows_first(strikes: Sequence[Strike]) -> list[Strike]:
    """A row that is refused takes no room."""
    return sorted(strikes, key=lambda strike: not isinstance(strike.fault, RowFault))


def _key(columns: Sequence[Column], key: Column | None) -> str:
    """Give SQL for what a row is known by: its key, else an external id, else its first cell."""
    own = (each for each in columns if each.parent is None and each.field.external_id)
    found = key or next(own, None)
    return f"s.c{found.place}" if found else "s.c0"


def _struck(fault: RowFault, key: str) -> str:
    where = []
    if fault.every is not None:
        where.append(f"s._row % {fault.every} = 0")
    if fault.keys is not None:
        where.append(f"regexp_matches({key}, {literal(fault.keys)})")
    if fault.share is not None:
        text = f"concat('{fault.seed}:', coalesce({key}, s._row::varchar))"
        where.append(f"md5_number({text}) % {MILLION} < {round(fault.share * MILLION)}")
    return " and ".join(where) or "true"


def _error(fault: RowFault, record: str) -> str:
    message = literal(fault.message)
    if fault.kind == "locked":
        named = f"concat({message}, ' or 1 records: ', {record})"
        message = f"case when {record} is null then {message} else {named} end"
    return problem(fault.code, message, *fault.fields)


def _without_room(room: int) -> str:
    return (
        f"update resolved set _error = {problem('STORAGE_LIMIT_EXCEEDED', literal(FULL))} "
        "where _row in (select _row from resolved where _error is null and _target is null "
        f"order by _row offset {room})"
    )


def _records(cursor: duckdb.DuckDBPyConnection) -> int:
    """Count all records of the org; those in the recycle bin take room too."""
    names = cursor.execute(
        "select table_name from duckdb_tables() where schema_name = 'data'"
    ).fetchall()
    counts = " + ".join(f"(select count(*) from data.{quoted(name)})" for (name,) in names)
    found = cursor.execute(f"select {counts or '0'}").fetchone()
    return int(found[0]) if found else 0


def _updated(cursor: duckdb.DuckDBPyConnection, statement: str) -> int:
    found = cursor.execute(statement).fetchone()
    return int(found[0]) if found else 0
