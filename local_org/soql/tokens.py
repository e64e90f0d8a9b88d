"""Cuts SOQL into words, values and marks, and walks them from left to right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from local_org.soql.tree import Call, Operand, Path, malformed

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
  | (?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
  | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?)
  | (?P<operator><=|>=|!=|<>|=|<|>)
  | (?P<mark>[(),])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = "nNrRtTbBfF\"'\\_%"
MAX_LENGTH = 100_000
MAX_STRING = 4_000
# The words a name cannot be: what may follow the name of an object begins with one of them.
WORDS = {
    "from",
    "using",
    "where",
    "with",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "for",
    "update",
    "and",
    "or",
    "not",
    "asc",
    "desc",
    "nulls",
    "all",
    "like",
    "in",
    "includes",
    "excludes",
}
OBJECTS = ("group", "order")


@dataclass(frozen=True)
class Token:
    """One word, value or mark."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """Give the tokens of a query; raises the 400 of text that holds none."""
    if len(text) > MAX_LENGTH:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            what = "a string that does not end" if text[at] == "'" else f"'{text[at]}'"
            raise malformed(f"unexpected token: {what}")
        kind = match.lastgroup or ""
        if kind == "string":
            _check_string(match.group())
        if kind != "space":
            tokens.append(Token(kind, match.group(), at))
        at = match.end()
    return tokens


def _check_string(quoted: str) -> None:
    inside = quoted[1:-1]
    if len(inside) > MAX_STRING:
        raise malformed(f"string literal is longer than {MAX_STRING} characters")
    for found in ESCAPE.finditer(inside):
        if len(found[1]) == 1 and found[1] not in ESCAPES:
            raise malformed(
                f"Invalid string literal {quoted}. Illegal character sequence '{found[0]}' in "
                "string literal."
            )


class Reader:
    """Walks the tokens of a text once."""

    def __init__(self, text: str) -> None:
        """Stand before the first token."""
        self.text, self.tokens, self.place = text, tokens_of(text), 0

    def peek(self) -> Token:
        """Give the next token and stay; the end of the text is an error."""
        if self.place >= len(self.tokens):
            raise malformed("unexpected token: '<EOF>'")
        return self.tokens[self.place]

    def peek_kind(self, kind: str) -> bool:
        """Tell whether the next token is of a kind."""
        return self.place < len(self.tokens) and self.tokens[self.place].kind == kind

    def peek_word(self, *words: str) -> bool:
        """Tell whether the next token is one of these words."""
        return self.place < len(self.tokens) and self.tokens[self.place].text.lower() in words

    def peek_alias(self) -> bool:
        """Tell whether the next token can be the alias of what stands before it."""
        return self.peek_kind("name") and self.peek().text.lower() not in WORDS

    def next(self) -> Token:
        """Give the next token and pass it."""
        token = self.peek()
        self.place += 1
        return token

    def take(self, word: str) -> bool:
        """Pass the word where it comes next."""
        if self.peek_word(word):
            self.place += 1
            return True
        return False

    def expect(self, *words: str) -> None:
        """Pass these words; raises where they do not come next."""
        for word in words:
            if not self.take(word):
                self.unexpected()

    def unexpected(self) -> NoReturn:
        """Raise the error of the next token."""
        raise malformed(f"unexpected token: '{self.peek().text}'")

    def name(self, *also: str) -> Token:
        """Pass a name; `also` are reserved words that may be one here."""
        token = self.peek()
        word = token.text.lower()
        if token.kind != "name" or ":" in word or (word in WORDS and word not in also):
            self.unexpected()
        return self.next()

    def path(self) -> Path:
        """Pass a field path."""
        token = self.name()
        return Path(tuple(token.text.split(".")), token.at)

    def paths(self) -> tuple[Path, ...]:
        """Pass field paths parted by commas."""
        found = [self.path()]
        while self.take(","):
            found.append(self.path())
        return tuple(found)

    def number(self) -> int:
        """Pass a count."""
        token = self.next()
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 10:
            raise malformed(f"unexpected token: '{token.text}'")
        return int(token.text)

    def operand(self, functions: tuple[str, ...]) -> Operand:
        """Pass a field path or one of these functions of one."""
        token = self.name()
        if not self.take("("):
            return Path(tuple(token.text.split(".")), token.at)
        function = token.text.lower()
        if function not in functions:
            raise malformed(f"unexpected token: '{token.text}'")
        if self.take(")"):
            if function != "count":
                raise malformed("unexpected token: ')'")
            return Call(function, None, token.at)
        local = self.peek_word("converttimezone")
        if local:
            self.place += 1
            self.expect("(")
        path = self.path()
        if local:
            self.expect(")")
        self.expect(")")
        return Call(function, path, token.at, local)
