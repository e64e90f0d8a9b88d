"""Renders a page: values appear escaped, and a page fetches and runs nothing."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_SHARED = Path(__file__).resolve().parent


def render(template: Path, **values: Any) -> str:
    """A page from its template, which extends `base.html`."""
    environment = Environment(
        loader=FileSystemLoader([template.parent, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["words"] = _words
    environment.filters["names"] = _names
    environment.filters["breakable"] = _breakable
    return environment.get_template(template.name).render(**values)


def _words(text: str) -> Markup:
    """A description as a YAML file holds it: `names` in backticks are set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _names(names: Iterable[str]) -> Markup:
    """API names and columns as code; a long one breaks at its points rather than anywhere."""
    shown = (str(escape(name)).replace(".", ".<wbr>") for name in names)
    return Markup(", ".join(f"<code>{name}</code>" for name in shown))


def _breakable(name: str) -> Markup:
    """A key or a name, which breaks where its parts meet rather than anywhere."""
    return Markup(re.sub(r"([.:]|_+)(?=\w)", r"\1<wbr>", str(escape(name))))


def write_page(content: str, file: Path) -> None:
    """Writes a page whole or not at all, for its owner only."""
    half = file.with_suffix(".part")
    half.touch(mode=0o600)
    half.chmod(0o600)
    half.write_text(content, encoding="utf-8")
    half.replace(file)
