"""The pages people read, in a real browser: the demo's own, and one with 50,000 corrections."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.conformance.pages import MOST_SECONDS, SCHEMES, WIDTHS, Opened, opened, started
from tests.python.support import PROJECT, Migration, environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

ROWS = 50_000
CLICK = ""
SCRIPT = "<script>window.ran = 1</script>"
PAGES = (
    *("reports/report.html", "reports/plan.html", "reports/sample_diff.html"),
    *("reports/audit.html", "schema/plan.html"),
)
TABS = (
    *("management", "records", "money", "corrections", "merges", "owners", "claims", "recalls"),
    *("storage", "runs", "fields", "record"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """The demo, with every page there is."""
    made = Migration(tmp_path_factory.mktemp("pages") / "home")
    subprocess.run(
        [sys.executable, "-m", "demo"],
        env=environment(made.home),
        cwd=PROJECT,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=480,
    )
    made.run("load-raw", "audit")
    made.run("load-sf", "schema")
    made.run("load-sf", "sample", "--patients", "2")
    made.run("load-sf", "plan", code=None)
    made.run("load-sf", "report")
    made.stop_org()
    return made


@pytest.fixture(scope="module")
def report(migration: Migration) -> Path:
    return migration.home / "reports" / "report.html"


@pytest.fixture(scope="module")
def large(migration: Migration) -> Path:
    """The report of the same migration with values, and with as many corrections as one holds."""
    many = migration.copy(migration.home.with_name("large"))
    with duckdb.connect(str(many.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "insert into migration.corrections (practice, file, line, object, key, field, class,"
            " held_back, \"value\", action, who) select 'oak_park', 'patient.csv', n, 'Contact',"
            " 'oak_park:patient:' || hash(n), 'LastName', 'too_long', n % 7 = 0, ?,"
            f" 'Shorten it.', 'front desk' from range({ROWS}) as r (n)",
            [SCRIPT],
        )
    many.run("load-sf", "report", "--with-values")
    return many.home / "reports" / "report.html"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_readable_and_alone(
    migration: Migration, chromium: Browser, name: str, width: int, scheme: str
) -> None:
    with opened(chromium, migration.home / name, width=width, color_scheme=scheme) as shown:
        shown.hold()
        assert shown.faults() == []


@pytest.mark.parametrize(("width", "scheme"), [*zip(WIDTHS, SCHEMES, strict=True)])
def test_every_tab_is_readable(report: Path, chromium: Browser, width: int, scheme: str) -> None:
    with opened(chromium, report, width=width, color_scheme=scheme) as shown:
        for name in TABS:
            shown.page.click(f"#tab-{name}")
            assert visible_panels(shown) == [name]
            shown.hold()
            assert shown.faults(f"#{name}") == []


def test_tabs_follow_keys_and_links(report: Path, chromium: Browser) -> None:
    with opened(chromium, report) as shown:
        shown.page.focus("#tab-management")
        for key, name in (
            *(("ArrowRight", "records"), ("End", "record"), ("ArrowRight", "management")),
            *(("ArrowLeft", "record"), ("Home", "management")),
        ):
            shown.page.keyboard.press(key)
            assert visible_panels(shown) == [name]
            assert shown.page.evaluate("document.activeElement.id") == f"tab-{name}"
        shown.page.click("#management .next a >> nth=0")
        assert visible_panels(shown) != ["management"]
        shown.page.go_back()
        assert visible_panels(shown) == ["management"]
        shown.hold()
    with opened(chromium, report, part="money") as shown:
        assert visible_panels(shown) == ["money"]


def test_it_can_be_read_without_scripts_and_on_paper(report: Path, chromium: Browser) -> None:
    with opened(chromium, report, java_script_enabled=False) as shown:
        assert visible_panels(shown) == list(TABS)
        assert shown.page.is_visible('[data-table="corrections"] tbody tr')
        shown.hold()
    with opened(chromium, report) as shown:
        shown.page.emulate_media(media="print")
        assert visible_panels(shown) == [name for name in TABS if name != "record"]
        assert not shown.page.is_visible("#tabs")
        assert shown.page.pdf().startswith(b"%PDF")
        shown.hold()


def test_a_key_leads_to_the_life_of_its_record(report: Path, chromium: Browser) -> None:
    with opened(chromium, report, part="corrections") as shown:
        link = shown.page.locator('[data-table="corrections"] a').first
        key = link.inner_text()
        link.click()
        assert visible_panels(shown) == ["record"]
        life = shown.page.inner_text("#life")
        assert key in life and "Outcome" in life and "Corrections" in life
        shown.page.fill("#key", "nobody:patient:0")
        assert "load-sf explain nobody:patient:0" in shown.page.inner_text("#life")
        shown.hold()


def test_fifty_thousand_rows_are_sorted_filtered_and_paged(large: Path, chromium: Browser) -> None:
    with opened(chromium, large, part="corrections") as shown:
        table = shown.page.locator('[data-table="corrections"]')
        told = table.locator("output")
        assert f"of {ROWS:,} rows" in told.inner_text()
        assert f"the first {ROWS:,} of" in table.locator("caption").inner_text()
        key, line = (table.locator("th", has_text=name) for name in ("Key", "Line"))
        for direction in ("ascending", "descending"):
            assert seconds(key.locator("button"), CLICK) < MOST_SECONDS
            assert key.get_attribute("aria-sort") == direction
        assert cells(table, "Key") == sorted(cells(table, "Key"), reverse=True)
        assert seconds(line.locator("button"), CLICK) < MOST_SECONDS
        assert cells(table, "Line")[:3] == ["0", "1", "2"]
        assert seconds(table.get_by_role("button", name="Next"), CLICK) < MOST_SECONDS
        assert told.inner_text().startswith("26 to 50")
        meanwhile = table.locator("label", has_text="Meanwhile").first.locator("select")
        assert seconds(meanwhile, "held back") < MOST_SECONDS
        assert set(cells(table, "Meanwhile")) == {"held back"}
        assert cells(table, "Line") == sorted(cells(table, "Line"), key=int)
        assert seconds(table.locator("input[type=search]"), "no such thing") < MOST_SECONDS
        assert told.inner_text().startswith("0 of")
        assert seconds(table.get_by_role("button", name="Clear"), CLICK) < MOST_SECONDS
        assert told.inner_text().startswith("1 to 25")
        shown.hold()


def test_a_script_in_a_value_is_text(large: Path, chromium: Browser) -> None:
    with opened(chromium, large, part="corrections") as shown:
        table = shown.page.locator('[data-table="corrections"]')
        table.locator("input[type=search]").fill("window.ran")
        table.locator("output").get_by_text("in all").wait_for()
        assert set(cells(table, "Value in the source")) == {SCRIPT}
        assert shown.page.evaluate("window.ran") is None
        shown.hold()


def visible_panels(shown: Opened) -> list[str]:
    """The parts of the report that can be seen."""
    return [name for name in TABS if shown.page.is_visible(f"#{name}")]


def cells(table: Locator, heading: str) -> list[str]:
    """What stands under a heading."""
    return [each.strip() for each in table.locator(f'td[data-label="{heading}"]').all_inner_texts()]


def seconds(control: Locator, value: str) -> float:
    """How long a reader waits for the table to change after a click, a choice or a word."""
    took: float = control.evaluate(
        """(control, value) => new Promise(done => {
            const begun = performance.now();
            const body = control.closest('.data').querySelector('tbody');
            new MutationObserver((_, observer) => {
                observer.disconnect();
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
            }).observe(body, { childList: true });
            if (!value) return control.click();
            const named = [...(control.options || [])].find(option => option.text === value);
            control.value = named ? named.value : value;
            control.dispatchEvent(new Event(control.options ? 'change' : 'input'));
        })""",
        value,
    )
    return took / 1000
