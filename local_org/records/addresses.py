"""State and Country/Territory Picklists: codes and texts that follow from each other.

The text is a state's or country's integration value, which is its name; the code may be written
in either case. Rows that touch no part of an address keep what they have.
"""

from __future__ import annotations

from collections.abc import Collection

from local_org.records.values import problem
from local_org.records.whole import Rules
from local_org.schema.model import SObject
from local_org.schema.places import ADDRESSES, countries, states
from local_org.store import literal

BAD_STATE = (
    "There's a problem with this state, even though it may appear correct. Please select a state "
    "from the list of valid states.: "
)
BAD_COUNTRY = (
    "There's a problem with this country, even though it may appear correct. Please select a "
    "country/territory from the list of valid countries.: "
)
NO_COUNTRY = "A country/territory must be specified before specifying a state value for field: "
OTHER_COUNTRY = "The existing country/territory doesn't recognize the state value for field: "


def address_rules(target: SObject, given: Collection[str]) -> list[Rules]:
    """Give the rules of the addresses that the given columns touch."""
    found = []
    for stem in ADDRESSES.get(target.name, ()):
        names = [f"{stem}{part}" for part in ("State", "StateCode", "Country", "CountryCode")]
        if any(name in given for name in names):
            found.append(_rules_of(target, stem))
    return found


def _rules_of(target: SObject, stem: str) -> Rules:
    state, country = f"{stem}State", f"{stem}Country"
    mark = stem.lower() or "only"
    touched = " or ".join(
        f'w."given {name}"' for name in (state, f"{state}Code", country, f"{country}Code")
    )
    return Rules(
        needs=(state, f"{state}Code", country, f"{country}Code"),
        joins=_joins(mark, state, country),
        values={
            state: _follows(touched, f"{mark}_state.name", state),
            f"{state}Code": _follows(touched, f"{mark}_state.code", f"{state}Code"),
            country: _follows(touched, f"{mark}_country.name", country),
            f"{country}Code": _follows(touched, f"{mark}_country.code", f"{country}Code"),
        },
        arms=tuple(
            f"when ({touched}) and ({wrong}) then {error}"
            for wrong, error in _wrongs(target, mark, state, country)
        ),
    )


def _follows(touched: str, found: str, name: str) -> str:
    return f'case when {touched} then {found} else w."{name}" end'


def _wanted(name: str) -> tuple[str, str]:
    """Give SQL for the code and the text that decide: what was given, else what is stored."""
    code, text = f'w."{name}Code"', f'w."{name}"'
    given_code, given_text = f'w."given {name}Code"', f'w."given {name}"'
    return (
        f"case when {given_code} or not {given_text} then upper({code}) end",
        f"case when {given_text} or not {given_code} then {text} end",
    )


def _joins(mark: str, state: str, country: str) -> tuple[str, ...]:
    rows = ", ".join(f"({literal(code)}, {literal(name)})" for code, name in countries())
    parts = ", ".join(
        f"({literal(land)}, {literal(code)}, {literal(name)})" for land, code, name in states()
    )
    land_code, land_text = _wanted(country)
    code, text = _wanted(state)
    lands = f"(values {rows}) {mark}_country(code, name)"
    within = f"(values {parts}) {mark}_state(country, code, name)"
    return (
        f"left join {lands} on {mark}_country.code = coalesce({land_code}, {mark}_country.code) "
        f"and {mark}_country.name = coalesce({land_text}, {mark}_country.name) "
        f"and coalesce({land_code}, {land_text}) is not null",
        f"left join {within} on {mark}_state.country = {mark}_country.code "
        f"and {mark}_state.code = coalesce({code}, {mark}_state.code) "
        f"and {mark}_state.name = coalesce({text}, {mark}_state.name) "
        f"and coalesce({code}, {text}) is not null",
    )


def _wrongs(target: SObject, mark: str, state: str, country: str) -> list[tuple[str, str]]:
    wrongs = []
    land_code, land_text = _wanted(country)
    code, text = _wanted(state)
    own_country = f'(w."given {country}" or w."given {country}Code")'
    for name, wanted in ((country, land_text), (f"{country}Code", land_code)):
        lost = f"{mark}_country.code is null and {wanted} is not null"
        wrongs.append((lost, _error(target, BAD_COUNTRY, name)))
    for name, wanted in ((state, text), (f"{state}Code", code)):
        lost = f"{mark}_state.code is null and {wanted} is not null"
        bare = f"{lost} and {mark}_country.code is null"
        wrongs.append((bare, _error(target, NO_COUNTRY, name)))
        wrongs.append((f"{lost} and {own_country}", _error(target, BAD_STATE, name)))
        wrongs.append((f"{lost} and {_known(name, wanted)}", _error(target, OTHER_COUNTRY, name)))
        wrongs.append((lost, _error(target, BAD_STATE, name)))
    return wrongs


def _known(name: str, wanted: str) -> str:
    """Whether some country has that state: then the country is at fault, not the state."""
    named = {code for _, code, _ in states()}
    if not name.endswith("Code"):
        named = {text for _, _, text in states()}
    return f"{wanted} in ({', '.join(literal(each) for each in sorted(named))})"


def _error(target: SObject, message: str, name: str) -> str:
    item = target.field(name)
    label = item.label if item else name
    return problem("FIELD_INTEGRITY_EXCEPTION", literal(f"{message}{label}"), name)
