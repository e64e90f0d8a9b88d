"""What undoing a run means: which records it touched, what each was before, and what is left.

A record the run created is to go; one it changed is to be as its before-image says; one it deleted
is to come back. Each is a goal, known by its node: its Id, of a file its document's. Nothing here
talks to an org: what was read from it is in temporary views, `now_<n>` for the n-th object.
"""

import graphlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.results import UNPROCESSED
from loaders.salesforce.ledger.sql import name, text


@dataclass(frozen=True)
class Undo:
    """A rollback: `run` is what it undoes, `rollback` itself. `plans` are the steps of that run,
    parents first; `images` and `deleted` the files, by step, of what it changed and deleted."""

    manifest: Manifest
    org_id: str
    run: str
    rollback: str
    plans: tuple[StepPlan, ...]
    images: dict[str, Path]
    deleted: dict[str, Path]
    document: str
    checksum: str

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """DuckDB, with the manifest open."""
        return self.manifest.con

    @property
    def objects(self) -> dict[str, list[StepPlan]]:
        """The steps by their object."""
        found: dict[str, list[StepPlan]] = {}
        for plan in self.plans:
            found.setdefault(plan.object, []).append(plan)
        return found

    def now(self, sobject: str) -> str:
        """The view of what the org holds of an object now."""
        return f"now_{list(self.objects).index(sobject)}"

    @property
    def by_us(self) -> str:
        """A condition: the run, or a rollback of it, moved the row last."""
        run = text(self.run)
        return f"(run = {run} or run in (select run from runs where of_run = {run}))"


def in_order(plans: list[StepPlan]) -> tuple[StepPlan, ...]:
    """Parents before children; a step that comes twice comes once."""
    by_name = {plan.name: plan for plan in plans}
    graph = {
        plan.name: sorted(
            {str(p) for p in (plan.of, *(c.lookup for c in plan.columns)) if p in by_name}
            - {plan.name}
        )
        for plan in by_name.values()
    }
    return tuple(by_name[n] for n in graphlib.TopologicalSorter(graph).static_order())


def restorable(plan: StepPlan) -> list[Column]:
    """The fields of a step that can be given back their values; a key can be taken off again,
    but an update step never touches it."""
    return [
        c
        for c in plan.columns
        if not (c.is_binary or c.create_only)
        and not (plan.is_update and c.column == plan.external_id)
    ]


def find(undo: Undo) -> None:
    """Makes the temporary table `goals`, and views of the before-images, `image_<step>`."""
    reborn(undo)
    undo.con.execute(
        "create or replace temp table goals (node varchar, what varchar, step varchar,"
        " key varchar, id varchar, object varchar, unkeyed boolean)"
    )
    for plan in undo.plans:
        if plan.name in undo.images:
            _image_view(undo, plan)
            _changed(undo, plan)
    for plan in undo.plans:
        if not plan.is_update:
            _created(undo, plan)


def reborn(undo: Undo) -> None:
    """Makes the temporary table `reborn`: the old Ids of records that rollbacks put back, and
    their new ones."""
    con, org = undo.con, undo.org_id
    con.execute(
        "create or replace temp table reborn as select id as old_id, any_value(new_id) as new_id"
        " from undone where org = ? and new_id is not null group by id",
        [org],
    )
    while True:
        moved = con.execute(
            "update reborn as r set new_id = n.new_id from reborn as n where n.old_id = r.new_id"
        ).fetchone()
        if not moved or not moved[0]:
            break


def _image_view(undo: Undo, plan: StepPlan) -> None:
    """The before-image with the Ids that records have by now."""
    columns = [
        f"coalesce((select new_id from reborn where old_id = {name(c)}), {name(c)}) as {name(c)}"
        for c in ("Id", *(c.api_name for c in plan.columns if c.lookup))
    ]
    undo.con.execute(
        f"create or replace temp view {name('image_' + plan.name)} as"
        f" select * replace ({', '.join(dict.fromkeys(columns))})"
        f" from read_parquet({text(undo.images[plan.name])})"
    )


