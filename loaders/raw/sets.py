"""Lands one export set into a new generation: all of it, or nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loaders.errors import UserError
from loaders.raw import audit, derive, removals, tables
from loaders.raw.audit import FileRecord, found_columns
from loaders.raw.contract import Table
from loaders.raw.contract.names import product_name
from loaders.raw.export_set import ExportSet, Landing, Matched
from loaders.raw.matching import (
    DELIMITED,
    NOT_READ,
    READ,
    by_header,
    by_name,
    is_removal,
    parse,
)
from loaders.raw.opening import layout_stem
from loaders.raw.readers import Job, Landed, Objects
from loaders.raw.sources import SourceFile, printable


def match_files(landing: Landing) -> tuple[list[Matched], list[tuple[SourceFile, str]]]:
    """Finds each file's table; the rest are ignored, each with the reason.

    Raises UserError where a file is not what its name says.
    """
    set_ = landing.set
    matched: list[Matched] = []
    ignored: list[tuple[SourceFile, str]] = []
    named = dict(set_.export.files)
    for source in set_.files:
        parsed = parse(source.name)
        if is_removal(parsed):
            if set_.export.kind == "full":
                ignored.append((source, "a full set removes rows by leaving them out"))
            continue
        if parsed.folder or layout_stem(source.name):
            continue
        by_yml = named.pop(source.name.lower(), None)
        found = _match(landing, source, by_yml)
        if isinstance(found, Matched):
            matched.append(found)
        else:
            ignored.append((source, found))
    if named:
        raise UserError(
            f"{set_.shown}: export.yml names {printable(next(iter(named)))} under `files:`, which"
            " is not there.",
            "Correct the name.",
        )
    return matched, ignored


def _match(landing: Landing, source: SourceFile, by_yml: str | None) -> Matched | str:
    """A file with its table, or why it is ignored."""
    contract = landing.contract
    shown = f"{landing.set.shown}: {printable(source.name)}"
    parsed = parse(source.name)
    table = contract.tables[by_yml] if by_yml else by_name(parsed.stem, contract)
    if parsed.kind not in READ:
        if table and parsed.kind in NOT_READ:
            raise UserError(
                f"{shown} is a {parsed.kind} file, which cannot be read.",
                f"Export table {table.name} as CSV through ODBC, or save it as .xlsx.",
            )
        return f"a {parsed.kind or 'nameless'} file is no table"
    try:
        how = landing.opener.open(source, shown)
    except UserError as error:
        # A CSV nobody knows may be a table under another name; a program's own file is none.
        if table or parsed.kind in DELIMITED:
            raise
        return f"no table by name, and unreadable: {error.message.removeprefix(shown).strip()}"
    note = "table named by export.yml" if by_yml else ""
    if table is None and (table := by_header(how.names, contract)):
        note = f"recognised as {table.name} by its header"
    if table is None:
        return "no table of this product, by name or by header"
    return Matched(source, how, table, note)


def land(landing: Landing, current: dict[str, Any] | None) -> None:
    """Lands a set's tables and its audit rows into the new generation.

    `current` is the practice's row in migration.practices, None before its first set.
    """
    export = landing.set.export
    tables.start_rejects(landing.con)
    matched, ignored = match_files(landing)
    if not matched and export.kind == "full":
        raise UserError(
            f"{landing.set.shown}: none of its files is a table of"
            f" {product_name(export.system, export.product)}.",
            "Name the files after their tables (patient.csv …), or map them under `files:`.",
        )
    by_table: dict[str, list[Matched]] = {}
    for one in matched:
        by_table.setdefault(one.table.name, []).append(one)
    _refuse_contradictions(landing.set, by_table)
    for source, why in ignored:
        landing.record(None, source.name, "ignored", why)
    gone = removals.read(landing) if export.kind == "delta" else None
    standing: set[str] = set()
    for table in landing.contract.tables.values():
        rows = _land_files(landing, table, by_table.get(table.name, []))
        folder = landing.new.folder(landing.contract.folder, table.name)
        target = folder / f"{export.practice}.parquet"
        if gone is not None:
            standing.add(table.name)
            _overlay(landing, table, rows, target, gone)
        elif rows:
            target.unlink(missing_ok=True)
            rows.rename(target)
        elif _stands(landing, table, target, current is not None):
            standing.add(table.name)
    if gone is not None:
        removals.record(landing, gone)
    derive.derive(landing, by_table)
    _write_audit(landing, standing)


def _refuse_contradictions(set_: ExportSet, found: Iterable[str]) -> None:
    for key, tables_named in (("keep", set_.export.keep), ("empty", set_.export.empty)):
        if both := sorted(tables_named & set(found)):
            raise UserError(
                f"{set_.shown}: export.yml names {', '.join(both)} under `{key}:`, yet the set"
                " holds a file.",
                "Take the name or the file out.",
            )


def _land_files(landing: Landing, table: Table, found: list[Matched]) -> Path | None:
    """One table's files as one Parquet file of the rows that count."""
    if not found:
        return None
    parts: dict[str, Path] = {}
    results: dict[str, Landed] = {}
    for number, one in enumerate(sorted(found, key=lambda m: _natural(m.source.name))):
        file = one.source.name
        part = landing.work / f"{table.name}-{number}.parquet"
        results[file] = land_part(landing, one, part)
        parts[file] = part
    _refuse_unfound(landing, table, found, results)
    whole = landing.work / f"{table.name}.parquet"
    exclude = landing.set.export.exclude
    landed = tables.settle_keys(landing.con, table, parts, exclude, whole)
    for one in found:
        _record_file(landing, one, results[one.source.name], landed[one.source.name])
    landing.columns += found_columns(landing.stamp, landing.set.export.system, table, results)
    for part in parts.values():
        part.unlink(missing_ok=True)
    return whole


