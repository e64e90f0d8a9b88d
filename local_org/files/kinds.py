"""What a path says of a file: its title, its extension, and what Salesforce calls its type."""

from __future__ import annotations

import re

# Where the type is not just the extension in capitals.
TYPES = {
    "doc": "WORD",
    "docx": "WORD_X",
    "htm": "HTML",
    "jpeg": "JPG",
    "ppt": "POWER_POINT",
    "pptx": "POWER_POINT_X",
    "tif": "TIFF",
    "txt": "TEXT",
    "xls": "EXCEL",
    "xlsx": "EXCEL_X",
}
PLAIN = (
    "bmp",
    "csv",
    "gif",
    "html",
    "jpg",
    "mov",
    "mp3",
    "mp4",
    "pdf",
    "png",
    "rtf",
    "tiff",
    "xml",
    "zip",
)
LINK, UNKNOWN = "LINK", "UNKNOWN"
LONGEST_TITLE, LONGEST_EXTENSION = 255, 40


def file_name(path: str) -> str:
    """Give the last part of a path of any system."""
    return re.split(r"[/\\]", path)[-1]


def title_of(path: str) -> str:
    """Give the title a file gets that was given none: its name without the extension."""
    name = file_name(path)
    stem, dot, _ = name.rpartition(".")
    return (stem if dot and stem else name)[:LONGEST_TITLE]


def extension_of(path: str) -> str | None:
    """Give a path's extension; None where it has none."""
    stem, dot, extension = file_name(path).rpartition(".")
    return extension if dot and stem and 0 < len(extension) <= LONGEST_EXTENSION else None


def type_of(extension: str | None) -> str:
    """Give the FileType of an extension."""
    known = (extension or "").lower()
    if known in PLAIN:
        return known.upper()
    return TYPES.get(known, UNKNOWN)
