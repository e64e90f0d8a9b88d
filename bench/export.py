"""Exports of any size, made in sets: plain patients, a practice with all that Dentrix keeps, or one
of Dental-Exec with as many tasks and bills."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench import dental_exec, practice
from demo.people import AREA_CODES, MEN, STREETS, SURNAMES, WOMEN
from loaders.raw.contract import Contract, product_contract

FAMILY_SIZE = 4
PLANS = 2000
CARRIERS = 300
EXPORT_YML = """\
system: dentrix
product: g_series
practice: bench
practice_name: Bench Dental
kind: full
time_zone: America/Chicago
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
"""

# Every value follows from a row's number `i` alone, so the same size gives the same export. A
# family is FAMILY_SIZE neighbours; the first of them is the guarantor. `person` is who the patient
# is: another patient's number where the practice has them twice.
_PATIENTS = {
    "patient": """
        select
            i as patid, '2026-11-02 16:26:19' as automodifiedtimestamp, head as famid,
            head as guarid, (i = head)::int as isguar, (i = head)::int as isheadofhouse,
            surname(family) as lastname, first_name(person) as firstname,
            'C' || i as chartnum, 'DDS' || (i % 8 + 1) as provid1, i % 2 + 1 as gender,
            1 as status, if(i = head, 2, 3) as fampos,
            date '1950-01-01' + (scatter(person, 0) % 24000)::int || ' 00:00:00' as birthdate,
            date '2015-01-01' + (scatter(i, 1) % 3000)::int || ' 00:00:00' as firstvisitdate,
            date '2024-01-01' + (scatter(i, 2) % 600)::int || ' 00:00:00' as lastvisitdate,
            family as addrid, phone(person) as pager,
            lower(first_name(i)) || '.' || i || '@example.com' as emailaddr,
            i % 4 as privacyflags, i % 3 as missedappt,
            if(family % 5 = 0, 0, family) as priminsuredid, 0 as secinsuredid,
            if(i = head, 1, 3) as priminsrel,
            timestamp '2015-01-01 08:00:00' + to_minutes((scatter(i, 3) % 4000000)::int)
                as createdate,
            if(i % 10 = 0, 'Prefers mornings, "not before ten".', '') as note
        from patients""",
    "address": """
        select
            family as addrid,
            100 + family % 1900 || ' ' || street(family) as street1,
            'Oak Park' as city, 'IL' as state, 60000 + scatter(family, 4) % 900 as zipcode,
            phone(family + 7) as phone
        from families""",
    "insured": """
        select
            family as insuredid, scatter(family, 5) % {plans} + 1 as insplanid, head as inspartyid,
            'W' || head as idnum
        from families where family % 5 != 0""",
    "aging": """
        select
            head as guarid, '2026-11-19 00:00:00' as agingdate,
            (scatter(head, 6) % 50000 / 100)::decimal(9, 2) as aging0to30, '0.00' as aging31to60,
            '0.00' as aging61to90, (scatter(head, 7) % 5000 / 100)::decimal(9, 2) as aging91plus
        from families""",
    "inscarrier": """
        select
            i + 1 as insid,
            concat(
                surname(i % {carriers}), ' ', if(i % 2 = 0, 'Mutual', 'Dental'),
                if(i % 7 = 0, ' Inc.', '')
            ) as insconame,
            'Group ' || i as groupname, 'G' || i as groupnum, 'Chicago' as city, 'IL' as state,
            '60601' as zipcode, 10000 + i as payerid
        from range({plans}) as plans (i)""",
    "provider": """
        select
            'DDS' || (i + 1) as provider_id, surname(i) as last_name, first_name(i) as first_name,
            1 as specialty_id, 0 as issecondaryprovider, 0 as isnonperson, 0 as inactive
        from range(8) as providers (i)""",
    "specialty": "select 1 as defid, 'General Practice' as description",
}


@dataclass(frozen=True)
class Product:
    """What is exported: the contract of its tables, and the views its rows are made from."""

    contract: Contract
    export_yml: str
    views: str


_DENTRIX = Product(
    product_contract("dentrix", "g_series"),
    EXPORT_YML,
    practice.VIEWS.format(family_size=FAMILY_SIZE),
)
_DENTAL_EXEC = Product(
    product_contract("dental_exec", "dental_exec"), dental_exec.EXPORT_YML, dental_exec.VIEWS
)


def write_patients(folder: Path, patients: int) -> int:
    """Writes an export set of that many patients; gives the number of rows in all its files."""
    return _write(folder, patients, patients + 1, _DENTRIX, _PATIENTS)


def write_practice(folder: Path, raw_rows: int) -> int:
    """Writes an export set of a whole practice, with messes, of about that many rows in all its
    files; gives their number."""
    patients = max(FAMILY_SIZE, round(raw_rows / practice.RAW_ROWS_A_PATIENT))
    return _write(folder, patients, 199, _DENTRIX, {**_PATIENTS, **practice.PRACTICE})


def write_dental_exec(folder: Path, rows: int) -> int:
    """Writes a Dental-Exec export set of about that many tasks and bills, half of them each; gives
    the number of rows in all its files."""
    patients = max(FAMILY_SIZE, round(rows / dental_exec.ROWS_A_PATIENT))
    return _write(folder, patients, patients + 1, _DENTAL_EXEC, dental_exec.PRACTICE)


def _write(
    folder: Path, patients: int, twice_every: int, product: Product, tables: dict[str, str]
) -> int:
    folder.mkdir(mode=0o700, parents=True)
    (folder / "export.yml").write_text(product.export_yml, encoding="utf-8")
    with duckdb.connect() as connection:
        _prepare(connection, patients, twice_every, product.views)
        columns = {name: table.columns for name, table in product.contract.tables.items()}
        return sum(
            _write_table(connection, folder, table, columns[table], select)
            for table, select in tables.items()
        )


def _prepare(
    connection: duckdb.DuckDBPyConnection, patients: int, twice_every: int, views: str
) -> None:
    connection.execute(f"""
        set enable_progress_bar = false;
        create macro scatter(n, salt) as hash(n * 64 + salt);
        create macro surname(n) as
            {_picked(SURNAMES, "scatter(n, 8)")} || '-' || {_picked(SURNAMES, "scatter(n, 9)")};
        create macro first_name(n) as {_picked(WOMEN + MEN, "scatter(n, 10)")};
        create macro street(n) as {_picked(STREETS, "n")};
        create macro phone(n) as
            {_picked(AREA_CODES, "scatter(n, 11)")}
            || '-555-01' || lpad((scatter(n, 12) % 100)::varchar, 2, '0');
        create view patients as
            select
                i + 1 as i,
                i + 1 - (i % {twice_every} = {twice_every} - 1)::int as person,
                i // {FAMILY_SIZE} + 1 as family,
                i // {FAMILY_SIZE} * {FAMILY_SIZE} + 1 as head
            from range({patients}) as numbers (i);
        create view families as select family, head from patients where i = head;
        {views}
    """)


def _write_table(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    known: tuple[str, ...],
    select: str,
) -> int:
    query = select.format(plans=PLANS, carriers=CARRIERS)
    made = connection.sql(query).columns
    columns = [f'"{name}"' if name in made else f"'' as \"{name}\"" for name in known]
    path = str(folder / f"{table}.csv").replace("'", "''")
    written = connection.execute(
        f"copy (select {', '.join(columns)} from ({query})) to '{path}' (format csv, header)"
    ).fetchone()
    return int(written[0]) if written else 0


def _picked(words: tuple[str, ...], number: str) -> str:
    """SQL that picks one of the words by a number."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"list_extract([{listed}], ({number} % {len(words)} + 1)::int)"
