"""Random upserts, deletes and queries: the org and a plain model in memory come to the same."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.python.local_org.client import Client
from tests.python.local_org.model import (
    CLEAR,
    GENDERS,
    GUARANTOR,
    PLAIN,
    Contact,
    Model,
    Outcome,
    Row,
)

HEADERS = ("Migration_Key__c", *PLAIN, GUARANTOR)
COUNTER = itertools.count()
KEYS = st.sampled_from(["a", "A", "b", "c", "d", "e'f", "g,h"])
ALPHABET = "aBé𝄞' \"%_\\,-\n."


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Mostly a value, at times nothing, at times the word that clears."""
    return st.one_of(strategy, strategy, strategy, st.just(""), st.just(CLEAR))


NAMES = st.text(alphabet=ALPHABET, min_size=1, max_size=6)
CELLS = {
    "FirstName": maybe(st.one_of(NAMES, st.integers(38, 42).map(lambda n: "x" * n))),
    "LastName": maybe(st.one_of(NAMES, st.integers(39, 41).map(lambda n: "𝄞" * n))),
    "Email": maybe(st.sampled_from(["a@b.co", "Ab.C+d@e-f.example", "a@b", "@b.co", "a b@c.de"])),
    "Birthdate": maybe(
        st.sampled_from(["1990-02-28", "2024-02-29", "2023-02-29", "1699-12-31", "1/2/1990"])
    ),
    "Balance__c": maybe(
        st.sampled_from(
            ["0", "-12.5", "1.005", "-0.005", "1e3", "999999.99", "1000000", "1,5", "x"]
        )
    ),
    "Gender__c": maybe(st.sampled_from([*GENDERS, "male", "Other"])),
    "Is_Provider__c": maybe(st.sampled_from(["true", "FALSE", "1", "0", "maybe"])),
}
ROWS = st.lists(
    st.fixed_dictionaries({"Migration_Key__c": KEYS, **CELLS, GUARANTOR: maybe(KEYS)}),
    min_size=1,
    max_size=6,
)
UPSERTS = st.tuples(st.sampled_from(["bulk", "collection"]), ROWS)
DELETES = st.tuples(st.just("delete"), st.lists(st.integers(0, 9), min_size=1, max_size=3))
LITERALS = st.one_of(NAMES, st.sampled_from(["a", "Male", "%a%", "_", "a@b.co", ""]))


@dataclass(frozen=True)
class Condition:
    """One comparison, as SOQL and as the model judges it."""

    field: str
    operator: str
    value: Any

    @property
    def soql(self) -> str:
        if self.operator == "in":
            listed = ", ".join(_quoted(each) for each in self.value)
            return f"{self.field} IN ({listed})"
        shown = self.value if self.field in ("Balance__c", "Birthdate") else _quoted(self.value)
        return f"{self.field} {self.operator} {shown}"

    def holds(self, contact: Contact) -> bool:
        found = contact.values[self.field]
        if self.operator == "in":
            return found is not None and found.lower() in [each.lower() for each in self.value]
        if self.value in ("null", None, ""):
            return (found is None) == (self.operator == "=")
        if found is None:
            return self.operator == "!="
        if self.field == "Balance__c":
            return _compare(found, self.operator, float(self.value))
        if self.operator == "LIKE":
            return _like(found.lower(), self.value.lower())
        return _compare(found.lower(), self.operator, self.value.lower())


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _compare(found: Any, operator: str, value: Any) -> bool:
    return bool(
        {
            "=": found == value,
            "!=": found != value,
            "<": found < value,
            ">=": found >= value,
        }[operator]
    )


