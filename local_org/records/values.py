"""How text becomes a value of a field: SQL for the value and SQL for what is wrong with it.

An error is text of three parts, parted by `\\x1f`: code, message, field names joined by commas.
"""

from __future__ import annotations

from local_org.ids import long_id_sql
from local_org.schema.model import NUMBERS, Field
from local_org.store import literal

# Written out: what DuckDB has to work out before it starts costs more than a small save itself.
PART = "'\x1f'"
BLANKS = "' \t\n\r'"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
INTEGER = r"[+-]?\d+"
DATE = r"\d{4}-\d{2}-\d{2}"
DATETIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})"
EMAIL = (
    r"[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
)
# Held against each other and their texts where whole records are looked at.
PLACE_CODES = ("StateCode", "CountryCode")
XSD = {
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
}


def problem(code: str, message: str, *fields: str) -> str:
    """Give SQL for an error; `message` is SQL, code and fields are plain text."""
    before, after = literal(f"{code}\x1f"), literal(f"\x1f{','.join(fields)}")
    return f"concat({before}, {message}, {after})"


def clean_sql(raw: str, null_token: str) -> str:
    """Give SQL for what a cell holds: outer blanks off, NULL where it clears the field."""
    # Trimming is dear and seldom needed: a look at both ends decides.
    blank = f"({raw}[1] <= ' ' or {raw}[-1] <= ' ')"
    trimmed = f"case when {blank} then trim({raw}, {BLANKS}) else {raw} end"
    return f"case when {trimmed} not in ('', {literal(null_token)}) then {trimmed} end"


def value_sql(item: Field, text: str) -> str:
    """Give SQL for the typed value; NULL where the text is not one."""
    match item.type:
        case "boolean":
            return (
                f"case when lower({text}) in ('true', '1') then true "
                f"when lower({text}) in ('false', '0') then false end"
            )
        case "date":
            return (
                f"case when regexp_full_match({text}, '{DATE}') then try_cast({text} as date) end"
            )
        case "datetime":
            stamp = f"try_cast(try_cast({text} as timestamptz) as timestamp)"
            return (
                f"case when regexp_full_match({text}, '{DATETIME}') "
                f"then date_trunc('second', {stamp}) end"
            )
        case "int":
            number = f"try_cast({text} as bigint)"
            return f"case when regexp_full_match({text}, '{INTEGER}') then {number} end"
        case "double" | "currency" | "percent":
            # The cast rounds halves away from zero, as Salesforce does; too large gives NULL.
            exact = f"try_cast({text} as decimal(18, {item.scale}))"
            return f"case when regexp_full_match({text}, '{NUMBER}') then {exact}::double end"
        case "email":
            return f"lower({text})"
        case "textarea":
            return f"replace({text}, chr(13) || chr(10), chr(10))"
        case "multipicklist":
            parts = f"list_transform(str_split({text}, ';'), lambda part: trim(part))"
            return f"array_to_string(list_filter({parts}, lambda part: part <> ''), ';')"
        case "reference" | "id":
            return long_id_sql(text)
        case _:
            return text


def parse_error_sql(item: Field, text: str, value: str, place: int) -> str | None:
    """Give SQL for text that is no value of the type at all; None where any text will do."""
    xsd = XSD.get(item.type)
    if xsd is None:
        return None
    message = (
        f"concat('Failed to deserialize field at col {place}. Due to, ''', {text}, "
        f"''' is not a valid value for the type {xsd}')"
    )
    wrong = f"{text} is not null and {value} is null"
    if item.type in NUMBERS:
        wrong += (
            f" and not regexp_full_match({text}, '{NUMBER if item.type != 'int' else INTEGER}')"
        )
    return f"when {wrong} then {problem('INVALID_FIELD', message, item.name)}"


def value_error_sql(item: Field, text: str, value: str) -> list[str]:
    """Give the `when … then …` arms for a value the field does not take."""
    arms = []
    label = literal(f"{item.label}: ")
    if item.type in NUMBERS:
        arms.append(_range_arm(item, text, value))
    elif item.type == "date":
        outside = f"{value} not between date '1700-01-01' and date '4000-12-31'"
        message = f"concat({label}, 'date is out of range: ', {text})"
        arms.append(f"when {outside} then {problem('DATE_OUT_OF_RANGE', message, item.name)}")
    elif item.type == "datetime":
        outside = f"{value} not between timestamp '1700-01-01' and timestamp '4000-12-31 23:59:59'"
        message = f"concat({label}, 'date is out of range: ', {text})"
        arms.append(f"when {outside} then {problem('DATE_OUT_OF_RANGE', message, item.name)}")
    elif item.type == "email":
        message = f"concat({label}, 'invalid email address: ', {text})"
        wrong = f"{text} is not null and not regexp_full_match({text}, '{EMAIL}')"
        arms.append(f"when {wrong} then {problem('INVALID_EMAIL_ADDRESS', message, item.name)}")
    if item.restricted and item.values and not item.name.endswith(PLACE_CODES):
        arms.append(_picklist_arm(item, value))
    length = 255 if item.type in ("picklist", "combobox") else item.length
    if item.stored_as == "VARCHAR" and length and item.type not in ("reference", "id"):
        message = f"concat({label}, 'data value too large: ', {value}, ' (max length={length})')"
        wrong = f"strlen({value}) > {length} and {units_sql(value)} > {length}"
        arms.append(f"when {wrong} then {problem('STRING_TOO_LONG', message, item.name)}")
    return arms


def units_sql(text: str) -> str:
    """Give SQL for a length as Salesforce counts it: UTF-16 units, astral characters two."""
    astral = f"regexp_replace({text}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g')"
    return f"(length({text}) + length({astral}))"


def _range_arm(item: Field, text: str, value: str) -> str:
    if item.type == "int":
        limit = 10 ** (item.digits or 9)
    else:
        limit = 10 ** ((item.precision or 18) - item.scale)
    start = literal(f"{item.label}: value outside of valid range on numeric field: ")
    message = f"concat({start}, {text})"
    wrong = f"{text} is not null and ({value} is null or abs({value}) >= {limit})"
    return f"when {wrong} then {problem('NUMBER_OUTSIDE_VALID_RANGE', message, item.name)}"


def _picklist_arm(item: Field, value: str) -> str:
    known = ", ".join(literal(each) for each in item.values)
    start = literal(f"{item.label}: bad value for restricted picklist field: ")
    if item.type == "multipicklist":
        stray = f"list_filter(str_split({value}, ';'), lambda part: part not in ({known}))"
        wrong, shown = f"{value} is not null and len({stray}) > 0", f"{stray}[1]"
    else:
        wrong, shown = f"{value} not in ({known})", value
    error = problem(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"concat({start}, {shown})", item.name
    )
    return f"when {wrong} then {error}"
