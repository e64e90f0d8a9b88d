"""Charts as inline SVG. Shapes stretch with the page, words beside them are HTML, so that both stay
readable at any width; every number of a chart stands in a table too."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

_WIDTH = 1000
# What is there at all is seen.
_LEAST = 4
_MOST_MONTHS = 120


@dataclass(frozen=True)
class Bar:
    """One row of a chart: how much of each series, and what stands at its end."""

    label: str
    parts: Sequence[int]
    end: str
    is_code: bool = False


@dataclass(frozen=True)
class Month:
    """A month's money: what came in as charges (`up`) and as payments (`down`, negative or 0), in
    the source and in what loads."""

    month: str
    source_up: Decimal
    source_down: Decimal
    loads_up: Decimal
    loads_down: Decimal


def bars(series: Sequence[tuple[str, str]], rows: Sequence[Bar]) -> Markup:
    """A bar a row, its parts side by side. `series` are (label, colour's name); one without any
    row of it has no place in the legend."""
    used = [n for n in range(len(series)) if any(row.parts[n] for row in rows)]
    legend = Markup("").join(
        Markup(
            '<li><svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">{}</svg>{}</li>'
        ).format(_rect(0, 0, 1, 1, series[n][1]), series[n][0])
        for n in used
    )
    most = max((sum(row.parts) for row in rows), default=0) or 1
    drawn = Markup("").join(_bar(series, row, most) for row in rows)
    return Markup('<ul class="legend">{}</ul><ul class="bars">{}</ul>').format(legend, drawn)


def _swatch(colour: str) -> Markup:
    square = _rect(0, 0, 1, 1, colour)
    return Markup('<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">{}</svg>').format(
        square
    )


def _bar(series: Sequence[tuple[str, str]], row: Bar, most: int) -> Markup:
    x, rects, told = 0.0, Markup(""), []
    for (label, colour), number in zip(series, row.parts, strict=True):
        if number:
            width = max(number / most * _WIDTH, _LEAST)
            rects += _rect(x, 0, width, 1, colour)
            x += width
            told.append(f"{number:,} {label.lower()}")
    name = Markup("<code>{}</code>").format(row.label) if row.is_code else escape(row.label)
    width = max(x, _WIDTH)
    return Markup(
        '<li title="{}"><span class="name">{}</span>'
        '<svg viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        '<span class="end">{}</span></li>'
    ).format(", ".join(told), name, f"{width:.1f}", rects, row.end)


def months(title: str, found: Sequence[Month]) -> Markup:
    """Charges above the line, payments and credits below it: the source's as a broad pale bar, what
    loads as a narrow dark one inside it."""
    shown = list(found)[-_MOST_MONTHS:]
    if not shown:
        return Markup("")
    top = max(max(m.source_up, m.loads_up) for m in shown)
    bottom = min(min(m.source_down, m.loads_down) for m in shown)
    height = float(top - bottom) or 1.0
    scale = 100 / height
    zero = float(top) * scale
    drawn = Markup("").join(_month(n, m, zero, scale) for n, m in enumerate(shown))
    width = len(shown) * 10
    ends = dict.fromkeys((shown[0].month, shown[len(shown) // 2].month, shown[-1].month))
    labels = Markup("").join(Markup("<span>{}</span>").format(each) for each in ends)
    return Markup(
        '<div class="months">'
        '<div class="scale" aria-hidden="true"><span>{}</span><span>{}</span></div>'
        '<svg viewBox="0 0 {} 100" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<line class="zero" x1="0" x2="{}" y1="{}" y2="{}"/></svg>'
        '<div class="span" aria-hidden="true">{}</div></div>'
    ).format(
        *(f"{top:,.0f}", f"{bottom:,.0f}", width, title, drawn),
        *(width, f"{zero:.2f}", f"{zero:.2f}", labels),
    )


def _month(n: int, month: Month, zero: float, scale: float) -> Markup:
    def column(amount: Decimal, left: float, width: float, colour: str) -> Markup:
        tall = abs(float(amount)) * scale
        return _rect(n * 10 + left, zero - tall if amount > 0 else zero, width, tall, colour)

    net = month.source_up + month.source_down, month.loads_up + month.loads_down
    said = f"{month.month}: source {net[0]:,.2f}, Salesforce {net[1]:,.2f}"
    return Markup("<g><title>{}</title>{}{}{}{}</g>").format(
        said,
        column(month.source_up, 0.5, 9, "source"),
        column(month.source_down, 0.5, 9, "source"),
        column(month.loads_up, 2.5, 5, "loads"),
        column(month.loads_down, 2.5, 5, "loads"),
    )


def _rect(x: float, y: float, width: float, height: float, colour: str) -> Markup:
    return Markup('<rect class="c-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        colour, *(f"{each:.2f}".rstrip("0").rstrip(".") for each in (x, y, width, height))
    )
