"""One org: requests that are retried, renewed and refused properly; describe, query, limits.

REST API Developer Guide v67.0. Everything that touches HTTP is in this package, and goes
through `Org.request`.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from loaders.errors import UserError
from loaders.salesforce.api import shapes
from loaders.salesforce.api.clock import Clock
from loaders.salesforce.api.errors import Refused, Unreachable, raise_for
from loaders.salesforce.api.login import TIMEOUT, Entry, Login, at_home
from loaders.salesforce.api.retry import PASSING, Patience

DEFAULT_VERSION = "67.0"
# No answer, or only a part of one.
_LOST = (
    *(requests.ConnectionError, requests.Timeout),
    *(requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError),
)


def api_version() -> str:
    """The API version to speak: pinned, or SF_API_VERSION. Raises UserError for nonsense."""
    version = os.environ.get("SF_API_VERSION") or DEFAULT_VERSION
    if not re.fullmatch(r"\d{2,3}\.0", version):
        raise UserError(f"SF_API_VERSION {version!r} is no version.", "Write it as 67.0")
    return version


class _Bearer(AuthBase):
    """The token as a header; as an auth object, so that a .netrc cannot replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Identity:
    """Which org this is."""

    id: str
    name: str
    is_sandbox: bool


@dataclass(frozen=True)
class User:
    """Who is logged in: the Id, and the name they log in with."""

    id: str
    name: str


