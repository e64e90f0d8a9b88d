"""Which tables landing makes of which: the inventory of docs' files, the text of notes."""

from collections.abc import Callable, Collection
from pathlib import Path

from loaders.raw.documents import land_documents
from loaders.raw.export_set import Landing
from loaders.raw.note_texts import land_notes

# By the table they are made of: how, and the tables made.
_MADE: dict[tuple[str, str], tuple[Callable[[Landing, Path, Path], None], tuple[str, ...]]] = {
    ("dental_exec", "docs"): (land_documents, ("doc_files",)),
    ("dental_exec", "notes"): (land_notes, ("note_texts", "note_images")),
}


def derive(landing: Landing, landed: Collection[str]) -> None:
    """Makes the derived tables of what a set `landed`; those of tables that stand stand too."""
    export, folder = landing.set.export, landing.contract.folder
    for (system, table), (make, made) in _MADE.items():
        targets = [landing.new.folder(folder, one) / f"{export.practice}.parquet" for one in made]
        if system != export.system:
            continue
        if table in landed:
            make(
                landing,
                landing.new.folder(folder, table) / f"{export.practice}.parquet",
                targets[0],
            )
        elif table in export.empty:
            for target in targets:
                target.unlink(missing_ok=True)
