"""A closed slice of the marts: chosen patients, all that belongs to them, and every record that
any of these rows looks up, so that nothing in it points outside.

It is kept as Parquet, and takes the marts' place: as the database `warehouse` it has the tables a
whole warehouse has, so that what freezes, sends and compares marts does so with a slice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.choosing import LOOSE, Chosen, owner_of, patient_steps, rank
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, Step

FEWEST, MOST = 100, 500
# Rows of patients a sample begins with: the records they look up come on top.
_BUDGET = 300
_TRIES = 8


@dataclass(frozen=True)
class SliceFacts:
    """What a slice came to: patients chosen, rows by step, and of the steps and classes of
    problem that rows to be loaded have, those it shows and those it does not."""

    patients: int
    rows: dict[str, int]
    shown: tuple[str, ...]
    not_shown: tuple[str, ...]

    @property
    def records(self) -> int:
        """How many rows it has."""
        return sum(self.rows.values())


def pick(con: duckdb.DuckDBPyConnection, project: Project, patients: int | None) -> SliceFacts:
    """Picks a slice of the attached marts into the temporary table `picked`: step, key.

    `patients` says how many; without it as many as make 100 to 500 rows. Rows that are held back
    are never in it.
    """
    ranked = rank(con, project)
    if patients is not None:
        taken = ranked[:patients]
        _close(con, project, taken)
        return _facts(con, project, len(taken))
    budget = _BUDGET
    for _ in range(_TRIES):
        taken = _within(ranked, budget)
        _close(con, project, taken)
        facts = _facts(con, project, len(taken))
        if facts.records > MOST and len(taken) > 1:
            budget = budget * MOST // facts.records - 10
        elif facts.records < FEWEST and len(taken) < len(ranked):
            budget += 2 * FEWEST
        else:
            break
    return facts


def _within(ranked: list[Chosen], budget: int) -> list[Chosen]:
    """The first patients whose rows are within the budget, at least one; who does not fit is
    passed over."""
    taken: list[Chosen] = []
    rows = 0
    for each in ranked:
        if not taken or rows + each.rows <= budget:
            taken.append(each)
            rows += each.rows
    return taken


def _close(con: duckdb.DuckDBPyConnection, project: Project, taken: list[Chosen]) -> None:
    """Fills `picked`: the patients, what belongs to them, loose rows, and all that these look
    up."""
    con.execute("create or replace temp table picked (step varchar, key varchar)")
    con.executemany(
        "insert into picked values (?, ?)", [[t.step, t.key] for t in taken] or [["", ""]]
    )
    con.execute("create or replace temp table patients as select * from picked")
    patients = patient_steps(project)
    for step in project.steps:
        owner = owner_of(step, patients)
        if owner:
            _add(
                *(con, step, f"m.{name(owner[0])} in"),
                f"(select key from patients where step = {text(owner[1])})",
            )
        _add_loose(con, step, owner[0] if owner else None)
    while _look_up(con, project) + _follow(con, project):
        pass


def _add(con: duckdb.DuckDBPyConnection, step: Step, where: str, *more: str) -> int:
    """Picks a step's rows, `m`, that are not picked yet; gives how many."""
    key = f"m.{name(step.external_id)}"
    row = con.execute(
        f"insert into picked select distinct {text(step.name)}, {key}"
        f" from warehouse.{step.relation} as m"
        f" anti join (select key from picked where step = {text(step.name)}) as p on p.key = {key}"
        f" where not m._held_back and {' '.join((where, *more))}"
    ).fetchone()
    return int(row[0]) if row else 0


def _add_loose(con: duckdb.DuckDBPyConnection, step: Step, owner: str | None) -> None:
    """Picks some of the rows that belong to no patient: the first by the hash of their keys, and
    the first of each class of problem."""
    key = name(step.external_id)
    if step.is_update:
        return
    loose = f"(select {key} as key, _problems from warehouse.{step.relation} where not _held_back"
    loose += f" and {name(owner)} is null)" if owner else ")"
    _add(
        *(con, step, f"m.{key} in (select key from {loose} order by md5(key) limit {LOOSE})"),
        f"or not m._held_back and m.{key} in (select min_by(key, md5(key)) from"
        f" (select key, unnest(_problems).class as class from {loose}) group by class)",
    )


