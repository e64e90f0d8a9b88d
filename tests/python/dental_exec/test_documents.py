"""Notes and documents of a Dental-Exec practice, from an export into the marts."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.python.dental_exec.marts import PRACTICE
from tests.python.raw.dental_exec import report
from tests.python.raw.exports import write_set
from tests.python.raw.notes import MARKER, Written, html_note, rtf_note, words_of
from tests.python.support import Migration

# The whole practices hold the same, row by row, in every run.
pytestmark = pytest.mark.long

OPTIONS = "practices:\n  elm: {max_file_mb: 1}\n"
STEPS = (
    "+dental_exec__note",
    "+dental_exec__file",
    "int_dental_exec__visit_notes",
    "int_dental_exec__documents_loose_problems",
    "int_dental_exec__documents_source_rows",
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPG = b"\xff\xd8\xff\xe0" + bytes(range(256))
PDF, OTHER, FULL = b"%PDF-1.7 consent", b"%PDF-1.7 other", bytes(1 << 20)
LONG = "Start " + "word " * 6398 + "\U0001f9b7\U0001f9b7\U0001f9b7" + "x" * 3000 + " end"
LONGEST_NAME = "n" * 600

PATIENTS = """\
Patient ID,Last Name,First Name,Birth Date,Email,Status
1,Ash,Anna,01/02/1980,anna@example.com,A
2,ASH,ANNA,1/2/80,ANNA@example.com,A
3,,Nameless,03/04/1990,,A
4,Birch,Ben,05/06/1970,,A
"""
PROVIDERS = "Provider ID,Last Name,First Name,Type,Active\nD1,Ott,Dora,DENTIST,Y\n"
APPOINTMENTS = """\
Appt ID,Patient ID,Provider ID,Date,Start Time,Minutes,Type,Status
5,1,D1,07/01/2024,9:00 AM,30,HYGIENE,COMPLETED
6,1,D1,07/03/2024,9:00 AM,30,HYGIENE,COMPLETED
7,1,D1,07/04/2024,9:00 AM,30,HYGIENE,COMPLETED
8,1,D1,,9:00 AM,30,HYGIENE,COMPLETED
"""
RTF = (
    "{\\rtf1\\ansi\\ansicpg1252 Caf\\'e9 \\u8364?5\\par{\\pict\\pngblip "
    + PNG.hex()
    + "}\\par end}"
)
NOTES: list[tuple[str, ...]] = [
    # Note ID, Patient ID, Provider ID, Appt ID, Note Date, Body, Signed
    ("10", "1", "D1", "5", "07/01/2024 09:45 AM", RTF, "Y"),
    ("11", "2", "D1", "5", "7/2/24", "<p>Bien&ecirc;tre &amp; <b>repos</b></p>", "N"),
    ("9", "1", "", "6", "07/03/2024", "Nine", ""),
    ("12", "1", "", "6", "07/03/2024", "Twelve", ""),
    ("13", "4", "", "", "12/31/2023 11:30 PM", LONG, "Y"),
    (
        "14",
        "1",
        "",
        "7",
        "",
        f'<p>Undated<img src="data:image/jpeg;base64,{base64.b64encode(JPG).decode()}"></p>',
        "Y",
    ),
    ("15", "77", "", "", "07/03/2024", "Whose?", ""),
    ("16", "3", "", "", "07/03/2024", "Of one held back", ""),
    ("17", "", "", "", "07/03/2024", "Nobody's", ""),
    ("18", "4", "NOBODY", "99", "11/03/2024 01:30 AM", "Strays", "maybe"),
    ("19", "4", "", "", "07/03/2024", " ", ""),
    ("20", "4", "", "", "07/03/2024", '<img src="data:image/png;base64,%%%">seen', ""),
    ("21", "4", "", "", "07/03/2024", "{\\rtf1\\ansi caf\\u-10179?}", ""),
    ("22", "1", "", "8", "07/03/2024", "Of a visit held back", ""),
    ("0", "1", "", "", "07/03/2024", "No key", ""),
]
DOCS: list[tuple[str, ...]] = [
    # Doc ID, Patient ID, Category, File Name, Relative Path, Scan Date
    ("1", "1", "CONSENT", "Consent Anna.pdf", "a/1.pdf", "07/01/2024"),
    ("2", "2", "CONSENT", "Again.pdf", "a/2.pdf", "07/02/2024"),
    ("3", "4", "CONSENT", "Ben's.pdf", "a/3.pdf", ""),
    ("4", "1", "XRAY", "gone.png", "a/gone.png", ""),
    ("5", "1", "XRAY", "empty.png", "a/empty.png", ""),
    ("6", "1", "XRAY", "link.png", "a/link.png", ""),
    ("7", "1", "XRAY", "..", "../export.yml", ""),
    ("8", "1", "XRAY", "large.png", "a/large.png", ""),
    ("9", "4", "XRAY", "full.png", "a/full.png", ""),
    ("10", "77", "XRAY", "whose.png", "a/1.pdf", ""),
    ("11", "3", "XRAY", "held.png", "a/1.pdf", ""),
    ("12", "0", "XRAY", "nobody.png", "a/1.pdf", ""),
    ("13", "4", "", f"C:\\Scans\\..\\{LONGEST_NAME}.pdf", "a/other.pdf", "someday"),
    ("14", "1", "", "", "a/x-ray.of.png", ""),
    ("0", "1", "XRAY", "no key.png", "a/other.pdf", ""),
]
HELD = {
    "a/1.pdf": PDF,
    "a/2.pdf": PDF,
    "a/3.pdf": PDF,
    "a/empty.png": b"",
    "a/large.png": FULL + b"1",
    "a/full.png": FULL,
    "a/other.pdf": OTHER,
    "a/x-ray.of.png": PNG,
}


def table(columns: str, rows: Sequence[tuple[str, ...]]) -> str:
    names = columns.split(", ")
    return report([dict(zip(names, row, strict=True)) for row in rows])


def notes_report(rows: Sequence[tuple[str, ...]]) -> str:
    return table("Note ID, Patient ID, Provider ID, Appt ID, Note Date, Body, Signed", rows)


def migrate(folder: Path, files: dict[str, str | bytes]) -> Migration:
    export = write_set(
        folder / "elm", {"PATIENTS.csv": PATIENTS, "PROVIDERS.csv": PROVIDERS, **files}, **PRACTICE
    )
    if "DOCS.csv" in files:
        (export / "files" / "a" / "link.png").symlink_to(export / "files" / "a" / "1.pdf")
    options = folder / "migration.yml"
    options.write_text(OPTIONS)
    migration = Migration(folder / "home")
    migration.run("load-raw", export, env={"MIGRATION_CONFIG": str(options)})
    migration.build(*STEPS)
    return migration


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    files: dict[str, str | bytes] = {
        "APPOINTMENTS.csv": APPOINTMENTS,
        "NOTES.csv": notes_report(NOTES),
        "DOCS.csv": table(
            "Doc ID, Patient ID, Category, File Name, Relative Path, Scan Date", DOCS
        ),
    }
    files |= {f"files/{name}": content for name, content in HELD.items()}
    return migrate(tmp_path_factory.mktemp("documents"), files)


def records(migration: Migration, mart: str, columns: str) -> dict[str, tuple[Any, ...]]:
    """By the key without practice, those that load."""
    rows = migration.rows(
        f'select "Migration_Key__c", {columns} from salesforce.{mart} where not _held_back'
    )
    return {key.partition(":")[2]: tuple(values) for key, *values in rows}


def problems(migration: Migration, mart: str) -> set[tuple[Any, ...]]:
    return {
        (key.partition(":")[2], field.partition(".")[0], found, held)
        for key, field, found, held in migration.rows(
            'select "Migration_Key__c", p.field, p.class, p.held_back'
            f" from salesforce.{mart}, unnest(_problems) as found (p)"
        )
    }


def test_notes_arrive_as_their_text(migrated: Migration) -> None:
    found = records(
        migrated,
        "dental_exec__note",
        '"Account__r.Migration_Key__c", "Provider_Contact__r.Migration_Key__c", "Visit_Key__c",'
        ' "Note_Date__c"::varchar, "Original_Note_Date__c"::varchar, "Signed__c", "Part__c",'
        ' "Body__c"',
    )
    first, provider, visit = "elm:patient:1", "elm:provider:D1", "elm:vis:5"
    rtf = "Café €5\n[image: note-10-1.png]\nend"
    assert found["note:10"] == (
        first, provider, visit, "2024-07-01", "2024-07-01 14:45:00", True, 1, rtf
    )  # fmt: skip
    assert found["note:11"] == (
        first, provider, visit, "2024-07-02", "2024-07-02 05:00:00", False, 1, "Bienêtre & repos"
    )  # fmt: skip
    assert found["note:13"][3:6] == ("2023-12-31", "2024-01-01 05:30:00", True)
    assert found["note:18"][1:] == (
        None, None, "2024-11-03", "2024-11-03 06:30:00", False, 1, "Strays"
    )  # fmt: skip
    assert found["note:19"][-1] is None
    assert found["note:22"][2] is None
    assert set(found) == {f"note:{n}" for n in (9, 10, 11, 12, 13, "13-2", 18, 19, 20, 21, 22)}


def test_a_long_note_is_in_parts(migrated: Migration) -> None:
    found = records(migrated, "dental_exec__note", '"Part__c", "Body__c", "Note_Date__c"')
    parts = [found["note:13"], found["note:13-2"]]
    assert [part for part, _, _ in parts] == [1, 2]
    assert "".join(body for _, body, _ in parts) == LONG
    assert len({day for *_, day in parts}) == 1


def test_a_visit_points_at_the_note_that_says_most(migrated: Migration) -> None:
    assert dict(
        migrated.rows("select appt_id, note_key from intermediate.int_dental_exec__visit_notes")
    ) == {
        "5": "elm:note:10",
        "6": "elm:note:12",
        "8": "elm:note:22",
        "99": "elm:note:18",
    }


def test_what_is_wrong_with_notes_is_said(migrated: Migration) -> None:
    assert problems(migrated, "dental_exec__note") == {
        ("note:14", "Note_Date__c", "missing_required", True),
        ("note:15", "Account__r", "orphan", True),
        ("note:16", "Account__r", "parent_held_back", True),
        ("note:17", "Account__r", "missing_required", True),
        ("note:18", "Provider_Contact__r", "orphan", False),
        ("note:18", "Visit_Key__c", "orphan", False),
        ("note:18", "Signed__c", "not_in_picklist", False),
        ("note:18", "Original_Note_Date__c", "adjusted", False),
        ("note:21", "Body__c", "adjusted", False),
    }


def test_files_arrive_once_per_patient(migrated: Migration) -> None:
    found = records(
        migrated,
        "dental_exec__file",
        '"FirstPublishLocation.Migration_Key__c", "Title", "PathOnClient", "Document_Category__c",'
        ' "Captured_Date__c"::varchar, "VersionData", _bytes',
    )
    contents = {key: (migrated.home / path).read_bytes() for key, (*_, path, _) in found.items()}
    assert contents == {
        "file:1": PDF,
        "file:3": PDF,
        "file:9": FULL,
        "file:13": OTHER,
        # Also the image in note 10.
        "file:14": PNG,
        "file:note-14-1": JPG,
    }
    assert {key: size for key, (*_, size) in found.items()} == {
        key: len(content) for key, content in contents.items()
    }
    anna, ben = "elm:patient:1", "elm:patient:4"
    assert {key: values[:5] for key, values in found.items()} == {
        "file:1": (anna, "Consent Anna", "Consent Anna.pdf", "CONSENT", "2024-07-01"),
        "file:3": (ben, "Ben's", "Ben's.pdf", "CONSENT", None),
        "file:9": (ben, "full", "full.png", "XRAY", None),
        "file:13": (ben, LONGEST_NAME[:255], f"{LONGEST_NAME[:480]}.pdf", None, None),
        "file:14": (anna, "x-ray.of", "x-ray.of.png", None, None),
        "file:note-14-1": (anna, "note-14-1.jpg", "note-14-1.jpg", "Note image", None),
    }


def test_what_is_wrong_with_files_is_said(migrated: Migration) -> None:
    assert problems(migrated, "dental_exec__file") == {
        ("file:4", "VersionData", "file_missing", True),
        ("file:5", "VersionData", "file_refused", True),
        ("file:6", "VersionData", "file_refused", True),
        ("file:7", "VersionData", "file_refused", True),
        ("file:7", "PathOnClient", "adjusted", False),
        ("file:8", "VersionData", "file_refused", True),
        ("file:10", "FirstPublishLocation", "orphan", True),
        ("file:11", "FirstPublishLocation", "parent_held_back", True),
        ("file:12", "FirstPublishLocation", "missing_required", True),
        ("file:13", "PathOnClient", "adjusted", False),
        ("file:13", "PathOnClient", "too_long", False),
        ("file:13", "Title", "too_long", False),
        ("file:13", "Captured_Date__c", "unreadable_date", False),
        ("file:14", "PathOnClient", "missing_required", False),
        ("file:note-20-1", "VersionData", "file_refused", True),
    }
    assert set(
        migrated.rows(
            "select object, key, field, class, held_back, line, value"
            " from intermediate.int_dental_exec__documents_loose_problems"
        )
    ) == {
        ("Clinical_Note__c", None, "Migration_Key__c", "missing_required", True, 16, "0"),
        ("ContentVersion", None, "Migration_Key__c", "missing_required", True, 16, "0"),
        ("ContentVersion", "elm:file:2", None, "duplicate_key", True, 3, "elm:file:1"),
        ("ContentVersion", "elm:file:note-10-1", None, "duplicate_key", True, 2, "elm:file:14"),
    }


def test_every_row_is_accounted_for(migrated: Migration) -> None:
    outcomes = migrated.rows(
        "select table_name, outcome, reason, count(*), count(distinct line)"
        " from intermediate.int_dental_exec__documents_source_rows group by all order by all"
    )
    assert outcomes == [
        ("docs", "held_back", "no primary key", 1, 1),
        ("docs", "held_back", "the patient has the same file once", 1, 1),
        ("docs", "held_back", None, 8, 8),
        ("docs", "record", None, 5, 5),
        ("notes", "held_back", "no primary key", 1, 1),
        ("notes", "held_back", None, 4, 4),
        ("notes", "record", None, 10, 10),
    ]


def test_240_notes_lose_no_word_and_no_image(tmp_path: Path) -> None:
    """As word processors and browsers write them; some are so long that they come in parts."""
    written: dict[str, Written] = {}
    for seed in range(120):
        length = 1200 if not seed % 40 else None
        written[str(2 * seed + 1)] = rtf_note(seed, length)
        written[str(2 * seed + 2)] = html_note(seed, length)
    # Notes of one seed may hold the same images: those of RTF and of HTML are of two patients.
    rows = [
        (number, "14"[int(number) % 2], "", "", "07/01/2024", note.body, "Y")
        for number, note in written.items()
    ]
    migration = migrate(tmp_path, {"NOTES.csv": notes_report(rows)})
    parts: dict[str, list[str]] = {}
    for key, body in migration.rows(
        'select "Migration_Key__c", "Body__c" from salesforce.dental_exec__note'
        ' where not _held_back order by "Part__c"'
    ):
        parts.setdefault(key.split(":")[2].partition("-")[0], []).append(body)
    assert sum(len(bodies) > 1 for bodies in parts.values()) == 6
    assert all(
        len(body.encode("utf-16-le")) <= 65536 for bodies in parts.values() for body in bodies
    )
    images = {
        title: (migration.home / path).read_bytes()
        for title, path in migration.rows(
            'select "Title", "VersionData" from salesforce.dental_exec__file where not _held_back'
        )
    }
    for number, note in written.items():
        text = "".join(parts.get(number, []))
        assert words_of(text) == note.in_order, number
        names = [f"note-{number}-{i}.{kind}" for i, (kind, _) in enumerate(note.images, 1)]
        assert MARKER.findall(text) == names
        assert [images.pop(name) for name in names] == [content for _, content in note.images]
    assert not images
