"""What a row must satisfy, by Bulk API; each refusal with Salesforce's own code and wording."""

import pytest

from tests.python.local_org.client import Client, Job
from tests.python.local_org.wording import sourced

# Wording seen from real orgs; `{label}` and values are ours.
SOURCED = {
    "required": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
    "fk": (
        "INVALID_FIELD:Foreign key external ID: none not found for field Migration_Key__c in "
        "entity Account:Account --"
    ),
    "date": (
        "INVALID_FIELD:Failed to deserialize field at col 2. Due to, '6/15/19' is not a valid "
        "value for the type xsd:date:Birthdate --"
    ),
    "picklist": (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Gender: bad value for restricted picklist "
        "field: Robot:Gender__c --"
    ),
    "email": "INVALID_EMAIL_ADDRESS:Email: invalid email address: a@b@c:Email --",
    "twice": "DUPLICATE_VALUE:Duplicate external id specified: two:1:--",
    "deleted": "ENTITY_IS_DELETED:entity is deleted:--",
    "cross": "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
    "other type": (
        "FIELD_INTEGRITY_EXCEPTION:Account ID: id value of incorrect type: 003000000000001AAA:"
        "AccountId --"
    ),
    "long": (
        "STRING_TOO_LONG:First Name: data value too large: "
        + "x" * 41
        + " (max length=40):FirstName --"
    ),
    "sealed": (
        "INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: Shown__c. Please check "
        "the security settings of this field and verify that it is read/write for your profile "
        "or permission set.:Shown__c --"
    ),
    "malformed": "MALFORMED_ID:Owner ID: id value of incorrect type: xyz:OwnerId --",
    "range": (
        "NUMBER_OUTSIDE_VALID_RANGE:Balance: value outside of valid range on numeric field: "
        "1234567.89:Balance__c --"
    ),
}
# The code is documented, the wording is ours.
ASSUMED = {
    "no key": "MISSING_ARGUMENT:Migration_Key__c not specified:--",
    "no id": "MISSING_ARGUMENT:Id not specified in an update call:--",
    "century": "DATE_OUT_OF_RANGE:Birthdate: date is out of range: 1066-10-14:Birthdate --",
    "null flag": (
        "INVALID_TYPE_ON_FIELD_IN_RECORD:Is Provider: value not of required type: null:"
        "Is_Provider__c --"
    ),
}


def upsert(org: Client, header: str, *rows: str) -> Job:
    text = "\n".join([f"Migration_Key__c,LastName,{header}", *rows, ""])
    return org.bulk("Contact", "upsert", text, "Migration_Key__c")


