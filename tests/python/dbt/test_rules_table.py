"""docs/rules.md names tests that exist, and a test for every rule."""

import ast
import json
import re
from collections.abc import Iterator

import pytest

from demo import planted
from demo.maple_street import planted as maple_street
from tests.python.support import PROJECT, Migration

NAME = re.compile(r"`([a-z0-9_]+)(?:\[([a-z0-9_]+)\])?`")
TABLE = PROJECT / "docs" / "rules.md"


def rules() -> Iterator[tuple[str, str]]:
    """Each rule and the cell that says what holds it."""
    for line in TABLE.read_text().splitlines():
        if line.startswith("| ") and line != "| rule | held by |":
            rule, held_by = re.split(r"(?<!\\)\|", line)[1:3]
            yield rule.strip(), held_by.strip()


@pytest.fixture(scope="module")
def unit_tests(parsed: Migration) -> set[str]:
    manifest = json.loads((parsed.home / "target" / "manifest.json").read_text())
    return {test["name"] for test in manifest["unit_tests"].values()}


def pytest_functions() -> set[str]:
    """The names of all test functions, read without running anything."""
    return {
        node.name
        for path in (PROJECT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_rule_names_a_test() -> None:
    assert [rule for rule, held_by in rules() if not NAME.search(held_by)] == []


def test_every_test_named_exists(unit_tests: set[str]) -> None:
    known = unit_tests | pytest_functions()
    named = [found for _, held_by in rules() for found in NAME.findall(held_by)]
    assert [name for name, _ in named if name not in known] == []
    cases = {case.__name__ for case in (*planted.cases(), *maple_street.cases())}
    assert [case for _, case in named if case and case not in cases] == []
