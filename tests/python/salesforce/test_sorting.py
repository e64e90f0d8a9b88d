"""Rows are sorted whatever they are long: in less memory than they take."""

from pathlib import Path

import duckdb
import pytest

from loaders.salesforce.ledger import sorting

ROWS, LENGTH = 30_000, 4_000
QUERY = f"""
    select
        'key ' || n as _key, 'group ' || hash(n) % 1000 as _group, {LENGTH} as _bytes,
        repeat(chr((97 + n % 26)::int), {LENGTH}) || n as words
    from range(?) as numbers (n)
"""


def test_rows_longer_than_memory_are_sorted_whole(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    spill = str(tmp_path / "spill")
    with duckdb.connect(
        config={"memory_limit": "80MB", "threads": 2, "temp_directory": spill}
    ) as con:
        with pytest.raises(duckdb.OutOfMemoryException):
            con.execute(f"copy ({QUERY} order by _group, _key) to '{file}'", [ROWS])
        sorting.write(con, QUERY, [ROWS], "_group, _key", file)
        assert con.execute("select current_setting('threads')").fetchone() == (2,)
        found = con.execute(
            "select _group, _key, words[1:1] || ltrim(words, words[1:1]) as words"
            " from read_parquet(?, file_row_number = true) order by file_row_number",
            [str(file)],
        ).fetchall()
    keys = [(group, key) for group, key, _ in found]
    assert keys == sorted(keys)
    assert len(set(keys)) == ROWS
    for _, key, words in found:
        number = int(key.split()[1])
        assert words == f"{chr(97 + number % 26)}{number}"
    assert [each.name for each in tmp_path.iterdir() if each.suffix != ""] == ["rows.parquet"]
