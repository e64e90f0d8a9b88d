"""The files that rows of docs name: found, kept by content, or said why not."""

import shutil
import stat
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.python.raw.dental_exec import DENTAL_EXEC, files, report
from tests.python.raw.exports import Migration, write_set

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def docs(*paths: str) -> str:
    return report([{"Doc ID": str(i), "Relative Path": p} for i, p in enumerate(paths, 1)])


def write(folder: Path, paths: list[str], held: dict[str, bytes], **more: str) -> Path:
    made = files(DOCS=docs(*paths), **more) | {f"files/{name}": held[name] for name in held}
    return write_set(folder, made, **DENTAL_EXEC)


def found(migration: Migration) -> list[tuple[str, ...]]:
    return migration.rows(
        "doc_files", "cast(doc_id as integer), status, coalesce(why, '')", "dental_exec"
    )


def test_every_row_says_what_became_of_its_file(migration: Migration, tmp_path: Path) -> None:
    long = "n" * 300 + ".png"
    held = {
        "x/Björk.PNG": PNG,
        "same/A.pdf": b"1",
        "same/a.PDF": b"2",
        "none.pdf": b"",
        "spare.pdf": b"nobody's",
    }
    paths = [
        "X\\björk.png", "./files/x/Björk.PNG", "same/A.pdf", "same/a.pdf", "none.pdf", "gone.pdf",
        "../export.yml", "x/../../etc/passwd", "C:\\scans\\a.png", "/etc/passwd", long, "",
        "out.png", "behind/a.png", "\\\\server\\share\\a.png",
    ]  # fmt: skip
    folder = write(tmp_path / "set", paths, held)
    (folder / "files" / "out.png").symlink_to("/etc/passwd")
    (folder / "files" / "behind").symlink_to(tmp_path)
    migration.land(folder)
    assert [row[1] for row in found(migration)] == [
        "ok", "ok", "ok", "missing", "empty", "missing",
        "outside", "outside", "outside", "outside", "missing", "missing",
        "link", "link", "outside",
    ]  # fmt: skip
    assert found(migration)[3][2] == "2 files differ from it in case only"
    ok = migration.rows("doc_files", "sha256, bytes, path", "dental_exec", "doc_id in ('1', '2')")
    assert set(ok) == {(sha256(PNG).hexdigest(), len(PNG), ok[0][2])}
    note = migration.rows("files", "note", "migration", "file = 'files/'")
    assert note == [("2 of the 5 files below it are named by no row of docs",)]


def test_the_bytes_outlive_the_export_and_are_private(migration: Migration, tmp_path: Path) -> None:
    folder = write(tmp_path / "set", ["a.png", "b.png"], {"a.png": PNG, "b.png": PNG})
    migration.land(folder)
    # An export program writes over its own files.
    (folder / "files" / "a.png").write_bytes(b"changed")
    shutil.rmtree(folder)
    (path,) = {row[0] for row in migration.rows("doc_files", "path", "dental_exec")}
    kept = migration.home / path
    assert kept.read_bytes() == PNG
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len([p for p in (migration.home / "raw" / "files").rglob("*") if p.is_file()]) == 1


def test_the_inventory_stands_with_its_table(migration: Migration, tmp_path: Path) -> None:
    migration.land(write(tmp_path / "first", ["a.png"], {"a.png": PNG}))
    at = {"extracted_at": "2026-12-01T00:00:00Z"}
    migration.land(write_set(tmp_path / "later", files(), **(DENTAL_EXEC | at)))
    assert [row[1] for row in found(migration)] == ["ok"]
    told: dict[str, Any] = {
        "extracted_at": "2026-12-02T00:00:00Z",
        "empty": ["docs", "notes"],
    }
    reports = {name: text for name, text in files().items() if name != "NOTES.csv"}
    migration.land(write_set(tmp_path / "none", reports, **(DENTAL_EXEC | told)))
    assert found(migration) == []
    assert migration.rows("note_texts", "*", "dental_exec") == []


def test_a_zip_gives_the_same(migration: Migration, tmp_path: Path) -> None:
    folder = write(tmp_path / "set", ["a/b.png", "gone"], {"a/b.png": PNG})
    packed = tmp_path / "set.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(file, file.relative_to(folder))
    migration.land(packed)
    packed.unlink()
    assert [row[1] for row in found(migration)] == ["ok", "missing"]
    ((path,),) = migration.rows("doc_files", "path", "dental_exec", "status = 'ok'")
    assert (migration.home / path).read_bytes() == PNG
    assert stat.S_IMODE((migration.home / path).stat().st_mode) == 0o600


def test_what_nobody_names_any_more_goes_with_its_generation(
    migration: Migration, tmp_path: Path
) -> None:
    for number in range(3):
        held = {"a.png": PNG + bytes([number])}
        made = files(DOCS=docs("a.png")) | {f"files/{name}": held[name] for name in held}
        at = {"extracted_at": f"2026-12-0{number + 1}T00:00:00Z"}
        migration.land(write_set(tmp_path / str(number), made, **(DENTAL_EXEC | at)))
    kept = {p.name for p in (migration.home / "raw" / "files").rglob("*") if p.is_file()}
    assert kept == {sha256(PNG + bytes([number])).hexdigest() for number in (1, 2)}
