"""Notes as word processors and browsers write them, with what a person would read in each."""

import base64
import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_STORY = (
    "Patient presented with pain quadrant composite restoration occlusion anesthesia lidocaine"
    " crown prepared impression tolerated well instructions given follow-up weeks"
)
WORDS = _STORY.split()
# Words as practices in four parts of the world write them, by the code page their notes name.
BY_PAGE = {
    "cp1250": ["žluťoučký", "kůň", "příliš", "ěščř", "łódź", "Gyöngyösi"],
    "cp1251": ["Привет", "зуб", "боль", "коронка", "ещё", "Ёлка"],
    "cp1252": ["Müller", "naïve", "Ångström", "señor", "façade", "“quoted”", "5€"],
    "cp437": ["Café", "über", "piñata", "élan", "Ñandu"],
}
_CHARSETS = {"cp1250": 238, "cp1251": 204, "cp1252": 0}
_BEYOND = ("😀", "🙂smile", "🦷tooth")
MARKER = re.compile(r"\[image: (note-\d+-\d+\.\w+)\]")


@dataclass
class Written:
    """A note's body as it grows, the words it must give in order, and the images in it."""

    chance: random.Random
    body: str = ""
    words: list[str] = field(default_factory=list)
    images: list[tuple[str, bytes]] = field(default_factory=list)

    def say(self, *words: str) -> str:
        self.words += words
        return " ".join(words)

    @property
    def in_order(self) -> list[str]:
        """The single words, as a person reads them."""
        return [word for words in self.words for word in words.split()]

    def some(self, choice: list[str] | tuple[str, ...] = tuple(WORDS)) -> list[str]:
        return self.chance.choices(choice, k=self.chance.randint(1, 7))

    def image(self) -> tuple[str, bytes]:
        kind = self.chance.choice(["png", "jpg"])
        start = b"\x89PNG\r\n\x1a\n" if kind == "png" else b"\xff\xd8\xff\xe0"
        made = kind, start + self.chance.randbytes(self.chance.randint(1, 3000))
        self.images.append(made)
        return made


def words_of(text: str) -> list[str]:
    """The words of a note that was read, without what was put there for people: what parts the
    cells of a table, what starts the items of a list, what stands for an image."""
    words = MARKER.sub(" ", text).split()
    return [w for w in words if w not in ("|", "*") and not re.fullmatch(r"\d\.|•|·", w)]


def escaped(text: str, page: str) -> str:
    """Text in a code page's RTF escapes."""
    out = ""
    for byte in text.encode(page):
        char = chr(byte)
        out += f"\\{char}" if char in "\\{}" else char if byte < 128 else f"\\'{byte:02x}"
    return out


def in_units(text: str, skipped: str) -> str:
    """Text as \\u escapes, each followed by what older readers show instead."""
    out = ""
    for char in text:
        if char.isascii():
            out += char
            continue
        raw = char.encode("utf-16-le")
        for at in range(0, len(raw), 2):
            unit = int.from_bytes(raw[at : at + 2], "little", signed=True)
            out += f"\\u{unit}{skipped or ' '}"
    return out


def _in_page(note: Written, page: str) -> str:
    return escaped(note.say(*note.some(BY_PAGE[page])), page) + "\\par\n"


def _in_font(note: Written, page: str) -> str:
    number = list(_CHARSETS).index(other := note.chance.choice(list(_CHARSETS)))
    return f"{{\\f{number} {escaped(note.say(*note.some(BY_PAGE[other])), other)}}}\\par\n"


def _units(note: Written, page: str) -> str:
    count = note.chance.randint(0, 2)
    skipped = ["", "?", "\\'3f\\'3f"][count]
    words = [*note.some(BY_PAGE["cp1251"]), note.chance.choice(_BEYOND)]
    return f"{{\\uc{count} {in_units(note.say(*words), skipped)}}}\\par\n"


def _rtf_link(note: Written, page: str) -> str:
    link = '{\\field{\\*\\fldinst{HYPERLINK "http://example.com/a"}}'
    return f"{link}{{\\fldrslt{{\\ul {note.say(*note.some())}}}}}}}\\par\n"


def _rtf_table(note: Written, page: str) -> str:
    rows = ""
    for _ in range(note.chance.randint(1, 3)):
        cells = "".join(f"{note.say(*note.some())}\\cell\n" for _ in range(2))
        rows += f"\\trowd\\cellx3000\\cellx6000\\pard\\intbl {cells}\\row\n"
    return rows + "\\pard "


def _rtf_nested(note: Written, page: str) -> str:
    outer, one, two, more = (note.say(*note.some()) for _ in range(4))
    return (
        f"\\trowd\\cellx9000\\pard\\intbl {outer}\\par\\itap2 {one}\\nestcell {two}\\nestcell"
        "{\\*\\nesttableprops\\trowd\\cellx1\\nestrow}{\\nonesttables\\par}"
        f"\\pard\\intbl\\itap1 {more}\\cell\\row\\pard "
    )


