"""The audit as lines: one for all that was checked, for a spreadsheet and for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders import spreadsheet
from loaders.audit.macros import sql
from loaders.audit.survey import Practice, SourceTable
from loaders.raw.sources import printable

Places = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Line:
    """One thing that was checked or counted.

    `result` is `ok`, `found` (something is wrong), `tolerated` (no more than the check lets),
    `lacking` (the export does not hold it) or `counted`. `count` of `total` rows are concerned, the
    first of them at `first`; `share` and `threshold` are percentages.
    """

    practice: str
    table: str | None
    column: str | None
    finding: str
    argument: str | None
    result: str
    count: int | None
    total: int | None
    share: float | None
    threshold: float | None
    first: str | None
    consequence: str | None
    action: str | None


_COLUMNS = (
    ("practice", "varchar"),
    ("table", "varchar"),
    ("column", "varchar"),
    ("finding", "varchar"),
    ("argument", "varchar"),
    ("result", "varchar"),
    ("count", "bigint"),
    ("of", "bigint"),
    ("share_percent", "double"),
    ("threshold_percent", "double"),
    ("first", "varchar"),
    ("consequence", "varchar"),
    ("action", "varchar"),
)


def lines_of(practices: Sequence[Practice]) -> list[Line]:
    """All lines, practice by practice: what is lacking, the files, the checks, the fill rates."""
    return [line for practice in practices for line in _practice_lines(practice)]


def write_csv(con: duckdb.DuckDBPyConnection, lines: Sequence[Line], file: Path) -> None:
    """Writes all lines for a spreadsheet."""
    rows = [tuple(asdict(line).values()) for line in lines]
    spreadsheet.write_rows(con, _COLUMNS, rows, file)


def as_document(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines that call for something, for JSON."""
    return [asdict(line) for line in lines if line.result in ("found", "tolerated", "lacking")]


def shown_places(places: Places) -> str:
    """Places as people read them."""
    return "; ".join(f"{printable(file)}, line {line}" for file, line in places)


def _practice_lines(practice: Practice) -> Iterator[Line]:
    for one in practice.lacking:
        expected = one.expectation
        yield _line(
            practice,
            expected.table,
            expected.column,
            one.finding,
            "lacking",
            argument=expected.need,
            count=one.count,
            total=one.total,
            consequence=expected.consequence,
            action=expected.action,
        )
    for file, why in practice.ignored:
        yield _line(
            practice, None, None, "file_ignored", "found", first=printable(file), action=why
        )
    for documents in practice.documents:
        fine = documents.status == "ok"
        yield _line(
            practice,
            "docs",
            None,
            f"document_{documents.status}",
            "ok" if fine else "found",
            count=documents.count,
            total=documents.total,
            first=None if fine else shown_places(documents.places),
            action=None if fine else "Supply the files below files/ and land the set again.",
        )
    for table in practice.tables:
        yield from _landing_lines(practice, table)
        yield from _check_lines(practice, table)
        yield from _column_lines(practice, table)


def _landing_lines(practice: Practice, table: SourceTable) -> Iterator[Line]:
    notes = table.notes
    if notes.expected is not None:
        yield _line(
            practice,
            table.name,
            None,
            "rows_unlike_trailer",
            "ok" if notes.agrees else "found",
            count=abs(notes.expected - notes.rows_in_files),
            total=notes.expected,
            action=None if notes.agrees else "Export the table again: its trailer says otherwise.",
        )
    for one in notes.rejected:
        yield _line(
            practice,
            table.name,
            None,
            one.class_,
            "found",
            count=one.count,
            total=notes.rows_in_files,
            first=shown_places(one.places),
            consequence="these lines did not land",
            action=sql("problem_action", one.class_),
        )
    if notes.control_characters:
        yield _line(
            practice,
            table.name,
            None,
            "control_characters",
            "counted",
            count=notes.control_characters,
            consequence="stripped from the text",
        )
    for column in table.unknown:
        yield _line(
            practice,
            table.name,
            printable(column),
            "unknown_column",
            "counted",
            consequence="its values are kept beside the table and load into no field",
            action="Confirm it as a custom field where Salesforce should have it.",
        )


def _check_lines(practice: Practice, table: SourceTable) -> Iterator[Line]:
    for one in table.found:
        result = "ok" if not one.count else "tolerated" if one.tolerated else "found"
        yield _line(
            practice,
            table.name,
            one.check.column,
            f"{one.check.class_}: {one.check.kind}",
            result,
            argument=" where ".join(filter(None, (one.check.argument, one.check.where))) or None,
            count=one.count,
            total=one.judged,
            share=round(one.share, 3),
            threshold=one.check.threshold,
            first=shown_places(one.places) or None,
            action=one.check.action if one.count else None,
        )


def _column_lines(practice: Practice, table: SourceTable) -> Iterator[Line]:
    for column in table.columns:
        if column.fill is not None and column.present:
            share = 100 * column.fill.filled / column.fill.total if column.fill.total else 0.0
            yield _line(
                practice,
                table.name,
                column.name,
                "fill_rate",
                "counted",
                count=column.fill.filled,
                total=column.fill.total,
                share=round(share, 3),
            )
        for form in column.forms:
            yield _line(
                practice,
                table.name,
                column.name,
                "date_form",
                "counted",
                argument=form.form,
                count=form.count,
                total=column.fill.total if column.fill else None,
            )


def _line(
    practice: Practice,
    table: str | None,
    column: str | None,
    finding: str,
    result: str,
    **more: Any,
) -> Line:
    blank = dict.fromkeys(Line.__dataclass_fields__)
    given = {"table": table, "column": column, "finding": finding, "result": result}
    return Line(**{**blank, "practice": practice.slug, **given, **more})
