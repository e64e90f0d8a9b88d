"""What load-raw tells a person, or a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table as Grid

from loaders.raw.audit import FileRecord
from loaders.raw.expectations import needed_tables
from loaders.raw.sources import printable
from loaders.terminal import console, interactive, notes

if TYPE_CHECKING:
    from loaders.raw.command import Outcome, SetOutcome
    from loaders.raw.export_set import ExportSet


@contextmanager
def activity(what: str) -> Iterator[Callable[[str], None]]:
    """A line that says which file is being looked at, where a person watches."""
    if not interactive():
        yield lambda file: None
        return
    with notes.status(what) as status:
        yield lambda file: status.update(f"{what} {printable(file)}")


def say_again(set_: ExportSet, memory: str) -> None:
    """Says that a set is landed from its beginning, with more memory."""
    notes.print(
        f"{set_.shown}: its texts are long; once more, with {memory} for DuckDB.", markup=False
    )


@contextmanager
def progress(set_: ExportSet) -> Iterator[Callable[[str, int], None]]:
    """A line that says how far a long file, or what is made of one, is, where a person watches."""
    with activity(f"{set_.shown}: landing") as step:
        yield lambda file, taken: step(f"{file} {taken >> 20:,} MB" if taken else file)


def say_matches(set_: ExportSet, files: Sequence[FileRecord]) -> None:
    """Says on stderr which files were recognised by their header, and which by nothing."""
    for file in files:
        if file.file and (file.status == "ignored" or "by its header" in (file.note or "")):
            what = "ignored: " if file.status == "ignored" else ""
            notes.print(f"{set_.shown}: {printable(file.file)} {what}{file.note}", markup=False)


def as_document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as one JSON document."""
    return {
        "generation": outcome.generation,
        "options_changed": outcome.options_changed,
        "sets": [
            {
                "name": one.set.shown,
                "set_id": one.set.id,
                "practice": one.set.export.practice,
                "kind": one.set.export.kind,
                "extracted_at": one.set.export.extracted_at.isoformat(),
                "already_landed": one.already_landed,
                "files": [asdict(file) for file in one.files],
                "missing": _missing_and_needed(one),
            }
            for one in outcome.sets
        ],
    }


def show(outcome: Outcome) -> None:
    """The outcome as a short table a set."""
    for one in outcome.sets:
        _show_set(one)
    if outcome.options_changed:
        console.print("Options of migration.yml landed.")
    elif not outcome.sets:
        console.print("Nothing to land: the options of migration.yml are landed already.")


def _show_set(one: SetOutcome) -> None:
    export = one.set.export
    if one.already_landed:
        console.print(f"{one.set.shown}: already landed, nothing changed.", markup=False)
        return
    console.print(
        f"{one.set.shown}: {export.kind} set of {export.practice_name} ({export.practice})",
        markup=False,
    )
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for column in ("table", "file"):
        grid.add_column(column)
    for column in ("rows", "landed", "rejected"):
        grid.add_column(column, justify="right")
    grid.add_column("encoding")
    grid.add_column("note")
    with_file = [file for file in one.files if file.file is not None]
    for file in sorted(with_file, key=lambda f: (f.table_name is None, f.table_name or "")):
        grid.add_row(*_cells(file))
    # A pipe has no width: 80 columns would break notes that a log shows whole.
    console.print(grid, width=None if console.is_terminal else 160)
    landed = [file for file in with_file if file.landed is not None]
    rows, refused = sum(f.landed or 0 for f in landed), sum(f.rejected or 0 for f in landed)
    console.print(f"{rows:,} rows landed, {refused:,} rejected, from {len(landed)} files.")
    needed = _missing_and_needed(one)
    for table, consequence in needed.items():
        console.print(f"Missing: {table}: {consequence}.", markup=False)
    for status, says in (
        ("missing", "No file, so empty"),
        ("kept", "No file, earlier rows stand"),
        ("empty", "Empty, as export.yml says"),
    ):
        named = sorted({f.table_name or "" for f in one.files if f.status == status} - set(needed))
        if named:
            console.print(f"{says}: {', '.join(named)}.", markup=False)


def _missing_and_needed(one: SetOutcome) -> dict[str, str]:
    """Tables that are missing and without which little is left, and what that means."""
    missing = {file.table_name for file in one.files if file.status == "missing"}
    needed = needed_tables(one.set.export.product)
    return {table: says for table, says in needed.items() if table in missing}


def _cells(file: FileRecord) -> tuple[str, ...]:
    def number(value: int | None) -> str:
        return "" if value is None else f"{value:,}"

    return (
        file.table_name or "-",
        _plain(printable(file.file or "")),
        number(file.rows_in_file),
        number(file.landed),
        number(file.rejected),
        file.encoding or "",
        _plain(("ignored: " if file.status == "ignored" else "") + (file.note or "")),
    )


def _plain(text: str) -> str:
    """Text that rich must not read as markup."""
    return text.replace("[", "\\[")
