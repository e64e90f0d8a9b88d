"""Reads SOQL. What it does not know it refuses as MALFORMED_QUERY, as Salesforce does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from local_org.errors import ApiError
from local_org.soql.tree import (
    AGGREGATES,
    Both,
    Comparison,
    Condition,
    Item,
    Not,
    Order,
    Path,
    Query,
    Value,
)

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
    re.VERBOSE | re.DOTALL,
)
MAX_LENGTH = 100_000
WORDS = {"from", "where", "group", "order", "limit", "offset", "having", "and", "or", "not", "asc"}
RANGES = {"today", "yesterday", "tomorrow", "last_n_days", "next_n_days"}


@dataclass(frozen=True)
class Token:
    """One word, value or mark."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Query:
    """Give the query; raises the 400 MALFORMED_QUERY where it does not parse."""
    if len(text) > MAX_LENGTH:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    return _Parser(text, _tokens(text)).query()


def malformed(message: str) -> ApiError:
    """Give the error of a query that does not parse."""
    return ApiError(400, "MALFORMED_QUERY", message)


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            what = "a string that does not end" if text[at] == "'" else f"'{text[at]}'"
            raise malformed(f"unexpected token: {what}")
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, match.group(), at))
        at = match.end()
    return tokens


class _Parser:
    """Walks the tokens once, from left to right."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text, self.tokens, self.place = text, tokens, 0

    def query(self) -> Query:
        self._expect("select")
        items = [self._item()]
        while self._take(","):
            items.append(self._item())
        self._expect("from")
        target = self._name()
        alias = None
        if self._peek_kind("name") and self._peek().text.lower() not in WORDS:
            alias = self._name().text
        where = self._condition() if self._take("where") else None
        group: list[Path] = []
        if self._take("group"):
            self._expect("by")
            group = self._paths()
        order = self._order() if self._take("order") else ()
        limit = self._number() if self._take("limit") else None
        offset = self._number() if self._take("offset") else None
        if self.place < len(self.tokens):
            self._unexpected()
        return Query(
            self.text,
            tuple(items),
            target.text,
            target.at,
            alias,
            where,
            tuple(group),
            order,
            limit,
            offset,
        )

    def _peek(self) -> Token:
        if self.place >= len(self.tokens):
            raise malformed("unexpected token: '<EOF>'")
        return self.tokens[self.place]

    def _peek_kind(self, kind: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].kind == kind

    def _next(self) -> Token:
        token = self._peek()
        self.place += 1
        return token

    def _take(self, word: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place].text.lower() == word:
            self.place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        raise malformed(f"unexpected token: '{self._peek().text}'")

    def _name(self) -> Token:
        token = self._peek()
        if token.kind != "name" or ":" in token.text or token.text.lower() in WORDS:
            self._unexpected()
        return self._next()

    def _path(self) -> Path:
        token = self._name()
        return Path(tuple(token.text.split(".")), token.at)

    def _paths(self) -> list[Path]:
        paths = [self._path()]
        while self._take(","):
            paths.append(self._path())
        return paths

    def _number(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise malformed(f"unexpected token: '{token.text}'")
        return int(token.text)

    def _item(self) -> Item:
        name = self._name()
        if not self._take("("):
            return Item(Path(tuple(name.text.split(".")), name.at))
        function = name.text.lower()
        if function not in AGGREGATES:
            raise malformed(f"unexpected token: '{name.text}'")
        path = None
        if not self._take(")"):
            path = self._path()
            self._expect(")")
        elif function != "count":
            self._unexpected()
        alias = None
        if self._peek_kind("name") and self._peek().text.lower() not in WORDS:
            alias = self._name().text
        return Item(path, function, alias)

    def _order(self) -> tuple[Order, ...]:
        self._expect("by")
        keys = [self._order_key()]
        while self._take(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> Order:
        path = self._path()
        descending = self._take("desc")
        if not descending:
            self._take("asc")
        nulls_last = False
        if self._take("nulls"):
            nulls_last = self._take("last")
            if not nulls_last:
                self._expect("first")
        return Order(path, descending, nulls_last)

    def _condition(self) -> Condition:
        """Read `a and b and c` or `a or b`; the two mix only within parentheses."""
        parts = [self._term()]
        word = None
        while self._peek_kind("name") and self._peek().text.lower() in ("and", "or"):
            found = self._peek().text.lower()
            if word not in (None, found):
                self._unexpected()
            word = found
            self.place += 1
            parts.append(self._term())
        return Both(word, tuple(parts)) if word else parts[0]

    def _term(self) -> Condition:
        if self._take("not"):
            return Not(self._term())
        if self._take("("):
            inside = self._condition()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Comparison:
        path = self._path()
        token = self._next()
        operator = token.text.lower()
        if operator == "not":
            self._expect("in")
            operator = "not in"
        if operator in ("in", "not in", "includes", "excludes"):
            self._expect("(")
            values = [self._value()]
            while self._take(","):
                values.append(self._value())
            self._expect(")")
            return Comparison(path, operator, tuple(values))
        if token.kind != "operator" and operator != "like":
            raise malformed(f"unexpected token: '{token.text}'")
        return Comparison(path, "!=" if operator == "<>" else operator, (self._value(),))

    def _value(self) -> Value:
        token = self._next()
        if token.kind in ("string", "number", "date", "datetime"):
            return Value(token.kind, token.text, token.at)
        word = token.text.lower()
        if word == "null":
            return Value("null", word, token.at)
        if word in ("true", "false"):
            return Value("boolean", word, token.at)
        if token.kind == "name" and word.partition(":")[0] in RANGES:
            return Value("range", word, token.at)
        raise malformed(f"unexpected token: '{token.text}'")
