"""Uploads as clients send them: JSON with base64, multipart, and parts for several records."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import requests

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import Package, custom_field, key_field, picklist

WHERE = "/sobjects/ContentVersion"


def archive() -> Package:
    """Custom fields on ContentVersion, and an object of the org's own that files stand on."""
    fields = (
        key_field(),
        custom_field("Taken_On__c", "Date"),
        custom_field("Tooth__c", "Text", "<length>4</length>"),
        custom_field("View__c", "Picklist", picklist("Bitewing", "Panoramic")),
        custom_field("Hidden__c", "Text", "<length>4</length>"),
    )
    granted = [f"ContentVersion.{name}__c" for name in ("Migration_Key", "Taken_On", "Tooth")]
    chart = (
        "<deploymentStatus>Deployed</deploymentStatus><label>Chart</label><nameField>"
        "<label>Name</label><type>Text</type></nameField><pluralLabel>Charts</pluralLabel>"
        "<sharingModel>Private</sharingModel>"
    )
    return (
        Package()
        .object("ContentVersion", *fields)
        .object("Chart__c", custom=chart)
        .permission_set("Archive", *granted, "ContentVersion.View__c")
    )


def as_json(data: bytes, **fields: Any) -> dict[str, Any]:
    """A record with its bytes in base64."""
    return {"VersionData": base64.b64encode(data).decode(), **fields}


def multipart(data: Any, **fields: Any) -> dict[str, Any]:
    """The two parts of a multipart upload, as `files=` of requests."""
    return {
        "entity_content": (None, json.dumps(fields), "application/json"),
        "VersionData": ("upload.bin", data, "application/octet-stream"),
    }


def upload(org: Client, data: bytes, **fields: Any) -> str:
    """Upload by multipart; gives the version's id."""
    answer = org.call("POST", WHERE, files=multipart(data, **fields))
    assert answer.status_code == 201, answer.text
    assert answer.json()["success"] is True
    return str(answer.json()["id"])


def version(org: Client, version_id: str) -> dict[str, Any]:
    """Every field of a version."""
    answer = org.call("GET", f"{WHERE}/{version_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def download(org: Client, version_id: str) -> bytes:
    """The bytes of a version, from where its VersionData says they are."""
    where = version(org, version_id)["VersionData"]
    assert where == f"/services/data/v67.0/sobjects/ContentVersion/{version_id}/VersionData"
    answer: requests.Response = org.call("GET", where)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    return answer.content


def links(org: Client, document: str) -> dict[str, str]:
    """The links of a document: share type by record."""
    rows = org.query(
        "SELECT LinkedEntityId, ShareType, Visibility FROM ContentDocumentLink "
        f"WHERE ContentDocumentId = '{document}'"
    )
    assert {row["Visibility"] for row in rows} <= {"AllUsers"}
    return {row["LinkedEntityId"]: row["ShareType"] for row in rows}


def kept(server: Server) -> list[Path]:
    """The files under the org's folder that hold bytes."""
    return sorted(path for path in (server.store / "files").rglob("*") if path.is_file())


def document_of(org: Client, version_id: str) -> str:
    """The document a version belongs to."""
    return str(version(org, version_id)["ContentDocumentId"])


def error(answer: Any, status: int = 400) -> tuple[str, str, list[str]]:
    """Code, message and fields of a refusal."""
    assert answer.status_code == status, answer.text
    found = answer.json()[0]
    return found["errorCode"], found["message"], found.get("fields", [])
