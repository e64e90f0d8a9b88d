"""The rules a row is held against, as joins and `when … then …` arms over the staged rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local_org.files.links import LINK, already_linked
from local_org.records.columns import Column
from local_org.records.values import PART, problem, value_error_sql
from local_org.schema.model import Field, Schema, SObject
from local_org.store import literal

DUPLICATE_USERNAME = (
    "Duplicate Username.<br>The username already exists in this or another Salesforce "
    "organization. Usernames must be unique across all Salesforce organizations."
)


@dataclass(frozen=True)
class Match:
    """How rows find their record: a join, and SQL for the record's Id."""

    join: str
    found: str


def _folded(item: Field, text: str) -> str:
    return text if item.case_sensitive or item.type == "id" else f"lower({text})"


def _alive(target: SObject, alias: str) -> str:
    return f'and not {alias}."IsDeleted"' if target.keeps_deleted else ""


def match_join(target: SObject, key: Column | None) -> tuple[Match, list[str]]:
    """Give the join from rows to the records they name, and the errors it can show."""
    if key is None:
        return Match("", "null::varchar"), []
    item = key.field
    if item.type == "id":
        gone = 'm."IsDeleted"' if target.keeps_deleted else "false"
        join = f'left join {target.table} m on m."Id" = v{key.place}'
        wrong = f"concat({literal(item.label + ': id value of incorrect type: ')}, x{key.place})"
        given = f"x{key.place} is not null"
        mismatch = f"(v{key.place} is null or substr(v{key.place}, 1, 3) <> '{target.prefix}')"
        return Match(join, 'm."Id"'), [
            f"when {given} and {mismatch} then {problem('MALFORMED_ID', wrong, 'Id')}",
            f"when {gone} then {problem('ENTITY_IS_DELETED', literal('entity is deleted'))}",
            f'when {given} and m."Id" is null then '
            + problem("INVALID_CROSS_REFERENCE_KEY", literal("invalid cross reference id")),
        ]
    column = _folded(item, f'"{item.name}"')
    text = _folded(item, f"v{key.place}")
    where = 'not "IsDeleted"' if target.keeps_deleted else "true"
    join = (
        f'left join (select {column} as key, min("Id") as id, list("Id" order by "Id") as many '
        f"from {target.table} where {where} and {column} is not null group by all) m "
        f"on m.key = {text}"
    )
    if item.unique:
        join = (
            f'left join (select {column} as key, "Id" as id, ["Id"] as many from {target.table} '
            f"where {where}) m on m.key = {text}"
        )
    many = problem("DUPLICATE_EXTERNAL_ID", _several(item, "m.many"))
    return Match(join, "m.id"), [f"when len(m.many) > 1 then {many}"]


def _several(key: Field, many: str) -> str:
    start = literal(f"{key.label}: more than one record found for external id field: [")
    return f"concat({start}, array_to_string({many}, ', '), ']')"


def key_arms(operation: str, key: Column | None, twins: bool) -> list[str]:
    """Give the errors of a key that is missing, or given twice in one batch."""
    if key is None:
        return []
    text = f"x{key.place}"
    arms = []
    if operation == "update":
        missing = literal("Id not specified in an update call")
        arms.append(f"when {text} is null then {problem('MISSING_ARGUMENT', missing)}")
        twice = f"concat('Duplicate id specified: ', {text})"
    else:
        if key.field.type != "id":
            missing = literal(f"{key.field.name} not specified")
            arms.append(f"when {text} is null then {problem('MISSING_ARGUMENT', missing)}")
        twice = f"concat('Duplicate external id specified: ', {text})"
    if twins:
        arms.append(f"when twins.key is not null then {problem('DUPLICATE_VALUE', twice)}")
    return arms


def parent_joins(schema: Schema, columns: Sequence[Column]) -> tuple[list[str], dict[int, str]]:
    """Give the joins that find parents, and per column SQL for the parent's Id."""
    joins, found = [], {}
    for each in columns:
        alias = f"p{each.place}"
        if each.parent is not None and each.parent_key is not None:
            joins.append(_by_key(each, each.parent, each.parent_key, alias))
            found[each.place] = f"{alias}.id"
        elif each.field.type == "reference":
            joins.append(_by_id(schema, each, alias))
            found[each.place] = f"v{each.place}"
    return joins, found


