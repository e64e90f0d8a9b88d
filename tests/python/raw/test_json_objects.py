"""The scanner that finds objects in a JSON text, whatever its shape and wherever it breaks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.raw import json_objects
from loaders.raw.json_objects import Broken, Found, Number
from loaders.raw.json_objects import json_objects as read_objects

KEYS = frozenset({"id"})


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def read(text: str, size: int = 1 << 20) -> list[tuple[int, Any]]:
    """Line and id of every object, line and reason of what is none."""
    found: list[tuple[int, Any]] = []
    for one in read_objects(pieces(text, size), KEYS):
        assert isinstance(one, Found | Broken)
        if isinstance(one, Broken):
            found.append((one.line, one.reason))
        else:
            found.append((one.line, dict(one.members).get("id")))
    return found


def object_(number: int) -> dict[str, Any]:
    return {"id": str(number), "to": {"id": "9"}, "list": [{"id": "8"}, [], "]}"], "x": 'a"\\{'}


SHAPES = {
    "lines": "\n".join(json.dumps(object_(n)) for n in range(3)),
    "lines, blank ones between": "\n\n".join(json.dumps(object_(n)) for n in range(3)) + "\n",
    "list": json.dumps([object_(n) for n in range(3)]),
    "pretty list": json.dumps([object_(n) for n in range(3)], indent=2),
    "list, one a line": "[\n" + ",\n".join(json.dumps(object_(n)) for n in range(3)) + "\n]\n",
    "pretty, one after the other": "\n".join(json.dumps(object_(n), indent=4) for n in range(3)),
    "page": json.dumps({"data": [object_(n) for n in range(3)]}),
    "page with more about it": json.dumps(
        {"statusCode": 200, "paging": {"next": "8"}, "data": [object_(n) for n in range(3)]}
        | {"links": [{"data": [1]}], "count": 3}
    ),
    "pretty page": json.dumps(
        {"data": [object_(n) for n in range(3)], "n": {"a": []}}, indent="\t"
    ),
    "a page a line": "\n".join(json.dumps({"data": [object_(n)]}) for n in range(3)),
    "pages one after the other": "".join(json.dumps({"data": [object_(n)]}) for n in range(3)),
    "pretty pages": "\n".join(
        json.dumps({"data": part}, indent=2)
        for part in ([object_(0), object_(1)], [], [object_(2)])
    ),
    "a list a line": "\n".join(json.dumps([object_(n)]) for n in range(3)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_every_shape_gives_the_same_objects(shape: str, size: int) -> None:
    text = SHAPES[shape]
    found = read(text, size)
    assert [what for _, what in found] == ["0", "1", "2"]
    lines = text.splitlines()
    assert all("{" in lines[line - 1] for line, _ in found)
    first_column = [n for n, line in enumerate(lines, start=1) if '"id": "' in line]
    if "pretty" in shape:
        # Pretty-printed, an object begins one line above its first member.
        own = [n - 1 for n in first_column if lines[n - 1].count('"id": ') == 1]
        assert [line for line, _ in found] == [n for n in own if n in {at for at, _ in found}]


def test_lines_are_those_of_the_first_character() -> None:
    assert read('{"data": [\n  {\n"id": "1"},\n\n {"id": "2"}]\n}\n\n{"id":\n"3"} {"id": "4"}') == [
        (2, "1"),
        (5, "2"),
        (8, "3"),
        (9, "4"),
    ]


@pytest.mark.parametrize("size", [1, 11, 1 << 20])
def test_a_broken_line_costs_itself_only(size: int) -> None:
    text = "\n".join(
        [
            '{"id": "1"}',
            '{"id": "2", "name": "never closed}',
            '{"id": "3", "x": oops}',
            '{"id": "4"',
            '{"id": "5"}}',
            "not json at all",
            "42",
            "null",
            '"text"',
            '{"id": "6"},',
            '{"id": "7", "a": {"id": "8"}, }',
            '{"id": "9"} trailing words',
            '{"id": "10"}',
            '{"id": "11", "cut": "o',
        ]
    )
    assert read(text, size) == [
        (1, "1"),
        (2, "no readable JSON"),
        (3, "no readable JSON"),
        (4, "no readable JSON"),
        (5, "5"),
        (5, "not an object"),
        (6, "not an object"),
        (7, "not an object"),
        (8, "not an object"),
        (9, "not an object"),
        (10, "6"),
        (11, "no readable JSON"),
        (12, "9"),
        (12, "not an object"),
        (13, "10"),
        (14, "no readable JSON: the file may break off here"),
    ]


def test_what_is_broken_in_a_list() -> None:
    assert read('[{"id": "1"}, {"id": "2", "x": oops, "y": {"z": [1]}}, {"id": "3"}]') == [
        (1, "1"),
        (1, "no readable JSON"),
        (1, "3"),
    ]
    assert read('[{"id": "1"}, 7, [{"id": "9"}], "a", {"id": "2"}]') == [
        (1, "1"),
        (1, "not an object"),
        (1, "not an object"),
        (1, "not an object"),
        (1, "2"),
    ]
    pretty = json.dumps([object_(n) for n in range(3)], indent=2).replace('"1"', "oops", 1)
    assert [what for _, what in read(pretty)] == ["0", "no readable JSON", "2"]
    last = json.dumps({"data": [object_(n) for n in range(2)]}, indent=2).replace('"1"', "oops", 1)
    assert [what for _, what in read(last + '\n{"id": "5"}')] == ["0", "no readable JSON", "5"]


def test_a_file_that_breaks_off() -> None:
    whole = json.dumps({"data": [{"id": "1"}, {"id": "2"}], "paging": {"next": None}})
    for cut in range(1, len(whole)):
        found = read(whole[:cut])
        objects = [what for _, what in found if what in ("1", "2")]
        complete = [n for n in ("1", "2") if f'{{"id": "{n}"}}' in whole[:cut]]
        assert objects == complete
        assert len(found) > len(complete), whole[:cut]
    assert read(whole) == [(1, "1"), (1, "2")]


def test_numbers_stay_as_written_and_names_may_repeat() -> None:
    (found,) = read_objects(
        iter(
            ['{"id": 1.10, "big": 123456789012345678901234567890, "n": NaN, "id": -1E5, "b": true}']
        ),
        KEYS,
    )
    assert isinstance(found, Found)
    assert [value for _, value in found.members] == [
        "1.10",
        "123456789012345678901234567890",
        "NaN",
        "-1E5",
        True,
    ]
    assert all(type(value) is Number for _, value in found.members[:4])


@pytest.mark.parametrize("where", ['{"id": "2", "x": %s}', '{"id": "2", "x": {"y": %s}}', "%s"])
def test_nesting_of_ten_thousand_levels(where: str) -> None:
    for deep in ("[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000):
        found = read(f'{{"id": "1"}}\n{where % deep}\n{{"id": "3"}}')
        assert found[0] == (1, "1") and found[-1] == (3, "3")
        assert {what for _, what in found[1:-1]} <= {"nested too deep", "not an object"}


def test_an_object_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "LONGEST_OBJECT", 1000)
    for size in (64, 1 << 20):
        for long in ('{"id": "2", "x": "%s"}', '{"id": "2", "x": "%s'):
            assert read(f'{{"id": "1"}}\n{long % ("x" * 5000)}\n{{"id": "3"}}', size) == [
                (1, "1"),
                (2, "longer than 4 MB"),
                (3, "3"),
            ]


def test_memory_stays_flat_whatever_a_line_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "LONGEST_OBJECT", 1000)
    longest = 0

    class Watched(json_objects._Reader):
        def _fill(self) -> bool:
            nonlocal longest
            longest = max(longest, len(self._text))
            return super()._fill()

    for junk in ('{"x": "' + "y" * 200_000, "x" * 200_000, " " * 200_000, '[{"id": [' * 20_000):
        list(Watched(pieces(junk + '\n{"id": "1"}', 100), KEYS).read())
    assert longest < 6000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(max_size=4), json_values, max_size=4), max_size=4),
    indent=st.sampled_from([None, 0, 2]),
    shape=st.sampled_from(["lines", "list", "page"]),
    size=st.integers(min_value=1, max_value=40),
)
def test_any_objects_in_any_shape(
    rows: list[dict[str, Any]], indent: int | None, shape: str, size: int
) -> None:
    named = [{"id": str(n)} | row for n, row in enumerate(rows)]
    if shape == "lines":
        text = "\n".join(json.dumps(row, indent=indent) for row in named)
    else:
        text = json.dumps({"data": named} if shape == "page" else named, indent=indent)
    found = list(read_objects(pieces(text, size), KEYS))
    assert all(isinstance(one, Found) for one in found)
    assert len(found) == len(named)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet='{}[]",:ida1 \n\\', max_size=60), size=st.integers(1, 20))
def test_any_text_is_read_to_its_end(text: str, size: int) -> None:
    found = list(read_objects(pieces(text, size), KEYS))
    lines = [one.line for one in found]
    assert lines == sorted(lines) and all(1 <= line <= text.count("\n") + 1 for line in lines)
