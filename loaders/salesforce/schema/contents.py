"""What a package holds, read from its very bytes, so that what an admin signs is what is sent."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from loaders.salesforce.schema.xml import NAMESPACE

_N = f"{{{NAMESPACE}}}"
_RIGHTS = {
    "read": "allowRead",
    "create": "allowCreate",
    "edit": "allowEdit",
    "delete": "allowDelete",
    "see all": "viewAllRecords",
    "change all": "modifyAllRecords",
}


@dataclass(frozen=True)
class PermissionSet:
    """One permission set: rights by object, and the fields it shows and lets edit."""

    name: str
    label: str
    description: str
    objects: Mapping[str, tuple[str, ...]]
    readable: frozenset[str]
    editable: frozenset[str]


@dataclass(frozen=True)
class Contents:
    """A package's hash, its members by metadata type, its permission sets."""

    hash: str
    members: Mapping[str, tuple[str, ...]]
    permission_sets: tuple[PermissionSet, ...]


def read_contents(package: bytes) -> Contents:
    """What a metadata zip of ours holds."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {name: archive.read(name) for name in sorted(archive.namelist())}
    sets = [_permission_set(n, c) for n, c in files.items() if n.startswith("permissionsets/")]
    return Contents(_hash(files), _members(files["package.xml"]), tuple(sets))


def _hash(files: Mapping[str, bytes]) -> str:
    """One hash over names and contents: how the zip is compressed is no part of it."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _members(manifest: bytes) -> dict[str, tuple[str, ...]]:
    root = ElementTree.fromstring(manifest)
    return {
        entry.findtext(f"{_N}name", ""): tuple(m.text or "" for m in entry.iter(f"{_N}members"))
        for entry in root.iter(f"{_N}types")
    }


def _permission_set(name: str, content: bytes) -> PermissionSet:
    root = ElementTree.fromstring(content)
    fields = list(root.iter(f"{_N}fieldPermissions"))
    return PermissionSet(
        name=name.removeprefix("permissionsets/").removesuffix(".permissionset"),
        label=root.findtext(f"{_N}label", ""),
        description=root.findtext(f"{_N}description", ""),
        objects={
            entry.findtext(f"{_N}object", ""): tuple(
                right for right, tag in _RIGHTS.items() if _true(entry, tag)
            )
            for entry in root.iter(f"{_N}objectPermissions")
        },
        readable=frozenset(f.findtext(f"{_N}field", "") for f in fields if _true(f, "readable")),
        editable=frozenset(f.findtext(f"{_N}field", "") for f in fields if _true(f, "editable")),
    )


def _true(entry: ElementTree.Element, tag: str) -> bool:
    return entry.findtext(f"{_N}{tag}") == "true"
