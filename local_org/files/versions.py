"""ContentVersion: what a save of one needs beside the common rules, and what it makes.

`prepare` goes before the common save and finds what that cannot know; `complete` goes after it and
fills in what nobody may set: the document, the number of the version, type, size and checksum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from local_org.files.blobs import Blob
from local_org.files.documents import follow
from local_org.files.kinds import LINK, extension_of, title_of, type_of
from local_org.files.storage import MB, STORAGE_LIMIT, file_bytes
from local_org.ids import long_id
from local_org.org import Org
from local_org.schema.model import SObject

VERSION = "ContentVersion"
NOT_LATEST = "You can only update a version if it is the latest version"
BOTH_KINDS = "A version is a link by ContentUrl, or a file by PathOnClient and VersionData"
RELOCATED = "FirstPublishLocationId can be set on the first version of a document only"


@dataclass(frozen=True)
class Draft:
    """One record to save: its fields without the bytes, the bytes, and what is wrong with it."""

    record: Mapping[str, Any]
    blob: Blob | None
    problem: tuple[str, str, tuple[str, ...]] | None = None

    def given(self, name: str) -> Any:
        """Give the value of a field, whatever the case of its name."""
        return next(
            (value for key, value in self.record.items() if key.lower() == name.lower()), None
        )


def for_saving(target: SObject) -> SObject:
    """Give the object as the common save is to see it: the document is ours to make."""
    fields = (
        replace(item, defaulted=True) if item.name == "ContentDocumentId" else item
        for item in target.fields
    )
    return replace(target, fields=tuple(fields))


def prepare(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    target: SObject,
    operation: str,
    records: Sequence[Mapping[str, Any]],
    key: str | None,
) -> list[Draft]:
    """Give the records as the common save takes them, those that are refused marked."""
    room = org.switches.file_storage_mb * MB - file_bytes(cursor)
    drafts = []
    for record in records:
        draft = _draft(record)
        known = None if operation == "insert" else _known(cursor, target, draft, key or "Id")
        draft = _new(draft) if known is None else _changed(draft, latest=known)
        if draft.problem is None and draft.blob is not None:
            room -= draft.blob.size
            if room < 0:
                draft = replace(draft, problem=(*STORAGE_LIMIT, ()))
        drafts.append(draft)
    return drafts


def _draft(record: Mapping[str, Any]) -> Draft:
    blob, kept = None, {}
    for name, value in record.items():
        if name.lower() != "versiondata":
            kept[name] = value
        elif isinstance(value, Blob):
            blob = value
    return Draft(kept, blob)


def _known(
    cursor: duckdb.DuckDBPyConnection, target: SObject, draft: Draft, key: str
) -> bool | None:
    """Tell whether the record that is there is the latest version; None where there is none."""
    item, value = target.field(key), draft.given(key)
    if item is None or value is None:
        return None
    column, text = f'"{item.name}"', str(value).strip()
    if item.type == "id":
        text = long_id(text) or text
    if item.stored_as != "VARCHAR":
        match = f"{column} = try_cast(? as {item.stored_as})"
    elif item.case_sensitive or item.type == "id":
        match = f"{column} = ?"
    else:
        match = f"lower({column}) = lower(?)"
    row = cursor.execute(
        f'select "IsLatest" from {target.table} where {match} and not "IsDeleted"', [text]
    ).fetchone()
    return bool(row[0]) if row else None


def _new(draft: Draft) -> Draft:
    path, url = draft.given("PathOnClient"), draft.given("ContentUrl")
    if url:
        if path or draft.blob:
            return _refused(draft, "FIELD_INTEGRITY_EXCEPTION", BOTH_KINDS, "ContentUrl")
        return draft
    needed = {"PathOnClient": path, "VersionData": draft.blob}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        listed = ", ".join(missing)
        message = f"Required fields are missing: [{listed}]"
        return _refused(draft, "REQUIRED_FIELD_MISSING", message, *missing)
    if draft.given("ContentDocumentId") and draft.given("FirstPublishLocationId"):
        return _refused(draft, "FIELD_INTEGRITY_EXCEPTION", RELOCATED, "FirstPublishLocationId")
    if not draft.given("Title"):
        kept = {name: value for name, value in draft.record.items() if name.lower() != "title"}
        return replace(draft, record={**kept, "Title": title_of(str(path))})
    return draft


def _changed(draft: Draft, *, latest: bool) -> Draft:
    return draft if latest else _refused(draft, "FIELD_INTEGRITY_EXCEPTION", NOT_LATEST)


def _refused(draft: Draft, code: str, message: str, *fields: str) -> Draft:
    return replace(draft, problem=(code, message, fields))


def complete(
    org: Org,
    cursor: duckdb.DuckDBPyConnection,
    saved: Iterable[tuple[str, bool, Draft]],
) -> list[str]:
    """Fill in what saved versions hold beside what was given; gives the blobs they now name."""
    rows: list[list[Any]] = []
    for place, (version, created, draft) in enumerate(saved):
        path, blob = str(draft.given("PathOnClient") or ""), draft.blob
        extension = extension_of(path)
        kind = LINK if draft.given("ContentUrl") else type_of(extension)
        about = [blob.name, blob.size, blob.md5] if blob else [None, 0, None]
        rows.append([place, version, created, *about, extension, kind])
    if not rows:
        return []
    cursor.execute(
        """create or replace temp table arrived (place integer, id varchar, created boolean,
        blob varchar, size bigint, md5 varchar, extension varchar, kind varchar,
        document varchar, fresh boolean)"""
    )
    marks = ", ".join("?" for _ in range(8))
    cursor.executemany(f"insert into arrived values ({marks}, null, false)", rows)
    follow(org, cursor)
    return [str(row[3]) for row in rows if row[3] is not None]
