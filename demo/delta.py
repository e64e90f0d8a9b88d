"""A week later: `python -m demo.delta FOLDER` writes a set of each practice into FOLDER.

Oak Park's is a delta: it holds what changed since the full export, as G-series' change stamps would
give it. Somebody has a new telephone number, somebody new came and was treated, an appointment was
moved, another removed. Everything else stays as it was, in the files and in Salesforce. Maple
Street's is whole again, since Dental-Exec knows no deltas: see `demo.maple_street.later`.
"""

import argparse
import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from demo.chart import SLUG
from demo.files import Row
from demo.layout import COLUMNS
from demo.maple_street import book as maple_street
from demo.maple_street import later
from demo.practice import make_up

EXPORT_YML = f"""\
system: dentrix
product: g_series
practice: {SLUG}
practice_name: Oak Park Dental
kind: delta
time_zone: America/Chicago
encoding: utf-8
extracted_at: 2026-11-27T02:00:00-06:00
ledger_sign: charges_positive
"""
STAMP = "2026-11-25 10:05:00"


@dataclass
class Week:
    """What happened at Oak Park: changed and new rows by table, removed rows, what comes of it.

    `moved` and `gone` are migration keys: of the records that a run sends, and of those that are
    no longer in the source.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def add(self, table: str, row: Row) -> None:
        """A row as it stands now."""
        stamp = {"automodifiedtimestamp": STAMP} if "automodifiedtimestamp" in row else {}
        self.rows.setdefault(table, []).append(row | stamp)


def week() -> Week:
    """Oak Park's week after the export, made from the same practice."""
    before = make_up()
    after = make_up()
    happened = Week()

    someone = before.find("patient", "10480")
    happened.add("patient", someone | {"pager": "312-555-0198"})
    happened.moved.add(f"{SLUG}:patient:10480")

    booked = [row for row in before.tables["appt"] if row["status"] == "1" and row["patid"] != "0"]
    moved, removed = booked[0], booked[1]
    happened.add("appt", moved | {"timehr": "15"})
    happened.moved.add(f"{SLUG}:evt:{moved['apptid']}")
    happened.deleted.append(("appt", removed["apptid"]))
    happened.gone.add(f"{SLUG}:evt:{removed['apptid']}")

    patid = after.patient("Newcombe", "Verena", "1992-02-03 00:00:00", visits=1)
    newcomer = after.find("patient", patid)
    happened.add("patient", newcomer)
    happened.add("address", after.find("address", newcomer["addrid"]))
    for table in ("appt", "fullproclog", "clinicalnote"):
        happened.add(table, after.tables[table][-1])
    procid = after.tables["fullproclog"][-1]["procid"]
    apptid = after.tables["appt"][-1]["apptid"]
    noteid = after.tables["clinicalnote"][-1]["cnotesid"]
    happened.moved |= {
        f"{SLUG}:{kind}:{key}"
        for kind, key in (
            *(("family", patid), ("patient", patid), ("evt", apptid), ("note", noteid)),
            *(("procedure", procid), ("ledger", procid)),
        )
    }
    return happened


def files() -> dict[str, bytes]:
    """Oak Park's delta set: file name to content."""
    happened = week()
    tables = {
        f"{table}.csv": _csv(COLUMNS[table], [[row[c] for c in COLUMNS[table]] for row in rows])
        for table, rows in happened.rows.items()
    }
    removed = _csv(("table", "key1", "key2"), [[*one, ""] for one in happened.deleted])
    return {"export.yml": EXPORT_YML.encode(), "deleted.csv": removed, **tables}


def write(folder: Path) -> None:
    """Writes the sets into a new or empty folder, each below its practice's name."""
    for slug, exported in ((SLUG, files()), (maple_street.SLUG, later.files())):
        for name, content in exported.items():
            path = folder / slug / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)


def _csv(header: tuple[str, ...], rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def main() -> None:
    """Writes the sets into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m demo.delta", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the sets go: a new folder")
    folder = parser.parse_args().folder.absolute()
    write(folder)
    print(f"{folder}: written")


if __name__ == "__main__":
    main()
