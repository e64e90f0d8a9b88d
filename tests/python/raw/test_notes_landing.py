"""Notes on their way in: long bodies, texts and images beside the rows, nothing read twice."""

import base64
import resource
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.python.raw.dental_exec import DENTAL_EXEC, files, report
from tests.python.raw.exports import Migration, write_set

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400


def note(note_id: str, body: str) -> dict[str, str]:
    return {"Note ID": note_id, "Patient ID": "1", "Body": body}


def land(migration: Migration, folder: Path, *notes: dict[str, str], **export: Any) -> None:
    made = files(NOTES=report(notes, ("Note ID", "Patient ID", "Body", "Signed")))
    migration.land(write_set(folder, made, **(DENTAL_EXEC | export)))


def texts(migration: Migration, columns: str = "note_id, text, form, lost") -> list[Any]:
    return migration.rows("note_texts", columns, "dental_exec")


def data_uri(content: bytes) -> str:
    return f'<p>Seen:<img src="data:image/png;base64,{base64.b64encode(content).decode()}"></p>'


def hex_lines(content: bytes) -> str:
    figures = content.hex()
    return "\n".join(figures[i : i + 128] for i in range(0, len(figures), 128))


def test_each_form_is_text_and_images_apart(migration: Migration, tmp_path: Path) -> None:
    picture = "{\\rtf1\\ansi Before {\\pict\\pngblip\n" + hex_lines(PNG) + "} after\\par}"
    land(
        migration,
        tmp_path / "set",
        note("1", "Plain,\nas it is."),
        note("2", "<p>Caf&eacute; &amp; tea</p><script>no()</script>"),
        note("3", data_uri(PNG)),
        note("4", picture),
        note("5", ""),
        note("6", '<img src="data:image/png;base64,%%%">x'),
    )
    assert texts(migration) == [
        ("1", "Plain,\nas it is.", "plain", None),
        ("2", "Café & tea", "html", None),
        ("3", "Seen: [image: note-3-1.png]", "html", None),
        ("4", "Before [image: note-4-1.png] after", "rtf", None),
        ("5", "", "plain", None),
        ("6", "[image: note-6-1.png] x", "html", "1 images"),
    ]
    images = migration.rows(
        "note_images", "note_id, number, file_name, bytes, sha256, path, why", "dental_exec"
    )
    digest = sha256(PNG).hexdigest()
    assert [row[:5] for row in images] == [
        ("3", 1, "note-3-1.png", len(PNG), digest),
        ("4", 1, "note-4-1.png", len(PNG), digest),
        ("6", 1, "note-6-1.png", None, None),
    ]
    assert (migration.home / images[0][5]).read_bytes() == PNG
    assert images[2][6] == "it cannot be read"


def test_a_long_body_is_kept_beside_its_row(migration: Migration, tmp_path: Path) -> None:
    body = data_uri(PNG * 30) + '"quoted", and\nover lines'
    kept = "file:sha256:" + "a" * 64
    land(migration, tmp_path / "set", note("1", body), note("2", kept), note("3", "short"))
    rows = migration.rows("notes", "note_id, body, _line", "dental_exec")
    assert rows[0] == ("1", f"file:sha256:{sha256(body.encode()).hexdigest()}", 2)
    # What only looks like such a cell is kept as well, so that nobody reads another's document.
    assert rows[1] == ("2", f"file:sha256:{sha256(kept.encode()).hexdigest()}", 4)
    assert rows[2] == ("3", "short", 5)
    assert {row[0] for row in texts(migration, "text")} >= {kept, "short"}
    assert migration.rows("note_images", "sha256", "dental_exec") == [
        (sha256(PNG * 30).hexdigest(),)
    ]


def test_bad_records_of_a_long_table_are_refused_one_by_one(
    migration: Migration, tmp_path: Path
) -> None:
    text = (
        'Note ID,Patient ID,Body\n1,1,"fine"\n2,1\n3,1,"open\n4,1,"said ""so"""\n'
        "5,1,x,,\n6,1,x,y\n\nTotal records: 6\n"
    )
    made = files(NOTES=text)
    migration.land(write_set(tmp_path / "set", made, **DENTAL_EXEC))
    assert migration.rows("notes", "note_id, body, _line", "dental_exec") == [
        ("1", "fine", 2),
        ("4", 'said "so"', 5),
        ("5", "x", 6),
    ]
    assert migration.rejects("notes") == [
        (3, "unreadable_line", "expected 3 cells, found 2", None),
        (4, "unreadable_line", "a quote opens and never closes", None),
        (7, "unreadable_line", "expected 3 cells, found 4", None),
    ]
    assert migration.file("notes", "elm")["trailer_count"] == 6


