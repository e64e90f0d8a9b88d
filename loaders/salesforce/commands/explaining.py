"""`load-sf explain`: one record's life, from the lines of the export to what the org holds now.

Values appear only where a person asks for them; without it, how long they are.
"""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.home import Home, open_home
from loaders.salesforce.api.errors import Unreachable
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands import noting
from loaders.salesforce.commands.reading_back import ReadBack, read_back
from loaders.salesforce.commands.session import Session, project_of, session
from loaders.salesforce.ledger import compare, diff, gate, life
from loaders.salesforce.ledger import slice as slices
from loaders.salesforce.ledger.life import Merged, Move
from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.plan import Column, StepPlan
from loaders.salesforce.ledger.sql import name
from loaders.salesforce.ledger.steps import BINARY, Project, Step

_SHOWN = 200


@dataclass(frozen=True)
class _Where:
    """Where to look: the home, and the org, if it can be reached."""

    home: Home
    org: Session | None

    @property
    def org_id(self) -> str | None:
        """The org's Id, None where nobody knows which org is meant."""
        return self.org.identity.id if self.org else None


def explain(key: str, with_values: bool, as_json: bool) -> int:
    """Tells all that is known of a record. Raises UserError, naming keys like it, where nothing
    is."""
    with _reached(with_values) as where:
        folder = where.home.runs / "explain"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        try:
            with noting.manifest_of(where.home) as manifest:
                document = _life(where, manifest, key, folder, with_values)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        terminal.print_json(document)
    else:
        _say(document)
    return Exit.DONE


@contextmanager
def _reached(with_values: bool) -> Iterator[_Where]:
    """The org, or none of it where it does not answer: the rest can be told all the same."""
    entered = session()
    try:
        s = entered.__enter__()
    except Unreachable as unreachable:
        terminal.notes.print(f"{unreachable.message} What follows is what is known here.")
        home = open_home()
        if with_values:
            noting.begin(home)
        yield _Where(home, None)
        return
    try:
        yield _Where(s.home, s)
    finally:
        entered.__exit__(None, None, None)


def _life(
    where: _Where, manifest: Manifest, said: str, folder: Path, with_values: bool
) -> dict[str, Any]:
    con = manifest.con
    project = project_of(where.home)
    gate.open_warehouse(con, where.home.warehouse, project.steps)
    gate.require_marts(con, project.steps)
    asked = life.key_of(con, where.org_id, said)
    key = life.survivor_of(con, project, asked)
    steps = life.steps_with(con, project, key)
    moves = life.moves(con, where.org_id, key, where.home.runs)
    if not steps and not moves:
        near = life.nearest(con, project, key)
        raise UserError(
            f"Nothing here has the key {asked}.",
            f"Keys like it: {', '.join(near)}" if near else "Keys: <practice>:<kind>:<source id>.",
            Exit.USAGE,
        )
    merged = life.merged_into(con, project, key)
    small = replace(project, steps=tuple(steps), remembered=())
    con.execute("create or replace temp table picked (step varchar, key varchar)")
    for step in steps:
        con.execute("insert into picked values (?, ?)", [step.name, key])
    slices.keep(con, small, folder, held_back=True)
    gate.close_warehouse(con)
    found = _held(where, manifest, project, small, moves, key, folder)
    veil = _Veil(with_values)
    return {
        "key": key,
        "asked_for": said,
        "org": where.org_id,
        "org_reached": where.org is not None,
        "with_values": with_values,
        "record": found,
        "merged": [asdict(each) for each in merged],
        "history": [_move(manifest, each, key, veil) for each in moves],
        "steps": [_step(manifest, step, key, folder, veil) for step in steps],
    }


@dataclass(frozen=True)
class _Veil:
    """Shows values, or only how long they are."""

    lifted: bool

    def __call__(self, value: str | None) -> str | None:
        if value is None or value == "" or self.lifted:
            return value or None
        return f"({len(value)} characters)"


