"""Clinical notes as plain text: what RTF and HTML bodies say, and the images inside them."""

import re
from dataclasses import dataclass

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")


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

    Halves of one character written apart are joined, soft hyphens and the blanks at the ends of
    lines are dropped, hard blanks become blanks, and no more than one line in a row is empty.
    """
    joined = _SURROGATES.sub(
        lambda m: m.group().encode("utf-16", "surrogatepass").decode("utf-16"), text
    )
    whole = _LONE.sub("\ufffd", joined).replace("\xad", "").replace("\xa0", " ")
    lines = [line.rstrip() for line in whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
