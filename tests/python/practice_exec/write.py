"""A book as the reports that Dental-Exec writes: titled columns, American dates, 12-hour times."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.python.practice.book import Book, Place, Row
from tests.python.practice.world import ZONE
from tests.python.practice.write_g_series import AGAIN, CELLS
from tests.python.practice_exec.clinic import Clinic


@dataclass(frozen=True)
class Style:
    """How one report is written."""

    file: str
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\r\n"
    trailer: str = ""
    extra: tuple[str, ...] = ()
    padded: bool = True


STYLES = {
    "patients": Style("PATIENTS.csv", trailer="Total records: {n}", extra=("SSN", "Card Color")),
    "appointments": Style("Appointments.CSV", encoding="utf-8-sig", newline="\n"),
    "tasks": Style("TASKS.txt", "\t"),
    "provpat": Style("provpat.csv", ";", newline="\n"),
    "txhist": Style("TXHIST.csv.gz", trailer="Total records: {n}"),
    "billing": Style("BILLING.txt", "|", newline="\n", extra=("Reserved", "Reserved")),
    "notes": Style("NOTES.csv", padded=False),
    "docs": Style("DOCS.csv", padded=False),
}
# Words of a column's name that are no plain words.
SAID = {"id": "ID", "mi": "MI", "npi": "NPI", "tx": "TX"}


def write(clinic: Clinic, folder: Path, extracted_at: str = "2026-11-20T02:00:00-06:00") -> Path:
    """Writes a practice's set, the documents and links included, and notes in the book where each
    row stands."""
    book = clinic.book
    folder.mkdir(parents=True)
    says = {
        "system": "dental_exec",
        "practice": book.practice,
        "kind": "full",
        "time_zone": ZONE,
        "extracted_at": extracted_at,
        **book.export,
    }
    (folder / "export.yml").write_text(yaml.safe_dump(says), encoding="utf-8")
    for table in HEADERS:
        style = STYLES.get(table, Style(f"{table.upper()}.csv"))
        _report(book, folder / style.file, style, HEADERS[table], book.rows[table])
    _documents(folder / "files", clinic.files, clinic.links)
    return folder


def _documents(folder: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, target in links.items():
        (folder / name).symlink_to(target)


def titled(column: str) -> str:
    """A column's name as the report heads it."""
    return " ".join(SAID.get(word, word.title()) for word in column.split("_"))


def cell(value: Any, random: Random) -> str:
    """A value as some version of Dental-Exec might write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return f"{value:%m/%d/%Y} {cell(value.time(), random)}"
    if isinstance(value, date):
        if random.random() < 0.3:
            return f"{value.month}/{value.day}/{value.year % 100:02d}"
        return f"{value:%m/%d/%Y}"
    if isinstance(value, time):
        shown = f"{value:%I:%M %p}"
        return random.choice((shown, shown.lstrip("0"), shown.lower()))
    if isinstance(value, Decimal):
        return money(value, random)
    return str(value)


def money(value: Decimal, random: Random) -> str:
    """An amount: `$1,234.50`, `1234.50`; below nothing `(45.00)`, `($45.00)` or `-45.00`."""
    shown = random.choice((f"${abs(value):,.2f}", f"{abs(value):,.2f}", f"{abs(value):.2f}"))
    if value >= 0:
        return shown
    return random.choice((f"({shown})", f"({shown})", f"-{shown}"))


def _report(book: Book, file: Path, style: Style, columns: list[str], rows: list[Row]) -> None:
    random = Random(f"{book.seed}/{book.practice}/{file.name}")
    written: list[str] = []
    records: dict[int, str] = {}
    line = 2
    for row in rows:
        if AGAIN in row:
            record = records[id(row[AGAIN])]
        elif CELLS in row:
            record = style.delimiter.join(row[CELLS])
        else:
            unknown = row.keys() - set(columns)
            assert not unknown, f"{file.name} has no {unknown}"
            record = _record(row, style, columns, random)
        records[id(row)] = record
        book.places[id(row)] = Place(file.name, line)
        line += 1 + record.count("\n")
        written.append(record)
    top = style.delimiter.join([*map(titled, columns), *style.extra])
    end = [style.trailer.format(n=len(rows))] if style.trailer else []
    whole = style.newline.join([top, *written, *end]) + style.newline
    content = whole.encode(style.encoding)
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def _record(row: Row, style: Style, columns: list[str], random: Random) -> str:
    cells = []
    for name in columns:
        text = cell(row.get(name), random)
        cells.append(text + " " * (style.padded and random.random() < 0.05))
    cells += ["000-00-0000" if extra == "SSN" else "" for extra in style.extra]
    return style.delimiter.join(_quoted(text, style.delimiter) for text in cells)


def _quoted(text: str, delimiter: str) -> str:
    if any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


HEADERS = {
    table: columns.split()
    for table, columns in {
        "patients": "patient_id account_no responsible_party_id last_name first_name mi nickname"
        " sex birth_date marital address_1 address_2 city state zip home_phone work_phone"
        " cell_phone email status first_visit last_visit primary_provider hygienist"
        " referral_source carrier_name group_no subscriber_id carrier_name_2 group_no_2"
        " subscriber_id_2 drug_interaction_flag premed_flag outstanding_balance assigned_to"
        " entered_date",
        "providers": "provider_id last_name first_name type specialty npi license email active",
        "provpat": "patient_id provider_id relationship from_date",
        "appointments": "appt_id patient_id provider_id operatory date start_time end_time minutes"
        " type status reason notes created created_by",
        "txplan": "plan_id line_no patient_id provider_id phase procedure_code tooth surfaces fee"
        " ins_est status plan_date est_completion",
        "txhist": "history_id patient_id provider_id completed_date procedure_code tooth surfaces"
        " materials fee plan_id",
        "tasks": "task_id patient_id task_type subject due_date completed_date interval"
        " assigned_to status notes created",
        "production": "date provider_id daily_goal units_completed production collections"
        " collection_rate",
        "notes": "note_id patient_id provider_id appt_id note_date body signed",
        "docs": "doc_id patient_id category file_name relative_path size scan_date",
        "billing": "trans_id account_no patient_id date type code description amount provider_id"
        " tx_hist_id balance",
        "claims": "claim_id patient_id carrier_name claim_date billed received status",
        "prospects": "prospect_id last_name first_name phone email source interest_level"
        " inquiry_date status converted_patient_id",
        "users": "user_id last_name first_name role email active",
    }.items()
}
