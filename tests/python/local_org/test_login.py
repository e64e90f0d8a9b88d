"""Logins: client credentials, JWT bearer, sessions that expire, end and survive."""

import base64
import hashlib
import hmac
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from tests.python.local_org.client import Client, Server
from tests.python.local_org.wording import assumed, sourced

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXPIRED = [
    {
        "message": sourced("Session expired or invalid", "REST guide, status codes"),
        "errorCode": "INVALID_SESSION_ID",
    }
]
GONE = (
    "expired access/refresh token",
    "salesforcedictionary.com/errors/invalid-oauth-grant",
)


def key_pair() -> tuple[str, str, str]:
    """A private key, its public key, and a certificate of it, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _private(key), public.decode(), _certificate(key)


def certified(address: str) -> tuple[str, str]:
    """A private key, and a certificate of it for a server at an address, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _private(key), _certificate(key, x509.IPAddress(ip_address(address)))


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _certificate(key: rsa.RSAPrivateKey, *names: x509.GeneralName) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "load-sf")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def keys() -> tuple[str, str, str]:
    return key_pair()


@pytest.fixture
def alone(server: Server) -> Iterator[Client]:
    client = server.start()
    yield client
    client.session.close()


def register(org: Client, key: str, **facts: Any) -> None:
    answer = org.call("PUT", f"/local-org/apps/{key}", json=facts)
    assert answer.status_code == 204, answer.text


def login(org: Client, **fields: str) -> requests.Response:
    return org.session.post(f"{org.url}/services/oauth2/token", data=fields, timeout=10)


def by_secret(org: Client, key: str, secret: str) -> requests.Response:
    return login(org, grant_type="client_credentials", client_id=key, client_secret=secret)


def assertion(org: Client, private: str, **claims: Any) -> str:
    whole = {"aud": org.url, "exp": int(time.time()) + 120, **claims}
    return jwt.encode(whole, private, algorithm="RS256")


def by_jwt(org: Client, signed: str) -> requests.Response:
    return login(org, grant_type=JWT_BEARER, assertion=signed)


def username(org: Client) -> str:
    return str(org.query("SELECT Username FROM User")[0]["Username"])


def refusal(answer: requests.Response) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    return body["error"], body["error_description"]


def session_of(org: Client, answer: requests.Response) -> Client:
    assert answer.status_code == 200, answer.text
    return Client(org.url, answer.json()["access_token"], org.organization, org.session)


def test_the_launchers_token_is_a_secret_and_gives_a_session(org: Client) -> None:
    answer = by_secret(org, "any", org.token)
    body = answer.json()
    assert body["access_token"].startswith(org.organization[:15] + "!")
    assert body["access_token"] != org.token
    assert body["instance_url"] == org.url
    assert (body["token_type"], body["scope"]) == ("Bearer", "api")
    assert abs(int(body["issued_at"]) / 1000 - time.time()) < 10
    assert session_of(org, answer).get("/limits")


def test_a_registered_app_logs_in_by_key_and_secret(org: Client) -> None:
    register(org, "3MVG9app", secret="s3cret")
    assert session_of(org, by_secret(org, "3MVG9app", "s3cret")).get("/limits")
    header = base64.b64encode(b"3MVG9app:s3cret").decode()
    answer = org.session.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {header}"},
        timeout=10,
    )
    assert session_of(org, answer).get("/limits")


def test_two_logins_are_two_sessions(org: Client) -> None:
    first, second = by_secret(org, "any", org.token), by_secret(org, "any", org.token)
    assert first.json()["access_token"] != second.json()["access_token"]


def test_wrong_clients_are_refused(org: Client) -> None:
    register(org, "3MVG9known", secret="s3cret")
    register(org, "3MVG9nobody", secret="s3cret", username=None)
    source = "github.com restforce #46 and #338"
    assert refusal(by_secret(org, "3MVG9known", "wrong")) == (
        "invalid_client",
        sourced("invalid client credentials", source),
    )
    assert refusal(by_secret(org, "3MVG9stranger", "wrong")) == (
        "invalid_client_id",
        sourced("client identifier invalid", source),
    )
    assert refusal(by_secret(org, "3MVG9nobody", "s3cret")) == (
        "invalid_grant",
        sourced("no client credentials user enabled", "Sumo Logic docs, Salesforce source"),
    )


def test_other_grants_are_refused(org: Client) -> None:
    password = {"username": "a@b.c", "password": "p", "client_id": "k", "client_secret": "s"}
    assert refusal(login(org, grant_type="password", **password)) == (
        "invalid_grant",
        sourced("authentication failure", "github.com simple-salesforce #753"),
    )
    assert refusal(login(org, grant_type="refresh_token", refresh_token="x")) == (
        "invalid_grant",
        sourced(*GONE),
    )
    for fields in ({}, {"grant_type": "authorization"}, {"grant_type": "x" * 100_000}):
        assert refusal(login(org, **fields)) == (
            "unsupported_grant_type",
            assumed("grant type not supported"),
        )