def _look_up(con: duckdb.DuckDBPyConnection, project: Project) -> int:
    """Picks the records that picked rows look up; children come before their parents, so one
    pass finds them all."""
    found = 0
    for child in reversed(project.steps):
        lookups = [(f.column, f.lookup) for f in child.fields if f.lookup]
        if child.of:
            lookups.append((child.external_id, child.of))
        for column, parent in lookups:
            found += _add(
                *(
                    con,
                    project.step(str(parent)),
                    f"m.{name(project.step(str(parent)).external_id)}",
                ),
                f"in (select c.{name(column)} from warehouse.{child.relation} as c semi join"
                f" (select key from picked where step = {text(child.name)}) as p"
                f" on p.key = c.{name(child.external_id)})",
            )
    return found


def _follow(con: duckdb.DuckDBPyConnection, project: Project) -> int:
    """Picks what update steps say of picked records."""
    return sum(
        _add(
            *(con, step, f"m.{name(step.external_id)} in"),
            f"(select key from picked where step = {text(str(step.of))})",
        )
        for step in project.steps
        if step.is_update
    )


def _facts(con: duckdb.DuckDBPyConnection, project: Project, patients: int) -> SliceFacts:
    rows: dict[str, int] = {}
    shown: dict[str, bool] = {}
    for step in project.steps:
        found = con.execute(
            f"with rows as (select m._problems, p.key is not null as is_in"
            f" from warehouse.{step.relation} as m left join"
            f" (select key from picked where step = {text(step.name)}) as p"
            f" on p.key = m.{name(step.external_id)} where not m._held_back),"
            " classes as (select unnest(_problems).class as class, is_in from rows)"
            " select null, bool_or(is_in), count(*) filter (where is_in) from rows"
            " union all select class, bool_or(is_in), 0 from classes group by class order by 1"
        ).fetchall()
        for class_, is_in, count in found:
            if is_in is not None:
                shown[f"{step.name}: {class_}" if class_ else step.name] = bool(is_in)
            if class_ is None:
                rows[step.name] = int(count)
    return SliceFacts(
        patients,
        rows,
        tuple(what for what, is_in in shown.items() if is_in),
        tuple(what for what, is_in in shown.items() if not is_in),
    )


def keep(
    con: duckdb.DuckDBPyConnection, project: Project, folder: Path, *, held_back: bool = False
) -> None:
    """Writes the picked rows, and the merges that led to them, as one Parquet file a mart; with
    `held_back` also those that will not be sent."""
    loads = "" if held_back else " where not m._held_back"
    for step in project.steps:
        con.execute(
            f"copy (select m.* from warehouse.{step.relation} as m semi join"
            f" (select key from picked where step = {text(step.name)}) as p"
            f" on p.key = m.{name(step.external_id)}{loads}"
            f" order by m.{name(step.external_id)}) to {text(rows_of(folder, step.name))}"
            " (format parquet)"
        )
    for mart in project.remembered:
        con.execute(
            f"copy (select * from warehouse.{mart.relation} where survivor_key in"
            f" (select key from picked)) to {text(rows_of(folder, mart.unique_id))}"
            " (format parquet)"
        )


def rows_of(folder: Path, mart: str) -> Path:
    """Where a mart's picked rows are kept."""
    return folder / f"{mart}.parquet"


def attach(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    folder: Path,
    replaced: Mapping[str, Mapping[str, str]],
) -> None:
    """Puts the slice in the place of `warehouse`, which must be free. `replaced` gives, by step
    and column, expressions to have instead of the mart's own values."""
    con.execute("attach ':memory:' as warehouse")
    for step in project.steps:
        _table(con, step.relation, rows_of(folder, step.name), replaced.get(step.name, {}))
    for mart in project.remembered:
        _table(con, mart.relation, rows_of(folder, mart.unique_id), {})


def _table(
    con: duckdb.DuckDBPyConnection, relation: str, file: Path, replaced: Mapping[str, str]
) -> None:
    schema = relation.partition('"."')[0] + '"'
    con.execute(f"create schema if not exists warehouse.{schema}")
    others = ", ".join(f"{value} as {name(column)}" for column, value in replaced.items())
    columns = f"* replace ({others})" if others else "*"
    con.execute(
        f"create table warehouse.{relation} as select {columns} from read_parquet({text(file)})"
    )
