"""Results that are longer than a page: kept on disk, read page by page, closed after a while."""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from local_org.errors import ApiError
from local_org.ids import make_id
from local_org.org import Org
from local_org.rest.results import Shape, child_records, records
from local_org.soql.compile import Child, Compiled
from local_org.store import literal

LOCATOR = re.compile(r"(0r8[0-9A-Za-z]{15})-(\d{1,12})")
QUERY_PREFIX = "0r8"
# A user may have ten results open; the oldest is closed for an eleventh.
MAX_RESULTS = 10
MAX_CHILD_RESULTS = 10_000
_lock = threading.Lock()


@dataclass(frozen=True)
class Kept:
    """A result in a file of its own."""

    compiled: Compiled
    total: int
    size: int
    opened: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class KeptChildren:
    """The children of one record: read anew for each page, as many as were counted at first."""

    child: Child
    parent: str
    total: int
    size: int
    opened: float = field(default_factory=time.monotonic)


def shape_of(org: Org, base: str, size: int) -> Shape:
    """Give what the records of an org are made with."""
    kinds = {each.prefix: each.name for each in org.schema.objects.values()}
    return Shape(base, kinds, partial(_keep_children, org, base, size))


def keep(org: Org, compiled: Compiled, size: int) -> str:
    """Keep a long result on disk; gives its locator."""
    locator = _new_locator(org)
    path = _file(org, locator)
    with org.store.read() as cursor:
        cursor.execute(
            f"copy ({compiled.select(compiled.columns)}) to {path} "
            "(format parquet, row_group_size 20000)",
            list(compiled.parameters),
        )
        found = cursor.execute(f"select count(*) from {path}").fetchone()
    _add(org, locator, Kept(compiled, int(found[0]) if found else 0, size))
    return locator


def _keep_children(
    org: Org, base: str, size: int, child: Child, parent: str, total: int, shown: int
) -> str:
    locator = _new_locator(org)
    _add(org, locator, KeptChildren(child, parent, total, size))
    return f"{base}/query/{locator}-{shown}"


def _new_locator(org: Org) -> str:
    return make_id(QUERY_PREFIX, org.identity.pod, secrets.randbelow(62**6))


def _file(org: Org, locator: str) -> str:
    return literal(str(org.folder / "pages" / f"{locator}.parquet"))


def _add(org: Org, locator: str, made: Kept | KeptChildren) -> None:
    most = MAX_RESULTS if isinstance(made, Kept) else MAX_CHILD_RESULTS
    with _lock:
        alike = [name for name, each in org.cursors.items() if isinstance(each, type(made))]
        for oldest in alike[: len(alike) + 1 - most]:
            _close(org, oldest)
        org.cursors[locator] = made


def _close(org: Org, locator: str) -> None:
    org.cursors.pop(locator, None)
    (org.folder / "pages" / f"{locator}.parquet").unlink(missing_ok=True)


def find(org: Org, text: str) -> tuple[str, int]:
    """Give locator and row of the text in a nextRecordsUrl; raises the 400 of one that is over."""
    match = LOCATOR.fullmatch(text)
    kept = org.cursors.get(match[1]) if match else None
    if match is not None and kept is not None:
        if time.monotonic() - kept.opened <= org.switches.query_locator_seconds:
            return match[1], int(match[2])
        with _lock:
            _close(org, match[1])
    raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def page(org: Org, locator: str, start: int, base: str) -> dict[str, Any]:
    """Give one page of a kept result."""
    kept = org.cursors[locator]
    shape = shape_of(org, base, kept.size)
    with org.store.read() as cursor:
        if isinstance(kept, KeptChildren):
            found = child_records(shape, cursor, kept.child, [kept.parent], start, kept.size)
            shown = [record for _, _, record in found]
        else:
            rows = cursor.execute(
                f"""select * exclude (file_row_number)
                from read_parquet({_file(org, locator)}, file_row_number = true)
                where file_row_number >= {start} and file_row_number < {start + kept.size}
                order by file_row_number"""
            ).fetchall()
            shown = records(shape, cursor, kept.compiled, rows)
    end = start + len(shown)
    done = end >= kept.total or not shown
    answer: dict[str, Any] = {"totalSize": kept.total, "done": done}
    if not done:
        answer["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
    return {**answer, "records": shown}
