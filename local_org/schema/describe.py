"""Describe answers in the shape real orgs give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local_org.schema.model import Field, Schema, SObject
from local_org.schema.traits import aggregatable, filterable, groupable, sortable

SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "base64": "xsd:base64Binary",
    "address": "urn:address",
}
# What a describe says of every field of this org.
ALIKE: dict[str, Any] = {
    "aiPredictionField": False,
    "calculated": False,
    "calculatedFormula": None,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "writeRequiresMasterRead": False,
}
# What no field-level security is about: who owns a record, what the platform keeps for itself.
SEALED = {
    "RecordTypeId",
    "OwnerId",
    "EmailBouncedReason",
    "EmailBouncedDate",
    "Subject",
    "ActivityDateTime",
    "ActivityDate",
    "DurationInMinutes",
    "StartDateTime",
    "EndDateTime",
    "IsPrivate",
    "ShowAs",
    "ReminderDateTime",
    "IsReminderSet",
    "IsUnreadByOwner",
}
# Types whose length in bytes is that in characters.
UNCHANGED = ("id", "reference", "multipicklist")
NOT_SEARCHED = {"MasterRecordId", "RecordTypeId", "OwnerId", "CreatedById", "LastModifiedById"}
NO_INTERFACES = (
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
)
MASTER_RECORD_TYPE = "012000000000000AAA"


def describe_global(view: Schema, version: str) -> dict[str, Any]:
    """Give the answer of `/sobjects`."""
    names = sorted(view.objects.values(), key=lambda each: each.name)
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(each, version) for each in names],
    }


def describe_object(
    view: Schema, target: SObject, version: str, record_types: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Give the answer of `/sobjects/X/describe`, with the object's record types before Master."""
    return {
        **_summary(target, version),
        "actionOverrides": [],
        "childRelationships": [
            {
                "cascadeDelete": lookup.on_delete == "Cascade",
                "childSObject": child.name,
                "deprecatedAndHidden": False,
                "field": lookup.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": lookup.child_relationship,
                "restrictedDelete": lookup.on_delete == "Restrict",
            }
            for child, lookup in view.children(target.name)
        ],
        "compactLayoutable": True,
        "fields": [describe_field(each) for each in target.fields],
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [
            *(_record_type(target, version, each) for each in record_types),
            _record_type(
                target,
                version,
                {"Id": MASTER_RECORD_TYPE, "Name": "Master", "DeveloperName": "Master"},
            ),
        ],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {target.plural.lower()}", "name": "everything"},
            {"label": f"My {target.plural.lower()}", "name": "mine"},
        ],
        **dict.fromkeys(NO_INTERFACES),
    }


def _record_type(target: SObject, version: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Give one record type; Master, which every object has, is the one a new record gets."""
    master = row["Id"] == MASTER_RECORD_TYPE
    active = bool(row.get("IsActive", True))
    base = f"/services/data/v{version}/sobjects/{target.name}/describe/layouts"
    return {
        "active": active,
        "available": active,
        "defaultRecordTypeMapping": master,
        "developerName": row["DeveloperName"],
        "master": master,
        "name": row["Name"],
        "recordTypeId": row["Id"],
        "urls": {"layout": f"{base}/{row['Id']}"},
    }


def _summary(target: SObject, version: str) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{target.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": target.createable,
        "custom": target.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": target.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": target.name in ("Account", "Contact", "Lead"),
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": target.prefix,
        "label": target.label,
        "labelPlural": target.plural,
        "layoutable": True,
        "mergeable": target.name in ("Account", "Contact", "Lead"),
        "mruEnabled": True,
        "name": target.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": target.deletable and target.keeps_deleted,
        "updateable": target.updateable,
        "urls": {
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
            "sobject": base,
        },
    }


def describe_field(item: Field) -> dict[str, Any]:
    """Give one field of a describe."""
    default: Any = item.default
    if item.type == "boolean":
        default = item.default == "true"
    return {
        **ALIKE,
        "aggregatable": aggregatable(item),
        "autoNumber": item.auto_number is not None,
        "byteLength": item.length * (1 if item.type in UNCHANGED else 3),
        "cascadeDelete": item.custom and item.on_delete == "Cascade",
        "caseSensitive": item.case_sensitive,
        "compoundFieldName": item.compound,
        "createable": item.createable,
        "custom": item.custom,
        "defaultValue": default,
        "defaultedOnCreate": item.defaulted or item.type == "boolean",
        "digits": item.digits,
        "externalId": item.external_id,
        "extraTypeInfo": _extra(item),
        "filterable": filterable(item),
        "groupable": groupable(item),
        "htmlFormatted": item.html,
        "idLookup": item.id_lookup or item.external_id,
        "label": item.label,
        "length": item.length,
        "name": item.name,
        "nameField": item.name_field,
        "namePointing": item.name in ("WhoId", "WhatId", "OwnerId") and item.polymorphic,
        "nillable": item.nillable,
        "permissionable": _permissionable(item),
        "picklistValues": [
            _picklist_value(item, value, label)
            for value, label in zip(item.values, item.labels or item.values, strict=True)
        ],
        "polymorphicForeignKey": item.polymorphic,
        "precision": item.precision,
        "queryByDistance": item.type == "address",
        "referenceTo": list(item.reference_to),
        "relationshipName": item.relationship,
        "restrictedDelete": item.on_delete == "Restrict",
        "restrictedPicklist": item.restricted,
        "scale": item.scale,
        "searchPrefilterable": item.type == "reference" and item.name not in NOT_SEARCHED,
        "soapType": SOAP.get(item.type, "xsd:string"),
        "sortable": sortable(item),
        "type": item.type,
        "unique": item.unique,
        "updateable": item.updateable,
    }


def _extra(item: Field) -> str | None:
    if item.type == "textarea":
        return "richtextarea" if item.html else "plaintextarea"
    if item.name == "PhotoUrl":
        return "imageurl"
    if item.compound == "Name":
        return "switchablepersonname" if item.name == "Name" else "personname"
    return "personname" if item.name_field and item.formula else None


def _permissionable(item: Field) -> bool:
    """Tell whether permission sets grant the field, or everyone has it."""
    if item.custom:
        return not item.required
    if item.type == "address":
        return True
    written = item.createable and item.updateable and (item.nillable or item.type == "boolean")
    return written and item.name not in SEALED and item.compound != "Name"


def _picklist_value(item: Field, value: str, label: str) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == item.default,
        "label": label,
        "validFor": None,
        "value": value,
    }
