"""The audit as a page: summary, extraction specification, what is lacking, findings, fill rates."""

from collections.abc import Sequence
from pathlib import Path

from loaders.audit.lines import Line, shown_places
from loaders.audit.survey import Practice
from loaders.raw.sources import printable
from loaders.report.page import render, write_page

_PAGE = Path(__file__).with_name("audit.html")


def write_audit_page(
    practices: Sequence[Practice], lines: Sequence[Line], made: str, file: Path
) -> None:
    """Writes the page. It shows counts, places, names of columns and forms; no cell's value."""
    content = render(
        _PAGE,
        practices=practices,
        lines={
            one.slug: [line for line in lines if line.practice == one.slug] for one in practices
        },
        made=made,
        places=shown_places,
        printable=printable,
    )
    write_page(content, file)
