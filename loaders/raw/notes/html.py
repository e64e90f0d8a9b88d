"""HTML notes: inscriptis lays the text out; images in `data:` URIs are taken out before.

Nothing is ever fetched: an image that lies elsewhere is named in the text by its description.
"""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import html

from loaders.raw.notes import Image, Note, marker, tidy

_TAG = re.compile(
    r"<(?:!doctype|html|head|body|p|br|div|span|table|ul|ol|li|b|i|u|em|strong|h[1-6]|font|img|pre|a)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
_UNSEEN = ("script", "style", "noscript", "iframe", "object", "embed", "template", "head")


def is_html(body: str) -> bool:
    """Whether a note's body is HTML: it holds a tag that notes are made of."""
    return _TAG.search(body) is not None


def read_html(body: str, name: str) -> Note:
    """The text and the images of an HTML body; `name` is what its images' names begin with.

    What is no HTML is read as browsers do. Raises ValueError where tags are nested by thousands.
    """
    parser = html.HTMLParser(huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    tree = html.document_fromstring(f"<html><body>{body}</body></html>", parser=parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ValueError("nested too deeply")
    for unseen in tree.xpath("|".join(f"//{tag}" for tag in _UNSEEN)):
        unseen.drop_tree()
    images: list[Image] = []
    for element in tree.xpath("//img"):
        source = (element.get("src") or "").strip()
        if source[:5].lower() == "data:":
            images.append(_inline(source, len(images) + 1))
            shown = marker(name, images[-1])
        else:
            shown = f"[image: {(element.get('alt') or 'not in the export').strip()}]"
        element.tag, element.text = "span", shown
    try:
        text = Inscriptis(tree, ParserConfig(display_links=False)).get_text()
    except RecursionError:
        # Nested beyond what any person wrote: its words, without a layout.
        text = "\n".join(words for words in map(str.strip, tree.itertext()) if words)
    return Note(tidy(text), tuple(images))


def _inline(source: str, number: int) -> Image:
    kind, _, data = source[5:].partition(",")
    parts = [part.strip().lower() for part in kind.split(";")]
    ending = _ENDINGS.get(parts[0], "bin")
    raw = unquote_to_bytes(data)
    if "base64" not in parts:
        return Image(number, ending, raw or None, "" if raw else "it is empty")
    try:
        content = base64.b64decode(re.sub(rb"\s", b"", raw), validate=True)
    except (binascii.Error, ValueError):
        return Image(number, ending, None, "it cannot be read")
    return Image(number, ending, content or None, "" if content else "it is empty")
