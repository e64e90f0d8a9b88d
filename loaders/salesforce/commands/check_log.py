"""`load-sf status --check-log`: whether the audit log and the records files are as written."""

from dataclasses import asdict

from loaders import terminal
from loaders.errors import Exit
from loaders.home import open_home
from loaders.salesforce.ledger.check_log import check


def check_log(as_json: bool) -> int:
    """Tells each thing that is wrong; gives 1 where one is, else 0."""
    home = open_home()
    checked = check(home.path / "audit.jsonl", home.manifest, home.runs / "spill")
    code = Exit.ERROR if checked.wrong else Exit.DONE
    if as_json:
        terminal.print_json(asdict(checked) | {"whole": not checked.wrong})
        return code
    for each in checked.wrong:
        terminal.console.print(f"{each.where} {each.what}.", markup=False)
    if not checked.is_compared:
        terminal.notes.print("Another load-sf is at work: its newest lines were not looked at.")
    if not checked.wrong:
        terminal.console.print(
            f"The audit log is whole: {checked.lines:,} lines, {checked.files:,} records files."
        )
        terminal.console.print(f"Its last line has the hash {checked.end}")
    return code
