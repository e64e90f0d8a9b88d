"""The schema held against what an org's describe says it has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.salesforce.schema.model import Schema, SchemaField, described_as

# What describe calls each type of the Metadata API.
_DESCRIBED = {
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


@dataclass(frozen=True)
class Difference:
    """One thing the org lacks or has otherwise."""

    object: str
    field: str | None
    kind: str
    detail: str


def differences(
    schema: Schema, describes: Mapping[str, Mapping[str, Any] | None]
) -> Iterator[Difference]:
    """What the org has other than the schema wants: missing objects and fields (or not granted
    to this user, which looks the same from here), other types, less room, missing values."""
    for obj in schema.objects:
        for shown in described_as(obj.api_name):
            if shown not in describes:
                continue
            described = describes[shown]
            if described is None:
                yield Difference(shown, None, "missing", "no such object, or not granted")
                continue
            known = {f["name"]: f for f in described["fields"]}
            for field in obj.fields:
                found = known.get(field.api_name)
                if found is None:
                    yield Difference(
                        shown, field.api_name, "missing", "no such field, or not granted"
                    )
                else:
                    yield from _field(shown, field, found)


def _field(sobject: str, field: SchemaField, found: Mapping[str, Any]) -> Iterator[Difference]:
    wanted = _DESCRIBED[field.type]
    if found["type"] != wanted:
        yield Difference(
            sobject, field.api_name, "other type", f"{found['type']} instead of {wanted}"
        )
        return
    if field.length and (found.get("length") or 0) < field.length:
        yield Difference(
            sobject,
            field.api_name,
            "narrower",
            f"{found.get('length')} characters instead of {field.length}",
        )
    if field.precision and (found.get("precision") or 0) < field.precision:
        yield Difference(
            sobject,
            field.api_name,
            "narrower",
            f"{found.get('precision')} digits instead of {field.precision}",
        )
    if field.reference_to and field.reference_to not in (found.get("referenceTo") or []):
        yield Difference(
            sobject, field.api_name, "other target", f"not a lookup to {field.reference_to}"
        )
    has = {v["value"] for v in found.get("picklistValues") or [] if v.get("active", True)}
    lacking = [v for v in field.values if v not in has]
    if lacking:
        yield Difference(
            sobject, field.api_name, "missing values", f"{len(lacking)} of {len(field.values)}"
        )
    if not found.get("updateable") or (field.external_id and not found.get("externalId")):
        what = "not writable by this user" if not found.get("updateable") else "no external id"
        yield Difference(sobject, field.api_name, "not usable", what)
