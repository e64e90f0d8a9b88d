"""Maple Street Dental does not exist, either: `python -m demo.maple_street.practice FOLDER`.

Writes an export set of about 230 patients into FOLDER, as Dental-Exec's reports and scanned
documents would give it, and beside it `truth.json`: what was planted, and what it must turn into.
The same seed gives the same bytes.
"""

import argparse
from pathlib import Path
from random import Random

from demo import files
from demo.maple_street.book import EXTRACTED, SLUG, Book
from demo.maple_street.layout import COLUMNS, FILES
from demo.maple_street.planted import plant
from demo.maple_street.population import populate

SEED = 11


def make_up(seed: int = SEED) -> Book:
    """The whole practice and the truth about it, in memory."""
    book = Book(Random(seed))
    populate(book)
    plant(book)
    book.settle()
    return book


def export(book: Book, extracted: str = f"{EXTRACTED}T03:00:00-05:00") -> dict[str, bytes]:
    """The export set of a book: path below the set to content."""
    reports = {
        layout.name: files.content(layout, COLUMNS[table], book.tables[table])
        for table, layout in FILES.items()
    }
    documents = {f"files/{path}": content for path, content in book.files.items()}
    return {"export.yml": _export_yml(extracted).encode(), **reports, **documents}


def _export_yml(extracted: str) -> str:
    return f"""\
system: dental_exec
practice: {SLUG}
practice_name: Maple Street Dental
kind: full
time_zone: America/New_York
extracted_at: {extracted}
ledger_sign: charges_positive
"""


def write(folder: Path, seed: int = SEED) -> bool:
    """Writes the export and the truth beside it; False where both stood there already.

    Raises FileExistsError where the folder holds anything else: nothing of it is touched.
    """
    book = make_up(seed)
    return files.write(folder, export(book), book.truth)


def main() -> None:
    """Writes the practice into the folder named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.maple_street.practice", description=__doc__
    )
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
