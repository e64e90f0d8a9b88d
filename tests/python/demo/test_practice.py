"""The made-up practice: the same bytes each time, every mess in it, nobody real."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo.layout import COLUMNS, FILES
from tests.python.demo.made_up import contents, rows_of, truth_of, write

MODULE = "demo.practice"
# What RULES and EXPORTS name, by the words of the planted cases.
KINDS = {
    "exact_same_guarantor",
    "middle_initial_same_address",
    "middle_name_same_phone",
    "accents_same_phone",
    "capitals_same_email",
    "married_name_same_chart",
    "one_letter_apart_without_children",
    "letters_swapped_same_chart",
    "no_birth_date_same_phone",
    "chain_of_three",
    "merged_with_a_family_of_its_own",
    "twins",
    "one_letter_apart_both_treated",
    "father_and_son",
    "group_with_two_birth_dates",
    "guarantor_missing",
    "guarantor_zero",
    "guarantor_held_back",
    "families_of_one_name",
    "family_the_org_knows",
    "family_the_org_knows_twice",
    "address_shared",
    "address_blank",
    "address_nobody_has",
    "billing_address",
    "privacy_flags",
    "birth_date_sentinels",
    "birth_date_formats",
    "birth_date_unreadable",
    "birth_date_in_the_future",
    "first_name_too_long",
    "preferred_name_too_long",
    "emails_invalid",
    "phones_odd",
    "states_and_countries",
    "codes_unknown",
    "carrier_spellings",
    "carrier_look_alikes",
    "carrier_the_org_knows",
    "plan_stale",
    "policy_missing",
    "subscriber_is_someone_else",
    "providers_who_are_nobody",
    "referring_dentists",
    "login_matched",
    "login_without_user",
    "staff_logins",
    "line_repeated",
    "key_twice",
    "key_missing",
    "line_too_short",
    "line_cut_off",
    "control_characters",
    "note_like_a_formula",
    "group_with_an_emoji",
    "columns_that_never_land",
    "file_missing",
    "refund",
    "insurance_pays_a_part",
    "opening_balance",
    "adjustments_and_late_charges",
    "posting_of_an_unknown_kind",
    "a_cent_off",
    "posting_undated",
    "work_without_an_amount",
    "code_of_their_own",
    "teeth_and_surfaces",
    "quadrant",
    "existing_work",
    "planned_without_a_case",
    "case_missing",
    "work_of_nobody",
    "claims",
    "clock_goes_forward",
    "clock_goes_back",
    "new_patient_on_the_phone",
    "block",
    "broken_and_waiting",
    "deleted_appointment",
    "lengths",
    "appointment_of_nobody",
    "journal_repeated",
    "note_of_forty_thousand_characters",
    "note_undated",
    "alert_twice",
    "alerts_of_the_old_masks",
    "recall_of_their_own",
    "picture_of_two",
}
REASONS = {
    "missing_required",
    "too_long",
    "not_in_picklist",
    "unreadable_date",
    "unreadable_number",
    "out_of_range",
    "invalid_email",
    "orphan",
    "parent_held_back",
    "duplicate_key",
    "possible_duplicate",
    "unmatched_user",
    "ambiguous_match",
    "adjusted",
    "invalid_code",
}
PHONE_COLUMNS = ("phone", "workphone", "pager", "otherphone", "fax", "work_phone")


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
    write(MODULE, tmp_path / "export", "--seed", "8")
    name = "export/Patient.CSV"
    assert contents(tmp_path)[name] != contents(practice)[name]


def test_writing_again_touches_nothing(tmp_path: Path) -> None:
    write(MODULE, tmp_path / "export")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write(MODULE, tmp_path / "export")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        write(MODULE, tmp_path)
    assert b"holds other files" in refused.value.stderr
    assert contents(tmp_path) == {"letter.txt": b"mine"}


def test_about_four_hundred_patients(practice: Path) -> None:
    assert (
        380
        <= len({row["patid"] for row in rows_of(practice, FILES["patient"], COLUMNS["patient"])})
        <= 420
    )


def test_every_kind_of_mess_is_planted_and_explained(planted: list[dict[str, Any]]) -> None:
    assert {one["case"] for one in planted} >= KINDS
    assert all(one["why"] for one in planted)
    assert {one["detail"].get("reason") for one in planted} >= REASONS


def test_files_are_as_odd_as_real_ones(practice: Path) -> None:
    files = contents(practice / "export")
    assert b"\r\n" in files["Patient.CSV"] and b"\r\n" not in files["staff.csv"]
    assert "Núñez".encode("cp1252") in files["Patient.CSV"]
    assert files["inscarrier.csv"].startswith(b"\xef\xbb\xbf")
    assert "\U0001f9b7".encode() in files["inscarrier.csv"]
    assert b"\x00" in files["Patient.CSV"]
    assert b"\t" in files["provider.tsv"] and b"|" in files["aging.txt"]
    assert files["Patient.CSV"].splitlines()[-1].startswith(b"Total records:")
    assert files["insured.csv"].endswith(b'"105')


def test_nobody_has_these_telephone_numbers(practice: Path) -> None:
    for table in FILES:
        for row in rows_of(practice, FILES[table], COLUMNS[table]):
            for column in set(PHONE_COLUMNS) & set(row):
                digits = re.sub(r"\D", "", row[column])
                assert digits == "" or re.search(r"55501\d\d", digits), (table, column)


def test_nobody_has_these_addresses(practice: Path) -> None:
    for name, content in contents(practice / "export").items():
        domains = set(re.findall(rb"@([A-Za-z.-]+\w)", content))
        real = {d for d in domains if not re.fullmatch(rb"example\.(com|org|net)", d.lower())}
        assert not real, name


def test_what_must_never_land_is_no_number(practice: Path) -> None:
    lines = (practice / "export" / "Patient.CSV").read_bytes().decode("cp1252").splitlines()
    assert "SSN" in lines[0]
    assert not re.search(r"\b(?!000)\d{3}-\d{2}-\d{4}\b", "\n".join(lines))
