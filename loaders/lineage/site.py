"""`make docs`: dbt's docs and the lineage of each column as pages, in `target/docs`.

Both are made of the project alone, in a folder of their own: no warehouse is read, and no data is
in them. dbt-colibri draws the columns' lineage. It knows a relation by its name and its columns by
dbt's catalog, so sources that are read from files get a name, and a catalog is made of the YAML.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders.errors import Exit, UserError
from loaders.home import PROJECT
from loaders.terminal import notes

SITE = PROJECT / "target" / "docs"
_COLIBRI = PROJECT / ".colibri" / "bin" / "colibri"


def build(site: Path = SITE) -> tuple[Path, Path]:
    """Makes both pages below `site` anew; gives dbt's and the lineage's. Raises UserError."""
    lineage = site / "lineage"
    shutil.rmtree(site, ignore_errors=True)
    lineage.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="bridgework-docs-") as folder:
        home = Path(folder)
        dbt = str(Path(sys.executable).parent / "dbt")
        generate = [dbt, "--quiet", "docs", "generate", "--static", "--empty-catalog"]
        _run(generate, {"MIGRATION_HOME": folder})
        page = home / "target" / "static_index.html"
        shutil.copy(page, site / "index.html")
        manifest = named(json.loads((home / "target" / "manifest.json").read_text("utf-8")))
        _write(home / "manifest.json", manifest)
        _write(home / "catalog.json", catalog(manifest))
        inputs = [
            "--manifest",
            str(home / "manifest.json"),
            "--catalog",
            str(home / "catalog.json"),
        ]
        drawing = [str(_COLIBRI), "generate", *inputs, "--output-dir", str(lineage)]
        _run(drawing, {"DO_NOT_TRACK": "1"})
    return site / "index.html", lineage / "index.html"


def named(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest, each source under a table's name, in the models' compiled code as well."""
    names = {}
    sources = {}
    for unique_id, source in manifest["sources"].items():
        name = f'"{source["database"]}"."{source["schema"]}"."{source["name"]}"'
        names[source["relation_name"]] = name
        sources[unique_id] = {**source, "relation_name": name}
    nodes = {}
    for unique_id, node in manifest["nodes"].items():
        code = node.get("compiled_code")
        for relation, name in names.items():
            code = code.replace(relation, name) if code else code
        nodes[unique_id] = {**node, "compiled_code": code}
    return {**manifest, "nodes": nodes, "sources": sources}


def catalog(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """dbt's catalog as a warehouse would answer, of the columns the YAML names."""

    def entry(node: Mapping[str, Any]) -> dict[str, Any]:
        columns = [*node["columns"].values()]
        if node["resource_type"] == "source":
            columns += [{"name": name} for name in ("_practice", "_file", "_line", "_landed_at")]
        return {
            "unique_id": node["unique_id"],
            "metadata": {
                "type": "VIEW",
                "database": node["database"],
                "schema": node["schema"],
                "name": node.get("alias") or node["name"],
            },
            "columns": {
                column["name"]: {
                    "name": column["name"],
                    "type": column.get("data_type") or "varchar",
                    "index": index,
                }
                for index, column in enumerate(columns, 1)
            },
            "stats": {},
        }

    nodes = manifest["nodes"].values()
    return {
        "metadata": manifest["metadata"],
        "nodes": {
            n["unique_id"]: entry(n) for n in nodes if n["resource_type"] in ("model", "seed")
        },
        "sources": {s["unique_id"]: entry(s) for s in manifest["sources"].values()},
        "errors": None,
    }


def _write(file: Path, document: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(document), encoding="utf-8")


def _run(command: list[str], more: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"`{Path(command[0]).name}` failed.", (done.stdout + done.stderr).strip())


def main() -> int:
    """Runs the command; gives its exit code."""
    try:
        pages = build()
    except UserError as error:
        notes.print(f"docs: {error}", markup=False)
        return int(error.code)
    for words, page in zip(("Models and fields", "Lineage of each column"), pages, strict=True):
        print(f"{words}: {page.relative_to(PROJECT)}")
    return int(Exit.DONE)


if __name__ == "__main__":
    sys.exit(main())