@pytest.mark.parametrize("form", ["certificate", "public key"])
def test_a_jwt_logs_in(org: Client, keys: tuple[str, str, str], form: str) -> None:
    private, public, certificate = keys
    register(org, f"3MVG9{form[:4]}", certificate_pem=certificate if form[0] == "c" else public)
    user = username(org)
    for audience in (
        org.url,
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        "https://127.0.0.1.salesforce.com",
    ):
        signed = assertion(org, private, iss=f"3MVG9{form[:4]}", sub=user, aud=audience)
        answer = by_jwt(org, signed)
        assert session_of(org, answer).get("/limits")
        assert set(answer.json()) == {"access_token", "scope", "instance_url", "id", "token_type"}


def test_a_jwt_that_is_wrong_is_refused(org: Client, keys: tuple[str, str, str]) -> None:
    private, public, certificate = keys
    stranger, _, _ = key_pair()
    register(org, "3MVG9jwt", certificate_pem=certificate)
    register(org, "3MVG9secret", secret="s")
    register(org, "3MVG9unapproved", certificate_pem=certificate, username=None)
    good = {"iss": "3MVG9jwt", "sub": username(org)}
    now = int(time.time())
    invalid = ("invalid_grant", sourced("invalid assertion", "github.com sfdx-travisci #135"))
    late = ("invalid_grant", sourced("expired authorization code", "simple-salesforce #371"))
    audience = ("invalid_grant", sourced("audience is invalid", "useparagon.com"))
    user = (
        "invalid_grant",
        sourced("user hasn't approved this consumer", "salesforce.stackexchange.com 184363"),
    )
    app = ("invalid_client_id", sourced("client identifier invalid", "github.com forrest #184"))

    def said(signed: str) -> tuple[str, str]:
        return refusal(by_jwt(org, signed))

    assert said(assertion(org, stranger, **good)) == invalid
    assert said(assertion(org, private, **good | {"exp": now - 1})) == late
    assert said(assertion(org, private, **good | {"exp": now + 3600})) == invalid
    assert said(assertion(org, private, **good | {"exp": "soon"})) == invalid
    assert said(assertion(org, private, **good | {"aud": "https://example.com"})) == audience
    assert said(assertion(org, private, **good | {"aud": [org.url]})) == audience
    assert said(assertion(org, private, **good | {"sub": "who@example.com"})) == user
    assert said(assertion(org, private, **good | {"iss": "3MVG9unapproved"})) == user
    assert said(assertion(org, private, **good | {"iss": "3MVG9none"})) == app
    assert said(assertion(org, private, **good | {"iss": "3MVG9secret"})) == invalid
    assert said("not.a.jwt") == invalid
    # Neither unsigned, nor signed by the public key as if it were a shared secret.
    assert said(jwt.encode({**good, "aud": org.url, "exp": now + 60}, "", "none")) == invalid
    head, body, _ = assertion(org, private, **good).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    mac = base64.urlsafe_b64encode(
        hmac.new(public.encode(), f"{head}.{body}".encode(), "sha256").digest()
    )
    assert said(f"{head}.{body}.{mac.rstrip(b'=').decode()}") == invalid


