"""The fields that the schema makes for a practice: what is confirmed in `custom_fields.yml`, which
`loaders.raw.custom.decisions` describes, and is not in the org yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders.errors import UserError
from loaders.raw.custom.decisions import read_entries, require_sealed
from loaders.salesforce.ledger import meta
from loaders.salesforce.ledger.steps import Field

# What an entry says besides: where the field was found, and who decided.
_ABOUT = ("source", "score", "reasons", "profile", "by", "at", "seal")
_TARGET = (
    "type",
    "label",
    "help",
    "length",
    "precision",
    "scale",
    "values",
    "restricted",
    "access",
)
_KINDS = {"in_org": bool, "status": str, "object": str, "api_name": str, "description": str} | {
    key: meta.COLUMN[key] for key in _TARGET
}
_NEEDED = ("object", "api_name", "type", "label")
_MEND = "Put it right, then `load-raw confirm`."


def read_confirmed(file: Path) -> dict[str, tuple[Field, ...]]:
    """The confirmed fields that have to be made, by object; none where there is no file.

    Raises UserError, naming the entry, where the file is not as described, or (blocked) where it
    was edited since it was sealed.
    """
    found: dict[str, dict[str, Field]] = {}
    for number, entry in enumerate(read_entries(file), 1):
        if entry["status"] != "confirmed":
            continue
        where = f"{file.name}, entry {number}"
        said = target_of(where, entry)
        if said.get("in_org") or not said["api_name"].endswith("__c"):
            continue
        fields = found.setdefault(said["object"], {})
        if said["api_name"].lower() in {name.lower() for name in fields}:
            raise UserError(
                f"{where}: {said['object']}.{said['api_name']} is there already.", _MEND
            )
        fields[said["api_name"]] = _field(said)
    require_sealed(file)
    return {name: tuple(fields.values()) for name, fields in found.items()}


def target_of(where: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a confirmed entry says of its field. Raises UserError where it is no field's."""
    said = {key: value for key, value in entry.items() if key not in _ABOUT}
    meta.checked(where, said, _KINDS, _NEEDED)
    if said["type"] == "Lookup":
        raise UserError(f"{where}: a lookup needs a mart of its own.", "Choose another type.")
    return said


def _field(said: dict[str, Any]) -> Field:
    target = {key: said[key] for key in _TARGET if key in said}
    if "values" in target:
        target["values"] = tuple(str(value) for value in target["values"])
    return Field(
        column=said["api_name"],
        data_type="varchar",
        of_practice=True,
        description=said.get("description") or said["label"],
        **target,
    )
