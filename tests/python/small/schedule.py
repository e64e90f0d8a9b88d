"""Exports of one practice whose appointments are events, and of one with the same rows whose
appointments are an object: appointments, clinical notes, the Office Journal."""

import csv
from pathlib import Path

import requests

from tests.python.support import door_to

EXPORT_YML = """\
system: dentrix
product: g_series
practice: {practice}
kind: full
time_zone: America/Chicago
encoding: utf-8
extracted_at: 2026-11-20T02:00:00-06:00
"""
OPTIONS = """\
  ash: {appointments_as: appointment}
"""
USERS = ("dora.dentist@example.com", "fallback@example.com")
LONG = "Start " + "word " * 6398 + "\U0001f9b7\U0001f9b7\U0001f9b7" + "x" * 3000 + " end"
WHOLE = "é" * 32767 + "."
APPOINTMENTS = """\
apptid,apptdate,timehr,timemin,apptlen,opid,provid,patid,patname,status,apptbrokenclass,appttype,apptreason,createdate,note
1,2024-07-01,9,30,60,OP1,DDS1,1,"Smith, Anna",-106,0,1,"PerEx, 4BW",2024-06-01 10:00,Bring X-rays
2,03/10/2024,2,30,30,OP2,HYG1,1,,5,0,0,Prophy,,
3,2024-11-03 00:00:00,1,30,0,,,2,,5,1,0,,2024-11-03 01:15:00,
4,2027-01-05,8,0,30,OP1,NOBODY,0,"O'NEIL, MARY ANN",7,2,2,,,Called in
5,2027-01-05,12,0,60,OP1,DDS1,0, ,0,0,0,Lunch,,
6,2024-07-02,9,0,60,OP1,DDS1,1,,-106,0,1,,,
7,2024-07-03,9,0,-15,OP1,DDS1,1,,-106,0,1,,,
8,2024-07-04,9,0,20161,OP1,DDS1,1,,-106,0,1,,,
9,9999-12-31,9,0,30,OP1,DDS1,1,,-106,0,1,,,
10,2024-07-05,25,0,30,OP1,DDS1,1,,-106,0,1,,,
11,2024-07-06,9,0,30,OP9,DDS1,77,,99,0,8,,,
12,2024-07-06,9,0,30,OP9,DDS1,2,,99,0,8,,,
13,2024-07-07,9,0,half an hour,OP2,DDS1,2,,5,0,1,,,
"""
TABLES = {
    "patient": """\
patid,lastname,firstname,guarid,birthdate
1,Smith,Anna,1,1980-01-01
2,Jones,Bo,2,1990-02-02
""",
    "provider": """\
provider_id,last_name,first_name,email,crm_login
DDS1,Dentist,Dora,dora.dentist@example.com,Y
HYG1,Gienist,Hy,,
""",
    "txcase": "txcaseid,patid,descript,status,createdate\n60,1,Crown,1,2024-05-01 00:00:00\n",
    "operatory": "op_id,op_title\nOP1,Room 1\nOP2,\n",
    "appt_type": "defid,descript\n1,Crown\n2,New patient\n",
    "appt_status": "defid,descript\n5,FIRM\n6,unused\n",
    "appthist": """\
apptid,parentapptid,modifieddate,status,deletedflag
901,6,2024-06-20 08:00:00,FIRM,0
902,6,2024-06-21 08:00:00,FIRM,1
""",
    "appt": APPOINTMENTS,
    "contact": """\
contactid,contactdate,contacttime,patid,provid,title,contacttype,note
20,2024-03-04,570,1,DDS1,Recall call,Call,Left a message
9,2024-03-04,570,1,DDS1,Recall call,Call,Left a message
10,2024-03-05,14:05,2,HYG1,Statement,E-Mail,
11,2024-03-06,,0,,Staff meeting,pigeon,
12,2024-03-07,25:00,77,,Lost,Call,
13,someday,1440,2,,Undated,letter,
""",
}


# A visit loses its patient and its provider, another its room; a call is retitled.
LATER = (
    ("2026-11-20T02", "2026-11-21T02"),
    ('OP1,DDS1,1,"Smith, Anna",-106', 'OP1,,0,"Smith, Anna",-106'),
    ("30,OP2,HYG1,1,,5", "45,,HYG1,1,,5"),
    ("DDS1,Recall call", "DDS1,Recall"),
)
CHANGED = 3


def write_export(folder: Path, practice: str, *changes: tuple[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in {
        "export.yml": EXPORT_YML.format(practice=practice),
        **{f"{name}.csv": text for name, text in TABLES.items()},
    }.items():
        for old, new in changes:
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    notes = [
        (
            "1",
            "1",
            "DDS1",
            "2024-07-01 09:45:00",
            "2024-07-01 18:00:00",
            "All well.\nFlossing.",
            "60",
        ),
        ("2", "1", "HYG1", "2023-12-31 23:30:00", "9999-12-31", LONG, "0"),
        ("3", "2", "", "2024-11-03 01:30:00", "", WHOLE, "66"),
        ("4", "2", "", "", "", "Undated", ""),
        ("5", "2", "", "2024-01-02 00:00:00", "", "", ""),
        ("6", "77", "", "2024-01-02 00:00:00", "", "Whose?", ""),
    ]
    with (folder / "clinicalnote.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["cnotesid", "patid", "provid", "createdatetime", "lockeddate", "notetext", "txcaseid"]
        )
        writer.writerows(notes)
    return folder


def create_users(home: Path) -> None:
    """Gives the local org the users that providers and the options name."""
    door = door_to(home)
    url = f"{door.url}/services/data/v67.0"
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {door.token}"
        found = session.get(f"{url}/query", params={"q": "SELECT Id FROM Profile LIMIT 1"})
        profile = found.json()["records"][0]["Id"]
        for email in USERS:
            user = {
                "LastName": email.partition("@")[0],
                "Email": email,
                "Username": f"{email}.linden",
                "Alias": email[:8],
                "IsActive": True,
                "ProfileId": profile,
                "TimeZoneSidKey": "America/Chicago",
                "LocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US",
                "EmailEncodingKey": "UTF-8",
            }
            session.post(f"{url}/sobjects/User", json=user).raise_for_status()
