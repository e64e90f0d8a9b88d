"""Which org, and how to get in: by environment only, never by flag or file in the repository."""

import ipaddress
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from loaders.errors import UserError
from loaders.salesforce.api import local
from loaders.salesforce.api.clock import Clock
from loaders.salesforce.api.retry import PASSING, Patience

TIMEOUT = (10.0, 300.0)
_CLOCKS_APART = timedelta(minutes=1)
_WAYS_IN = {
    *("SF_ACCESS_TOKEN", "SF_CONSUMER_KEY", "SF_CONSUMER_SECRET"),
    *("SF_USERNAME", "SF_PRIVATE_KEY_FILE"),
}


@dataclass(frozen=True)
class Entry:
    """An org's address and a token it took."""

    url: str
    token: str


@dataclass(frozen=True)
class Login:
    """A way in. `enter` logs in (again); `renewable` says whether a second time can help."""

    kind: str
    enter: Callable[[], Entry]
    renewable: bool
    is_local: bool = False


def login_from_environment(store: Path, clock: Clock) -> Login:
    """The way into the org that SF_* names; the local org in `store` where nothing is set.

    Raises UserError where the variables do not make a way in, or name plain http.
    """
    given = {k: v for k, v in os.environ.items() if k.startswith("SF_") and v}
    url = given.get("SF_INSTANCE_URL")
    if not url:
        stray = sorted(set(given) & _WAYS_IN)
        if stray:
            raise UserError(
                f"{stray[0]} is set, but SF_INSTANCE_URL is not.",
                "Set SF_INSTANCE_URL to the org's My Domain, or unset them all for the local org.",
            )
        return Login("local", lambda: _enter_local(store, clock), renewable=True, is_local=True)
    url = checked_url(url)
    token, key = given.get("SF_ACCESS_TOKEN"), given.get("SF_CONSUMER_KEY")
    if token:
        return Login("token", lambda: Entry(url, token), renewable=False)
    if key and given.get("SF_CONSUMER_SECRET"):
        keys = {"consumer_key": key, "consumer_secret": given["SF_CONSUMER_SECRET"]}
        return Login("client credentials", lambda: _enter_oauth(url, keys, clock), renewable=True)
    if key and given.get("SF_USERNAME") and given.get("SF_PRIVATE_KEY_FILE"):
        keys = {
            "consumer_key": key,
            "username": given["SF_USERNAME"],
            "privatekey_file": given["SF_PRIVATE_KEY_FILE"],
        }
        return Login("JWT", lambda: _enter_oauth(url, keys, clock), renewable=True)
    raise UserError(
        "SF_INSTANCE_URL is set, but nothing to log in with.",
        "Set SF_ACCESS_TOKEN; or SF_CONSUMER_KEY with SF_CONSUMER_SECRET; "
        "or SF_CONSUMER_KEY with SF_USERNAME and SF_PRIVATE_KEY_FILE.",
    )


def checked_url(url: str) -> str:
    """An org's address without a path.

    Raises UserError for what is no address, and for plain http to anything but loopback.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            "SF_INSTANCE_URL is not an address.", "Write it as https://MyDomain.my.salesforce.com"
        )
    if parts.scheme == "http" and not is_loopback(url):
        raise UserError(
            f"Plain http to {parts.hostname} is refused: patient data would travel in the open.",
            "Write SF_INSTANCE_URL with https://",
        )
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    """Whether an address never leaves this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _enter_local(store: Path, clock: Clock) -> Entry:
    door = local.ensure(store, clock)
    return Entry(door.url, door.token)


def at_home(session: requests.Session, url: str) -> None:
    """Readies a session for an address: a proxy or a .netrc for the outside world is no business
    of a loopback address, a private CA is (a tunnel or gateway may listen there)."""
    session.trust_env = not is_loopback(url)
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True


class _NotNow(requests.RequestException):
    """An answer to a login that says to come again."""


