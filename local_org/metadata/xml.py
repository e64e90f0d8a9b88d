"""Metadata files as elements that know their place. What a file may not hold is refused here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
MAX_DEPTH = 32


class XmlError(Exception):
    """A file that is no XML, or holds a document type; the text says what and where."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.line, self.column = line, column


@dataclass(frozen=True, eq=False)
class Node:
    """One element. `line` and `column` are where its start tag ends, as deploy results count."""

    tag: str
    content: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    place: list[int] = field(default_factory=list)

    @property
    def value(self) -> str:
        """The text, trimmed."""
        return "".join(self.content).strip()

    @property
    def line(self) -> int:
        """The line of the element, from 1."""
        return self.place[0]

    @property
    def column(self) -> int:
        """The column of the element, from 1."""
        return self.place[1]

    def text(self, name: str) -> str | None:
        """Give the text of a child; None where it is missing or empty."""
        found = self.child(name)
        return None if found is None else found.value or None

    def has(self, name: str) -> bool:
        """Whether there is such a child."""
        return self.child(name) is not None

    def flag(self, name: str) -> bool:
        """Whether a child says true."""
        return self.text(name) in ("true", "1")

    def child(self, name: str) -> Node | None:
        """Give the first child of a name."""
        return next(self.children(name), None)

    def children(self, name: str) -> Iterator[Node]:
        """Give all children of a name."""
        return (each for each in self.nodes if each.tag == name)

    def texts(self, name: str) -> list[str]:
        """Give the texts of all children of a name."""
        return [each.value for each in self.children(name)]

    def as_json(self) -> Any:
        """Give the element as it is kept and compared: whatever its order of different names."""
        if not self.nodes:
            return self.value
        found: dict[str, list[Any]] = {}
        for each in self.nodes:
            found.setdefault(each.tag, []).append(each.as_json())
        return dict(sorted(found.items()))

    def without(self, *names: str) -> Node:
        """Give the element without the children of some names."""
        kept = [each for each in self.nodes if each.tag not in names]
        return Node(self.tag, self.content, kept, self.place)


class _Builder:
    """Collects what expat finds."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.DefaultHandler = self._other
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.stack: list[Node] = []
        self.root: Node | None = None
        self._unplaced: Node | None = None

    def _place(self) -> None:
        """Where the event after a start tag begins, the tag ended."""
        if self._unplaced is not None:
            place = (self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
            self._unplaced.place.extend(place)
            self._unplaced = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._place()
        space, _, local = name.rpartition(" ")
        made = Node(local if space == NAMESPACE else f"{{{space}}}{local}")
        if len(self.stack) >= MAX_DEPTH:
            raise self._error("Elements are nested too deeply")
        if self.stack:
            self.stack[-1].nodes.append(made)
        else:
            self.root = made
        self.stack.append(made)
        self._unplaced = made

    def _end(self, name: str) -> None:
        self._place()
        self.stack.pop()

    def _text(self, text: str) -> None:
        self._place()
        if self.stack:
            self.stack[-1].content.append(text)

    def _other(self, text: str) -> None:
        self._place()

    def _doctype(self, *facts: object) -> None:
        raise self._error("DOCTYPE is not allowed")

    def _error(self, problem: str) -> XmlError:
        parser = self.parser
        return XmlError(problem, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)


def parse(data: bytes) -> Node:
    """Read a file; raises XmlError."""
    builder = _Builder()
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code) or "not well-formed"
        raise XmlError(problem, error.lineno, error.offset + 1) from error
    except (ValueError, LookupError) as error:
        raise XmlError("unknown encoding", 1, 1) from error
    assert builder.root is not None
    return builder.root
