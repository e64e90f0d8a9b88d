"""Custom fields of the practice's own that a person has confirmed: `custom_fields.yml`.

fields:
  - status: confirmed            # proposed and ignored ones make nothing
    object: Contact
    api_name: Shoe_Size__c       # without __c: a field the org has; nothing to make
    type: Text
    label: Shoe Size
    length: 10
"""

from pathlib import Path
from typing import Any

import yaml

from loaders.errors import UserError
from loaders.salesforce.ledger import meta
from loaders.salesforce.ledger.steps import Field

_STATUSES = ("proposed", "confirmed", "ignored")
# What a proposal says besides: where the field was found, and who decided.
_ABOUT = ("source", "score", "reasons", "profile", "by", "at")
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
_KINDS = {"status": str, "object": str, "api_name": str, "description": str} | {
    key: meta.COLUMN[key] for key in _TARGET
}
_NEEDED = ("object", "api_name", "type", "label")
_MEND = "Put it right, then `load-raw confirm`."


def read_confirmed(file: Path) -> dict[str, tuple[Field, ...]]:
    """The confirmed fields that have to be made, by object; none where there is no file.

    Raises UserError, naming the entry, where the file is not as described.
    """
    if not file.exists():
        return {}
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{file.name}{at}: this is no YAML.", _MEND) from None
    if document is None:
        return {}
    if not isinstance(document, dict) or not isinstance(document.get("fields"), list):
        raise UserError(f"{file.name}: it has no list `fields:`.", _MEND)
    found: dict[str, dict[str, Field]] = {}
    for number, entry in enumerate(document["fields"], 1):
        said = _entry(f"{file.name}, entry {number}", entry)
        if said is None or not said["api_name"].endswith("__c"):
            continue
        where = f"{file.name}, entry {number}"
        fields = found.setdefault(said["object"], {})
        if said["api_name"].lower() in {name.lower() for name in fields}:
            raise UserError(
                f"{where}: {said['object']}.{said['api_name']} is there already.", _MEND
            )
        fields[said["api_name"]] = _field(said)
    return {name: tuple(fields.values()) for name, fields in found.items()}


def _entry(where: str, entry: object) -> dict[str, Any] | None:
    """A confirmed entry's target; None for one that is not confirmed."""
    if not isinstance(entry, dict):
        raise UserError(f"{where}: it is no map.", _MEND)
    status = entry.get("status")
    if status not in _STATUSES:
        raise UserError(f"{where}: its status is none of {', '.join(_STATUSES)}.", _MEND)
    if status != "confirmed":
        return None
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
        description=said.get("description") or said["label"],
        **target,
    )
