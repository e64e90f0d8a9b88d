"""Date literals and date functions, held against days counted another way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.python.local_org.client import Client

ZONE = ZoneInfo("America/Los_Angeles")
TODAY = datetime.now(ZONE).date()
DAY = timedelta(days=1)
SPAN = 900
DAYS = [TODAY + number * DAY for number in range(-SPAN, SPAN + 1)]


def months(day: date) -> int:
    return 12 * (day.year - TODAY.year) + day.month - TODAY.month


def quarters(day: date) -> int:
    return 4 * (day.year - TODAY.year) + (day.month - 1) // 3 - (TODAY.month - 1) // 3


def weeks(day: date) -> int:
    """Weeks begin on Sunday: the days since one long past, in sevens."""
    sunday = date(1989, 12, 31)
    return (day - sunday).days // 7 - (TODAY - sunday).days // 7


def years(day: date) -> int:
    return day.year - TODAY.year


def days(day: date) -> int:
    return (day - TODAY).days


UNITS = {"WEEK": weeks, "MONTH": months, "QUARTER": quarters, "YEAR": years}
UNITS |= {"FISCAL_QUARTER": quarters, "FISCAL_YEAR": years}
LITERALS: dict[str, Callable[[date], bool]] = {
    "TODAY": lambda day: days(day) == 0,
    "YESTERDAY": lambda day: days(day) == -1,
    "TOMORROW": lambda day: days(day) == 1,
    "LAST_90_DAYS": lambda day: -90 <= days(day) <= 0,
    "NEXT_90_DAYS": lambda day: 1 <= days(day) <= 90,
    "LAST_N_DAYS:5": lambda day: -5 <= days(day) <= 0,
    "NEXT_N_DAYS:5": lambda day: 1 <= days(day) <= 5,
    "N_DAYS_AGO:40": lambda day: days(day) == -40,
}


def of_unit(name: str, count: Callable[[date], int]) -> dict[str, Callable[[date], bool]]:
    return {
        f"THIS_{name}": lambda day: count(day) == 0,
        f"LAST_{name}": lambda day: count(day) == -1,
        f"NEXT_{name}": lambda day: count(day) == 1,
        f"LAST_N_{name}S:2": lambda day: -2 <= count(day) <= -1,
        f"NEXT_N_{name}S:2": lambda day: 1 <= count(day) <= 2,
        f"N_{name}S_AGO:2": lambda day: count(day) == -2,
    }


for unit, counted in UNITS.items():
    LITERALS |= of_unit(unit, counted)


@pytest.fixture(scope="module", autouse=True)
def contacts(org: Client) -> None:
    rows = "".join(f"day:{day},L,{day}\n" for day in DAYS)
    text = "Migration_Key__c,LastName,Birthdate\n" + rows
    assert org.bulk("Contact", "upsert", text, "Migration_Key__c").counts[2] == 0


def found(org: Client, where: str) -> list[str]:
    soql = (
        f"SELECT Birthdate FROM Contact WHERE Migration_Key__c LIKE 'day:%' AND {where} "
        "ORDER BY Birthdate"
    )
    return [row["Birthdate"] for row in org.query(soql)]


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_is_a_span_of_days(org: Client, literal: str) -> None:
    within = [day.isoformat() for day in DAYS if LITERALS[literal](day)]
    assert found(org, f"Birthdate = {literal}") == within
    assert found(org, f"Birthdate IN ({literal})") == within
    outside = [day.isoformat() for day in DAYS if day.isoformat() not in within]
    assert found(org, f"Birthdate != {literal}") == outside
    before = [day.isoformat() for day in DAYS if day.isoformat() < within[0]]
    assert found(org, f"Birthdate < {literal}") == before
    assert found(org, f"Birthdate >= {literal.lower()}") == [
        day.isoformat() for day in DAYS if day.isoformat() >= within[0]
    ]
    assert found(org, f"Birthdate > {literal}") == [
        day.isoformat() for day in DAYS if day.isoformat() > within[-1]
    ]


def test_a_day_of_a_time_begins_where_the_user_is(org: Client) -> None:
    midnight = datetime.combine(TODAY, time(), ZONE).astimezone(UTC)
    for key, moment in (("before", midnight - timedelta(seconds=1)), ("at", midnight)):
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        org.create("Contact", LastName="Midnight", Migration_Key__c=f"mid:{key}", Seen__c=stamp)
    soql = "SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c LIKE 'mid:%' AND Seen__c = "
    assert org.query(soql + "TODAY") == [{"Migration_Key__c": "mid:at"}]
    assert org.query(soql + "YESTERDAY") == [{"Migration_Key__c": "mid:before"}]


def test_parts_of_dates(org: Client) -> None:
    soql = (
        "SELECT CALENDAR_YEAR(Birthdate) y, CALENDAR_MONTH(Birthdate) m, COUNT(Id) n FROM Contact "
        "WHERE Migration_Key__c LIKE 'day:%' "
        "GROUP BY CALENDAR_YEAR(Birthdate), CALENDAR_MONTH(Birthdate) "
        "ORDER BY CALENDAR_YEAR(Birthdate), CALENDAR_MONTH(Birthdate)"
    )
    counted: dict[tuple[int, int], int] = {}
    for day in DAYS:
        counted[day.year, day.month] = counted.get((day.year, day.month), 0) + 1
    assert [(row["y"], row["m"], row["n"]) for row in org.query(soql)] == [
        (*key, count) for key, count in sorted(counted.items())
    ]
    sundays = [day.isoformat() for day in DAYS if day.isoweekday() == 7]
    assert found(org, "DAY_IN_WEEK(Birthdate) = 1") == sundays
    firsts = [day.isoformat() for day in DAYS if day.day <= 7]
    assert found(org, "WEEK_IN_MONTH(Birthdate) = 1") == firsts


def test_an_hour_is_that_of_greenwich_or_of_the_user(org: Client) -> None:
    org.create(
        "Contact", LastName="Hour", Migration_Key__c="hour:1", Seen__c="2024-07-01T02:00:00Z"
    )
    soql = (
        "SELECT HOUR_IN_DAY(Seen__c) h, HOUR_IN_DAY(convertTimezone(Seen__c)) l, "
        "DAY_ONLY(Seen__c) d, DAY_ONLY(convertTimezone(Seen__c)) k FROM Contact "
        "WHERE Migration_Key__c = 'hour:1' GROUP BY HOUR_IN_DAY(Seen__c), "
        "HOUR_IN_DAY(convertTimezone(Seen__c)), DAY_ONLY(Seen__c), "
        "DAY_ONLY(convertTimezone(Seen__c))"
    )
    assert org.query(soql) == [{"h": 2, "l": 19, "d": "2024-07-01", "k": "2024-06-30"}]


@pytest.mark.parametrize(
    "value",
    [
        "2021-13-45T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "LAST_N_DAYS",
        "LAST_N_DAYS:99999",
        "TODAY:1",
    ],
)
def test_what_is_no_date(org: Client, value: str) -> None:
    error = org.query_error(f"SELECT Id FROM Contact WHERE CreatedDate > {value}")
    assert error["errorCode"] == "MALFORMED_QUERY"
