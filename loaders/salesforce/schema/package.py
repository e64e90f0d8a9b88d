"""A schema as files: the SFDX source package people review, and the zip a deployment takes."""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loaders.salesforce.schema import xml, xml_pages
from loaders.salesforce.schema.model import Schema

_ROOT = "force-app/main/default"
# A zip remembers times; a fixed one keeps equal packages equal.
_EPOCH = (2000, 1, 1, 0, 0, 0)
# Folder and suffix of each kind of file.
_PLACES = {
    "GlobalValueSet": ("globalValueSets", "globalValueSet"),
    "Layout": ("layouts", "layout"),
    "CustomTab": ("tabs", "tab"),
    "CustomApplication": ("applications", "app"),
    "ReportType": ("reportTypes", "reportType"),
    "PermissionSet": ("permissionsets", "permissionset"),
}


@dataclass(frozen=True)
class _Component:
    """A component with a file of its own in both forms of a package."""

    kind: str
    name: str
    folder: str
    suffix: str
    content: bytes

    @property
    def path(self) -> str:
        """Where a deployment has it; the source format adds `-meta.xml`."""
        return f"{self.folder}/{self.name}.{self.suffix}"


def source_files(schema: Schema, version: str) -> dict[str, bytes]:
    """The SFDX source package, by path."""
    files: dict[str, bytes] = {}
    for obj in schema.objects:
        folder = f"{_ROOT}/objects/{obj.api_name}"
        if obj.custom:
            content = xml.custom_object(obj, schema.pages, whole=False)
            files[f"{folder}/{obj.api_name}.object-meta.xml"] = xml.document(content)
        for field in obj.fields:
            path = f"{folder}/fields/{field.api_name}.field-meta.xml"
            files[path] = xml.document(xml.custom_field(field))
    for compact in schema.pages.compact_layouts:
        path = f"compactLayouts/{compact.name}.compactLayout-meta.xml"
        content = xml_pages.compact_layout(compact)
        files[f"{_ROOT}/objects/{compact.object}/{path}"] = xml.document(content)
    for view in schema.pages.list_views:
        path = f"listViews/{view.name}.listView-meta.xml"
        files[f"{_ROOT}/objects/{view.object}/{path}"] = xml.document(xml_pages.list_view(view))
    for each in _components(schema):
        files[f"{_ROOT}/{each.path}-meta.xml"] = each.content
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
    """The same as a metadata zip, what belongs to an object inside it."""
    files = {"package.xml": xml.document(xml.manifest(_types(schema), version))}
    for obj in schema.objects:
        content = xml.custom_object(obj, schema.pages, whole=True, fields=obj.fields)
        files[f"objects/{obj.api_name}.object"] = xml.document(content)
    files |= {each.path: each.content for each in _components(schema)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in files.items():
            package.writestr(zipfile.ZipInfo(path, _EPOCH), data)
    return buffer.getvalue()


def _components(schema: Schema) -> Iterator[_Component]:
    """What has a file of its own in both forms, objects aside."""
    pages = schema.pages
    made = [
        *(("GlobalValueSet", v.name, xml.global_value_set(v)) for v in schema.value_sets),
        *(("Layout", each.name, xml_pages.layout(each)) for each in pages.layouts),
        *(("CustomTab", each.object, xml_pages.tab(each)) for each in pages.tabs),
        ("CustomApplication", pages.app.name, xml_pages.application(pages.app)),
        *(("ReportType", each.name, xml_pages.report_type(each)) for each in pages.report_types),
        *(("PermissionSet", each.name, xml.permission_set(each)) for each in schema.grants),
    ]
    for kind, name, root in made:
        folder, suffix = _PLACES[kind]
        yield _Component(kind, name, folder, suffix, xml.document(root))


def _types(schema: Schema) -> dict[str, list[str]]:
    pages = schema.pages
    types = {
        "CustomField": [f"{o.api_name}.{f.api_name}" for o in schema.objects for f in o.fields],
        "CustomObject": [o.api_name for o in schema.objects if o.custom],
        "CompactLayout": [f"{c.object}.{c.name}" for c in pages.compact_layouts],
        "ListView": [f"{v.object}.{v.name}" for v in pages.list_views],
    }
    for each in _components(schema):
        types.setdefault(each.kind, []).append(each.name)
    return {kind: members for kind, members in types.items() if members}


def write_source(files: dict[str, bytes], folder: Path, *, private: bool = False) -> None:
    """Makes the folder's package exactly these files; what else stands in the folder stays.
    A `private` one may name values of a practice's data: nobody else reads it."""
    for own in ("force-app", "manifest"):
        shutil.rmtree(folder / own, ignore_errors=True)
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if private else 0o666
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(content)
