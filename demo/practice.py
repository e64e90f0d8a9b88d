"""Oak Park Dental, a practice that does not exist: `python -m demo.practice FOLDER [--seed N]`.

Writes an export set of about 400 patients into FOLDER, with every kind of mess the project
handles, and beside it `truth.json`: what was planted, and what it must turn into. The same seed
gives the same bytes.
"""

import argparse
from pathlib import Path
from random import Random

from demo import files
from demo.chart import EXTRACTED, SLUG, Chart
from demo.layout import COLUMNS, FILES
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
    reports = {
        layout.name: files.content(layout, COLUMNS[table], chart.tables[table])
        for table, layout in FILES.items()
    }
    return {"export.yml": EXPORT_YML.encode(), **reports}


def write(folder: Path, seed: int = SEED) -> bool:
    """Writes the export and the truth beside it; False where both stood there already.

    Raises FileExistsError where the folder holds anything else: nothing of it is touched.
    """
    return files.write(folder, export(seed), make_up(seed).truth)


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
