"""Clinical notes as plain text: what RTF and HTML bodies say, and the images inside them."""

import re
from dataclasses import dataclass

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
# A note may name them by number, where landing has not seen them.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_C1 = re.compile("[\x80-\x9f]")
_LINE_END = re.compile("\r\n|[\n\r\v\f]")


@dataclass(frozen=True)
class Image:
    """One image of a note: its place among them, from 1, its bytes and the ending they call for.

    `content` is None where the note holds an image that cannot be taken out; `why` says so.
    """

    number: int
    ending: str
    content: bytes | None
    why: str = ""


@dataclass(frozen=True)
class Note:
    """A note as people read it: lines parted by newlines, images in order.

    Where an image stood, the text says `[image: NAME-1.png]`.
    """

    text: str
    images: tuple[Image, ...] = ()


def file_name(name: str, image: Image) -> str:
    """What an image of the note `name` is called."""
    return f"{name}-{image.number}.{image.ending}"


def marker(name: str, image: Image) -> str:
    """What stands in the text where an image stood."""
    return f"[image: {file_name(name, image)}]"


def tidy(text: str) -> str:
    """Text as a plain field holds it.

    Halves of one character written apart are joined, control characters, soft hyphens and the
    blanks at the ends of lines are dropped, hard blanks become blanks, what is numbered as in
    Windows is the character it is there, and no more than one line in a row is empty.
    """
    joined = _SURROGATES.sub(
        lambda m: m.group().encode("utf-16", "surrogatepass").decode("utf-16"), text
    )
    whole = _LONE.sub("\ufffd", joined).replace("\xad", "").replace("\xa0", " ")
    plain = _C1.sub(_of_windows, _CONTROLS.sub("", whole))
    lines = [line.rstrip() for line in _LINE_END.split(plain)]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _of_windows(found: re.Match[str]) -> str:
    return found.group().encode("latin-1").decode("cp1252", "ignore")
