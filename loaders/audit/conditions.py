"""What a check asks, as SQL over a landed table. Cells are read by the macros staging reads by."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from loaders.audit.checks import Check, condition_of, read_checks
from loaders.audit.macros import sql
from loaders.home import PROJECT
from loaders.raw.sql import name, text

_SEEDS = PROJECT / "seeds"


@dataclass(frozen=True)
class Condition:
    """SQL for one check over the rows `s` of its table.

    `applies` and `fails`: whether a row is judged, and whether it then fails. `computed`: columns
    of `s` worked out beforehand, by name. `join`: a relation that `s` is joined to. `compares`:
    whether rows are held against others.
    """

    applies: str
    fails: str
    computed: dict[str, str] = field(default_factory=dict)
    join: str = ""
    compares: bool = False


# The rows of a table: SQL, from the folder's table.
Relation = Callable[[str], str]


def condition(check: Check, number: int, relation: Relation) -> Condition:
    """The SQL of a check; `number` tells its columns from those of others of the same table."""
    column = name(check.column)
    made = _BUILT[check.kind](check, column, f"c{number}", relation)
    if not check.where:
        return made
    other, wanted, values = condition_of(check.where)
    cell = f"coalesce({sql('clean_text', name(other))}, '')"
    limit = f"{cell} {'in' if wanted else 'not in'} ({', '.join(map(text, values))})"
    return replace(made, applies=f"{made.applies} and {limit}")


def read_date(column: str, *, birth: bool) -> tuple[str, str]:
    """The name and the SQL of what is read of a date column: once, whatever asks for it."""
    kind = "birth" if birth else "read"
    return f"{kind}:{column}", sql("read_timestamp", name(column), birth=birth)


def id_of(column: str, product: str) -> str:
    """SQL for the id a cell holds, null where it names nobody."""
    return sql("ascend_id" if product == "ascend" else "id_or_null", name(column))


def _filled(column: str) -> str:
    return f"{sql('clean_text', column)} is not null"


def _required(check: Check, column: str, number: str, relation: Relation) -> Condition:
    return Condition("true", f"{sql('clean_text', column)} is null")


def _required_id(check: Check, column: str, number: str, relation: Relation) -> Condition:
    return Condition("true", f"{id_of(check.column, check.product)} is null")


def _required_date(check: Check, column: str, number: str, relation: Relation) -> Condition:
    read, expression = read_date(check.column, birth=False)
    return Condition("true", sql("is_no_date", column, name(read)), {read: expression})


def _date(check: Check, column: str, number: str, relation: Relation) -> Condition:
    read, expression = read_date(check.column, birth=False)
    applies = f"not {sql('is_no_date', column, name(read))}"
    return Condition(applies, f"{name(read)} is null", {read: expression})


def _date_range(check: Check, column: str, number: str, relation: Relation) -> Condition:
    birth = check.argument == "birth"
    read, expression = read_date(check.column, birth=birth)
    applies = f"{name(read)} is not null and not {sql('is_no_date', column, name(read))}"
    judged = sql("parse_timestamp", column, birth=birth, read=name(read))
    return Condition(applies, f"{judged} is null", {read: expression})


def _clock(check: Check, column: str, number: str, relation: Relation) -> Condition:
    minutes = sql("parse_integer", column)
    fails = f"{_moment(check.column)} is null"
    if check.argument == "minutes":
        fails = (
            f"case when {minutes} is null then {fails} else {minutes} not between 0 and 1439 end"
        )
    return Condition(_filled(column), fails)


def _order(check: Check, column: str, number: str, relation: Relation) -> Condition:
    start, _, days = check.argument.partition("+")
    first, last = _moment(start), _moment(check.column)
    late = f" or {last} > {first} + interval {int(days)} day" if days else ""
    return Condition(f"{first} is not null and {last} is not null", f"({last} < {first}{late})")


def _moment(column: str) -> str:
    """What a date or a time of day says, a time of day being one of some day."""
    cell = sql("clean_text", name(column))
    clock = sql("read_timestamp", f"'01/01/2000 ' || {cell}")
    return f"coalesce({sql('read_timestamp', name(column))}, {clock})"


def _number(check: Check, column: str, number: str, relation: Relation) -> Condition:
    whole = check.kind == "whole_number"
    return Condition(_filled(column), f"not {sql('is_amount', column, whole=whole)}")


def _percent(check: Check, column: str, number: str, relation: Relation) -> Condition:
    return Condition(_filled(column), f"{sql('parse_percent', column)} is null")


def _range(check: Check, column: str, number: str, relation: Relation) -> Condition:
    low, _, high = check.argument.partition("..")
    parsed = sql("parse_money", column)
    fails = f"coalesce({parsed} not between {float(low)} and {float(high)}, true)"
    return Condition(sql("is_amount", column), fails)


def _code(check: Check, column: str, number: str, relation: Relation) -> Condition:
    codes = ", ".join(text(code.upper()) for code in check.argument.split("|"))
    return Condition(_filled(column), f"upper({sql('clean_text', column)}) not in ({codes})")


def _words(check: Check, column: str, number: str, relation: Relation) -> Condition:
    known = ", ".join(sql("words_of", text(word)) for word in _mapped_words(check.argument))
    fails = f"coalesce({sql('words_of', column)} not in ({known}), true)"
    return Condition(_filled(column), fails)


def _interval(check: Check, column: str, number: str, relation: Relation) -> Condition:
    cell = f"lower({sql('clean_text', column)})"
    units = "|".join(_mapped_words("shared__recall_unit"))
    known = sql("fully_matches", cell, text(rf"[0-9]+\s*({units})?"))
    return Condition(f"{sql('id_or_null', column)} is not null", f"not {known}")


def _tooth(check: Check, column: str, number: str, relation: Relation) -> Condition:
    applies = f"{sql('id_or_null', column)} is not null"
    teeth = sql("tooth_numbers", column)
    none = f"len(list_filter({teeth}, lambda x: x is null))"
    return Condition(applies, f"(len({teeth}) > 2 or {none} > 0)")


def _flag(check: Check, column: str, number: str, relation: Relation) -> Condition:
    return Condition(_filled(column), f"{sql('parse_flag', column)} is null")


def _cdt(check: Check, column: str, number: str, relation: Relation) -> Condition:
    code = sql("clean_text", column)
    inside = " or ".join(f"{code} between {text(a)} and {text(b)}" for a, b in _cdt_ranges())
    known = sql("fully_matches", code, "'D[0-9]{4}'")
    return Condition(_filled(column), f"not ({known} and ({inside}))")


def _reference(check: Check, column: str, number: str, relation: Relation) -> Condition:
    parents = relation(check.argument.partition(".")[0])
    # Of a table that was not sent, only that is said, not every row that refers to it.
    there = f"_practice in (select _practice from {parents})"
    asked = f"case when {there} then {id_of(check.column, check.product)} end"
    return _not_among(number, asked, _ids(check, check.argument, relation))


def _unused(check: Check, column: str, number: str, relation: Relation) -> Condition:
    asked = id_of(check.column, check.product)
    named = (_ids(check, place, relation) for place in check.argument.split("|"))
    return _not_among(number, asked, " union all ".join(named))


def _ids(check: Check, place: str, relation: Relation) -> str:
    """A query of the ids in a column, `table.column`, with their practices."""
    table, _, key = place.partition(".")
    return f"select _practice, {id_of(key, check.product)} as id from {relation(table)}"


def _not_among(number: str, asked: str, ids: str) -> Condition:
    """Fails where the id that `asked` gives is not among those of its practice."""
    own = name(f"{number}_id")
    return Condition(
        f"{own} is not null",
        f"{number}.id is null",
        {f"{number}_id": asked},
        f"left join (select _practice, id from ({ids}) group by all) as {number}"
        f" on {number}._practice = s._practice and {number}.id = {own}",
        compares=True,
    )


def _email(check: Check, column: str, number: str, relation: Relation) -> Condition:
    return Condition(_filled(column), f"{sql('valid_email', column)} is null")


def _length(check: Check, column: str, number: str, relation: Relation) -> Condition:
    shown = sql("clean_text", column)
    return Condition(f"{shown} is not null", f"{sql('utf16_length', shown)} > {check.length}")


def _duplicate(check: Check, column: str, number: str, relation: Relation) -> Condition:
    alike = [_comparable(check, one) for one in (check.column, *check.argument.split("+"))]
    order = f"partition by _practice, {', '.join(alike)} order by _file, _line"
    own = name(f"{number}_place")
    filled = " and ".join(f"{one} is not null" for one in alike)
    place = {f"{number}_place": f"row_number() over ({order})"}
    return Condition(filled, f"{own} > 1", place, compares=True)


def _comparable(check: Check, column: str) -> str:
    """A cell by which rows are alike: a date however it is written, a text in any case."""
    if (check.product, check.table, column) in _date_columns():
        return sql("parse_date", name(column), birth=True)
    return f"lower({sql('clean_text', name(column))})"


@cache
def _date_columns() -> frozenset[tuple[str, str, str]]:
    dated = (check for check in read_checks() if check.kind == "date")
    return frozenset((check.product, check.table, check.column) for check in dated)


_BUILT: dict[str, Callable[[Check, str, str, Relation], Condition]] = {
    "required": _required,
    "required_id": _required_id,
    "required_date": _required_date,
    "date": _date,
    "date_range": _date_range,
    "clock": _clock,
    "order": _order,
    "number": _number,
    "whole_number": _number,
    "percent": _percent,
    "range": _range,
    "interval": _interval,
    "tooth": _tooth,
    "code": _code,
    "words": _words,
    "flag": _flag,
    "cdt": _cdt,
    "reference": _reference,
    "unused": _unused,
    "email": _email,
    "length": _length,
    "duplicate": _duplicate,
}


@cache
def _mapped_words(seed: str) -> tuple[str, ...]:
    with (_SEEDS / "maps" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(row["word"] for row in csv.DictReader(lines))


@cache
def _cdt_ranges() -> tuple[tuple[str, str], ...]:
    with (_SEEDS / "cdt_categories.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["first_code"], row["last_code"]) for row in csv.DictReader(lines))