@pytest.mark.parametrize(
    ("header", "row", "error"),
    [
        ("FirstName", "bad:1,,A", SOURCED["required"]),
        ("FirstName", "bad:1,#N/A,A", SOURCED["required"]),
        ("FirstName", "bad:1,   ,A", SOURCED["required"]),
        ("FirstName", ",L,A", ASSUMED["no key"]),
        ("Account.Migration_Key__c", "bad:1,L,none", SOURCED["fk"]),
        ("Birthdate", "bad:1,L,6/15/19", SOURCED["date"]),
        ("Birthdate", "bad:1,L,1066-10-14", ASSUMED["century"]),
        ("Gender__c", "bad:1,L,Robot", SOURCED["picklist"]),
        ("Email", "bad:1,L,a@b@c", SOURCED["email"]),
        ("FirstName", f"bad:1,L,{'x' * 41}", SOURCED["long"]),
        ("Shown__c", "bad:1,L,x", SOURCED["sealed"]),
        ("OwnerId", "bad:1,L,xyz", SOURCED["malformed"]),
        ("AccountId", "bad:1,L,003000000000001AAA", SOURCED["other type"]),
        ("Balance__c", "bad:1,L,1234567.89", SOURCED["range"]),
        ("Is_Provider__c", "bad:1,L,#N/A", ASSUMED["null flag"]),
    ],
)
def test_refused(org: Client, header: str, row: str, error: str) -> None:
    job = upsert(org, header, row)
    assert job.counts == ("JobComplete", 1, 1)
    assert job.error() == error
    assert org.query("SELECT Id FROM Contact WHERE Migration_Key__c = 'bad:1'") == []


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Birthdate", "1999-02-30", "INVALID_FIELD"),
        ("Birthdate", "1940-06-07Z", "INVALID_FIELD"),
        ("Birthdate", "1940-06-07T00:00:00Z", "INVALID_FIELD"),
        ("Seen__c", "2020-01-01", "INVALID_FIELD"),
        ("Seen__c", "2020-01-01T10:00:00", "INVALID_FIELD"),
        ("Seen__c", "2020-01-01 10:00:00Z", "INVALID_FIELD"),
        ("Seen__c", "1699-12-31T23:00:00Z", "DATE_OUT_OF_RANGE"),
        ("Seen__c", "4001-01-01T00:00:00Z", "DATE_OUT_OF_RANGE"),
        ("Is_Provider__c", "yes", "INVALID_FIELD"),
        ("Rank__c", "one", "INVALID_FIELD"),
        ("AccountId", "001xx000003DGb2999", "MALFORMED_ID"),
        ("AccountId", "001000000000001555", "MALFORMED_ID"),
        ("AccountId", "0010000000000015", "MALFORMED_ID"),
        ("OwnerId", "001000000000001", "FIELD_INTEGRITY_EXCEPTION"),
        ("Balance__c", "12a", "INVALID_FIELD"),
        ("Balance__c", "$12", "INVALID_FIELD"),
        ("Balance__c", '"1,200"', "INVALID_FIELD"),
        ("Balance__c", "nan", "INVALID_FIELD"),
        ("Balance__c", "1_000", "INVALID_FIELD"),
        ("Is_Provider__c", "maybe", "INVALID_FIELD"),
        ("Rank__c", "10000", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Balance__c", "1e30", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Balance__c", "1e300", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Alerts__c", "Latex;Dust", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Gender__c", "male", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Email", "no.at.sign", "INVALID_EMAIL_ADDRESS"),
        ("Email", "a@localhost", "INVALID_EMAIL_ADDRESS"),
        ("Email", ".a@b.co", "INVALID_EMAIL_ADDRESS"),
        ("Portal__c", "x" * 256, "STRING_TOO_LONG"),
        ("Notes__c", "x" * 301, "STRING_TOO_LONG"),
        ("Notes__c", "😀" * 151, "STRING_TOO_LONG"),
        ("LeadSource", "x" * 256, "STRING_TOO_LONG"),
        ("AccountId", "003000000000001AAA", "FIELD_INTEGRITY_EXCEPTION"),
        ("AccountId", "001000000000001", "INVALID_CROSS_REFERENCE_KEY"),
        ("CreatedDate", "2020-01-01T00:00:00Z", "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_refused_by_code(org: Client, header: str, value: str, code: str) -> None:
    job = upsert(org, header, f"code:1,L,{value}")
    assert job.counts == ("JobComplete", 1, 1), job.text("successfulResults")
    assert job.error().partition(":")[0] == code


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("FirstName", '"  Ann  "', "Ann"),
        ("FirstName", "x" * 40, "x" * 40),
        ("Notes__c", '" a\r\nb\n"', "a\nb"),
        ("Notes__c", "😀" * 150, "😀" * 150),
        ("Seen__c", "2020-01-01T10:00:00.999Z", "2020-01-01T10:00:00.000+0000"),
        ("Seen__c", "2020-01-01T10:00:00+02:00", "2020-01-01T08:00:00.000+0000"),
        ("Seen__c", "2020-01-01T10:00:00.5-0330", "2020-01-01T13:30:00.000+0000"),
        ("Seen__c", "1700-01-01T00:00:00Z", "1700-01-01T00:00:00.000+0000"),
        ("Phone", "call me: ext. #7", "call me: ext. #7"),
        ("Portal__c", "no url at all", "no url at all"),
        ("Balance__c", "1.005", 1.01),
        ("Balance__c", "-12.5", -12.5),
        ("Balance__c", "1.5e2", 150.0),
        ("Rank__c", "12", 12.0),
        ("Is_Provider__c", "TRUE", True),
        ("Is_Provider__c", "0", False),
        ("Alerts__c", "Latex; Asthma", "Latex;Asthma"),
        ("LeadSource", "Not on the list", "Not on the list"),
        ("Email", "o'neil+a@b-c.co.uk", "o'neil+a@b-c.co.uk"),
        ("Birthdate", "2000-02-29", "2000-02-29"),
    ],
)
def test_taken_as(org: Client, name: str, value: str, stored: object) -> None:
    job = upsert(org, name, f"ok:{name},L,{value}")
    assert job.counts == ("JobComplete", 1, 0), job.text("failedResults")
    soql = f"SELECT {name} FROM Contact WHERE Migration_Key__c = 'ok:{name}'"
    assert org.query(soql) == [{name: stored}]


