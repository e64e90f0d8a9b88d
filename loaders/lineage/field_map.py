"""The field map: for each Salesforce field, the source columns its value may come from and those
that decide over it, joined through every model from the mart down to what was landed."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from loaders.errors import UserError
from loaders.lineage.columns import UnresolvedError, columns_of, relation_name
from loaders.lineage.upstream import Origin, Role, Upstream, compared, deciding, within_all

# Lists of what is wrong with a row, and what follows from them: they touch every column there is
# and say nothing of where a value is from.
_NOT_FOLLOWED = {"_found", "_problems", "_held_back", "_row_hash", "_custom"}
# What load-raw adds to each row it lands. `_extra` is the practice's own, and where the practice
# itself arrives, as it does in every key, its name does.
_LANDING = {"_practice", "_file", "_line", "_set", "_landed_at"}
_PRACTICE = ("migration.practices", "practice")
# The folder of marts that all systems feed; every other folder is a system's own.
_SHARED = "shared"


@dataclass(frozen=True)
class FieldSource:
    """One field of one load step and where it comes from.

    `sources` and `decided_by` are what the mart's YAML says; `lineage` is what its SQL says: each
    source column, with what it is to the field. Columns are named `dentrix.patient.lastname`,
    `seeds.shared__specialty.specialty`. `file` is the YAML's, within the project.
    """

    step: str
    object: str
    field: str
    sources: tuple[str, ...]
    decided_by: tuple[str, ...]
    description: str
    type: str | None
    file: str
    lineage: Mapping[str, Role]

    @property
    def place(self) -> tuple[str, str]:
        """Its model and column."""
        return self.step, self.field

    @property
    def deciding(self) -> tuple[str, ...]:
        """What has to stand under `decided_by:`: the lineage but for the sources."""
        return tuple(sorted(set(self.lineage) - set(self.sources)))

    @property
    def unfounded(self) -> tuple[str, ...]:
        """Sources that are not in the lineage."""
        return tuple(source for source in self.sources if source not in self.lineage)

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Columns of the exports whose value may arrive and that no `source:` names. Seeds, options
        and the org are not among them: a value map, a time zone, a user's Id stand for a value that
        is named, and decide."""
        return tuple(
            sorted(
                column
                for column, role in self.lineage.items()
                if role is Role.ARRIVES
                and column not in self.sources
                and not column.startswith(("seeds.", "migration.", "salesforce."))
            )
        )


def read_field_map(manifest: Path) -> list[FieldSource]:
    """The field map of a compiled project. Raises UserError where it was not compiled, or holds
    SQL whose lineage cannot be read."""
    if not manifest.exists():
        raise UserError(f"{manifest} does not exist.", "Run `dbt compile` first.")
    return field_map(json.loads(manifest.read_text(encoding="utf-8")))


def field_map(manifest: Mapping[str, Any]) -> list[FieldSource]:
    """The field map of a manifest with compiled code, by step and, within one, in the columns'
    order. Raises UserError as `read_field_map` does."""
    lineage = _Lineage(manifest)
    steps = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "salesforce" in node["config"]["meta"]
    ]
    systems = {_folder(step) for step in steps} - {_SHARED}
    found = []
    for step in sorted(steps, key=lambda step: str(step["name"])):
        columns = lineage.of(step["unique_id"])
        foreign = (
            lineage.leaves_of(systems - {_folder(step)}) if _folder(step) != _SHARED else set()
        )
        found += [
            _field_source(step, column, _named(columns[column["name"].lower()], foreign))
            for column in step["columns"].values()
            if not column["name"].startswith("_")
        ]
    return found


def _folder(step: Mapping[str, Any]) -> str:
    """The folder a mart stands in."""
    return str(step["fqn"][-2])


def _field_source(
    step: dict[str, Any], column: dict[str, Any], lineage: Mapping[str, Role]
) -> FieldSource:
    meta = column["config"]["meta"]
    return FieldSource(
        step=step["name"],
        object=step["config"]["meta"]["salesforce"]["object"],
        field=column["name"],
        sources=tuple(meta.get("source") or ()),
        decided_by=tuple(meta.get("decided_by") or ()),
        description=column["description"],
        type=meta.get("salesforce", {}).get("type"),
        file=step["patch_path"].partition("://")[2],
        lineage=lineage,
    )


