"""What a rollback will do, did, and left; and the proof that the org is as it was before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loaders.salesforce.commands.before import Reader
from loaders.salesforce.commands.guarding import Guard
from loaders.salesforce.commands.undoing import Undoing
from loaders.salesforce.ledger import protect, undone
from loaders.salesforce.ledger import undo as ledger
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.undo import Undo
from loaders.salesforce.ledger.undone import DELETED, PUT_BACK, RESTORED

LEFT = "left.parquet"
_LISTED = 1_000


def planned(undo: Undo, undoing: Undoing | None = None) -> Iterator[dict[str, Any]]:
    """By step, what is still to do, once the guard has looked; what is to come back needs
    `undoing`, which asks the org."""
    for plan in undo.plans:
        delete = _count(undo, ledger.doomed(undo, plan)) if not plan.is_update else 0
        back = 0
        if undoing and plan.name in undo.deleted and not plan.is_update:
            back = _count(undo, undoing.to_put_back(plan))
        yield {
            "step": plan.name,
            "object": plan.object,
            "to_delete": delete,
            "to_restore": _unlike(undo, plan),
            "to_put_back": back,
        }


def _unlike(undo: Undo, plan: StepPlan) -> int:
    """How many records of a step are not as they were, of those that are not left alone."""
    if plan.name not in undo.images:
        return 0
    if plan.binary:
        ledger.refiled(undo, plan)
        return _count(undo, "from refiled")
    return _count(undo, ledger.differing(undo, plan))


def _count(undo: Undo, query: str) -> int:
    row = undo.con.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0


def prove(undo: Undo, guard: Guard, folder: Path) -> dict[str, Any]:
    """Reads every record of the run again and compares it with what it was: none that the run
    created is there, each that it changed or deleted has its values, but for those left alone.
    What differs is in the temporary table `unlike`."""
    ledger.reborn(undo)
    guard.read_again()
    con = undo.con
    con.execute("create or replace temp table unlike (step varchar, key varchar, why varchar)")
    for plan in undo.plans:
        for why, query in _differences(undo, guard.reader, plan, folder):
            con.execute(f"insert into unlike select ?, key, ? from ({query})", [plan.name, why])
    number = _count(undo, "from unlike")
    rows = con.execute(f"from unlike order by step, key limit {_LISTED}").fetchall()
    unlike = [dict(zip(("step", "key", "why"), row, strict=True)) for row in rows]
    con.execute(f"copy ({_left()}) to {text(folder / LEFT)} (format parquet)")
    return {"equal": not number, "differing": number, "differences": unlike}


def _differences(
    undo: Undo, reader: Reader, plan: StepPlan, folder: Path
) -> Iterator[tuple[str, str]]:
    if not plan.is_update:
        yield "is still there", ledger.doomed(undo, plan)
    if plan.name in undo.images:
        if plan.binary:
            ledger.refiled(undo, plan)
            yield "has other values", "select key from refiled"
        else:
            rows = ledger.differing(undo, plan)
            yield "has other values", f"select g_key as key from ({rows})"
    if plan.name in undo.deleted and not plan.binary:
        again = folder / f"{plan.name}.again.parquet"
        columns = [c.api_name for c in plan.columns]
        reader.read(plan, ["Id", *columns], "select new_id from reborn", again)
        fields = " or ".join(f"d.{name(c)} is distinct from n.{name(c)}" for c in columns)
        yield (
            "did not come back as it was",
            f"select d.{name(plan.external_id)} as key from ({ledger.reborn_as(undo, plan)}) as d"
            f' left join read_parquet({text(again)}) as n on n."Id" = d.new_id where {fields}',
        )


def leave_alone(undo: Undo) -> None:
    """Makes the temporary table `left_alone`: Ids of what the manifest goes on knowing as it is;
    what the proof found is looked at anew by the next rollback."""
    undo.con.execute(
        "create or replace temp table left_alone as"
        " select g.id from goals as g join protected as p on p.node = g.node where p.why <> ?"
        " union select g.id from goals as g join unlike as u on u.step = g.step and u.key = g.key",
        [protect.GONE],
    )
    for plan in undo.plans:
        for id_, _, _ in undone.refused(undo, plan.name, PUT_BACK):
            undo.con.execute("insert into left_alone values (?)", [id_])


def _left() -> str:
    return (
        "select g.step, g.object, g.key, g.id, min(p.why) as why from protected as p"
        " join goals as g on g.node = p.node group by all order by g.object, g.key"
    )


def left(undo: Undo) -> list[dict[str, Any]]:
    """The records that are left as they are, and why: the first thousand."""
    rows = undo.con.execute(f"{_left()} limit {_LISTED}").fetchall()
    return [dict(zip(("step", "object", "key", "id", "why"), row, strict=True)) for row in rows]


def left_count(undo: Undo) -> int:
    """How many they are."""
    return _count(undo, "select distinct node from protected")


def put_back(undo: Undo) -> list[dict[str, Any]]:
    """The records that came back, under which Id."""
    rows = undo.con.execute(
        "select step, key, id, new_id from undone where run = ? and what = ?"
        " and new_id is not null order by 1, 2",
        [undo.rollback, PUT_BACK],
    ).fetchall()
    return [dict(zip(("step", "key", "old_id", "new_id"), row, strict=True)) for row in rows]


def refused(undo: Undo) -> list[dict[str, Any]]:
    """What the org refused, and refused last."""
    return [
        {"step": plan.name, "what": what, "key": key, "id": id_, "code": code}
        for plan in undo.plans
        for what in (PUT_BACK, RESTORED, DELETED)
        for id_, key, code in undone.refused(undo, plan.name, what)
    ]


def steps(undo: Undo) -> list[dict[str, Any]]:
    """By step, what was done."""
    counts = undone.counts(undo)
    return [
        {
            "step": plan.name,
            "object": plan.object,
            "deleted": counts.get(plan.name, {}).get(DELETED, 0),
            "restored": counts.get(plan.name, {}).get(RESTORED, 0),
            "put_back": counts.get(plan.name, {}).get(PUT_BACK, 0),
        }
        for plan in undo.plans
    ]
