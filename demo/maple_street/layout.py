"""How the practice's reports look: columns, separators, encodings, and the oddities of each."""

from dataclasses import replace

from demo.files import FileLayout
from loaders.raw.contract import product_contract

COLUMNS: dict[str, tuple[str, ...]] = {
    name: table.columns
    for name, table in product_contract("dental_exec", "dental_exec").tables.items()
}
"""Table to its columns, the primary key first."""

_SHOUTED = ("id", "mi", "npi", "tx")


def _headed(table: str, layout: FileLayout) -> FileLayout:
    """The layout, with columns headed as the reports do: `tx_hist_id` is `TX Hist ID`."""
    usual = {
        column: " ".join(w.upper() if w in _SHOUTED else w.capitalize() for w in column.split("_"))
        for column in COLUMNS[table]
    }
    return replace(layout, headers=usual | layout.headers)


FILES: dict[str, FileLayout] = {
    table: _headed(table, layout)
    for table, layout in {
        "patients": FileLayout(
            "PATIENTS.csv",
            newline="\r\n",
            headers={"last_name": " Last Name ", "zip": "ZIP"},
            padded={"last_name": 24},
            # What must never land, and a column no contract knows.
            extra=(("Soc Sec Number", "000-00-0000"), ("Recall Card", "Y")),
            tail="Total records: {rows}\r\n",
        ),
        "providers": FileLayout("Providers.csv"),
        "provpat": FileLayout("PROVPAT.CSV", newline="\r\n"),
        "appointments": FileLayout("APPOINTMENTS.csv", newline="\r\n", extra=(("Color", "7"),)),
        "txplan": FileLayout("TXPLAN.csv", newline="\r\n"),
        "txhist": FileLayout("TXHIST.csv", newline="\r\n"),
        # An emoji stands in it, so it is UTF-8; the byte order mark says so.
        "tasks": FileLayout("TASKS.csv", encoding="utf-8-sig", quote_all=True),
        "production": FileLayout("PRODUCTION.txt", delimiter=";"),
        "notes": FileLayout("NOTES.csv", encoding="utf-8", quote_all=True),
        "docs": FileLayout("DOCS.csv", newline="\r\n"),
        "billing": FileLayout("BILLING.csv", newline="\r\n"),
        "claims": FileLayout("CLAIMS.csv"),
        "prospects": FileLayout("PROSPECTS.tsv", delimiter="\t"),
        "users": FileLayout("USERS.csv"),
    }.items()
}