class _AtInstance(requests.Session):
    """Sends simple-salesforce's token request to the org that was named.

    simple-salesforce builds the address from a domain and always below salesforce.com, which
    leaves out private gateways and an org on loopback.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        at_home(self, url)
        self.ahead: timedelta | None = None
        """How far this machine's clock was ahead of the org's when it answered."""

    def post(self, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """The token request, at the named org, with a timeout and without redirects. Raises
        _NotNow for a passing error, UserError for a good answer that brings no token."""
        path = urlsplit(str(url)).path
        options |= {"timeout": TIMEOUT, "allow_redirects": False}
        answer = super().post(self._url + path, *args, **options)
        with suppress(TypeError, ValueError):
            self.ahead = datetime.now(UTC) - parsedate_to_datetime(answer.headers["Date"])
        if answer.status_code in PASSING:
            raise _NotNow(f"HTTP {answer.status_code}")
        _require_salesforce(answer)
        return answer


def _require_salesforce(answer: requests.Response) -> None:
    try:
        said = answer.json()
    except ValueError:
        said = None
    is_good = answer.status_code == requests.codes.ok
    words = ("access_token", "instance_url") if is_good else ("error",)
    if not (isinstance(said, dict) and all(isinstance(said.get(word), str) for word in words)):
        raise UserError(
            f"What answered the login is no Salesforce: HTTP {answer.status_code} without"
            f" {' and '.join(words)}.",
            "Is SF_INSTANCE_URL the org's My Domain, and no proxy between?",
        )


def _enter_oauth(url: str, keys: dict[str, str], clock: Clock) -> Entry:
    """Logs in; lost connections and passing errors are tried again with growing waits."""
    waits = Patience().waits()
    while True:
        try:
            return _ask_for_token(url, keys)
        except requests.RequestException as error:
            wait = next(waits, None)
            is_passing = isinstance(error, _NotNow | requests.ConnectionError | requests.Timeout)
            if wait is None or not is_passing or isinstance(error, requests.exceptions.SSLError):
                why = str(error) if isinstance(error, _NotNow) else type(error).__name__
                raise UserError(
                    f"{url} did not answer the login: {why}.",
                    "Check SF_INSTANCE_URL and the network.",
                ) from None
        clock.sleep(wait)


def _ask_for_token(url: str, keys: dict[str, str]) -> Entry:
    # It brings a SOAP client along that takes longer to import than most commands to run.
    from jwt.exceptions import PyJWTError
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed
    from simple_salesforce.login import SalesforceLogin

    # The JWT's audience is made from the domain: My Domain, as External Client Apps demand.
    domain = (urlsplit(url).hostname or "").removesuffix(".salesforce.com")
    key_file = keys.get("privatekey_file")
    if key_file and not Path(key_file).is_file():
        raise UserError(
            f"SF_PRIVATE_KEY_FILE {key_file} does not exist.", "Name the PEM file of the JWT key."
        )
    try:
        with _AtInstance(url) as session, warnings.catch_warnings():
            # It warns at length of what the error below says in a line.
            warnings.simplefilter("ignore", UserWarning)
            token, _ = SalesforceLogin(
                domain=domain,
                instance_url=domain if key_file else None,
                session=session,
                username=keys.get("username"),
                consumer_key=keys["consumer_key"],
                consumer_secret=keys.get("consumer_secret"),
                privatekey_file=key_file,
            )
    except SalesforceAuthenticationFailed as error:
        if key_file and session.ahead and abs(session.ahead) > _CLOCKS_APART:
            raise _wrong_clock(str(error.code), session.ahead) from None
        raise UserError(
            f"The org refused the login: {error.code}.",
            "Check the connected app, its run-as or pre-authorised user, and SF_CONSUMER_KEY.",
        ) from None
    except requests.RequestException:
        raise
    except (PyJWTError, ValueError, TypeError, OSError) as error:
        raise UserError(
            f"The login could not be made: {type(error).__name__}.",
            "SF_PRIVATE_KEY_FILE must be an RSA key in PEM form, without a password, that this user"
            " may read.",
        ) from None
    return Entry(url, token)


def _wrong_clock(code: str, ahead: timedelta) -> UserError:
    minutes = round(abs(ahead).total_seconds() / 60)
    where = "ahead of" if ahead > timedelta() else "behind"
    return UserError(
        f"The org refused the login: {code}. This machine's clock is {minutes:,} minutes {where}"
        " the org's.",
        "A login with SF_PRIVATE_KEY_FILE is signed for a few minutes only: set the clock right.",
    )
