"""Writes the lists `source:` and `decided_by:` into a mart's YAML, and changes nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from loaders.errors import UserError

_ORDER = ("salesforce", "source", "decided_by")
_WIDEST = 100
Wanted = Mapping[tuple[str, str], Sequence[str]]
"""A list by model and column; an empty one takes the key away."""
_Edit = tuple[int, int, str]
_Entries = dict[str, tuple[yaml.Node, yaml.Node]]


def with_lists(text: str, key: str, wanted: Wanted) -> str:
    """The YAML file's text with those lists under `key`; what is right already stays as it was
    written.

    Raises UserError where the file's columns cannot be edited.
    """
    edits: list[_Edit] = []
    for place, config in _configs(text):
        if place in wanted:
            edits += _edits(text, config, key, list(wanted[place]))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    _hold(text, key, wanted)
    return text


def _hold(text: str, key: str, wanted: Wanted) -> None:
    found = {
        (model["name"], column["name"]): column["config"]["meta"].get(key, [])
        for model in yaml.safe_load(text)["models"]
        for column in model["columns"]
        if column.get("config", {}).get("meta")
    }
    for (model, column), listed in wanted.items():
        if found.get((model, column), []) != list(listed):
            raise UserError(
                f"{model}.{column}: `{key}:` could not be written.",
                "Write `config:`, `meta:` and `salesforce:` as the other marts do.",
            )


def _configs(text: str) -> list[tuple[tuple[str, str], tuple[yaml.Node, yaml.MappingNode]]]:
    """Each model's columns with the nodes of the key `config` and of what stands under it."""
    found = []
    for model in _get(yaml.compose(text), "models").value:
        for column in _get(model, "columns").value:
            place = (_get(model, "name").value, _get(column, "name").value)
            for key, value in column.value:
                if key.value == "config":
                    found.append((place, (key, value)))
    return found


def _get(mapping: Any, key: str) -> Any:
    return next(value for name, value in mapping.value if name.value == key)


def _edits(
    text: str, config: tuple[yaml.Node, yaml.MappingNode], key: str, wanted: list[str]
) -> list[_Edit]:
    config_key, inside = config
    meta = next((value for name, value in inside.value if name.value == "meta"), None)
    if meta is None:
        return []
    entries: _Entries = {name.value: (name, value) for name, value in meta.value}
    now = [one.value for one in entries[key][1].value] if key in entries else []
    if now == wanted:
        return []
    if meta.flow_style:
        start, end = config_key.start_mark.index, _end(inside)
        return [(start, end, _as_block(text, config, meta, key, wanted))]
    indent = " " * meta.start_mark.column
    line = "\n" + _written(key, wanted, indent) if wanted else ""
    if key in entries:
        name, value = entries[key]
        return [(text.rindex("\n", 0, name.start_mark.index), _end(value), line)]
    after = _end(entries[_before(key, entries)][1])
    # A comment behind the line stays there.
    after = text.find("\n", after) if "\n" in text[after:] else len(text)
    return [(after, after, line)]


def _before(key: str, entries: _Entries) -> str:
    """The entry that a new one follows."""
    return next(name for name in reversed(_ORDER[: _ORDER.index(key)]) if name in entries)


def _as_block(
    text: str,
    config: tuple[yaml.Node, yaml.MappingNode],
    meta: yaml.Node,
    key: str,
    wanted: list[str],
) -> str:
    """The whole `config`, its maps in lines, what stands in them as it was written."""
    config_key, inside = config
    indent = " " * (config_key.start_mark.column + 2)
    lines = ["config:"]
    for name, value in inside.value:
        if value is not meta:
            lines.append(f"{indent}{name.value}: {_slice(text, value)}")
            continue
        lines.append(f"{indent}meta:")
        entries: _Entries = {inner.value: (inner, told) for inner, told in value.value}
        written = {n: f"{indent}  {n}: {_slice(text, told)}" for n, (_, told) in entries.items()}
        if key not in entries:
            at = list(entries).index(_before(key, entries)) + 1
            names = [*list(entries)[:at], key, *list(entries)[at:]]
        else:
            names = list(entries)
        written[key] = _written(key, wanted, indent + "  ")
        lines += [written[n] for n in names if n != key or wanted]
    return "\n".join(lines)


def _written(key: str, wanted: list[str], indent: str) -> str:
    short = f"{indent}{key}: [{', '.join(wanted)}]"
    if len(short) <= _WIDEST:
        return short
    return "\n".join([f"{indent}{key}:", *(f"{indent}  - {one}" for one in wanted)])


def _slice(text: str, node: yaml.Node) -> str:
    return text[node.start_mark.index : _end(node)]


def _end(node: yaml.Node) -> int:
    """Where a node's text ends. A block's own mark stands behind the blank lines after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
