"""Salesforce Files by REST: one ContentVersion a request, its bytes streamed from disk.

REST API Developer Guide v67.0, "Insert or Update Blob Data": two parts, the record as JSON and
the bytes, up to 2 GB. The version makes its ContentDocument and the link to the record that
FirstPublishLocationId names; a further version of a document names ContentDocumentId instead.
"""

import hashlib
import io
import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import requests

from loaders.errors import UserError
from loaders.salesforce.api.errors import Refused, Unreachable
from loaders.salesforce.api.org import Org

VERSION = "ContentVersion"
_LINK, LINKED = "ContentDocumentLink", "LinkedEntityId"
BYTES, DOCUMENT = "VersionData", "ContentDocumentId"
# What the org says of the bytes it holds: their MD5 in hexadecimal, and how many they are.
CHECKSUM, SIZE = "Checksum", "ContentSize"
# A query travels in the address, which may have 16,000 characters.
MOST_ASKED = 100
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Version:
    """A version as the org has it, with those of its fields that were asked for."""

    id: str
    document: str
    key: str | None
    checksum: str | None
    fields: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Digest:
    """A file's size, its SHA-256 and its MD5, in hexadecimal."""

    size: int
    sha256: str
    md5: str


def digest(file: Path) -> Digest:
    """Reads a file, a block at a time."""
    size, sha256, md5 = 0, hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as lines:
        while block := lines.read(_BLOCK):
            size += len(block)
            sha256.update(block)
            md5.update(block)
    return Digest(size, sha256.hexdigest(), md5.hexdigest())


def find(org: Org, by: str, values: list[str], also: tuple[str, ...] = ()) -> dict[str, Version]:
    """The versions that hold one of these values in the field `by`, by the value; deleted ones
    apart. `also` names fields to bring along."""
    found: dict[str, Version] = {}
    columns = ", ".join(dict.fromkeys(["Id", DOCUMENT, CHECKSUM, by, *also]))
    for start in range(0, len(values), MOST_ASKED):
        listed = ", ".join(_soql(value) for value in values[start : start + MOST_ASKED])
        soql = f"SELECT {columns} FROM {VERSION} WHERE {by} IN ({listed})"
        for row in org.query(soql, "files"):
            value = str(row[by])
            key = None if by == "Id" else value
            rest = {name: row[name] for name in also}
            found[value] = Version(row["Id"], row[DOCUMENT], key, row[CHECKSUM], rest)
    return found


def _soql(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def upload(org: Org, fields: dict[str, Any], file: Path, key: str) -> str:
    """Makes a version of a file's bytes and gives its Id.

    Raises Unreachable where no whole answer came: whether the file is there is not known then, and
    the caller has to look. Raises Refused or Stopped where the org says no.
    """
    what = f"the upload of {key}"
    with file.open("rb") as data:
        body = _Multipart(fields, data, file.stat().st_size)
        headers = {"Content-Type": f"multipart/form-data; boundary={body.boundary}"}
        try:
            answer = org.request(
                "POST", f"sobjects/{VERSION}", what=what, again=False, data=body, headers=headers
            )
            return str(answer.json()["id"])
        except (requests.RequestException, ValueError, KeyError) as error:
            raise Unreachable(what, type(error).__name__) from None


def set_fields(org: Org, version: str, fields: dict[str, Any], key: str) -> None:
    """Changes fields of a version that is the latest of its document."""
    org.request("PATCH", f"sobjects/{VERSION}/{version}", what=f"the update of {key}", json=fields)


def link(org: Org, document: str, record: str) -> None:
    """Shows a document on a record; one that is shown there already is left as it is."""
    fields = {DOCUMENT: document, LINKED: record, "ShareType": "V"}
    with suppress(Refused):
        org.request("POST", f"sobjects/{_LINK}", what="a file's link", json=fields)
    if not _links(org, document, record):
        raise UserError(
            f"The org did not put document {document} on record {record}.",
            "May this user see and edit that record?",
        )


def unlink(org: Org, document: str, record: str) -> None:
    """Takes a document off a record."""
    for found in _links(org, document, record):
        org.request("DELETE", f"sobjects/{_LINK}/{found}", what="a file's old link")


def links_of(documents: list[str]) -> str:
    """A query of the records documents are shown on; it has to name the documents."""
    listed = ", ".join(_soql(each) for each in documents)
    return (
        f"SELECT {DOCUMENT}, {LINKED} FROM {_LINK}"
        f" WHERE IsDeleted = false AND {DOCUMENT} IN ({listed})"
    )


def _links(org: Org, document: str, record: str) -> list[str]:
    soql = (
        f"SELECT Id FROM {_LINK} WHERE {DOCUMENT} = {_soql(document)}"
        f" AND {LINKED} = {_soql(record)}"
    )
    return [str(row["Id"]) for row in org.query(soql, "a file's links")]


class _Multipart:
    """A request's body that is read as it is sent: memory does not grow with the file."""

    def __init__(self, fields: dict[str, Any], data: IO[bytes], size: int) -> None:
        self.boundary = secrets.token_hex(16)
        first = (
            f"--{self.boundary}\r\n"
            'Content-Disposition: form-data; name="entity_content"\r\n'
            "Content-Type: application/json\r\n\r\n"
            f"{json.dumps(fields)}\r\n--{self.boundary}\r\n"
            # The name that people see is in the record.
            f'Content-Disposition: form-data; name="{BYTES}"; filename="file"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        last = f"\r\n--{self.boundary}--\r\n".encode()
        self._size = len(first) + size + len(last)
        # As many bytes as are announced, whatever happens to the file meanwhile: what arrived is
        # compared by its checksum.
        self._parts: list[tuple[IO[bytes], int]] = [
            (io.BytesIO(first), len(first)),
            (data, size),
            (io.BytesIO(last), len(last)),
        ]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_BLOCK), b"")

    def read(self, size: int) -> bytes:
        """The next bytes of the body, at most so many; none at its end."""
        while self._parts:
            part, left = self._parts[0]
            if block := part.read(min(size, left)):
                self._parts[0] = (part, left - len(block))
                return block
            self._parts.pop(0)
        return b""
