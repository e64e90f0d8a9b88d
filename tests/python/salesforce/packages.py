"""Marts of the tests' own that need every type, host and page there is, and what is said of the
package that comes of them."""

import copy
import json
from pathlib import Path
from typing import Any

import simple_salesforce
from lxml import etree

from loaders.salesforce.ledger.steps import read_project
from loaders.salesforce.schema.model import Schema, build_schema

from .conftest import KEY, MARTS, Column, manifest_document

METADATA = "http://soap.sforce.com/2006/04/metadata"
SUFFIXES = {
    "field": "CustomField",
    "object": "CustomObject",
    "listView": "ListView",
    "compactLayout": "CompactLayout",
    "globalValueSet": "GlobalValueSet",
    "permissionset": "PermissionSet",
    "layout": "Layout",
    "tab": "CustomTab",
    "app": "CustomApplication",
    "reportType": "ReportType",
}
_XSD = "{http://www.w3.org/2001/XMLSchema}"
Marts = dict[str, tuple[dict[str, Any], list[Column]]]

PATIENT = {"lookup": "t__patient"}
STATUS = ["Proposed", "Accepted", "Completed", "Rejected"]
CODES = {"type": "Picklist", "values": ["D0120"], "from_data": True}
QUADS = {"type": "Picklist", "values": ["UR", "UL"], "restricted": True, "value_set": "Quadrant"}
PLAN: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Name", "varchar", {"type": "Text", "length": 80, "required": True}),
    (
        "Contact__r.Migration_Key__c",
        "varchar",
        PATIENT | {"required": True, "lock": True, "on_delete": "Restrict", "label": "Patient"},
    ),
    ("Provider__c", "varchar", {"type": "Lookup", "to": "User"}),
    ("Status__c", "varchar", {"type": "Picklist", "values": STATUS, "restricted": True}),
    ("CDT_Code__c", "varchar", CODES),
    ("Quad__c", "varchar", QUADS),
    ("Total_Fee__c", "decimal(16,2)", {"type": "Currency", "precision": 16, "scale": 2}),
    ("Plan_Date__c", "date", {"type": "Date"}),
    ("CDT_Codes__c", "varchar", {"type": "LongTextArea"}),
]
PROCEDURE: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Contact__r.Migration_Key__c", "varchar", PATIENT | {"required": True, "label": "Patient"}),
    ("Treatment_Plan__r.Migration_Key__c", "varchar", {"lookup": "t__plan"}),
    ("Account__r.Migration_Key__c", "varchar", {"lookup": "t__family", "label": "Family"}),
    ("Description__c", "varchar", {"type": "TextArea"}),
    ("Quad__c", "varchar", QUADS | {"values": ["LL", "LR"]}),
    ("Share__c", "decimal(5,2)", {"type": "Percent", "precision": 5, "scale": 2}),
    ("Units__c", "integer", {"type": "Number", "precision": 6, "scale": 0}),
    ("Is_Urgent__c", "boolean", {"type": "Checkbox"}),
    ("Original_Create_Date__c", "timestamp", {"type": "DateTime"}),
    ("Source_URL__c", "varchar", {"type": "Url"}),
    ("Lab_Email__c", "varchar", {"type": "Email"}),
    ("Lab_Phone__c", "varchar", {"type": "Phone"}),
    ("Materials__c", "varchar", {"type": "MultiselectPicklist", "values": ["Gold", "Resin"]}),
    ("Completion_Date__c", "date", {"type": "Date", "required": True}),
    ("Fee__c", "decimal(16,2)", {"type": "Currency", "precision": 16, "access": "billing"}),
]
WORDS = {"type": "Picklist", "values": ["Scheduled"], "from_data": True}
ACTIVITY: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Subject", "varchar", {"type": "Text", "length": 255}),
    ("Who.Migration_Key__c", "varchar", PATIENT),
    ("Procedure__r.Migration_Key__c", "varchar", {"lookup": "t__procedure"}),
    ("Operatory__c", "varchar", {"type": "Text"}),
    ("Appointment_Status__c", "varchar", WORDS),
]
FILE: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("Title", "varchar", {"type": "Text", "length": 255}),
    ("FirstPublishLocation.Migration_Key__c", "varchar", PATIENT),
    ("Captured_Date__c", "date", {"type": "Date"}),
    ("Document_Category__c", "varchar", WORDS | {"values": ["Other"]}),
]
LEAD: list[Column] = [
    ("Migration_Key__c", "varchar", KEY),
    ("LastName", "varchar", {"type": "Text", "length": 80, "required": True}),
    ("Company", "varchar", {"type": "Text", "length": 255, "required": True}),
    ("Inquiry_Date__c", "date", {"type": "Date"}),
]
RECALLS = {
    "name": "Recalls_Due",
    "label": "Recalls Due",
    "columns": ["Name", "Chart_Number__c"],
}
EVERYTHING: Marts = copy.deepcopy(MARTS) | {
    "t__plan": ({"object": "Treatment_Plan__c", "operation": "upsert", "access": "clinical"}, PLAN),
    "t__procedure": (
        {
            "object": "Procedure__c",
            "operation": "upsert",
            "access": "clinical",
            "name_format": "P-{000000}",
            "report_types": [
                {
                    "name": "Procedures",
                    "label": "Procedures",
                    "columns": ["Name", "Completion_Date__c"],
                }
            ],
        },
        PROCEDURE,
    ),
    "t__event": ({"object": "Event", "operation": "upsert"}, ACTIVITY),
    "t__visit": (
        {"object": "Task", "operation": "upsert"},
        [*ACTIVITY, ("Status", "varchar", {"type": "Picklist", "values": ["Deferred", "Gone"]})],
    ),
    "t__file": ({"object": "ContentVersion", "operation": "upsert"}, FILE),
    "t__lead": ({"object": "Lead", "operation": "upsert"}, LEAD),
}
EVERYTHING["t__patient"][0]["report_types"] = [RECALLS]


def metadata_xsd() -> etree.XMLSchema:
    """The schema inside simple-salesforce's metadata.wsdl, with an element for each file type."""
    wsdl = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
    schema = etree.parse(wsdl).find(f".//{_XSD}schema[@targetNamespace='{METADATA}']")
    for root in ("Package", *SUFFIXES.values()):
        etree.SubElement(schema, f"{_XSD}element", name=root, type=f"tns:{root}")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


def schema_of(marts: Marts, folder: Path) -> Schema:
    """The schema of marts. Raises UserError where they are refused."""
    file = folder / "manifest.json"
    file.write_text(json.dumps(manifest_document(marts)), encoding="utf-8")
    return build_schema(read_project(file).steps)


def plain(element: Any) -> Any:
    """An element as nested lists of (name, text or children), its namespace left out."""
    return [(etree.QName(e).localname, plain(e) if len(e) else e.text) for e in element]


def texts(root: Any, path: str) -> list[str]:
    """The texts of the elements at a path of plain names."""
    steps = "/".join(f"{{{METADATA}}}{step}" for step in path.split("/"))
    return [e.text or "" for e in root.findall(steps)]