def _refuse_unfound(
    landing: Landing, table: Table, found: list[Matched], results: dict[str, Landed]
) -> None:
    """Refuses a name under `columns:` that no file has; of JSON, whose objects need not have it,
    that cannot be said."""
    told = landing.set.export.columns.get(table.name, {})
    present = frozenset().union(*(one.present for one in results.values()))
    unfound = sorted(set(told.values()) - present)
    if unfound and not any(isinstance(one.how, Objects) for one in found):
        raise UserError(
            f"{landing.set.shown}: export.yml names {', '.join(unfound)} of table {table.name}"
            " under `columns:`, and no file has that column.",
            "Correct the name to what the file's header says.",
        )


def land_part(landing: Landing, one: Matched, part: Path) -> Landed:
    """One file as Parquet, before its keys are looked at; gives what was counted."""
    export, file = landing.set.export, one.source.name
    return one.how.land(
        Job(
            landing.con,
            one.table,
            export.exclude,
            # Ascend's times are UTC; all others are the practice's clock.
            None if export.product == "ascend" else export.time_zone,
            f"{landing.set.shown}: {printable(file)}",
            file,
            landing.stamp,
            landing.work,
            part,
            lambda taken: landing.progress(file, taken),
            landing.store,
        )
    )


def _natural(file: str) -> tuple[tuple[int, str], ...]:
    """Sorts part 2 before part 10."""
    words: list[tuple[int, str]] = []
    for word in "".join(c if c.isdigit() else f" {c} " for c in file.lower()).split():
        words.append((int(word), "") if word.isdecimal() else (-1, word))
    return tuple(words)


def _overlay(
    landing: Landing, table: Table, rows: Path | None, target: Path, gone: removals.Removals
) -> None:
    old = target if target.exists() else None
    deleted, listed = gone.deleted_from(table), gone.listed.get(table.name)
    if not rows and (not old or not (deleted or listed)):
        return
    merged = landing.work / f"{table.name}-merged.parquet"
    removed = tables.overlay(landing.con, table, old, rows, deleted, listed, merged)
    target.unlink(missing_ok=True)
    merged.rename(target)
    gone.removed[table.name] = removed


def _stands(landing: Landing, table: Table, target: Path, earlier_set: bool) -> bool:
    """What becomes of a table without a file in a full set: whether its earlier rows stand."""
    export = landing.set.export
    if table.name in export.empty:
        target.unlink(missing_ok=True)
        landing.record(table.name, None, "empty", "empty, as export.yml says")
        return False
    if earlier_set and target.exists():
        chosen = table.name in export.keep
        landing.record(
            table.name,
            None,
            "kept",
            "earlier rows stand, as export.yml says" if chosen else audit.UNSETTLED,
        )
        return True
    landing.record(table.name, None, "missing", "no file in the set: the table is empty")
    return False


def _record_file(landing: Landing, one: Matched, result: Landed, landed: int) -> None:
    facts, tally, encoding = result.facts, result.tally, one.how.encoding
    notes = [one.note] if facts.rows else [one.note, "no rows"]
    if one.how.guessed and encoding != "utf-8":
        notes.append(f"read as {encoding}: export.yml names no encoding and it is no UTF-8")
    if result.dropped:
        notes.append(f"never landed: {', '.join(printable(name) for name in result.dropped)}")
    if facts.trailer is not None and facts.trailer != facts.rows:
        notes.append(f"its trailer says {facts.trailer} rows, it holds {facts.rows}")
    if facts.stray_quotes:
        notes.append(f"{facts.stray_quotes} cells with stray quotes read as text")
    if tally.control_characters:
        notes.append(f"{tally.control_characters} control characters stripped")
    if tally.unreadable:
        notes.append(f"{tally.unreadable} characters unreadable in {encoding}")
    if never := tables.count_never_landed(landing.con, one.source.name):
        notes.append(f"{never} rows of fields that are never landed dropped")
    notes.append(result.note)
    landing.files.append(
        FileRecord(
            landing.stamp.practice,
            landing.stamp.set_id,
            landing.set.export.system,
            one.table.name,
            one.source.name,
            encoding.removesuffix("-sig") if encoding else None,
            one.how.parted_by,
            facts.rows,
            landed,
            facts.rows - landed,
            facts.trailer,
            tally.control_characters,
            "landed",
            "; ".join(note for note in notes if note) or None,
        )
    )


def _write_audit(landing: Landing, standing: set[str]) -> None:
    """The set's files, rejects and its own row; of earlier ones, those that still stand."""
    con, new, export = landing.con, landing.new, landing.set.export
    folder = new.folder("migration", "files")
    earlier = audit.read_file(con, folder / f"{export.practice}.parquet")
    # What stood before stays known by the set that landed it, not by the sets that kept it.
    kept = [
        row
        for row in earlier
        if (row["table_name"] in standing and row["status"] == "landed") or export.kind == "delta"
    ]
    audit.write_files(con, new, export.practice, landing.files, kept)
    audit.write_columns(con, new, export.practice, landing.columns, standing)
    audit.write_rejects(
        con, new, export.practice, landing.set.id, export.system, frozenset(standing)
    )
    sets = new.folder("migration", "sets") / f"{export.practice}.parquet"
    rows = [tuple(row.values()) for row in audit.read_file(con, sets)]
    about = (
        landing.set.id,
        export.practice,
        export.kind,
        export.extracted_at.isoformat(),
        landing.stamp.landed_at,
        landing.set.shown,
    )
    audit.write_rows(con, sets, "sets", [*rows, about])
