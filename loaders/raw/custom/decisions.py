"""custom_fields.yml: what is proposed for each custom field, and what people decided.

fields:
  - status: confirmed            # proposed and ignored ones make nothing
    source: dentrix.patient.Shoe Size
    object: Contact
    api_name: Shoe_Size__c
    in_org: false                # true: the org has the field; nothing to make
    type: Text
    label: Shoe Size
    length: 10
    by: ann                      # written by `load-raw confirm`, as are `at` and `seal`
    at: 2026-11-20T10:00:00+00:00
    seal: 5f0c…                  # over all of the above: an edit breaks it
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loaders.errors import Exit, UserError

STATUSES = ("proposed", "confirmed", "ignored")
LONG_FORM = "custom_fields"
# What was found says nothing about what was decided.
_FOUND = ("score", "reasons", "profile", "seal")
_ABOVE = """\
# Fields that practices added, and where each would go. Set `status:` to confirmed or ignored,
# change what does not suit, then run `load-raw confirm`. Nothing that is only proposed loads.
"""


@dataclass(frozen=True)
class Source:
    """Where a field was found: a column of a table, or in `long_form` an entity's field in the
    table custom_fields."""

    folder: str
    table: str
    field: str
    long_form: bool = False

    @property
    def written(self) -> str:
        """As custom_fields.yml has it."""
        table = f"{LONG_FORM}.{self.table}" if self.long_form else self.table
        return f"{self.folder}.{table}.{self.field}"


def read_source(written: object) -> Source | None:
    """The source that custom_fields.yml names; None where it names none."""
    parts = str(written or "").split(".", 2)
    if len(parts) < 3:
        return None
    folder, table, field = parts
    if table != LONG_FORM:
        return Source(folder, table, field)
    table, dot, field = field.partition(".")
    return Source(folder, table, field, long_form=True) if dot else None


def read_entries(file: Path) -> list[dict[str, Any]]:
    """Its entries; none where there is no file. Raises UserError where it is not as described."""
    if not file.exists():
        return []
    mend = "Put it right, then `load-raw confirm`."
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{file.name}{at}: this is no YAML.", mend) from None
    if document is None:
        return []
    if not isinstance(document, dict) or not isinstance(document.get("fields"), list):
        raise UserError(f"{file.name}: it has no list `fields:`.", mend)
    for number, entry in enumerate(document["fields"], 1):
        where = f"{file.name}, entry {number}"
        if not isinstance(entry, dict):
            raise UserError(f"{where}: it is no map.", mend)
        if not all(isinstance(key, str) for key in entry):
            raise UserError(f"{where}: one of its keys is no text.", mend)
        if entry.get("status") not in STATUSES:
            raise UserError(f"{where}: its status is none of {', '.join(STATUSES)}.", mend)
    entries: list[dict[str, Any]] = document["fields"]
    return entries


def write_entries(file: Path, entries: list[dict[str, Any]]) -> None:
    """Writes the file whole or not at all, for its owner alone."""
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    written = yaml.safe_dump({"fields": entries}, sort_keys=False, allow_unicode=True, width=100)
    unfinished.touch(mode=0o600)
    unfinished.write_text(_ABOVE + written, encoding="utf-8")
    unfinished.replace(file)


def seal_of(entry: dict[str, Any]) -> str:
    """The hash over an entry as it was decided, by whom and when."""
    said = {key: value for key, value in entry.items() if key not in _FOUND}
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def is_sealed(entry: dict[str, Any]) -> bool:
    """Whether nobody changed the entry since it was decided."""
    return entry.get("seal") == seal_of(entry)


def require_sealed(file: Path) -> list[dict[str, Any]]:
    """The confirmed entries. Raises UserError (blocked) where one is not as it was sealed."""
    confirmed = [e for e in read_entries(file) if e["status"] == "confirmed"]
    broken = [e for e in confirmed if not is_sealed(e)]
    if broken:
        shown = ", ".join(f"{e.get('object')}.{e.get('api_name')}" for e in broken[:3])
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        raise UserError(
            f"{file.name}: {shown}{more} is not as it was sealed, or was never sealed.",
            "Run `load-raw confirm`, then `dbt build`.",
            Exit.BLOCKED,
        )
    return confirmed
