"""Practices whose people added fields of their own, in Dentrix and in Dental-Exec."""

import csv
from pathlib import Path

import yaml

PEOPLE = 24
# Their records: two practices, 24 families with a patient each, 10 patients of Dental-Exec.
CREATED = 2 + 24 + 24 + 10
HOSTILE = '2nd "Fav\'rite" <b>; drop table x--é' + "x" * 160
_LONG = "Asks that we call before noon. " * 12
_EXPORT_YML = """\
system: {system}
practice: {practice}
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
"""

Row = dict[str, str]


def own_fields(n: int) -> Row:
    """What patient n has in the columns that nobody told us about."""
    return {
        "Referral Card": f"RC-{n:05d}",
        "Care Story": f"{_LONG}\n{n}",
        "Last Xray On": f"{n:02d}/15/2025" if n <= 12 else f"2025-01-{n:02d}",
        "Consent Signed At": f"2026-03-{n:02d} 14:30:00",
        "Cups of Coffee": str(n * 3),
        "Lifetime Value": f"${n},250.50",
        "Discount": f"{n}.5%",
        "Newsletter": "Y" if n % 2 else "N",
        "Shirt Size": ("Small", "Medium", "LARGE")[n % 3],
        "Work Mobile": f"(312) 555-01{n:02d}",
        "Second E-mail": f"Second{n}@Example.com",
        "Home Page": f"https://example.com/people/{n}",
        "Department": ("Front", "Back")[n % 2] + f" {n}",
        "Care-giver": f"Gina {n}",
        HOSTILE: f"O'Neil & <i>{n}</i>",
        "Locker No": f"A{n}",
        "Locker - No": f"B{n}",
        "Not For Us": f"secret {n}",
    }


def write_dentrix(export: Path) -> Path:
    """24 patients; the 23rd has a date nobody can read, the 24th nothing, and a 25th row is the
    first patient once more, whose card it has."""
    people = [_person(n, **own_fields(n)) for n in range(1, PEOPLE + 1)]
    people[0] |= {"Referral Card": ""}
    people[22] |= {"Last Xray On": "soon"}
    people[23] |= dict.fromkeys(own_fields(24), "")
    again = _person(25, **dict.fromkeys(own_fields(1), "")) | {
        "firstname": people[0]["firstname"],
        "lastname": people[0]["lastname"],
        "birthdate": people[0]["birthdate"],
        "chartnum": people[0]["chartnum"],
        "Referral Card": "RC-AGAIN",
        "Discount": "99.9%",
    }
    entries = [
        {"entity": "patient", "entity_id": str(n), "field_name": "Pet's Name", "value": f"Rex {n}"}
        for n in range(1, 9)
    ]
    tables = {"patient": [*people, again], "custom_fields": entries}
    return _write(export, "dentrix\nproduct: g_series", "cedar", **tables)


def _person(n: int, **own: str) -> Row:
    return {
        "patid": str(n),
        "firstname": f"Given{chr(64 + n)}",
        "lastname": f"Cedarman{chr(64 + n)}",
        "birthdate": f"19{50 + n}-02-03",
        "status": "1",
        "gender": "2",
        "fampos": "1",
        "guarid": str(n),
        "chartnum": f"C-{n}",
    } | own


def write_dental_exec(export: Path) -> Path:
    """Patients of Dental-Exec, who are accounts."""
    people = [
        {
            "Patient ID": str(n),
            "Last Name": f"Birchman{chr(64 + n)}",
            "First Name": f"Given{chr(64 + n)}",
            "Birth Date": f"02/03/19{50 + n}",
            "Status": "A",
            "Web Site": f"https://example.org/{n}",
            "Member Since": f"{n:02d}/01/2020",
            "Miles Away": f"{n}.25",
        }
        for n in range(1, 11)
    ]
    return _write(export, "dental_exec", "birch", PATIENTS=people)


def _write(export: Path, system: str, practice: str, **tables: list[Row]) -> Path:
    export.mkdir()
    (export / "export.yml").write_text(_EXPORT_YML.format(system=system, practice=practice))
    for table, rows in tables.items():
        with (export / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return export


def decide(file: Path) -> None:
    """Does what a person would: confirms what these practices have, but for one field that is
    ignored and one that is left as it is."""
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    for entry in document["fields"]:
        ours = {"cedar", "birch"}.issuperset(entry["profile"]["practices"])
        if ours and not entry["source"].endswith("Not For Us"):
            entry["status"] = "ignored" if "Cups" in entry["source"] else "confirmed"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
