"""Reads the body of a record call: JSON, or multipart whose binary parts go straight to disk."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from local_org.errors import ApiError, bad_json
from local_org.files.blobs import Blob, Intake
from local_org.org import Org
from local_org.schema.model import Field
from local_org.web import json_body, org_of

MAX_FILE = 2 * 1024**3
MAX_COLLECTION = 500 * 1024**2
MAX_JSON = 4_000_000
MAX_PARTS = 201
SLICE = 4_000_000


@dataclass
class _Parts:
    """The parts of one body as they come: one of JSON, the others blobs by name."""

    intake: Intake
    most: int
    text: bytes = b""
    blobs: dict[str, Blob] = field(default_factory=dict)
    headers: dict[str, bytes] = field(default_factory=dict)
    name: str = ""
    binary: bool = False
    seen: int = 0
    total: int = 0
    ended: bool = False
    _field: bytes = b""
    _value: bytes = b""

    def on_part_begin(self) -> None:
        """Begin a part."""
        self.headers = {}
        self.seen += 1
        if self.seen > MAX_PARTS:
            raise _malformed("Too many parts")

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self._value += data[start:end]

    def on_header_end(self) -> None:
        """End a header."""
        self.headers[self._field.decode("latin-1").lower()] = self._value
        self._field = self._value = b""

    def on_headers_finished(self) -> None:
        """Tell what the part is: with a file's name it is binary."""
        _, options = parse_options_header(self.headers.get("content-disposition", b""))
        self.name = options.get(b"name", b"").decode("utf-8", "replace")
        self.binary = b"filename" in options
        if not self.name:
            raise _malformed("Every part needs a name")
        if self.binary:
            if self.name in self.blobs:
                raise _malformed(f"Part {self.name} comes twice")
            self.intake.begin()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a part."""
        if not self.binary:
            self.text += data[start:end]
            if len(self.text) > MAX_JSON:
                raise _malformed("The part without a file is too large")
            return
        self.total += end - start
        if self.total > self.most:
            raise ApiError(
                413, "REQUEST_ENTITY_TOO_LARGE", f"Files are limited to {self.most} bytes"
            )
        self.intake.write(data[start:end])

    def on_part_end(self) -> None:
        """End a part."""
        if self.binary:
            self.blobs[self.name] = self.intake.finish()

    def on_end(self) -> None:
        """Note that the last boundary came."""
        self.ended = True

    def parser(self, boundary: bytes) -> MultipartParser:
        """Give a parser that calls these."""
        names = [name for name in dir(self) if name.startswith("on_")]
        return MultipartParser(boundary, {name: getattr(self, name) for name in names})  # type: ignore[arg-type]


@asynccontextmanager
async def record_body(request: Request) -> AsyncIterator[dict[str, Any]]:
    """Give the body of a call that saves records. A file's bytes stand in it as a Blob."""
    org = org_of(request)
    intake = Intake(org.folder)
    kind = request.path_params.get("object")
    try:
        media, options = parse_options_header(request.headers.get("content-type"))
        if media == b"multipart/form-data":
            body = await _read_multipart(request, intake, options.get(b"boundary", b""))
            _attach(org, kind, *body)
            found = body[0]
        else:
            found = await json_body(request)
            await run_in_threadpool(_decode, org, kind, found, intake)
        await run_in_threadpool(intake.sync)
        yield found
    finally:
        await run_in_threadpool(intake.close, org.store)


async def _read_multipart(
    request: Request, intake: Intake, boundary: bytes
) -> tuple[dict[str, Any], dict[str, Blob]]:
    alone = "/composite/" not in request.url.path
    parts = _Parts(intake, MAX_FILE if alone else MAX_COLLECTION)
    try:
        parser = parts.parser(boundary)
        async for block in request.stream():
            parser.write(block)
        parser.finalize()
    except MultipartParseError as error:
        raise _malformed("The request is no well formed multipart message") from error
    if not parts.ended:
        raise _malformed("The request ends before its last boundary")
    try:
        body = json.loads(parts.text)
    except (ValueError, RecursionError) as error:
        raise bad_json("The part that holds the record is no JSON") from error
    if not isinstance(body, dict):
        raise bad_json("The HTTP entity body is required, but this request has no entity body.")
    return body, parts.blobs


def _attach(org: Org, kind: str | None, body: dict[str, Any], blobs: dict[str, Blob]) -> None:
    """Put each blob into its record: the one there is, or the one that names its part."""
    if isinstance(body.get("records"), list):
        for record in body["records"]:
            attributes = record.get("attributes") if isinstance(record, dict) else None
            if not isinstance(attributes, dict) or "binaryPartName" not in attributes:
                continue
            blob = blobs.get(str(attributes["binaryPartName"]))
            if blob is None:
                raise _malformed(f"There is no part named {attributes['binaryPartName']}")
            name = str(attributes.get("binaryPartNameAlias", "VersionData"))
            record[_binary_field(org, attributes.get("type"), name).name] = blob
        return
    for name, blob in blobs.items():
        body[_binary_field(org, kind, name).name] = blob


def _binary_field(org: Org, kind: Any, name: str) -> Field:
    target = org.view.get(kind) if isinstance(kind, str) else None
    found = target.field(name) if target else None
    if target is None or found is None or found.type != "base64":
        shown = target.name if target else kind
        message = f"No such column '{name}' on sobject of type {shown}"
        raise ApiError(400, "INVALID_FIELD", message)
    return found


def _decode(org: Org, kind: str | None, body: dict[str, Any], intake: Intake) -> None:
    """Turn base64 texts into blobs."""
    listed = body.get("records")
    records = listed if isinstance(listed, list) else [body]
    for record in records:
        if not isinstance(record, dict):
            continue
        attributes = record.get("attributes")
        given = attributes.get("type") if isinstance(attributes, dict) else None
        named = kind if listed is None else given
        target = org.view.get(named) if isinstance(named, str) else None
        if target is None:
            continue
        for name, value in list(record.items()):
            item = target.field(name)
            if item is not None and item.type == "base64" and value:
                record[name] = _blob(value, intake)


def _blob(text: Any, intake: Intake) -> Blob:
    intake.begin()
    try:
        if not isinstance(text, str):
            raise ValueError
        for start in range(0, len(text), SLICE):
            intake.write(base64.b64decode(text[start : start + SLICE], validate=True))
    except ValueError as error:
        raise bad_json("Cannot deserialize instance of base64Binary from VALUE_STRING") from error
    return intake.finish()


def _malformed(message: str) -> ApiError:
    return ApiError(400, "INVALID_MULTIPART_REQUEST", message)
