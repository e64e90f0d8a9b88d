"""A book as the files a G-series practice sends: no two alike, none tidy."""

import gzip
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.python.practice.book import Book, Place, Row
from tests.python.practice.world import ZONE

# What a cell may be besides a value: a line of other cells, an earlier line once more.
CELLS, AGAIN = "__cells__", "__again__"


@dataclass(frozen=True)
class Style:
    """How one table's file is written."""

    file: str
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    trailer: str = ""
    extra: tuple[str, ...] = ()
    padded: bool = True


STYLES = {
    "patient": Style("Patient.CSV", newline="\r\n", trailer="Total records: {n}", extra=("SSN",)),
    "address": Style("address.txt", "|", "cp1252", extra=("_unused1", "ptrcount", "_unused1")),
    "provider": Style("v_provider.csv", ";", newline="\r\n"),
    "referral": Style("referral.txt", "\t", "cp1252"),
    "insured": Style("insured.tsv", "\t"),
    "inscarrier": Style("inscarrier.csv.gz", extra=("feesched",)),
    "fullproclog": Style("FULLPROCLOG.csv", trailer="Total records: {n}", extra=("_reserved",)),
    "clinicalnote": Style("clinicalnote.csv", encoding="utf-8-sig", newline="\r\n", padded=False),
    "appt": Style("v_appt.txt", "|", newline="\r\n"),
    "contact": Style("contact.csv.gz", ";"),
    "hhlinkpat_item": Style("hhlinkpat_item.tsv", "\t", newline="\r\n"),
    "proccode": Style("proccode.xlsx"),
    "operatory": Style("operatory.parquet"),
}
# Tables with a header and not one row, where the practice has none.
HEADERS = {
    "staff": ("staff_id", "last_name", "first_name", "title", "inactive"),
    "claim": ("claimid", "patid", "provid", "type", "status", "totalbilled"),
}
DATES = ("%Y-%m-%d 00:00:00", "%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "M/D/YY")


def write(
    book: Book,
    folder: Path,
    *,
    kind: str = "full",
    extracted_at: str = "2026-11-20T02:00:00-06:00",
    **export: Any,
) -> Path:
    """Writes a book's rows as an export set and notes in the book where each row stands."""
    folder.mkdir(parents=True)
    says = {
        "system": "dentrix",
        "product": book.product,
        "practice": book.practice,
        "kind": kind,
        "time_zone": ZONE,
        "extracted_at": extracted_at,
        **export,
    }
    (folder / "export.yml").write_text(yaml.safe_dump(says), encoding="utf-8")
    empty: dict[str, list[Row]] = {table: [] for table in HEADERS} if kind == "full" else {}
    for table, rows in {**empty, **book.rows}.items():
        style = STYLES.get(table, Style(f"{table}.csv"))
        columns = _columns(book.random, table, rows)
        if style.file.endswith(".xlsx"):
            _workbook(book, folder / style.file, columns, rows)
        elif style.file.endswith(".parquet"):
            _parquet(book, folder / style.file, columns, rows)
        else:
            _text(book, folder / style.file, style, columns, rows)
    return folder


def _columns(random: Random, table: str, rows: list[Row]) -> list[str]:
    """Every column any row has, in an order nobody chose."""
    columns = dict.fromkeys(HEADERS.get(table, ()))
    for row in rows:
        columns |= dict.fromkeys(name for name in row if not name.startswith("__"))
    shuffled = list(columns)
    random.shuffle(shuffled)
    return shuffled


def cell(value: Any, random: Random) -> str:
    """A value as some version of Dentrix might write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        shape = random.choice(DATES)
        if shape == "M/D/YY":
            return f"{value.month}/{value.day}/{value.year % 100:02d}"
        return value.strftime(shape)
    return str(value)


def _text(book: Book, file: Path, style: Style, columns: list[str], rows: list[Row]) -> None:
    random, written, line = book.random, [], 2
    header = [random.choice((name, name.upper(), f" {name} ")) for name in columns]
    records: dict[int, str] = {}
    for row in rows:
        if AGAIN in row:
            record = records[id(row[AGAIN])]
        elif CELLS in row:
            record = style.delimiter.join(row[CELLS])
        else:
            record = _record(row, style, columns, random)
        records[id(row)] = record
        book.places[id(row)] = Place(style.file, line)
        line += 1 + record.count("\n")
        written.append(record)
    top = style.delimiter.join([*header, *style.extra])
    end = [style.trailer.format(n=len(rows))] if style.trailer else []
    whole = style.newline.join([top, *written, *end]) + style.newline
    content = whole.encode(style.encoding)
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def _record(row: Row, style: Style, columns: list[str], random: Random) -> str:
    cells = []
    for name in columns:
        text = cell(row.get(name), random)
        if style.padded and random.random() < 0.1:
            text += " " * random.randint(1, 6)
        cells.append(text)
    cells += ["000-00-0000" if extra == "SSN" else "" for extra in style.extra]
    every = random.random() < 0.1
    return style.delimiter.join(_quoted(text, style.delimiter, every) for text in cells)


def _quoted(text: str, delimiter: str, always: bool) -> str:
    if always or any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _workbook(book: Book, file: Path, columns: list[str], rows: list[Row]) -> None:
    import openpyxl  # type: ignore[import-untyped,unused-ignore]

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Export")
    sheet.append(columns)
    for line, row in enumerate(rows, start=2):
        sheet.append([row.get(name) for name in columns])
        book.places[id(row)] = Place(file.name, line)
    workbook.save(file)


def _parquet(book: Book, file: Path, columns: list[str], rows: list[Row]) -> None:
    import duckdb

    named = ", ".join(f'"{name}" varchar' for name in columns)
    with duckdb.connect() as con:
        con.execute(f"create table t ({named})")
        for line, row in enumerate(rows, start=1):
            cells = [cell(row.get(name), book.random) for name in columns]
            con.execute(f"insert into t values ({', '.join('?' * len(columns))})", cells)
            book.places[id(row)] = Place(file.name, line)
        con.execute(f"copy t to '{file}' (format parquet)")
