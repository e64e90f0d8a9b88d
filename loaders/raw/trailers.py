"""Lines such as `Total records: 12`, which exporting programs write below the rows."""

import re

_LONGEST = 400
_TOTAL = re.compile(
    rb"(?:grand )?total(?: number)?(?: of)?(?: records?| rows?| lines?)?"
    rb"(?: exported| returned| selected| written)? ?[:=]? ?(\d[\d,]*)\.?",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rb"\(?(\d[\d,]*) (?:records?|rows?|record\(s\)|row\(s\))"
    rb"(?: (?:selected|returned|exported|affected|written|total|fetched))?\.?\)?"
    rb"|(?:records?|rows?|row ?count|record ?count)(?: exported| returned| selected| written)?"
    rb" ?[:=] ?(\d[\d,]*)",
    re.IGNORECASE,
)


def trailer_count(raw: bytes, delimiter: bytes) -> int | None:
    """The number a trailer tells, None where the line is none."""
    if len(raw) > _LONGEST:
        return None
    match = _COUNT.fullmatch(_words(raw, delimiter))
    if match is None:
        return total_count(raw, delimiter)
    return _number(match[1] or match[2])


def total_count(raw: bytes, delimiter: bytes) -> int | None:
    """The number a trailer tells that says `total`, as no record does in all of its cells."""
    match = _TOTAL.fullmatch(_words(raw, delimiter)) if len(raw) <= _LONGEST else None
    return _number(match[1]) if match else None


def _words(raw: bytes, delimiter: bytes) -> bytes:
    return b" ".join(raw.replace(b'"', b"").replace(delimiter, b" ").split())


def _number(digits: bytes) -> int:
    return int(re.sub(rb"\D", b"", digits) or 0)
