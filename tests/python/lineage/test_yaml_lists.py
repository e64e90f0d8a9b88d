"""Lists are written into the YAML people wrote, and nothing else in it changes."""

import pytest

from loaders.errors import UserError
from loaders.lineage.yaml_lists import Wanted, with_lists

TEXT = """\
# A mart.
models:
  - name: mart
    columns:
      - name: Flow
        config: {meta: {salesforce: {type: Text, help: "a: b"}, source: [t.a]}}  # short
      - name: Half
        config:
          tags: [x]
          meta: {salesforce: {type: Text}}
      - name: Block
        config:
          meta:
            # Why it is so.
            salesforce: {type: Text}
            source:
              - t.a  # first
              - t.b
      - name: Longhand

        config:
          meta:
            salesforce:
              type: Picklist
              values: [A, B]

      - name: Last
        description: Ends the file.
        config:
          meta:
            salesforce: {type: Text}
            decided_by: [t.old]
"""
LONG = [f"table_{n}.column_of_a_long_name" for n in range(5)]
WRITTEN = """\
# A mart.
models:
  - name: mart
    columns:
      - name: Flow
        config:
          meta:
            salesforce: {type: Text, help: "a: b"}
            source: [t.a]
            decided_by: [t.x, t.y]  # short
      - name: Half
        config:
          tags: [x]
          meta:
            salesforce: {type: Text}
            decided_by: [t.x]
      - name: Block
        config:
          meta:
            # Why it is so.
            salesforce: {type: Text}
            source:
              - t.a  # first
              - t.b
            decided_by: [t.x]
      - name: Longhand

        config:
          meta:
            salesforce:
              type: Picklist
              values: [A, B]
            decided_by:
              - table_0.column_of_a_long_name
              - table_1.column_of_a_long_name
              - table_2.column_of_a_long_name
              - table_3.column_of_a_long_name
              - table_4.column_of_a_long_name

      - name: Last
        description: Ends the file.
        config:
          meta:
            salesforce: {type: Text}
"""


def with_decided_by(text: str, lists: Wanted) -> str:
    return with_lists(text, "decided_by", lists)


def wanted(**columns: list[str]) -> dict[tuple[str, str], list[str]]:
    return {("mart", name): decided_by for name, decided_by in columns.items()}


def test_lists_are_written_replaced_and_taken_out() -> None:
    lists = wanted(Flow=["t.x", "t.y"], Half=["t.x"], Block=["t.x"], Longhand=LONG, Last=[])
    new = with_decided_by(TEXT, lists)
    assert new == WRITTEN
    assert with_decided_by(new, lists) == new


def test_sources_stand_before_what_decides() -> None:
    lists = wanted(Flow=["t.a", "t.z"], Half=["t.a"], Block=["t.a", "t.b", "t.z"], Last=["t.a"])
    found = with_lists(TEXT, "source", lists)
    for column, written in (
        ("Flow", 'salesforce: {type: Text, help: "a: b"}\n            source: [t.a, t.z]  # short'),
        ("Half", "salesforce: {type: Text}\n            source: [t.a]"),
        ("Block", "salesforce: {type: Text}\n            source: [t.a, t.b, t.z]"),
        ("Last", "source: [t.a]\n            decided_by: [t.old]"),
    ):
        assert written in found.partition(f"- name: {column}")[2].partition("- name:")[0], column
    then = with_lists(found, "decided_by", wanted(Flow=["t.x"]))
    assert "source: [t.a, t.z]  # short\n            decided_by: [t.x]" in then


def test_what_is_right_is_left_as_it_was_written() -> None:
    assert with_decided_by(TEXT, wanted(Flow=[], Last=["t.old"])) == TEXT
    other = TEXT.replace("decided_by: [t.old]", "decided_by:\n              - t.old  # by hand")
    assert with_decided_by(other, wanted(Last=["t.old"])) == other


def test_a_block_is_replaced_whole() -> None:
    lists = wanted(Longhand=LONG)
    shorter = with_decided_by(with_decided_by(TEXT, lists), wanted(Longhand=["t.x"]))
    assert shorter == with_decided_by(TEXT, wanted(Longhand=["t.x"]))


def test_a_column_that_cannot_be_edited_is_named() -> None:
    with pytest.raises(UserError, match=r"mart\.Nobody"):
        with_decided_by(TEXT, wanted(Nobody=["t.x"]))
