"""The project's SQL macros outside dbt, so that the audit reads a cell as staging will."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from loaders.home import PROJECT

_FOLDER = PROJECT / "macros"


class _Adapter:
    """What dbt calls `adapter`, for DuckDB: every dispatched macro has its `default__` for it."""

    def dispatch(self, name: str) -> Any:
        return getattr(_module(name), f"default__{name}")


@cache
def _environment() -> Environment:
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    environment.globals.update(adapter=_Adapter(), **{"return": lambda value: value})
    environment.globals.update({file.stem: _macro(file) for file in _FOLDER.glob("*.sql")})
    return environment


def _macro(file: Path) -> Any:
    return lambda *args, **kwargs: getattr(_module(file.stem), file.stem)(*args, **kwargs)


@cache
def _module(name: str) -> Any:
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return _environment().from_string(text).module


def sql(macro: str, *args: Any, **kwargs: Any) -> str:
    """What a macro of `macros/<macro>.sql` gives: an expression, or a text."""
    return str(getattr(_module(macro), macro)(*args, **kwargs)).strip()
