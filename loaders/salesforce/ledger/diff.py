"""The field-level diff of a slice: what the source said, what the mart made of it, what the org
holds, and what became of each value on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger import sources
from loaders.salesforce.ledger.compare import FilesHeld, pair
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.slice import rows_of
from loaders.salesforce.ledger.sql import name, plain_text, text
from loaders.salesforce.ledger.steps import Project, Step
from loaders.spreadsheet import write_query

# What can become of a value, in the order in which people want to see it.
STATES = {
    "missing": "The org has no such record.",
    "differs": "The org holds something else than was sent.",
    "left empty": "A bad value was left out, and reported under its class.",
    "kept": "The adopted record had a value of its own, which stays.",
    "masked": "A made-up value was sent in its place.",
    "not taken": "The source says something; the rule takes nothing of it here.",
    "changed": "Made of the source's values by the field's rule.",
    "by rule": "The source's row says nothing of it: the rule alone, or rows further away.",
    "equal": "The source, the mart and the org say the same.",
    "empty": "None of the three says anything.",
}


@dataclass(frozen=True)
class FieldSummary:
    """How many of a field's values are in which state, and the classes of what was left empty."""

    step: str
    object: str
    field: str
    states: dict[str, int]
    classes: dict[str, int]

    def count(self, state: str) -> int:
        """How many values are in a state."""
        return self.states.get(state, 0)


def stage(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    plans: Mapping[str, StepPlan],
    held: Mapping[str, FilesHeld],
    org: str,
    folder: Path,
    raw: Path,
) -> None:
    """Fills the temporary tables `cells`, one row a field of a record, and `rows`, one a record.

    The slice kept in `folder` has to be attached as `warehouse` as it was sent, its records read
    back as `org_<object>` with the table `keys`, and compared into `differences`.
    """
    con.execute(
        "create or replace temp table staged (step varchar, object varchar, key varchar,"
        " position integer, field varchar, mart varchar, sent varchar, held varchar,"
        " is_there boolean, is_kept boolean, class varchar, action varchar)"
    )
    con.execute(
        "create or replace temp table rows (step varchar, object varchar, key varchar, id varchar,"
        " practice varchar, file varchar, line bigint, action varchar, code varchar,"
        " problems struct(field varchar, class varchar, action varchar)[])"
    )
    con.execute("create or replace temp table slice_keys as select * from keys")
    kept = {}
    for step in project.steps:
        kept[step.name] = f"read_parquet({text(rows_of(folder, step.name))})"
        _stage_cells(con, step, plans[step.name], kept[step.name], held.get(step.object), org)
        _stage_rows(con, step, kept[step.name], org)
    sources.stage(con, project, kept, raw)
    _judge(con)


def _stage_cells(
    con: duckdb.DuckDBPyConnection,
    step: Step,
    plan: StepPlan,
    rows: str,
    held: FilesHeld | None,
    org: str,
) -> None:
    types = {r[0]: r[1] for r in con.execute(f"describe select * from {rows}").fetchall()}
    key = name(step.external_id)
    joins: list[str] = []
    cells: list[str] = []
    for n, (f, c) in enumerate(zip(step.fields, plan.columns, strict=True)):
        if f.column == step.external_id:
            continue
        more, _, theirs = pair(step.external_id, f, c, n, types[f.column], held)
        joins += more
        kind = "BYTES" if c.is_binary else types[f.column].upper()
        mart, sent = (_shown(kind, f"{row}.{name(f.column)}", row) for row in ("w", "m"))
        multi = f.type == "MultiselectPicklist"
        found = f"array_to_string({theirs}, ';')" if multi else _shown_org(kind, theirs)
        problem = (
            f"list_filter(w._problems, lambda x: x.field = {text(f.column)}"
            f" or x.field = {text(f.api_name)})[1]"
        )
        cells.append(
            f"struct_pack(position := {n}, field := {text(f.column)}, mart := {mart},"
            f' sent := {sent}, held := {found}, is_there := o."Id" is not null,'
            f" is_kept := coalesce(list_contains(t.fields, {text(c.api_name)}), false),"
            f" class := {problem}.class, action := {problem}.action)"
        )
    con.execute(
        f"insert into staged select {text(step.name)}, {text(step.object)}, key,"
        f" unnest(cells, recursive := true) from (select w.{key} as key, [{', '.join(cells)}] as"
        f" cells from {rows} as w join warehouse.{step.relation} as m on m.{key} = w.{key}"
        f" left join {name('org_' + step.object)} as o on o.{key} = w.{key}"
        " left join (select key, fields from kept where org = $org and step = $step) as t"
        f" on t.key = w.{key} {' '.join(joins)})",
        {"org": org, "step": step.name},
    )


def _shown(kind: str, value: str, row: str) -> str:
    """A mart's value as people read it."""
    if kind == "BYTES":
        return f"{row}._bytes || ' bytes'"
    if kind == "VARCHAR":
        return plain_text(value)
    return _shown_org(kind, value)


