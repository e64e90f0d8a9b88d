"""What an export should hold, from the seed that the data audit reads too."""

import csv
from functools import cache

from loaders.home import PROJECT

_SEED = PROJECT / "seeds" / "dentrix__expectations.csv"


@cache
def needed_tables(product: str) -> dict[str, str]:
    """Tables that an export of a product needs, and what is missing in Salesforce without each."""
    with _SEED.open(encoding="utf-8", newline="") as lines:
        return {
            row["table_name"]: row["consequence"]
            for row in csv.DictReader(lines)
            if row["product"] == product and row["need"] == "needed" and not row["column_name"]
        }
