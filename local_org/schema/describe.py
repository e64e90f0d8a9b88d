"""Describe answers in the shape real orgs give them."""

from __future__ import annotations

from typing import Any

from local_org.schema.model import Field, Schema, SObject

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
MASTER_RECORD_TYPE = "012000000000000AAA"


def describe_global(view: Schema, version: str) -> dict[str, Any]:
    """Give the answer of `/sobjects`."""
    names = sorted(view.objects.values(), key=lambda each: each.name)
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(each, version) for each in names],
    }


def describe_object(view: Schema, target: SObject, version: str) -> dict[str, Any]:
    """Give the answer of `/sobjects/X/describe`."""
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
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": True,
                "developerName": "Master",
                "master": True,
                "name": "Master",
                "recordTypeId": MASTER_RECORD_TYPE,
                "urls": {
                    "layout": f"/services/data/v{version}/sobjects/{target.name}"
                    f"/describe/layouts/{MASTER_RECORD_TYPE}"
                },
            }
        ],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [],
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
        "feedEnabled": False,
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
    long_text = item.type == "textarea" and item.length > 255
    default: Any = item.default
    if item.type == "boolean":
        default = item.default == "true"
    return {
        **ALIKE,
        "aggregatable": not long_text,
        "autoNumber": item.auto_number is not None,
        "byteLength": item.length * 3 if item.type not in ("id", "reference") else 18,
        "cascadeDelete": item.on_delete == "Cascade" and item.type == "reference",
        "caseSensitive": item.case_sensitive,
        "compoundFieldName": item.compound,
        "createable": item.createable,
        "custom": item.custom,
        "defaultValue": default,
        "defaultedOnCreate": item.defaulted or item.type == "boolean",
        "digits": item.digits,
        "externalId": item.external_id,
        "extraTypeInfo": "plaintextarea" if long_text and item.custom else None,
        "filterable": not long_text,
        "groupable": item.stored_as in ("VARCHAR", "BOOLEAN", "DATE", "BIGINT") and not long_text,
        "htmlFormatted": item.html,
        "idLookup": item.id_lookup or item.external_id,
        "label": item.label,
        "length": item.length,
        "name": item.name,
        "nameField": item.name_field,
        "namePointing": item.name in ("WhoId", "WhatId", "OwnerId") and item.polymorphic,
        "nillable": item.nillable,
        "permissionable": item.custom and not item.required,
        "picklistValues": [_picklist_value(item, value) for value in item.values],
        "polymorphicForeignKey": item.polymorphic,
        "precision": item.precision,
        "queryByDistance": item.type == "address",
        "referenceTo": list(item.reference_to),
        "relationshipName": item.relationship,
        "restrictedDelete": item.on_delete == "Restrict",
        "restrictedPicklist": item.restricted,
        "scale": item.scale,
        "searchPrefilterable": item.type == "reference",
        "soapType": SOAP.get(item.type, "xsd:string"),
        "sortable": not long_text,
        "type": item.type,
        "unique": item.unique,
        "updateable": item.updateable,
    }


def _picklist_value(item: Field, value: str) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == item.default,
        "label": value,
        "validFor": None,
        "value": value,
    }
