"""Record ids: 15 characters that tell upper from lower case, 18 with a checksum that need not.

An id is a 3-character key prefix, 2 characters of this org, 4 zeros and a 6-digit number to
base 62. The checksum holds one character per group of five: bit i is set where character i is
upper case.
"""

from __future__ import annotations

import re
import secrets

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
PATTERN = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def checksum(short: str) -> str:
    """Give the three checksum characters of a 15-character id."""
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        CHECKS[sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")]
        for group in groups
    )


def make_id(prefix: str, pod: str, number: int) -> str:
    """Give the 18-character id of record `number` under a key prefix."""
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    short = f"{prefix}{pod}0000{digits}"
    return short + checksum(short)


def long_id(text: str) -> str | None:
    """Give the 18-character form of an id, or None where the text is no id.

    An 18-character id may be written in any case: its checksum tells which letters are upper
    case. One that marks a character that is no letter is wrong.
    """
    if not PATTERN.fullmatch(text):
        return None
    short = text[:15] if len(text) == 15 else _restored(text)
    return short and short + checksum(short)


def _restored(text: str) -> str | None:
    chars = list(text[:15].lower())
    for group, mark in enumerate(text[15:].upper()):
        bits = CHECKS.find(mark)
        for place in range(5):
            at = 5 * group + place
            if bits >> place & 1:
                if bits < 0 or not chars[at].isalpha():
                    return None
                chars[at] = chars[at].upper()
    return "".join(chars)


def random_pod() -> str:
    """Give the two characters that tell this org's ids from another's."""
    return "".join(secrets.choice(DIGITS[10:]) for _ in range(2))


def id_sql(prefix: str, pod: str, number: str) -> str:
    """Give SQL for the 18-character id of `number` (a column name), for whole sets of rows."""
    digit = [f"(({number}) // {62**place}) % 62" for place in range(5, -1, -1)]
    chars = [f"substr('{DIGITS}', ({place}) + 1, 1)" for place in digit]
    upper = [f"(({place}) between 10 and 35)::int" for place in digit]
    first = checksum(f"{prefix}{pod}".ljust(15, "0"))[0]
    second = f"substr('{CHECKS}', 16 * {upper[0]} + 1, 1)"
    bits = " + ".join(f"{1 << place} * {bit}" for place, bit in enumerate(upper[1:]))
    third = f"substr('{CHECKS}', {bits} + 1, 1)"
    return f"concat('{prefix}{pod}0000', {', '.join(chars)}, '{first}', {second}, {third})"


def _checksum_sql(short: str) -> str:
    groups = []
    for start in (1, 6, 11):
        bits = " + ".join(
            f"{1 << place} * (ascii(substr({short}, {start + place}, 1)) between 65 and 90)::int"
            for place in range(5)
        )
        groups.append(f"substr('{CHECKS}', {bits} + 1, 1)")
    return f"concat({', '.join(groups)})"


def _restored_sql(text: str) -> str:
    """Give SQL for what `_restored` gives, checksum and all."""
    bits = f"(strpos('{CHECKS}', upper(substr({text}, (16 + n // 5)::int, 1))) - 1)"
    marked = f"({bits} >> n % 5) & 1 = 1"
    char = f"substr({text}, (n + 1)::int, 1)"
    right = f"{bits} >= 0 and (not {marked} or {char} ~ '[A-Za-z]')"
    cased = f"case when {marked} then upper({char}) else lower({char}) end"
    # One formula for all places: seldom needed, and a long one is planned for every save.
    chars = f"list_transform(range(15), lambda n: case when {right} then {cased} else '' end)"
    whole = f"concat(array_to_string({chars}, ''), upper(substr({text}, 16)))"
    return f"case when not list_contains({chars}, '') then {whole} end"


def long_id_sql(text: str) -> str:
    """Give SQL for the 18-character form of an id expression; NULL where it is no id."""
    short = f"substr({text}, 1, 15)"
    return (
        f"case when not regexp_full_match({text}, '[0-9A-Za-z]{{15}}([0-9A-Za-z]{{3}})?') "
        f"then null when length({text}) = 15 then concat({text}, {_checksum_sql(text)}) "
        f"when substr({text}, 16) = {_checksum_sql(short)} then {text} "
        f"else {_restored_sql(text)} end"
    )
