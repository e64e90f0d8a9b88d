"""`load-sf`: moves finished marts into a Salesforce org, and proves it."""

import os
import re
from pathlib import Path

import click

from loaders import terminal
from loaders.salesforce.commands import approve as approve_command
from loaders.salesforce.commands import check_log as check_log_command
from loaders.salesforce.commands import explaining as explain_command
from loaders.salesforce.commands import org as org_command
from loaders.salesforce.commands import plan as plan_command
from loaders.salesforce.commands import pull as pull_command
from loaders.salesforce.commands import recovering as recover_command
from loaders.salesforce.commands import report as report_command
from loaders.salesforce.commands import rollback as rollback_command
from loaders.salesforce.commands import run as run_command
from loaders.salesforce.commands import sampling as sample_command
from loaders.salesforce.commands import schema as schema_command
from loaders.salesforce.commands import schema_diff as diff_command
from loaders.salesforce.commands import status as status_command
from loaders.salesforce.commands import verify as verify_command
from loaders.salesforce.commands.noting import NotingGroup
from loaders.salesforce.commands.orders import Order, Rejects


class RejectsType(click.ParamType[Rejects]):
    """A number of rows, or a percentage of those sent."""

    name = "N|P%"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Rejects:
        """Reads `10` or `0.5%`."""
        if isinstance(value, Rejects):
            return value
        found = Rejects.read(str(value))
        if found is None:
            self.fail(f"{value!r} is neither a number of rows nor a percentage", param, ctx)
        return found


class PercentType(click.ParamType[float]):
    """A percentage."""

    name = "P%"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Reads `5%` or `5`."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)%?", str(value).strip())
        if not found or not 0 < float(found[1]) <= 100:
            self.fail(f"{value!r} is no percentage between 0 and 100", param, ctx)
        return float(found[1])


@click.group(
    name="load-sf",
    cls=NotingGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: load-sf pull && dbt build && load-sf schema deploy && load-sf run",
)
def load_sf() -> None:
    """Moves finished marts into a Salesforce org, and proves it.

    The org is the one that SF_INSTANCE_URL names; the local org where it is not set.
    """
    # Whatever is written here holds patients' data.
    os.umask(0o077)


@load_sf.command(epilog="Example: load-sf pull && dbt build")
@terminal.json_option
def pull(as_json: bool) -> None:
    """Read what the org holds already, for the marts to match against."""
    pull_command.pull(as_json)


@load_sf.group(
    invoke_without_command=True,
    epilog="Example: load-sf schema && load-sf schema deploy --check-only",
)
@click.option(
    "--base", is_flag=True, help="Write the checked-in package, salesforce/, and docs/fields.md."
)
@terminal.json_option
@click.pass_context
def schema(context: click.Context, base: bool, as_json: bool) -> None:
    """Write the metadata package this migration needs, as SFDX source, and its plan to sign."""
    if context.invoked_subcommand is None:
        schema_command.write(base, as_json)
    elif base or as_json:
        raise click.UsageError(f"Write the option after `{context.invoked_subcommand}`.", context)


@schema.command(epilog="Example: load-sf schema deploy --check-only")
@click.option("--check-only", is_flag=True, help="Let the org check the package; change nothing.")
@terminal.json_option
def deploy(check_only: bool, as_json: bool) -> None:
    """Send the package to the org and give its user the loader's permission set."""
    schema_command.deploy(check_only, as_json)


@schema.command(epilog="Example: load-sf schema diff")
@terminal.json_option
def diff(as_json: bool) -> int:
    """Tell what the org lacks or has otherwise, and what to do about it."""
    return int(diff_command.diff(as_json))


@load_sf.command(epilog="Example: load-sf plan --delete-limit 5%")
@click.option(
    "--allow-open-claims",
    is_flag=True,
    help="Plan a run that loads although insurance claims are under way.",
)
@click.option(
    "--delete-limit",
    type=PercentType(),
    default="2%",
    show_default=True,
    help="How much of an object's records may be gone from the source before that blocks.",
)
@terminal.json_option
def plan(allow_open_claims: bool, delete_limit: float, as_json: bool) -> int:
    """Tell what a run would do, what it needs, what it meets, and what stands in its way."""
    allowed = frozenset({"allow-open-claims"} if allow_open_claims else ())
    return int(plan_command.plan(plan_command.Wish(allowed, delete_limit), as_json))


@load_sf.command(epilog="Example: load-sf sample --patients 20 --mask")
@click.option(
    "--patients",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many patients; without it as many as make 100 to 500 records.",
)
@click.option(
    "--mask",
    is_flag=True,
    help="Send made-up names, contacts, numbers of people, birth dates, free text and files.",
)
@click.option("--yes-production", is_flag=True, help="Load it although this is no sandbox.")
@terminal.json_option
def sample(patients: int | None, mask: bool, yes_production: bool, as_json: bool) -> int:
    """Load some patients with all that belongs to them, and show what became of each field.

    Source, mart and Salesforce stand side by side in reports/sample_diff.html and .csv.
    """
    order = sample_command.SampleOrder(patients, mask, yes_production, as_json)
    return int(sample_command.sample(order))


