"""The date literals: which days each of them spans, counted from a today.

A week begins on Sunday, a fiscal year with January: the standard settings of an org in the
United States.
"""

from __future__ import annotations

from datetime import date, timedelta

DAY = timedelta(days=1)
UNITS = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
PLAIN = {"today", "yesterday", "tomorrow", "last_90_days", "next_90_days"} | {
    f"{word}_{unit}" for word in ("this", "last", "next") for unit in UNITS[1:]
}
COUNTED = {f"{word}_n_{unit}s" for word in ("last", "next") for unit in UNITS} | {
    f"n_{unit}s_ago" for unit in UNITS
}
MAX_COUNT = 9_999


def is_range(word: str) -> bool:
    """Tell whether a word in lower case is a date literal."""
    name, colon, count = word.partition(":")
    if not colon:
        return name in PLAIN
    return name in COUNTED and len(count) <= 4 and int(count) <= MAX_COUNT


def span(word: str, today: date) -> tuple[date, date]:
    """Give the first day of a literal and the day after its last."""
    name, _, count = word.partition(":")
    if name in ("today", "yesterday", "tomorrow"):
        start = today + ("yesterday", "today", "tomorrow").index(name) * DAY - DAY
        return start, start + DAY
    number = int(count or 90)
    if name in ("last_n_days", "last_90_days"):
        return _clamped(today, -number), today + DAY
    if name in ("next_n_days", "next_90_days"):
        return today + DAY, _clamped(today, number + 1)
    if name.endswith("_ago"):
        unit = name.removeprefix("n_").removesuffix("s_ago")
        return _begin(today, unit, -number), _begin(today, unit, 1 - number)
    word, _, unit = name.partition("_")
    if unit.startswith("n_"):
        unit = unit.removeprefix("n_").removesuffix("s")
        first, after = (-number, 0) if word == "last" else (1, number + 1)
    else:
        first = {"last": -1, "this": 0, "next": 1}[word]
        after = first + 1
    return _begin(today, unit, first), _begin(today, unit, after)


def _clamped(today: date, days: int) -> date:
    wanted = today.toordinal() + days
    return date.fromordinal(min(max(wanted, 1), date.max.toordinal()))


def _begin(today: date, unit: str, number: int) -> date:
    """Give the first day of the unit `number` units after the one that holds today."""
    unit = unit.removeprefix("fiscal_")
    if unit == "day":
        return _clamped(today, number)
    if unit == "week":
        return _clamped(today - (today.isoweekday() % 7) * DAY, 7 * number)
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    months = ((today.year * 12 + today.month - 1) // size + number) * size
    year, month = divmod(months, 12)
    if not 1 <= year <= date.max.year:
        return date.max if year > 1 else date.min
    return date(year, month + 1, 1)
