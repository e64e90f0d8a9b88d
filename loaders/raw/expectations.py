"""What an export should hold, from the seed that the mart `data_audit` reads too."""

import csv
from dataclasses import dataclass
from functools import cache

from loaders.home import PROJECT

_SEED = PROJECT / "seeds" / "expectations.csv"


@dataclass(frozen=True)
class Expectation:
    """A table, or a column of one, that an export of a product should hold.

    `column` is None where the table as a whole is meant. `need` is needed, wanted or
    never_exported; `every_row` says that each row should hold something there.
    """

    product: str
    table: str
    column: str | None
    need: str
    every_row: bool
    consequence: str
    action: str


@cache
def expectations(product: str) -> tuple[Expectation, ...]:
    """All that an export of a product should hold."""
    with _SEED.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Expectation(
                product,
                row["table_name"],
                row["column_name"] or None,
                row["need"],
                row["every_row"] == "true",
                row["consequence"],
                row["action"],
            )
            for row in csv.DictReader(lines)
            if row["product"] == product
        )


def needed_tables(product: str) -> dict[str, str]:
    """Tables that an export of a product needs, and what is missing in Salesforce without each."""
    return {
        one.table: one.consequence
        for one in expectations(product)
        if one.need == "needed" and one.column is None
    }