@load_sf.command(epilog="Example: load-sf approve --by 'Dr. Ada Park'")
@click.option("--by", metavar="NAME", help="Who approves, where it is not the user logged in.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@terminal.json_option
def approve(by: str | None, yes: bool, as_json: bool) -> None:
    """Record who approved which mapping, schema and sample; production asks for it."""
    approve_command.approve(by, yes, as_json)


@load_sf.command(epilog="Example: load-sf run --only dentrix__patient --dry-run")
@click.option("--only", metavar="STEP", help="Send one step only.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Count what would be sent and deleted, and tell what blocks; send nothing.",
)
@click.option(
    "--max-rejects",
    type=RejectsType(),
    show_default="0, and of a run that is carried on what it was begun with",
    help="How many rows the org may refuse before this ends with exit code 4.",
)
@click.option(
    "--allow-open-claims",
    is_flag=True,
    help="Load although insurance claims are under way; without it this ends with exit code 3.",
)
@click.option(
    "--delete-missing",
    is_flag=True,
    help="Delete records created here whose rows are gone from the source.",
)
@click.option(
    "--delete-limit",
    type=PercentType(),
    default="2%",
    show_default=True,
    help="How much of an object --delete-missing may delete; above it ends with exit code 3.",
)
@terminal.json_option
def run(
    only: str | None,
    dry_run: bool,
    max_rejects: Rejects | None,
    allow_open_claims: bool,
    delete_missing: bool,
    delete_limit: float,
    as_json: bool,
) -> int:
    """Send what changed: everything the first time."""
    order = Order(
        only=only,
        dry_run=dry_run,
        max_rejects=max_rejects,
        as_json=as_json,
        allowed=frozenset({"allow-open-claims"} if allow_open_claims else ()),
        delete_missing=delete_missing,
        delete_limit=delete_limit,
    )
    return int(run_command.run(order))


@load_sf.command(epilog="Example: load-sf resume")
@terminal.json_option
def resume(as_json: bool) -> int:
    """Carry on the run that was left open, and start no other; `run` does so too."""
    return int(run_command.resume(as_json))


@load_sf.command(epilog="Example: load-sf verify --sample 5%")
@click.option("--sample", type=PercentType(), help="Read back this share of the rows only.")
@terminal.json_option
def verify(sample: float | None, as_json: bool) -> int:
    """Read the org back and compare every field with the marts."""
    return int(verify_command.verify(sample, as_json))


@load_sf.command(epilog="Example: load-sf pull && dbt build && load-sf recover && load-sf run")
@terminal.json_option
def recover(as_json: bool) -> int:
    """Learn from the org what a lost manifest knew: keys, Ids and which rows are as they should be.

    Nothing is written to the org. What is recovered never counts as created by this project.
    """
    return int(recover_command.recover(as_json))


@load_sf.command(epilog="Example: load-sf explain oak_park:patient:10480 --with-values")
@click.argument("key")
@click.option("--with-values", is_flag=True, help="Show patients' data, not only its length.")
@terminal.json_option
def explain(key: str, with_values: bool, as_json: bool) -> int:
    """Tell the life of one record: its source rows, rules, problems, runs, and the org's values.

    KEY is a Migration_Key__c or a Salesforce Id.
    """
    return int(explain_command.explain(key, with_values, as_json))


@load_sf.command(epilog="Example: load-sf report --with-values")
@click.option("--with-values", is_flag=True, help="Show names and values, not only keys.")
@terminal.json_option
def report(with_values: bool, as_json: bool) -> int:
    """Write one page for people: what moved, what did not and why, and whether the money agrees.

    It is reports/report.html, to read and print without a network. No org is asked.
    """
    return int(report_command.report(with_values, as_json))


@load_sf.command(epilog="Example: load-sf rollback last --dry-run")
@click.argument("run", metavar="RUN")
@click.option("--dry-run", is_flag=True, help="Tell what would be undone; change nothing.")
@terminal.json_option
def rollback(run: str, dry_run: bool, as_json: bool) -> int:
    """Undo a run: RUN is its name, as `status` gives it, or `last`."""
    return int(rollback_command.rollback(run, dry_run, as_json))


@load_sf.command(epilog="Example: load-sf status --check-log")
@click.option(
    "--check-log",
    is_flag=True,
    help="Prove that the audit log and the records files are as they were written; 1 if not.",
)
@terminal.json_option
def status(check_log: bool, as_json: bool) -> int:
    """Tell what the runs did, also while one works."""
    if check_log:
        return int(check_log_command.check_log(as_json))
    status_command.status(as_json)
    return 0


@load_sf.group(epilog="Example: load-sf org serve --port 8080")
def org() -> None:
    """The local org: a Salesforce on this machine."""


@org.command(epilog="Example: load-sf org serve --port 8080 --plan faults.yml")
@click.option("--port", default=0, show_default="any free one", help="Port on loopback.")
@click.option(
    "--plan",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What goes wrong, and when: a YAML file as docs/faults.md describes it.",
)
@terminal.json_option
def serve(port: int, plan: Path | None, as_json: bool) -> int:
    """Run the local org in the foreground."""
    return org_command.serve(port, plan, as_json)


@org.command(epilog="Example: load-sf org reset --yes")
@click.option("--yes", is_flag=True, help="Do not ask.")
@terminal.json_option
def reset(yes: bool, as_json: bool) -> None:
    """Empty the local org; it gets a new Organization Id."""
    if not yes and terminal.interactive():
        click.confirm("Delete every record of the local org?", abort=True)
    org_command.reset(as_json)


main = terminal.entry_point(load_sf)
