"""Stand-ins for dbt's and the project's macros, so that sqlfluff reads what people wrote.

Rendered for real, a staging model is thirty times as long as its source, and sqlfluff takes a
minute for what nobody will read. Here each macro renders to a call of its own name.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

MACROS = Path(__file__).resolve().parents[2] / "macros"
DEFINITION = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(")


class Rendered(str):
    """What a macro gives, be it text or a list: either can be added to the other."""

    def __add__(self, other: object) -> "Rendered":
        return self

    def __radd__(self, other: object) -> "Rendered":
        return self


def macro_names() -> dict[Path, list[str]]:
    """The macros of each file, in their order."""
    return {path: DEFINITION.findall(path.read_text()) for path in sorted(MACROS.glob("*.sql"))}


def _call(name: str) -> Callable[..., Rendered]:
    return lambda *_args, **_kwargs: Rendered(f"{name}()")


def _from_all(relation: str, *_args: Any, **_kwargs: Any) -> Rendered:
    return Rendered(f"select * from {relation}")


globals().update({name: _call(name) for names in macro_names().values() for name in names})

# Those that give something else than an expression.
checked = _from_all
loose_problems = _from_all
note_parts = _from_all
problems_of = _from_all
problem_type = _call("varchar[1]")


def rows_without_key(_keys: Any) -> Rendered:
    """A query of its own."""
    return Rendered("select _practice, _file, _line, object, key, found from keyless")


def ref(name: str) -> str:
    """A model, by its bare name."""
    return name


def source(_system: str, name: str) -> str:
    """A source table, by a name that is no keyword, as some of theirs nearly are."""
    return f"raw_{name}"


def config(**_kwargs: Any) -> str:
    """Nothing in the SQL."""
    return ""


def env_var(_name: str, default: str = "") -> str:
    """The default, whatever the environment says."""
    return default
