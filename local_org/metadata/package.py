"""Reads a deploy's zip in mdapi layout: package.xml and a folder per metadata type."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
MAX_UNZIPPED = 400_000_000
MAX_FILES = 10_000
FOLDERS = {
    "objects": ("CustomObject", ".object"),
    "globalValueSets": ("GlobalValueSet", ".globalValueSet"),
    "permissionsets": ("PermissionSet", ".permissionset"),
}
ORDER = {"GlobalValueSet": 0, "CustomObject": 1, "CustomField": 2, "PermissionSet": 3}


class PackageError(Exception):
    """A zip that is no package; the text goes into the deploy's result."""


@dataclass(frozen=True)
class Node:
    """One XML element, its namespace stripped."""

    element: ElementTree.Element

    def text(self, name: str, default: str | None = None) -> str | None:
        """Give the text of a child."""
        found = self.element.find(NAMESPACE + name)
        return default if found is None or found.text is None else found.text.strip()

    def has(self, name: str) -> bool:
        """Whether there is such a child."""
        return self.element.find(NAMESPACE + name) is not None

    def flag(self, name: str) -> bool:
        """Whether a child says true."""
        return self.text(name) == "true"

    def child(self, name: str) -> Node | None:
        """Give a child."""
        found = self.element.find(NAMESPACE + name)
        return None if found is None else Node(found)

    def children(self, name: str) -> Iterator[Node]:
        """Give all children of a name."""
        return (Node(each) for each in self.element.findall(NAMESPACE + name))


@dataclass(frozen=True)
class Component:
    """One file of the package."""

    type: str
    name: str
    file: str
    node: Node


@dataclass(frozen=True)
class Package:
    """What package.xml names, and the files that are there."""

    members: dict[str, set[str]]
    components: tuple[Component, ...]
    others: tuple[tuple[str, str], ...]

    def names(self, kind: str, member: str) -> bool:
        """Whether package.xml names a component."""
        named = self.members.get(kind, set())
        return member in named or "*" in named


def read_package(data: bytes) -> Package:
    """Read a zip; raises PackageError where it is none, or holds no readable package.xml."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except zipfile.BadZipFile as error:
        raise PackageError("Not a valid zip file") from error


def _read(archive: zipfile.ZipFile) -> Package:
    entries = [each for each in archive.infolist() if not each.is_dir()]
    if len(entries) > MAX_FILES or sum(each.file_size for each in entries) > MAX_UNZIPPED:
        raise PackageError("Maximum size of request reached")
    manifest = next(
        (each for each in entries if PurePosixPath(each.filename).name == "package.xml"), None
    )
    if manifest is None:
        raise PackageError("No package.xml found")
    members: dict[str, set[str]] = {}
    for types in _parse(archive.read(manifest), "package.xml").children("types"):
        kind = types.text("name") or ""
        listed = (each.element.text or "" for each in types.children("members"))
        members.setdefault(kind, set()).update(name.strip() for name in listed)
    components, others = [], []
    for entry in entries:
        path = PurePosixPath(entry.filename)
        folder = path.parent.name
        if entry is manifest:
            continue
        if folder in FOLDERS and path.suffix == FOLDERS[folder][1]:
            node = _parse(archive.read(entry), entry.filename)
            components.append(Component(FOLDERS[folder][0], path.stem, entry.filename, node))
        else:
            others.append((folder, entry.filename))
    # An object's file comes twice: first all objects, then their fields, which may look up any.
    fields = [
        replace(each, type="CustomField") for each in components if each.type == "CustomObject"
    ]
    components = sorted([*components, *fields], key=lambda each: (ORDER[each.type], each.name))
    return Package(members, tuple(components), tuple(others))


def _parse(data: bytes, name: str) -> Node:
    try:
        return Node(ElementTree.fromstring(data))
    except ElementTree.ParseError as error:
        raise PackageError(f"Error parsing file: {name}: {error.msg}") from error
