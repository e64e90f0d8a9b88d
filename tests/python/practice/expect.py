"""Expectations for what the specification fixes in part: how a text begins, what it must hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.python.practice.book import Book, Fields, to
from tests.python.practice.world import Provider


@dataclass(frozen=True, eq=False)
class Such:
    """Any value that passes. Equal to it, too, so that it can stand where a value stands."""

    words: str
    passes: Callable[[Any], bool]

    def __call__(self, got: Any) -> bool:
        return self.passes(got)

    def __eq__(self, other: object) -> bool:
        return self.passes(other)

    def __repr__(self) -> str:
        return f"<{self.words}>"


def one_of(*values: Any) -> Any:
    """One of these values."""
    return Such(f"one of {values}", lambda got: any(got == value for value in values))


def starting(beginning: str) -> Any:
    """A text that starts so."""
    return Such(f"starts {beginning!r}", lambda got: str(got or "").startswith(beginning))


def holding(*parts: str) -> Any:
    """A text that holds these, in this order, whatever stands between them."""
    return matching(".*".join(map(re.escape, parts)), f"holds {parts}")


def matching(pattern: str, words: str = "") -> Any:
    """A text in which a pattern is found."""
    return Such(
        words or f"like {pattern}",
        lambda got: re.search(pattern, str(got or ""), re.DOTALL) is not None,
    )


def codes(*expected: str) -> Any:
    """A text that lists these CDT codes and no other, in any order and form."""
    return Such(
        f"lists {sorted(set(expected))}",
        lambda got: sorted(re.findall(r"D\d{4}", str(got or ""))) == sorted(set(expected)),
    )


# A code that names nothing: which of the two is a matter of reading.
DANGLING = one_of("orphan", "invalid_code")
# A code no list of meanings has.
UNKNOWN = one_of("orphan", "invalid_code", "not_in_picklist")


def by(book: Book, provider: Provider | None) -> Fields:
    """Who did it: the two fields of a record, blank where nobody is named."""
    if provider is None:
        return {"Provider__c": None, **to("Provider_Contact__c", None)}
    return provider.attribution(book)
