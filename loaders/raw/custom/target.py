"""A new custom field for what a profile shows: type, length, values, label and API name."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from loaders.raw.custom.profile import Profile

# Of an API name, without __c; of a label.
_LONGEST_NAME, _LONGEST_LABEL = 40, 40
_TEXT_LENGTHS = (20, 40, 80, 120, 255)
_LONG_TEXT = (32768, 131072)
_MOST_WORDS, _LONGEST_WORD = 20, 40
_YES_NO = re.compile(r"(?i)y|n|yes|no|t|f|true|false")
# Two digits behind the point alone are no money: a distance has them too.
_MONEY = re.compile(r"(?i)amount|balance|fee|price|cost|value|paid|due|charge|credit|income|usd")
_PHONE = re.compile(r"(?i)phone|mobile|cell|fax|tel\b")


@dataclass(frozen=True)
class Target:
    """What a field would be, as custom_fields.yml says it; None is left out."""

    type: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: tuple[str, ...] = ()
    restricted: bool | None = None
    reason: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """The entry's words for it."""
        words = {k: v for k, v in asdict(self).items() if k != "reason" and v not in (None, ())}
        return words | ({"values": list(self.values)} if self.values else {})


def target_of(name: str, p: Profile) -> Target:
    """The type that nearly every value fits, the narrowest first, and room for the longest."""
    if p.filled == 0:
        return Target("Text", length=255, reason="nothing in it yet")
    if _is_flag(p):
        return Target("Checkbox", reason="holds yes and no alone")
    for kind, made in (("email", "Email"), ("url", "Url"), ("date", "Date")):
        if p.is_all(kind):
            return Target(made, reason=_share(p, kind, f"read as {_said(made)}"))
    if p.is_all("moment"):
        return Target("DateTime", reason="nearly all hold a date, with a time of day")
    if p.is_all("percent"):
        return Target("Percent", precision=18, scale=2, reason=_share(p, "percent", "end in %"))
    if p.is_all("money") and (p.kinds["dollar"] or _MONEY.search(name)):
        return Target("Currency", precision=18, scale=2, reason=_share(p, "money", "are amounts"))
    if p.is_all("phone") and (_PHONE.search(name) or not p.is_all("integer")):
        return Target("Phone", reason=_share(p, "phone", "read as phone numbers"))
    if p.is_all("integer") and not p.decimals:
        return Target("Number", precision=18, scale=0, reason=_share(p, "integer", "are whole"))
    if p.is_all("decimal"):
        scale = min(max(p.decimals, 1), 8)
        return Target(
            "Number", precision=18, scale=scale, reason=_share(p, "decimal", "are numbers")
        )
    return _text(p)


def _is_flag(p: Profile) -> bool:
    """Yes and no in one spelling or several; 0 and 1 only where there is nothing else."""
    if not p.is_all("flag", 1.0) or not p.words:
        return False
    words = {word.lower() for word in p.words}
    return all(_YES_NO.fullmatch(word) for word in words) or words == {"0", "1"}


def _text(p: Profile) -> Target:
    words = {w.lower(): w for w in reversed(p.words)}
    repeated = p.filled >= 3 * p.distinct or (p.filled >= 6 and p.distinct <= p.filled / 2)
    if p.words and 1 < len(words) <= _MOST_WORDS and repeated and p.longest <= _LONGEST_WORD:
        return Target(
            "Picklist",
            values=tuple(sorted(words.values(), key=str.lower)),
            restricted=True,
            reason=f"{len(words)} values, each on {p.filled // p.distinct} records on average",
        )
    if p.longest > _TEXT_LENGTHS[-1] or p.kinds["lines"] > 0:
        room = next((n for n in _LONG_TEXT if n >= p.longest), _LONG_TEXT[-1])
        return Target("LongTextArea", length=room, reason=f"up to {p.longest:,} characters")
    room = next(n for n in _TEXT_LENGTHS if n >= p.longest)
    # Some room for what the next delta brings.
    room = next((n for n in _TEXT_LENGTHS if n >= 1.25 * p.longest), room)
    return Target("Text", length=room, reason=f"text of up to {p.longest} characters")


def _share(p: Profile, kind: str, what: str) -> str:
    others = p.filled - p.kinds[kind]
    return f"{p.filled - others:,} {what}" + (f", {others:,} do not" if others else "")


def _said(kind: str) -> str:
    return {"Email": "e-mail addresses", "Url": "web addresses", "Date": "dates"}[kind]


def label_of(name: str) -> str:
    """A label people can read: no control characters, at most 40 characters."""
    printable = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", name))
    words = re.sub(r"[\s_]+", " ", printable).strip()
    label = words.title() if words.islower() or words.isupper() else words
    return label[:_LONGEST_LABEL].strip() or "Field"


def api_name_of(name: str, taken: Collection[str]) -> str:
    """An API name for a field of this name that none of `taken`, in lower case, is: letters,
    digits and single underscores, a letter first."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain.replace("'", ""))
    base = "_".join(w[:1].upper() + w[1:] if w.islower() else w for w in words)
    if not base or not base[0].isalpha():
        base = f"Field_{base}".rstrip("_")
    base = base[:_LONGEST_NAME].rstrip("_")
    number, found = 1, base
    while f"{found}__c".lower() in taken:
        number += 1
        end = f"_{number}"
        found = base[: _LONGEST_NAME - len(end)].rstrip("_") + end
    return f"{found}__c"
