"""What the marts of a Dental-Exec practice hold, as its tests ask for it."""

from typing import Any

from tests.python.support import Migration

PRACTICE: dict[str, Any] = {"system": "dental_exec", "product": None, "practice": "elm"}


def records(
    migration: Migration, mart: str, *columns: str, practice: str = "elm"
) -> dict[str, tuple[Any, ...]]:
    """What loads of a mart, by key without the practice."""
    listed = ", ".join(f'"{column}"' for column in columns)
    rows = migration.rows(
        f'select "Migration_Key__c", {listed} from salesforce.dental_exec__{mart}'
        f" where not _held_back and _practice = '{practice}'"
    )
    return {str(key).removeprefix(f"{practice}:"): tuple(values) for key, *values in rows}


def problems(
    migration: Migration, mart: str, practice: str = "elm"
) -> dict[str, set[tuple[str, str, bool]]]:
    """What a mart found wrong, by key without the practice: field, class, whether held back.
    A lookup goes by its field."""
    rows = migration.rows(
        f'select "Migration_Key__c", p.field, p.class, p.held_back'
        f" from salesforce.dental_exec__{mart}, unnest(_problems) as found (p)"
        f" where _practice = '{practice}'"
    )
    found: dict[str, set[tuple[str, str, bool]]] = {}
    for key, field, *problem in rows:
        name = str(field).replace("__r.Migration_Key__c", "__c")
        found.setdefault(str(key).removeprefix(f"{practice}:"), set()).add((name, *problem))
    return found
