"""Names and values inside SQL text, where parameters cannot go."""

from pathlib import Path


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str | Path) -> str:
    """A string literal."""
    return "'" + str(value).replace("'", "''") + "'"


# Tab, line ends, no-break and thin blanks, zero width, byte order mark: what staging's clean_text
# takes for blank too. Keys that differ only there are one key.
_BLANKS = (32, 9, 10, 11, 12, 13, 160, 8201, 8202, 8203, 8239, 12288, 65279)


def key_text(expression: str) -> str:
    """A key as it is compared: without blanks at its ends, never null."""
    blanks = " || ".join(f"chr({code})" for code in _BLANKS)
    return f"trim(coalesce({expression}, ''), {blanks})"
