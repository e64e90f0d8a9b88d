"""Sessions: one a login, ended by a time without calls or by a revocation.

The store holds each token's SHA-256 only. A login is on disk before it is answered; when a session
was last used goes to disk with `keep`, now and then.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

import duckdb

from local_org.store import Store

SCOPE = "api"


@dataclass
class Session:
    """One login: the connected app it came by, when it began and when it was last used."""

    app: str
    created: float
    used: float


def digest(text: str) -> str:
    """Give the SHA-256 of a token or a secret: all that is kept of it."""
    return hashlib.sha256(text.encode()).hexdigest()


class Sessions:
    """Every session of the org that has not ended."""

    def __init__(self, store: Store) -> None:
        """Read the sessions that are kept."""
        self._store = store
        rows = store.rows("select hash, app, created, used from org.sessions")
        self._open = {row["hash"]: Session(row["app"], row["created"], row["used"]) for row in rows}
        self._used: set[str] = set()

    def begin(self, organization: str, app: str) -> str:
        """Begin a session and give its token."""
        token = f"{organization[:15]}!{secrets.token_urlsafe(72)}"
        now = time.time()
        with self._store.write() as cursor:
            cursor.execute(
                "insert into org.sessions values (?, ?, ?, ?)", [digest(token), app, now, now]
            )
        self._open[digest(token)] = Session(app, now, now)
        return token

    def find(self, token: str, idle_seconds: int) -> Session | None:
        """Give the session of a token; None where there is none, or it was idle for too long."""
        key = digest(token)
        found = self._open.get(key)
        if found is not None and time.time() - found.used > idle_seconds:
            self._open.pop(key, None)
            return None
        return found

    def use(self, token: str, idle_seconds: int) -> bool:
        """Renew the session of a token; gives whether it is a session's."""
        found = self.find(token, idle_seconds)
        if found is None:
            return False
        found.used = time.time()
        self._used.add(digest(token))
        return True

    def end(self, token: str) -> bool:
        """End a session; gives whether there was one."""
        key = digest(token)
        if self._open.pop(key, None) is None:
            return False
        with self._store.write() as cursor:
            cursor.execute("delete from org.sessions where hash = ?", [key])
        return True

    def keep(self, cursor: duckdb.DuckDBPyConnection, idle_seconds: int) -> None:
        """Write down when sessions were last used, and forget those that have ended."""
        used, self._used = self._used, set()
        times = [[self._open[key].used, key] for key in used if key in self._open]
        if times:
            cursor.executemany("update org.sessions set used = ? where hash = ?", times)
        ended = time.time() - idle_seconds
        cursor.execute("delete from org.sessions where used < ?", [ended])
        for key, session in list(self._open.items()):
            if session.used < ended:
                self._open.pop(key, None)