def test_empty_is_ignored_and_na_clears(org: Client) -> None:
    upsert(org, "FirstName,Gender__c,Birthdate", "nul:1,L,Ann,Female,1980-01-02")
    upsert(org, "FirstName,Gender__c,Birthdate", "nul:1,,#N/A,,#N/A")
    soql = "SELECT LastName, FirstName, Gender__c, Birthdate FROM Contact "
    assert org.query(soql + "WHERE Migration_Key__c = 'nul:1'") == [
        {"LastName": "L", "FirstName": None, "Gender__c": "Female", "Birthdate": None}
    ]


def test_the_same_key_twice_in_one_batch_fails_both(org: Client) -> None:
    job = upsert(org, "FirstName", "two:1,A,x", "two:2,B,x", "two:1,C,x")
    assert job.counts == ("JobComplete", 3, 2)
    assert {row["sf__Error"] for row in job.failed} == {SOURCED["twice"]}
    assert org.query("SELECT Id FROM Contact WHERE Migration_Key__c = 'two:1'") == []


def test_the_same_key_in_two_batches_creates_then_updates(org: Client) -> None:
    rows = ["far:x,First,a", *(f"far:{n},L,b" for n in range(10_000)), "far:x,Second,c"]
    job = upsert(org, "FirstName", *rows)
    assert job.counts == ("JobComplete", 10_002, 0)
    soql = "SELECT LastName FROM Contact WHERE Migration_Key__c = 'far:x'"
    assert org.query(soql) == [{"LastName": "Second"}]
    flags = {r["LastName"]: r["sf__Created"] for r in job.succeeded if r["FirstName"] != "b"}
    assert flags == {"First": "true", "Second": "false"}


def test_keys_tell_upper_from_lower_case(org: Client) -> None:
    job = upsert(org, "FirstName", "cas:a,L,x", "cas:A,L,x")
    assert job.counts == ("JobComplete", 2, 0)


def test_a_unique_field_is_unique_on_insert_too(org: Client) -> None:
    first = org.bulk("Contact", "insert", "LastName,Migration_Key__c\nL,unq:1\n")
    assert first.counts == ("JobComplete", 1, 0)
    again = org.bulk("Contact", "insert", "LastName,Migration_Key__c\nL,unq:1\nL,unq:2\nM,unq:2\n")
    assert again.counts == ("JobComplete", 3, 2)
    record = first.succeeded[0]["sf__Id"]
    # SOURCED wording
    assert (
        "DUPLICATE_VALUE:duplicate value found: Migration_Key__c duplicates value on record "
        f"with id: {record}:Migration_Key__c --"
    ) in {row["sf__Error"] for row in again.failed}


def test_parents_by_key_and_by_id(org: Client) -> None:
    family = org.create("Account", Name="Fam", Migration_Key__c="par:fam")
    job = upsert(
        org, "Account.Migration_Key__c,AccountId", "par:1,L,par:fam,", f"par:2,L,,{family[:15]}"
    )
    assert job.info["state"] == "Failed"  # one lookup, two columns
    job = upsert(org, "Account.Migration_Key__c", "par:1,L,par:fam")
    other = upsert(org, "AccountId", f"par:2,L,{family[:15]}")
    assert job.counts == other.counts == ("JobComplete", 1, 0)
    found = org.query("SELECT AccountId FROM Contact WHERE Migration_Key__c LIKE 'par:_'")
    assert [row["AccountId"] for row in found] == [family, family]


def test_a_self_lookup_finds_only_what_is_there_already(org: Client) -> None:
    rows = ("slf:1,L,", "slf:2,L,slf:1")
    first = upsert(org, "Guarantor__r.Migration_Key__c", *rows)
    assert first.counts == ("JobComplete", 2, 1)
    second = upsert(org, "Guarantor__r.Migration_Key__c", *rows)
    assert second.counts == ("JobComplete", 2, 0)
    soql = "SELECT Guarantor__r.Migration_Key__c FROM Contact WHERE Migration_Key__c = 'slf:2'"
    assert org.query(soql) == [{"Guarantor__r": {"Migration_Key__c": "slf:1"}}]


