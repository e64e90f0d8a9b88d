"""State and Country/Territory Picklists: codes, texts, and what is no place."""

from collections.abc import Iterator

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.orgs import clinic_org
from tests.python.local_org.wording import assumed, sourced

BILLING = "BillingState, BillingStateCode, BillingCountry, BillingCountryCode"
NO_STATE = sourced(
    "There's a problem with this state, even though it may appear correct. Please select a state "
    "from the list of valid states.: ",
    "Salesforce StackExchange 122863 and an Apex log",
)
NO_COUNTRY = sourced(
    "There's a problem with this country, even though it may appear correct. Please select a "
    "country/territory from the list of valid countries.: ",
    "a captured REST answer and an Apex log",
)
BARE = sourced(
    "A country/territory must be specified before specifying a state value for field: ",
    "captured REST answers",
)


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("places")
    with clinic_org(folder, state_country_picklists=True) as client:
        yield client


def billing(org: Client, record: str) -> list[str | None]:
    return list(org.query(f"SELECT {BILLING} FROM Account WHERE Id = '{record}'")[0].values())


UTAH = ["Utah", "UT", "United States", "US"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"BillingStateCode": "UT", "BillingCountryCode": "US"}, UTAH),
        ({"BillingStateCode": "ut", "BillingCountryCode": "us"}, UTAH),
        ({"BillingState": "Utah", "BillingCountry": "United States"}, UTAH),
        ({"BillingState": "Utah", "BillingCountryCode": "US"}, UTAH),
        ({"BillingState": "Utah", "BillingStateCode": "UT", "BillingCountryCode": "US"}, UTAH),
        ({"BillingCountryCode": "DE"}, [None, None, "Germany", "DE"]),
        ({"BillingStateCode": "ON", "BillingCountryCode": "CA"}, ["Ontario", "ON", "Canada", "CA"]),
        ({"BillingCity": "Provo"}, [None, None, None, None]),
    ],
)
def test_text_and_code_follow_from_each_other(
    org: Client, given: dict[str, str], found: list[str | None]
) -> None:
    assert billing(org, org.create("Account", Name="A", **given)) == found


@pytest.mark.parametrize(
    ("given", "message", "field"),
    [
        (
            {"BillingState": "UT", "BillingCountry": "United States"},
            f"{NO_STATE}Billing State/Province",
            "BillingState",
        ),
        (
            {"BillingState": "Ontario", "BillingCountry": "United States"},
            f"{NO_STATE}Billing State/Province",
            "BillingState",
        ),
        (
            {"BillingState": "Bavaria", "BillingCountry": "Germany"},
            f"{NO_STATE}Billing State/Province",
            "BillingState",
        ),
        (
            {"BillingStateCode": "XX", "BillingCountryCode": "US"},
            assumed(f"{NO_STATE}Billing State/Province Code"),
            "BillingStateCode",
        ),
        (
            {"BillingState": "Utah", "BillingStateCode": "TX", "BillingCountryCode": "US"},
            assumed(f"{NO_STATE}Billing State/Province"),
            "BillingState",
        ),
        ({"BillingCountry": "USA"}, f"{NO_COUNTRY}Billing Country", "BillingCountry"),
        (
            {"BillingCountryCode": "XX"},
            assumed(f"{NO_COUNTRY}Billing Country Code"),
            "BillingCountryCode",
        ),
        ({"BillingState": "Utah"}, f"{BARE}Billing State/Province", "BillingState"),
        ({"BillingStateCode": "UT"}, f"{BARE}Billing State/Province Code", "BillingStateCode"),
        ({"ShippingState": "Utah"}, f"{BARE}Shipping State/Province", "ShippingState"),
    ],
)
def test_no_place_is_refused(org: Client, given: dict[str, str], message: str, field: str) -> None:
    refused = org.refused("Account", Name="A", **given)
    assert refused == ("FIELD_INTEGRITY_EXCEPTION", message, [field])


def test_by_bulk(org: Client) -> None:
    job = org.bulk(
        "Lead",
        "insert",
        "LastName,Company,StateCode,State,Country\n"
        "A,C,UT,,United States\nB,C,,OXON,South Africa\nD,C,,,\n",
    )
    assert job.counts == ("JobComplete", 3, 1)
    assert job.error() == f"FIELD_INTEGRITY_EXCEPTION:{NO_STATE}State/Province:State --"
    found = org.query("SELECT State, CountryCode FROM Lead WHERE LastName = 'A'")
    assert found == [{"State": "Utah", "CountryCode": "US"}]


def test_updates_hold_the_new_against_the_stored(org: Client) -> None:
    contact = org.create("Contact", LastName="L", MailingStateCode="UT", MailingCountryCode="US")
    path = f"/sobjects/Contact/{contact}"
    parts = "MailingState, MailingStateCode, MailingCountry, MailingCountryCode"

    def stored() -> list[str | None]:
        return list(org.query(f"SELECT {parts} FROM Contact WHERE Id = '{contact}'")[0].values())

    assert org.call("PATCH", path, json={"LastName": "M"}).status_code == 204
    assert stored() == UTAH
    assert org.call("PATCH", path, json={"MailingStateCode": "TX"}).status_code == 204
    assert stored() == ["Texas", "TX", "United States", "US"]
    wrong = org.call("PATCH", path, json={"MailingStateCode": "ON"})
    assert wrong.json()[0]["message"] == sourced(
        "The existing country/territory doesn't recognize the state value for field: "
        "Mailing State/Province Code",
        "Marketo's list of Salesforce errors",
    )
    wrong = org.call("PATCH", path, json={"MailingCountryCode": None})
    assert wrong.json()[0]["message"] == f"{BARE}Mailing State/Province"
    both = {"MailingStateCode": "ON", "MailingCountry": "Canada"}
    assert org.call("PATCH", path, json=both).status_code == 204
    assert stored() == ["Ontario", "ON", "Canada", "CA"]
    assert org.call("PATCH", path, json={"MailingState": None}).status_code == 204
    assert stored() == [None, None, "Canada", "CA"]
    none = {"MailingCountryCode": None}
    assert org.call("PATCH", path, json=none).status_code == 204
    assert stored() == [None, None, None, None]


def test_the_code_fields_are_there_while_the_switch_is_on(org: Client) -> None:
    fields = {each["name"]: each for each in org.get("/sobjects/Lead/describe")["fields"]}
    assert (fields["StateCode"]["type"], fields["StateCode"]["restrictedPicklist"]) == (
        "picklist",
        True,
    )
    assert "UT" in [each["value"] for each in fields["StateCode"]["picklistValues"]]
    org.switch(state_country_picklists=False)
    names = {each["name"] for each in org.get("/sobjects/Lead/describe")["fields"]}
    assert "StateCode" not in names
    org.create("Lead", LastName="L", Company="C", State="UT")
    assert org.refused("Lead", LastName="L", Company="C", StateCode="UT")[0] == "INVALID_FIELD"
    org.switch(state_country_picklists=True)
