"""What notes say: every word in order, no markup, no mojibake, every image byte for byte."""

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.raw.notes import file_name
from loaders.raw.notes.reading import read_note
from loaders.raw.notes.rtf import read_rtf
from tests.python.raw.notes import MARKER, Written, html_note, rtf_note, words_of

NOTES = [(f"rtf {seed}", rtf_note(seed)) for seed in range(120)]
NOTES += [(f"html {seed}", html_note(seed)) for seed in range(120)]


@pytest.mark.parametrize("written", [n for _, n in NOTES], ids=[name for name, _ in NOTES])
def test_a_note_says_its_words_and_gives_its_images(written: Written) -> None:
    note = read_note(written.body, "note-7")
    assert words_of(note.text) == written.in_order
    assert [(image.ending, image.content) for image in note.images] == written.images
    assert MARKER.findall(note.text) == [file_name("note-7", image) for image in note.images]


def test_drawn_boxes_and_links_to_pages_keep_their_words() -> None:
    body = (
        "{\\rtf1 before{\\shp{\\*\\shpinst\\shpleft9{\\sp{\\sn pib}{\\sv {\\pict\\pngblip 8950}}}"
        "{\\shptxt boxed\\par}}{\\shprslt{\\pict\\wmetafile8 01}}}after"
        '{\\field{\\*\\fldinst HYPERLINK "http://x"}{\\fldrslt words}}}'
    )
    note = read_rtf(body, "note-1")
    assert note.text == "before[image: note-1-1.png]\nboxed\nafterwords"
    assert [image.content for image in note.images] == [b"\x89\x50"]


def test_code_pages_told_by_a_word() -> None:
    assert read_rtf("{\\rtf1\\pc Caf\\'82}", "n").text == "Café"
    assert read_rtf("{\\rtf1\\mac Caf\\'8e}", "n").text == "Café"


def test_characters_by_their_number_are_what_windows_shows_or_none() -> None:
    assert read_note("<p>It&#146;s 5&#150;6&#1;x&#x81;</p>", "n").text == "It\u2019s 5\u20136x"
    assert read_rtf("{\\rtf1 a\\u1?b\\u150?c\\u12?d}", "n").text == "ab\u2013c\nd"


def test_an_image_elsewhere_is_named_and_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise AssertionError("a note reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    body = (
        "<!DOCTYPE html SYSTEM 'http://127.0.0.1/x.dtd'><p>a<img src='http://127.0.0.1/x.png'"
        " alt='X-ray'>b<link rel=stylesheet href='http://127.0.0.1/y.css'>"
    )
    assert read_note(body, "n").text == "a [image: X-ray] b"


_PIECES = ["{", "}", "\\", "\\rtf1", "\\'e9", "\\'", "\\u8364?", "\\bin9", "\\pict", "\\par ", "<",
           ">", "<p>", "<table>", "</td>", "&", "&#x;", "data:", '<img src="data:,x">', "\n", "é",
           "word", "\ud83d", "\x00"]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40), st.sampled_from(["{\\rtf1 ", "<p>", ""]))
def test_reading_garbage_never_fails(pieces: list[str], start: str) -> None:
    read_note(start + "".join(pieces), "note-1").text.encode()