def test_polymorphic_lookups_name_the_object(org: Client) -> None:
    upsert(org, "FirstName", "pol:1,L,x")
    start = "Subject,StartDateTime,DurationInMinutes,"
    row = "Visit,2099-01-01T10:00:00Z,30,"
    good = org.bulk(
        "Event",
        "upsert",
        f"Migration_Key__c,{start}Contact:Who.Migration_Key__c\nevt:1,{row}pol:1\n",
        "Migration_Key__c",
    )
    assert good.counts == ("JobComplete", 1, 0), good.info
    soql = "SELECT Who.Name, Who.Type FROM Event WHERE Migration_Key__c = 'evt:1'"
    found = org.query(soql, everything=True)
    assert found == [{"Who": {"Name": "x L", "Type": "Contact"}}]
    # The rule is sourced, the text assumed.
    plain = org.bulk(
        "Event",
        "upsert",
        f"Migration_Key__c,{start}Who.Migration_Key__c\nevt:2,{row}pol:1\n",
        "Migration_Key__c",
    )
    assert plain.counts == ("Failed", 0, 0)


def test_update_by_id(org: Client) -> None:
    job = upsert(org, "FirstName", "upd:1,L,x", "upd:2,L,x")
    ids = {row["Migration_Key__c"]: row["sf__Id"] for row in job.succeeded}
    org.call("DELETE", f"/sobjects/Contact/{ids['upd:2']}")
    unknown = ids["upd:1"][:9] + "zzzzzz"
    text = (
        f"Id,LastName\n{ids['upd:1'][:15]},New\n{ids['upd:2']},New\n{unknown},New\n,New\nxyz,New\n"
    )
    done = org.bulk("Contact", "update", text)
    assert done.counts == ("JobComplete", 5, 4)
    errors = {row["Id"]: row["sf__Error"] for row in done.failed}
    assert errors[ids["upd:2"]] == SOURCED["deleted"]
    assert errors[unknown] == SOURCED["cross"]
    assert errors[""] == ASSUMED["no id"]
    assert errors["xyz"].startswith("MALFORMED_ID:")
    assert done.succeeded[0]["sf__Id"] == ids["upd:1"]
    assert done.succeeded[0]["sf__Created"] == "false"


def test_delete_keeps_a_row_in_the_recycle_bin(org: Client) -> None:
    job = upsert(org, "FirstName", "del:1,L,x")
    record = job.succeeded[0]["sf__Id"]
    assert org.bulk("Contact", "delete", f"Id\n{record}\n").counts == ("JobComplete", 1, 0)
    soql = "SELECT IsDeleted FROM Contact WHERE Migration_Key__c = 'del:1'"
    assert org.query(soql) == []
    assert org.query(soql, everything=True) == [{"IsDeleted": True}]
    again = org.bulk("Contact", "delete", f"Id\n{record}\n")
    assert again.error() == SOURCED["deleted"]
    # The key is free again.
    assert upsert(org, "FirstName", "del:1,L,x").succeeded[0]["sf__Created"] == "true"


def test_delete_takes_contacts_with_their_account_and_stops_at_restricted(org: Client) -> None:
    org.create("Account", Name="Fam", Migration_Key__c="cas:fam")
    upsert(org, "Account.Migration_Key__c", "cas:1,L,cas:fam", "cas:2,L,cas:fam")
    org.bulk(
        "Insurance_Detail__c",
        "upsert",
        "Migration_Key__c,Contact__r.Migration_Key__c\ncas:i,cas:1\n",
        "Migration_Key__c",
    )
    contact = org.query("SELECT Id FROM Contact WHERE Migration_Key__c = 'cas:1'")[0]["Id"]
    refused = org.bulk("Contact", "delete", f"Id\n{contact}\n")
    assert refused.error().startswith("DELETE_FAILED:")
    account = org.query("SELECT Id FROM Account WHERE Migration_Key__c = 'cas:fam'")[0]["Id"]
    child = org.query("SELECT Id FROM Contact WHERE Migration_Key__c = 'cas:2'")[0]["Id"]
    org.call("PATCH", f"/sobjects/Contact/{contact}", json={"AccountId": None})
    assert org.bulk("Account", "delete", f"Id\n{account}\n").counts == ("JobComplete", 1, 0)
    gone = org.query(f"SELECT IsDeleted FROM Contact WHERE Id = '{child}'", everything=True)
    assert gone == [{"IsDeleted": True}]