def test_an_unchanged_note_is_not_read_again(migration: Migration, tmp_path: Path) -> None:
    land(migration, tmp_path / "1", note("1", data_uri(PNG)), note("2", "old"), note("3", "gone"))
    at = {"extracted_at": "2026-12-01T00:00:00Z"}
    # Were note 1 read again, its image would be put back.
    ((path,),) = migration.rows("note_images", "path", "dental_exec")
    (migration.home / path).unlink()
    land(migration, tmp_path / "2", note("1", data_uri(PNG)), note("2", "new"), **at)
    assert texts(migration, "note_id, text") == [("1", "Seen: [image: note-1-1.png]"), ("2", "new")]
    assert not (migration.home / path).exists()


def test_many_notes_are_read_in_processes_of_their_own(
    migration: Migration, tmp_path: Path
) -> None:
    notes = [note(str(i), f"<b>Note</b> {i} &lt;end") for i in range(700)]
    land(migration, tmp_path / "set", *notes)
    assert dict(texts(migration, "note_id, text")) == {str(i): f"Note {i} <end" for i in range(700)}


def test_a_body_beyond_reason_is_reported_and_memory_stays_flat(
    migration: Migration, tmp_path: Path
) -> None:
    folder = write_set(tmp_path / "set", files(), **DENTAL_EXEC)
    with (folder / "NOTES.csv").open("w") as out:
        out.write("Note ID,Patient ID,Body\n")
        for note_id in ("1", "2"):
            out.write(f'{note_id},1,"<img src=""data:image/png;base64,')
            for _ in range(200):
                out.write("A" * (1 << 20))
            out.write('"">\n"\n')
        out.write("3,1,still read\n")
    migration.land(folder)
    shutil.rmtree(folder)
    assert migration.rejects("notes") == [
        (2, "unreadable_line", "longer than 64 MB", None),
        (4, "unreadable_line", "longer than 64 MB", None),
    ]
    assert texts(migration, "note_id, text") == [("3", "still read")]
    # The most that any process of this one's has taken, in KB.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 900 << 10


HOSTILE = {
    "nested": "{\\rtf1 " + "{\\b " * 20_000 + "deep" + "}" * 20_000 + "}",
    "open": "{\\rtf1 " + "{\\b " * 20_000 + "deep",
    "closed": "{\\rtf1 deep" + "}" * 20_000,
    "cut": "{\\rtf1 deep {\\pict\\pngblip 8950",
    "bin": "{\\rtf1 deep {\\pict\\bin999999999 xx}}",
    "words": "{\\rtf1 deep" + "\\u" * 20_000 + "}",
    "fonts": "{\\rtf1" + "{\\fonttbl{\\f0\\fcharset999999 x;}}" * 2_000 + " deep}",
    "tags": "<div>" * 20_000 + "deep" + "</div>" * 20_000,
    "tables": "<table><tr><td>" * 2_000 + "deep",
    "attributes": "<p " + "a=b " * 20_000 + ">deep</p>",
    "unclosed": "<" * 50_000 + "p>deep",
    "lists": "<ul><li>" * 5_000 + "deep",
}


def test_hostile_notes_neither_fail_nor_hang(tmp_path: Path) -> None:
    script = (
        "import sys, time; from loaders.raw.note_texts import _read;"
        "from loaders.raw.store import Store; from loaders.home import Home;"
        "from pathlib import Path; start = time.process_time();"
        "read = _read(('1', '', sys.stdin.read()), Store(Home(Path(sys.argv[1]))));"
        "fine = 'deep' in read.text and time.process_time() - start < 20;"
        "sys.exit(0 if fine else repr(read.text[:99]))"
    )
    for what, body in HOSTILE.items():
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            input=body,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, (what, done.stderr[-300:])
