"""One field of the schema held against its describe."""

from collections.abc import Iterator, Mapping
from typing import Any

from loaders.salesforce.schema.model import SchemaField

# What describe calls each type of the Metadata API.
_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Currency": "currency",
    "Number": "double",
    "Percent": "percent",
    "Lookup": "reference",
}


def unlike(field: SchemaField, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each difference as its kind and what it is, in words."""
    other = _other_type(field, found)
    if other:
        yield "other type", other
        return
    if field.reference_to and field.reference_to not in (found.get("referenceTo") or []):
        points = ", ".join(found.get("referenceTo") or []) or "nothing"
        yield "other target", f"points at {points} instead of {field.reference_to}"
        return
    for detail in _narrower(field, found):
        yield "narrower", detail
    yield from _values(field, found)
    lacks = [what for what, key in _KEY if field.external_id and not found.get(key)]
    if lacks:
        yield "not a key", f"not {', not '.join(lacks)}"
    demanded = not found.get("nillable", True) and not found.get("defaultedOnCreate")
    if demanded and not field.required:
        yield "required", "must be filled"


_KEY = (
    ("an external ID", "externalId"),
    ("unique", "unique"),
    ("case-sensitive", "caseSensitive"),
)


def _other_type(field: SchemaField, found: Mapping[str, Any]) -> str | None:
    if found.get("calculated"):
        return f"a formula instead of {field.type}"
    if found.get("autoNumber"):
        return f"an auto number instead of {field.type}"
    wanted = _TYPES[field.type]
    return None if found["type"] == wanted else f"{found['type']} instead of {wanted}"


def _narrower(field: SchemaField, found: Mapping[str, Any]) -> Iterator[str]:
    length = found.get("length") or 0
    if field.length and length < field.length:
        yield f"{length:,} characters instead of {field.length:,}"
    if field.precision is None:
        return
    scale, has_scale = field.scale or 0, found.get("scale") or 0
    if has_scale < scale:
        yield f"{has_scale} decimal places instead of {scale}"
    whole, has_whole = field.precision - scale, (found.get("precision") or 0) - has_scale
    if has_whole < whole:
        yield f"{has_whole} digits before the point instead of {whole}"


def _values(field: SchemaField, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    has = {v["value"] for v in found.get("picklistValues") or [] if v.get("active", True)}
    lacking = [v for v in field.values if v not in has]
    if lacking:
        shown = ", ".join(lacking[:5]) + (", …" if len(lacking) > 5 else "")
        yield "missing values", f"{len(lacking)} of {len(field.values)}: {shown}"
    if field.values and found.get("restrictedPicklist") and not field.restricted:
        yield "restricted", "takes listed values only"
