"""`dbt`, with this project's folders filled in.

dbt resolves its profile, target, logs and database against the current folder and keeps target
and logs in the project; a `target-path` in dbt_project.yml is deprecated. The environment is the
one place left to say that all state lives under MIGRATION_HOME, so `.venv/bin/dbt` says it first
and then is dbt. What the user has set stays.
"""

import gc
import os
import sys
from pathlib import Path

from loaders.errors import UserError
from loaders.home import PROJECT, Home, open_home


def environment(home: Home) -> dict[str, str]:
    """The variables dbt needs to find this project and this migration's state."""
    return {
        "MIGRATION_HOME": str(home.path),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home.dbt_target),
        "DBT_LOG_PATH": str(home.logs),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


# The commands that read what was landed and write the warehouse.
_BUILDING = {"build", "run", "test", "seed", "snapshot"}


def _refuse_unready(home: Home) -> None:
    """dbt would answer a locked database, or nothing landed, with a traceback; one line serves
    better."""
    import duckdb

    if not (home.raw / "current" / "generation.json").exists():
        raise UserError(
            f"Nothing has been landed in {home.path} yet.",
            "Run `load-raw PATH` with an export, or `load-sf pull`, first.",
        )
    if not home.warehouse.exists():
        return
    try:
        duckdb.connect(str(home.warehouse)).close()
    except duckdb.IOException as error:
        if "could not set lock" not in str(error).lower():
            raise UserError(
                f"{home.warehouse} is not a DuckDB database that can be opened.",
                "Remove it and run `dbt build`: everything in it comes from raw/.",
            ) from error
        raise UserError(
            f"{home.warehouse} is open in another process.",
            "Close that program (a dbt run, load-sf, an editor's database viewer), then try again.",
        ) from error


# dbt keeps some million small objects until it ends: looking through them for garbage as often as
# Python does by itself took a tenth of a build.
_OBJECTS_BETWEEN_LOOKS = 100_000


def main() -> None:
    """Runs dbt's own command line."""
    try:
        home = open_home()
        for name, value in environment(home).items():
            os.environ.setdefault(name, value)
        home.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        if set(sys.argv[1:]) & _BUILDING:
            _refuse_unready(home)
    except UserError as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        sys.exit(int(error.code))
    os.umask(0o077)
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    from dbt.cli.main import cli

    cli()
