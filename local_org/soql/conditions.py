"""WHERE and HAVING: each comparison held against the field's type, as SQL with parameters."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from math import isinf
from typing import Any

from local_org.ids import long_id
from local_org.schema.model import COMPOUND, NUMBERS
from local_org.schema.traits import filterable
from local_org.soql.dates import span
from local_org.soql.functions import resolve
from local_org.soql.scope import Output, Scope, column_sql, find_target
from local_org.soql.tree import Both, Comparison, Condition, Not, Path, Query, Value, malformed

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
ESCAPE = re.compile(r"\\(?:[uU]([0-9a-fA-F]{4})|(.))", re.DOTALL)
KINDS = {
    "boolean": ("boolean",),
    "date": ("date", "range"),
    "datetime": ("datetime", "range"),
    **dict.fromkeys(NUMBERS, ("number",)),
}
ORDERED = ("<", "<=", ">", ">=")
MAX_SEMI_JOINS = 2


def condition_sql(scope: Scope, condition: Condition, parameters: list[Any]) -> str:
    """Give SQL for a condition; its values are added to the parameters in order."""
    if isinstance(condition, Both):
        parts = [condition_sql(scope, part, parameters) for part in condition.parts]
        return "(" + f" {condition.word} ".join(parts) + ")"
    if isinstance(condition, Not):
        return f"not coalesce({condition_sql(scope, condition.part, parameters)}, false)"
    if condition.query is not None:
        return _semi_join_sql(scope, condition, condition.query, parameters)
    return _comparison_sql(scope, condition, parameters)


def where_parts(scope: Scope, parameters: list[Any]) -> list[str]:
    """Give what WHERE asks for, and that deleted and archived records stay out.

    Events that ended, and closed tasks that were due, 365 or more days ago are archived. Salesforce
    archives in a run of its own, some time after; here it is so from the very moment, which is the
    strict reading: a client that counts on seeing them fails at once.
    """
    target, query = scope.target, scope.query
    parts = []
    if query.where is not None:
        _check_semi_joins(scope, query.where)
        parts.append(condition_sql(scope, query.where, parameters))
    if not scope.reading.everything:
        if target.keeps_deleted:
            parts.append('not t."IsDeleted"')
        archived = target.field("IsArchived")
        if archived is not None and archived.formula is not None:
            parts.append(f"not {column_sql('t', archived)}")
    return parts


def _comparison_sql(scope: Scope, item: Comparison, parameters: list[Any]) -> str:
    column = resolve(scope, item.left)
    _check_column(scope, column, item)
    for value in item.values:
        _check_kind(scope, column, value)
    text = column.sql if not _folds(column) else f"lower({column.sql})"
    operator, first = item.operator, item.values[0]
    if operator in ("includes", "excludes"):
        return _includes_sql(column, item, parameters)
    if operator in ("in", "not in"):
        return _in_sql(scope, column, text, item, parameters)
    if first.kind == "null" or (operator in ("=", "!=") and first.text == "''"):
        return f"{column.sql} is {'not ' if operator == '!=' else ''}null"
    if first.kind == "range":
        return _range_sql(scope, column, operator, first, parameters)
    if operator == "like":
        parameters.append(_like_pattern(first.text))
        return f"coalesce({column.sql} ilike ? escape '\\', false)"
    parameters.append(_python(column, first))
    if operator == "=":
        return f"coalesce({text} = ?, false)"
    if operator == "!=":
        return f"{text} is distinct from ?"
    return f"coalesce({text} {operator} ?, false)"


def _check_column(scope: Scope, column: Output, item: Comparison) -> None:
    kind, operator = column.field.type, item.operator
    if kind in COMPOUND:
        message = "Address fields can only be filtered using Distance expressions"
        raise scope.wrong("INVALID_FIELD", item.left.at, message)
    if not filterable(column.field) and isinstance(item.left, Path):
        message = f"field '{column.field.name}' can not be filtered in a query call"
        raise scope.wrong("INVALID_FIELD", item.left.at, message)
    wrong = (
        (
            operator == "like"
            and (column.field.stored_as != "VARCHAR" or kind in ("id", "reference"))
        )
        or (operator in ("includes", "excludes") and kind != "multipicklist")
        or (operator in ORDERED and kind in ("boolean", "multipicklist"))
        or (operator in ORDERED and item.values[0].kind == "null")
    )
    if wrong:
        raise scope.wrong("INVALID_FIELD", item.left.at, f"invalid operator on {kind} field")


def _folds(column: Output) -> bool:
    """Text compares without regard to case, unless the field is marked case-sensitive."""
    item = column.field
    return (
        item.stored_as == "VARCHAR"
        and item.type not in ("id", "reference")
        and not (item.case_sensitive)
    )


def _check_kind(scope: Scope, column: Output, value: Value) -> None:
    wanted = KINDS.get(column.field.type, ("string",))
    if value.kind in ("null", *wanted):
        return
    quotes = "should be" if wanted == ("string",) else "should not be"
    shown = {"datetime": "dateTime"}.get(column.field.type, column.field.type)
    if wanted == ("string",):
        shown = "ID" if column.field.type in ("id", "reference") else "string"
    raise scope.wrong(
        "INVALID_FIELD",
        value.at,
        f"value of filter criterion for field '{column.field.name}' must be of type {shown} "
        f"and {quotes} enclosed in quotes",
    )


def _in_sql(
    scope: Scope, column: Output, text: str, item: Comparison, parameters: list[Any]
) -> str:
    spans = [value for value in item.values if value.kind == "range"]
    given = [_python(column, value) for value in item.values if value.kind not in ("null", "range")]
    found = []
    if given:
        # One list, however long: a mark for each value would make the statement as long.
        kind = "DOUBLE" if column.field.type in NUMBERS else column.field.stored_as
        found.append(f"coalesce(list_contains(?::{kind}[], {text}), false)")
        parameters.append(given)
    found += [_range_sql(scope, column, "=", value, parameters) for value in spans]
    if any(value.kind == "null" for value in item.values):
        found.append(f"{column.sql} is null")
    listed = f"({' or '.join(found)})"
    return listed if item.operator == "in" else f"not {listed}"


def _includes_sql(column: Output, item: Comparison, parameters: list[Any]) -> str:
    parts = []
    for value in item.values:
        if value.kind == "null":
            parts.append(f"{column.sql} is null")
            continue
        parameters.append(decode(value.text).split(";"))
        parts.append(f"list_has_all(str_split({column.sql}, ';'), ?::varchar[])")
    found = f"coalesce({' or '.join(parts)}, false)"
    return found if item.operator == "includes" else f"not {found}"


def _python(column: Output, value: Value) -> Any:
    try:
        match value.kind:
            case "boolean":
                return value.text == "true"
            case "number":
                number = float(value.text)
                if isinf(number):
                    raise OverflowError
                return number
            case "date":
                return date.fromisoformat(value.text)
            case "datetime":
                moment = datetime.fromisoformat(value.text)
                return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise malformed(f"unexpected token: '{value.text}'") from error
    text = decode(value.text)
    if column.field.type in ("id", "reference"):
        return long_id(text) or text
    return text.lower() if _folds(column) else text


def _plain(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return ESCAPES.get(match[2].lower(), match[2])


def decode(quoted: str) -> str:
    """Give the text of a quoted literal."""
    return ESCAPE.sub(_plain, quoted[1:-1])


def _like_pattern(quoted: str) -> str:
    """Give the pattern of LIKE: an escaped wildcard stays escaped, a backslash is one."""

    def one(match: re.Match[str]) -> str:
        plain = _plain(match)
        return "\\" + plain if plain in "%_\\" else plain

    return ESCAPE.sub(one, quoted[1:-1])


def _range_sql(
    scope: Scope, column: Output, operator: str, value: Value, parameters: list[Any]
) -> str:
    """Compare with a span of days: `=` is within, `<` before its start, `>` after its end."""
    start, end = (_as_stored(scope, column, day) for day in span(value.text, scope.reading.today))
    match operator:
        case "=" | "!=":
            parameters.extend([start, end])
            within = f"coalesce({column.sql} >= ? and {column.sql} < ?, false)"
            return within if operator == "=" else f"not {within}"
        case "<" | ">=":
            parameters.append(start)
            return f"coalesce({column.sql} {operator} ?, false)"
        case _:
            parameters.append(end)
            return f"coalesce({column.sql} {'<' if operator == '<=' else '>='} ?, false)"


def _as_stored(scope: Scope, column: Output, day: date) -> date:
    """Give a day as the field holds it: itself, or the moment it begins for the user, in UTC."""
    if column.field.type == "date":
        return day
    try:
        begins = datetime.combine(day, time(), scope.reading.zone)
        return begins.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return datetime.combine(day, time())


def _check_semi_joins(scope: Scope, where: Condition) -> None:
    """Queries within WHERE stand at its top level, joined by AND, two at most."""
    top = where.parts if isinstance(where, Both) else (where,)
    found = [part for part in top if isinstance(part, Comparison) and part.query is not None]
    if isinstance(where, Both) and where.word == "or" and found:
        raise malformed("Semi join sub-selects are not allowed with the 'OR' operator")
    if any(_holds_query(part) for part in top if not isinstance(part, Comparison)):
        raise malformed(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in "
            "nested WHERE expressions."
        )
    if len(found) > MAX_SEMI_JOINS:
        raise malformed(f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed")


def _holds_query(condition: Condition) -> bool:
    if isinstance(condition, Both):
        return any(_holds_query(part) for part in condition.parts)
    if isinstance(condition, Not):
        return _holds_query(condition.part)
    return condition.query is not None


def _semi_join_sql(scope: Scope, item: Comparison, query: Query, parameters: list[Any]) -> str:
    left = resolve(scope, item.left)
    if left.field.type not in ("id", "reference") or len(left.path) > 1:
        message = "The left operand field in the where expression for outer query should be an id "
        name = item.left.text
        raise scope.wrong("MALFORMED_QUERY", item.left.at, f"{message}field, cannot use: '{name}'")
    inner = Scope(scope.schema, find_target(scope.schema, query), query, scope.reading)
    right = _semi_join_column(inner)
    if inner.target is scope.target:
        message = "The inner and outer selects should not be on the same object type"
        raise scope.wrong("MALFORMED_QUERY", item.left.at, message)
    if not {*_points_at(scope, left)} & {*_points_at(inner, right)}:
        message = (
            f"The selected field '{right.field.name}' in the subquery and the left operand field "
            f"in the where expression in the outer query '{left.field.name}' should point to the "
            "same object type"
        )
        raise scope.wrong("MALFORMED_QUERY", item.left.at, message)
    parts = [*where_parts(inner, parameters), f"{right.sql} is not null"]
    chosen = f"select {right.sql} from {inner.target.table} t {' '.join(inner.sql)}"
    found = f"coalesce({left.sql} in ({chosen} where {' and '.join(parts)}), false)"
    return found if item.operator == "in" else f"not {found}"


def _semi_join_column(inner: Scope) -> Output:
    query = inner.query
    if query.where is not None and _holds_query(query.where):
        raise malformed("Nesting of semi join sub-selects is not supported")
    if query.order or query.limit is not None or query.offset is not None or query.group:
        raise malformed("Semi join sub-selects take no GROUP BY, ORDER BY, LIMIT or OFFSET")
    operand = getattr(query.items[0], "operand", None)
    if len(query.items) != 1 or not isinstance(operand, Path):
        raise malformed("Semi join sub-selects can only select one field")
    column = inner.resolve(operand)
    if column.field.type not in ("id", "reference") or len(column.path) > 1:
        message = f"Semi join sub-selects can only query id fields, cannot use: '{operand.text}'"
        raise inner.wrong("MALFORMED_QUERY", operand.at, message)
    return column


def _points_at(scope: Scope, column: Output) -> tuple[str, ...]:
    return (scope.target.name,) if column.field.type == "id" else column.field.reference_to
