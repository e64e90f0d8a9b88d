"""Input nobody should send: one clear line, the right exit code, nothing half-written."""

import gzip
import os
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.python.raw.exports import EXPORT, Migration, write_set

PATIENTS = {"patient.csv": "patid,lastname\n1,Smith\n"}


def test_paths_that_are_no_sets(migration: Migration, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    assert "bare holds no export.yml" in migration.refuse(tmp_path / "bare")
    assert "nowhere does not exist" in migration.refuse(tmp_path / "nowhere")
    file = tmp_path / "patient.csv"
    file.write_text("patid\n1\n")
    assert "neither a folder nor a .zip" in migration.refuse(file)
    assert "No such option" in migration.refuse("--no-such-option", code=2)


def test_export_yml_says_every_problem_at_once(migration: Migration, tmp_path: Path) -> None:
    folder = write_set(
        tmp_path / "set",
        PATIENTS,
        practice="Oak Park",
        kind="partial",
        time_zone="Chicago",
        encoding="klingon",
        extracted_at="2026-11-20T02:00:00",
        ledger_sign="plus",
        keep=["nonsense"],
        colour="red",
    )
    said = migration.refuse(folder)
    for words in (
        "`practice:` must be a slug",
        "`kind:` must be one of full, delta",
        "`time_zone:` must be an IANA time zone",
        "`encoding:` must be a known text encoding",
        "`extracted_at:` must be a time with its offset",
        "`ledger_sign:` must be one of charges_positive, charges_negative",
        "`keep:` must be a list of table names",
        "`colour:` is not known",
    ):
        assert words in said


DENTAL_EXEC = {"system": "dental_exec", "product": None}


@dataclass(frozen=True)
class Case:
    """A set that must be refused, and the words that must say why."""

    says: str
    files: dict[str, bytes] = field(default_factory=lambda: {"patient.csv": b"patid\n1\n"})
    export: dict[str, Any] = field(default_factory=dict)
    export_yml: bytes | None = None


def one_file(name: str, content: bytes, says: str) -> Case:
    return Case(says, {name: content})


CASES = [
    Case("the system is not known", export={"system": "eaglesoft"}),
    Case("the system is missing", export={"system": None}),
    Case("the product is not known", export={"product": "enterprise"}),
    Case("the product is not known", export={"system": "dental_exec"}),
    Case(
        "`kind:` must be full", export={"system": "dental_exec", "product": None, "kind": "delta"}
    ),
    Case("none of its files is a table of dental_exec", export=DENTAL_EXEC),
    Case("no file has that column", export={"columns": {"patient": {"lastname": "Surname"}}}),
    Case("gives one name to two", export={"columns": {"patient": {"patid": "A", "mi": "a"}}}),
    Case("`columns:` must map", export={"columns": {"patient": {"shoe_size": "A"}}}),
    Case("none of its files is a table of dentrix ascend", export={"product": "ascend"}),
    Case("names patient under `empty:`, yet", export={"empty": ["patient"]}),
    Case("export.yml names gone.csv under `files:`", export={"files": {"claim": "gone.csv"}}),
    Case("patid, the key of table patient, is excluded", export={"exclude": ["Pat ID"]}),
    Case("export.yml is no readable YAML (line 1)", export_yml=b"system: [dentrix"),
    Case("export.yml is no readable YAML", export_yml=b"\xff\xfe\x00"),
    Case("export.yml holds no `key: value` lines", export_yml=b"just words"),
    Case("no readable YAML", export_yml=b"system: !!python/object/apply:os.system [touch owned]"),
    one_file("patient.csv", b"", "patient.csv is empty"),
    one_file("patient.csv", b"\xef\xbb\xbf\r\n\r\n", "patient.csv is empty"),
    one_file("patient.csv", b"%PDF-1.7 ...", "no CSV: it is a PDF"),
    one_file("patient.csv", bytes(range(256)) * 20, "no CSV: it is binary"),
    one_file("patient.csv", "patid\n1\n".encode("utf-16-le"), "UTF-16 without a mark"),
    one_file("patient.csv", b"lastname,firstname\na,b\n", "patid, the key of table patient"),
    one_file("patient.csv", b'"patid,lastname\n1,a\n', "a quote opens in the header"),
    one_file("patient.csv.gz", b"patid\n1\n", "patient.csv.gz cannot be read"),
    one_file("patient.csv.gz", gzip.compress(b"patid\n" * 999)[:-20], "patient.csv.gz"),
    one_file("Patient.XLSX", b"PK\x03\x04", "Patient.XLSX is no workbook"),
    one_file("patient.xls", b"\xd0\xcf\x11\xe0", "patient.xls is a .xls file"),
    one_file("patient.parquet", b"PAR1 and no more", "patient.parquet cannot be read as Parquet"),
    one_file("patient.json", b"patid,lastname\n1,a\n", "patient.json is no JSON"),
    one_file("patient.dat", b"\0", "a .dat file without a layout beside it (patient.layout.yml)"),
    one_file("people.csv", b"shoe,size\n1,2\n", "none of its files is a table"),
]


def test_every_refusal_is_one_clear_line(tmp_path: Path) -> None:
    def refuse(number: int) -> str:
        case = CASES[number]
        folder = write_set(tmp_path / str(number) / "set", case.files, **case.export)
        if case.export_yml is not None:
            (folder / "export.yml").write_bytes(case.export_yml)
        return Migration(folder.with_name("home")).refuse(folder)

    with ThreadPoolExecutor(2) as pool:
        for case, said in zip(CASES, pool.map(refuse, range(len(CASES))), strict=True):
            assert case.says in said and len(said.splitlines()) <= 2, (case, said)
    assert not Path("owned").exists()


def test_nothing_of_a_set_lands_where_one_file_is_bad(migration: Migration, tmp_path: Path) -> None:
    migration.land(write_set(tmp_path / "good", PATIENTS))
    bad = write_set(
        tmp_path / "bad",
        {"address.csv": "addrid\n1\n", "patient.csv": "patid\n9\n", "txcase.csv": ""},
        extracted_at="2026-12-01T00:00:00Z",
    )
    migration.refuse(bad)
    assert migration.rows("patient", "patid") == [("1",)]


def test_links_out_of_the_folder(migration: Migration, tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", {})
    (tmp_path / "secret.csv").write_text("patid\n1\n")
    (folder / "patient.csv").symlink_to(tmp_path / "secret.csv")
    assert "patient.csv is a link that leads out" in migration.refuse(folder)


def _zip(path: Path, members: dict[str, str], mode: int | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode and name != "export.yml":
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return path


def test_zips_not_to_be_trusted(migration: Migration, tmp_path: Path) -> None:
    yml = {"export.yml": "\n".join(f"{key}: {value}" for key, value in EXPORT.items())}
    climbing = _zip(tmp_path / "climb.zip", {**yml, "../../evil.csv": "patid\n1\n"})
    assert "outside its folder" in migration.refuse(climbing)
    absolute = _zip(tmp_path / "absolute.zip", {**yml, "/tmp/bridgework-evil.csv": "x"})
    assert "outside its folder" in migration.refuse(absolute)
    link = _zip(tmp_path / "link.zip", {**yml, "patient.csv": "/etc/passwd"}, stat.S_IFLNK | 0o777)
    assert "patient.csv is a link" in migration.refuse(link)
    bomb = _zip(tmp_path / "bomb.zip", {**yml, "patient.csv": "0" * 4096})
    # The size the archive's directory promises for its last member.
    content = bytearray(bomb.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (3 << 30).to_bytes(4, "little")
    bomb.write_bytes(content)
    assert "out of proportion" in migration.refuse(bomb)
    (tmp_path / "no.zip").write_bytes(b"not a zip")
    assert "no.zip cannot be unpacked" in migration.refuse(tmp_path / "no.zip")
    _hold_damaged(migration, tmp_path, yml)
    assert not (tmp_path / "evil.csv").exists()
    assert not os.path.lexists("/tmp/bridgework-evil.csv")


def _hold_damaged(migration: Migration, folder: Path, members: dict[str, str]) -> None:
    """Bytes that changed on their way, and a way of packing that nobody here knows."""
    whole = _zip(folder / "whole.zip", {**members, "patient.csv": "patid\n" * 500}).read_bytes()
    damaged = bytearray(whole)
    packed = whole.index(b"export.yml") + len("export.yml")
    damaged[packed : packed + 12] = bytes(255 - byte for byte in damaged[packed : packed + 12])
    (folder / "damaged.zip").write_bytes(damaged)
    said = migration.refuse(folder / "damaged.zip")
    assert "damaged.zip cannot be unpacked: it is damaged or no zip" in said
    strange = bytearray(whole)
    for place in (8, whole.index(b"PK\x01\x02") + 10):
        strange[place : place + 2] = (97).to_bytes(2, "little")
    (folder / "strange.zip").write_bytes(strange)
    assert "packed in a way this version does not know" in migration.refuse(folder / "strange.zip")


def test_values_never_reach_the_terminal(migration: Migration, tmp_path: Path) -> None:
    rows = 'patid,lastname\n1,"Zebedee\n2,Zebedee,Zebedee\n,Zebedee\n3,Zebedee\n3,Zebedee2\n'
    done = migration.load_raw(write_set(tmp_path / "set", {"patient.csv": rows}))
    assert done.returncode == 0 and "Zebedee" not in done.stdout + done.stderr


def test_too_little_memory_is_told_with_what_gives_more(
    migration: Migration, tmp_path: Path
) -> None:
    lines = "".join(f"{i},Smith\n" for i in range(20_000))
    folder = write_set(tmp_path / "set", {"patient.csv": f"patid,lastname\n{lines}"})
    done = migration.load_raw(folder, BRIDGEWORK_MEMORY="4MB")
    assert done.returncode == 1
    assert "could not be landed: DuckDB needs more memory than it may take" in done.stderr
    assert "BRIDGEWORK_MEMORY" in done.stderr and "Smith" not in done.stderr
    assert migration.generation() is None and not migration.leftovers()
    assert migration.load_raw(folder, BRIDGEWORK_MEMORY="200MB").returncode == 0


def test_long_texts_get_the_memory_they_need(migration: Migration, tmp_path: Path) -> None:
    body = "It aches. " * 3000
    lines = "".join(f"{n},{n} {body}\n" for n in range(6_000))
    folder = write_set(tmp_path / "set", {"patient.csv": f"patid,note\n{lines}"})
    done = migration.load_raw(folder)
    assert done.returncode == 0, done.stderr
    assert "set: its texts are long; once more, with 400MB" in done.stderr, done.stderr
    # As often as it was begun, it is there once.
    assert migration.rows("patient", "count(*), count(distinct patid)") == [(6_000, 6_000)]
    assert len(migration.rows("sets", "set_id", "migration")) == 1
    assert not migration.leftovers()
