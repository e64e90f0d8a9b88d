"""What `load-raw` does: checks sets, lands them in the order of their extraction, one by one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import UserError
from loaders.home import Home
from loaders.options import MigrationOptions
from loaders.raw import audit, report
from loaders.raw.audit import FileRecord
from loaders.raw.contract.names import product_name
from loaders.raw.custom import values
from loaders.raw.export import read_export
from loaders.raw.export_set import ExportSet, Landing
from loaders.raw.landing import (
    connect,
    current_generation,
    ensure_generation,
    generation,
    landing_lock,
    now,
    work_folder,
)
from loaders.raw.sets import land
from loaders.raw.sources import printable, set_files, set_folder, set_id
from loaders.raw.sql import text
from loaders.raw.store import Store, kept_digest
from loaders.raw.tables import Stamp

_LONGEST_EXPORT_YML = 1 << 20
# What DuckDB may take: enough for any number of ordinary rows; more from the first set on whose
# texts are so long that it is not.
_MEMORY = ("160MB", "400MB", "900MB")


class _TooLittleMemory(UserError):
    """DuckDB needs more memory than it may take."""


@dataclass(frozen=True)
class SetOutcome:
    """One set as it landed, or was found landed already."""

    set: ExportSet
    already_landed: bool
    files: list[FileRecord] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a call of load-raw did."""

    generation: str | None
    sets: list[SetOutcome] = field(default_factory=list)
    options_changed: bool = False


def land_sets(home: Home, paths: Sequence[Path], options: MigrationOptions) -> Outcome:
    """Lands export sets. Raises UserError at the first that is refused; those before it stand."""
    outcomes: list[SetOutcome] = []
    with landing_lock(home):
        sets = [_open_set(home, path) for path in paths]
        with connect(home, _MEMORY[0]) as con:
            for set_ in sorted(sets, key=lambda one: one.export.extracted_at):
                outcomes.append(_land_set(home, con, set_, options))
            _prune_store(home, con)
            # A set that was landed already brings no generation, yet options may have changed.
            changed = _reland_options(home, con, options)
        return Outcome(current_generation(home), outcomes, changed)


def reland_options(home: Home, options: MigrationOptions) -> Outcome:
    """Lands migration.yml's options as a new generation, where they differ from what is landed."""
    with landing_lock(home), connect(home) as con:
        ensure_generation(home)
        changed = _reland_options(home, con, options)
        return Outcome(current_generation(home), options_changed=changed)


def _reland_options(home: Home, con: duckdb.DuckDBPyConnection, options: MigrationOptions) -> bool:
    landed = audit.read_rows(con, home, "practices")
    if audit.with_options(landed, options) == landed:
        return False
    with generation(home, "options") as new:
        audit.write_practices(con, new, landed, options)
    return True


def _open_set(home: Home, path: Path) -> ExportSet:
    shown = printable(path.name or str(path))
    folder = set_folder(path, shown, lambda: work_folder(home))
    with (folder / "export.yml").open("rb") as stream:
        content = stream.read(_LONGEST_EXPORT_YML + 1)
    if len(content) > _LONGEST_EXPORT_YML:
        raise UserError(f"{shown}/export.yml is no export.yml: it holds over 1 MB.")
    export = read_export(content, f"{shown}/export.yml")
    files = set_files(folder, shown)
    with report.activity(f"{shown}: reading") as step:
        id_ = set_id(content, files, step)
    return ExportSet(shown, export, id_, files, folder, unpacked=not path.is_dir())


def _land_set(
    home: Home, con: duckdb.DuckDBPyConnection, set_: ExportSet, options: MigrationOptions
) -> SetOutcome:
    export = set_.export
    sets = audit.read_rows(con, home, "sets", export.practice)
    if any(row["set_id"] == set_.id for row in sets):
        return SetOutcome(set_, already_landed=True)
    practices = audit.read_rows(con, home, "practices")
    current = next((row for row in practices if row["practice"] == export.practice), None)
    _refuse_untimely(set_, current, sets)
    more = iter(() if "BRIDGEWORK_MEMORY" in os.environ else _MEMORY[1:])
    while True:
        try:
            return _into_generation(home, con, set_, options, practices, current)
        except _TooLittleMemory:
            memory = next(more, None)
            if memory is None:
                raise
            report.say_again(set_, memory)
            con.execute(f"set memory_limit = {text(memory)}")


