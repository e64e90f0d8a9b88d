"""Whatever Python's csv module writes lands cell for cell, each row with its physical line."""

import csv
import io
import random
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.python.raw.exports import Migration, write_set

TABLES = ("patient", "address", "claim", "insured", "staff", "operatory", "aging", "document")
KEYS = dict(
    zip(
        TABLES,
        ("patid", "addrid", "claimid", "insuredid", "staff_id", "op_id", "guarid", "docid"),
        strict=True,
    )
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_nasty = st.text(alphabet='ab",;|\t\n\r é\x00\x7f\u2028😀"\n', max_size=12)
_any = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


@dataclass(frozen=True)
class Written:
    """A file's bytes, and the rows that must land: line and cells."""

    content: bytes
    encoding: str
    rows: list[tuple[int, list[str | None]]]


def _landed(cell: str) -> str | None:
    unified = cell.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", unified) or None


@st.composite
def written(draw: st.DrawFn, key: str) -> Written:
    """A table of random cells in a random dialect and encoding."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    quote_all = draw(st.booleans())
    # Python quotes a CR or LF by itself only where it is part of the line end.
    ends = ["\n", "\r\n", "\r"] if quote_all else ["\r\n"]
    end = draw(st.sampled_from(ends))
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from(",;|\t")),
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
        lineterminator=end,
    )
    width = draw(st.integers(1, 4))
    writer.writerow([key, *(f"x{number}" for number in range(width))])
    rows: list[tuple[int, list[str | None]]] = []
    cells_of = st.lists(st.one_of(_nasty, _any), min_size=width, max_size=width)
    for number, cells in enumerate(draw(st.lists(cells_of, max_size=8))):
        codec = "utf-8" if encoding.startswith("utf") else encoding
        kept = [cell.encode(codec, "ignore").decode(codec) for cell in cells]
        line = len(re.findall("\r\n|\r|\n", out.getvalue())) + 1
        writer.writerow([str(number), *kept])
        rows.append((line, [str(number), *map(_landed, kept)]))
    text = out.getvalue()
    ends_with_newline: bool = draw(st.booleans())
    if rows and not ends_with_newline:
        text = text.removesuffix(end)
    return Written(text.encode(encoding), encoding, rows)


# Each example is a process and eight files: shrinking one would take longer than reading it.
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.tuples(*(written(KEYS[table]) for table in TABLES)))
def test_random_tables(files: tuple[Written, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        migration = Migration(Path(folder) / "home")
        names = {f"{t}.csv": file.content for t, file in zip(TABLES, files, strict=True)}
        migration.land(write_set(Path(folder) / "set", names))
        for table, file in zip(TABLES, files, strict=True):
            found = migration.rows(table, f"_line, {KEYS[table]}, map_values(_extra)")
            # Undeclared cp1252 that happens to be valid UTF-8 is UTF-8: nothing can tell.
            if file.encoding == "cp1252" and _reads_as_utf8(file.content):
                assert len(found) == len(file.rows)
                continue
            assert [(line, [key, *extra]) for line, key, extra in found] == file.rows, table
            about = migration.file(table)
            assert about["rows_in_file"] == about["landed"] == len(file.rows)


def _reads_as_utf8(content: bytes) -> bool:
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def test_dirt_across_the_blocks_of_a_large_file(migration: Migration, tmp_path: Path) -> None:
    """16 MB: records, quotes and bad lines fall on every kind of block border."""
    chance = random.Random(20261120)
    lines, line = ["patid,lastname,note"], 2
    landed: list[tuple[int, str, str | None, str | None]] = []
    refused: list[tuple[int, str]] = []
    for number in range(60_000):
        kind = chance.random()
        note = "x" * chance.randrange(400)
        if kind < 0.10:
            text, span = f'{number},"two\nlines","{note}""\n"', 3
            landed.append((line, str(number), "two\nlines", f'{note}"\n'))
        elif kind < 0.101:
            text, span = f'{number},5" pipe,{note}', 1
            landed.append((line, str(number), '5" pipe', note or None))
        elif kind < 0.102:
            text, span = f'{number},"never closed,{note}', 1
            refused.append((line, "a quote opens in cell 2 and never closes"))
        elif kind < 0.103:
            text, span = f"{number},{note}", 1
            refused.append((line, "expected 3 cells, found 2"))
        elif kind < 0.104:
            text, span = f"{number},{note},,,", 1
            landed.append((line, str(number), note or None, None))
        else:
            text, span = f"{number},Smith,{note}", 1
            landed.append((line, str(number), "Smith", note or None))
        lines.append(text)
        line += span
    content = "\n".join([*lines, f"Total records: {len(lines) - 1}", ""])
    migration.land(write_set(tmp_path / "set", {"patient.csv": content}))
    found = sorted(migration.rows("patient", "_line, patid, lastname, note"))
    assert found == landed
    assert [(row[0], row[2]) for row in migration.rejects("patient")] == refused
    about = migration.file("patient")
    assert about["rows_in_file"] == about["trailer_count"] == 60_000


def test_an_unclosed_quote_at_the_top_costs_one_line(migration: Migration, tmp_path: Path) -> None:
    """The quotes after it all stand where quotes may stand, for more than a megabyte."""
    rows = [f'{number},"",{"x" * 90}' for number in range(2, 30_002)]
    content = "\n".join(["patid,lastname,note", '1,"open,x', *rows])
    migration.land(write_set(tmp_path / "set", {"patient.csv": content}))
    about = migration.file("patient")
    assert (about["rows_in_file"], about["landed"], about["rejected"]) == (30_001, 30_000, 1)
    assert migration.rejects("patient") == [
        (2, "unreadable_line", "a quote opens in cell 2 and never closes", None)
    ]
