"""`make field-map`: writes into the marts' YAML what decides over each field.

Compiles the project in a folder of its own, reads every field's lineage out of the SQL, and writes
what is not under `source:` under `decided_by:`. The diff is there to be reviewed. With `--check` it
writes nothing and fails where something would change. Either way it fails where a `source:` is not
in the lineage, and tells of columns whose value may arrive that no `source:` names.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from loaders.errors import Exit, UserError
from loaders.home import PROJECT
from loaders.lineage.decided_by import Wanted, with_decided_by
from loaders.lineage.field_map import FieldSource, read_field_map
from loaders.terminal import notes


def compiled(home: Path) -> Path:
    """Compiles the project with its state in `home`; gives the manifest. Raises UserError."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "--quiet", "compile"],
        env={**os.environ, "MIGRATION_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError("`dbt compile` failed.", (done.stdout + done.stderr).strip())
    return home / "target" / "manifest.json"


def update(project: Path, fields: list[FieldSource], write: bool) -> list[Path]:
    """The mart files whose `decided_by:` is not what the lineage says, made so where `write`."""
    wanted: dict[str, dict[tuple[str, str], tuple[str, ...]]] = defaultdict(dict)
    for field in fields:
        wanted[field.file][field.step, field.field] = field.deciding
    return [
        path
        for path in (project / file for file in sorted(wanted))
        if _update_file(path, wanted[str(path.relative_to(project))], write)
    ]


def _update_file(path: Path, wanted: Wanted, write: bool) -> bool:
    text = path.read_text(encoding="utf-8")
    new = with_decided_by(text, wanted)
    if write and new != text:
        path.write_text(new, encoding="utf-8")
    return new != text


def main() -> int:
    """Runs the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m loaders.lineage", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    try:
        with tempfile.TemporaryDirectory(prefix="bridgework-field-map-") as home:
            fields = read_field_map(compiled(Path(home)))
        changed = update(PROJECT, fields, write=not check)
    except UserError as error:
        notes.print(f"field-map: {error}", markup=False)
        return int(error.code)
    unfounded = [f"{f.step}.{f.field}: {s}" for f in fields for s in f.unfounded]
    for field in fields:
        for column in field.unnamed:
            notes.print(f"{field.step}.{field.field}: {column} may arrive, `source:` has it not.")
    for path in changed:
        notes.print(f"{path.relative_to(PROJECT)}: {'out of date' if check else 'written'}")
    for place in unfounded:
        notes.print(f"{place} is under `source:`, but not in the lineage.")
    return Exit.ERROR if unfounded or (check and changed) else Exit.DONE


if __name__ == "__main__":
    sys.exit(main())
