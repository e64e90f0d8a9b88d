"""Exports of two G-series practices with alerts, image references and recalls: one keeps its alerts
on the Contact, the other as records of their own."""

from pathlib import Path

EXPORT_YML = """\
system: dentrix
product: g_series
practice: {practice}
kind: full
time_zone: America/Chicago
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
"""

OPTIONS = """\
  on_contact:
    clinical_alerts: picklist
    imaging_base_url: https://images.example.com/dentrix
    sensitive_alerts: {names: [HIV], action: mask}
  on_records:
    clinical_alerts: object
    sensitive_alerts: {names: [hiv], action: omit}
"""

LONG = "A very long name of an alert " * 9
UNC = r"\\SERVER\DtxImages"
ACCENTS = UNC + "\\" + "é" * 60 + ".jpg"

FILES = {
    "patient.csv": [
        "patid,lastname,firstname,birthdate,guarid,status,chartnum,medalertmask1,medalertmask2",
        "1,Ash,Anna,1980-01-02,1,1,A1,1,1",
        "2,Birch,Ben,1970-03-04,2,1,B1,0,0",
        # The same person as 1, with fewer rows: merged into her.
        "3,Ash,Anna J,1980-01-02,1,1,A1,3,0",
        "4,,Nameless,1990-01-01,4,1,,0,x",
    ],
    "medalert.csv": ["defid,descript", "0,LATEX", "1,Pacemaker", "31,Blood thinner", "77,Beyond"],
    "hhitem.csv": [
        "itemid,hhtype,description,critical",
        "1,2,Latex,1",
        "2,3,Warfarin; daily,0",
        "3,1,HIV,0",
        f"4,1,{LONG.strip()},0",
        "5,1,Nobody's,0",
    ],
    "hhlinkpat_item.csv": [
        "linkid,patid,hhitemid,status,reporteddate,startdate,enddate,note,critical",
        "10,1,1,1,2020-01-01,2019-05-06,9999-12-31,Hives,0",
        "11,1,2,1,,2018-01-01,2020-02-03,,0",
        "12,3,2,1,,,,,0",
        "13,2,3,1,,,,Told in trust,0",
        "14,2,4,1,,,,,0",
        "15,2,99,1,,,,Ask,0",
        "16,2,1,2,2015-07-08,,,,0",
        "17,88,1,1,,,,,0",
        "18,4,1,1,,,,,0",
        "0,1,1,1,,,,,0",
    ],
    "document.csv": [
        "docid,doctypeid,descript,createdate",
        "1,2,Smiles,2024-05-06 10:00:00",
        "2,9,,2025-05-06",
        "3,2,No file,2024-01-01",
        "4,2,Unfiled,2024-01-01",
        "5,2,Accents,2020-01-01",
    ],
    "doccat.csv": ["dcdoctypeid,name", "2,X-rays", "3,Consents"],
    "docattach.csv": [
        "attachid,docid,attachtotype,attachtoentityid",
        "1,1,1,3",
        "2,1,1,1",
        "3,1,1,2",
        "4,1,2,7",
        "5,2,1,1",
        "6,3,1,1",
        "7,99,1,1",
        "8,1,1,88",
        "9,5,1,2",
    ],
    "document_files.csv": [
        "docid,path",
        rf"1,{UNC}\family\smiles 2024.jpg",
        rf"2,{UNC}\..\..\secret.jpg",
        rf"4,{UNC}\unfiled.jpg",
        # As an address it has over 255 characters.
        f"5,{ACCENTS}",
    ],
    "recalltype.csv": [
        "recallid,patid,name,descript,unit,qty,provtype,status",
        "1,0,PROPHY,Cleaning,months,6,2,1",
        "2,0,BITEWINGS,Pictures,years,1,1,1",
        "3,0,UNUSED,Nobody,months,x,1,1",
        "1,2,,,months,4,,",
    ],
    "recallpending.csv": [
        "recallid,patid,setdate,duedate,priordate,provid,status",
        "1,1,,2027-02-01,,,0",
        "2,1,,2027-01-15,,,0",
        "1,3,,2026-12-01,,,0",
        "1,2,,2026-10-01,,,completed",
        "2,2,,soon,,,0",
        "9,2,,2027-05-05,,,0",
        "1,88,,2027-05-05,,,0",
    ],
    "custom_fields.csv": [
        "entity,entity_id,field_name,field_type,value",
        "patient,1,Shoe size,number,39",
    ],
}


def write_export(export: Path, practice: str) -> Path:
    export.mkdir()
    (export / "export.yml").write_text(EXPORT_YML.format(practice=practice))
    for name, lines in FILES.items():
        (export / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return export
