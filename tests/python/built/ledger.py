"""A small practice whose every row was made to try a rule of the ledger, one that writes no signs,
and one of Ascend."""

import csv
import json
from pathlib import Path
from typing import Any

Row = dict[str, str]

EXPORT = """\
system: dentrix
product: {product}
practice: {practice}
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
"""
PATIENTS: list[Row] = [
    {
        "patid": "10",
        "guarid": "10",
        "lastname": "Ash",
        "firstname": "Anna",
        "birthdate": "1980-01-02",
    },
    {
        "patid": "11",
        "guarid": "10",
        "lastname": "Ash",
        "firstname": "Ben",
        "birthdate": "2010-01-02",
    },
    # One person twice: the second row's planned work joins the first's.
    {
        "patid": "12",
        "guarid": "10",
        "lastname": "Ash",
        "firstname": "Ben",
        "birthdate": "2010-01-02",
    },
    {
        "patid": "20",
        "guarid": "20",
        "lastname": "Birch",
        "firstname": "Carl",
        "birthdate": "1970-01-02",
    },
    # Held back: no last name.
    {"patid": "30", "guarid": "30", "lastname": "", "firstname": "Dora", "birthdate": "1970-01-02"},
]
CODES: list[Row] = [
    {"proccodeid": "1", "adacode": "D2740  ", "descript": "Crown, white"},
    {"proccodeid": "2", "adacode": "C9017", "abbrevdescript": "Local"},
]
CASES: list[Row] = [
    {
        "txcaseid": "1",
        "patid": "11",
        "descript": "Left",
        "status": "1",
        "createdate": "2026-01-05 10:00:00",
    },
    {"txcaseid": "2", "patid": "20", "descript": "x" * 90, "status": "2", "createdate": "soon"},
    {"txcaseid": "3", "patid": "20", "status": "9", "createdate": "2026-03-08 02:30:00"},
    {"txcaseid": "4", "patid": "99", "descript": "Nobody's"},
]
STATUSES: list[Row] = [
    {"defid": "1", "descript": "Accepted"},
    {"defid": "2", "descript": "Hopeless"},
]
PLANNED: Row = {"chartstatus": "105", "createdate": "2026-01-07", "proccodeid": "1"}
DONE: Row = {
    "chartstatus": "102",
    "procdate": "2026-01-10",
    "createdate": "2026-01-11",
    "proccodeid": "1",
}
PAID: Row = {"chartstatus": "90", "proclogclass": "1", "procdate": "2026-02-01"}
LOG: list[Row] = [
    DONE
    | {
        "procid": "1",
        "patid": "11",
        "guarid": "10",
        "amt": "100.00",
        "provid": "DDS1",
        "txcaseid": "1",
    },
    DONE
    | {
        "procid": "2",
        "patid": "11",
        "guarid": "10",
        "amt": "12,5O",
        "proccodeid": "2",
        "provid": "X9",
    },
    DONE
    | {"procid": "3", "patid": "11", "guarid": "10", "amt": "40", "completiondate": "2026-13-01"},
    DONE | {"procid": "4", "patid": "11", "guarid": "10", "amt": "50", "procdate": "9999-12-31"},
    DONE | {"procid": "5", "patid": "98", "guarid": "10", "amt": "60"},
    DONE | {"procid": "6", "patid": "30", "guarid": "30", "amt": "70", "txcaseid": "1"},
    PLANNED
    | {"procid": "7", "patid": "11", "amt": "900", "txcaseid": "1", "toothrangestart": "53"},
    PLANNED | {"procid": "8", "patid": "11", "amt": "20"},
    PLANNED | {"procid": "9", "patid": "12", "amt": "30", "createdate": "2026-01-06"},
    PLANNED | {"procid": "10", "patid": "20", "amt": "30", "txcaseid": "404"},
    PLANNED | {"procid": "0", "patid": "20", "amt": "30"},
    {"procid": "11", "patid": "20", "chartstatus": "106"},
    {"procid": "12", "patid": "20", "chartstatus": "broken"},
    PAID
    | {
        "procid": "20",
        "patid": "0",
        "guarid": "10",
        "amt": "-80",
        "proclogorder": "1",
        "checknum": "7",
    },
    PAID | {"procid": "21", "patid": "11", "guarid": "20", "amt": "-5", "proclogclass": "3"},
    PAID | {"procid": "22", "patid": "11", "guarid": "10", "amt": "15", "proclogorder": "9"},
    PAID | {"procid": "23", "patid": "11", "guarid": "10", "amt": "2", "proclogclass": "5"},
    PAID | {"procid": "24", "patid": "11", "guarid": "77", "amt": "3", "proclogclass": "0"},
    PAID | {"procid": "25", "patid": "11", "guarid": "10", "amt": ""},
]
AGING: list[Row] = [
    {"guarid": "10", "aging0to30": "40.01"},
    {"guarid": "20", "aging0to30": "-5"},
]
CLAIMS: list[Row] = [
    {
        "claimid": "1",
        "patid": "11",
        "insid": "8",
        "status": "1",
        "totalbilled": "200",
        "totalreceived": "50.50",
    },
    {"claimid": "2", "patid": "11", "status": "2", "totalbilled": "200"},
    {"claimid": "3", "patid": "11", "status": "1", "type": "1", "totalbilled": "200"},
]
G_SERIES: dict[str, list[Row]] = {
    "patient": PATIENTS,
    "provider": [{"provider_id": "DDS1", "last_name": "Dent", "first_name": "Dana"}],
    "proccode": CODES,
    "payment_type": [{"def_id": "1", "descript": "Check"}],
    "txcase": CASES,
    "txcase_status": STATUSES,
    "fullproclog": LOG,
    "aging": AGING,
    "claim": CLAIMS,
}
# A set that knows no signs: what was paid stands as it was charged.
UNSIGNED: dict[str, list[Row]] = {
    "patient": PATIENTS[:1],
    "fullproclog": [
        DONE | {"procid": "1", "patid": "10", "guarid": "10", "amt": "100"},
        PAID | {"procid": "2", "patid": "10", "guarid": "10", "amt": "30"},
        PAID | {"procid": "3", "patid": "10", "guarid": "10", "amt": "20", "proclogclass": "3"},
        PAID | {"procid": "4", "patid": "10", "guarid": "10", "amt": "-10"},
        PAID | {"procid": "5", "patid": "10", "guarid": "10", "amt": "4", "proclogclass": "2"},
    ],
}
ASCEND: dict[str, list[dict[str, Any]]] = {
    "patients": [
        {"id": "7000000000001", "firstName": "Eve", "lastName": "Fir", "dateOfBirth": "1980-01-02"},
    ],
    "practiceprocedures": [{"id": "51", "adaCode": "D1110", "description": "Cleaning"}],
    "patientprocedures": [
        {
            "id": "61",
            "status": "COMPLETED",
            "state": "ACTIVE",
            "amount": 90.5,
            "serviceDate": "2026-01-10T04:30:00.000Z",
            "patient": {"id": "7000000000001"},
            "practiceProcedure": {"id": "51"},
        },
        {"id": "62", "status": "TREATMENT_PLAN", "state": "CANCELLED"},
    ],
    "transactions": [
        {
            "id": "71",
            "type": "PROCEDURE",
            "amount": 90.5,
            "date": "2026-01-10T04:30:00.000Z",
            "patientId": "7000000000001",
            "procedureId": "61",
        },
        {"id": "72", "type": "PAYMENT", "amount": -90.5, "isVoided": True, "date": "2026-01-10"},
        {
            "id": "73",
            "type": "TRANSFER",
            "amount": -1,
            "patientId": "7000000000001",
            "date": "2026-01-12",
        },
    ],
    "insuranceclaims": [
        {
            "id": "81",
            "claimState": "SENT",
            "totalCharges": 80,
            "amountPaid": 10,
            "payorName": "Aetna",
        },
        {"id": "82", "claimState": "PAID", "totalCharges": 80},
    ],
}


def write(folder: Path, practice: str, product: str) -> Path:
    folder.mkdir()
    (folder / "export.yml").write_text(EXPORT.format(practice=practice, product=product))
    return folder


def as_cells(answer: dict[str, Any]) -> Row:
    """An object of the API as a row: what is nested as JSON text."""
    return {k: json.dumps(v) if isinstance(v, dict) else str(v) for k, v in answer.items()}


def write_tables(folder: Path, tables: dict[str, list[Row]]) -> None:
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)


def write_exports(place: Path) -> list[Path]:
    oak = write(place / "oak", "oak", "g_series")
    write_tables(oak, G_SERIES)
    elm = write(place / "elm", "elm", "g_series")
    write_tables(elm, UNSIGNED)
    fir = write(place / "fir", "fir", "ascend")
    write_tables(fir, {name: [as_cells(o) for o in objects] for name, objects in ASCEND.items()})
    return [oak, elm, fir]
