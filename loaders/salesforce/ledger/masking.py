"""Made-up values for a sandbox that may not hold people's data: `masking.yml` says which field
gets what. Each is made of the record's key alone, so nothing of the value is in it but its length,
of a birth date its year.
"""

import hashlib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Field, Project, Step

_PLACEHOLDER = b"This file stands for one that was left out: the sample is masked.\n"
_TEETH = "^([0-9]{1,2}|[A-T]|[A-T]S|U[RL]|L[RL]|[MODFBLI5V]+)([,; -]+([0-9]{1,2}|[A-T]))*$"
MARK = "masked:"
"""What the hash of a masked row begins with: no row of a mart has such a one."""


@cache
def _rules() -> Any:
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def kind_of(field: Field, key: str) -> str:
    """What happens to a field's values: a word of masking.yml. `key` is the step's own key."""
    if field.lookup or field.to or field.column == key:
        return "keep"
    for pattern, kind in _rules()["by_name"].items():
        if fnmatchcase(field.api_name, pattern):
            return str(kind)
    return str(_rules()["by_type"].get(field.type, "word"))


def masks(project: Project, folder: Path, home: Path) -> dict[str, dict[str, str]]:
    """By step and column, the expressions that stand for the values of a slice kept in `folder`.

    Writes the file that stands for files there. Paths of files begin at `home`.
    """
    stand_in = folder / "masked.txt"
    if not stand_in.exists():
        stand_in.write_bytes(_PLACEHOLDER)
    return {step.name: _step(step, str(stand_in.relative_to(home))) for step in project.steps}


def _step(step: Step, stand_in: str) -> dict[str, str]:
    kinds = {f: kind_of(f, step.external_id) for f in step.fields}
    found = {
        f.column: _value(f, kind, step.external_id, stand_in)
        for f, kind in kinds.items()
        if kind != "keep"
    }
    if not found:
        return {}
    any_masked = " or ".join(f"{name(column)} is not null" for column in found)
    found["_row_hash"] = f"case when {any_masked} then {text(MARK)} || _row_hash else _row_hash end"
    if step.binary:
        found["_sha256"] = text(hashlib.sha256(_PLACEHOLDER).hexdigest())
        found["_bytes"] = str(len(_PLACEHOLDER))
    return found


def _value(field: Field, kind: str, key: str, stand_in: str) -> str:
    value = name(field.column)
    digest = f"md5({name(key)} || {text(field.column)})"
    number = f"cast('0x' || {digest}[:6] as bigint)"
    if kind == "year":
        # A date that is text is nobody's to read here.
        made = f"make_date(year({value}), 1, 1)" if field.data_type == "date" else "null"
    elif field.data_type != "varchar":
        made = "null"
    else:
        made = {
            "email": f"{digest}[:12] || '@example.invalid'",
            "phone": f"'(555) 555-01' || lpad(cast({number} % 100 as varchar), 2, '0')",
            "street": f"cast({number} % 999 + 1 as varchar) || ' Masked Street'",
            "zip": "'00000'",
            "url": f"'https://example.invalid/' || {digest}[:6]",
            "text": f"'Masked text (' || length({value}) || ' characters)'",
            "letters": f"case when regexp_full_match({value}, '[A-Z]{{2,3}}') then {value} end",
            "tooth": f"case when regexp_matches({value}, {text(_TEETH)}) then {value} end",
            "path": f"'Masked-' || {digest}[:6] || '.txt'",
            "file": text(stand_in),
        }.get(kind, f"'Masked-' || {digest}[:6]")
        if field.length and kind != "file":
            made = f"({made})[:{field.length}]"
    return f"case when {value} is not null then {made} end"


def masked_fields(step: Step) -> frozenset[str]:
    """The columns of a step that a mask replaces."""
    return frozenset(f.column for f in step.fields if kind_of(f, step.external_id) != "keep")
