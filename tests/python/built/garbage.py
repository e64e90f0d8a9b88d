"""Practices with any text in any cell."""

import csv
from itertools import cycle
from pathlib import Path

import yaml

from tests.python.support import PROJECT

# Each cell carries the marker; what stands around it tempts casts, dates, money and flags.
MARKER = "Zyx"
CELLS = (
    f"{MARKER}",
    f"99999999999999999999{MARKER}",
    f"0000-00-00 {MARKER}",
    f"2026-13-45 25:61:61{MARKER}",
    f"$1,2,3.4.5-({MARKER})",
    f"'; drop table patient; --{MARKER}",
    f'=cmd|"/c {MARKER}"!A1',
    f"\u0663\u0664\u0665 {MARKER} \U0001f9b7",
    f"{{{{ {MARKER} }}}} %s \\x00",
    MARKER * 3000,
)
JSON = (
    f'[{{"phoneType": "{MARKER}", "number": {{"{MARKER}": 1}}, "sequence": 1e400}}]',
    f'{{"id": {{"id": ["{MARKER}"]}}}}',
    f'{{"id": "{MARKER}',
    "[" * 500 + "]" * 500,
    f'["{MARKER}", null, 1, {{"type": []}}]',
    '"\\ud800"',
    "null",
)
NUMBERS = ("9" * 40, "-1", "1e400", "NaN", "0x10", "1_000", "-0", ".", "9" * 16 + ".999")
# What names another row without an id in its name.
REFERENCES = ("patient", "user", "provider", "insurancecarrier", "carrierinsuranceplan")
EXPORT = """\
system: dentrix
product: {product}
practice: garbage_{product}
kind: full
time_zone: Europe/Vienna
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
"""


def write_export(export: Path, product: str) -> Path:
    export.mkdir()
    (export / "export.yml").write_text(EXPORT.format(product=product))
    contract = yaml.safe_load(
        (PROJECT / "loaders" / "raw" / "contract" / f"dentrix_{product}.yml").read_text()
    )
    values = cycle((*CELLS, *JSON, *NUMBERS) if product == "ascend" else (*CELLS, *NUMBERS))
    for name, table in contract["tables"].items():
        with (export / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(table["columns"])
            for row in range(60):
                writer.writerow(
                    # Keys are small and shared by all tables, so that joins find each other.
                    str(row) if "id" in column or column in REFERENCES else next(values)
                    for column in table["columns"]
                )
            for _ in range(15):
                writer.writerow(next(values) for _ in table["columns"])
    return export
