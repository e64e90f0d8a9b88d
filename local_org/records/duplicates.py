"""The standard duplicate rules of Account, Contact and Lead.

The matching equations are Salesforce's standard ones, simplified: where Salesforce compares
fuzzily (nicknames, typing mistakes, shortened streets), values here must be equal once case,
punctuation and blanks are left out. A blank field matches nothing; a blank first name matches a
blank one where the e-mail is compared too. Contacts have the same account name where they have
the same account. Records are compared with their own object only.

Rows of one save (200 records) are compared with what is stored, not with each other; in a longer
job later saves see what earlier ones wrote. An update is looked at only where it changes a field
of the equation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from local_org.ids import make_id
from local_org.records.values import problem
from local_org.schema.model import SObject
from local_org.store import literal, next_numbers

TRANSACTION = 200
MESSAGE = "Use one of these records?"
MOST_SHOWN = 100


@dataclass(frozen=True)
class MatchingRule:
    """What makes two records of an object duplicates: any of the clauses, all its parts equal."""

    name: str
    parts: dict[str, tuple[str, str]]
    clauses: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it compares."""
        return tuple(dict.fromkeys(name for name, _ in self.parts.values()))


def _person(rule: str, company: str, address: str) -> MatchingRule:
    """Give the rule of contacts or leads; the letters stand for the parts of the equation."""
    street = f"{address}Street" if address else "Street"
    return MatchingRule(
        name=rule,
        parts={
            "F": ("FirstName", "text"),
            "L": ("LastName", "text"),
            "T": ("Title", "text"),
            "A": (company, "id" if company == "AccountId" else "text"),
            "E": ("Email", "email"),
            "P": ("Phone", "phone"),
            "S": (street, "text"),
            "C": (f"{address}City", "text"),
            "Z": (f"{address}PostalCode", "text"),
        },
        clauses=("FLTA", "FLE", "FLPA", "FLSC", "FLSZ", "FLSP", "FLST", "FLP"),
    )


RULES = {
    "Account": MatchingRule(
        name="Standard_Account_Match_Rule_v1_0",
        parts={
            "N": ("Name", "text"),
            "S": ("BillingStreet", "text"),
            "C": ("BillingCity", "text"),
            "D": ("BillingState", "text"),
            "Z": ("BillingPostalCode", "text"),
            "P": ("Phone", "phone"),
            "W": ("Website", "site"),
        },
        clauses=("NSC", "NP", "NW"),
    ),
    "Contact": _person("Standard_Contact_Match_Rule_v1_1", "AccountId", "Mailing"),
    "Lead": _person("Standard_Lead_Match_Rule_v1_0", "Company", ""),
}


def rule_name(target: str) -> str:
    """Give the developer name of an object's standard duplicate rule."""
    return f"Standard_{target}_Duplicate_Rule"


def _plain(sql: str, kind: str) -> str:
    """Give SQL for a value without what does not tell two records apart."""
    match kind:
        case "id":
            return sql
        case "phone":
            # A leading 1 is the country code of North America.
            return f"nullif(regexp_replace(regexp_replace({sql}, '\\D', '', 'g'), '^1', ''), '')"
        case "email":
            return f"lower({sql})"
        case "site":
            bare = f"regexp_replace(lower({sql}), '^https?://', '')"
            return f"rtrim(regexp_replace({bare}, '^www\\.', ''), '/')"
        case _:
            return f"nullif(regexp_replace(lower({sql}), '[^\\pL\\pN]', '', 'g'), '')"


def _key(clause: str) -> str:
    """Give SQL for what records that match by this clause share; NULL where a part is blank."""
    parts = ("coalesce(F, '')" if part == "F" and "E" in clause else part for part in clause)
    return " || chr(31) || ".join(parts)


def _parts(rule: MatchingRule, alias: str) -> str:
    """Give SQL for the parts of the equation, each under its letter."""
    found = (
        (_plain(f'{alias}."{name}"', kind), letter) for letter, (name, kind) in rule.parts.items()
    )
    return ", ".join(f"{value} as {letter}" for value, letter in found)