def _named(upstream: Upstream, foreign: Set[str]) -> dict[str, Role]:
    """The lineage by the columns' names. A practice has one system: where models unite the rows of
    several, those of another (`foreign`) are in the SQL and never reach this field."""
    found: dict[str, Role] = {}
    for origin, role in upstream.items():
        if origin.relation in foreign:
            continue
        # Every join compares the practice: that is said only where it arrives.
        if origin[:2] != _PRACTICE or role is Role.ARRIVES:
            name = f"{origin.relation}.{origin.column}"
            found[name] = max(found.get(name, role), role)
    return found


class _Lineage:
    """What every column of every model is made of, each model read once."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes = manifest["nodes"]
        self._done: dict[str, dict[str, Upstream]] = {}
        self._by_relation: dict[str, str] = {}
        self._leaves: dict[str, str] = {}
        self._whose: dict[str, str] = {}
        for unique_id, source in manifest["sources"].items():
            self._by_relation[_spelt(source["relation_name"])] = unique_id
            system = source["source_name"].removeprefix("raw_")
            self._leaves[unique_id] = f"{system}.{source['name']}"
            # The folder of its staging.
            self._whose[unique_id] = source["fqn"][-3]
        for unique_id, node in self._nodes.items():
            if node["resource_type"] in ("model", "seed"):
                self._by_relation[_spelt(node["relation_name"])] = unique_id
            if node["resource_type"] == "seed":
                self._leaves[unique_id] = f"seeds.{node['name']}"
                self._whose[unique_id] = node["name"]

    def leaves_of(self, systems: Set[str]) -> Set[str]:
        """The sources and seeds of these systems."""
        return {
            self._leaves[unique_id]
            for unique_id, whose in self._whose.items()
            if whose.startswith(tuple(systems))
        }

    def of(self, unique_id: str) -> dict[str, Upstream]:
        """What a model's columns are made of, in columns of sources and seeds."""
        if unique_id not in self._done:
            self._done[unique_id] = self._read(self._nodes[unique_id])
        return self._done[unique_id]

    def _read(self, model: dict[str, Any]) -> dict[str, Upstream]:
        code = model.get("compiled_code")
        if not code:
            raise UserError(f"{model['name']} is not compiled.", "Run `dbt compile` first.")
        try:
            direct = columns_of(code, self._columns)
        except (SqlglotError, UnresolvedError) as error:
            raise UserError(
                f"{model['name']}: its lineage cannot be read: {error}.",
                "Name the column plainly, or teach loaders/lineage that form of SQL.",
            ) from error
        return {
            name: {} if name in _NOT_FOLLOWED else self._joined(upstream)
            for name, upstream in direct.items()
        }

    def _joined(self, upstream: Upstream) -> Upstream:
        found: dict[Origin, Role] = {}
        for origin, role in upstream.items():
            behind = self._behind(origin)
            if role is not Role.ARRIVES:
                behind = (compared if role is Role.COMPARED else deciding)(behind)
            for leaf, its_role in behind.items():
                leaf = leaf._replace(inside=(*origin.inside, *leaf.inside))
                found[leaf] = max(found.get(leaf, its_role), its_role)
        return found

    def _behind(self, origin: Origin) -> Upstream:
        unique_id = self._by_relation[origin.relation]
        if unique_id not in self._leaves:
            return within_all(self.of(unique_id)[origin.column], origin.fields)
        if origin.column == "_practice":
            return {Origin(*_PRACTICE): Role.ARRIVES}
        if origin.column in _LANDING:
            return {}
        return {Origin(self._leaves[unique_id], origin.column): Role.ARRIVES}

    def _columns(self, relation: str) -> list[str] | None:
        unique_id = self._by_relation.get(relation)
        if unique_id is None:
            raise UnresolvedError(f"{relation} is no model, seed or source")
        if unique_id in self._leaves:
            # Of a source only what the contract names is declared, not what landing adds.
            node = self._nodes.get(unique_id)
            return [name.lower() for name in node["columns"]] if node else None
        return list(self.of(unique_id))


def _spelt(relation: str) -> str:
    """A manifest's relation, spelt as the SQL of a model spells it once parsed."""
    query = sqlglot.parse_one(f"select * from {relation}", dialect="duckdb")
    table = query.find(exp.Table)
    assert table is not None
    return relation_name(table)
