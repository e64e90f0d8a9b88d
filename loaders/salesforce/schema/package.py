"""A schema as files: the SFDX source package people review, and the zip a deployment takes."""

import io
import json
import shutil
import zipfile
from pathlib import Path

from loaders.salesforce.schema import xml
from loaders.salesforce.schema.model import Schema

_ROOT = "force-app/main/default"
# A zip remembers times; a fixed one keeps equal packages equal.
_EPOCH = (2000, 1, 1, 0, 0, 0)


def source_files(schema: Schema, version: str) -> dict[str, bytes]:
    """The SFDX source package, by path."""
    files: dict[str, bytes] = {}
    for obj in schema.objects:
        folder = f"{_ROOT}/objects/{obj.api_name}"
        if obj.custom:
            files[f"{folder}/{obj.api_name}.object-meta.xml"] = xml.document(xml.custom_object(obj))
        for field in obj.fields:
            path = f"{folder}/fields/{field.api_name}.field-meta.xml"
            files[path] = xml.document(xml.custom_field(field))
    for grant in schema.grants:
        path = f"{_ROOT}/permissionsets/{grant.name}.permissionset-meta.xml"
        files[path] = xml.document(xml.permission_set(grant))
    files["manifest/package.xml"] = xml.document(xml.manifest(_types(schema), version))
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "bridgework",
        "namespace": "",
        "sfdcLoginUrl": "https://login.salesforce.com",
        "sourceApiVersion": version,
    }
    files["sfdx-project.json"] = (json.dumps(project, indent=2) + "\n").encode()
    return files


def deployable(schema: Schema, version: str) -> bytes:
    """The same as a metadata zip, fields inside their objects."""
    files = {"package.xml": xml.document(xml.manifest(_types(schema), version))}
    for obj in schema.objects:
        content = xml.document(xml.custom_object(obj, obj.fields))
        files[f"objects/{obj.api_name}.object"] = content
    for grant in schema.grants:
        content = xml.document(xml.permission_set(grant))
        files[f"permissionsets/{grant.name}.permissionset"] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in files.items():
            package.writestr(zipfile.ZipInfo(path, _EPOCH), content)
    return buffer.getvalue()


def _types(schema: Schema) -> dict[str, list[str]]:
    fields = [f"{o.api_name}.{f.api_name}" for o in schema.objects for f in o.fields]
    types = {
        "CustomField": fields,
        "CustomObject": [o.api_name for o in schema.objects if o.custom],
        "PermissionSet": [grant.name for grant in schema.grants],
    }
    return {kind: members for kind, members in types.items() if members}


def write_source(files: dict[str, bytes], folder: Path) -> None:
    """Makes the folder's package exactly these files; what else stands in the folder stays."""
    for own in ("force-app", "manifest"):
        shutil.rmtree(folder / own, ignore_errors=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