def _changed(undo: Undo, plan: StepPlan) -> None:
    """Records the run changed; what it was refused it did not touch."""
    image = name("image_" + plan.name)
    node, match, unkeyed = "r.id", 'r.id = i."Id"', f"i.{name(plan.external_id)} is null"
    if plan.binary:
        node, match = f"i.{name(undo.document)}", f"r.key = i.{name(plan.external_id)}"
        # A version that a further one was to follow gives up its key first.
        unkeyed = "true"
    undo.con.execute(
        "create or replace temp table touched as"
        f" select {node} as node, r.key, r.id, {unkeyed} as unkeyed"
        f" from {image} as i join records as r on {match}"
        f" where r.org = ? and r.step = ? and {undo.by_us}"
        " and (r.action <> 'rejected' or r.code = ?)",
        [undo.org_id, plan.name, UNPROCESSED],
    )
    _add_goals(undo, plan, "changed")


def _created(undo: Undo, plan: StepPlan) -> None:
    """Records the run created, and nobody had before."""
    files = "select key, id, document from files where org = $org and step = $step"
    node, record, join = "c.id", "c.id", ""
    if plan.binary:
        node, record, join = "f.document", "f.id", f" join ({files}) as f on f.key = c.key"
    undo.con.execute(
        "create or replace temp table touched as"
        f" select {node} as node, c.key, {record} as id, false as unkeyed from created as c{join}"
        " where c.org = $org and c.step = $step and c.run = $run",
        {"org": undo.org_id, "step": plan.name, "run": undo.run},
    )
    _add_goals(undo, plan, "created")


def _add_goals(undo: Undo, plan: StepPlan, what: str) -> None:
    """Adds what is in the temporary table `touched`, each node once, but for those that are goals
    already. One join and one grouping a statement: what both hold at once does not spill."""
    con = undo.con
    con.execute(
        "create or replace temp table once as select node, first(key) as key, first(id) as id,"
        " first(unkeyed) as unkeyed from touched where node is not null group by node"
    )
    con.execute(
        "insert into goals select node, ?, ?, key, id, ?, unkeyed from once"
        " where node not in (select node from goals)",
        [what, plan.name, plan.object],
    )
    con.execute("drop table touched; drop table once")


def put_back(undo: Undo, plan: StepPlan, alive: str) -> str:
    """A query of records the run deleted that are not there again: `Id` the old one and the
    fields, lookups by the Ids their records have by now. `alive` is a relation of `Id`."""
    columns = [c for c in plan.columns if not c.is_binary]
    cells = [
        f"coalesce((select new_id from reborn where old_id = d.{name(c.api_name)}),"
        f" d.{name(c.api_name)}) as {name(c.api_name)}"
        if c.lookup
        else f"d.{name(c.api_name)}"
        for c in columns
    ]
    return (
        f'select d."Id", {", ".join(cells)} from read_parquet({text(undo.deleted[plan.name])}) as d'
        f' where d."Id" not in (select "Id" from {alive}) and d."Id" not in'
        " (select old_id from reborn)"
    )


def reborn_as(undo: Undo, plan: StepPlan) -> str:
    """A query of the records of a step that this rollback put back: `new_id`, and what the fields
    of each are to be."""
    file = text(undo.deleted[plan.name])
    lookups = ", ".join(
        f"coalesce((select new_id from reborn where old_id = d.{name(c.api_name)}),"
        f" d.{name(c.api_name)}) as {name(c.api_name)}"
        for c in plan.columns
        if c.lookup
    )
    replaced = f" replace ({lookups})" if lookups else ""
    return (
        f"select d.*{replaced}, r.new_id from read_parquet({file}) as d"
        ' join reborn as r on r.old_id = d."Id"'
    )


