"""A practice with cells that staging cannot take."""

from pathlib import Path

EXPORT = """\
system: dentrix
product: g_series
practice: yew
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
"""
PATIENTS = """\
patid,lastname,firstname,birthdate,firstvisitdate,lastvisitdate,createdate,emailaddr,status,privacyflags,missedappt
1,Good,Anna,1980-05-05,9999-12-31,,2020-01-02 03:04:05,anna@example.com,1,3,2
2,Blank,Bert,0001-01-01 00:00:00,12/30/1899,00/00/0000,1899-12-31,,,,
3,Bad,Carl,02/30/1980,spring,2021-13-01,2020-01-05 25:00:00,carl@example,7,all,1.5
4,Far,Dora,12/31/2999,0202-01-05,2999-01-01,1700-01-01,d d@example.com,0,99999999999,-1
"""
INSURED = """\
insuredid,insplanid,inspartyid,idnum,eligibilitystart,eligibilityend
1,0,1,A,2020-01-01,9999-12-31
2,5,1,B,sometime,2020-02-30
"""
AGING = """\
guarid,agingdate,aging0to30,aging31to60,aging61to90,aging91plus
1,2026-11-01,"1,234.50",(45.00),45.00-,$0
2,2026-11-01,a lot,12.3.4,999999999999999,
"""
PROVIDERS = """\
provider_id,last_name,first_name,email,crm_login
DDS1,Good,Gina,gina@example.com,Y
DDS2,Bad,Bill,bill at example.com,perhaps
"""


def write_export(folder: Path) -> Path:
    folder.mkdir()
    (folder / "export.yml").write_text(EXPORT)
    tables = {
        "patient": PATIENTS,
        "insured": INSURED,
        "aging": AGING,
        "provider": PROVIDERS,
    }
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