def find_duplicates(cursor: duckdb.DuckDBPyConnection, target: SObject) -> None:
    """Refuse the rows of `whole` that match a record; table `matches` tells which.

    Each clause is looked at in turn: within a group of rows that match by it, those of the first
    save stay and those of later saves are duplicates of them.
    """
    rule = RULES[target.name]
    changed = " or ".join(
        f'(w."given {name}" and w."{name}" is distinct from w."was {name}")' for name in rule.fields
    )
    cursor.execute("create or replace temp table matches (_row bigint, id varchar)")
    cursor.execute(
        f"""create or replace temp table mine as select w._row, w._id,
            w._target is null or {changed} as looked_at, {_parts(rule, "w")}
        from whole w join resolved r using (_row) where r._error is null"""
    )
    counted = cursor.execute("select count(*), count(*) filter (looked_at) from mine").fetchone()
    rows, looked_at = counted or (0, 0)
    if not looked_at:
        return
    cursor.execute(
        f"""create or replace temp table theirs as
        select t."Id" as id, {_parts(rule, "t")}
        from {target.table} t where not t."IsDeleted"
        """
    )
    # Only the answer to a small request names them; one beside the record itself will do else.
    kept = MOST_SHOWN if rows <= TRANSACTION else 2
    for clause in rule.clauses:
        _find_by(cursor, _key(clause), kept)


def _find_by(cursor: duckdb.DuckDBPyConnection, key: str, kept: int) -> None:
    """Look at the rows that no earlier clause has found, by one clause."""
    cursor.execute(
        f"""create or replace temp table left_over as
        select _row, _id, looked_at, {key} as key from mine
        where {key} is not null and _row not in (select _row from matches)"""
    )
    cursor.execute(
        f"""create or replace temp table found as select _row, id from (
            select _row, _id, unnest(ids) as id from left_over
            join (select {key} as key, list(id order by id)[:{kept}] as ids
                from theirs where {key} is not null group by all) using (key)
            where looked_at)
        where id <> _id"""
    )
    cursor.execute(
        f"""create or replace temp table among as select _row, first_id as id from (
            select _row, _id, looked_at, (_row - 1) // {TRANSACTION} as save,
                min((_row - 1) // {TRANSACTION}) over same as first_save,
                first(_id) over (same order by _row) as first_id
            from left_over anti join found using (_row) window same as (partition by key))
        where looked_at and save > first_save and first_id <> _id"""
    )
    for table in ("found", "among"):
        counted = cursor.execute(f"select count(*) from {table}").fetchone()
        # DuckDB 2.0 finds nothing in a table whose first insert of a transaction was of no rows
        # and whose second was large.
        if counted and counted[0]:
            cursor.execute(f"insert into matches from {table}")
            cursor.execute(
                f"""update resolved set _error = {problem("DUPLICATES_DETECTED", literal(MESSAGE))}
                where _error is null and _row in (select _row from {table})"""
            )


def rule_fields(target: str) -> tuple[str, ...]:
    """Give the fields that must stand in `whole` for the object's rule."""
    rule = RULES.get(target)
    return rule.fields if rule else ()


def show_rules(cursor: duckdb.DuckDBPyConnection, pod: str, user: str, *, active: bool) -> None:
    """Write the records of DuplicateRule: one per object, active as the switch says."""
    for name in RULES:
        known = cursor.execute(
            'select 1 from data."DuplicateRule" where "SobjectType" = ?', [name]
        ).fetchone()
        if known is None:
            record = make_id("0Bm", pod, next_numbers(cursor, "0Bm", 1))
            cursor.execute(
                """insert into data."DuplicateRule" by name
                select ? as "Id", ? as "DeveloperName", ? as "MasterLabel", ? as "SobjectType",
                    'None' as "SobjectSubtype", 'en_US' as "Language", false as "IsDeleted",
                    date_trunc('second', now()::timestamp) as "CreatedDate",
                    date_trunc('second', now()::timestamp) as "LastModifiedDate",
                    date_trunc('second', now()::timestamp) as "SystemModstamp",
                    ? as "CreatedById", ? as "LastModifiedById\"""",
                [record, rule_name(name), rule_name(name).replace("_", " "), name, user, user],
            )
    cursor.execute('update data."DuplicateRule" set "IsActive" = ?', [active])


def matched(cursor: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Give per row the ids of the records it duplicates."""
    if not cursor.execute("from duckdb_tables() where table_name = 'matches'").fetchone():
        return {}
    rows = cursor.execute(
        f"select _row, list(distinct id order by id)[:{MOST_SHOWN}] from matches group by all"
    ).fetchall()
    return {int(row): list(ids) for row, ids in rows}


def duplicate_result(
    target: str, ids: Iterable[str], base: str, *, allow: bool
) -> dict[str, object]:
    """Give what REST tells of the records that are duplicated."""
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": target, "url": f"{base}/sobjects/{target}/{each}"},
                "Id": each,
            },
        }
        for each in ids
    ]
    return {
        "allowSave": allow,
        "duplicateRule": rule_name(target),
        "duplicateRuleEntityType": target,
        "errorMessage": MESSAGE,
        "matchResults": [
            {
                "entityType": target,
                "errors": [],
                "matchEngine": "FuzzyMatchEngine",
                "matchRecords": records,
                "rule": RULES[target].name,
                "size": len(records),
                "success": True,
            }
        ],
    }
