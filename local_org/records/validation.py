"""Validation rules: SOQL conditions that a record may not meet as it would be saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from local_org.errors import ApiError
from local_org.records.values import problem
from local_org.schema.model import Schema, SObject
from local_org.soql.conditions import condition_sql
from local_org.soql.parse import parse
from local_org.soql.scope import Output, Scope, column_sql
from local_org.soql.tree import Both, Not, Path, malformed
from local_org.soql.tree import Condition as Where
from local_org.store import literal
from local_org.switches import SwitchError, ValidationRule

NAME_PARTS = ("FirstName", "LastName")


class _OwnFields(Scope):
    """Looks names up on the record itself, and notes which it used."""

    used: tuple[str, ...] = ()

    def resolve(self, path: Path) -> Output:
        """Give the column of a field of the record; raises where it is none of its own."""
        if len(path.names) > 1:
            raise malformed("a validation rule reads fields of its own record only")
        found = super().resolve(path).field
        if not found.stored and not found.name_field:
            raise malformed(f"a validation rule cannot read {found.name}")
        # A name is worked out from the parts it is made of.
        self.used += (found.name,) if found.stored else NAME_PARTS
        return Output((found.name,), found, column_sql("t", found))


@dataclass(frozen=True)
class Condition:
    """A rule's condition as SQL over `whole t`, with its parameters and the fields it reads."""

    sql: str
    parameters: tuple[Any, ...]
    fields: tuple[str, ...]


def compile_rule(schema: Schema, rule: ValidationRule) -> Condition:
    """Give the condition of a rule; raises SwitchError with what is wrong with it."""
    target = schema.get(rule.object)
    if target is None:
        raise SwitchError(f"validation rule {rule.name}: there is no object {rule.object}")
    if rule.field is not None and target.field(rule.field) is None:
        raise SwitchError(f"validation rule {rule.name}: there is no field {rule.field}")
    try:
        query = parse(f"SELECT Id FROM {target.name} WHERE {rule.when}")
        if query.where is None or query.group or query.order or query.limit is not None:
            raise malformed("a validation rule is a condition and nothing more")
        if _asks_elsewhere(query.where):
            raise malformed("a validation rule reads fields of its own record only")
        scope = _OwnFields(schema, target, query)
        parameters: list[Any] = []
        sql = condition_sql(scope, query.where, parameters)
    except ApiError as error:
        raise SwitchError(f"validation rule {rule.name}: {error.message}") from error
    return Condition(sql, tuple(parameters), scope.used)


def _asks_elsewhere(condition: Where) -> bool:
    """Tell whether a condition holds a query of its own."""
    if isinstance(condition, Both):
        return any(_asks_elsewhere(part) for part in condition.parts)
    if isinstance(condition, Not):
        return _asks_elsewhere(condition.part)
    return condition.query is not None


def rules_of(target: SObject, rules: Sequence[ValidationRule]) -> list[ValidationRule]:
    """Give the rules of one object."""
    return [each for each in rules if each.object.lower() == target.name.lower()]


def needed_fields(schema: Schema, rules: Sequence[ValidationRule]) -> tuple[str, ...]:
    """Give the fields that must stand in `whole` for these rules."""
    return tuple(name for rule in rules for name in compile_rule(schema, rule).fields)


def hold_rules(
    cursor: duckdb.DuckDBPyConnection,
    schema: Schema,
    target: SObject,
    rules: Sequence[ValidationRule],
) -> None:
    """Refuse the rows of `whole` that meet a rule.

    The first error goes to `resolved`; those of further rules to table `more_errors`, because
    only REST tells of more than one.
    """
    cursor.execute("create or replace temp table more_errors (_row bigint, error varchar)")
    for rule in rules:
        condition = compile_rule(schema, rule)
        names = _shown(target, rule)
        error = problem("FIELD_CUSTOM_VALIDATION_EXCEPTION", literal(rule.message), *names)
        met = f"select _row from whole t where {condition.sql}"
        parameters = list(condition.parameters)
        cursor.execute(
            f"""insert into more_errors select _row, {error} from ({met})
            where _row in (select _row from resolved where _error is not null)""",
            parameters,
        )
        cursor.execute(
            f"update resolved set _error = {error} where _error is null and _row in ({met})",
            parameters,
        )


def _shown(target: SObject, rule: ValidationRule) -> list[str]:
    """A rule that names no field shows on top of the page, and its error names none."""
    found = target.field(rule.field) if rule.field else None
    return [found.name] if found else []


def further_errors(cursor: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Give per row the errors behind its first."""
    if not cursor.execute("from duckdb_tables() where table_name = 'more_errors'").fetchone():
        return {}
    rows = cursor.execute("select _row, list(error) from more_errors group by all").fetchall()
    return {int(row): list(errors) for row, errors in rows}
