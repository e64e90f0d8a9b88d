"""Reads a deploy's zip in mdapi layout: package.xml and a folder per metadata type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from local_org.metadata.archive import read_archive
from local_org.metadata.elements import check, other_types
from local_org.metadata.outcome import Outcome
from local_org.metadata.problems import ComponentError, unsupported
from local_org.metadata.xml import Node, XmlError, parse

MANIFEST = "package.xml"
BEFORE = ("destructiveChanges.xml", "destructiveChangesPre.xml")
AFTER = "destructiveChangesPost.xml"
OLDEST, NEWEST = 31, 67
VERSION = re.compile(r"(\d{1,3})\.0")
# The folder and suffix of each type that has files.
FOLDERS = {
    "objects": ("CustomObject", ".object"),
    "globalValueSets": ("GlobalValueSet", ".globalValueSet"),
    "permissionsets": ("PermissionSet", ".permissionset"),
    "layouts": ("Layout", ".layout"),
    "tabs": ("CustomTab", ".tab"),
    "applications": ("CustomApplication", ".app"),
    "reportTypes": ("ReportType", ".reportType"),
}
# Types whose components live inside an object's file, and the element that holds them.
INSIDE = {
    "CustomField": "fields",
    "CompactLayout": "compactLayouts",
    "ListView": "listViews",
    "RecordType": "recordTypes",
}
TYPES = frozenset((*(kind for kind, _ in FOLDERS.values()), *INSIDE))


@dataclass(frozen=True)
class Component:
    """One file of the package."""

    type: str
    name: str
    file: str
    node: Node


@dataclass
class Package:
    """What package.xml names, the files that are there, and what is wrong with either."""

    members: dict[str, set[str]] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)
    deletions: dict[bool, list[tuple[str, str]]] = field(default_factory=dict)
    problems: list[Outcome] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)

    def names(self, kind: str, member: str) -> bool:
        """Whether package.xml names a component."""
        named = self.members.get(kind, set())
        return member in named or "*" in named


def read_package(path: Path, *, single: bool) -> Package:
    """Read a zip that holds one package, or one in each top folder; raises ArchiveError."""
    files = read_archive(path)
    package = Package()
    if single:
        _read_tree(package, files, "")
        return package
    tops = sorted({name.split("/", 1)[0] for name in files if "/" in name})
    for top in tops or [""]:
        _read_tree(package, files, f"{top}/" if top else "")
    return package


def _read_tree(package: Package, files: Mapping[str, bytes], top: str) -> None:
    """Read the package under a folder."""
    if top + MANIFEST not in files:
        problem = Outcome("", MANIFEST, top + MANIFEST, "No package.xml found")
        package.problems.append(problem)
        return
    if not _read_manifest(package, files[top + MANIFEST], top + MANIFEST):
        return
    package.manifests.append(top + MANIFEST)
    for name in sorted(files):
        if not name.startswith(top) or name == top + MANIFEST:
            continue
        inner = name.removeprefix(top)
        if inner in BEFORE or inner == AFTER:
            _read_deletions(package, files[name], name, after=inner == AFTER)
        else:
            _read_component(package, files[name], name, inner)


def _read_manifest(package: Package, data: bytes, file: str) -> bool:
    try:
        node = _checked(data, "Package")
        if not node.nodes:
            raise ComponentError("Required field is missing: version", node)
        _check_version(node)
    except ComponentError as error:
        package.problems.append(Outcome.of("", MANIFEST, file, error))
        return False
    sound = True
    for types in node.children("types"):
        kind = types.text("name") or ""
        problem = _type_problem(kind)
        if problem:
            package.problems.append(Outcome("", "", file, problem))
            sound = False
            continue
        package.members.setdefault(kind, set()).update(types.texts("members"))
    return sound


def _check_version(node: Node) -> None:
    at = node.child("version")
    text = at.value if at else ""
    match = VERSION.fullmatch(text)
    if match is None or not OLDEST <= int(match[1]) <= NEWEST:
        raise ComponentError(f"Invalid version specified: {text}", at)


def _type_problem(kind: str) -> str | None:
    if kind in TYPES:
        return None
    if kind in other_types():
        return str(unsupported(f"metadata of type {kind}"))
    return f"Unknown type name '{kind}' specified in package.xml"


def _read_deletions(package: Package, data: bytes, file: str, *, after: bool) -> None:
    name = PurePosixPath(file).name
    try:
        root = _parsed(data)
        node = Node("Package", root.content, root.nodes, root.place)
        if not node.has("version"):
            # A manifest of deletions needs none.
            version = Node("version", ["67.0"], [], root.place)
            node = Node("Package", root.content, [*root.nodes, version], root.place)
        _check_root(root, "Package")
        check(node, "Package")
    except ComponentError as error:
        package.problems.append(Outcome.of("", name, file, error))
        return
    for types in node.children("types"):
        kind = types.text("name") or ""
        problem = _type_problem(kind)
        for member in types.texts("members"):
            if member == "*":
                problem = problem or "The wildcard * is not allowed in a list of deletions"
            if problem:
                package.problems.append(Outcome(kind, member, file, problem))
            else:
                package.deletions.setdefault(after, []).append((kind, member))


def _read_component(package: Package, data: bytes, file: str, inner: str) -> None:
    path = PurePosixPath(inner)
    kind, suffix = FOLDERS.get(path.parts[0], ("", ""))
    stem = path.name.removesuffix(suffix) if suffix else path.stem
    if not kind or len(path.parts) != 2 or path.name == stem:
        what = f"files like {path.name} in the folder '{path.parent}'"
        package.problems.append(Outcome.of("", path.stem, file, unsupported(what)))
        return
    name = unquote(stem)
    try:
        node = _checked(data, kind)
    except ComponentError as error:
        package.problems.append(Outcome.of(kind, name, file, error))
        return
    package.components.append(Component(kind, name, file, node))


def _checked(data: bytes, kind: str) -> Node:
    node = _parsed(data)
    _check_root(node, kind)
    if kind == "CustomObject":
        # What an object's file holds fails or holds for itself, and is checked with it.
        check(node.without(*INSIDE.values()), kind)
        _check_runs(node)
    else:
        check(node, kind)
    return node


def _check_root(node: Node, kind: str) -> None:
    if node.tag != kind:
        raise ComponentError(f"Error parsing file: Unexpected element {node.tag}", node)


def _check_runs(node: Node) -> None:
    """What repeats must do so in one run."""
    seen: list[str] = []
    for each in node.nodes:
        if each.tag in seen and seen[-1] != each.tag:
            raise ComponentError(
                f"Error parsing file: Element {each.tag} is duplicated at this location in type "
                "CustomObject",
                each,
            )
        seen.append(each.tag)


def _parsed(data: bytes) -> Node:
    try:
        return parse(data)
    except XmlError as error:
        at = Node("", place=[error.line, error.column])
        raise ComponentError(f"Error parsing file: {error}", at) from error