def _held(
    where: _Where,
    manifest: Manifest,
    project: Project,
    small: Project,
    moves: list[Move],
    key: str,
    folder: Path,
) -> dict[str, Any] | None:
    """Compares the record's rows with what the org has, into the table `cells`; gives its object
    and Id, None where the org has none or was not reached."""
    con = manifest.con
    slices.attach(con, small, folder, {})
    if where.org:
        found = read_back(where.org, manifest, small, 100.0, folder, _by_rest)
    else:
        found = _nothing(manifest, small)
    compare.start(con)
    for step in small.steps:
        compare.compare(con, found.against(step, where.org_id or ""))
    raw = where.home.raw / "current"
    diff.stage(con, small, found.plans, found.held, where.org_id or "", folder, raw)
    gate.close_warehouse(con)
    row = con.execute("select object, id from rows where id is not null limit 1").fetchone()
    if row:
        return {"object": row[0], "id": row[1]}
    gone = {project.step(m.step) for m in moves} if where.org and not small.steps else set()
    for sobject, field in sorted({(step.object, step.external_id) for step in gone}):
        soql = f"SELECT Id FROM {sobject} WHERE {field} = '{_escaped(key)}'"
        records = where.org.org.query(soql, "the record") if where.org else []
        if records:
            return {"object": sobject, "id": records[0]["Id"]}
    return None


def _by_rest(org: Org, soql: str, polling: Polling, folder: Path) -> list[Path]:
    """The answer to a small query, by one call."""
    records = [
        {k: v for k, v in record.items() if k != "attributes"}
        for record in org.query(soql, "the record")
    ]
    if not records:
        return []
    page = folder / f"page-{len(list(folder.iterdir()))}.csv"
    with page.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(records[0])
        for record in records:
            writer.writerow(str(v).lower() if isinstance(v, bool) else v for v in record.values())
    return [page]


def _nothing(manifest: Manifest, small: Project) -> ReadBack:
    """What reading back gives of an org that has nothing, for an org out of reach."""
    objects: dict[str, list[Step]] = {}
    plans = {}
    for step in small.steps:
        objects.setdefault(step.object, []).append(step)
        columns = tuple(
            Column(
                *(f.column, f.column, f.api_name, f.data_type == "boolean", f.create_only),
                is_binary=f.type == BINARY,
                lookup=f.lookup,
            )
            for f in step.fields
        )
        plans[step.name] = StepPlan(
            *(step.name, step.object, step.operation, step.external_id, step.of), columns
        )
    for sobject, steps in objects.items():
        names = compare.read_back_columns([plans[s.name] for s in steps])
        made = ", ".join(f"null::varchar as {name(column)}" for column in names)
        manifest.con.execute(
            f"create or replace temp view {name('org_' + sobject)} as select {made} where false"
        )
    manifest.con.execute("create or replace temp table keys (id varchar, key varchar)")
    return ReadBack(objects, {o: f"org_{o}" for o in objects}, plans, {})


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _move(manifest: Manifest, move: Move, key: str, veil: _Veil) -> dict[str, Any]:
    sent = life.sent(manifest.con, move, key)
    said = asdict(move) | {"frozen": str(move.frozen) if move.frozen else None}
    said["at"] = move.at.isoformat(timespec="seconds") if move.at else None
    return said | {"sent": {column: veil(value) for column, value in sent.items()}}


