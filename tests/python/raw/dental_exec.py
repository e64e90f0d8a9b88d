"""A small Dental-Exec export, as the reports name things and as another program might."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

DENTAL_EXEC: dict[str, Any] = {"system": "dental_exec", "product": None, "practice": "elm"}

Rows = list[dict[str, str]]

REPORTS: dict[str, Rows] = {
    "PATIENTS": [
        {"Patient ID": "1", "Last Name": "Björk", "First Name": "Ida", "Birth Date": "02/03/1970"},
        {"Patient ID": "2", "Last Name": 'O"Hara', "First Name": "Al\nVin", "Status": "A"},
    ],
    "PRODUCTION": [
        {"Date": "11/02/2026", "Provider ID": "D1", "Production": "$1,234.50"},
        {"Date": "11/02/2026", "Provider ID": "", "Production": "$2,000.00"},
        {"Date": "11/03/2026", "Provider ID": "", "Production": "(45.00)"},
    ],
    "TXPLAN": [
        {"Plan ID": "7", "Line No": "1", "Patient ID": "1", "Fee": "90"},
        {"Plan ID": "7", "Line No": "2", "Patient ID": "1", "Fee": "80"},
    ],
    "NOTES": [
        {"Note ID": "n1", "Patient ID": "1", "Body": "Plain, with\nlines.", "Signed": "Y"},
        {"Note ID": "n2", "Patient ID": "2", "Body": "<p>Caf&eacute;</p><script>x</script>"},
        {"Note ID": "n3", "Patient ID": "2", "Body": ""},
    ],
}


def report(
    rows: Sequence[Mapping[str, str]], columns: Sequence[str] = (), delimiter: str = ","
) -> str:
    """Rows as CSV with a header: the columns told, or all that any row has."""
    header = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def files(**more: str) -> dict[str, str]:
    """The reports as files; `more` replaces or adds some, by their names without ending."""
    made = {f"{name}.csv": report(rows) for name, rows in REPORTS.items()}
    return made | {f"{name}.csv": text for name, text in more.items()}
