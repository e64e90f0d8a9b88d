"""A practice on Ascend, as the API answers, and one on G-series that has the same ids."""

import json
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

EXPORT_YML = """\
system: dentrix
product: {product}
practice: {practice}
kind: full
time_zone: America/Chicago
extracted_at: 2026-11-20T02:00:00-06:00
"""


def ref(kind: str, number: int) -> Row:
    """A reference as the API writes it."""
    return {"id": str(number), "type": f"{kind}V1", "url": f"https://api.example.com/{number}"}


def patient(number: int, first: str, last: str, born: str | None, **more: Any) -> Row:
    """A patient as the API answers, plain unless said otherwise."""
    return {
        "id": str(number),
        "firstName": first,
        "lastName": last,
        "dateOfBirth": born,
        "patientStatus": "ACTIVE",
        "gender": "F",
        "phones": [],
        **more,
    }


def covered(number: int, who: int, under: int, *responsibilities: str, **more: Any) -> Row:
    """A patient's insurance plan."""
    return {
        "id": str(number),
        "patient": ref("Patient", who),
        "subscriberInsurancePlan": ref("SubscriberInsurancePlan", under),
        "responsibilities": list(responsibilities),
        **more,
    }


def phone(kind: str, number: str, place: int, extension: str | None = None) -> Row:
    """One of a patient's phones."""
    return {"phoneType": kind, "number": number, "extension": extension, "sequence": place}


ASCEND: Tables = {
    "patients": [
        patient(
            101,
            "ANNA",
            "ELMWOOD",
            "1980-05-05",
            middleInitial="Q",
            preferredName="Annie",
            title="Mrs.",
            chartNumber="E-1",
            emailAddress="Anna@Example.COM",
            address1="12 Elm Ave",
            address2="Apt 3",
            city="Chicago",
            state="Illinois",
            postalCode="60601",
            phones=[
                phone("MOBILE", "3125550101", 2),
                phone("HOME", "(312) 555 0100", 1),
                phone("WORK", "3125550102", 3, "7"),
            ],
            firstVisitDate="2019-03-04T00:00:00.000Z",
            primaryGuarantor=ref("Patient", 101),
            primaryProvider=ref("Provider", 70),
        ),
        patient(
            102,
            "Ben",
            "Elmwood",
            "2012-06-07T00:00:00.000Z",
            gender="M",
            patientStatus="NEW",
            primaryGuarantor=ref("Patient", 101),
        ),
        patient(103, "A.", "Elmwod", None, patientStatus="DUPLICATE", gender="O",
                duplicateOfPatient=ref("Patient", 104), primaryGuarantor=ref("Patient", 103)),
        patient(104, "Anna", "Elmwood", None, patientStatus="DUPLICATE",
                duplicateOfPatient=ref("Patient", 101),
                phones=[phone("FAX", "3125550109", 1)]),
        patient(105, "Cora", "Lost", "1990-01-01", patientStatus="DUPLICATE",
                duplicateOfPatient=ref("Patient", 999)),
        patient(106, "Dora", "Guest", "2990-01-01", patientStatus="NON-PATIENT",
                primaryGuarantor=ref("Patient", 998), emailAddress="dora at home"),
        patient(107, "Eve", "", "1991-01-01", patientStatus="SLEEPING"),
        patient(108, "Finn", "Elmwood", "2014-08-09", gender="M", patientStatus="INACTIVE",
                primaryGuarantor=ref("Patient", 103)),
    ],
    "users": [
        {"id": "90", "firstName": "Gina", "lastName": "Root", "email": "GINA@example.com"},
        {"id": "91", "firstName": "Hal", "lastName": "Desk", "email": "hal@example.com"},
    ],
    "providers": [
        {"id": "70", "firstName": "Gina", "lastName": "Root", "specialty": "GENERALPRACTICE",
         "npi": "1234567893", "active": True, "isNonPersonEntity": False, "user": ref("User", 90)},
        {"id": "71", "firstName": "Ivy", "lastName": "Scale", "specialty": "HYGIENIST",
         "active": False, "isNonPersonEntity": False, "user": None},
        {"id": "72", "lastName": "Elm Dental LLC", "isNonPersonEntity": True, "active": True},
        {"id": "73", "firstName": "Jo", "lastName": "Gap", "specialty": "WHISPERER",
         "active": True, "user": ref("User", 99)},
    ],
    "insurancecarriers": [
        {"id": "30", "name": "METLIFE, Inc.", "payorId": "65978", "phone": "8005550100"},
        {"id": "31", "name": "Delta Dental of Illinois", "payorId": "DDIL"},
    ],
    "carrierinsuranceplans": [
        {"id": "40", "planName": "Gold", "groupNumber": "G-1",
         "insuranceCarrier": ref("InsuranceCarrier", 30)},
        {"id": "41", "planName": "Silver", "groupNumber": "G-2",
         "insuranceCarrier": ref("InsuranceCarrier", 39)},
        {"id": "42", "planName": "Unused", "insuranceCarrier": ref("InsuranceCarrier", 31)},
    ],
    "subscriberinsuranceplans": [
        {"id": "50", "planSubscriberId": "SUB-1", "patient": ref("Patient", 104),
         "carrierInsurancePlan": ref("CarrierInsurancePlan", 40)},
        {"id": "51", "planSubscriberId": "SUB-2", "patient": ref("Patient", 102),
         "carrierInsurancePlan": ref("CarrierInsurancePlan", 41)},
    ],
    "patientinsuranceplans": [
        covered(60, 101, 50, "PRIMARY", relationshipToSubscriber="SELF",
                startDate="2020-01-01", endDate="2026-12-31"),
        covered(61, 102, 50, "PRIMARY", relationshipToSubscriber="CHILD", startDate="2021-01-01"),
        covered(62, 102, 51, "SECONDARY", relationshipToSubscriber="GUARDIAN"),
        covered(63, 102, 50, "PRIMARY", startDate="2015-01-01", endDate="2016-01-01"),
        covered(64, 105, 59, "PRIMARY"),
        covered(65, 997, 50, "PRIMARY"),
        covered(66, 106, 50, "MEDICAL"),
    ],
}  # fmt: skip

G_SERIES = {
    "patient": "patid,guarid,lastname,firstname,birthdate,status,gender,fampos,addrid,"
    "priminsuredid,priminsrel\n"
    "101,101,Elmwood,Anna,1980-05-05,1,2,1,1,50,1\n",
    "address": "addrid,street1,city,state,zipcode\n1,12 Elm Ave,Chicago,IL,60601\n",
    "inscarrier": "insid,insconame,groupname,groupnum,payerid\n"
    "40,Met Life,Bronze,B-1,65978\n41,Met Life,Tin,B-2,65978\n",
    "insured": "insuredid,insplanid,inspartyid,idnum\n50,40,101,SUB-9\n",
    "provider": "provider_id,last_name,first_name,specialty_id\n70,Other,Kay,0\n",
}


def write_ascend(folder: Path, tables: Tables) -> Path:
    """An Ascend export: one response file a resource, one object a line."""
    folder.mkdir()
    (folder / "export.yml").write_text(
        EXPORT_YML.format(product="ascend", practice="elm") + "practice_name: The Elm Dentists\n"
    )
    for name, objects in tables.items():
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects)
        (folder / f"{name}.ndjson").write_text(lines, encoding="utf-8")
    return folder


def write_g_series(folder: Path) -> Path:
    """A G-series export with the same ids."""
    folder.mkdir()
    (folder / "export.yml").write_text(EXPORT_YML.format(product="g_series", practice="oak_lawn"))
    for name, text in G_SERIES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
