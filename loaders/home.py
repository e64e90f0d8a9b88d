"""Where everything lives: the project's own files, and MIGRATION_HOME for all state."""

import os
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import UserError

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The folder that holds a migration: health data, so mode 0700 and never in git."""

    path: Path

    @property
    def raw(self) -> Path:
        """Landed exports: `generations/<id>/` and the symlink `current`."""
        return self.path / "raw"

    @property
    def warehouse(self) -> Path:
        """The DuckDB database dbt builds."""
        return self.path / "warehouse.duckdb"

    @property
    def manifest(self) -> Path:
        """What we know we did, per org."""
        return self.path / "manifest.duckdb"

    @property
    def runs(self) -> Path:
        """One folder a run: frozen rows, results, progress."""
        return self.path / "runs"

    @property
    def schema(self) -> Path:
        """This migration's SFDX package."""
        return self.path / "schema"

    @property
    def custom_fields(self) -> Path:
        """Custom fields of the practice's own, proposed and confirmed."""
        return self.path / "custom_fields.yml"

    @property
    def reports(self) -> Path:
        """Files for people to read."""
        return self.path / "reports"

    @property
    def local_org(self) -> Path:
        """The local org's own state."""
        return self.path / "local_org"

    @property
    def dbt_target(self) -> Path:
        """dbt's artifacts: manifest.json, compiled SQL."""
        return self.path / "target"

    @property
    def logs(self) -> Path:
        """Logs: dbt's, the demo's, and what an unforeseen error said."""
        return self.path / "logs"


def open_home() -> Home:
    """The migration's home, from MIGRATION_HOME (default `var/` in the project), made if absent.

    Raises UserError where it cannot be made or is not a folder.
    """
    path = Path(os.environ.get("MIGRATION_HOME") or PROJECT / "var").expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise UserError(
            f"MIGRATION_HOME {path} cannot be used: {error.strerror}.",
            "Name a folder you may write to.",
        ) from error
    return Home(path)