def test_custom_objects_number_their_names_and_need_their_required_field(org: Client) -> None:
    good = org.bulk("Insurance_Detail__c", "insert", "Migration_Key__c\nnum:1\nnum:2\n")
    assert good.counts == ("JobComplete", 2, 0)
    names = org.query("SELECT Name FROM Insurance_Detail__c WHERE Migration_Key__c LIKE 'num:%'")
    assert all(row["Name"].startswith("I-0") and len(row["Name"]) == 6 for row in names)
    bad = org.bulk("Insurance_Detail__c", "insert", "Priority__c\nPrimary\n")
    assert bad.error() == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Migration_Key__c]:Migration_Key__c --"
    )


def test_hostile_text_is_only_text(org: Client) -> None:
    hostile = '\'; drop table data."Contact"; --\x01{}'
    quoted = '"' + hostile.replace('"', '""') + '"'
    job = upsert(org, "FirstName", f"hos:1,{quoted},A")
    assert job.counts == ("JobComplete", 1, 0)
    found = org.query("SELECT LastName FROM Contact WHERE Migration_Key__c = 'hos:1'")
    assert found == [{"LastName": hostile}]


def test_ids_in_any_case_and_length(org: Client) -> None:
    family = org.create("Account", Name="Ids")
    forms = (family, family[:15], family.lower(), family.upper())
    rows = [f"ids:{place},L,{form}" for place, form in enumerate(forms)]
    job = upsert(org, "AccountId", *rows)
    assert job.counts == ("JobComplete", 4, 0), job.text("failedResults")
    found = org.query("SELECT AccountId FROM Contact WHERE Migration_Key__c LIKE 'ids:_'")
    assert {row["AccountId"] for row in found} == {family}


def test_an_email_that_names_several_contacts(org: Client) -> None:
    email = "several@example.com"
    ids = sorted(org.create("Contact", LastName=f"S{n}", Email=email) for n in range(2))
    job = org.bulk("Contact", "upsert", f"Email,LastName\n{email.upper()},T\n", "Email")
    several = sourced(
        f"DUPLICATE_EXTERNAL_ID:Email: more than one record found for external id field: "
        f"[{', '.join(ids)}]:--",
        "a public client's test: `Stripe Charge ID: more than one record found for external id "
        "field: [a1, a2]`",
    )
    assert job.error() == several
    path = f"/sobjects/Contact/Email/{email}"
    answer = org.call("PATCH", path, json={"LastName": "T"})
    # 300 with the records' paths: Bulk API and REST guides.
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v67.0/sobjects/Contact/{each}" for each in ids]
    org.call("DELETE", f"/sobjects/Contact/{ids[0]}")
    assert org.call("PATCH", path, json={"LastName": "T"}).json()["id"] == ids[1]


def test_unique_values_that_differ_in_case(org: Client) -> None:
    profile = org.query("SELECT Id FROM Profile LIMIT 1")[0]["Id"]
    user = {
        "LastName": "Case",
        "Email": "case@example.com",
        "Alias": "case",
        "TimeZoneSidKey": "America/Chicago",
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "ProfileId": profile,
    }
    org.create("User", Username="case@x.example.com", **user)
    assert org.refused("User", Username="CASE@x.example.com", **user)[0] == "DUPLICATE_USERNAME"
    # The migration key tells upper from lower case.
    assert upsert(org, "FirstName", "case:A,L,x", "case:a,L,x").counts == ("JobComplete", 2, 0)


def test_a_default_fills_what_was_cleared_on_create_only(org: Client) -> None:
    lead = org.create("Lead", LastName="L", Company="C", Status=None)
    assert org.get(f"/sobjects/Lead/{lead}?fields=Status")["Status"] == "Open - Not Contacted"
    answer = org.call("PATCH", f"/sobjects/Lead/{lead}", json={"Status": None})
    assert answer.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