def _like(text: str, pattern: str) -> bool:
    """Match `%` and `_`, without a regular expression."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and _like(text[1:], pattern[1:])


CONDITIONS = st.one_of(
    st.builds(
        Condition,
        st.sampled_from(["FirstName", "LastName", "Email"]),
        st.sampled_from(["=", "!="]),
        LITERALS,
    ),
    st.builds(
        Condition, st.sampled_from(["FirstName", "LastName"]), st.just("LIKE"), LITERALS.filter(len)
    ).filter(lambda c: "\\" not in c.value),
    st.builds(
        Condition, st.just("Gender__c"), st.just("in"), st.lists(LITERALS, min_size=1, max_size=3)
    ),
    st.builds(
        Condition,
        st.just("Balance__c"),
        st.sampled_from(["=", "!=", "<", ">="]),
        st.sampled_from(["0", "-12.5", "1000", "1.01"]),
    ),
    st.builds(
        Condition, st.just("Birthdate"), st.sampled_from(["=", "!="]), st.sampled_from(["null"])
    ),
    st.builds(
        Condition,
        st.just("Birthdate"),
        st.sampled_from(["<", ">=", "="]),
        st.sampled_from(["1990-02-28", "2024-02-29"]),
    ),
)
QUERIES = st.tuples(
    st.just("query"),
    st.tuples(CONDITIONS, st.sampled_from(["AND", "OR", "AND NOT"]), CONDITIONS),
)
ACTIONS = st.lists(st.one_of(UPSERTS, UPSERTS, DELETES, QUERIES), min_size=1, max_size=8)


@dataclass
class Trial:
    """One run: an org, a model, and a prefix that keeps the run's keys to itself."""

    org: Client
    model: Model
    prefix: str

    def own(self, row: Row) -> Row:
        """Give a row with the run's own keys."""
        made = {**row, "Migration_Key__c": self.prefix + row["Migration_Key__c"]}
        if made[GUARANTOR] not in ("", CLEAR):
            made[GUARANTOR] = self.prefix + made[GUARANTOR]
        return made

    def upsert(self, how: str, rows: list[Row]) -> None:
        rows = [self.own(row) for row in rows]
        send = self._bulk if how == "bulk" else self._collection
        if how == "collection":
            # A value of the wrong type makes REST refuse the whole request.
            rows = [row for row in rows if not _unreadable(row)]
            if not rows:
                return
        given = send(rows)
        expected = self.model.upsert(rows)
        for row, wanted, (code, created, record) in zip(rows, expected, given, strict=True):
            assert _agrees(wanted, code), (row, wanted, code)
            if not wanted.codes:
                assert created == wanted.created, row
                self.model.living[row["Migration_Key__c"]].id = record

    def _bulk(self, rows: list[Row]) -> list[tuple[str, bool, str]]:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, HEADERS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        job = self.org.bulk("Contact", "upsert", text.getvalue(), "Migration_Key__c")
        assert job.info["state"] == "JobComplete", job.info
        good = {_cells(row): row for row in job.succeeded}
        bad = {_cells(row): row for row in job.failed}
        results = []
        for row in rows:
            cells = _cells(row)
            assert (cells in good) != (cells in bad), row
            if cells in bad:
                results.append((bad[cells]["sf__Error"].partition(":")[0], False, ""))
            else:
                made = good[cells]
                results.append(("", made["sf__Created"] == "true", made["sf__Id"]))
        return results

    def _collection(self, rows: list[Row]) -> list[tuple[str, bool, str]]:
        records = [_record(row) for row in rows]
        path = "/composite/sobjects/Contact/Migration_Key__c"
        answer = self.org.call("PATCH", path, json={"records": records})
        assert answer.status_code == 200, answer.text
        return [
            ("", each["created"], each["id"])
            if each["success"]
            else (each["errors"][0]["statusCode"], False, "")
            for each in answer.json()
        ]

    def delete(self, picks: list[int]) -> None:
        everyone = [*self.model.living.values(), *self.model.dead]
        if not everyone:
            return
        chosen = [everyone[pick % len(everyone)] for pick in picks]
        text = "Id\n" + "".join(f"{each.id}\n" for each in chosen)
        job = self.org.bulk("Contact", "delete", text)
        expected = self.model.delete(chosen)
        wrong = sum(bool(each.codes) for each in expected)
        assert job.counts == ("JobComplete", len(chosen), wrong)
        assert all(row["sf__Error"].startswith("ENTITY_IS_DELETED:") for row in job.failed)

    def query(self, asked: tuple[Condition, str, Condition]) -> None:
        left, word, right = asked
        soql = (
            "SELECT Migration_Key__c FROM Contact WHERE Migration_Key__c LIKE "
            f"'{self.prefix}%' AND ({left.soql} {word.partition(' ')[0]} "
            f"({'NOT ' if 'NOT' in word else ''}{right.soql}))"
        )
        found = [each["Migration_Key__c"] for each in self.org.query(soql)]
        combine = any if word == "OR" else all
        wanted = [
            key
            for key, each in self.model.living.items()
            if combine([left.holds(each), right.holds(each) != ("NOT" in word)])
        ]
        assert sorted(found) == sorted(wanted), soql

    def check(self) -> None:
        """Hold all that is there, and all that was deleted, against the model."""
        names = ", ".join(["Id", *HEADERS])
        where = f"WHERE Migration_Key__c LIKE '{self.prefix}%'"
        rows = self.org.query(f"SELECT {names} FROM Contact {where}")
        found = {row["Migration_Key__c"]: _plain(row) for row in rows}
        assert found == {
            key: {
                "Id": each.id,
                **each.values,
                GUARANTOR: each.guarantor and each.guarantor.values["Migration_Key__c"],
            }
            for key, each in self.model.living.items()
        }
        gone = self.org.query(
            f"SELECT Id FROM Contact {where} AND IsDeleted = true", everything=True
        )
        assert sorted(row["Id"] for row in gone) == sorted(each.id for each in self.model.dead)


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in HEADERS)


def _agrees(wanted: Outcome, code: str) -> bool:
    return code in wanted.codes if wanted.codes else code == ""


def _unreadable(row: Row) -> bool:
    return (
        row["Birthdate"] in ("2023-02-29", "1/2/1990")
        or row["Balance__c"] in ("1,5", "x")
        or row["Is_Provider__c"] in ("maybe", CLEAR)
    )


def _record(row: Row) -> dict[str, Any]:
    """Give a row as JSON: what is empty is left out, what clears is null."""
    made: dict[str, Any] = {"attributes": {"type": "Contact"}}
    for name, text in row.items():
        if text == "" and name != "Migration_Key__c":
            continue
        value = None if text == CLEAR else text
        if name == GUARANTOR and value is not None:
            made["Guarantor__r"] = {"Migration_Key__c": value}
        elif name == GUARANTOR:
            made["Guarantor__c"] = None
        else:
            made[name] = value
    return made


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    parent = row.pop("Guarantor__r")
    return {**row, GUARANTOR: parent["Migration_Key__c"] if parent else None}


@settings(
    max_examples=40,
    deadline=None,
    # Making a failure smaller takes minutes over HTTP; what it printed is enough to find it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=ACTIONS)
def test_the_org_does_what_a_plain_model_does(org: Client, actions: list[Any]) -> None:
    trial = Trial(org, Model(), f"h{next(COUNTER):05}:")
    for what, given_ in actions:
        if what == "delete":
            trial.delete(given_)
        elif what == "query":
            trial.query(given_)
        else:
            trial.upsert(what, given_)
    trial.check()
