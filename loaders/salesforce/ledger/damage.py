"""Database files whose bytes are not as DuckDB wrote them: known by what it says of them."""

import re
from pathlib import Path

import duckdb

from loaders.errors import UserError

# What DuckDB says of a file that it opens.
_NO_DATABASE = re.compile("not a valid DuckDB database|Could not read enough|Corrupt database")
_NO_LOG = re.compile("Corrupt WAL file|Failure while replaying WAL")
# What it says of a block that it comes upon later. Its error is a plain `duckdb.Error`, with no
# class of its own: so the words decide.
_BLOCK = re.compile(r"Corrupt database.* stored checksum (\d+) in block at location (\d+)")
_CHECKSUM_BYTES = 8


def at_opening(manifest: Path, error: duckdb.Error) -> UserError | None:
    """What an error says of a manifest that cannot be opened; None where it is not damage."""
    if _NO_LOG.search(str(error)):
        return _of_manifest(Path(f"{manifest}.wal"))
    return _of_manifest(manifest) if _NO_DATABASE.search(str(error)) else None


def at_work(manifest: Path, error: duckdb.Error) -> UserError | None:
    """The same for an error of the open manifest's connection. It reads the warehouse too, and
    DuckDB does not say whose block it is: the checksum that stands at its head there tells."""
    block = _BLOCK.search(str(error))
    if block is None:
        return None
    stored, location = int(block[1]), int(block[2])
    with manifest.open("rb") as file:
        file.seek(location)
        is_there = int.from_bytes(file.read(_CHECKSUM_BYTES), "little") == stored
    if is_there:
        return _of_manifest(manifest)
    return UserError(
        "The warehouse is damaged.", "Move it away and run `dbt build`, then try again."
    )


def _of_manifest(file: Path) -> UserError:
    return UserError(
        f"{file} is damaged.",
        "Put a copy of manifest.duckdb back, with its .wal if there was one; or move both away, and"
        " have `load-sf recover` ask the org.",
    )
