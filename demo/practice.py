"""Oak Park Dental, a practice that does not exist: `python -m demo.practice FOLDER [--seed N]`.

Writes an export set of about 400 patients into FOLDER, with every kind of mess the project
handles, and beside it `truth.json`: what was planted, and what it must turn into. The same seed
gives the same bytes.
"""

import argparse
import json
from pathlib import Path
from random import Random

from demo.chart import EXTRACTED, SLUG, Chart, Row
from demo.layout import CELLS, COLUMNS, FILES, MORE, FileLayout
from demo.planted import plant
from demo.population import populate, settle

SEED = 7

EXPORT_YML = f"""\
system: dentrix
product: g_series
practice: {SLUG}
practice_name: Oak Park Dental
kind: full
time_zone: America/Chicago
encoding: cp1252
extracted_at: {EXTRACTED}T02:00:00-06:00
ledger_sign: charges_positive
"""


def make_up(seed: int = SEED) -> Chart:
    """The whole practice and the truth about it, in memory."""
    chart = Chart(Random(seed))
    populate(chart)
    plant(chart)
    settle(chart)
    return chart


def export(seed: int = SEED) -> dict[str, bytes]:
    """The export set: file name to content."""
    chart = make_up(seed)
    files = {
        layout.name: _content(layout, COLUMNS[table], chart.tables[table])
        for table, layout in FILES.items()
    }
    return {"export.yml": EXPORT_YML.encode(), **files}


def truth(seed: int = SEED) -> str:
    """What was planted, as JSON."""
    return json.dumps(make_up(seed).truth, indent=1, ensure_ascii=False) + "\n"


def write(folder: Path, seed: int = SEED) -> bool:
    """Writes the export and the truth beside it; False where both stood there already.

    Raises FileExistsError where the folder holds anything else: nothing of it is touched.
    """
    wanted = {folder / name: content for name, content in export(seed).items()}
    wanted[folder.parent / "truth.json"] = truth(seed).encode()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if set(folder.iterdir()) - set(wanted):
        raise FileExistsError(f"{folder} holds other files: name an empty folder.")
    changed = {
        path: content
        for path, content in wanted.items()
        if not path.exists() or path.read_bytes() != content
    }
    for path, content in changed.items():
        path.write_bytes(content)
        path.chmod(0o600)
    return bool(changed)


def _content(layout: FileLayout, columns: tuple[str, ...], rows: list[Row]) -> bytes:
    header = [layout.headers.get(column, column) for column in columns]
    header += [name for name, _ in layout.extra]
    lines = [layout.delimiter.join(header), *(_line(layout, columns, row) for row in rows)]
    body = "".join(line + layout.newline for line in lines)
    return (body + layout.tail.format(rows=len(rows))).encode(layout.encoding)


def _line(layout: FileLayout, columns: tuple[str, ...], row: Row) -> str:
    values = [row[column].ljust(layout.padded.get(column, 0)) for column in columns]
    values += [value for _, value in layout.extra]
    cells = [_cell(layout, value) for value in values][: int(row.get(CELLS, len(values)))]
    return layout.delimiter.join(cells + ([row[MORE]] if MORE in row else []))


def _cell(layout: FileLayout, value: str) -> str:
    if layout.quote_all or any(mark in value for mark in (layout.delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value


def main() -> None:
    """Writes the practice into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo.practice", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the export set goes: a new or empty one")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    try:
        anew = write(arguments.folder.absolute(), arguments.seed)
    except FileExistsError as error:
        parser.error(str(error))
    print(f"{arguments.folder}: {'written' if anew else 'unchanged'}")


if __name__ == "__main__":
    main()
