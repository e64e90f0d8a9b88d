"""The objects of a JSON text, one by one, with the line each begins on; in flat memory.

A text may be one object a line, objects one after the other, a list, or pages `{"data": [...]}`
of them, pretty-printed or not. What is broken costs itself: reading goes on with the next object.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.raw.contract.names import plain

# The longest object, in characters.
LONGEST_OBJECT = 4 << 20
_MOST_MEMBERS_BEFORE_DATA = 20
_START_OF_PAGE = 4096

_BETWEEN = re.compile(r"[\s,]*+")
_BLANKS = re.compile(r"\s*+")
_NAME = re.compile(r'\s*+"((?:[^"\\]|\\.)*+)"\s*+:\s*+')
_FLAT_VALUE = re.compile(
    r'(?:"(?:[^"\\]|\\.)*+"|[-+.\w]++|\{[^{}]*+\}|\[[^][{}]*+\])\s*+,', re.ASCII
)
_NEXT_MEMBER = re.compile(r'\s*+,\s*+"(?:[^"\\]|\\.)*+"\s*+:\s*+')
_END_OF_PAGE = re.compile(r"\s*+\}")
_LINE_WITH_OBJECT = re.compile(r"\n([ \t,]*)([{\]])")
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*+"|[][{}"]')
_AFTER_NO_OBJECT = re.compile(r"[\n{\]]")


class Number(str):
    """A number as it is written: 1.10 stays 1.10, and no digit of a long one is lost."""

    __slots__ = ()


# An object is a tuple of its members, so that names that occur twice are both seen; a list is a
# list.
Members = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Found:
    """An object, and the physical line its first character stands on."""

    line: int
    members: Members


@dataclass(frozen=True)
class Broken:
    """What could not be read, where it begins, and why."""

    line: int
    reason: str


_decoder = json.JSONDecoder(
    object_pairs_hook=tuple,
    parse_float=Number,
    parse_int=Number,
    parse_constant=Number,
    strict=False,
)


def json_objects(chunks: Iterator[str], keys: frozenset[str]) -> Iterator[Found | Broken]:
    """The objects of a text that comes in chunks, and what is none.

    `keys` are the plain names of the key columns: what has one is no page.
    """
    return _Reader(chunks, keys).read()


class _Reader:
    """A window over the text: what is read is dropped, what is needed is filled in."""

    def __init__(self, chunks: Iterator[str], keys: frozenset[str]) -> None:
        self._chunks = chunks
        self._keys = keys
        self._text = ""
        self._at = 0
        self._final = False
        self._line = 1
        self._counted = 0
        # What stands before the window on its first line, as far as it matters.
        self._before = ""

    def read(self) -> Iterator[Found | Broken]:
        lists: list[str] = []
        while self._skip_between():
            sign = self._text[self._at]
            if sign == "{" and not lists and self._enter_page():
                lists.append("page")
            elif sign == "{":
                yield self._object()
            elif sign == "[" and not lists:
                lists.append("list")
                self._at += 1
            elif sign == "]" and lists:
                self._at += 1
                if lists.pop() == "page":
                    yield from self._leave_page()
            else:
                yield self._no_object(bool(lists))
        if lists:
            yield Broken(self._here(), "the file breaks off: its list is never closed")

    def _fill(self) -> bool:
        """Adds a chunk to the window; gives whether there was one."""
        if self._final:
            return False
        chunk = next(self._chunks, None)
        if chunk is None:
            self._final = True
            return False
        self._here()
        gone = self._text[: self._at]
        start = gone.rfind("\n") + 1
        before = gone[start:] if start else self._before + gone
        self._before = before if len(before) < 256 else "x"
        self._text = self._text[self._at :] + chunk
        self._at = self._counted = 0
        return True

    def _here(self) -> int:
        """The line at the window's place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _waiting(self) -> int:
        return len(self._text) - self._at

    def _more(self) -> bool:
        """Fills the window up to what the longest object needs; whether that brought anything."""
        return self._waiting() <= LONGEST_OBJECT and self._fill()

    def _skip_between(self) -> bool:
        """Skips blanks and commas; gives whether anything follows."""
        while True:
            match = _BETWEEN.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return True
            if not self._fill():
                return False

    def _object(self) -> Found | Broken:
        line = self._here()
        while True:
            reason = "no readable JSON"
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
                if end - self._at > LONGEST_OBJECT:
                    self._at = end
                    return Broken(line, "longer than 4 MB")
                self._at = end
                return Found(line, value)
            except RecursionError:
                reason = "nested too deep"
                break
            except ValueError:
                if not self._more():
                    break
        if self._waiting() > LONGEST_OBJECT and self._own_line() > LONGEST_OBJECT:
            reason = "longer than 4 MB"
        elif self._final and reason == "no readable JSON" and self._is_cut_off():
            reason = "no readable JSON: the file may break off here"
        self._skip_broken()
        return Broken(line, reason)

    def _own_line(self) -> int:
        end = self._text.find("\n", self._at)
        return (end if end >= 0 else len(self._text)) - self._at

    def _is_cut_off(self) -> bool:
        """Whether an object of the last line never ends."""
        end = self._text.find("\n", self._at)
        last = end < 0 or not self._text[end:].strip()
        return last and self._end_of_object() is None

    def _skip_broken(self) -> None:
        """Goes to where the next object most likely begins."""
        start = self._text.rfind("\n", 0, self._at) + 1
        before = self._text[start : self._at] if start else self._before + self._text[: self._at]
        if before.strip(" \t,"):
            # Others stand before it on its line, so others may stand behind it.
            end = self._end_of_object()
            if end is not None:
                self._at = end
                return
            self._skip_to_line(None)
        else:
            self._skip_to_line(len(before))

    def _end_of_object(self) -> int | None:
        depth = 0
        for token in _TOKEN.finditer(self._text, self._at):
            sign = token[0]
            if sign == '"':
                return None
            if sign in "{[":
                depth += 1
            elif sign in "}]":
                depth -= 1
                if not depth:
                    return token.end()
        return None

    def _skip_to_line(self, column: int | None) -> None:
        """Goes to the next line that begins with an object, in the same column where one is given,
        or with the end of a list that is not deeper."""
        self._at += 1
        while True:
            for match in _LINE_WITH_OBJECT.finditer(self._text, self._at):
                found = len(match[1])
                ends_list = match[2] == "]" and (column is None or found <= column)
                if ends_list or (match[2] == "{" and column in (None, found)):
                    self._at = match.start(2)
                    return
            # A last line that may still turn out to be the one stays; one of gigabytes does not.
            last = self._text.rfind("\n", self._at)
            tail = self._text[last + 1 :]
            waits = last >= 0 and len(tail) < 256 and not tail.strip(" \t,")
            self._at = last if waits else len(self._text)
            if not self._fill():
                self._at = len(self._text)
                return

    def _no_object(self, in_list: bool) -> Broken:
        line = self._here()
        if in_list:
            try:
                _, end = _decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or self._final:
                    self._at = end
                    return Broken(line, "not an object")
            except (ValueError, RecursionError):
                pass
        signs = _AFTER_NO_OBJECT if in_list else re.compile("\n")
        self._at += 1
        while not (match := signs.search(self._text, self._at)):
            self._at = len(self._text)
            if not self._fill():
                return Broken(line, "not an object")
        self._at = match.start()
        return Broken(line, "not an object")

    def _enter_page(self) -> bool:
        """Whether a page begins here; if so, goes into its list."""
        while self._waiting() < _START_OF_PAGE and self._fill():
            pass
        if self._text.find('"data"', self._at, self._at + _START_OF_PAGE) < 0:
            return False
        at = self._at + 1
        for _ in range(_MOST_MEMBERS_BEFORE_DATA):
            name = _NAME.match(self._text, at)
            if not name:
                return False
            if name[1] == "data":
                if self._text[name.end() : name.end() + 1] != "[":
                    return False
                self._at = name.end() + 1
                return True
            value = _FLAT_VALUE.match(self._text, name.end())
            if plain(name[1]) in self._keys or not value:
                return False
            at = value.end()
        return False

    def _leave_page(self) -> Iterator[Broken]:
        """Skips what stands behind a page's list."""
        while True:
            if match := _END_OF_PAGE.match(self._text, self._at):
                self._at = match.end()
                return
            if match := _NEXT_MEMBER.match(self._text, self._at):
                try:
                    _, end = _decoder.raw_decode(self._text, match.end())
                except (ValueError, RecursionError):
                    end = len(self._text)
                if end < len(self._text):
                    self._at = end
                    continue
            if not self._more():
                yield Broken(self._here(), "the file breaks off: a page is never closed")
                self._skip_to_line(0)
                return
