"""Holds the extraction audit against a book: what each check must count, worked out from the rows
the book holds by nothing but Python."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from loaders.audit.checks import Check, read_checks
from loaders.raw.contract import Table, product_contract
from loaders.raw.contract.names import plain
from tests.python.practice.book import Book, Row
from tests.python.practice.write_g_series import AGAIN, CELLS
from tests.python.support import PROJECT, Migration

NONE = (date(9999, 12, 31), date(1, 1, 1), date(1899, 12, 30), date(1899, 12, 31))
ZERO = re.compile(r"(0000-00-00|00/00/0000|00000000)")
SHAPES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")
CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p")
ATOM, LABEL = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
EMAIL = re.compile(rf"{ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[a-z]{{2,63}}")
AMOUNT = re.compile(r"-?\$?\s*\(?\$?\s*-?[\d,]*\.?\d*\s*\)?-?")

# The classes of the correction report that a landed cell can show. A row held back for its parent,
# a user nobody has, a value that was adjusted: these the models find.
CLASSES = (
    "missing_required",
    "unreadable_date",
    "unreadable_number",
    "out_of_range",
    "not_in_picklist",
    "invalid_code",
    "invalid_email",
    "too_long",
    "orphan",
)

Cell = Any
Cells = dict[str, Cell]


def said(migration: Migration) -> list[dict[str, str]]:
    """The lines of the audit's CSV, made anew."""
    migration.run("load-raw", "audit")
    with (migration.home / "reports" / "audit.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def differences(lines: list[dict[str, str]], book: Book) -> Iterator[str]:
    """What the audit counts otherwise than the book does, a line each."""
    counted = {
        (line["table"], line["column"], line["finding"], line["argument"]): line
        for line in lines
        if line["practice"] == book.practice
    }
    tables = landed(book)
    for check in checks(book):
        argument = " where ".join(filter(None, (check.argument, check.where)))
        line = counted.get((check.table, check.column, f"{check.class_}: {check.kind}", argument))
        count = len(failing(check, tables))
        got = int(line["count"]) if line else 0
        if got != count:
            yield (
                f"{book.practice} {check.table}.{check.column} {check.kind} {argument}:"
                f" expected {count}, got {got} ({line['first'] if line else 'no rows'})"
            )


def lacking_differences(migration: Migration) -> Iterator[str]:
    """What the audit and the mart `data_audit` do not both say is lacking. Single blank values are
    the checks' in the audit."""
    marts = migration.rows(
        "select practice, table_name, coalesce(column_name, ''), finding from migration.data_audit"
        " where need is not null and table_name is not null and finding != 'values_missing'"
    )
    lines = [line for line in said(migration) if line["result"] == "lacking"]
    audit = {(one["practice"], one["table"], one["column"], one["finding"]) for one in lines}
    for one in sorted(set(marts) ^ audit):
        yield f"{one}: in {'the audit' if one in audit else 'data_audit'} only"


# Planted defects that no single landed cell shows, with what shows them.
BY_THE_MODELS_ONLY = {
    "oak_park patient None": "a bit of the alert mask that has no meaning",
    "oak_park txcase oak_park:plan:990005": "a status whose words, in another table, mean nothing",
    "oak_park document_files oak_park:image:950003-12367": "a path too long behind the base URL",
    "maple_grove patientprocedures maple_grove:procedure:1000000970007": "none of three dates",
    "willow_creek patients willow_creek:patient:11194": "a provider who is a stand-in",
    "willow_creek provpat willow_creek:junction:11196-WALK-Specialist": "a stand-in",
    "willow_creek appointments willow_creek:evt:290053": "a stand-in",
    "willow_creek appointments willow_creek:vis:290058": "a stand-in",
    "willow_creek providers willow_creek:provider:X1": "a specialty's words, which may be any",
    "willow_creek txhist willow_creek:history:102417": "a plan that has no such line",
    "willow_creek txhist willow_creek:history:102418": "a plan of another patient's",
}


def uncovered(book: Book) -> set[str]:
    """Planted defects whose row no check of their class counts, as practice, table and key."""
    tables = landed(book)
    caught = {(check.class_, id(row)) for check in checks(book) for row in failing(check, tables)}
    standing = {id(row) for rows in tables.values() for row, _ in rows}
    found = set()
    for planted in book.problems:
        rows = [row for row in (planted.row, planted.or_row) if row is not None]
        of_class = [one for one in CLASSES if planted.cls == one]
        shown = bool(of_class) and any(id(row) in standing for row in rows)
        if shown and not any((one, id(row)) in caught for one in of_class for row in rows):
            found.add(f"{book.practice} {planted.table} {planted.key}")
    return found


def audit_differences(migration: Migration, books: list[Book]) -> Iterator[str]:
    """Where the extraction audit and the books differ: in a count, or in a planted defect that
    no check counts though a landed cell shows it."""
    lines = said(migration)
    for book in books:
        yield from differences(lines, book)
        known = {one for one in BY_THE_MODELS_ONLY if one.split()[0] == book.practice}
        for one in sorted(uncovered(book) ^ known):
            yield f"{one}: {'counted' if one in known else 'not counted'}"


def documents(book: Book, files: Mapping[str, bytes], links: Mapping[str, str]) -> dict[str, int]:
    """How many rows of docs name a document in which state."""
    states: Counter[str] = Counter()
    for _, cells in landed(book)["docs"]:
        path = text(cells.get("relative_path")).replace("\\", "/")
        content = {name.lower(): kept for name, kept in files.items()}.get(path.lower())
        if path.startswith(("/", "../")) or path[1:2] == ":":
            states["outside"] += 1
        elif path in links:
            states["link"] += 1
        else:
            states["missing" if content is None else "ok" if content else "empty"] += 1
    return dict(states)


def checks(book: Book) -> list[Check]:
    """The checks of the book's product."""
    return [check for check in read_checks() if check.product == book.product]


def landed(book: Book) -> dict[str, list[tuple[Row, Cells]]]:
    """The rows that land, each with its cells by the contract's names: neither lines cut off nor
    those without a key, and of those of one key the last."""
    contract = product_contract(book.system, book.product)
    return {
        name: list(_standing(table, book.rows[name])) for name, table in contract.tables.items()
    }


def _standing(table: Table, rows: list[Row]) -> Iterator[tuple[Row, Cells]]:
    last: dict[tuple[str, ...], tuple[Row, Cells]] = {}
    for row in rows:
        if AGAIN in row or CELLS in row:
            continue
        cells = {table.spellings.get(plain(name), name): value for name, value in row.items()}
        key = tuple(text(cells.get(part)) for part in table.key)
        blank = [part for part, value in zip(table.key, key, strict=True) if not value]
        if set(blank) <= table.blank_key_parts:
            last.pop(key, None)
            last[key] = (row, cells)
    yield from last.values()


def failing(check: Check, tables: dict[str, list[tuple[Row, Cells]]]) -> list[Row]:
    """The rows of its table that fail a check."""
    rows = tables[check.table]
    if check.where:
        wanted = "!=" not in check.where
        column, values = check.where.replace("!=", "=").split("=")
        rows = [one for one in rows if (text(one[1].get(column)) in values.split("|")) == wanted]
    if check.kind == "order":
        return _out_of_order(check, rows)
    if check.kind == "duplicate":
        return _duplicates(check, rows)
    fails = FAILS[check.kind](check, tables)
    return [row for row, cells in rows if fails(cells.get(check.column))]


def text(cell: Cell) -> str:
    """A cell as it lands, without blanks around it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, dict | list):
        return json.dumps(cell, default=str)
    return re.sub("[\x00-\x08\x0e-\x1f\x7f]", "", str(cell)).strip("\ufeff\u200b \t\r\n\u00a0")


def source_id(cell: Cell) -> str:
    """The id a cell holds, empty where it names nobody."""
    value = text(cell.get("id")) if isinstance(cell, dict) else text(cell)
    return "" if value == "0" else value


def day(cell: Cell, *, birth: bool = False) -> date | None:
    """The date a cell says, whatever it means; None where it cannot be read."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = re.sub(r"\s*(Z|[+-]\d\d:\d\d)$", "", text(cell))
    value = re.sub(r"(:\d\d)\.\d+", r"\1", value.replace("T", " "))
    for shape in (f"{shape}{clock}" for shape in SHAPES for clock in CLOCKS):
        try:
            found = datetime.strptime(value, shape).date()
        except ValueError:
            continue
        if "%y" in shape:
            short = int(re.match(r"\d+/\d+/(\d\d)", value)[1])  # type: ignore[index]
            century = 1900 if short >= 70 else 2000
            found = found.replace(year=century + short)
            if birth and found > date.today():
                found = found.replace(year=found.year - 100)
        return found
    return None


def no_day(cell: Cell) -> bool:
    """Whether a cell says that there is no date."""
    value = text(cell)
    return not value or day(cell) in NONE or bool(ZERO.match(value))


def amount(cell: Cell) -> Decimal | None:
    """The number a cell says; None where it is none."""
    if isinstance(cell, Decimal | int | float):
        return Decimal(str(cell))
    value = text(cell)
    if not AMOUNT.fullmatch(value):
        return None
    sign = -1 if "(" in value or "-" in value else 1
    try:
        return sign * Decimal(re.sub(r"[^\d.]", "", value))
    except InvalidOperation:
        return None


def _required(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: not text(cell)


def _required_id(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: not source_id(cell)


def _date(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: not no_day(cell) and day(cell) is None


def _date_range(check: Check, tables: Any) -> Callable[[Cell], bool]:
    birth = check.argument == "birth"
    latest = date.today() if birth else date(2200, 1, 1)

    def fails(cell: Cell) -> bool:
        found = day(cell, birth=birth)
        return not no_day(cell) and found is not None and not date(1850, 1, 1) <= found <= latest

    return fails


def minute(cell: Cell) -> int | None:
    """The minute of the day a cell says; None where it says none."""
    if isinstance(cell, time | datetime):
        return 60 * cell.hour + cell.minute
    found = re.fullmatch(r"(\d{1,2}):(\d\d)(?::\d\d)? ?([ap]m)?", text(cell).lower())
    if not found:
        return None
    hour, half = int(found[1]), found[3]
    if int(found[2]) > 59 or hour > (12 if half else 23):
        return None
    return 60 * (hour % 12 + 12 * (half == "pm") if half else hour) + int(found[2])


def _clock(check: Check, tables: Any) -> Callable[[Cell], bool]:
    def fails(cell: Cell) -> bool:
        if check.argument == "minutes" and re.fullmatch(r"-?\d+", text(cell)):
            return not 0 <= int(text(cell)) <= 1439
        return bool(text(cell)) and minute(cell) is None

    return fails


def _out_of_order(check: Check, rows: list[tuple[Row, Cells]]) -> list[Row]:
    start, _, days = check.argument.partition("+")
    found = []
    for row, cells in rows:
        first, last = _moment(cells.get(start)), _moment(cells.get(check.column))
        if first is not None and last is not None:
            late = bool(days) and last - first > timedelta(days=int(days))
            found += [row] if last < first or late else []
    return found


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC)
    if "T" in text(cell) and day(cell):
        return datetime.fromisoformat(text(cell))
    at = minute(cell)
    return None if at is None else datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=at)


def _number(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: bool(text(cell)) and amount(cell) is None


def _whole(check: Check, tables: Any) -> Callable[[Cell], bool]:
    def fails(cell: Cell) -> bool:
        found = amount(cell)
        return bool(text(cell)) and (found is None or found != int(found))

    return fails


def _percent(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: bool(text(cell)) and amount(text(cell).replace("%", "")) is None


def _range(check: Check, tables: Any) -> Callable[[Cell], bool]:
    low, high = map(Decimal, check.argument.split(".."))

    def fails(cell: Cell) -> bool:
        found = amount(cell)
        return found is not None and not low <= found <= high

    return fails


def _code(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: bool(text(cell)) and text(cell).upper() not in check.argument.split("|")


def _words(check: Check, tables: Any) -> Callable[[Cell], bool]:
    def words(value: str) -> str:
        return " ".join(re.findall(r"[^\W_]+", value.lower()))

    with (PROJECT / "seeds" / "maps" / f"{check.argument}.csv").open(newline="") as lines:
        known = {words(row["word"]) for row in csv.DictReader(lines)}
    return lambda cell: bool(text(cell)) and words(text(cell)) not in known


def _interval(check: Check, tables: Any) -> Callable[[Cell], bool]:
    known = re.compile(r"\d+\s*(d|w|m|y|days?|weeks?|wk|months?|mo|years?|yr)?")
    return lambda cell: bool(source_id(cell)) and not known.fullmatch(text(cell).lower())


def _tooth(check: Check, tables: Any) -> Callable[[Cell], bool]:
    known = [*map(str, range(1, 33)), *(f"0{n}" for n in range(1, 10)), *"ABCDEFGHIJKLMNOPQRST"]
    return lambda cell: (
        bool(source_id(cell))
        and not (text(cell).count("-") <= 1 and set(text(cell).upper().split("-")) <= set(known))
    )


def _flag(check: Check, tables: Any) -> Callable[[Cell], bool]:
    known = ["1", "0", "y", "n", "t", "f", "yes", "no", "true", "false"]
    return lambda cell: bool(text(cell)) and text(cell).lower() not in known


@cache
def _cdt_ranges() -> list[tuple[str, str]]:
    with (PROJECT / "seeds" / "cdt_categories.csv").open(newline="") as lines:
        return [(row["first_code"], row["last_code"]) for row in csv.DictReader(lines)]


def _cdt(check: Check, tables: Any) -> Callable[[Cell], bool]:
    def known(code: str) -> bool:
        return re.fullmatch(r"D\d{4}", code) is not None and any(
            a <= code <= b for a, b in _cdt_ranges()
        )

    return lambda cell: bool(text(cell)) and not known(text(cell))


def _reference(check: Check, tables: Any) -> Callable[[Cell], bool]:
    table, key = check.argument.split(".")
    known = {source_id(cells.get(key)) for _, cells in tables[table]}
    return lambda cell: bool(known) and bool(source_id(cell)) and source_id(cell) not in known


def _unused(check: Check, tables: Any) -> Callable[[Cell], bool]:
    used = {
        source_id(cells.get(place.split(".")[1]))
        for place in check.argument.split("|")
        for _, cells in tables[place.split(".")[0]]
    }
    return lambda cell: bool(source_id(cell)) and source_id(cell) not in used


def _email(check: Check, tables: Any) -> Callable[[Cell], bool]:
    return lambda cell: bool(text(cell)) and not EMAIL.fullmatch(text(cell).lower())


def _length(check: Check, tables: Any) -> Callable[[Cell], bool]:
    assert check.length
    longest = check.length
    return lambda cell: len(text(cell).encode("utf-16-le")) // 2 > longest


def _duplicates(check: Check, rows: list[tuple[Row, Cells]]) -> list[Row]:
    dated = {one.column for one in read_checks() if one.kind == "date" and one.table == check.table}
    seen: Counter[tuple[Any, ...]] = Counter()
    found = []
    for row, cells in rows:
        alike = tuple(
            None
            if name in dated and no_day(cells.get(name))
            else day(cells.get(name), birth=True)
            if name in dated
            else text(cells.get(name)).lower()
            for name in (check.column, *check.argument.split("+"))
        )
        if all(alike):
            seen[alike] += 1
            if seen[alike] > 1:
                found.append(row)
    return found


FAILS: dict[str, Callable[[Check, Any], Callable[[Cell], bool]]] = {
    "required": _required,
    "required_id": _required_id,
    "required_date": lambda check, tables: no_day,
    "date": _date,
    "date_range": _date_range,
    "clock": _clock,
    "number": _number,
    "whole_number": _whole,
    "percent": _percent,
    "range": _range,
    "interval": _interval,
    "tooth": _tooth,
    "code": _code,
    "words": _words,
    "flag": _flag,
    "cdt": _cdt,
    "reference": _reference,
    "unused": _unused,
    "email": _email,
    "length": _length,
}