def _by_key(column: Column, parent: SObject, key: Field, alias: str) -> str:
    name = _folded(key, f'"{key.name}"')
    text = _folded(key, f"x{column.place}")
    where = 'not "IsDeleted"' if parent.keeps_deleted else "true"
    one = f'"Id" as id, ["Id"] as many from {parent.table} where {where}'
    if not key.unique:
        several = 'min("Id") as id, list("Id" order by "Id") as many'
        one = f"{several} from {parent.table} where {where} group by all"
    return f"left join (select {name} as key, {one}) {alias} on {alias}.key = {text}"


def _by_id(schema: Schema, column: Column, alias: str) -> str:
    parts = []
    for name in column.field.reference_to:
        parent = schema.get(name)
        if parent is None:
            continue
        gone = '"IsDeleted"' if parent.keeps_deleted else "false"
        idle = 'not "IsActive"' if parent.name == "User" else "false"
        parts.append(f'select "Id" as id, {gone} as gone, {idle} as idle from {parent.table}')
    rows = " union all ".join(parts) or "select null::varchar as id, false as gone, false as idle"
    return f"left join ({rows}) {alias} on {alias}.id = v{column.place}"


def writable_arms(columns: Sequence[Column], key: Column | None) -> list[str]:
    """Give the errors of values for fields that a new, or a known, record does not take."""
    arms = []
    for condition, named in (
        ("is null", [each for each in columns if not each.field.createable]),
        ("is not null", [each for each in columns if not each.field.updateable]),
    ):
        sealed = [each for each in named if each is not key]
        if not sealed:
            continue
        given = " or ".join(f"g{each.place}" for each in sealed)
        listed = ", ".join(
            f"case when g{each.place} then {literal(each.field.name)} end" for each in sealed
        )
        message = (
            f"concat('Unable to create/update fields: ', concat_ws(', ', {listed}), "
            "'. Please check the security settings of this field and verify that it is "
            "read/write for your profile or permission set.')"
        )
        error = (
            f"concat('INVALID_FIELD_FOR_INSERT_UPDATE', {PART}, {message}, {PART}, "
            f"concat_ws(',', {listed}))"
        )
        arms.append(f"when _target {condition} and ({given}) then {error}")
    return arms


def required_arms(target: SObject, columns: Sequence[Column]) -> list[str]:
    """Give the error of a record that would lack what it must have."""
    by_name = {each.field.name: each for each in columns}
    missing = []
    for item in target.fields:
        if (item.nillable and not item.must) or item.type == "boolean":
            continue
        if not (item.stored and item.createable):
            continue
        column = by_name.get(item.name)
        if column is None:
            if item.required:
                missing.append(("_target is null", item.name))
            continue
        # Cleared when new, a field with a default takes that.
        known = f"(_target is not null and g{column.place})"
        when = f"(_target is null or {known})" if item.required else known
        missing.append((f"(x{column.place} is null and {when})", item.name))
    if not missing:
        return []
    listed = ", ".join(f"case when {lacks} then {literal(name)} end" for lacks, name in missing)
    error = (
        f"concat('REQUIRED_FIELD_MISSING', {PART}, 'Required fields are missing: [', "
        f"concat_ws(', ', {listed}), ']', {PART}, concat_ws(',', {listed}))"
    )
    anything = " or ".join(lacks for lacks, _ in missing)
    return [f"when {anything} then {error}"]


def column_arms(schema: Schema, column: Column) -> list[str]:
    """Give the errors of one column's values."""
    item, place = column.field, column.place
    text, value, alias = f"x{place}", f"v{place}", f"p{place}"
    if column.parent is not None and column.parent_key is not None:
        return _foreign_key_arms(column, column.parent, column.parent_key, text, alias)
    if item.type == "reference":
        return _reference_arms(schema, item, text, value, alias)
    arms = value_error_sql(item, text, value)
    if item.type == "boolean":
        message = literal(f"{item.label}: value not of required type: null")
        arms.append(
            f"when g{place} and {text} is null then "
            + problem("INVALID_TYPE_ON_FIELD_IN_RECORD", message, item.name)
        )
    return arms


