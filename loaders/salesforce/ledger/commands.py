"""Commands in the audit log: who began which one, and how it ended."""

from loaders.salesforce.ledger.manifest import Manifest
from loaders.salesforce.ledger.records_files import Facts


def unended(manifest: Manifest) -> list[int]:
    """The numbers of the lines of commands that began and did not end, or not yet."""
    rows = manifest.con.execute("select number from commands order by 1").fetchall()
    return [int(row[0]) for row in rows]


def begin(manifest: Manifest, facts: Facts, broken_off: list[int]) -> int:
    """Notes that a command begins, and which before it were broken off; gives its number."""
    number = manifest.log.number + 1
    with manifest.transaction():
        manifest.con.execute(
            "delete from commands where list_contains(?::bigint[], number)", [broken_off]
        )
        manifest.con.execute("insert into commands values (?)", [number])
        said = facts | ({"broken_off": broken_off} if broken_off else {})
        manifest.log.note("command begun", **said)
    return number


def end(manifest: Manifest, number: int, command: str, code: int) -> None:
    """Notes how a command ended."""
    with manifest.transaction():
        manifest.con.execute("delete from commands where number = ?", [number])
        manifest.log.note("command ended", command=command, begun=number, code=code)