def test_apps_are_registered_by_the_launcher_only(org: Client) -> None:
    session = session_of(org, by_secret(org, "any", org.token))
    assert session.call("PUT", "/local-org/apps/mine", json={"secret": "x"}).status_code == 401
    for wrong in (
        {"secret": 1},
        {"colour": "red"},
        {"username": "who@example.com"},
        {"certificate_pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
    ):
        answer = org.call("PUT", "/local-org/apps/mine", json=wrong)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_APP")


def test_an_idle_session_expires_and_a_call_renews_it(alone: Client) -> None:
    alone.switch(session_seconds=2)
    session = session_of(alone, by_secret(alone, "any", alone.token))
    for _ in range(3):
        time.sleep(1)
        assert session.call("GET", "/limits").status_code == 200
    time.sleep(2.5)
    answer = session.call("GET", "/limits")
    assert (answer.status_code, answer.json()) == (401, EXPIRED)
    assert session.call("GET", "/limits").status_code == 401
    assert alone.call("GET", "/limits").status_code == 200


def test_sessions_and_apps_survive_kill_9_and_no_token_is_kept(server: Server) -> None:
    org = server.start()
    register(org, "3MVG9kept", secret="s3cret-text")
    token = by_secret(org, "3MVG9kept", "s3cret-text").json()["access_token"]
    org.session.close()
    server.end(signal.SIGKILL)
    org = server.start()
    assert Client(org.url, token, org.organization, org.session).get("/limits")
    assert by_secret(org, "3MVG9kept", "s3cret-text").status_code == 200
    org.session.close()
    server.end()
    kept = b"".join(
        path.read_bytes() for path in server.store.iterdir() if path.name.startswith("state")
    )
    assert hashlib.sha256(token.encode()).hexdigest().encode() in kept
    assert token.encode() not in kept and b"s3cret-text" not in kept


def test_a_session_is_revoked(org: Client) -> None:
    where = f"{org.url}/services/oauth2/revoke"
    session = session_of(org, by_secret(org, "any", org.token))
    assert session.call("GET", "/limits").status_code == 200
    answer = org.session.post(where, data={"token": session.token}, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert session.call("GET", "/limits").status_code == 401
    again = org.session.post(where, data={"token": session.token}, timeout=10)
    guide = "Mobile SDK guide, Revoking OAuth Tokens"
    assert refusal(again)[0] == sourced("invalid_token", guide)
    own = org.session.get(where, params={"token": org.token}, timeout=10)
    assert refusal(own)[0] == sourced("unsupported_token_type", guide)
    assert org.call("GET", "/limits").status_code == 200


def test_a_token_is_introspected(org: Client) -> None:
    register(org, "3MVG9ask", secret="s")
    token = by_secret(org, "3MVG9ask", "s").json()["access_token"]

    def asked(**fields: str) -> Any:
        form = {"client_id": "3MVG9ask", "client_secret": "s", "token": token, **fields}
        return org.session.post(f"{org.url}/services/oauth2/introspect", data=form, timeout=10)

    found = asked().json()
    assert found["active"] is True and found["client_id"] == "3MVG9ask"
    assert found["username"] == username(org) and found["exp"] > time.time()
    assert asked(token="x").json() == {"active": False}
    assert asked(client_secret="wrong").status_code == 400


def test_userinfo_and_identity_tell_who_it_is(org: Client) -> None:
    answer = by_secret(org, "any", org.token).json()
    session = Client(org.url, answer["access_token"], org.organization, org.session)
    info = session.get("/services/oauth2/userinfo")
    headers = {"Authorization": f"Bearer {session.token}"}
    identity = org.session.get(answer["id"], headers=headers, timeout=10).json()
    user = org.query("SELECT Id, Username, Email, LastName FROM User")[0]
    assert info["user_id"] == identity["user_id"] == user["Id"]
    assert info["organization_id"] == identity["organization_id"] == org.organization
    assert info["preferred_username"] == identity["username"] == user["Username"]
    assert info["sub"] == identity["id"] == answer["id"]
    assert info["family_name"] == user["LastName"] and info["email"] == user["Email"]
    assert info["urls"]["rest"] == f"{org.url}/services/data/v{{version}}/"
    assert info["utcOffset"] == -28_800_000 and info["active"] is True
    assert org.get("/services/data/v67.0")["identity"] == answer["id"]


def test_the_identity_service_refuses_in_plain_text(org: Client) -> None:
    where = f"{org.url}/services/oauth2/userinfo"
    wrong = org.session.get(where, headers={"Authorization": "Bearer no"}, timeout=10)
    said = sourced("Bad_OAuth_Token", "github.com nforce, autoRefresh")
    assert (wrong.status_code, wrong.text) == (403, said)
    none = org.session.get(where, timeout=10)
    assert (none.status_code, none.text) == (403, assumed("Missing_OAuth_Token"))


def test_simple_salesforce_logs_in(org: Client, keys: tuple[str, str, str]) -> None:
    from simple_salesforce.login import SalesforceLogin

    private, _, certificate = keys
    register(org, "3MVG9simple", secret="s", certificate_pem=certificate)

    class Here(requests.Session):
        def post(self, url: Any, *args: Any, **options: Any) -> requests.Response:
            assert url.startswith("https://127.0.0.1.salesforce.com/")
            path = url.removeprefix("https://127.0.0.1.salesforce.com")
            return super().post(org.url + path, *args, **options)

    with Here() as session:
        common: dict[str, Any] = {
            "domain": "127.0.0.1",
            "session": session,
            "consumer_key": "3MVG9simple",
        }
        first, _ = SalesforceLogin(**common, consumer_secret="s")
        second, _ = SalesforceLogin(
            **common, instance_url="127.0.0.1", username=username(org), privatekey=private
        )
    for token in (first, second):
        assert Client(org.url, token, org.organization, org.session).get("/limits")
    assert first != second
