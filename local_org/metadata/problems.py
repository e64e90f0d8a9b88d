"""What is wrong with a component, and where in its file."""

from __future__ import annotations

from local_org.metadata.xml import Node


class ComponentError(Exception):
    """One component that does not deploy; the text is its problem."""

    def __init__(self, problem: str, at: Node | None = None) -> None:
        super().__init__(problem)
        self.at = at


def unsupported(what: str, at: Node | None = None) -> ComponentError:
    """Give the refusal of what Salesforce takes and this org cannot honour."""
    return ComponentError(f"The local org does not support {what}", at)


def not_found(element: str, kind: str, name: str, at: Node | None = None) -> ComponentError:
    """Give the refusal of a reference to a component that is not there."""
    return ComponentError(f"In field: {element} - no {kind} named {name} found", at)


def not_deletable(kind: str) -> ComponentError:
    """Give the refusal to delete what something else refers to."""
    return ComponentError(f"This {kind} is referenced elsewhere in salesforce.com")
