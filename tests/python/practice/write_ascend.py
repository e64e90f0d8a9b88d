"""A book as Ascend's API responses: one object a line, or pages."""

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.python.practice.book import Book, Fields, Place
from tests.python.practice.world import ZONE

# Resources that came as pages, as one array, or compressed; the rest: one object a line.
PAGED = {"patients": 100, "transactions": 250}
PACKED = {"clinicalnotes"}


def ref(kind: str, source_id: str | None) -> Fields | None:
    """A reference as the API writes one: `ref("Patient", "1000000010000")`."""
    if not source_id:
        return None
    resource = f"{kind.lower()}s"
    url = f"https://prod.hs1api.com/ascend-gateway/api/v1/{resource}/{source_id}"
    return {"id": source_id, "type": f"{kind}V1", "url": url}


def write(
    book: Book,
    folder: Path,
    *,
    kind: str = "full",
    extracted_at: str = "2026-11-20T02:00:00-06:00",
    **export: Any,
) -> Path:
    """Writes a book's objects as an export set and notes in the book where each one stands."""
    folder.mkdir(parents=True)
    says = {
        "system": "dentrix",
        "product": book.product,
        "practice": book.practice,
        "kind": kind,
        "time_zone": ZONE,
        "extracted_at": extracted_at,
        **export,
    }
    (folder / "export.yml").write_text(yaml.safe_dump(says), encoding="utf-8")
    for resource, objects in book.rows.items():
        page = PAGED.get(resource)
        file = f"{resource}.json" if page else f"{resource}.ndjson"
        file += ".gz" if resource in PACKED else ""
        lines: list[str] = []
        for at, item in enumerate(objects):
            if page and at % page == 0:
                lines += ["]}"] if at else []
                lines.append('{"data": [')
            comma = "," if page and (at + 1) % page and at + 1 < len(objects) else ""
            lines.append(json.dumps(_value(item), ensure_ascii=at % 2 == 0) + comma)
            book.places[id(item)] = Place(file, len(lines))
        lines += ["]}"] if page and objects else []
        content = ("\n".join(lines) + "\n").encode()
        (folder / file).write_bytes(
            gzip.compress(content, mtime=0) if resource in PACKED else content
        )
    return folder


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        utc = value.astimezone(ZoneInfo("UTC"))
        return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
    return value.isoformat() if isinstance(value, date) else value
