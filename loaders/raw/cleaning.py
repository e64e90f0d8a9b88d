"""One export file as clean text on disk, with every count the audit needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from loaders.errors import UserError
from loaders.raw.encoding import Tally, open_bytes, utf8_chunks
from loaders.raw.records import Facts, RecordWriter
from loaders.raw.survey import Survey

_LONGEST_LINE = 64 << 20


@dataclass(frozen=True)
class Cleaned:
    """Where the clean rows and the refused lines of a file are, and what was counted."""

    rows: Path
    refused: Path
    facts: Facts
    tally: Tally


def clean(
    path: Path, shown: str, how: Survey, folder: Path, progress: Callable[[int], None]
) -> Cleaned:
    """Reads a file once, in chunks, into `rows` and `refused` below `folder`.

    `progress` is told the bytes read so far. Raises UserError where the file breaks off (.gz).
    """
    rows, refused, tally = folder / "rows", folder / "refused", Tally()
    with rows.open("wb") as out, refused.open("wb") as bad, open_bytes(path) as stream:
        writer = RecordWriter(how.delimiter.encode(), how.cells, how.first_line, out, bad)
        try:
            _pump(stream, shown, how, tally, writer, progress)
        except (EOFError, OSError) as error:
            raise UserError(
                f"{shown} cannot be read to its end: {error.__class__.__name__}.",
                "Export it again.",
            ) from error
    return Cleaned(rows, refused, writer.facts, tally)


def _pump(
    stream: IO[bytes],
    shown: str,
    how: Survey,
    tally: Tally,
    writer: RecordWriter,
    progress: Callable[[int], None],
) -> None:
    # The header and what stands above it were read by the survey.
    lines_to_skip = how.first_line - 1
    waiting = b""
    taken = 0
    for chunk in utf8_chunks(stream, how.encoding, tally):
        # One chunk behind, so that the last block is known to be the last: trailers stand there.
        if not lines_to_skip:
            waiting = waiting[writer.write(waiting, final=False) :]
        waiting += chunk
        if len(waiting) > _LONGEST_LINE:
            raise UserError(f"{shown} is no CSV: it has a line of over 64 MB.", "Export it again.")
        while lines_to_skip and (end := waiting.find(b"\n")) >= 0:
            waiting, lines_to_skip = waiting[end + 1 :], lines_to_skip - 1
        taken += len(chunk)
        progress(taken)
    if waiting and not lines_to_skip:
        writer.write(waiting if waiting.endswith(b"\n") else waiting + b"\n", final=True)
