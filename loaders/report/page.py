"""Renders a page: values appear escaped, and a page fetches and runs nothing."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
    return environment.get_template(template.name).render(**values)


def write_page(content: str, file: Path) -> None:
    """Writes a page whole or not at all, for its owner only."""
    half = file.with_suffix(".part")
    half.touch(mode=0o600)
    half.chmod(0o600)
    half.write_text(content, encoding="utf-8")
    half.replace(file)
