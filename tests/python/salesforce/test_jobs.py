"""How rows are cut into jobs: no job too big, no parent's rows in two jobs."""

import itertools
import random
from pathlib import Path

import duckdb
import pytest

from loaders.salesforce.ledger import changes

ROWS, BYTES = 10, 1_000


@pytest.mark.parametrize("seed", range(12))
def test_jobs_hold_whole_groups(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    size = chance.choice([1, 100, 150, 400])
    rows = [
        (f"{kind}", f"g{number:03}")
        for kind in range(chance.randint(1, 2))
        for number in range(chance.randint(1, 12))
        for _ in range(chance.randint(1, 14))
    ]
    file = tmp_path / "rows.parquet"
    with duckdb.connect() as con:
        con.execute("create table r (_kind varchar, _group varchar, _bytes bigint)")
        con.executemany("insert into r values (?, ?, ?)", [[*row, size] for row in rows])
        con.execute(f"copy r to '{file}' (format parquet)")
        parts = list(changes.split(con, file, ROWS, BYTES))
    assert [p.first for p in parts] == [0, *(p.last + 1 for p in parts[:-1])]
    assert parts[-1].last == len(rows) - 1
    room = min(ROWS, BYTES // size)
    for before, after in itertools.pairwise(parts):
        here, there = rows[before.last], rows[after.first]
        if here == there:
            assert rows.count(here) > room, "a group was cut that fits into a job"
    for part in parts:
        assert part.rows <= max(room, 1)
        assert {rows[n][0] for n in range(part.first, part.last + 1)} == {part.kind}
