"""Connected apps: who may log in, kept in the org's settings; and the calls that register them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from local_org.auth.sessions import digest
from local_org.errors import ApiError
from local_org.org import Org

SETTING = "apps"
# The app that every org has: its secret is the token of server.json, under any consumer key.
BUILT_IN = "local-org"
FIELDS = ("secret", "certificate_pem", "username")


@dataclass(frozen=True)
class App:
    """One connected app. `username` is its run-as user, and the one user who approved it."""

    username: str | None
    secret_hash: str | None = None
    public_key: str | None = None


def find_app(org: Org, consumer_key: str) -> App | None:
    """Give the app that is registered under a consumer key."""
    with org.store.read() as cursor:
        return _read(cursor).get(consumer_key)


def register(org: Org, consumer_key: str, body: dict[str, Any]) -> None:
    """Register an app, in the place of one that has the key already."""
    app = _app(org, body)
    with org.store.write() as cursor:
        apps = {**_read(cursor), consumer_key: app}
        text = json.dumps({key: asdict(each) for key, each in apps.items()})
        cursor.execute("delete from org.settings where name = ?", [SETTING])
        cursor.execute("insert into org.settings values (?, ?)", [SETTING, text])


def _read(cursor: duckdb.DuckDBPyConnection) -> dict[str, App]:
    found = cursor.execute("select value from org.settings where name = ?", [SETTING]).fetchone()
    kept = json.loads(found[0]) if found else {}
    return {key: App(**each) for key, each in kept.items()}


def _app(org: Org, body: dict[str, Any]) -> App:
    for name, value in body.items():
        if name not in FIELDS:
            raise _invalid(f"an app has no '{name}': it has {', '.join(FIELDS)}")
        if not isinstance(value, str) and not (name == "username" and value is None):
            raise _invalid(f"{name} takes text")
    username = body.get("username", org.identity.username)
    if username not in (None, org.identity.username):
        raise _invalid(f"this org's user is {org.identity.username}, and there is no other")
    secret, certificate = body.get("secret"), body.get("certificate_pem")
    return App(
        username=username,
        secret_hash=digest(secret) if secret else None,
        public_key=_public_key(certificate) if certificate else None,
    )


def _public_key(pem: str) -> str:
    """Give the public key of a certificate, or of a public key as it is."""
    data = pem.encode()
    try:
        if b"BEGIN CERTIFICATE" in data:
            key = x509.load_pem_x509_certificate(data).public_key()
        else:
            key = load_pem_public_key(data)  # type: ignore[assignment]
    except ValueError as error:
        raise _invalid("certificate_pem is no certificate and no public key in PEM") from error
    if not isinstance(key, RSAPublicKey):
        raise _invalid("certificate_pem must hold an RSA key")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _invalid(message: str) -> ApiError:
    return ApiError(400, "INVALID_APP", message)
