"""How a made-up practice is written: files as odd as real ones, and only what changed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, str]

CELLS = "_cells"
"""Not a column: how many cells of the row are written, the rest is lost."""
MORE = "_more"
"""Not a column: text written after the row's last cell and one more separator."""


@dataclass(frozen=True)
class FileLayout:
    """One file: its name, and what is odd about it.

    `headers` renames columns in the header line, `padded` gives the width to which a column is
    filled with blanks, `extra` are columns no contract knows with the value of every row, `tail`
    is written after the last row as it stands.
    """

    name: str
    delimiter: str = ","
    newline: str = "\n"
    encoding: str = "cp1252"
    quote_all: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    padded: dict[str, int] = field(default_factory=dict)
    extra: tuple[tuple[str, str], ...] = ()
    tail: str = ""


def content(layout: FileLayout, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """The file's bytes."""
    header = [layout.headers.get(column, column) for column in columns]
    header += [name for name, _ in layout.extra]
    lines = [layout.delimiter.join(header), *(_line(layout, columns, row) for row in rows)]
    body = "".join(line + layout.newline for line in lines)
    return (body + layout.tail.format(rows=len(rows))).encode(layout.encoding)


def _line(layout: FileLayout, columns: Sequence[str], row: Row) -> str:
    values = [row[column].ljust(layout.padded.get(column, 0)) for column in columns]
    values += [value for _, value in layout.extra]
    cells = [_cell(layout, value) for value in values][: int(row.get(CELLS, len(values)))]
    return layout.delimiter.join(cells + ([row[MORE]] if MORE in row else []))


def _cell(layout: FileLayout, value: str) -> str:
    if layout.quote_all or any(mark in value for mark in (layout.delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def write(folder: Path, export: Mapping[str, bytes], truth: Iterable[dict[str, Any]]) -> bool:
    """Writes the export, by paths below the folder, and its truth beside it as `truth.json`.

    False where both stood there already. Raises FileExistsError where the folder holds anything
    else: nothing of it is touched.
    """
    wanted = {folder / name: data for name, data in export.items()}
    told = json.dumps(list(truth), indent=1, ensure_ascii=False) + "\n"
    wanted[folder.parent / "truth.json"] = told.encode()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if {path for path in folder.rglob("*") if not path.is_dir()} - set(wanted):
        raise FileExistsError(f"{folder} holds other files: name an empty folder.")
    changed = {
        path: data
        for path, data in wanted.items()
        if not path.exists() or path.read_bytes() != data
    }
    for path, data in changed.items():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o600)
    return bool(changed)
