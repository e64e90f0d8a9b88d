"""Which file holds which table: by name, by what export.yml says, else by its header."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from loaders.raw.contract import Contract, Table
from loaders.raw.contract.names import plain

DELIMITED = (".csv", ".tsv", ".txt")
JSON = (".ndjson", ".jsonl", ".json")
READ = (*DELIMITED, *JSON, ".parquet", ".xlsx", ".dat")
# Formats that hold tables but cannot be read.
NOT_READ = (".xls", ".xlsb", ".ods", ".mdb", ".accdb")
_OWNERS = re.compile(r"^(?:admin|dbo|public|dentrix)[._]", re.IGNORECASE)
_PART = re.compile(r"[ _.\-]*(?:part|p)?[ _.\-]*\(?\d+\)?$", re.IGNORECASE)
_SHARE_OF_COLUMNS = 0.6


@dataclass(frozen=True)
class Name:
    """A file's name taken apart: `keys/Patient.csv.gz` is folder keys, stem Patient, .csv."""

    folder: str
    stem: str
    kind: str


def parse(name: str) -> Name:
    """Takes a file's name below the set's folder apart."""
    path = PurePosixPath(name)
    base = path.name[:-3] if path.suffix.lower() == ".gz" else path.name
    stem, dot, kind = base.rpartition(".")
    folder = str(path.parent) if path.parent != PurePosixPath(".") else ""
    return Name(folder.lower(), stem if dot else base, f".{kind.lower()}" if dot else "")


def is_removal(file: Name) -> bool:
    """Whether a file says what a delta removes: `deleted.csv` or `keys/<table>.csv`."""
    return file.kind in READ and (
        file.folder == "keys" or (not file.folder and file.stem.lower() == "deleted")
    )


def by_name(stem: str, contract: Contract) -> Table | None:
    """The table a file's name tells, without regard to case, owner (`admin.`) and part number."""
    bare = _OWNERS.sub("", stem)
    for candidate in (stem, bare, _PART.sub("", bare)):
        for table in contract.tables.values():
            if plain(candidate) in table.file_names:
                return table
    return None


def by_header(header: tuple[str, ...], contract: Contract) -> Table | None:
    """The one table a header fits clearly: all its keys, most of the file's columns, no rival."""
    names = [plain(name) for name in header if plain(name)]
    shares: list[tuple[float, str]] = []
    for table in contract.tables.values():
        found = {table.spellings[name] for name in names if name in table.spellings}
        share = len(found) / len(names) if names else 0.0
        if set(table.key) <= found and share >= _SHARE_OF_COLUMNS:
            # Of two tables with the same share, the one whose columns are all there fits better.
            shares.append((share + len(found) / len(table.columns), table.name))
    shares.sort(reverse=True)
    if not shares or (len(shares) > 1 and shares[0][0] - shares[1][0] < 0.1):
        return None
    return contract.tables[shares[0][1]]
