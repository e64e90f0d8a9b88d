"""What was planted in a made-up practice, and what it must turn into."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Planted:
    """One expectation: what a planted mess must turn into.

    `effect` is one of those the demo's test checks, such as merged, loads or held_back; `record` is
    the Salesforce record's migration key where there is one, `detail` what else the effect needs
    (survivor, field and value, reason class).
    """

    case: str
    why: str
    table: str
    key: str
    effect: str
    record: str | None
    detail: dict[str, Any]


@dataclass
class Truth:
    """The truth about a practice while it is being made up."""

    truth: list[dict[str, Any]] = field(default_factory=list, kw_only=True)
    _case: str = field(default="", kw_only=True)
    _why: str = field(default="", kw_only=True)

    @contextmanager
    def case(self, name: str, why: str) -> Iterator[None]:
        """Everything said about the truth inside belongs to this case."""
        self._case, self._why = name, why
        yield
        self._case = self._why = ""

    def expect(
        self, effect: str, table: str, key: str, record: str | None = None, **detail: Any
    ) -> None:
        """Writes down what a source row of the current case must turn into."""
        self.truth.append(
            asdict(Planted(self._case, self._why, table, key, effect, record, detail))
        )

    def loads(self, table: str, key: str, record: str, **values: Any) -> None:
        """The record has these values, by Salesforce field (None: the field stays empty)."""
        self.expect("loads", table, key, record, values=values)

    def reports(
        self, table: str, key: str, record: str, reason: str, header: str | None = None
    ) -> None:
        """The record loads; the correction report names it with this class (and field)."""
        self.expect("reported", table, key, record, reason=reason, header=header)

    def holds(self, table: str, key: str, record: str, reason: str) -> None:
        """The record does not load, for a reason of this class."""
        self.expect("held_back", table, key, record, reason=reason)


def carrier_of(normalised: str) -> str:
    """The migration key of a carrier, from its normalised name."""
    return f"all:carrier:{sha256(normalised.encode()).hexdigest()[:16]}"


def functions_of(modules: Iterable[ModuleType]) -> list[Callable[[Any], None]]:
    """The public functions of the modules, in the order of the files and within them."""
    return [
        function
        for module in modules
        for name, function in vars(module).items()
        if not name.startswith("_")
        and callable(function)
        and getattr(function, "__module__", "") == module.__name__
    ]