def _rtf_list(note: Written, page: str) -> str:
    items = ""
    for _ in range(3):
        items += f"{{\\pntext\\f0\\'b7\\tab}}{{\\*\\pn\\pnlvlblt}}{note.say(*note.some())}\\par\n"
    return items


def _rtf_edge(note: Written, page: str) -> str:
    word = note.chance.choice(["header", "footerl", "footnote"])
    return f"{{\\{word} {note.say(*note.some())}}}\\par "


def _rtf_image(note: Written, page: str) -> str:
    kind, content = note.image()
    figures = content.hex()
    lines = "\n".join(figures[i : i + 78] for i in range(0, len(figures), 78))
    blip = "pngblip" if kind == "png" else "jpegblip"
    picture = f"{{\\pict\\picw10\\pich10{{\\*\\blipuid 0f0f}}\\{blip} {lines}}}"
    if note.chance.random() < 0.5:
        return picture + "\\par "
    return f"{{\\*\\shppict{picture}}}{{\\nonshppict{{\\pict\\wmetafile8 0102}}}}\\par "


_RTF_PARTS: tuple[Callable[[Written, str], str], ...] = (
    _in_page, _in_font, _units, _rtf_link, _rtf_table, _rtf_nested, _rtf_list, _rtf_edge,
    _rtf_image,
)  # fmt: skip


def rtf_note(seed: int, length: int | None = None) -> Written:
    """An RTF note; `length` is how many paragraphs and other parts it has."""
    note = Written(random.Random(seed))
    page = note.chance.choice(list(BY_PAGE))
    fonts = "".join(f"{{\\f{i}\\fcharset{n} Arial;}}" for i, n in enumerate(_CHARSETS.values()))
    parts = note.chance.choices(_RTF_PARTS, k=length or note.chance.randint(2, 12))
    # A font says its own code page, one of Windows: older notes have none.
    parts = [part for part in parts if page != "cp437" or part is not _in_font]
    said = "".join(part(note, page) for part in parts)
    table = "" if page == "cp437" else f"{{\\fonttbl{fonts}{{\\f9 Plain;}}}}"
    note.body = (
        f"{{\\rtf1\\ansi\\ansicpg{page[2:]}\\deff9{table}{{\\colortbl;\\red1\\green2\\blue3;}}"
        "{\\stylesheet{\\s1 heading 1;}}{\\*\\generator Msftedit 5.41;}{\\info{\\author Nobody}}"
        f"\\viewkind4\\uc1\\pard\\f9\\fs20 {said}}}"
    )
    return note


def _paragraph(note: Written) -> str:
    page = note.chance.choice(list(BY_PAGE))
    words = note.say(*note.some(BY_PAGE[page]))
    return f"<p class=MsoNormal>{html.escape(words)}<o:p></o:p></p>"


def _entities(note: Written) -> str:
    words = note.say(*note.some(["Café", "<5mm", "R&D", "Ж", "—", "😀"]))
    coded = re.sub("[^A-Za-z0-9 ]", lambda found: f"&#{ord(found[0])};", words)
    return f"<div>{coded}<br>{note.say(*note.some())}<br/></div>"


def _html_list(note: Written) -> str:
    items = "".join(f"<li>{note.say(*note.some())}" for _ in range(3))
    kind = note.chance.choice(["ol", "ul"])
    return f"<{kind}>{items}</{kind}>"


def _html_table(note: Written) -> str:
    # Across a row at a time is how a person reads a table: each cell holds one word here.
    rows = ""
    for _ in range(3):
        rows += f"<tr><td>{note.say(note.some()[0])}</td><td>{note.say(note.some()[0])}</td></tr>"
    return f"<table border=1>{rows}</table>"


def _html_link(note: Written) -> str:
    return f'<a href="http://example.com/?a=1&b=2">{note.say(*note.some())}</a><br>'


def _unseen(note: Written) -> str:
    return "<script>alert('seen')</script><style>p {color: red}</style><!-- seen -->"


def _html_image(note: Written) -> str:
    kind, content = note.image()
    kind = "jpeg" if kind == "jpg" else kind
    data = base64.b64encode(content).decode()
    if note.chance.random() < 0.5:
        data = "\n".join(data[i : i + 76] for i in range(0, len(data), 76))
    return f'<img width=10 src="data:image/{kind};base64,{data}"><br>'


_HTML_PARTS: tuple[Callable[[Written], str], ...] = (
    _paragraph, _entities, _html_list, _html_table, _html_link, _unseen, _html_image,
)  # fmt: skip


def html_note(seed: int, length: int | None = None) -> Written:
    """An HTML note; `length` as for RTF."""
    note = Written(random.Random(seed))
    parts = note.chance.choices(_HTML_PARTS, k=length or note.chance.randint(2, 12))
    said = "\n".join(part(note) for part in parts)
    whole = note.chance.random() < 0.5
    head = "<html><head><title>Nobody</title></head><body>"
    note.body = f"{head}{said}</body></html>" if whole else f"<div>{said}</div>"
    return note
