"""Which patients a sample takes: few, always the same ones, and among them every step and every
class of problem that some patient has.

Patients are the records of the steps that say `sample: true`; a row belongs to the patient that
the org locks for it. What belongs to nobody is picked by itself, a few rows of each step.
"""

from dataclasses import dataclass

import duckdb

from loaders.errors import Exit, UserError
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

# A patient with more rows than this fills a sample alone.
_LARGE = 60
# Of each step and class of problem so many patients are looked at, and so many loose rows taken.
_CANDIDATES, LOOSE = 20, 3
_FILL = 2_000


@dataclass(frozen=True)
class Chosen:
    """A patient that a sample takes: its step and key, and how many rows belong to it."""

    step: str
    key: str
    rows: int


def owner_of(step: Step, patients: frozenset[str]) -> tuple[str, str] | None:
    """The column with the key of the patient a row belongs to, and that patient's step; None
    where rows belong to none."""
    if step.name in patients or step.of in patients:
        return step.external_id, step.of or step.name
    lookups = [f for f in (step.lock, *step.fields) if f and (f.lock or f.required)]
    return next(((f.column, f.lookup) for f in lookups if f.lookup in patients), None)


def patient_steps(project: Project) -> frozenset[str]:
    """The steps whose records are patients. Raises UserError where no mart says it is one."""
    found = frozenset(step.name for step in project.steps if step.sample)
    if not found:
        raise UserError(
            "No mart says that its records are what a sample picks.",
            "Write `sample: true` under meta.salesforce of the patients' mart, then `dbt parse`.",
            Exit.BLOCKED,
        )
    return found


def rank(con: duckdb.DuckDBPyConnection, project: Project) -> list[Chosen]:
    """Patients in the order a sample takes them: first those that show, in as few rows as may be,
    what no patient before them shows; then the others in turn, with a problem and without."""
    patients = patient_steps(project)
    _tally(con, project, patients)
    con.execute(
        "create or replace temp table costs as select step, key, sum(rows)::bigint as rows,"
        " count(*) as shows, bool_or(is_problem) as has_problem from tallies group by step, key"
    )
    chosen = _covering(con)
    con.execute("create or replace temp table covering (step varchar, key varchar)")
    con.executemany(
        "insert into covering values (?, ?)", [[c.step, c.key] for c in chosen] or [["", ""]]
    )
    rest = con.execute(
        f"""
        with others as (
            select *, row_number() over (partition by has_problem order by md5(key)) as turn
            from costs anti join covering using (step, key)
        )
        select step, key, rows from others
        order by rows > {_LARGE}, turn, has_problem desc, md5(key) limit {_FILL}
        """
    ).fetchall()
    return chosen + [Chosen(*row) for row in rest]


def _tally(con: duckdb.DuckDBPyConnection, project: Project, patients: frozenset[str]) -> None:
    """The temporary table `tallies`: what each patient shows, one row each."""
    con.execute(
        "create or replace temp table tallies (step varchar, key varchar, shows varchar,"
        " is_problem boolean, rows bigint)"
    )
    for step in project.steps:
        owner = owner_of(step, patients)
        if owner is None:
            continue
        column, of = name(owner[0]), project.step(owner[1])
        whose = (
            f"select {text(of.name)} as step, m.{column} as key, m._problems, m._practice"
            f" from warehouse.{step.relation} as m semi join (select {name(of.external_id)} as key"
            f" from warehouse.{of.relation} where not _held_back) as p on p.key = m.{column}"
            " where not m._held_back"
        )
        con.execute(
            f"insert into tallies select step, key, {text(step.name)}, false, count(*)"
            f" from ({whose}) group by step, key"
        )
        con.execute(
            "insert into tallies"
            f" select distinct step, key, {text(step.name + ': ')} || class, true, 0"
            f" from (select step, key, unnest(_problems).class as class from ({whose}))"
        )
        if step.name in patients:
            con.execute(
                "insert into tallies"
                f" select step, key, 'practice ' || _practice, false, 0 from ({whose})"
            )


def _covering(con: duckdb.DuckDBPyConnection) -> list[Chosen]:
    """Patients that together show all there is, the one that shows most of the rest each time."""
    con.execute(
        f"""
        create or replace temp table candidates as
        with firsts as (
            select unnest(min_by(
                struct_pack(step := step, key := key),
                (c.rows > {_LARGE})::int::varchar || lpad((999 - c.shows)::varchar, 3, '0')
                    || md5(key),
                {_CANDIDATES}
            ), recursive := true)
            from tallies as t join costs as c using (step, key)
            group by t.shows
        )
        select t.step, t.key, t.shows, c.rows
        from tallies as t join costs as c using (step, key)
        semi join firsts using (step, key)
        """
    )
    chosen: list[Chosen] = []
    while True:
        best = con.execute(
            "select step, key, any_value(rows) from candidates group by step, key"
            f" order by any_value(rows) > {_LARGE}, count(*) desc, any_value(rows), md5(key)"
            " limit 1"
        ).fetchone()
        if best is None:
            return chosen
        chosen.append(Chosen(*best))
        con.execute(
            "delete from candidates where shows in"
            " (select shows from candidates where step = ? and key = ?)",
            list(best[:2]),
        )
