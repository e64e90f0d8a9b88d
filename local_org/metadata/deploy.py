"""Applies a package to a draft of the org's metadata; keeps the draft if the deploy holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local_org.metadata.apps import deploy_application, deploy_report_type, deploy_tab
from local_org.metadata.changes import deploy_field
from local_org.metadata.deletions import delete
from local_org.metadata.draft import Work
from local_org.metadata.layouts import deploy_layout
from local_org.metadata.objects import (
    deploy_compact_layout,
    deploy_list_view,
    deploy_object,
    deploy_record_type,
)
from local_org.metadata.options import Options
from local_org.metadata.outcome import Outcome
from local_org.metadata.package import AFTER, BEFORE, INSIDE, MANIFEST, Component, Package
from local_org.metadata.permissions import deploy_permission_set
from local_org.metadata.problems import ComponentError
from local_org.metadata.valuesets import deploy_value_set
from local_org.metadata.xml import Node

# Applies one component to the draft; tells whether it was created, and whether changed.
Deploy = Callable[[Work, str, Node], tuple[bool, bool]]
# The kinds in the order they deploy: what another refers to comes first.
KINDS: dict[str, Deploy] = {
    "GlobalValueSet": deploy_value_set,
    "CustomObject": deploy_object,
    "CustomField": deploy_field,
    "CompactLayout": deploy_compact_layout,
    "ListView": deploy_list_view,
    "RecordType": deploy_record_type,
    "Layout": deploy_layout,
    "CustomTab": deploy_tab,
    "CustomApplication": deploy_application,
    "ReportType": deploy_report_type,
    "PermissionSet": deploy_permission_set,
}
ORDER = {kind: place for place, kind in enumerate(KINDS)}


class Canceled(Exception):
    """The deploy was told to stop."""


@dataclass(frozen=True)
class Step:
    """One component on its way; `owner` is what its deploy takes: its own name, or its object's."""

    kind: str
    name: str
    owner: str
    file: str
    node: Node
    named: bool


def apply(
    work: Work, package: Package, options: Options, canceled: Callable[[], bool]
) -> list[Outcome]:
    """Apply a package to the draft, one outcome per component; raises Canceled."""
    outcomes = list(package.problems)
    outcomes += _delete(work, package, after=False)
    steps = sorted(_steps(package), key=lambda step: ORDER[step.kind])
    many = Counter((step.kind, step.name) for step in steps)
    for step in steps:
        if canceled():
            raise Canceled
        outcomes.append(_take(work, step, options, twice=many[step.kind, step.name] > 1))
    there = {(step.kind, step.name) for step in steps}
    there |= {(each.type, each.name) for each in package.problems}
    outcomes += _missing(package, there, options)
    outcomes += _delete(work, package, after=True)
    return outcomes + [Outcome("", MANIFEST, file, changed=True) for file in package.manifests]


def _steps(package: Package) -> Iterator[Step]:
    for component in package.components:
        if component.type == "CustomObject":
            yield from _object_steps(package, component)
        else:
            kind, name = component.type, component.name
            named = package.names(kind, name)
            yield Step(kind, name, name, component.file, component.node, named)


def _object_steps(package: Package, component: Component) -> Iterator[Step]:
    """Give what an object's file deploys: the object, and each thing inside."""
    owner, node = component.name, component.node
    whole = package.names("CustomObject", owner)
    if whole or node.has("label"):
        yield Step("CustomObject", owner, owner, component.file, node, whole)
    for kind, element in INSIDE.items():
        for each in node.children(element):
            name = f"{owner}.{each.text('fullName') or ''}"
            named = whole or package.names(kind, name)
            yield Step(kind, name, owner, component.file, each, named)


def _take(work: Work, step: Step, options: Options, *, twice: bool) -> Outcome:
    try:
        if twice:
            raise ComponentError(f"Duplicate name '{step.name}' specified", step.node)
        if not step.named and not options.auto_update:
            raise ComponentError("Not in package.xml")
        created, changed = KINDS[step.kind](work, step.owner, step.node)
    except ComponentError as error:
        return Outcome.of(step.kind, step.name, step.file, error)
    return Outcome(step.kind, step.name, step.file, created=created, changed=changed)


def _missing(package: Package, there: set[tuple[str, str]], options: Options) -> Iterator[Outcome]:
    """What package.xml names must be in the zip."""
    if options.allow_missing:
        return
    files = {(each.type, each.name) for each in package.components}
    for kind in KINDS:
        for name in sorted(package.members.get(kind, set())):
            if name != "*" and (kind, name) not in there | files:
                yield Outcome(
                    "",
                    name,
                    MANIFEST,
                    f"An object '{name}' of type {kind} was named in package.xml, but was not "
                    "found in zipped directory",
                )


def _delete(work: Work, package: Package, *, after: bool) -> list[Outcome]:
    file = AFTER if after else BEFORE[0]
    # Fields before their objects, and both after what shows them.
    wanted = sorted(
        package.deletions.get(after, []),
        key=lambda key: (-ORDER[key[0]], key),
    )
    return [delete(work, kind, name, file) for kind, name in wanted]
