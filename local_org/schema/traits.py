"""What a query may do with a field: by its type alone, as a describe tells."""

from __future__ import annotations

from local_org.schema.model import COMPOUND, NUMBERS, Field

PLAIN_LENGTH = 255


def is_long(item: Field) -> bool:
    """Tell whether it is a text area that only can be read."""
    return item.type == "base64" or (item.type == "textarea" and item.length > PLAIN_LENGTH)


def filterable(item: Field) -> bool:
    """Tell whether WHERE takes it."""
    return not is_long(item)


def sortable(item: Field) -> bool:
    """Tell whether ORDER BY takes it."""
    return not is_long(item) and item.type not in ("multipicklist", *COMPOUND)


def aggregatable(item: Field) -> bool:
    """Tell whether COUNT, MIN and MAX take it."""
    # Salesforce refuses this one date, and says so in the describe of Event.
    if is_long(item) or item.name == "ActivityDate":
        return False
    return item.type not in ("boolean", "multipicklist", *COMPOUND)


def groupable(item: Field) -> bool:
    """Tell whether GROUP BY takes it."""
    if is_long(item) or item.type in ("multipicklist", "combobox", "datetime", *COMPOUND):
        return False
    return item.type not in NUMBERS or item.type == "int"
