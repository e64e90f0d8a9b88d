"""Lines and small tables that read the same on a terminal, in CI and in a file."""

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from loaders.terminal import console


def say(text: str, style: str = "") -> None:
    """One line as it stands: keys hold colons and brackets, which rich would read as markup."""
    console.print(Text(text, style))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns of words flush left, columns of numbers flush right; `-` is a number."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    numeric = [all(map(_is_number, column)) for column in zip(*rows, strict=True)]
    for line, style in ((headings, "dim"), *((row, "") for row in rows)):
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        say("  " + "  ".join(cells).rstrip(), style)


def near(path: Path) -> str:
    """A path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _is_number(cell: str) -> bool:
    return cell == "-" or cell.replace(",", "").replace(".", "").isdigit()
