"""WHERE: each comparison held against the field's type, as SQL with parameters."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_org.ids import long_id
from local_org.schema.model import NUMBERS
from local_org.soql.tree import Both, Comparison, Condition, Not, Value, error_at

if TYPE_CHECKING:
    from local_org.soql.compile import Output, Scope

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
KINDS = {
    "boolean": ("boolean",),
    "date": ("date", "range"),
    "datetime": ("datetime", "range"),
    **dict.fromkeys(NUMBERS, ("number",)),
}


def condition_sql(scope: Scope, condition: Condition, parameters: list[Any]) -> str:
    """Give SQL for a condition; its values are added to the parameters in order."""
    if isinstance(condition, Both):
        parts = [condition_sql(scope, part, parameters) for part in condition.parts]
        return "(" + f" {condition.word} ".join(parts) + ")"
    if isinstance(condition, Not):
        return f"not coalesce({condition_sql(scope, condition.part, parameters)}, false)"
    return _comparison_sql(scope, condition, parameters)


def _comparison_sql(scope: Scope, item: Comparison, parameters: list[Any]) -> str:
    column = scope.resolve(item.path)
    if column.field.type in ("textarea", "base64") and column.field.length > 4_000:
        raise error_at(
            "INVALID_FIELD",
            scope.query.text,
            item.path.at,
            f"field '{column.field.name}' can not be filtered in a query call",
        )
    for value in item.values:
        _check_kind(scope, column, value)
    text = column.sql if not _folds(column) else f"lower({column.sql})"
    operator, first = item.operator, item.values[0]
    if operator in ("includes", "excludes"):
        return _includes_sql(column, item, parameters)
    if operator in ("in", "not in"):
        return _in_sql(column, text, item, parameters)
    if first.kind == "null" or (operator in ("=", "!=") and first.text == "''"):
        return f"{column.sql} is {'not ' if operator == '!=' else ''}null"
    if first.kind == "range":
        return _range_sql(column, operator, first, parameters)
    if operator == "like":
        parameters.append(_like_pattern(first.text))
        return f"coalesce({column.sql} ilike ? escape '\\', false)"
    parameters.append(_python(column, first))
    if operator == "=":
        return f"coalesce({text} = ?, false)"
    if operator == "!=":
        return f"{text} is distinct from ?"
    return f"coalesce({text} {operator} ?, false)"


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
    raise error_at(
        "INVALID_FIELD",
        scope.query.text,
        value.at,
        f"value of filter criterion for field '{column.field.name}' must be of type {shown} "
        f"and {quotes} enclosed in quotes",
    )


def _in_sql(column: Output, text: str, item: Comparison, parameters: list[Any]) -> str:
    given = [_python(column, value) for value in item.values if value.kind != "null"]
    blank = any(value.kind == "null" for value in item.values)
    marks = ", ".join("?" for _ in given)
    parameters.extend(given)
    found = f"coalesce({text} in ({marks}), false)" if given else "false"
    found = f"({found} or {column.sql} is null)" if blank else found
    return found if item.operator == "in" else f"not {found}"


def _includes_sql(column: Output, item: Comparison, parameters: list[Any]) -> str:
    parts = []
    for value in item.values:
        parameters.append(decode(value.text).split(";"))
        parts.append(f"list_has_all(str_split({column.sql}, ';'), ?::varchar[])")
    found = f"coalesce({' or '.join(parts)}, false)"
    return found if item.operator == "includes" else f"not {found}"


def _python(column: Output, value: Value) -> Any:
    match value.kind:
        case "boolean":
            return value.text == "true"
        case "number":
            return float(value.text)
        case "date":
            return date.fromisoformat(value.text)
        case "datetime":
            moment = datetime.fromisoformat(value.text)
            return moment.astimezone(UTC).replace(tzinfo=None)
    text = decode(value.text)
    if column.field.type in ("id", "reference"):
        return long_id(text) or text
    return text.lower() if _folds(column) else text


def decode(quoted: str) -> str:
    """Give the text of a quoted literal."""
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[1]), quoted[1:-1], flags=re.DOTALL)


def _like_pattern(quoted: str) -> str:
    """Give the pattern of LIKE: an escaped wildcard stays escaped, a backslash is one."""

    def one(match: re.Match[str]) -> str:
        char = match[1]
        if char in "%_":
            return "\\" + char
        plain = ESCAPES.get(char, char)
        return "\\\\" if plain == "\\" else plain

    return re.sub(r"\\(.)", one, quoted[1:-1], flags=re.DOTALL)


def _range_sql(column: Output, operator: str, value: Value, parameters: list[Any]) -> str:
    """Compare with a span of days: `=` is within, `<` before its start, `>` after its end."""
    start, end = _span(value.text)
    as_stored = f"{column.sql}::timestamp"
    match operator:
        case "=":
            parameters.extend([start, end])
            return f"coalesce({as_stored} >= ? and {as_stored} < ?, false)"
        case "!=":
            parameters.extend([start, end])
            return f"not coalesce({as_stored} >= ? and {as_stored} < ?, false)"
        case "<" | ">=":
            parameters.append(start)
            return f"coalesce({as_stored} {operator} ?, false)"
        case _:
            parameters.append(end)
            return f"coalesce({as_stored} {'<' if operator == '<=' else '>='} ?, false)"


def _span(word: str) -> tuple[datetime, datetime]:
    name, _, count = word.partition(":")
    today = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    match name:
        case "yesterday":
            return today - day, today
        case "tomorrow":
            return today + day, today + 2 * day
        case "last_n_days":
            return today - int(count or 0) * day, today + day
        case "next_n_days":
            return today + day, today + (int(count or 0) + 1) * day
        case _:
            return today, today + day
