"""Documents and note bodies as a practice has them: small, but real files of their kind."""

import base64
import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"


def png(shade: int) -> bytes:
    """A grey picture of 8 by 8 pixels; another shade gives other bytes."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = b"".join(b"\x00" + bytes((shade + 3 * x) % 256 for x in range(8)) for _ in range(8))
    return _PNG + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(words: str) -> bytes:
    """A PDF of one page that says these words (ASCII, without parentheses)."""
    shown = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(shown)}>>stream\n{shown}\nendstream",
    )
    body, places = "%PDF-1.4\n", []
    for number, told in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{told}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    body += f"xref\n0 {count}\n0000000000 65535 f \n{table}"
    start = body.index("xref")
    return f"{body}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode("ascii")


def rtf(*paragraphs: str) -> str:
    """Paragraphs as a word processor of 2004 writes them; `paragraphs` may hold RTF's own words."""
    body = "\\par\r\n".join(map(_in_rtf, paragraphs))
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}"
        "{\\colortbl ;\\red255\\green0\\blue0;}\\viewkind4\\uc1\\pard\\lang1033\\f0\\fs20 "
        f"{body}\\par\r\n}}"
    )


def _in_rtf(text: str) -> str:
    """Letters beyond ASCII as bytes of cp1252, and as Unicode escapes where it has none."""
    return "".join(
        letter if letter.isascii() else _escaped(letter, letter.encode("cp1252", "ignore"))
        for letter in text
    )


def _escaped(letter: str, narrow: bytes) -> str:
    return f"\\'{narrow[0]:02x}" if narrow else f"\\u{ord(letter)}?"


def rtf_picture(content: bytes) -> str:
    """A PNG as RTF holds it: in hex."""
    return f"{{\\pict\\pngblip\\picw8\\pich8\\picwgoal120\\pichgoal120 {content.hex()}}}"


def html_picture(content: bytes) -> str:
    """A PNG as HTML holds it: in a data: URI."""
    return f'<img src="data:image/png;base64,{base64.b64encode(content).decode()}">'
