"""The correction report for spreadsheets: one file for all, and one for each who must act."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.home import Home
from loaders.raw.sql import text
from loaders.spreadsheet import write_query

# What to do comes first, so that what is done in the same way stands together; of that what holds
# most records back.
_ROWS = """
    select
        c.who,
        c.action,
        c.practice,
        c.file,
        c.line,
        c.object,
        c.key,
        c.field,
        c.class,
        c.held_back,
        c."value",
        c.waits_for,
        case when c.held_back and c.waits_for is null then coalesce(w.waiting, 0) end as waiting
    from {corrections} as c
    left join (
        select waits_for, count(distinct (object, key)) as waiting
        from {corrections} where waits_for is not null group by waits_for
    ) as w on c.key = w.waits_for
    {where}
    order by c.who, c.action, waiting desc nulls last, c.practice, c.file, c.line, c.key, c.field
"""


@dataclass(frozen=True)
class Corrections:
    """Where the correction report is: `whole`, and by who must act its file and its rows."""

    whole: Path
    by_person: dict[str, tuple[Path, int]]


def write_corrections(
    con: duckdb.DuckDBPyConnection, home: Home, mart: str = "migration.corrections"
) -> Corrections:
    """Writes `reports/corrections.csv` and `reports/corrections/<who>.csv` from the mart.

    `con` has the warehouse as its own database, or attached, and then `mart` says how it is called.
    `waiting` counts the records that load once a row is corrected. A file of somebody who has
    nothing to correct any more is removed.
    """
    home.reports.mkdir(mode=0o700, exist_ok=True)
    folder = home.reports / "corrections"
    folder.mkdir(mode=0o700, exist_ok=True)
    whole = home.reports / "corrections.csv"
    write_query(con, _ROWS.format(corrections=mart, where=""), whole)
    people = con.execute(f"select who, count(*) from {mart} group by who order by who").fetchall()
    by_person = {str(who): (folder / _file(str(who)), int(rows)) for who, rows in people}
    for who, (file, _) in by_person.items():
        where = f"where c.who = {text(who)}"
        write_query(con, _ROWS.format(corrections=mart, where=where), file)
    kept = {file for file, _ in by_person.values()}
    for left in folder.glob("*.csv"):
        if left not in kept:
            left.unlink()
    return Corrections(whole, by_person)


def _file(who: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in who.lower()) + ".csv"
