"""The made-up practice of Dental-Exec: the same bytes each time, every mess in it, nobody real."""

import re
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from demo import planted as oak_park
from demo.maple_street import later
from demo.maple_street.layout import COLUMNS, FILES
from demo.maple_street.papers import pdf, png
from demo.maple_street.planted import cases
from demo.maple_street.practice import make_up
from tests.python.demo.made_up import contents, rows_of, truth_of, write

MODULE = "demo.maple_street.practice"
# What the rules name of Dental-Exec, by the words of the planted cases.
KINDS = {
    "typist_with_a_user",
    "typist_without_a_user",
    "typist_who_left",
    "providers_by_kind",
    "provider_of_no_known_kind",
    "provider_who_is_a_test",
    "relationships",
    "relationship_said_twice",
    "primary_provider_gone",
    "typed_in_twice",
    "middle_name_on_the_card",
    "senior_and_junior",
    "mother_pays",
    "payer_typed_in_twice",
    "payer_gone",
    "patient_without_last_name",
    "patient_of_one_name",
    "names_shouted",
    "accents_in_the_reports",
    "drug_in_the_flag",
    "odd_words",
    "birth_dates_as_typed",
    "address_of_mail_nobody_reads",
    "carriers_of_the_other_practice",
    "words_of_the_book",
    "word_of_their_own",
    "end_against_minutes",
    "no_length_at_all",
    "ends_before_it_begins",
    "night_the_clocks_changed",
    "slot_of_nobody_yet",
    "slot_of_a_deleted_patient",
    "slot_without_a_day",
    "recalls_in_disguise",
    "months_without_a_recall",
    "recall_that_was_kept",
    "call_with_its_hour",
    "task_in_a_state_of_its_own",
    "interval_in_prose",
    "errand_for_nobody",
    "plan_of_three_lines",
    "plan_in_an_unknown_state",
    "work_finds_its_line",
    "code_of_the_house",
    "work_on_no_day",
    "money_comes_and_goes",
    "bill_of_no_known_kind",
    "bill_in_words",
    "bill_of_lost_work",
    "a_cent_too_much",
    "a_balance_in_words",
    "claims_with_the_insurer",
    "rates_as_written",
    "note_from_a_word_processor",
    "note_from_a_browser",
    "note_of_forty_thousand_letters",
    "notes_of_one_visit",
    "note_of_a_lost_visit",
    "note_of_no_day",
    "scan_arrives",
    "scan_twice",
    "scans_that_cannot_come",
    "scan_of_nobody",
    "prospects_of_every_kind",
    "prospects_who_are_patients",
    "prospect_in_words_of_their_own",
    "prospect_without_last_name",
    "report_repeats_a_line",
    "report_breaks_off",
    "report_names_no_key",
    "numbers_that_never_land",
    "cell_like_a_formula",
}
REASONS = {
    "missing_required",
    "not_in_picklist",
    "unreadable_date",
    "unreadable_number",
    "out_of_range",
    "invalid_email",
    "invalid_code",
    "orphan",
    "parent_held_back",
    "duplicate_key",
    "file_missing",
    "file_refused",
    "adjusted",
}
PHONES = ("home_phone", "work_phone", "cell_phone", "phone")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice")
    write(MODULE, folder / "export")
    return folder


@pytest.fixture(scope="module")
def planted(practice: Path) -> list[dict[str, Any]]:
    return truth_of(practice)


def test_same_seed_gives_the_same_bytes(practice: Path, tmp_path: Path) -> None:
    write(MODULE, tmp_path / "export", hash_seed="2")
    assert contents(tmp_path) == contents(practice)


def test_other_seed_gives_other_people(practice: Path, tmp_path: Path) -> None:
    write(MODULE, tmp_path / "export", "--seed", "12")
    name = "export/PATIENTS.csv"
    assert contents(tmp_path)[name] != contents(practice)[name]


def test_a_folder_with_other_documents_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "letter.txt").write_text("mine")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        write(MODULE, tmp_path)
    assert b"holds other files" in refused.value.stderr
    assert contents(tmp_path) == {"files/letter.txt": b"mine"}


def test_a_few_hundred_patients(practice: Path) -> None:
    assert (
        200
        <= len(
            {row["patient_id"] for row in rows_of(practice, FILES["patients"], COLUMNS["patients"])}
        )
        <= 300
    )


def test_every_kind_of_mess_is_planted_and_explained(planted: list[dict[str, Any]]) -> None:
    assert {one["case"] for one in planted} >= KINDS
    assert all(one["why"] for one in planted)
    assert {one["detail"].get("reason") for one in planted} >= REASONS


def test_no_case_bears_the_name_of_one_at_oak_park() -> None:
    assert not {c.__name__ for c in cases()} & {c.__name__ for c in oak_park.cases()}


def test_reports_are_headed_as_dental_exec_heads_them(practice: Path) -> None:
    files = contents(practice / "export")
    assert files["BILLING.csv"].splitlines()[0] == (
        b"Trans ID,Account No,Patient ID,Date,Type,Code,Description,Amount,Provider ID,TX Hist ID,"
        b"Balance"
    )
    assert files["PATIENTS.csv"].startswith(b"Patient ID,Account No,Responsible Party ID, Last")
    assert "Øreløkke".encode("cp1252") in files["PATIENTS.csv"]
    assert files["TASKS.csv"].startswith(b"\xef\xbb\xbf")


def test_documents_are_real_small_files(practice: Path) -> None:
    files = [path for path in (practice / "export" / "files").rglob("*") if path.is_file()]
    assert 50 <= len(files) <= 100
    assert all(path.stat().st_size < 1000 for path in files)
    kinds = {".png": b"\x89PNG", ".pdf": b"%PDF"}
    wrong = [p for p in files if p.stat().st_size and p.read_bytes()[:4] != kinds[p.suffix]]
    assert wrong == []


def test_a_picture_can_be_looked_at() -> None:
    content = png(3)
    start = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    assert len(zlib.decompress(content[start + 4 : start + 4 + length])) == 8 * 9


def test_a_pdf_says_where_its_parts_are() -> None:
    content = pdf("Consent")
    start = int(content.split(b"startxref\n")[1].split()[0])
    assert content[start : start + 4] == b"xref"
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", content)]
    assert [content[at : at + 7] for at in places] == [b"%d 0 obj" % n for n in range(1, 5)]


def test_nobody_has_these_telephone_numbers_or_addresses(practice: Path) -> None:
    for table in FILES:
        for row in rows_of(practice, FILES[table], COLUMNS[table]):
            for column in set(PHONES) & set(row):
                digits = re.sub(r"\D", "", row[column])
                assert digits == "" or re.search(r"55501\d\d", digits), (table, column)
    for name, content in contents(practice / "export").items():
        domains = set(re.findall(rb"@([A-Za-z.-]+\w)", content)) if name.endswith("v") else set()
        assert not {d for d in domains if not re.fullmatch(rb"example\.(com|org|net)", d.lower())}


def test_balances_are_what_was_billed_but_for_those_planted() -> None:
    book = make_up()
    assert len(book.unsettled) == 3
    assert sum(one["effect"] == "differs" for one in book.truth) == 1


def test_a_week_later_all_of_it_is_there_again(practice: Path) -> None:
    before, after = contents(practice / "export"), later.files()
    assert set(before) < set(after)
    assert {name for name in before if before[name] != after[name]} == {
        "export.yml", "PATIENTS.csv", "APPOINTMENTS.csv", "TASKS.csv", "DOCS.csv", "PROSPECTS.tsv",
    }  # fmt: skip
