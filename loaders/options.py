"""migration.yml: a migration's options, for all practices and for one.

They are landed beside the data (source `raw_migration.practices`), so that models read them as
columns and a build always matches the options it was made with.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from loaders.errors import UserError
from loaders.home import PROJECT

_SLUG = re.compile(r"[a-z0-9_]{1,32}")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


@dataclass(frozen=True)
class SensitiveAlerts:
    """Which clinical alerts are sensitive, and whether they load, load masked, or stay out."""

    names: tuple[str, ...] = ()
    action: str = "load"


@dataclass(frozen=True)
class Options:
    """One practice's options, every one resolved."""

    appointments_as: str = "event"
    clinical_alerts: str = "auto"
    sensitive_alerts: SensitiveAlerts = field(default_factory=SensitiveAlerts)
    imaging_base_url: str | None = None
    fallback_owner: str | None = None
    max_file_mb: int = 25
    include_existing_work: bool = True
    lead_company: str = "Prospective patient"
    audit_fields: bool = False
    country: str = "US"

    def as_columns(self) -> dict[str, str | None]:
        """The options as `migration.practices` holds them: text; lists and maps as JSON."""
        return {name: _as_text(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class MigrationOptions:
    """The options of all practices."""

    defaults: Options = field(default_factory=Options)
    practices: dict[str, Options] = field(default_factory=dict)

    def of(self, practice: str) -> Options:
        """One practice's options: its own, else the defaults."""
        return self.practices.get(practice, self.defaults)


def options_file() -> Path:
    """migration.yml, or the file MIGRATION_CONFIG names."""
    named = os.environ.get("MIGRATION_CONFIG")
    return Path(named).expanduser() if named else PROJECT / "migration.yml"


def read_options() -> MigrationOptions:
    """Reads the options; a project without migration.yml has the defaults.

    Raises UserError naming every problem, one line each.
    """
    file = options_file()
    if not file.exists() and not os.environ.get("MIGRATION_CONFIG"):
        return MigrationOptions()
    document = _parse(file)
    problems = [
        f"`{key}:` is not known; known are defaults, practices."
        for key in document
        if key not in ("defaults", "practices")
    ]
    defaults = _resolve(Options(), document.get("defaults"), "defaults", problems)
    practices: dict[str, Options] = {}
    own = document.get("practices") or {}
    if not isinstance(own, dict):
        problems.append("`practices:` must map slugs to options.")
        own = {}
    for slug, options in own.items():
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            problems.append(f"`practices:` {slug!r} is no slug (1 to 32 of a-z, 0-9 and _).")
            continue
        practices[slug] = _resolve(defaults, options, f"practices: {slug}", problems)
    if problems:
        raise UserError("\n  ".join([f"{file} needs correcting:", *problems]))
    return MigrationOptions(defaults, practices)


def _parse(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}.", "Check MIGRATION_CONFIG."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UserError(f"{file} is no readable YAML{where}.", "See the comments in it.") from None
    document = {} if document is None else document
    if not isinstance(document, dict):
        raise UserError(f"{file} must hold `defaults:` and `practices:`.")
    return document


def _resolve(base: Options, given: Any, where: str, problems: list[str]) -> Options:
    if given is None:
        return base
    if not isinstance(given, dict):
        problems.append(f"`{where}:` must hold options, one `name: value` a line.")
        return base
    changes: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _CHECKS:
            known = ", ".join(option.name for option in fields(Options))
            problems.append(f"`{where}:` {key!r} is not known; known are {known}.")
            continue
        try:
            changes[key] = _CHECKS[key](value)
        except ValueError as error:
            problems.append(f"`{where}:` `{key}:` {error}")
    return replace(base, **changes)


def _choice(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ValueError(f"must be one of {', '.join(choices)}.")

    return check


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false.")


def _megabytes(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 2000:
        return value
    raise ValueError("must be a whole number of megabytes, 1 to 2000.")


def _line(value: Any) -> str:
    if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= 255:
        return value.strip()
    raise ValueError("must be one line of text, at most 255 characters.")


def _country(value: Any) -> str:
    # YAML reads a bare NO, Norway, as false.
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}", value):
        return value.upper()
    raise ValueError("must be a two-letter country code in quotes, such as 'US'.")


def _url(value: Any) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value) if isinstance(value, str) and value.isprintable() else None
    except ValueError:
        parts = None
    if parts and parts.scheme in ("http", "https") and parts.hostname and " " not in str(value):
        return str(value)
    raise ValueError("must be an address such as https://images.example.com/, or absent.")


def _email(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and _EMAIL.fullmatch(value.strip()):
        return value.strip()
    raise ValueError("must be the e-mail of a User, or absent.")


def _sensitive(value: Any) -> SensitiveAlerts:
    value = {} if value is None else value
    if not isinstance(value, dict) or not set(value) <= {"names", "action"}:
        raise ValueError("must hold `names:` (a list) and `action:` (load, mask or omit).")
    names = value.get("names") or []
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        raise ValueError("`names:` must be a list of alert names.")
    action = _choice("load", "mask", "omit")(value.get("action", "load"))
    return SensitiveAlerts(tuple(name.strip() for name in names), action)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "appointments_as": _choice("event", "appointment"),
    "clinical_alerts": _choice("auto", "picklist", "object"),
    "sensitive_alerts": _sensitive,
    "imaging_base_url": _url,
    "fallback_owner": _email,
    "max_file_mb": _megabytes,
    "include_existing_work": _flag,
    "lead_company": _line,
    "audit_fields": _flag,
    "country": _country,
}


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json.dumps(value)
