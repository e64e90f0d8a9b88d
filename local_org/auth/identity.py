"""Who is talking to the org: userinfo, the identity URL; and what becomes of a token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from local_org.bulk.jobs import stamp
from local_org.ids import long_id
from local_org.org import Org
from local_org.web import org_of

SERVICES = {
    "enterprise": "Soap/c/{version}/",
    "metadata": "Soap/m/{version}/",
    "partner": "Soap/u/{version}/",
    "rest": "data/v{version}/",
    "sobjects": "data/v{version}/sobjects/",
    "search": "data/v{version}/search/",
    "query": "data/v{version}/query/",
    "recent": "data/v{version}/recent/",
    "tooling_soap": "Soap/T/{version}/",
    "tooling_rest": "data/v{version}/tooling/",
    "feeds": "data/v{version}/chatter/feeds",
    "groups": "data/v{version}/chatter/groups",
    "users": "data/v{version}/chatter/users",
    "feed_items": "data/v{version}/chatter/feed-items",
    "feed_elements": "data/v{version}/chatter/feed-elements",
}
SOAP = ("enterprise", "metadata", "partner", "tooling_soap")


def base_of(request: Request) -> str:
    """Give the org's address as the client wrote it."""
    return str(request.base_url.replace(path="")).rstrip("/")


def identity_url(request: Request) -> str:
    """Give the URL that tells who the user of this org is."""
    own = org_of(request).identity
    return f"{base_of(request)}/id/{own.organization}/{own.user}"


async def userinfo(request: Request) -> Response:
    """GET and POST /services/oauth2/userinfo."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    known = await run_in_threadpool(_known, request, org_of(request))
    names = {
        "sub": "id",
        "user_id": "user_id",
        "organization_id": "organization_id",
        "preferred_username": "username",
        "nickname": "nick_name",
        "name": "display_name",
        "email": "email",
        "email_verified": "email_verified",
        "given_name": "first_name",
        "family_name": "last_name",
        "zoneinfo": "timezone",
        "photos": "photos",
        "profile": "profile",
        "picture": "picture",
        "urls": "urls",
        "active": "active",
        "user_type": "user_type",
        "language": "language",
        "locale": "locale",
        "utcOffset": "utcOffset",
        "updated_at": "last_modified_date",
        "is_app_installed": "is_app_installed",
    }
    known["profile"] = known["urls"]["profile"]
    known["picture"] = known["photos"]["picture"]
    return JSONResponse({name: known[own] for name, own in names.items()})


async def identity(request: Request) -> Response:
    """GET /id/{organization}/{user}."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    org, path = org_of(request), request.path_params
    if long_id(path["organization"]) != org.identity.organization:
        return PlainTextResponse("Wrong_Org", status_code=403)
    if long_id(path["user"]) != org.identity.user:
        return PlainTextResponse("Missing_User", status_code=404)
    return JSONResponse(await run_in_threadpool(_known, request, org))


def _refusal(request: Request) -> Response | None:
    """The identity service answers a token it does not take in one word of plain text."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() not in ("bearer", "oauth"):
        given = request.query_params.get("oauth_token", "")
    if not given:
        return PlainTextResponse("Missing_OAuth_Token", status_code=403)
    if not org_of(request).admits(given.strip()):
        return PlainTextResponse("Bad_OAuth_Token", status_code=403)
    return None


def _known(request: Request, org: Org) -> dict[str, Any]:
    base, own = base_of(request), org.identity
    user = org.store.rows('select * from data."User" where "Id" = ?', [own.user])[0]
    photo = f"{base}/profilephoto/005"
    return {
        "id": identity_url(request),
        "asserted_user": True,
        "user_id": own.user,
        "organization_id": own.organization,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"] or user["Alias"],
        "display_name": " ".join(name for name in (user["FirstName"], user["LastName"]) if name),
        "email": user["Email"],
        "email_verified": True,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": None,
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(base, own.organization, own.user),
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": _offset(user["TimeZoneSidKey"]),
        "last_modified_date": stamp(user["LastModifiedDate"]),
        "is_app_installed": True,
    }


def _urls(base: str, organization: str, user: str) -> dict[str, str]:
    urls = {name: f"{base}/services/{path}" for name, path in SERVICES.items()}
    urls |= {name: urls[name] + organization[:15] for name in SOAP}
    return {**urls, "profile": f"{base}/{user}", "custom_domain": base}


def _offset(zone: str) -> int:
    """Give a zone's standard offset in milliseconds, summer time left out."""
    now = datetime.now(ZoneInfo(zone))
    standard = (now.utcoffset() or timedelta()) - (now.dst() or timedelta())
    return int(standard.total_seconds() * 1000)
