"""What became of one component of a deploy."""

from __future__ import annotations

from dataclasses import dataclass

from local_org.metadata.problems import ComponentError


@dataclass(frozen=True)
class Outcome:
    """What became of one component."""

    type: str
    name: str
    file: str
    problem: str | None = None
    created: bool = False
    changed: bool = False
    deleted: bool = False
    warning: bool = False
    line: int | None = None
    column: int | None = None

    @staticmethod
    def of(kind: str, name: str, file: str, error: ComponentError) -> Outcome:
        """Give the outcome of a component that does not deploy."""
        line, column = (error.at.line, error.at.column) if error.at else (None, None)
        return Outcome(kind, name, file, str(error), line=line, column=column)

    @property
    def failed(self) -> bool:
        """Whether it stands against the deploy."""
        return self.problem is not None and not self.warning
