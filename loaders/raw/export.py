"""export.yml: what a practice says about its export set, checked word by word."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from loaders.errors import UserError
from loaders.raw import encoding
from loaders.raw.contract import PRODUCTS, Contract, product_contract
from loaders.raw.contract.names import plain

_SLUG = re.compile(r"[a-z0-9_]{1,32}")
_KEYS = (
    "system",
    "product",
    "practice",
    "practice_name",
    "kind",
    "time_zone",
    "encoding",
    "extracted_at",
    "ledger_sign",
    "exclude",
    "keep",
    "empty",
    "files",
    "columns",
)


@dataclass(frozen=True)
class Export:
    """A checked export.yml."""

    system: str
    product: str
    practice: str
    practice_name: str
    kind: str
    time_zone: str
    encoding: str | None
    extracted_at: datetime
    ledger_sign: str
    exclude: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    files: dict[str, str] = field(default_factory=dict)
    # By table: the column that a name of the practice's own stands for, the name as it counts.
    columns: dict[str, dict[str, str]] = field(default_factory=dict)


def read_export(content: bytes, shown: str) -> Export:
    """Reads export.yml. Raises UserError naming every problem in it, one line each."""
    document = _parse(content, shown)
    problems: list[str] = []
    system, product = _source(document, shown)
    contract = product_contract(system, product)

    def ask(key: str, check: Callable[[Any], Any], default: Any = None) -> Any:
        value = document.get(key, default)
        try:
            return check(value)
        except ValueError as error:
            problems.append(f"`{key}:` {error}")
            return None

    def tables(value: Any) -> frozenset[str]:
        return _tables(value, set(contract.tables))

    problems += [
        f"`{key}:` is not known; known are {', '.join(_KEYS)}."
        for key in document
        if key not in _KEYS
    ]
    practice = ask("practice", _slug)
    export = Export(
        system=system,
        product=product,
        practice=practice,
        practice_name=ask("practice_name", _name(practice)),
        kind=ask("kind", _always_full if system == "dental_exec" else _choice("full", "delta")),
        time_zone=ask("time_zone", _zone),
        encoding=ask("encoding", _encoding),
        extracted_at=ask("extracted_at", _instant),
        ledger_sign=ask(
            "ledger_sign", _choice("charges_positive", "charges_negative"), "charges_positive"
        ),
        exclude=ask("exclude", _names),
        keep=ask("keep", tables),
        empty=ask("empty", tables),
        files=ask("files", lambda value: _files(value, set(contract.tables))),
        columns=ask("columns", lambda value: _columns(value, contract)),
    )
    if not problems and (both := export.keep & export.empty):
        problems.append(f"`keep:` and `empty:` both name {', '.join(sorted(both))}.")
    if problems:
        raise UserError("\n  ".join([f"{shown} needs correcting:", *problems]))
    return export


def _parse(content: bytes, shown: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UserError(
            f"{shown} is no readable YAML{where}.", "Write it as `key: value` lines."
        ) from None
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise UserError(f"{shown} holds no `key: value` lines.", "It must name system, practice …")
    return document


def _source(document: dict[str, Any], shown: str) -> tuple[str, str]:
    known = ", ".join(
        f"`system: {system}`" + (f" with `product: {product}`" if product != system else "")
        for system, product in PRODUCTS
    )
    system, product = document.get("system"), document.get("product")
    if system == "dental_exec" and product is None:
        return "dental_exec", "dental_exec"
    if (system, product) in PRODUCTS and system != product:
        return str(system), str(product)
    wrong = "product" if system in {known_system for known_system, _ in PRODUCTS} else "system"
    says = "is missing" if document.get(wrong) is None else "is not known"
    raise UserError(f"{shown}: the {wrong} {says}.", f"Known: {known}.")


def _slug(value: Any) -> str:
    if isinstance(value, str) and _SLUG.fullmatch(value):
        return value
    raise ValueError("must be a slug: 1 to 32 of a-z, 0-9 and _, such as oak_park.")


def _name(practice: str | None) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value is None:
            return (practice or "").replace("_", " ").strip().title()
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()
        raise ValueError("must be the practice's name in one line, or absent.")

    return check


def _choice(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ValueError(f"must be one of {', '.join(choices)}.")

    return check


def _always_full(value: Any) -> str:
    if value == "full":
        return "full"
    raise ValueError(
        "must be full: Dental-Exec does not say when a row changed, so every set is a whole one,"
        " and what changed is found by comparing."
    )


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (KeyError, ValueError, OSError):
        raise ValueError("must be an IANA time zone, such as America/Chicago.") from None


def _encoding(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and encoding.known(value):
        return value
    raise ValueError("must be a known text encoding, such as cp1252 or utf-8, or absent.")


def _instant(value: Any) -> datetime:
    try:
        # YAML turns a timestamp into a datetime by itself, unless it is quoted.
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError("must be a time with its offset, such as 2026-11-20T02:00:00-06:00.")
    return instant


def _names(value: Any) -> frozenset[str]:
    value = [] if value is None else value
    if isinstance(value, list) and all(isinstance(name, str) and plain(name) for name in value):
        return frozenset(plain(name) for name in value)
    raise ValueError("must be a list of column names.")


def _tables(value: Any, known: set[str]) -> frozenset[str]:
    value = [] if value is None else value
    if isinstance(value, list) and all(isinstance(name, str) and name in known for name in value):
        return frozenset(value)
    raise ValueError("must be a list of table names, such as [aging, claim].")


def _files(value: Any, known: set[str]) -> dict[str, str]:
    """Which file holds which table, by the file's lower-case name."""
    value = {} if value is None else value
    if not isinstance(value, dict) or not set(value) <= known:
        raise ValueError("must map table names to file names, such as {patient: people.csv}.")
    files: dict[str, str] = {}
    for table, names in value.items():
        for file in names if isinstance(names, list) else [names]:
            if not isinstance(file, str) or not file.strip():
                raise ValueError("must map table names to file names, such as {patient: a.csv}.")
            files[file.strip().lower()] = table
    return files


def _columns(value: Any, contract: Contract) -> dict[str, dict[str, str]]:
    """By table, which column a name of the practice's own stands for."""
    value = {} if value is None else value
    example = ValueError(
        "must map tables to their columns' names, such as {patients: {patient_id: Pat. No.}}."
    )
    if not isinstance(value, dict) or not set(value) <= set(contract.tables):
        raise example
    told: dict[str, dict[str, str]] = {}
    for table, columns in value.items():
        if not isinstance(columns, dict) or not set(columns) <= set(contract.tables[table].columns):
            raise example
        told[table] = {}
        for column, names in columns.items():
            for name in names if isinstance(names, list) else [names]:
                if not isinstance(name, str) or not plain(name):
                    raise example
                if told[table].setdefault(plain(name), column) != column:
                    raise ValueError(f"gives one name to two columns of {table}.")
    return told
