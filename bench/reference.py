"""The loader's work in plain DuckDB and curl: `python -m bench.reference`.

It hashes every row of the bench's mart, leaves out what the org has taken with that hash, writes
the rest sorted as CSV of 150,000 rows, sends each by curl as one job of Bulk API 2.0, fetches its
results, reads them back, joins them to the rows and keeps key, Id and hash by one insert. It keeps
no journal: killed half-way, it does not know what it sent. DuckDB has its own settings. With
`--delta` it hashes and leaves out, no more. Prints the seconds of each part as JSON.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bench import mart
from loaders.home import Home, open_home

JOB_ROWS = 150_000
_LOOK_SECONDS = 0.05
_CHANGED = f"""
    from (select *, {mart.HASH} as hash from warehouse.{mart.TABLE} where not _held_back) as m
    anti join records as r on r.key = m."{mart.KEY}" and r.hash = m.hash
"""


@dataclass
class Watch:
    """Seconds by part."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Adds what the block takes to a part."""
        begun = time.monotonic()
        yield
        self.seconds[part] = self.seconds.get(part, 0) + time.monotonic() - begun


class Curl:
    """Bulk API 2.0 by curl, one process a call; the token is in a file, not on the command line."""

    def __init__(self, home: Home, folder: Path) -> None:
        said = json.loads((home.local_org / "server.json").read_text(encoding="utf-8"))
        self.base = f"{said['url']}/services/data/v67.0/jobs/ingest"
        self.config = folder / "curl"
        self.config.touch(mode=0o600)
        self.config.write_text(
            'silent\nshow-error\nfail\nnoproxy = "*"\n'
            f'header = "Authorization: Bearer {said["access_token"]}"\n',
            encoding="utf-8",
        )

    def call(self, path: str, *arguments: str) -> bytes:
        """The body of an answer. Raises CalledProcessError where it is an error."""
        command = ["curl", "--config", str(self.config), *arguments, self.base + path]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def json(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        """The JSON of an answer."""
        sent = ("--data", json.dumps(body)) if body else ()
        kind = ("--header", "Content-Type: application/json")
        return json.loads(self.call(path, "--request", method, *kind, *sent))


def load(home: Home, con: duckdb.DuckDBPyConnection, folder: Path, watch: Watch) -> int:
    """Sends what changed and keeps what became of it; gives the number of rows kept."""
    curl = Curl(home, folder)
    columns = ", ".join(f'"{column}"' for column in mart.FIELDS)
    with watch.time("hash, anti-join, sort"):
        con.execute(
            "create temp table ready as select row_number() over () as n, * from"
            f' (select hash, {columns} {_CHANGED} order by "{mart.KEY}")'
        )
    for first in range(1, _number(con, "ready") + 1, JOB_ROWS):
        rows = folder / "rows.csv"
        with watch.time("write CSV"):
            con.execute(
                f"copy (select {columns} from ready where n >= {first} and n < {first + JOB_ROWS}"
                f" order by n) to '{rows}'"
                " (format csv, header, timestampformat '%Y-%m-%dT%H:%M:%SZ')"
            )
        _send(curl, rows, folder / f"{first}.csv", watch)
    with watch.time("read back, join, insert"):
        con.execute(
            f'insert into records select "{mart.KEY}", sf__Id, hash'
            f" from read_csv('{folder}/*.successful.csv', all_varchar = true)"
            f' join ready using ("{mart.KEY}")'
        )
    return _number(con, "records")


def _send(curl: Curl, rows: Path, results: Path, watch: Watch) -> None:
    """One job, from its making to its results on disk."""
    made = {"object": mart.OBJECT, "operation": "upsert", "externalIdFieldName": mart.KEY}
    with watch.time("upload"):
        job = curl.json("POST", "", {**made, "contentType": "CSV", "lineEnding": "LF"})["id"]
        content = ("--header", "Content-Type: text/csv")
        curl.call(f"/{job}/batches", "--request", "PUT", *content, "--upload-file", str(rows))
        curl.json("PATCH", f"/{job}", {"state": "UploadComplete"})
    with watch.time("wait"):
        while (state := curl.json("GET", f"/{job}")["state"]) != "JobComplete":
            if state in ("Failed", "Aborted"):
                raise SystemExit(f"bench: the reference's job ended as {state}")
            time.sleep(_LOOK_SECONDS)
    with watch.time("download"):
        for kind in ("successful", "failed"):
            to = results.with_suffix(f".{kind}.csv")
            curl.call(f"/{job}/{kind}Results/", "--output", str(to))


def delta(con: duckdb.DuckDBPyConnection, watch: Watch) -> int:
    """Hashes and anti-joins; gives how many rows changed."""
    with watch.time("hash, anti-join"):
        row = con.execute(f"select count(*) {_CHANGED}").fetchone()
    return int(row[0]) if row else 0


def _number(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0


def main() -> int:
    """Does it in MIGRATION_HOME and prints the seconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.reference", description=__doc__)
    parser.add_argument("--delta", action="store_true")
    only_delta: bool = parser.parse_args().delta
    home, watch = open_home(), Watch()
    folder = home.path / "reference"
    folder.mkdir(mode=0o700, exist_ok=True)
    with duckdb.connect(str(folder / "reference.duckdb")) as con:
        con.execute("set enable_progress_bar = false")
        con.execute("create table if not exists records (key varchar, id varchar, hash varchar)")
        con.execute(f"attach '{home.warehouse}' as warehouse (read_only)")
        rows = delta(con, watch) if only_delta else load(home, con, folder, watch)
    print(json.dumps({"rows": rows, "seconds": watch.seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
