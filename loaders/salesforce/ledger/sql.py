"""Pieces of SQL: quoted names, literals, and values as Salesforce's CSV spells them."""

from pathlib import Path

# What Salesforce trims from the ends of every string.
BLANKS = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def plain_text(value: str) -> str:
    """A text with LF line ends, null where nothing but blanks stands in it."""
    unified = f"replace(replace({value}, chr(13) || chr(10), chr(10)), chr(13), chr(10))"
    # Nearly every text begins with a character above the blank: to see that costs a tenth.
    plain = f"{value} >= '!' and not contains({value}, chr(13))"
    return f"case when {plain} then {value} when trim({value}, {BLANKS}) <> '' then {unified} end"


def as_sent(column: str, data_type: str) -> str:
    """A mart's column as the text that goes into the CSV; null where there is no value.

    Types are DuckDB's. Timestamps are UTC, as the marts promise. Bulk API 2.0 Developer Guide,
    "Valid CSV Record Rows" and "Valid Date Format in Records".
    """
    kind = data_type.upper()
    if kind == "VARCHAR":
        return plain_text(column)
    if kind == "BOOLEAN":
        return f"case when {column} then 'true' when not {column} then 'false' end"
    if kind == "DATE":
        return f"strftime({column}, '%Y-%m-%d')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.000Z')"
    if kind in ("DOUBLE", "FLOAT"):
        return f"cast(cast({column} as decimal(38, 9)) as varchar)"
    return f"cast({column} as varchar)"
