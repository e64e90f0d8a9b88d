"""What the tests of load-raw share: writing export sets, running the command, reading back."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.python import forked

LOAD_RAW = Path(sys.executable).parent / "load-raw"
EXPORT = {
    "system": "dentrix",
    "product": "g_series",
    "practice": "oak_park",
    "kind": "full",
    "time_zone": "America/Chicago",
    "extracted_at": "2026-11-20T02:00:00-06:00",
}


def write_set(folder: Path, files: Mapping[str, str | bytes], /, **export: Any) -> Path:
    """An export set; `export` overrides lines of export.yml, None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    says = {key: value for key, value in (EXPORT | export).items() if value is not None}
    (folder / "export.yml").write_text(yaml.safe_dump(says), encoding="utf-8")
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@dataclass(frozen=True)
class Migration:
    """A MIGRATION_HOME and the commands and reads a test needs."""

    home: Path

    def env(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "MIGRATION_HOME": str(self.home),
            "COLUMNS": "200",
            # The options of the project itself are none of these tests' business.
            "MIGRATION_CONFIG": str(self.options()),
            **more,
        }

    def options(self) -> Path:
        file = self.home.with_name(f"{self.home.name}-migration.yml")
        if not file.exists():
            file.write_text("defaults: {}\n")
        return file

    def load_raw(self, *args: str | Path, **env: str) -> forked.Done:
        return forked.run("load-raw", [*map(str, args)], self.env(**env), Path.cwd(), timeout=120)

    def land(self, *args: str | Path) -> dict[str, Any]:
        done = self.load_raw("--json", *args)
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def refuse(self, *args: str | Path, code: int = 1) -> str:
        """Runs a landing that must be refused; gives what it says, having seen nothing change."""
        before = self.generation()
        done = self.load_raw(*args)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert self.generation() == before
        assert not self.leftovers()
        return done.stderr

    def generation(self) -> str | None:
        link = self.home / "raw" / "current"
        return link.readlink().name if link.is_symlink() else None

    def leftovers(self) -> list[Path]:
        raw = self.home / "raw"
        if not raw.exists():
            return []
        unfinished = list(raw.glob("generations/.building-*"))
        return [*unfinished, *(p for p in raw.rglob("work/**/*") if p.is_file())]

    def rows(
        self, table: str, columns: str = "*", system: str = "dentrix", where: str = "true"
    ) -> list[tuple[Any, ...]]:
        files = self.home / "raw" / "current" / system / table / "*.parquet"
        # The columns and conditions are the tests' own words.
        query = f"select {columns} from read_parquet(?) where {where} order by all"
        with duckdb.connect() as reader:
            return reader.execute(query, [str(files)]).fetchall()

    def file(self, table: str, practice: str = "oak_park") -> dict[str, Any]:
        """The one row of migration.files about a table."""
        files = self.home / "raw" / "current" / "migration" / "files" / "*.parquet"
        with duckdb.connect() as reader:
            found = reader.execute(
                "select * from read_parquet(?) where table_name = ? and practice = ?",
                [str(files), table, practice],
            )
            names = [column[0] for column in found.description or []]
            (row,) = found.fetchall()
        return dict(zip(names, row, strict=True))

    def rejects(self, table: str) -> list[tuple[Any, ...]]:
        return self.rows(
            "rejects", "line, class, reason, key", "migration", f"table_name = '{table}'"
        )
