"""`load-raw`: the command."""

import os
from pathlib import Path

import click

from loaders import terminal
from loaders.audit import command as auditing
from loaders.errors import UserError
from loaders.home import open_home
from loaders.options import read_options
from loaders.raw import report
from loaders.raw.command import land_sets, reland_options
from loaders.raw.custom.confirm import confirm as confirm_fields
from loaders.raw.custom.propose import propose as propose_fields


class PathsGroup(click.Group):
    """A group whose first word may be a path instead of a command: then it lands what is there."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the command `land` before arguments that name none."""
        asks_for_help = bool({"-h", "--help"}.intersection(args[:1]))
        if not asks_for_help and not (args and args[0] in self.commands):
            args = [land.name or "", *args]
        return super().parse_args(ctx, args)


@click.group(
    "load-raw",
    cls=PathsGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[--json] [PATH]... | COMMAND [ARGS]...",
    epilog="""\b
Example:
  load-raw exports/oak_park exports/elm_street.zip

Exit codes: 0 done, 1 a set was refused (nothing of it landed), 2 usage.""",
)
def load_raw() -> None:
    """Lands export sets: folders or .zip files that hold export.yml and the exported tables.

    Each set lands whole or not at all, as Parquet under MIGRATION_HOME/raw. Without a PATH,
    lands the options of migration.yml where they changed. A folder that has the name of a command
    is named with a slash: ./audit.
    """
    # Whatever is written here holds patients' data.
    os.umask(0o077)


@load_raw.command(hidden=True)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@terminal.json_option
def land(paths: tuple[Path, ...], as_json: bool) -> None:
    """Lands export sets, or where no PATH is given the options."""
    home = open_home()
    options = read_options()
    try:
        outcome = land_sets(home, paths, options) if paths else reland_options(home, options)
    except OSError as error:
        raise UserError(
            f"{error.strerror}: {error.filename or home.path}.",
            "Check the disk and the permissions; nothing of this set has landed.",
        ) from None
    if as_json:
        terminal.print_json(report.as_document(outcome))
    else:
        report.show(outcome)


@load_raw.command(
    epilog="""\b
Example:
  load-raw exports/oak_park
  load-raw audit

Exit codes: 0 done, whatever was found; 1 nothing is landed."""
)
@terminal.json_option
def audit(as_json: bool) -> None:
    """Audits what is landed: what the exports hold, what is wrong in them, what they lack.

    Reads raw/ only, so that it works right after landing. Writes reports/audit.html, a page to read
    and print, and reports/audit.csv: every table with its expected and landed rows and where it
    goes, every check with what it found, and what to do. Neither shows a cell's value.
    """
    done = auditing.audit(open_home())
    if as_json:
        terminal.print_json(auditing.as_document(done))
    else:
        auditing.show(done)


@load_raw.command(epilog="Example: load-raw propose")
@terminal.json_option
def propose(as_json: bool) -> None:
    """Proposes where each custom field goes that no model reads.

    Profiles columns and custom_fields that nobody told us about, and writes
    MIGRATION_HOME/custom_fields.yml: a field of the org that agrees, else a new one. What a
    person decided there before stays.
    """
    propose_fields(open_home(), as_json)


@load_raw.command(epilog="Example: load-raw confirm --by Ann && dbt build")
@click.option("--by", metavar="NAME", help="Who decided; the user of this machine by default.")
@terminal.json_option
def confirm(by: str | None, as_json: bool) -> None:
    """Checks and seals what custom_fields.yml says, and lands it beside the data.

    Confirmed fields load from the next build on, ignored ones do not, and an entry that is edited
    afterwards blocks a run until it is confirmed again.
    """
    confirm_fields(open_home(), read_options(), by, as_json)


main = terminal.entry_point(load_raw)
