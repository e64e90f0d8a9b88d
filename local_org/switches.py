"""What one org differs in from another, set by who runs it: features, rules, limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import duckdb

SETTING = "switches"
DUPLICATE_RULES = ("off", "allow", "block")


class SwitchError(Exception):
    """A switch that does not exist, or a value it does not take."""


@dataclass(frozen=True)
class ValidationRule:
    """A rule of the admin's: a record of `object` for which `when` holds is refused.

    `when` is a SOQL condition on the record's own fields as they would be saved
    (`Email = null AND LastName LIKE 'Z%'`); `field` names where the message shows, if anywhere.
    """

    object: str
    name: str
    when: str
    message: str
    field: str | None = None


@dataclass(frozen=True)
class Switches:
    """Every switch and what it is set to in a new org."""

    is_sandbox: bool = True
    state_country_picklists: bool = False
    set_audit_fields: bool = False
    duplicate_rules: str = "off"
    validation_rules: tuple[ValidationRule, ...] = ()
    session_seconds: int = 7_200
    query_locator_seconds: int = 172_800
    daily_api_requests: int = 5_000_000
    data_storage_mb: int = 1_000_000
    file_storage_mb: int = 1_000_000

    def changed(self, given: Mapping[str, Any]) -> Switches:
        """Give these switches with some set anew; raises SwitchError."""
        known = {each.name: each.default for each in fields(Switches)}
        for name, value in given.items():
            if name not in known:
                raise SwitchError(f"no switch is named '{name}': there are {', '.join(known)}")
            default = known[name]
            if name != "validation_rules" and type(value) is not type(default):
                raise SwitchError(f"{name} takes a {type(default).__name__}")
        rules = given.get("validation_rules", self.validation_rules)
        made = replace(self, **{**given, "validation_rules": _rules(rules)})
        if made.duplicate_rules not in DUPLICATE_RULES:
            raise SwitchError(f"duplicate_rules is one of {', '.join(DUPLICATE_RULES)}")
        return made

    def as_json(self) -> dict[str, Any]:
        """Give the switches as the control call shows them."""
        return asdict(self)


def _rules(given: Any) -> tuple[ValidationRule, ...]:
    try:
        return tuple(
            each if isinstance(each, ValidationRule) else ValidationRule(**each) for each in given
        )
    except TypeError as error:
        raise SwitchError(
            "validation_rules is a list of objects with object, name, when, message and field"
        ) from error


def read_switches(cursor: duckdb.DuckDBPyConnection) -> Switches:
    """Read what is kept."""
    found = cursor.execute("select value from org.settings where name = ?", [SETTING]).fetchone()
    return Switches().changed(json.loads(found[0])) if found else Switches()


def write_switches(cursor: duckdb.DuckDBPyConnection, switches: Switches) -> None:
    """Keep the switches."""
    cursor.execute("delete from org.settings where name = ?", [SETTING])
    text = json.dumps(switches.as_json())
    cursor.execute("insert into org.settings values (?, ?)", [SETTING, text])
