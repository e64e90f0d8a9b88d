"""The functions of a query: counts and sums, parts of dates, values as people read them."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from local_org.schema.model import NUMBERS, Field
from local_org.schema.traits import aggregatable
from local_org.soql.scope import Output, Scope
from local_org.soql.tree import AGGREGATES, SHOWN, Call, Operand, Path

DATE_PARTS = {
    "calendar_month": "month({0})",
    "calendar_quarter": "quarter({0})",
    "calendar_year": "year({0})",
    "day_in_month": "day({0})",
    "day_in_week": "dayofweek({0}) + 1",
    "day_in_year": "dayofyear({0})",
    "day_only": "({0})::date",
    "fiscal_month": "month({0})",
    "fiscal_quarter": "quarter({0})",
    "fiscal_year": "year({0})",
    "hour_in_day": "hour({0})",
    "week_in_month": "(day({0}) + 6) // 7",
    "week_in_year": "(dayofyear({0}) + 6) // 7",
}
FOR_DATETIME = ("day_only", "hour_in_day")


def resolve(scope: Scope, operand: Operand) -> Output:
    """Give the column of a path, or of a function of one."""
    if isinstance(operand, Path):
        return scope.resolve(operand)
    if operand.path is None:
        return Output(("count",), Field("count", "count", "int"), "count(*)", call=operand.text)
    inner = scope.resolve(operand.path)
    if operand.function in AGGREGATES:
        made = _aggregate(scope, operand, inner)
    elif operand.function == "grouping":
        made = replace(inner, sql=f"grouping({inner.sql})", field=_plain(inner, "int"))
    elif operand.function in SHOWN:
        made = _shown(scope, operand, inner)
    else:
        made = _date_part(scope, operand, inner)
    return replace(made, call=operand.text)


def _plain(inner: Output, kind: str) -> Field:
    return Field(inner.field.name, inner.field.label, kind)


def _aggregate(scope: Scope, call: Call, inner: Output) -> Output:
    function, kind = call.function, inner.field.type
    summed = function in ("sum", "avg")
    if not aggregatable(inner.field) or (summed and kind not in NUMBERS):
        message = f"field {inner.field.name} does not support aggregate operator {function.upper()}"
        raise scope.wrong("MALFORMED_QUERY", call.at, message)
    if function == "count_distinct":
        sql, kind = f"count(distinct {inner.sql})", "int"
    else:
        sql = f"{function}({inner.sql})"
        kind = {"count": "int", "avg": "double"}.get(function, kind)
    return replace(inner, sql=sql, field=_plain(inner, kind))


def _date_part(scope: Scope, call: Call, inner: Output) -> Output:
    wanted = ("datetime",) if call.function in FOR_DATETIME or call.local else ("date", "datetime")
    if inner.field.type not in wanted:
        message = f"field {inner.field.name} does not support function {call.function.upper()}"
        raise scope.wrong("INVALID_FIELD", call.at, message)
    sql = DATE_PARTS[call.function].format(_local(scope, inner.sql) if call.local else inner.sql)
    kind = "date" if call.function == "day_only" else "int"
    return replace(inner, sql=f"({sql})", field=_plain(inner, kind))


def _local(scope: Scope, sql: str) -> str:
    """Give a time as the clock on the user's wall shows it."""
    zone = scope.reading.zone
    if not isinstance(zone, ZoneInfo):
        return sql
    return f"(({sql} at time zone 'UTC') at time zone '{zone.key}')"


def _shown(scope: Scope, call: Call, inner: Output) -> Output:
    """`toLabel` and `FORMAT`: in the words and the signs of the United States."""
    kind = inner.field.type
    if call.function != "format":
        return inner
    if kind in NUMBERS:
        places = 0 if kind == "int" else inner.field.scale
        sql = f"format('{{:,.{places}f}}', {inner.sql}::double)"
        sql = f"'$' || {sql}" if kind == "currency" else sql
    elif kind == "date":
        sql = f"strftime({inner.sql}, '%-m/%-d/%Y')"
    elif kind == "datetime":
        sql = f"strftime({_local(scope, inner.sql)}, '%-m/%-d/%Y, %-I:%M %p')"
    else:
        return inner
    return replace(inner, sql=sql, field=_plain(inner, "string"))
