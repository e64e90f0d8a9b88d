"""What a column is made of: the columns it is read from, and what each is to it."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple


class Origin(NamedTuple):
    """A column of a relation that the query reads, or a field within it.

    `inside` is the field of the query's own struct that holds it: `street` of
    `struct_pack(street := street1)`. Asking the struct for a field takes that off again.
    """

    relation: str
    column: str
    fields: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


class Role(IntEnum):
    """What an origin is to a column. Of several, the highest stands."""

    DECIDES = 0
    """A case, an ordering, a window."""
    COMPARED = 1
    """A join found the row by its value; what decided over that value is not asked."""
    ARRIVES = 2
    """Its value may arrive."""


# What a column is made of.
Upstream = Mapping[Origin, Role]


def merged(several: Iterable[Upstream]) -> Upstream:
    """All of them together."""
    found: dict[Origin, Role] = {}
    for one in several:
        for origin, role in one.items():
            found[origin] = max(found.get(origin, role), role)
    return found


def deciding(upstream: Upstream) -> Upstream:
    """The same, none of it arriving, without what found the rows of what decides. Where in a
    struct it stood no longer matters."""
    return {
        origin._replace(inside=()): Role.DECIDES
        for origin, role in upstream.items()
        if role is not Role.COMPARED
    }


def compared(upstream: Upstream) -> Upstream:
    """Those whose values a join compares."""
    return {
        origin._replace(inside=()): Role.COMPARED
        for origin, role in upstream.items()
        if role is Role.ARRIVES
    }


def within(upstream: Upstream, name: str) -> Upstream:
    """What a field of a struct is made of; what decides over the struct decides over it."""
    found: dict[Origin, Role] = {}
    for origin, role in upstream.items():
        if role is not Role.ARRIVES:
            found.setdefault(origin, role)
        elif not origin.inside:
            found[origin._replace(fields=(*origin.fields, name))] = role
        elif origin.inside[0] == name:
            found[origin._replace(inside=origin.inside[1:])] = role
    return found


def within_all(upstream: Upstream, names: Iterable[str]) -> Upstream:
    """The same, field within field."""
    for name in names:
        upstream = within(upstream, name)
    return upstream


def packed(upstream: Upstream, name: str) -> Upstream:
    """The same as the field of that name in a struct."""
    return {
        (o._replace(inside=(name, *o.inside)) if role is Role.ARRIVES else o): role
        for o, role in upstream.items()
    }
