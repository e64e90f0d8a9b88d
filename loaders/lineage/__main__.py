"""`make field-map`: writes into the marts' YAML what decides over each field.

Compiles the project in a folder of its own, reads every field's lineage out of the SQL, and writes
what is not under `source:` under `decided_by:`. The diff is there to be reviewed. With `--check` it
writes nothing and fails where something would change. It fails where a `source:` is not in the
lineage, or has not a column of an export whose value may arrive; with `--add-sources` it adds such.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from loaders.errors import Exit, UserError
from loaders.home import PROJECT
from loaders.lineage.field_map import FieldSource, read_field_map
from loaders.lineage.yaml_lists import with_lists
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


def update(
    project: Path, fields: list[FieldSource], write: bool, add_sources: bool = False
) -> list[Path]:
    """The mart files whose `decided_by:` is not what the lineage says, made so where `write`; with
    `add_sources` also those whose `source:` lacks a column."""
    by_file: dict[str, list[FieldSource]] = defaultdict(list)
    for field in fields:
        by_file[field.file].append(field)
    changed = []
    for path in (project / file for file in sorted(by_file)):
        told = by_file[str(path.relative_to(project))]
        text = new = path.read_text(encoding="utf-8")
        if add_sources:
            told = [replace(field, sources=(*field.sources, *field.unnamed)) for field in told]
            new = with_lists(new, "source", {f.place: f.sources for f in told})
        new = with_lists(new, "decided_by", {f.place: f.deciding for f in told})
        if new != text:
            changed.append(path)
            if write:
                path.write_text(new, encoding="utf-8")
    return changed


def faults(fields: list[FieldSource]) -> list[str]:
    """Where a `source:` is not true, one line each."""
    return [
        *(f"{f.step}.{f.field}: {s} is not in its lineage." for f in fields for s in f.unfounded),
        *(f"{f.step}.{f.field}: {c} may arrive." for f in fields for c in f.unnamed),
    ]


def main() -> int:
    """Runs the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m loaders.lineage", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--add-sources", action="store_true", help="complete `source:`")
    asked = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="bridgework-field-map-") as home:
            manifest = compiled(Path(home))
            fields = read_field_map(manifest)
        changed = update(PROJECT, fields, not asked.check, asked.add_sources)
    except UserError as error:
        notes.print(f"field-map: {error}", markup=False)
        return int(error.code)
    if asked.add_sources and not asked.check:
        fields = [replace(field, sources=(*field.sources, *field.unnamed)) for field in fields]
    for path in changed:
        notes.print(f"{path.relative_to(PROJECT)}: {'out of date' if asked.check else 'written'}")
    wrong = faults(fields)
    for line in wrong:
        notes.print(f"`source:` of {line}", markup=False)
    return Exit.ERROR if wrong or (asked.check and changed) else Exit.DONE


if __name__ == "__main__":
    sys.exit(main())