def told_again(undo: Undo, plan: StepPlan) -> str:
    """A query of the records that came back and that an update step had filled, with its fields,
    as `differing` gives them; less those that have them already."""
    filled = " or ".join(f"{name(c.api_name)} is not null" for c in restorable(plan))
    return (
        f'select * exclude (new_id) replace (new_id as "Id"), {name(plan.external_id)} as g_key'
        f" from ({reborn_as(undo, plan)}) where ({filled}) and new_id not in (select id from undone"
        f" where org = {text(undo.org_id)} and step = {text(plan.name)} and what = 'restored'"
        " and code is null)"
    )


def differing(undo: Undo, plan: StepPlan) -> str:
    """A query of the before-images of a step's records that are there, left alone by nobody, and
    not as they were: the image, and its goal's key as `g_key`. Finds them at once, by what their
    fields come to: whole records side by side take memory."""
    con, image, found = undo.con, name("image_" + plan.name), name("differing_" + plan.name)
    restored = [name(c.api_name) for c in restorable(plan)]
    # Told apart by their lengths, as no sign can be that a text may hold.
    cells = "".join(f" || coalesce(strlen({c}) || ':' || {c}, '-')" for c in restored)
    fields = f"\"Id\" as id, md5_number(''{cells}) as fields"
    con.execute(f"create or replace temp table was as select {fields} from {image}")
    con.execute(
        f"create or replace temp table moved as select w.id from was as w join (select {fields}"
        f" from {undo.now(plan.object)}) as n on n.id = w.id where n.fields <> w.fields"
    )
    con.execute(
        f"create or replace temp table {found} as select g.id, g.key from goals as g"
        " join moved as m on m.id = g.id where g.what = 'changed'"
        " and g.node not in (select node from protected)"
    )
    con.execute("drop table was; drop table moved")
    return f'select i.*, g.key as g_key from {image} as i join {found} as g on g.id = i."Id"'


def doomed(undo: Undo, plan: StepPlan) -> str:
    """A query of the records of a step that are to be deleted: `key`, `id` and `node`."""
    return (
        "select g.key, g.id, g.node from goals as g join alive as a on a.node = g.node"
        f" where g.step = {text(plan.name)} and g.what = 'created'"
        " and g.node not in (select node from protected)"
    )


def touched_last(undo: Undo) -> None:
    """Makes the temporary table `ours`: by Id, the org's own time at the end of the last job of
    this project that touched the record."""
    undo.con.execute(
        """
        create or replace temp table ours as
        with by_step as (
            select run, step, max(org_time) as stamp from jobs where state = 'saved' group by all
        ),
        times as (
            select r.id, coalesce(j.org_time, s.stamp) as stamp
            from records as r
            left join (select job, max(org_time) as org_time from jobs
                where job is not null and state = 'saved' group by job) as j on j.job = r.job
            left join by_step as s on r.job is null and s.run = r.run and s.step = r.step
            where r.org = $org and r.id is not null and (r.action <> 'rejected' or r.code = $lost)
            union all
            select coalesce(u.new_id, u.id), coalesce(j.org_time, s.stamp)
            from undone as u
            left join jobs as j on j.run = u.run and j.job = u.job
            left join by_step as s on u.job is null and s.run = u.run and s.step = u.step
            where u.org = $org and u.code is null
        )
        select id, max(stamp) as stamp from times group by id
        """,
        {"org": undo.org_id, "lost": UNPROCESSED},
    )


