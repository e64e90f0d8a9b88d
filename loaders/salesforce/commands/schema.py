"""`load-sf schema`: the package, the plan an admin signs, and the deployment."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import UserError
from loaders.home import PROJECT, Home, open_home
from loaders.report.page import render, write_page
from loaders.salesforce.api import metadata
from loaders.salesforce.api.org import api_version
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.schema_diff import described, find_differences
from loaders.salesforce.commands.schema_facts import occasion, this_schema
from loaders.salesforce.commands.session import Session, project_of, session
from loaders.salesforce.ledger.steps import read_project
from loaders.salesforce.schema.contents import read_contents
from loaders.salesforce.schema.fields_table import fields_table
from loaders.salesforce.schema.migration import keeping
from loaders.salesforce.schema.model import Schema, build_schema
from loaders.salesforce.schema.package import deployable, source_files, write_source
from loaders.salesforce.schema.planning import Plan, make_plan

_PAGE = Path(__file__).resolve().parent.parent / "schema" / "plan.html"
_SHOWN = 30


def write(base: bool, as_json: bool) -> None:
    """Writes the source package: this migration's with its plan, or the checked-in base with the
    docs' table of fields."""
    home = open_home()
    steps = (read_project(home.dbt_target / "manifest.json") if base else project_of(home)).steps
    schema = build_schema(steps) if base else this_schema(home, steps)
    contents = read_contents(deployable(schema, api_version()))
    plan = make_plan(steps, schema, contents, occasion(home, steps))
    folder = PROJECT / "salesforce" if base else home.schema
    folder.mkdir(parents=True, exist_ok=True)
    write_source(source_files(schema, api_version()), folder, private=not base)
    page = PROJECT / "docs" / "fields.md" if base else folder / "plan.html"
    if base:
        page.write_text(fields_table(plan), encoding="utf-8")
    else:
        write_page(render(_PAGE, p=plan), page)
    if as_json:
        written = {"package": str(folder), "page": str(page)}
        terminal.print_json({"written": written, "plan": _document(plan)})
        return
    counted = ", ".join(f"{len(c.members):,} {c.words}" for c in plan.components)
    terminal.console.print(f"Wrote {folder}: {counted}.")
    terminal.console.print(f"{'All fields' if base else 'To read and sign'}: {page}")
    terminal.console.print(f"Package {plan.hash}")
    for left in schema.by_hand:
        terminal.console.print(f"Left to you: {left.what}. {left.why} {left.how}", markup=False)


def _document(plan: Plan) -> dict[str, Any]:
    """The plan as JSON holds it, with what properties work out."""
    said = asdict(plan)
    for obj, planned in zip(said["objects"], plan.objects, strict=True):
        obj["cost"]["megabytes"] = planned.cost.megabytes
    return said | {"records": plan.records, "megabytes": plan.megabytes}


def deploy(check_only: bool, as_json: bool) -> None:
    """Sends the package unless the org has all of it, and gives its user the loader's permission
    set. Raises UserError, naming the components the org refused."""
    with session() as s:
        schema = this_schema(s.home, s.project().steps)
        # What was signed; what is sent holds the org's own values of our picklists besides.
        hash = read_contents(deployable(schema, s.org.version)).hash
        package = deployable(keeping(schema, described(s, schema)), s.org.version)
        told: dict[str, Any] = {
            "org": s.identity.id,
            "package": hash,
            "check_only": check_only,
            "sent": False,
            "deployment": None,
            "success": True,
            "components": 0,
            "failures": [],
            "warnings": [],
            "assigned": None,
        }
        if not check_only and _remembered(s.home).get(s.identity.id) == hash and _whole(s, schema):
            _say(as_json, f"{s.identity.name} has everything: nothing to deploy.")
        else:
            _send(s, schema, package, told, as_json)
    if as_json:
        terminal.print_json(told)


def _send(s: Session, schema: Schema, package: bytes, told: dict[str, Any], as_json: bool) -> None:
    check_only: bool = told["check_only"]
    with terminal.watching("Deploying") as tell:
        done = metadata.deploy(
            s.org, package, check_only=check_only, polling=Polling(), progress=tell
        )
    told |= {
        "sent": True,
        "deployment": done.id,
        "success": done.success,
        "components": done.components,
    }
    told["failures"] = [asdict(failure) for failure in done.failures]
    told["warnings"] = [asdict(warning) for warning in done.warnings]
    for warning in done.warnings:
        terminal.notes.print(f"{warning.place}: {warning.problem}", markup=False)
    if not done.success:
        if as_json:
            terminal.print_json(told)
        raise _refused(done)
    what = "would be taken" if check_only else "are in"
    _say(as_json, f"{s.identity.name}: all {done.components} components {what}.")
    _say(as_json, f"Package {told['package']}")
    if not check_only:
        told["assigned"] = _assign(s, schema, done.user, as_json)
        _remember(s.home, s.identity.id, told["package"])


def _refused(done: metadata.Deployed) -> UserError:
    """What the org said, file by file in the order of its lines."""
    ordered = sorted(done.failures, key=lambda f: (f.file, f.line or 0, f.component))
    lines = [f"{f.place}: {f.kind} {f.component}: {f.problem}" for f in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(f"and {len(ordered) - _SHOWN} more; --json lists them all")
    listed = "".join(f"\n  {line}" for line in lines)
    return UserError(
        f"The org refused the package; nothing of it was kept. {done.message}".rstrip() + listed,
        "Put these right in the marts' YAML, or in the org, and deploy again.",
    )


def _whole(s: Session, schema: Schema) -> bool:
    """Whether the org still has what was deployed: someone may have taken it away since."""
    sets = [metadata.permission_set_id(s.org, g.name) for g in schema.grants]
    return all(sets) and not find_differences(s, schema).differences


def _assign(s: Session, schema: Schema, user: str | None, as_json: bool) -> str:
    name = schema.loader.name
    permission_set = metadata.permission_set_id(s.org, name)
    if permission_set is None:
        raise UserError(
            f"The org took the package but shows no permission set {name}.",
            "The user needs the permission View Setup and Configuration.",
        )
    user = user or s.org.user_id()
    if metadata.is_assigned(s.org, permission_set, user):
        _say(as_json, f"The permission set {name} is assigned already.")
        return "already"
    metadata.assign(s.org, permission_set, user)
    _say(as_json, f"The permission set {name} is assigned now.")
    return "now"


def _say(as_json: bool, line: str) -> None:
    (terminal.notes if as_json else terminal.console).print(line)


def _remembered(home: Home) -> dict[str, str]:
    """Which package each org took last."""
    try:
        said: dict[str, str] = json.loads(_memory(home).read_text(encoding="utf-8"))
        return said
    except (OSError, ValueError):
        return {}


def _remember(home: Home, org: str, hash: str) -> None:
    home.schema.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = json.dumps(_remembered(home) | {org: hash}, indent=1)
    _memory(home).write_text(document + "\n", encoding="utf-8")


def _memory(home: Home) -> Path:
    return home.schema / "deployed.json"
