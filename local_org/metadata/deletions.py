"""Deletes what destructiveChanges.xml names."""

from __future__ import annotations

from local_org.metadata.draft import Draft, Work
from local_org.metadata.outcome import Outcome
from local_org.metadata.problems import ComponentError, not_deletable, unsupported

PLAIN = frozenset({"Layout", "ListView", "CompactLayout", "CustomApplication", "ReportType"})
# What may name a field in its definition.
SHOWING = ("ListView", "CompactLayout", "ReportType")


def delete(work: Work, kind: str, name: str, file: str) -> Outcome:
    """Delete one component from the draft."""
    if not work.draft.has(kind, name):
        # Gone is gone: a warning, which stands against the deploy unless warnings are ignored.
        problem = f"No {kind} named: {name} found"
        return Outcome(kind, name, file, problem, warning=True)
    try:
        _delete(work.draft, kind, name)
    except ComponentError as error:
        return Outcome.of(kind, name, file, error)
    work.draft.components.pop((kind, name), None)
    work.draft.deleted.append((kind, name))
    return Outcome(kind, name, file, changed=True, deleted=True)


def _delete(draft: Draft, kind: str, name: str) -> None:
    if kind in PLAIN:
        _check_unused(draft, kind, name)
    elif kind == "CustomField":
        _delete_field(draft, name)
    elif kind == "CustomObject":
        _delete_object(draft, name)
    elif kind == "PermissionSet":
        draft.permission_sets.pop(name, None)
    elif kind == "CustomTab":
        _check_unused(draft, kind, name)
    elif kind == "GlobalValueSet":
        fields = (each for owned in draft.fields.values() for each in owned.values())
        if any(each.value_set == name for each in fields):
            raise not_deletable("global value set")
        draft.value_sets.pop(name, None)
    elif kind == "RecordType":
        raise ComponentError("Cannot delete record type through API")
    else:
        raise unsupported(f"the deletion of a {kind}")


def _check_unused(draft: Draft, kind: str, name: str) -> None:
    """Refuse to delete what an app shows or an object uses."""
    if kind == "CustomTab":
        apps = (each for (held, _), each in draft.components.items() if held == "CustomApplication")
        if any(name in each.get("tabs", ()) for each in apps):
            raise not_deletable("custom tab")
    if kind == "CompactLayout":
        owner, _, label = name.partition(".")
        chosen = draft.components.get(("CustomObject", owner), {})
        if label in chosen.get("compactLayoutAssignment", ()):
            raise not_deletable("compact layout")


def _delete_field(draft: Draft, name: str) -> None:
    owner, _, item = name.partition(".")
    for (kind, shown), definition in draft.components.items():
        about = shown.partition(".")[0] == owner or kind == "ReportType"
        if kind in SHOWING and about and _mentions(definition, item):
            raise not_deletable("custom field")
    for (kind, shown), definition in draft.components.items():
        if kind == "Layout" and shown.partition("-")[0] == owner and _mentions(definition, item):
            raise not_deletable("custom field")
    draft.fields.get(owner, {}).pop(item, None)


def _mentions(definition: object, name: str) -> bool:
    if isinstance(definition, dict):
        return any(_mentions(each, name) for each in definition.values())
    if isinstance(definition, list):
        return any(_mentions(each, name) for each in definition)
    return definition == name


def _delete_object(draft: Draft, name: str) -> None:
    if any(owner != name for owner, _ in draft.children(name)):
        raise not_deletable("custom object")
    if draft.has("CustomTab", name):
        raise not_deletable("custom object")
    draft.objects.pop(name, None)
    draft.fields.pop(name, None)
    for key in [key for key in draft.components if _belongs(key, name)]:
        del draft.components[key]
        draft.deleted.append(key)


def _belongs(key: tuple[str, str], owner: str) -> bool:
    kind, name = key
    return name.startswith(f"{owner}.") or (kind == "Layout" and name.startswith(f"{owner}-"))