@dataclass
class Org:
    """A connection to one org, which several threads may use at once."""

    login: Login
    clock: Clock
    version: str = field(default_factory=api_version)
    patience: Patience = field(default_factory=Patience)
    calls: int = 0

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._entry: Entry | None = None
        self._user: User | None = None
        self._entering = threading.Lock()

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    @property
    def base(self) -> str:
        """The path every versioned call starts with."""
        return f"/services/data/v{self.version}"

    def request(
        self,
        method: str,
        path: str,
        *,
        what: str,
        again: bool = True,
        stream: bool = False,
        **options: Any,
    ) -> requests.Response:
        """Sends one request and gives its good answer.

        `path` is absolute or below the versioned base; `what` names the request in errors.
        Lost connections and passing errors are tried again with growing waits where `again`;
        a refused token is renewed once. Raises Refused, Stopped, Unreachable or UserError.
        """
        target = path if path.startswith("/") else f"{self.base}/{path}"
        waits = self.patience.waits() if again else iter(())
        renewed = False
        while True:
            why = ""
            entry = self._entered()
            try:
                answer = self._send(entry, method, target, stream, options)
            except _LOST as error:
                why = type(error).__name__
                if self.login.is_local:
                    self._leave(entry)  # it ends when left idle: entering again starts it
            else:
                if answer.status_code < 300:
                    return answer
                if answer.status_code == 401:
                    self._renew(answer, entry, renewed)
                    renewed = True
                    if again:
                        continue
                    raise Unreachable(what, "its token had run out")
                if answer.status_code not in PASSING:
                    raise_for(answer, what)
                why = f"HTTP {answer.status_code}"
                answer.close()
            wait = next(waits, None)
            if wait is None:
                raise Unreachable(what, why)
            self.clock.sleep(wait)

    def _entered(self) -> Entry:
        with self._entering:
            if self._entry is None:
                self._entry = self.login.enter()
                at_home(self._session, self._entry.url)
            self.calls += 1
            return self._entry

    def _leave(self, entry: Entry) -> None:
        """Forgets a way in that no longer works, unless another thread has a new one already."""
        with self._entering:
            if self._entry is entry:
                self._entry = None

    def _send(
        self, entry: Entry, method: str, target: str, stream: bool, options: dict[str, Any]
    ) -> requests.Response:
        return self._session.request(
            method,
            entry.url + target,
            auth=_Bearer(entry.token),
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=stream,
            **options,
        )

    def _renew(self, answer: requests.Response, entry: Entry, renewed: bool) -> None:
        answer.close()
        if renewed or not self.login.renewable:
            raise UserError(
                "The org refused the token (401).",
                "Log in again and set SF_ACCESS_TOKEN anew."
                if self.login.kind == "token"
                else f"A fresh login ({self.login.kind}) did not help: check the user's access.",
            )
        self._leave(entry)

    def get(self, path: str, what: str, *needed: str, **options: Any) -> Any:
        """A JSON answer. Raises UserError where it is none, or lacks a key that is `needed`."""
        return json_of(self.request("GET", path, what=what, **options), what, *needed)

    def post(self, path: str, what: str, *needed: str, **options: Any) -> Any:
        """A JSON answer to a POST."""
        return json_of(self.request("POST", path, what=what, **options), what, *needed)

    def patch(self, path: str, what: str, *needed: str, **options: Any) -> Any:
        """A JSON answer to a PATCH."""
        return json_of(self.request("PATCH", path, what=what, **options), what, *needed)

    def query(
        self, soql: str, what: str, tooling: bool = False, *, archived: bool = False
    ) -> list[dict[str, Any]]:
        """All records of a small query, over as many pages as it takes; `tooling` asks the
        Tooling API, `archived` finds archived and deleted records too. Raises UserError where
        they are fewer than the org says there are, however often it is asked."""
        path = "tooling/query" if tooling else "queryAll" if archived else "query"
        waits = self.patience.waits_to_read_again()
        while True:
            records, total = self._records(path, soql, what)
            if len(records) >= total:
                return records
            wait = next(waits, None)
            if wait is None:
                raise shapes.not_whole(f"The answer to {what}", total, f"{len(records):,}")
            self.clock.sleep(wait)

    def _records(self, path: str, soql: str, what: str) -> tuple[list[dict[str, Any]], int]:
        """The records of a query, and how many the org says they are."""
        needed = ("records", "done", "totalSize")
        page = self.get(path, what, *needed, params={"q": soql})
        records = shapes.records(page["records"], soql, what)
        total = shapes.number(page["totalSize"], what)
        while not page["done"]:
            has_them(page, what, "nextRecordsUrl")
            page = self.get(str(page["nextRecordsUrl"]), what, *needed)
            records += shapes.records(page["records"], soql, what)
        return records, total

    def identity(self) -> Identity:
        """Which org this is."""
        found = self.query("SELECT Id, Name, IsSandbox FROM Organization", "who it is")
        if not found:
            raise UserError(
                "The org does not say which org it is.", "The user needs to see Organization."
            )
        return Identity(str(found[0]["Id"]), str(found[0]["Name"]), bool(found[0].get("IsSandbox")))

    def user(self) -> User:
        """Who is logged in; asked once."""
        if self._user is None:
            said = self.get("/services/oauth2/userinfo", "who is logged in", "user_id")
            self._user = User(str(said["user_id"]), str(said.get("preferred_username") or ""))
        return self._user

    def user_id(self) -> str:
        """The Id of the user who is logged in."""
        return self.user().id

    def username(self) -> str:
        """The login name of the user who is logged in."""
        return self.user().name

    def describe(self, sobject: str) -> dict[str, Any] | None:
        """An object's describe, None where this user sees no such object."""
        what = f"the describe of {sobject}"
        try:
            found = self.get(
                f"sobjects/{sobject}/describe", what, "name", "fields", "childRelationships"
            )
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return shapes.described(found, what)

    def limits(self) -> dict[str, Any]:
        """The org's limits by name, empty where the user may not see them."""
        try:
            found = self.get("limits", "its limits")
        except Refused as refused:
            if refused.status in (403, 404):
                return {}
            raise
        shapes.require(isinstance(found, dict), "its limits")
        shapes.each_has([*found.values()], {}, "its limits")
        return dict(found)


def json_of(answer: requests.Response, what: str, *needed: str) -> Any:
    """What an answer says. Raises UserError where it is no JSON, or lacks a key that is needed."""
    try:
        said = answer.json()
    except ValueError as error:
        raise unreadable(answer, what, "JSON") from error
    has_them(said, what, *needed)
    return said


def has_them(said: Any, what: str, *needed: str) -> None:
    """Raises UserError where what an answer says lacks a key that is needed."""
    if needed and not (isinstance(said, dict) and set(needed) <= said.keys()):
        raise UserError(
            f"The org's answer to {what} lacks {' and '.join(needed)}.",
            "Nothing is lost. Run the same command again.",
        )


def unreadable(answer: requests.Response, what: str, wanted: str) -> UserError:
    """The error for an answer that is something else than what was asked for."""
    kind = answer.headers.get("Content-Type", "no content type").split(";")[0]
    return UserError(
        f"The org answered {what} with {kind} where {wanted} should be.",
        "Is SF_INSTANCE_URL the org's own address, with no login page or proxy before it?",
    )


@contextmanager
def connected(login: Login, clock: Clock) -> Iterator[Org]:
    """An org, closed afterwards."""
    org = Org(login, clock)
    try:
        yield org
    finally:
        org.close()