def finish(undo: Undo, done: bool) -> None:
    """Brings the manifest back to what it was before the run, but for records that are left as
    they are (temporary table `left_alone`, by Id). With `done` nothing more is to be undone."""
    con, run = undo.con, undo.run
    org = {"org": undo.org_id}
    both = org | {"run": run}
    born = "coalesce((select new_id from reborn where old_id = id), id)"
    with undo.manifest.transaction():
        con.execute(
            "create or replace temp table back as select step, key, action from records"
            f" where org = $org and {undo.by_us}"
            " and coalesce(id, '') not in (select id from left_alone)",
            org,
        )
        back = "(step, key) in (select (step, key) from back)"
        adopted = "(step, key) in (select (step, key) from back where action = 'adopted')"
        con.execute(f"delete from kept where org = $org and {adopted}", org)
        for table in ("records", "files"):
            con.execute(f"delete from {table} where org = $org and {undo.by_us} and {back}", org)
        for table, old in (("records", "replaced"), ("files", "replaced_files")):
            con.execute(
                f"insert into {table} select * exclude (by_run) replace ({born} as id) from {old}"
                f" where org = $org and by_run = $run and {back}",
                both,
            )
            # What a rollback replaced was the run's own.
            con.execute(
                f"delete from {old} where org = $org and {back} and (by_run = $run"
                " or by_run in (select run from runs where of_run = $run))",
                both,
            )
        con.execute(
            "delete from created where org = $org and run = $run and (step, key) not in"
            " (select (step, key) from records where org = $org and id in"
            " (select id from left_alone))",
            both,
        )
        con.execute(f"update created set id = {born} where org = $org", org)
        _told_again(undo, born)
        if done:
            con.execute("update runs set state = 'rolled back' where run = ?", [run])
        con.execute(
            "update runs set state = 'done', finished_at = current_timestamp where run = ?",
            [undo.rollback],
        )
        what = "run rolled back" if done else "run rolled back in part"
        undo.manifest.log.note(what, run=run, by=undo.rollback)


def _told_again(undo: Undo, born: str) -> None:
    """What update steps said of records that came back holds under their new Ids."""
    for plan in undo.plans:
        if plan.name in undo.deleted and plan.is_update:
            undo.con.execute(
                f"update records set id = {born} where org = ? and step = ?",
                [undo.org_id, plan.name],
            )


def restore_merges(undo: Undo, before: Path) -> None:
    """Forgets the merges the run brought in, but for those whose survivor is still there."""
    if not before.exists():
        return
    with undo.manifest.transaction():
        undo.con.execute(
            "delete from merges where org = ? and survivor_key not in"
            " (select key from records where org = ? and id is not null)",
            [undo.org_id, undo.org_id],
        )
        undo.con.execute(
            "insert into merges select ?, b.merged_key, b.survivor_key from read_parquet(?) as b"
            " anti join (select merged_key from merges where org = ?) as m"
            " on m.merged_key = b.merged_key",
            [undo.org_id, str(before), undo.org_id],
        )


def refiled(undo: Undo, plan: StepPlan) -> None:
    """Makes the temporary table `refiled`: files of a step that are not as they were, with their
    key, the version they had (`old_id`), the hash their row and the place they had, and all
    fields of the before-image."""
    params = {"org": undo.org_id, "step": plan.name, "run": undo.run}
    unlike = " or ".join(
        f"i.{name(c.api_name)} is distinct from n.{name(c.api_name)}" for c in restorable(plan)
    )
    undo.con.execute(
        f"""
        create or replace temp table refiled as
        select
            i.*,
            g.key,
            i."Id" as old_id,
            coalesce(b.row_hash, '') as old_hash,
            p.location
        from {name("image_" + plan.name)} as i
        join goals as g on g.node = i.{name(undo.document)} and g.what = 'changed'
        join {undo.now(plan.object)} as n on n."Id" = g.id
        left join replaced as b
            on b.org = $org and b.step = $step and b.key = g.key and b.by_run = $run
        left join replaced_files as p
            on p.org = $org and p.step = $step and p.key = g.key and p.by_run = $run
        left join files as f on f.org = $org and f.step = $step and f.key = g.key
        where g.step = $step and g.node not in (select node from protected)
            and (n."Checksum" is distinct from i."Checksum" or {unlike}
                or f.location is distinct from p.location)
        """.replace('"Checksum"', name(undo.checksum)),
        params,
    )
