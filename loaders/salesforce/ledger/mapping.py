"""The mapping as one hash: what decides how a source row becomes a record, and nothing of the data.

Code counts as it is written, macros included, not as dbt compiled it: a build of a few models
compiles only those, and the same mapping would have two hashes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from loaders.raw.custom.decisions import read_entries
from loaders.salesforce.ledger.gate import with_ancestors
from loaders.salesforce.ledger.steps import Project

# Of a confirmed custom field: how it was found, and who decided, says nothing about the mapping.
_ABOUT = ("score", "reasons", "profile", "by", "at", "seal")


def mapping_hash(project: Project, dbt_manifest: Path, options: object, fields: object) -> str:
    """SHA-256 over the marts and their ancestors (code, seeds, macros, columns, metadata), the
    resolved `options` of migration.yml and the confirmed custom `fields`."""
    macros = json.loads(dbt_manifest.read_text(encoding="utf-8")).get("macros", {})
    roots = [step.unique_id for step in project.steps]
    roots += [block.unique_id for block in project.blocks]
    roots += [r.unique_id for r in project.remembered]
    needed = sorted(with_ancestors(project.nodes, roots, ephemeral=True))
    document = {
        "nodes": {i: _node(project.nodes[i]) for i in needed},
        "macros": dict(_macros(macros, [project.nodes[i] for i in needed])),
        "options": options,
        "fields": fields,
    }
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": node.get("raw_code"),
        # Of a seed: its content.
        "checksum": (node.get("checksum") or {}).get("checksum")
        if node["resource_type"] == "seed"
        else None,
        "meta": _meta(node),
        "columns": {
            name: [column.get("data_type"), _meta(column)]
            for name, column in (node.get("columns") or {}).items()
        },
    }


def _meta(node: Mapping[str, Any]) -> Any:
    return (node.get("config") or {}).get("meta") or node.get("meta") or {}


def _macros(macros: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The code of every macro that these nodes use, or that one of those uses."""
    todo = [name for node in nodes for name in node.get("depends_on", {}).get("macros", [])]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen or name not in macros:
            continue
        seen.add(name)
        todo += macros[name].get("depends_on", {}).get("macros", [])
        yield name, macros[name]["macro_sql"]


def custom_fields(file: Path, status: str) -> list[dict[str, Any]]:
    """The entries of custom_fields.yml with this status, as far as they decide anything.

    Raises UserError where the file is not as it must be.
    """
    return [
        {key: value for key, value in entry.items() if key not in _ABOUT}
        for entry in read_entries(file)
        if entry["status"] == status
    ]
