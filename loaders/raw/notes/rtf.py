"""RTF notes: striprtf reads the text; what it passes over (images, tables) is made ready before."""

import re
from collections.abc import Callable

from striprtf.striprtf import rtf_to_text

from loaders.raw.notes import Image, Note, marker, tidy

_ENDINGS = {
    "pngblip": "png",
    "jpegblip": "jpg",
    "emfblip": "emf",
    "wmetafile": "wmf",
    "dibitmap": "bmp",
    "wbitmap": "bmp",
    "macpict": "pict",
}
_CELL, _ROW = "\ue000", "\ue001"
"""Stand for the end of a cell and of a row while striprtf reads: it would write `|` for both."""

_TOKEN = re.compile(r"\\bin(\d{1,9}) ?|\\([a-z]{1,32})(-?\d{1,10})? ?|\\.|[{}]", re.S | re.I)
_CELL_WORD = re.compile(r"\\(?:nest)?cell(?![a-z0-9]) ?", re.IGNORECASE)
_ROW_WORD = re.compile(r"\\(?:nest)?row(?![a-z0-9]) ?", re.IGNORECASE)
# Word processors write pictures and boxes within groups that older readers pass over.
_WRAPPER = re.compile(
    r"\{(?:\\\*)?\\(?:shppict|shpinst|shpgrp|(?P<text>shptxt)|shp|sp|sv)(?![a-z]) ?", re.IGNORECASE
)
# What a drawn box is made of, by name and value: no words of the note.
_PROPERTY = re.compile(r"\{\\s[nv](?![a-z])[^{}]*\}", re.IGNORECASE)
# Groups that striprtf passes over, yet people wrote what they hold.
_ASIDE = re.compile(
    r"\{(?:\\\*)?\\(?:(?P<edge>header|footer)[lrf]?|footnote|annotation)(?![a-z]) ?", re.IGNORECASE
)
# The code pages that older writers name by a word.
_CODE_PAGE = re.compile(r"\\(pca|pc|mac)(?![a-z0-9])", re.IGNORECASE)
_CODE_PAGES = {"pca": "cp850", "pc": "cp437", "mac": "mac_roman"}
# Of a link its words are kept, not its address, for which striprtf's search is quadratic: it looks
# for instructions written without the blank that is put in here.
_INSTRUCTION = re.compile(r"(\\fldinst)\{", re.IGNORECASE)
_BLANKS_IN_HEX = re.compile(r"[^0-9a-fA-F]")
_NO_PICTURE = "it cannot be read"


def is_rtf(body: str) -> bool:
    """Whether a note's body is RTF."""
    return body.lstrip("\ufeff \t\r\n").startswith("{\\rtf")


def read_rtf(body: str, name: str) -> Note:
    """The text and the images of an RTF body; `name` is what its images' names begin with.

    Never fails: a body that is cut off or unbalanced gives what can be read of it.
    """
    whole = body.lstrip("\ufeff \t\r\n")
    if "\\shp" in whole:
        whole = _WRAPPER.sub(_started("text", "{"), _PROPERTY.sub("", whole))
    whole = _ASIDE.sub(_started("edge", "{ "), whole)
    without, images = _without_pictures(whole, name)
    marked = _ROW_WORD.sub("{}" + _ROW, _CELL_WORD.sub("{}" + _CELL, without))
    ready = _INSTRUCTION.sub(r"\1 {", marked)
    named = _CODE_PAGE.search(ready, 0, 200)
    page = _CODE_PAGES[named.group(1).lower()] if named else "cp1252"
    text = rtf_to_text(ready, page, errors="replace")  # type: ignore[no-untyped-call]
    return Note(tidy(_table(text)), images)


def _started(group: str, otherwise: str) -> Callable[[re.Match[str]], str]:
    """What a group starts with instead: a new line where the pattern's `group` matched."""
    return lambda found: "{\\par " if found[group] else otherwise


def _without_pictures(body: str, name: str) -> tuple[str, tuple[Image, ...]]:
    """The body with a marker for every picture, and the pictures."""
    parts: list[str] = []
    images: list[Image] = []
    opened: list[int] = []
    position = kept = 0
    while match := _TOKEN.search(body, position):
        position = match.end()
        word = (match.group(2) or "").lower()
        if match.group(1):
            position += int(match.group(1))
        elif match.group() == "{":
            opened.append(match.start())
        elif match.group() == "}":
            del opened[-1:]
        elif opened and word in ("pict", "nonshppict", "shprslt"):
            start, end = opened.pop(), _group_end(body, position)
            parts.append(body[kept : max(kept, start)])
            # The others are the same picture or box again, for older readers.
            if word == "pict":
                images.append(_picture(body[position:end], len(images) + 1))
                parts.append("{}" + marker(name, images[-1]))
            position = kept = end
    parts.append(body[kept:])
    return "".join(parts), tuple(images)


def _group_end(body: str, position: int) -> int:
    """Where the group ends that is open at a position: behind its brace, or at the end."""
    depth = 1
    while match := _TOKEN.search(body, position):
        position = match.end()
        if match.group(1):
            position += int(match.group(1))
        elif match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
            if not depth:
                return position
    return len(body)


def _picture(group: str, number: int) -> Image:
    """A picture from what follows `\\pict` in its group: control words, then hex or \\bin."""
    ending, content, depth, position, hex_from = "bin", b"", 0, 0, 0
    digits: list[str] = []
    while match := _TOKEN.search(group, position):
        if not depth:
            digits.append(group[hex_from : match.start()])
        position = hex_from = match.end()
        if match.group(1):
            end = position + int(match.group(1))
            content += group[position:end].encode("cp1252", "replace")
            position = hex_from = end
        elif match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth -= 1
        elif not depth:
            ending = _ENDINGS.get((match.group(2) or "").lower(), ending)
    figures = _BLANKS_IN_HEX.sub("", "".join(digits))
    content = content or bytes.fromhex(figures[: len(figures) // 2 * 2])
    return Image(number, ending, content or None, "" if content else _NO_PICTURE)


def _table(text: str) -> str:
    """Cells parted by ` | `, rows by newlines."""
    rows = re.sub(rf"{_CELL}[ \t]*{_ROW}\n?", "\n", text)
    return rows.replace(_ROW, "\n").replace(_CELL, " | ")
