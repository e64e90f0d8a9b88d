"""Notes as text and images, made of each note once: an unchanged one is not read again."""

import html
import multiprocessing
import re
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from loaders.errors import UserError
from loaders.raw.derived import Rows
from loaders.raw.export_set import Landing
from loaders.raw.notes import Note, file_name, tidy
from loaders.raw.notes.html import is_html
from loaders.raw.notes.reading import read_note
from loaders.raw.notes.rtf import is_rtf
from loaders.raw.sql import text
from loaders.raw.store import Kept, Store, digest_in_cell

# Goes up when notes are read another way: all are read again then.
_READER = "2"
_BATCH = 64
# As many as this are read sooner than other processes start.
_FEW = 512
_PROCESSES = 2
_LONGEST_TEXT = 4_000_000
_RTF_WORD = re.compile(r"\\'[0-9a-fA-F]{2}|\\[a-zA-Z]{1,32}-?\d{0,10} ?|\\.|[{}]", re.S)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Image:
    """An image of a note: what the text calls it, and its bytes in the store or why not."""

    number: int
    name: str
    ending: str
    kept: Kept | None
    why: str


@dataclass(frozen=True)
class Read:
    """A note as it was read."""

    note_id: str
    read_from: str
    form: str
    text: str
    lost: str | None
    images: tuple[Image, ...]


Body = tuple[str, str, str | None]
"""A note's id, the digest that tells whether it must be read again, and its body."""


def land_notes(landing: Landing, notes: Path, target: Path) -> None:
    """Writes note_texts and note_images for a practice's notes; images go to the store."""
    images = target.parent.with_name("note_images") / target.name
    digest = f"sha256({text(_READER + ' ')} || coalesce(body, ''))"
    listed = f"(select note_id, {digest} as read_from, body from read_parquet({text(notes)}))"
    stand: list[str | None] = [None, None]
    wanted = f"select * from {listed}"
    if target.exists():
        same = "(note_id, read_from) in (select (note_id, read_from) from"
        stand[0] = f"select * from read_parquet({text(target)}) where {same} {listed})"
        wanted += f" where not {same} read_parquet({text(target)}))"
        if images.exists():
            stand[1] = (
                f"select * from read_parquet({text(images)})"
                f" where note_id in (select note_id from ({stand[0]}))"
            )
    con, work, practice = landing.con, landing.work, landing.stamp.practice
    with (
        # In this order: the images that stand are told by the texts that do, so are written first.
        Rows(con, "dental_exec", "note_texts", work, target, stand[0]) as texts,
        Rows(con, "dental_exec", "note_images", work, images, stand[1]) as pictures,
    ):
        for number, note in enumerate(_read_all(_bodies(landing, wanted), landing.store)):
            if not number % 1000:
                landing.progress(f"{number:,} notes read", 0)
            texts.add(
                practice=practice,
                note_id=note.note_id,
                text=note.text,
                form=note.form,
                lost=note.lost,
                read_from=note.read_from,
            )
            for image in note.images:
                pictures.add(
                    practice=practice,
                    note_id=note.note_id,
                    number=image.number,
                    file_name=image.name,
                    path=image.kept.path if image.kept else None,
                    bytes=image.kept.bytes if image.kept else None,
                    sha256=image.kept.sha256 if image.kept else None,
                    ending=image.ending,
                    why=image.why or None,
                )


def _bodies(landing: Landing, wanted: str) -> Iterator[Body]:
    with landing.con.cursor() as reader:
        reader.execute(wanted)
        while some := reader.fetchmany(_BATCH):
            yield from some


def _read_all(bodies: Iterator[Body], store: Store) -> Iterator[Read]:
    """Reads notes, in processes of their own where there are many; a few batches at a time."""
    few = list(islice(bodies, _FEW))
    if len(few) < _FEW:
        yield from (_read(body, store) for body in few)
        return
    rest = chain(few, bodies)
    waiting: list[Future[list[Read]]] = []
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(_PROCESSES, mp_context=context) as pool:
            while batch := list(islice(rest, _BATCH)):
                waiting.append(pool.submit(_read_batch, batch, store))
                if len(waiting) > _PROCESSES * 2:
                    yield from waiting.pop(0).result()
            for future in waiting:
                yield from future.result()
    except BrokenProcessPool:
        raise UserError(
            "Reading the notes was ended from outside, most likely for want of memory.",
            "Give it more memory, then land the set again; nothing of it has landed.",
        ) from None


def _read_batch(batch: list[Body], store: Store) -> list[Read]:
    return [_read(body, store) for body in batch]


def _read(body: Body, store: Store) -> Read:
    note_id, read_from, cell = body
    content, lost = _content(cell or "", store)
    name = f"note-{note_id}"
    form = "rtf" if is_rtf(content) else "html" if is_html(content) else "plain"
    try:
        note = read_note(content, name)
    except Exception as error:
        # Whatever a stranger's note makes a reader do, its words are worth more than its layout.
        note = Note(_bare(content, form))
        lost.append(f"its layout and images ({type(error).__name__})")
    images = tuple(
        Image(
            image.number,
            file_name(name, image),
            image.ending,
            store.keep(image.content) if image.content else None,
            image.why,
        )
        for image in note.images
    )
    if unread := sum(image.kept is None for image in images):
        lost.append(f"{unread} images")
    if unknown := note.text.count("\N{REPLACEMENT CHARACTER}"):
        lost.append(f"{unknown} characters")
    if len(note.text) > _LONGEST_TEXT:
        lost.append(f"the text beyond {_LONGEST_TEXT:,} characters")
    whole = note.text[:_LONGEST_TEXT]
    return Read(note_id, read_from, form, whole, "; ".join(lost) or None, images)


def _content(cell: str, store: Store) -> tuple[str, list[str]]:
    digest = digest_in_cell(cell)
    if digest is None:
        return cell, []
    try:
        return store.find(Kept(digest, 0)).read_text(encoding="utf-8", errors="replace"), []
    except OSError as error:
        return "", [f"all of it ({error.strerror})"]


def _bare(content: str, form: str) -> str:
    """The words of a note that no reader could read."""
    if form == "rtf":
        return tidy(_RTF_WORD.sub(" ", content))
    return tidy(html.unescape(_TAG.sub(" ", content)))