def _foreign_key_arms(
    column: Column, parent: SObject, key: Field, text: str, alias: str
) -> list[str]:
    relation = column.field.relationship or column.field.name
    missing = (
        f"concat('Foreign key external ID: ', {text}, "
        f"{literal(f' not found for field {key.name} in entity {parent.name}')})"
    )
    many = _several(key, f"{alias}.many")
    return [
        f"when {text} is not null and {alias}.id is null then "
        + problem("INVALID_FIELD", missing, relation),
        f"when len({alias}.many) > 1 then {problem('DUPLICATE_EXTERNAL_ID', many, relation)}",
    ]


def _reference_arms(schema: Schema, item: Field, text: str, value: str, alias: str) -> list[str]:
    wrong = f"concat({literal(item.label + ': id value of incorrect type: ')}, {text})"
    malformed = problem("MALFORMED_ID", wrong, item.name)
    invalid = literal("invalid cross reference id")
    gone = literal("entity is deleted")
    arms = [
        f"when {text} is not null and {value} is null then {malformed}",
        f"when {_of_another_type(schema, item, value)} then "
        + problem("FIELD_INTEGRITY_EXCEPTION", wrong, item.name),
        f"when {value} is not null and {alias}.id is null then "
        + problem("INVALID_CROSS_REFERENCE_KEY", invalid, item.name),
        f"when {alias}.gone then {problem('ENTITY_IS_DELETED', gone, item.name)}",
    ]
    if item.name == "OwnerId":
        idle = f"concat('operation performed with inactive user [', {value}, '] as owner')"
        arms.append(f"when {alias}.idle then {problem('INACTIVE_OWNER_OR_USER', idle, item.name)}")
    return arms


def _of_another_type(schema: Schema, item: Field, value: str) -> str:
    """Tell by its prefix an id of an object the lookup does not refer to."""
    named = [schema.get(name) for name in item.reference_to]
    wanted = ", ".join(literal(each.prefix) for each in named if each)
    others = ", ".join(
        literal(each.prefix) for each in schema.objects.values() if each not in named
    )
    prefix = f"substr({value}, 1, 3)"
    if all(named) and wanted:
        return f"{prefix} not in ({wanted})"
    # An object this org does not have may be referred to: only a known other one is wrong.
    return f"{prefix} in ({others})"


def unique_statements(target: SObject, columns: Sequence[Column], key: Column | None) -> list[str]:
    """Give the statements that find values of unique fields that are taken already."""
    statements = []
    for each in columns:
        if each.field.unique and each is not key:
            statements += _taken(target, (each,))
    by_name = {each.field.name: each for each in columns}
    together = tuple(by_name[name] for name in target.unique_together if name in by_name)
    if together and len(together) == len(target.unique_together):
        statements += _taken(target, together)
    return statements


def _taken(target: SObject, columns: tuple[Column, ...]) -> list[str]:
    """Give the two statements: taken by a record, taken by an earlier row of this set."""
    name = columns[-1].field.name
    values = [_folded(each.field, f"r.v{each.place}") for each in columns]
    stored = [_folded(each.field, f't."{each.field.name}"') for each in columns]
    same = " and ".join(f"{a} = {b}" for a, b in zip(stored, values, strict=True))
    given = " and ".join(f"{value} is not null" for value in values)
    by_record, by_row = _duplicate(name, 't."Id"'), _duplicate(name, "'<unknown>'")
    if target.name == LINK:
        pair = {each.field.name: f"r.v{each.place}" for each in columns}
        by_record = by_row = already_linked(pair["ContentDocumentId"], pair["LinkedEntityId"])
    return [
        f"update resolved r set _error = {by_record} from {target.table} t "
        f"where {same} and r._error is null {_alive(target, 't')} "
        'and t."Id" is distinct from r._target',
        f"update resolved r set _error = {by_row} where _row in "
        f"(select _row from resolved r where _error is null and {given} "
        f"qualify row_number() over (partition by {', '.join(values)} order by _row) > 1)",
    ]


def _duplicate(name: str, record: str) -> str:
    if name == "Username":
        return problem("DUPLICATE_USERNAME", literal(DUPLICATE_USERNAME), name)
    start = literal(f"duplicate value found: {name} duplicates value on record with id: ")
    return problem("DUPLICATE_VALUE", f"concat({start}, {record})", name)