def _step(manifest: Manifest, step: Step, key: str, folder: Path, veil: _Veil) -> dict[str, Any]:
    con = manifest.con
    rules = {f.column: f for f in step.fields}
    row = con.execute(
        "select _practice, _file, _line, _held_back, _problems from read_parquet(?) where"
        f" {name(step.external_id)} = ?",
        [str(slices.rows_of(folder, step.name)), key],
    ).fetchone()
    practice, file, line, held_back, problems = row or (None,) * 5
    homes = con.execute("select home from homes where step = ?", [step.name]).fetchall()
    cells = con.execute(
        "select field, state, sources, mart, held, class, action from cells where step = ?"
        " order by position",
        [step.name],
    ).fetchall()
    return {
        "step": step.name,
        "object": step.object,
        "held_back": bool(held_back),
        "source": {
            **{"practice": practice, "file": file, "line": line},
            "tables": [home for (home,) in homes],
        },
        "problems": [p | {"value": veil(p["value"])} for p in problems or ()],
        "fields": [
            {
                "field": field,
                "state": "held back" if held_back else state,
                "rule": rules[field].description,
                "sources": [s | {"value": veil(s["value"])} for s in sources],
                "comes_from": list(rules[field].sources),
                "decided_by": list(rules[field].decided_by),
                "mart": veil(mart),
                "org": veil(held),
                "problem": class_,
                "todo": action,
            }
            for field, state, sources, mart, held, class_, action in cells
        ],
    }


def _say(document: dict[str, Any]) -> None:
    def say(line: str) -> None:
        terminal.console.print(line, markup=False)

    record = document["record"]
    if record:
        now = f"{record['object']} {record['id']} in org {document['org']}"
    else:
        now = "not in the org" if document["org_reached"] else "the org was not reached"
    say(f"{document['key']}: {now}")
    if document["asked_for"] not in (document["key"], (record or {}).get("id")):
        say(f"  asked for as {document['asked_for']}")
    for each in document["merged"]:
        say(f"  merged into it: {_merged(Merged(**each))}")
    for step in document["steps"]:
        _say_step(step, say, document["org_reached"])
    say("History")
    if not document["history"]:
        say("  No run has touched it in this org.")
    for move in document["history"]:
        filled = sum(1 for value in move["sent"].values() if value)
        sent = f", {filled} of {len(move['sent'])} fields filled" if move["sent"] else ""
        code = f", {move['code']} ({move['fields'] or 'no field named'})" if move["code"] else ""
        job = f", job {move['job']}" if move["job"] else ""
        run = f"{move['kind']} {move['run']}"
        say(f"  {move['at']}  {move['step']}: {move['action']}{code} by {run}{job}{sent}")
    if not document["with_values"]:
        say("Values are veiled: --with-values shows them.")


def _merged(each: Merged) -> str:
    where = f" ({each.file} line {each.line})" if each.file else ""
    return f"{each.key}{where}{f', by rule {each.rule}' if each.rule else ''}"


def _say_step(step: dict[str, Any], say: Any, org_reached: bool) -> None:
    source = step["source"]
    line = f" line {source['line']}" if source["line"] is not None else ""
    tables = f" ({', '.join(source['tables'])})" if source["tables"] else ""
    say(f"{step['step']} -> {step['object']}")
    say(f"  from {source['practice']}: {source['file']}{line}{tables}")
    if step["held_back"]:
        say("  held back: it is not sent until this is put right")
    for p in step["problems"]:
        shown = f" {p['value']}" if p["value"] else ""
        say(f"  problem {p['class']} in {p['field'] or 'the row'}{shown}: {p['action']}")
    for f in step["fields"]:
        if f["state"] == "empty":
            continue
        state = f["state"] if org_reached else "not compared"
        say(f"  {f['field']}: {state}{' (' + f['problem'] + ')' if f['problem'] else ''}")
        for s in f["sources"]:
            way = f" by {s['way']}" if s["way"] else ""
            say(f"    {s['source']}{way}: {_cut(s['value'])}")
        if not f["sources"] and f["comes_from"]:
            say(f"    from {', '.join(f['comes_from'])}")
        org = f" -> org {_cut(f['org'])}" if org_reached else ""
        say(f"    mart {_cut(f['mart'])}{org}")
        decided = f" Decided by {', '.join(f['decided_by'])}." if f["decided_by"] else ""
        say(f"    rule: {f['rule']}{decided}")


def _cut(value: str | None) -> str:
    if value is None:
        return "empty"
    return value if len(value) <= _SHOWN else value[:_SHOWN] + " …"
