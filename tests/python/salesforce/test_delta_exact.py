"""A delta is exact: of a million rows 137 change, those are sent, and no other record moves."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import duckdb

from .conftest import MARTS, Migration

ROWS = {
    "t__family": """
        select
            'p:family:' || n as "Migration_Key__c", 'Family ' || n as "Name",
            'Family' as "Account_Kind__c", '1 Main St' as "BillingStreet",
            (n % 500)::decimal(16, 2) as "Balance_0_30__c"
        from range(400_000) as numbers (n)""",
    "t__patient": """
        select
            'p:patient:' || n as "Migration_Key__c", 'Zoë ' || n % 7 as "FirstName",
            'Name ' || n as "LastName", date '1950-01-01' + (n % 20000)::int as "Birthdate",
            n % 100 = 0 as "Is_Provider__c", 'C' || n as "Chart_Number__c",
            'p:family:' || n // 2 as "Account.Migration_Key__c"
        from range(400_000) as numbers (n)""",
    "t__guarantor": """
        select
            'p:patient:' || n as "Migration_Key__c",
            'p:patient:' || n // 2 * 2 as "Guarantor__r.Migration_Key__c"
        from range(100_000) as numbers (n)""",
    "t__insurance": """
        select
            'p:insurance:' || n as "Migration_Key__c",
            'p:patient:' || n as "Contact__r.Migration_Key__c",
            'Primary' as "Priority__c", 'G' || n % 900 as "Group_Number__c"
        from range(100_000) as numbers (n)""",
}
# By mart: what changes, in which rows, and how many they are. The first and the last row are among
# them. A guarantor's row and a patient's are one Contact: no Contact changes by both.
CHANGES = {
    "t__family": ('"Balance_0_30__c" = "Balance_0_30__c" + 0.01', "n % 10000 = 0", 40),
    "t__patient": ('"Chart_Number__c" = null', "n % 8000 = 1 or n = 399999", 51),
    "t__guarantor": ('"Guarantor__r.Migration_Key__c" = null', "n % 5000 = 0", 20),
    "t__insurance": ("\"Group_Number__c\" = 'new'", "n % 4000 = 3999 or n = 7", 26),
}
OBJECTS = {
    "Account": ("t__family",),
    "Contact": ("t__patient", "t__guarantor"),
    "Insurance_Detail__c": ("t__insurance",),
}


def hashed(mart: str) -> str:
    cells = ", ".join(f"coalesce(\"{column}\"::varchar, '~')" for column, _, _ in MARTS[mart][1])
    return f"md5(concat_ws('|', {cells}))"


def write(migration: Migration) -> None:
    migration.build({})
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as con:
        for mart, rows in ROWS.items():
            con.execute(f"insert into salesforce.{mart} by name {rows}")
            con.execute(
                f"update salesforce.{mart} set _practice = 'p', _file = 'file.csv', _line = 1,"
                f" _problems = [], _held_back = false, _row_hash = {hashed(mart)}"
            )


def change(migration: Migration) -> dict[str, set[str]]:
    """Changes the rows; gives their keys by mart."""
    changed = {}
    with duckdb.connect(str(migration.home / "warehouse.duckdb")) as con:
        for mart, (what, which, _) in CHANGES.items():
            numbered = which.replace("n ", "split_part(\"Migration_Key__c\", ':', 3)::int ")
            keys = con.execute(
                f'update salesforce.{mart} set {what} where {numbered} returning "Migration_Key__c"'
            ).fetchall()
            con.execute(f"update salesforce.{mart} set _row_hash = {hashed(mart)}")
            changed[mart] = {key for (key,) in keys}
    return changed


def run(migration: Migration) -> dict[str, Any]:
    process = migration.start("run", "--json")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    said: dict[str, Any] = json.loads(out)
    return said


def counted(migration: Migration) -> dict[str, tuple[int, str]]:
    """By object: how many records, and when the last of them moved."""
    found = {}
    for name in OBJECTS:
        soql = f"SELECT COUNT(Id) number, MAX(SystemModstamp) moved FROM {name}"
        (record,) = migration.soql(soql)
        found[name] = (record["number"], record["moved"])
    return found


def moved(migration: Migration, name: str, since: str) -> set[str]:
    since = since.replace("+0000", "Z")
    soql = f"SELECT Migration_Key__c FROM {name} WHERE SystemModstamp > {since}"
    return {record["Migration_Key__c"] for record in migration.soql(soql)}


def test_of_a_million_rows_137_change_and_137_are_sent(ready: Migration) -> None:
    write(ready)
    first = run(ready)
    assert (first["sent"], first["rejected"]) == (1_000_000, 0)
    before = counted(ready)
    # Stamps are whole seconds: what moves from now on has a later one.
    latest = max(datetime.fromisoformat(stamp) for _, stamp in before.values())
    while datetime.now(UTC) < latest.replace(microsecond=999_999):
        time.sleep(0.1)

    changed = change(ready)
    assert {mart: len(keys) for mart, keys in changed.items()} == {
        mart: number for mart, (_, _, number) in CHANGES.items()
    }
    second = run(ready)
    assert (second["sent"], second["rejected"]) == (137, 0)
    (delta,) = second["runs"]
    assert {s["step"]: (s["updated"], s["created"]) for s in delta["steps"]} == {
        mart: (number, 0) for mart, (_, _, number) in CHANGES.items()
    }
    for name, marts in OBJECTS.items():
        expected = set().union(*(changed[mart] for mart in marts))
        assert moved(ready, name, before[name][1]) == expected
        assert counted(ready)[name][0] == before[name][0]

    third = run(ready)
    assert (third["sent"], third["runs"]) == (0, [])
