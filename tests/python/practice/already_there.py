"""What the org holds before anything is loaded: Users, and Accounts that the first load adopts."""

from typing import Any

import requests

from tests.python.practice.book import Book, Fields
from tests.python.practice.insurance import CARRIERS
from tests.python.practice.people import patient_row
from tests.python.practice.world import PROVIDERS, World
from tests.python.support import Migration, door_to

OWN_PHONE = "(999) 555-0000"


def create_users(migration: Migration) -> None:
    """The Users whom the practice's people already are in the org."""
    for provider in PROVIDERS:
        if provider.user:
            create_user(migration, provider.email, provider.last)


def create_user(migration: Migration, email: str, last: str, *, active: bool = True) -> None:
    """A User of that e-mail address; there may be another of the same."""
    users = migration.query_org("select ProfileId from User")
    create(
        migration,
        "User",
        Username=f"{len(users)}.{email}.crm",
        Email=email,
        LastName=last,
        Alias=f"user{len(users)}",
        IsActive=active,
        ProfileId=users[0]["ProfileId"],
        TimeZoneSidKey="America/Chicago",
        LocaleSidKey="en_US",
        EmailEncodingKey="UTF-8",
        LanguageLocaleKey="en_US",
    )


def create(migration: Migration, name: str, **fields: Any) -> None:
    """Creates a record through REST, as any client would."""
    door = door_to(migration.home)
    made = requests.post(
        f"{door.url}/services/data/v67.0/sobjects/{name}",
        json=fields,
        headers={"Authorization": f"Bearer {door.token}"},
        timeout=30,
    )
    assert made.ok, made.text


def plant_accounts(book: Book, world: World) -> list[Fields]:
    """Accounts of the org that carriers and families are, and what comes of them: filled fields
    stay, blank ones are filled. Two candidates are none: a new record, and the case reported."""
    delta, concordia = CARRIERS[1], CARRIERS[4]
    first, second = world.families[:2]
    book.record("carrier", delta.key, Name="DELTA DENTAL, Inc.", Phone=OWN_PHONE)
    book.record("family", first.key(book), Phone=OWN_PHONE)
    table, column = ("insurancecarriers", "name") if book.ascend else ("inscarrier", "insconame")
    carrier = book.find(table, **{column: concordia.spellings[0]})
    book.problem("ambiguous_match", concordia.key, table=table, row=carrier)
    head = patient_row(book, second.members[0])
    book.problem("ambiguous_match", second.key(book), table="patient", row=head)
    named = [
        {"Name": f"{family.last} Family", "BillingPostalCode": family.postal_code}
        for family in (first, second, second)
    ]
    return [
        {"Name": "DELTA DENTAL, Inc.", "Phone": OWN_PHONE},
        {"Name": "United Concordia"},
        {"Name": "United Concordia Co."},
        {**named[0], "Phone": OWN_PHONE},
        *named[1:],
    ]
