"""Who is talking to the org: OpenID's userinfo, and the identity URL a token answer names."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from local_org.bulk.jobs import stamp
from local_org.ids import long_id
from local_org.org import Org
from local_org.web import org_of


def _refusal(request: Request) -> Response | None:
    """Give the answer to a token that is wrong; these two calls take it as a parameter too."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() not in ("bearer", "oauth"):
        token = request.query_params.get("oauth_token", "")
    if not token:
        return PlainTextResponse("Missing_OAuth_Token", status_code=403)
    own = org_of(request).identity.token.encode()
    if hmac.compare_digest(token.strip().encode(), own):
        return None
    return PlainTextResponse("Bad_OAuth_Token", status_code=403)


def identity_url(request: Request) -> str:
    """Give the URL that tells who the user of this org is."""
    own = org_of(request).identity
    return str(request.base_url.replace(path=f"/id/{own.organization}/{own.user}"))


def _user(org: Org) -> dict[str, Any]:
    return org.store.rows('select * from data."User" where "Id" = ?', [org.identity.user])[0]


async def userinfo(request: Request) -> Response:
    """GET and POST /services/oauth2/userinfo."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    org = org_of(request)
    user = await run_in_threadpool(_user, org)
    known = _known(request, org, user)
    return JSONResponse(
        {
            "sub": known["id"],
            "user_id": known["user_id"],
            "organization_id": known["organization_id"],
            "preferred_username": known["username"],
            "nickname": known["nick_name"],
            "name": known["display_name"],
            "email": known["email"],
            "email_verified": known["email_verified"],
            "given_name": known["first_name"],
            "family_name": known["last_name"],
            "zoneinfo": known["timezone"],
            "active": known["active"],
            "user_type": known["user_type"],
            "language": known["language"],
            "locale": known["locale"],
            "utcOffset": known["utcOffset"],
            "updated_at": known["last_modified_date"],
            "urls": known["urls"],
        }
    )


async def identity(request: Request) -> Response:
    """GET /id/{organization}/{user}."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    org, path = org_of(request), request.path_params
    if long_id(path["organization"]) != org.identity.organization:
        return PlainTextResponse("Wrong_Org", status_code=403)
    if long_id(path["user"]) != org.identity.user:
        return PlainTextResponse("Bad_Id", status_code=404)
    user = await run_in_threadpool(_user, org)
    return JSONResponse(_known(request, org, user))


def _known(request: Request, org: Org, user: dict[str, Any]) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    offset = datetime.now(ZoneInfo(user["TimeZoneSidKey"])).utcoffset()
    names = (user["FirstName"], user["LastName"])
    return {
        "id": identity_url(request),
        "asserted_user": True,
        "user_id": org.identity.user,
        "organization_id": org.identity.organization,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": " ".join(name for name in names if name),
        "email": user["Email"],
        "email_verified": True,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "urls": {
            "rest": f"{base}/services/data/v{{version}}/",
            "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
            "query": f"{base}/services/data/v{{version}}/query/",
        },
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": int(offset.total_seconds() * 1000) if offset else 0,
        "last_modified_date": stamp(user["LastModifiedDate"]),
        "is_app_installed": True,
    }


ROUTES = [
    Route("/services/oauth2/userinfo", userinfo, methods=["GET", "POST"]),
    Route("/id/{organization:str}/{user:str}", identity, methods=["GET"]),
]
