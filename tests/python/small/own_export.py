"""An export nobody prepared us for: other practice, file names, columns, line ends, encoding."""

from pathlib import Path

FILES = {
    "Patienten Liste.TXT": [
        "PatID;LastName;FirstName;MI;BirthDate;Status;Gender;FamPos;GuarID;AddrID;Pager;EmailAddr;"
        "PrivacyFlags;PrimInsuredID;PrimInsRel;CreateDate;ChartNum;Shoe Size;SSN;Note",
        "1;NÚÑEZ;JOSÉ;Q;02/29/1984;1;1;2;1;7;3125550111;Jose@Example.COM ;0;50;1;"
        '2019-11-03 01:30:00;A-1;44;999-00-1111;"First line\r\nsecond; ""line"""',
        "2;McDonald-Núñez;Ana María;;1985-07-04 00:00:00;1;2;2;1;7;555-0112;not an address;3;50;2;"
        "2019-11-04 09:00:00;A-2;;;",
        "3;Núñez;Zoë;;20150131;2;9;3;1;7;;;1;0;0;2020-01-01 00:00:00;A-3;;;",
        "4;Nunez;Jose;;1984-02-29;1;1;2;4;0;3125550111;;0;0;0;;;;;",
        "5;;Ghost;;;1;1;1;5;0;;;0;0;0;;;;;",
        "cut;off",
        "Total records: 6",
    ],
    "Adressen.csv": [
        "addrid,phone,phoneext,street1,street2,city,state,zipcode,country",
        '7,(312) 555 0110,,"12 Oak Ave",Apt 3,Chicago,illinois,60601,',
    ],
    "dbo.INSURED.tsv": [
        "insuredid\tinsplanid\tinspartyid\tidnum",
        "50\t9\t1\tSUB-1",
    ],
    "v_insurance_plans.csv": [
        "insid,insconame,groupname,groupnum,payerid",
        '9,"Blue Cross & Blue Shield, Inc.",Gruppe Ä,G-77,BCB1',
    ],
}

EXPORT_YML = """\
system: dentrix
product: g_series
practice: zahn_2
kind: full
time_zone: America/Chicago
encoding: cp1252
extracted_at: 2026-11-20T02:00:00-06:00
ledger_sign: charges_positive
files: {address: Adressen.csv}
"""


# A chart number changes, a note goes; the phone that once spoke for a merge goes too.
LATER = (
    ("2026-11-20T02", "2026-11-21T02"),
    (';A-1;44;999-00-1111;"First line\r\nsecond; ""line"""', ";A-9;44;;"),
    ("1;3125550111;;0;0;0", "0;;;0;0;0"),
)
CHANGED = 1


def write_export(export: Path, *changes: tuple[str, str]) -> Path:
    export.mkdir()
    for name, text in {
        "export.yml": EXPORT_YML,
        **{name: "\r\n".join(lines) + "\r\n" for name, lines in FILES.items()},
    }.items():
        for old, new in changes:
            text = text.replace(old, new)
        (export / name).write_bytes(text.encode("cp1252"))
    return export
