"""Reads a note's body, whichever of the three forms it has."""

from loaders.raw.notes import Note, tidy
from loaders.raw.notes.html import is_html, read_html
from loaders.raw.notes.rtf import is_rtf, read_rtf


def read_note(body: str, name: str) -> Note:
    """A note's text and images; `name` (such as `note-77`) is what its images' names begin with."""
    if is_rtf(body):
        return read_rtf(body, name)
    if is_html(body):
        return read_html(body, name)
    return Note(tidy(body))
