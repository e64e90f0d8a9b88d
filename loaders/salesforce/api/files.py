"""Salesforce Files by REST: ContentVersions whose bytes are streamed from disk.

REST API Developer Guide v67.0, "Insert or Update Blob Data": the record as JSON and the bytes,
up to 2 GB; or a collection of records and the bytes of each, up to 500 MB. A version makes its
ContentDocument and the link to the record that FirstPublishLocationId names; a further version
of a document names ContentDocumentId instead.
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
from loaders.salesforce.api.bulk import download
from loaders.salesforce.api.collections import Saved, Unclear, saved
from loaders.salesforce.api.errors import Refused, Unreachable
from loaders.salesforce.api.org import Org

# "204 No Content" is the org's own word for a delete; a page in its place says 200.
_IS_GONE = 204
VERSION, _PREFIX = "ContentVersion", "068"
LINK, LINKED = "ContentDocumentLink", "LinkedEntityId"
BYTES, DOCUMENT = "VersionData", "ContentDocumentId"
# What the org says of the bytes it holds: their MD5 in hexadecimal, and how many they are.
CHECKSUM, SIZE = "Checksum", "ContentSize"
LATEST = "IsLatest"
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


def download_version(org: Org, version: str, checksum: str, to: Path) -> Digest:
    """Streams the bytes of a version to disk, and gives what they are.

    Raises UserError where they have not the checksum the org says: a proxy's page.
    """
    what = f"the bytes of file version {version}"
    download(org, f"sobjects/{VERSION}/{version}/{BYTES}", what, {}, to, kind=None)
    found = digest(to)
    if found.md5 != checksum:
        raise UserError(
            f"The org answered {what} with others than it says it holds.",
            "Nothing is lost. Is there a proxy between? Run the same command again.",
        )
    return found


@dataclass(frozen=True)
class Upload:
    """A version to make: its fields and its bytes."""

    fields: dict[str, Any]
    file: Path
    size: int


def upload(org: Org, uploads: list[Upload]) -> list[Saved]:
    """Makes versions of files' bytes, in one request; what became of each, in their order.

    One is sent as a record, several as a collection. Raises Unreachable where no whole answer
    came: whether the files are there is not known then, and the caller has to look. Raises
    Refused where the org takes none of several, Stopped where a limit is reached.
    """
    what = f"the upload of {len(uploads)} files"
    body = _one(uploads[0]) if len(uploads) == 1 else _several(uploads)
    headers = {"Content-Type": f"multipart/form-data; boundary={body.boundary}"}
    path = f"sobjects/{VERSION}" if len(uploads) == 1 else "composite/sobjects"
    try:
        answer = org.request("POST", path, what=what, again=False, data=body, headers=headers)
        said = answer.json()
        return saved([said] if len(uploads) == 1 else said, [_PREFIX] * len(uploads), what)
    except (requests.RequestException, ValueError, Unclear) as error:
        raise Unreachable(what, type(error).__name__) from None
    except Refused as refused:
        if len(uploads) > 1:
            raise
        return [Saved(refused.problem.code, refused.problem.fields)]
    finally:
        body.close()


def _one(upload: Upload) -> "_Multipart":
    return _Multipart("entity_content", upload.fields, [(BYTES, upload)])


def _several(uploads: list[Upload]) -> "_Multipart":
    parts = [(f"file{n}", upload) for n, upload in enumerate(uploads)]
    records = [
        {
            "attributes": {
                "type": VERSION,
                "binaryPartName": part,
                "binaryPartNameAlias": BYTES,
            },
            **upload.fields,
        }
        for part, upload in parts
    ]
    return _Multipart("collection", {"allOrNone": False, "records": records}, parts)


def link(org: Org, document: str, record: str) -> None:
    """Shows a document on a record; one that is shown there already is left as it is."""
    fields = {DOCUMENT: document, LINKED: record, "ShareType": "V"}
    with suppress(Refused):
        org.request("POST", f"sobjects/{LINK}", what="a file's link", json=fields)
    if not _links(org, document, record):
        raise UserError(
            f"The org did not put document {document} on record {record}.",
            "May this user see and edit that record?",
        )


def unlink(org: Org, document: str, record: str) -> None:
    """Takes a document off a record; where it is off already, whoever did it, that is well."""
    for found in _links(org, document, record):
        try:
            answer = org.request("DELETE", f"sobjects/{LINK}/{found}", what="a file's old link")
        except Refused:
            # The answer to an earlier attempt may have been lost.
            if _links(org, document, record):
                raise
        else:
            if answer.status_code != _IS_GONE and _links(org, document, record):
                raise UserError(
                    f"The org did not take document {document} off record {record}.",
                    "Nothing is lost. Is there a proxy between? Run the same command again.",
                )


def links_of(documents: list[str]) -> str:
    """A query of the records documents are shown on; it has to name the documents."""
    listed = ", ".join(_soql(each) for each in documents)
    return (
        f"SELECT {DOCUMENT}, {LINKED} FROM {LINK}"
        f" WHERE IsDeleted = false AND {DOCUMENT} IN ({listed})"
    )


def _links(org: Org, document: str, record: str) -> list[str]:
    soql = (
        f"SELECT Id FROM {LINK} WHERE {DOCUMENT} = {_soql(document)} AND {LINKED} = {_soql(record)}"
    )
    return [str(row["Id"]) for row in org.query(soql, "a file's links")]


class _Multipart:
    """A request's body that is read as it is sent: memory does not grow with the files."""

    def __init__(self, name: str, about: dict[str, Any], files: list[tuple[str, Upload]]) -> None:
        self.boundary = secrets.token_hex(16)
        text = json.dumps(about)
        self._parts: list[bytes | Upload] = [self._head(name, "application/json"), text.encode()]
        for part, upload in files:
            # The name that people see is in the record.
            head = self._head(f'{part}"; filename="{part}', "application/octet-stream")
            self._parts += [b"\r\n" + head, upload]
        self._parts.append(f"\r\n--{self.boundary}--\r\n".encode())
        self._size = sum(len(p) if isinstance(p, bytes) else p.size for p in self._parts)
        self._open: IO[bytes] | None = None
        self._left = 0

    def _head(self, name: str, kind: str) -> bytes:
        return (
            f"--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode()

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(_BLOCK), b"")

    def read(self, size: int) -> bytes:
        """The next bytes of the body, at most so many; none at its end."""
        while self._open or self._parts:
            if self._open is None:
                self._begin(self._parts.pop(0))
            # As many bytes as were announced, whatever happens to the file meanwhile: what
            # arrived is compared by its checksum.
            if self._open and (block := self._open.read(min(size, self._left))):
                self._left -= len(block)
                return block
            self.close()
        return b""

    def _begin(self, part: bytes | Upload) -> None:
        if isinstance(part, bytes):
            self._open, self._left = io.BytesIO(part), len(part)
        else:
            self._open, self._left = part.file.open("rb"), part.size

    def close(self) -> None:
        """Closes the file that is being read."""
        if self._open:
            self._open.close()
            self._open = None
