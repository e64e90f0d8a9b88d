"""The schema plan an admin signs, and the docs' table of fields."""

import copy
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from loaders.lineage.rows import field_rows
from loaders.salesforce.ledger.steps import read_project
from loaders.salesforce.schema.contents import read_contents
from loaders.salesforce.schema.fields_table import fields_table
from loaders.salesforce.schema.model import build_schema
from loaders.salesforce.schema.package import deployable
from loaders.salesforce.schema.planning import Occasion, make_plan
from tests.python.support import Migration as Whole

from .conftest import KEY, MARTS, PROJECT, Migration, example

HOSTILE = "<script>alert('x')</script> & \"more\""


class Page(HTMLParser):
    """The plan as a browser reads it: its text, its elements, what it would fetch."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._in_style = False
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("href", "src", "data", "action")]
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def written(migration: Migration) -> Page:
    migration.sf("schema")
    return Page(migration.home / "schema" / "plan.html")


@pytest.fixture
def built(migration: Migration) -> Migration:
    """A home with the example built, its marts to change."""
    migration.marts = copy.deepcopy(MARTS)
    migration.build(example())
    return migration


def test_the_page_stands_alone(built: Migration) -> None:
    page = written(built)
    file = built.home / "schema" / "plan.html"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.elements)
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    raw = file.read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", raw)
    for wanted in ("prefers-color-scheme: dark", "@media print", "max-width: 52rem"):
        assert wanted in raw
    anchors = set(re.findall(r'id="([^"]+)"', raw))
    assert {link[1:] for link in page.links} <= anchors
    assert {"main", "nav", "header", "footer", "h1", "caption"} <= set(page.elements)
    assert page.elements.count("h1") == 1
    assert page.elements.count("table") == page.elements.count("caption")


def test_everything_that_is_made_or_filled_is_on_it(built: Migration) -> None:
    text = written(built).text
    for mart, (meta, columns) in MARTS.items():
        assert mart in text
        assert meta["object"] in text
        for column, _, _ in columns:
            name = column.partition(".")[0].replace("__r", "__c")
            assert name in text, name
            assert f"What {column} holds." in text
    for words in ("Text (40)", "external ID", "case-sensitive", "LongTextArea (32,768)"):
        assert words in text
    assert "Latex · Nuts" in text
    assert "Others taken too" in text
    for words in ("Bridgework Billing Read", "Sharing: Private", "Deploy it with remarks"):
        assert words in text


def test_rows_and_storage_come_from_the_marts(built: Migration) -> None:
    plan = built.json("schema")["plan"]
    rows = {step["step"]: step["rows"] for step in plan["steps"]}
    assert rows == {"t__family": 3, "t__patient": 12, "t__guarantor": 12, "t__insurance": 12}
    records = {o["api_name"]: o["cost"]["records"] for o in plan["objects"]}
    # A second pass makes no records.
    assert records == {"Account": 3, "Contact": 12, "Insurance_Detail__c": 12}
    assert plan["records"] == 27
    assert plan["megabytes"] == pytest.approx(27 * 2 / 1024)
    contact = next(o for o in plan["objects"] if o["api_name"] == "Contact")["cost"]
    assert (contact["fields"], contact["external_ids"], contact["lookups"]) == (7, 1, 1)


def test_without_a_warehouse_there_are_no_numbers(built: Migration) -> None:
    (built.home / "warehouse.duckdb").unlink()
    plan = built.json("schema")["plan"]
    assert plan["records"] is None
    assert {step["rows"] for step in plan["steps"]} == {None}
    assert "not built yet" in written(built).text


def test_who_may_see_what_is_what_the_package_says(built: Migration) -> None:
    granted = {g["name"]: g for g in built.json("schema")["plan"]["granted"]}
    billing = {a["object"]: a for a in granted["Bridgework_Billing_Read"]["access"]}
    assert billing["Insurance_Detail__c"]["rights"] == ["read", "see all"]
    assert billing["Insurance_Detail__c"]["editable"] == 0
    assert not {"create", "edit", "see all"} & set(billing["Contact"]["rights"])
    loader = {a["object"]: a for a in granted["Bridgework_Loader"]["access"]}
    assert {"create", "edit", "read"} <= set(loader["Contact"]["rights"])
    assert all(a["held_back"] == [] for a in loader.values())


def test_a_field_that_a_set_holds_back_is_named(built: Migration) -> None:
    steps = read_project(built.home / "target" / "manifest.json").steps
    schema = build_schema(steps)
    contents = read_contents(deployable(schema, "67.0"))
    hidden = {"Contact.Chart_Number__c"}
    sets = tuple(
        replace(s, readable=s.readable - hidden, editable=s.editable - hidden)
        for s in contents.permission_sets
    )
    plan = make_plan(
        steps, schema, replace(contents, permission_sets=sets), Occasion("", "67.0", (), {})
    )
    loader = next(g for g in plan.granted if g.name == "Bridgework_Loader")
    contact = next(a for a in loader.access if a.object == "Contact")
    assert contact.held_back == ("Chart_Number__c",)
    assert contact.readable == contact.editable == 6


def test_what_the_yaml_says_appears_escaped(built: Migration) -> None:
    label, value = "A <b>bold</b> label", f"Nuts {HOSTILE}"
    column = ("Odd__c", "varchar", {"type": "Picklist", "label": label, "values": [value]})
    built.marts["t__patient"][1].append(column)
    built.build(example())
    page = written(built)
    assert "script" not in page.elements
    assert HOSTILE in page.text
    assert label in page.text


def test_many_values_are_folded_away_but_printed(built: Migration) -> None:
    values = [f"Value {n}" for n in range(400)]
    built.marts["t__patient"][1].append(
        ("Many__c", "varchar", {"type": "Picklist", "values": values})
    )
    built.build(example())
    page = written(built)
    assert "400 values" in page.text
    assert page.text.count("Value 399") == 2


def test_an_activity_field_is_one_field_of_two_objects(built: Migration) -> None:
    slot = ("Slot__c", "varchar", {"type": "Text", "length": 20})
    what = ("What.Migration_Key__c", "varchar", {"lookup": "t__family"})
    for name, sobject in (("t__event", "Event"), ("t__task", "Task")):
        built.marts[name] = (
            {"object": sobject, "operation": "upsert"},
            [("Migration_Key__c", "varchar", KEY), slot, what],
        )
    built.build(example())
    plan = built.json("schema")["plan"]
    activity = next(o for o in plan["objects"] if o["api_name"] == "Activity")
    assert activity["shown_as"] == ["Event", "Task"]
    assert activity["cost"]["field_limits"] == {"Enterprise": 100, "Unlimited": 100}
    made = {f["api_name"]: f for f in activity["fields"] if f["made"]}
    assert [use["step"] for use in made["Slot__c"]["uses"]] == ["t__event", "t__task"]
    assert "Show the activity fields" in written(built).text


def test_the_hash_is_that_of_what_is_deployed(built: Migration) -> None:
    said = built.json("schema")["plan"]["hash"]
    assert re.fullmatch(r"[0-9a-f]{64}", said)
    assert said in written(built).text
    assert built.json("schema")["plan"]["hash"] == said
    assert built.json("schema", "deploy", "--check-only")["package"] == said
    built.marts["t__patient"][1].append(("More__c", "date", {"type": "Date"}))
    built.build(example())
    assert built.json("schema")["plan"]["hash"] != said


def test_an_option_before_the_subcommand_is_refused(migration: Migration) -> None:
    migration.sf("schema", "--base", "deploy", code=2)
    migration.sf("schema", "--json", "diff", code=2)


def test_the_table_of_fields_is_that_of_the_marts(parsed: Whole) -> None:
    steps = read_project(parsed.home / "target" / "manifest.json").steps
    schema = build_schema(steps)
    contents = read_contents(deployable(schema, "67.0"))
    plan = make_plan(steps, schema, contents, Occasion("", "67.0", (), {}))
    table = fields_table(plan)
    assert (PROJECT / "docs" / "fields.md").read_text(encoding="utf-8") == table, (
        "run `make field-map`"
    )
    # Every sent column of every mart, and where it comes from.
    for step in steps:
        for field in step.fields:
            assert field.api_name in table
            assert all(f"`{source}`" in table for source in field.sources)
    rows = field_rows(steps)
    assert len(rows) == sum(len(step.fields) for step in steps)
    # The demo has one way of two to keep appointments and alerts, and not every field is filled.
    assert sum(row.example is not None for row in rows) > 0.85 * len(rows)
