"""The checks of the audit, read from `checks.csv`: one row a check, none in code."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from loaders.audit.macros import sql
from loaders.audit.targets import targets
from loaders.errors import UserError
from loaders.raw.contract import PRODUCTS, Contract, product_contract

FILE = Path(__file__).with_name("checks.csv")

# What each kind of check finds, as a class of the correction report.
CLASSES = {
    "required": "missing_required",
    "required_id": "missing_required",
    "required_date": "missing_required",
    "date": "unreadable_date",
    "date_range": "out_of_range",
    "clock": "unreadable_date",
    "order": "out_of_range",
    "number": "unreadable_number",
    "whole_number": "unreadable_number",
    "percent": "unreadable_number",
    "interval": "unreadable_number",
    "range": "out_of_range",
    "tooth": "out_of_range",
    "code": "not_in_picklist",
    "words": "not_in_picklist",
    "flag": "not_in_picklist",
    "cdt": "invalid_code",
    "reference": "orphan",
    "unused": "orphan",
    "email": "invalid_email",
    "length": "too_long",
    "duplicate": "possible_duplicate",
}


@dataclass(frozen=True)
class Check:
    """One check of a column.

    `argument` is what the kind needs (a list of codes, the column referred to, bounds), `where`
    limits it to rows whose column holds one of some values, `threshold` is the percentage of rows
    that may fail it. `length` is that of the field named by a `length` check.
    """

    product: str
    table: str
    column: str
    kind: str
    argument: str
    where: str
    threshold: float
    action: str
    length: int | None = None

    @property
    def class_(self) -> str:
        """The class of the correction report that a row which fails belongs to."""
        return CLASSES[self.kind]


def contracts() -> Iterator[Contract]:
    """The contract of every product."""
    return (product_contract(system, product) for system, product in PRODUCTS)


def column_of(place: str, contract: Contract) -> tuple[str, str] | None:
    """Table and column that `table.column` names, None where the contract has none such."""
    table, _, column = place.partition(".")
    known = table in contract.tables and column in contract.tables[table].columns
    return (table, column) if known else None


def condition_of(where: str) -> tuple[str, bool, list[str]]:
    """A `where`: its column, whether the values are those wanted, and the values."""
    wanted = "!=" not in where
    column, _, values = where.partition("=" if wanted else "!=")
    return column, wanted, values.split("|")


@cache
def read_checks(file: Path = FILE) -> tuple[Check, ...]:
    """All checks. Raises UserError at the first that cannot be understood."""
    by_product = {contract.product: contract for contract in contracts()}
    lengths = {f"{one.step}.{one.field}": one.length for one in targets()}
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        return tuple(_check(row, reader.line_num, by_product, lengths) for row in reader)


def _check(
    row: dict[str, str],
    line: int,
    contracts_: dict[str, Contract],
    lengths: dict[str, int | None],
) -> Check:
    def refuse(what: str) -> UserError:
        return UserError(
            f"{FILE.name}, line {line}: {what}.",
            "Correct the line; the kinds of checks stand in docs/audit.md.",
        )

    contract = contracts_.get(row["product"])
    if contract is None:
        raise refuse("no such product")
    if row["check"] not in CLASSES:
        raise refuse("no such kind of check")
    where = row["where"] and f"{row['table']}.{condition_of(row['where'])[0]}"
    argument = row["argument"]
    places = [f"{row['table']}.{row['column']}", *([where] if where else [])]
    if row["check"] in ("reference", "unused"):
        places += argument.split("|")
    if row["check"] == "duplicate":
        places += [f"{row['table']}.{column}" for column in argument.split("+")]
    if row["check"] == "order":
        places.append(f"{row['table']}.{argument.partition('+')[0]}")
    for place in places:
        if column_of(place, contract) is None:
            raise refuse(f"the contract has no {place}")
    if row["check"] == "length" and not lengths.get(argument):
        raise refuse(f"no text of a mart is called {argument}")
    try:
        threshold = float(row["threshold"])
    except ValueError:
        raise refuse("the threshold is no number") from None
    return Check(
        product=row["product"],
        table=row["table"],
        column=row["column"],
        kind=row["check"],
        argument=argument,
        where=row["where"],
        threshold=threshold,
        action=row["action"] or sql("problem_action", CLASSES[row["check"]]),
        length=lengths.get(argument),
    )
