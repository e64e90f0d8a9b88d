import pytest

from tests.conformance.table import Row, render, write, written


def test_the_table_in_the_docs_says_what_the_tests_cover(
    rows: list[Row], pytestconfig: pytest.Config
) -> None:
    table = render(rows)
    if pytestconfig.getoption("--write-table"):
        write(table)
    assert written() == table, "docs/conformance.md is out of date: see how to renew it there"