def _into_generation(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    set_: ExportSet,
    options: MigrationOptions,
    practices: list[dict[str, Any]],
    current: dict[str, Any] | None,
) -> SetOutcome:
    """Lands a set, whole or not at all. `practices` are those that are landed, `current` the one
    whose set it is."""
    export = set_.export
    stamp = Stamp(export.practice, set_.id, now())
    reason = f"set {set_.id[:12]} of {export.practice}"
    with generation(home, reason) as new, report.progress(set_) as progress:
        landing = Landing(con, new, set_, stamp, work_folder(home), progress, Store(home))
        try:
            land(landing, current)
        except duckdb.OutOfMemoryException:
            raise _TooLittleMemory(
                f"{set_.shown} could not be landed: DuckDB needs more memory than it may take.",
                "Nothing of the set has landed. Set BRIDGEWORK_MEMORY, to 2GB say, and run the same"
                " command again.",
            ) from None
        except duckdb.Error as error:
            # Its message may quote the cells it choked on.
            raise UserError(
                f"{set_.shown} could not be landed: DuckDB's {type(error).__name__}.",
                "Look for a full disk; nothing of the set has landed.",
            ) from None
        values.write_values(con, new, values.landed_fields(con, home))
        others = [row for row in practices if row["practice"] != export.practice]
        audit.write_practices(con, new, [*others, _practice_row(set_)], options)
    report.say_matches(set_, landing.files)
    return SetOutcome(set_, already_landed=False, files=landing.files)


def _prune_store(home: Home, con: duckdb.DuckDBPyConnection) -> None:
    """Removes documents that neither this generation nor the one before it names."""
    store = Store(home)
    if not (home.raw / "files").is_dir():
        return
    # What has another contract is brought up to it by the next landing, not read by this one.
    columns = {"doc_files": "sha256", "note_images": "sha256", "notes": kept_digest("body")}
    named: set[str] = set()
    for table, digest in columns.items():
        for file in home.raw.glob(f"generations/*/dental_exec/{table}/*.parquet"):
            listed = f"select distinct {digest} from read_parquet({text(file)})"
            named.update(row[0] for row in con.execute(listed).fetchall() if row[0])
    store.prune(named)


def _practice_row(set_: ExportSet) -> dict[str, Any]:
    export = set_.export
    return {
        "practice": export.practice,
        "system": export.system,
        "product": export.product,
        "practice_name": export.practice_name,
        "time_zone": export.time_zone,
        "ledger_sign": export.ledger_sign,
        "extracted_at": export.extracted_at.isoformat(),
        "set_id": set_.id,
    }


def _refuse_untimely(
    set_: ExportSet, current: dict[str, Any] | None, sets: list[dict[str, Any]]
) -> None:
    export = set_.export
    if current is None:
        if export.kind == "delta":
            raise UserError(
                f"{set_.shown} is a delta set, and {export.practice} has no full set yet.",
                "Land its full set first.",
            )
        return
    if (current["system"], current["product"]) != (export.system, export.product):
        raise UserError(
            f"{set_.shown}: {export.practice} is landed as"
            f" {product_name(current['system'], current['product'])}; a slug belongs to one system"
            " and product.",
            "Give this practice another slug.",
        )
    last = max(datetime.fromisoformat(row["extracted_at"]) for row in sets)
    if export.extracted_at < last:
        raise UserError(
            f"{set_.shown} was extracted {export.extracted_at.isoformat()}, before the last set"
            f" landed for {export.practice} ({last.isoformat()}).",
            "Sets apply in the order of extraction; send a newer one.",
        )