def _shown_org(kind: str, value: str) -> str:
    """The same of a value that has its type already."""
    if kind in ("VARCHAR", "BYTES", "DATE"):
        return f"cast({value} as varchar)"
    if kind == "BOOLEAN":
        return f"case when {value} then 'true' when not {value} then 'false' end"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S UTC')"
    return f"rtrim(rtrim(cast(cast({value} as decimal(38, 9)) as varchar), '0'), '.')"


def _stage_rows(con: duckdb.DuckDBPyConnection, step: Step, rows: str, org: str) -> None:
    key = f"b.{name(step.external_id)}"
    con.execute(
        f'insert into rows select {text(step.name)}, {text(step.object)}, {key}, o."Id",'
        " b._practice, b._file, b._line, r.action, r.code, list_transform(b._problems, lambda x:"
        " struct_pack(field := x.field, class := x.class, action := x.action))"
        f" from {rows} as b left join {name('org_' + step.object)} as o"
        f" on o.{name(step.external_id)} = {key}"
        " left join (select key, action, code from records where org = ? and step = ?) as r"
        f" on r.key = {key}",
        [org, step.name],
    )


def _judge(con: duckdb.DuckDBPyConnection) -> None:
    """Fills `cells`: each staged field with its source values and its state."""
    _gather(con)
    con.execute(
        """
        create or replace temp table cells as
        select
            s.*,
            coalesce(g.sources, []) as sources,
            case
                when not s.is_there then 'missing'
                when d.key is not null then 'differs'
                when s.is_kept then 'kept'
                when s.sent is distinct from s.mart then 'masked'
                when s.mart is null and s.class is not null then 'left empty'
                when s.mart is null and s.held is null and not coalesce(g.says, false)
                    then 'empty'
                when s.mart is null and s.held is null then 'not taken'
                when g.is_same then 'equal'
                when g.says then 'changed'
                else 'by rule'
            end as state
        from staged as s
        left join gathered as g using (step, key, field)
        left join (select distinct step, key, field from differences) as d
            using (step, key, field)
        """
    )


def _gather(con: duckdb.DuckDBPyConnection) -> None:
    """Fills `gathered`: of each staged field its source values, whether they say anything, and
    whether one that is sure is the mart's."""
    con.execute(
        """
        create or replace temp table gathered as
        with judged as (
            select
                step,
                key,
                field,
                source,
                way,
                trim(value) as value,
                min(coalesce(trim(value), '')) over same = max(coalesce(trim(value), '')) over same
                    as sure
            from source_values
            window same as (partition by step, key, field, source)
        )
        select
            s.step,
            s.key,
            s.field,
            list(struct_pack(source := j.source, way := j.way, value := j.value)
                order by j.way is not null, j.source, j.way) as sources,
            bool_or(coalesce(j.value, '') <> '') as says,
            bool_or(j.sure and (
                j.value = trim(s.mart)
                or replace(j.value, chr(13), '') = trim(s.mart)
                or try_cast(j.value as decimal(38, 9)) = try_cast(s.mart as decimal(38, 9))
            )) as is_same
        from staged as s
        join judged as j using (step, key, field)
        group by s.step, s.key, s.field
        """
    )


def summary(con: duckdb.DuckDBPyConnection, project: Project) -> list[FieldSummary]:
    """Each field's values by state, in the order of the steps and of their own fields."""
    found = con.execute(
        """
        with counted as (
            select step, any_value(object) as object, field, min(position) as position, state,
                count(*) as number
            from cells group by step, field, state
        ),
        classed as (
            select step, field, class, count(*) as number from cells
            where state = 'left empty' group by step, field, class
        )
        select step, any_value(object), field, list(state), list(number),
            any_value((select list(class order by class) from classed as c
                where c.step = counted.step and c.field = counted.field)),
            any_value((select list(number order by class) from classed as c
                where c.step = counted.step and c.field = counted.field))
        from counted group by step, field order by step, min(position)
        """
    ).fetchall()
    order = {step.name: place for place, step in enumerate(project.steps)}
    found.sort(key=lambda row: order[row[0]])
    return [
        FieldSummary(
            *(step, obj, column, dict(zip(states, counts, strict=True))),
            dict(zip(classes or (), numbers or (), strict=True)),
        )
        for step, obj, column, states, counts, classes, numbers in found
    ]


def write_csv(
    con: duckdb.DuckDBPyConnection, rules: Mapping[tuple[str, str], str], file: Path
) -> None:
    """Writes every cell for a spreadsheet, which must not run it. `rules` says in words, by step
    and field, what the field is made of."""

    con.execute("create or replace temp table rules (step varchar, field varchar, rule varchar)")
    con.executemany(
        "insert into rules values (?, ?, ?)", [[*place, rule] for place, rule in rules.items()]
    )
    source = (
        "array_to_string(list_transform(sources, lambda x: x.source"
        " || coalesce(' (by ' || x.way || ')', '') || ' = ' || coalesce(x.value, '')), chr(10))"
    )
    write_query(
        con,
        "select c.step, c.object, c.key, r.id, r.practice, r.file, r.line, c.field, c.state,"
        f" {source} as source, c.mart, c.held as salesforce, c.class as problem, c.action as todo,"
        " u.rule"
        " from cells as c join rows as r using (step, key) left join rules as u using (step, field)"
        " order by c.step, c.key, c.position",
        file,
    )
