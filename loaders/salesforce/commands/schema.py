"""`load-sf schema`: the package, its deployment, and what an org still lacks of it."""

from dataclasses import asdict
from typing import Any

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.home import PROJECT, Home, open_home
from loaders.salesforce.api import metadata
from loaders.salesforce.api.org import api_version
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.session import Session, session
from loaders.salesforce.ledger.steps import Step, read_project
from loaders.salesforce.schema.difference import Difference, differences
from loaders.salesforce.schema.migration import keeping, migration_schema
from loaders.salesforce.schema.model import Schema, build_schema, described_as
from loaders.salesforce.schema.package import deployable, source_files, write_source


def write(base: bool) -> None:
    """Writes the source package: this migration's, or the checked-in base."""
    home = open_home()
    steps = read_project(home.dbt_target / "manifest.json").steps
    schema = build_schema(steps) if base else _schema(home, steps)
    folder = PROJECT / "salesforce" if base else home.schema
    write_source(source_files(schema, api_version()), folder, private=not base)
    fields = sum(len(o.fields) for o in schema.objects)
    customs = sum(o.custom is not None for o in schema.objects)
    terminal.console.print(
        f"Wrote {folder}: {customs} custom objects, {fields} fields on"
        f" {len(schema.objects)} objects, {len(schema.grants)} permission sets."
    )
    for left in schema.by_hand:
        terminal.console.print(f"Left to you: {left.what}. {left.why} {left.how}")


def _schema(home: Home, steps: tuple[Step, ...]) -> Schema:
    """This migration's schema; what people should know of it goes to stderr."""
    schema, notices = migration_schema(home, steps)
    for notice in notices:
        terminal.notes.print(notice)
    return schema


def diff(as_json: bool) -> int:
    """Tells what the org lacks; gives 1 where it lacks anything."""
    with session() as s:
        found = _differences(s, _schema(s.home, s.project().steps))
    if as_json:
        terminal.print_json({"differences": [asdict(d) for d in found]})
    elif not found:
        terminal.console.print("The org has everything this migration needs.")
    else:
        for d in found:
            what = f"{d.object}.{d.field}" if d.field else d.object
            terminal.console.print(f"{what}: {d.kind}: {d.detail}")
        terminal.console.print("`load-sf schema deploy` makes what is missing.")
    return Exit.ERROR if found else Exit.DONE


def deploy(check_only: bool) -> None:
    """Sends the package unless the org has everything, and gives its user the loader's
    permission set. Raises UserError, naming the components the org refused."""
    with session() as s:
        schema = _schema(s.home, s.project().steps)
        grants = [metadata.permission_set_id(s.org, g.name) for g in schema.grants]
        # A field this user was not granted is not described, so having all of them is proof of
        # the assignment as well.
        if not check_only and all(grants) and not _differences(s, schema):
            terminal.console.print(f"{s.identity.name} has everything: nothing to deploy.")
        else:
            user = _deploy(s, schema, check_only)
            if not check_only:
                _assign(s, schema, user)


def _deploy(s: Session, schema: Schema, check_only: bool) -> str | None:
    """Sends the package; gives the Id of the user who sent it, where the org says it."""
    package = deployable(keeping(schema, _described(s, schema)), s.org.version)
    done = metadata.deploy(s.org, package, check_only=check_only, polling=Polling())
    if not done.success:
        listed = "\n  ".join(f"{f.component}: {f.problem}" for f in done.failures[:20])
        raise UserError(
            f"The org refused the package. {done.message}\n  {listed}".rstrip(),
            "Put these right in the marts' YAML, or in the org, and deploy again.",
        )
    what = "would be taken" if check_only else "are in"
    terminal.console.print(f"{s.identity.name}: all {done.components} components {what}.")
    return done.user


def _assign(s: Session, schema: Schema, user: str | None) -> None:
    name = schema.loader.name
    permission_set = metadata.permission_set_id(s.org, name)
    if permission_set is None:
        raise UserError(
            f"The org took the package but shows no permission set {name}.",
            "The user needs the permission View Setup and Configuration.",
        )
    user = user or s.org.user_id()
    if metadata.is_assigned(s.org, permission_set, user):
        terminal.console.print(f"The permission set {name} is assigned already.")
        return
    metadata.assign(s.org, permission_set, user)
    terminal.console.print(f"The permission set {name} is assigned now.")


def _differences(s: Session, schema: Schema) -> list[Difference]:
    return list(differences(schema, _described(s, schema)))


def _described(s: Session, schema: Schema) -> dict[str, dict[str, Any] | None]:
    shown = {o.object for o in s.project().steps}
    shown |= {d for o in schema.objects for d in described_as(o.api_name)}
    return {name: s.org.describe(name) for name in sorted(shown)}
