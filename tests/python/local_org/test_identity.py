"""Who is talking: userinfo, the identity URL, and where a client finds it."""

from __future__ import annotations

import pytest
import requests

from tests.python.local_org.client import Client
from tests.python.local_org.wording import assumed, sourced

BAD_TOKEN = sourced("Bad_OAuth_Token", "drupal.org/project/salesforce, issue 3191597")
NO_TOKEN = assumed("Missing_OAuth_Token")
WRONG_ORG, BAD_ID = assumed("Wrong_Org"), assumed("Missing_User")
USERINFO = "/services/oauth2/userinfo"


def test_userinfo_says_who_the_user_is(org: Client) -> None:
    [user] = org.query("SELECT Id, Username, Email, LastName FROM User")
    shown = org.get(USERINFO)
    assert (shown["user_id"], shown["organization_id"]) == (user["Id"], org.organization)
    assert (shown["preferred_username"], shown["email"]) == (user["Username"], user["Email"])
    assert shown["sub"] == f"{org.url}/id/{org.organization}/{user['Id']}"
    assert shown["family_name"] == user["LastName"]


def test_a_client_finds_the_identity_url_and_what_it_says(org: Client) -> None:
    [user] = org.query("SELECT Id, Username FROM User")
    for path in ("/services/data/v67.0", "/services/data/v67.0/"):
        resources = org.get(path)
        assert resources["sobjects"] == "/services/data/v67.0/sobjects"
    url = resources["identity"]
    # As jsforce asks: without a header.
    answer = requests.get(url, params={"oauth_token": org.token}, timeout=30)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["id"], shown["user_id"], shown["username"]) == (url, user["Id"], user["Username"])


@pytest.mark.parametrize(("token", "text"), [("wrong", BAD_TOKEN), ("", NO_TOKEN)])
def test_neither_answers_a_wrong_token(org: Client, token: str, text: str) -> None:
    url = org.get("/services/data/v67.0")["identity"]
    for asked in (url, org.url + USERINFO):
        answer = requests.get(asked, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert (answer.status_code, answer.text) == (403, text)


def test_the_identity_url_knows_its_own_org_and_user_only(org: Client) -> None:
    user = org.get(USERINFO)["user_id"]
    # The path of an identity URL lies outside the versioned API: no error array there.
    for path, wanted in (
        (f"/id/00D000000000000AAA/{user}", (403, WRONG_ORG)),
        (f"/id/{org.organization}/005000000000000AAA", (404, BAD_ID)),
    ):
        headers = {"Authorization": f"Bearer {org.token}"}
        answer = requests.get(org.url + path, headers=headers, timeout=30)
        assert (answer.status_code, answer.text) == wanted


def test_a_slash_too_many_before_the_path_is_taken(org: Client) -> None:
    """As `sf` asks, whose instance URL ends in a slash."""
    headers = {"Authorization": f"Bearer {org.token}"}
    answer = requests.get(f"{org.url}//services/data/v67.0/limits", headers=headers, timeout=30)
    assert answer.status_code == 200
    assert requests.get(f"{org.url}//services/data/v67.0/limits", timeout=30).status_code == 401
