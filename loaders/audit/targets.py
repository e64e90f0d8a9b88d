"""Where source columns go in Salesforce, read from the marts' YAML: no build is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from loaders.home import PROJECT

_MARTS = PROJECT / "models" / "marts" / "salesforce"


@dataclass(frozen=True)
class Target:
    """A field of a load step: its object, its API name, its length where it is a text."""

    step: str
    object: str
    field: str
    length: int | None
    sources: tuple[str, ...]


@cache
def targets() -> tuple[Target, ...]:
    """Every field the marts fill."""
    return tuple(field for step in _steps() for field in _fields(step))


@cache
def by_source() -> Mapping[str, tuple[Target, ...]]:
    """The fields a source column may arrive in, by `<folder of raw/>.<table>.<column>`."""
    found: dict[str, list[Target]] = {}
    for target in targets():
        for source in target.sources:
            found.setdefault(source, []).append(target)
    return {source: tuple(several) for source, several in found.items()}


def _steps() -> Iterator[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for file in sorted(_MARTS.rglob("*.yml")):
        document = yaml.load(file.read_text(encoding="utf-8"), loader)
        for model in document.get("models", []):
            if "salesforce" in model.get("config", {}).get("meta", {}):
                yield model


def _fields(step: dict[str, Any]) -> Iterator[Target]:
    object_ = step["config"]["meta"]["salesforce"]["object"]
    for column in step["columns"]:
        meta = column.get("config", {}).get("meta", {})
        if "salesforce" in meta:
            yield Target(
                step["name"],
                object_,
                column["name"],
                meta["salesforce"].get("length"),
                tuple(meta.get("source", [])),
            )
