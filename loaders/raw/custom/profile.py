"""What is in the columns and `custom_fields` that no model reads: counts and kinds, no values."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.home import Home
from loaders.raw.custom.decisions import LONG_FORM, Source
from loaders.raw.custom.values import destinations
from loaders.raw.sql import key_text, text

_DATE = "([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/([0-9]{2}|[0-9]{4}))"
_TIME = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([.][0-9]+)?( ?[AaPp][Mm])?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_AMOUNT = "([0-9]{1,3}(,[0-9]{3})+|[0-9]+)"
_NUMBER = "([(][0-9]{3}[)]|[0-9]{3})[ .-]?[0-9]{3}[ .-]?[0-9]{4}"
_MONEY = rf"[-(]?[$] ?-?{_AMOUNT}([.][0-9]{{1,2}})?[)]?|-?{_AMOUNT}[.][0-9]{{2}}"
_DECIMAL = "-?(0|[1-9][0-9]{0,14})([.][0-9]{1,8})?"
_FORMS = {
    "flag": "(?i)y|n|yes|no|true|false|t|f|0|1",
    "email": r"[^@\s,;]+@[^@\s,;]+[.][A-Za-z]{2,}",
    "url": r"(?i)(https?://|www[.])\S+",
    "date": f"{_DATE}([ T]00:00(:00)?)?",
    "datetime": f"{_DATE}[ T]{_TIME}",
    "percent": "-?[0-9]+([.][0-9]+)? ?%",
    "money": _MONEY,
    "integer": "-?(0|[1-9][0-9]{0,17})",
    "decimal": _DECIMAL,
    # Of either form, each value once.
    "moment": f"{_DATE}([ T]{_TIME})?",
    "amount": f"{_MONEY}|{_DECIMAL}",
    "phone": f"[+]?1?[ .-]?{_NUMBER}( ?(x|ext[.]?) ?[0-9]+)?",
}
# What a value can be read as. Blanks at its ends are gone.
KINDS = {kind: f"regexp_full_match(v, {text(form)})" for kind, form in _FORMS.items()} | {
    "dollar": "contains(v, '$')",
    "lines": "contains(v, chr(10)) or contains(v, chr(13))",
}
_MOST_VALUES = 40


@dataclass(frozen=True)
class Profile:
    """What a field holds. `kinds` counts the values that can be read as each; `words` are its
    distinct values where there are few."""

    rows: int
    filled: int
    distinct: int
    longest: int
    decimals: int
    practices: tuple[str, ...]
    kinds: dict[str, int]
    words: tuple[str, ...]

    def is_all(self, kind: str, share: float = 0.95) -> bool:
        """Whether nearly every value can be read so."""
        return self.kinds[kind] >= share * self.filled

    @property
    def shown(self) -> dict[str, Any]:
        """As custom_fields.yml has it: no values."""
        said = asdict(self)
        return {k: said[k] for k in ("rows", "filled", "distinct", "longest")} | {
            "practices": list(self.practices)
        }


def profiles(con: duckdb.DuckDBPyConnection, home: Home) -> dict[Source, Profile]:
    """Every field nobody told us about that holds something, by where it is."""
    found: dict[Source, Profile] = {}
    for folder, tables in destinations().items():
        for table in tables:
            for source, rows in _fields(con, home.raw / "current" / folder, folder, table):
                found[source] = _profile(con, rows)
    return found


def _fields(
    con: duckdb.DuckDBPyConnection, base: Path, folder: str, table: str
) -> Iterator[tuple[Source, int]]:
    """Each field of a table, with the number of rows that could have it; its values stand in the
    temporary table `cells`, columns practice and v."""
    files = base / table / "*.parquet"
    total = con.execute(f"select count(*) from read_parquet({text(files)})").fetchone()
    rows = int(total[0]) if total else 0
    labels = con.execute(
        f"select distinct unnest(map_keys(_extra)) as k from read_parquet({text(files)}) order by 1"
    ).fetchall()
    for (label,) in labels:
        _cells(con, f"select _practice, _extra[{text(label)}] from read_parquet({text(files)})")
        yield Source(folder, table, label), rows
    entries = base / LONG_FORM / "*.parquet"
    if not entries.parent.is_dir():
        return
    long = f"from read_parquet({text(entries)}) where lower({key_text('entity')}) = {text(table)}"
    names = con.execute(f"select distinct {key_text('field_name')} {long} order by 1").fetchall()
    for (label,) in names:
        _cells(
            con,
            f"select _practice, value {long} and {key_text('field_name')} = {text(label)}",
        )
        yield Source(folder, table, label, long_form=True), rows


def _cells(con: duckdb.DuckDBPyConnection, query: str) -> None:
    con.execute(
        "create or replace temp table cells as select practice, v from"
        f" (select practice, trim(v) as v from ({query}) as t (practice, v)) where v <> ''"
    )


def _profile(con: duckdb.DuckDBPyConnection, rows: int) -> Profile:
    counts = ", ".join(f"count(*) filter (where {sql})" for sql in KINDS.values())
    row = con.execute(
        "select count(*), count(distinct v), coalesce(max(length(v)), 0),"
        " coalesce(max(length(regexp_extract(v, '[.]([0-9]+)', 1))), 0),"
        f" list_sort(list(distinct practice)), {counts} from cells"
    ).fetchone()
    assert row is not None
    filled, distinct, longest, decimals, practices = row[:5]
    words: tuple[str, ...] = ()
    if distinct <= _MOST_VALUES:
        listed = con.execute("select v from cells group by v order by count(*) desc, v").fetchall()
        words = tuple(w for (w,) in listed)
    kinds = dict(zip(KINDS, row[5:], strict=True))
    return Profile(rows, filled, distinct, longest, decimals, tuple(practices or ()), kinds, words)
