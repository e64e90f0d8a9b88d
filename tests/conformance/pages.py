"""A browser, and what its user may expect of any page: nothing fetched, nothing amiss, no
overflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conformance.install import AXE, browser

WIDTHS = (360, 1600)
SCHEMES = ("light", "dark")
MOST_SECONDS = 1.0


@dataclass
class Opened:
    """A page in a browser, and what it did."""

    page: Page
    file: Path
    said: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)

    def overflow(self) -> int:
        """How many pixels wider than the window it is."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wide

    def faults(self, within: str = "html") -> list[str]:
        """What axe-core finds in a part that is serious or worse, each with its place."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(f"axe.run('{within}', {{resultTypes: ['violations']}})")
        return [
            f"{each['id']}: {node['target']}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def hold(self) -> None:
        """Holds that it fetched nothing but itself, complained of nothing, fits the window."""
        assert self.said == []
        own = self.file.as_uri()
        assert [url for url in self.asked_for if url.partition("#")[0] != own] == []
        assert self.overflow() <= 0


@contextmanager
def started() -> Iterator[Browser]:
    """The machine's own Chromium."""
    found = browser()
    assert found, "No Chromium on this machine: .venv/bin/python -m tests.conformance.install"
    with sync_playwright() as playwright:
        # Root is refused a sandbox; the pages are our own.
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def opened(
    chromium: Browser, file: Path, *, width: int = 1600, part: str = "", **more: Any
) -> Iterator[Opened]:
    """A page as its reader opens it; `part` is what stands after `#`."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **more)
    page = context.new_page()
    found = Opened(page, file)
    page.on("console", lambda message: found.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.said.append(str(error)))
    page.on("request", lambda request: found.asked_for.append(request.url))
    try:
        page.goto(file.as_uri() + (f"#{part}" if part else ""))
        yield found
    finally:
        context.close()
