"""What is wrong, or only odd, with alerts, recalls and images of a G-series practice: people of
their own for each, so that what must come of it can be said in a line."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.python.practice.alerts import (
    ITEMS,
    Alert,
    Item,
    expect_alerts,
    expect_link,
    set_bits,
    write_item,
    write_link,
)
from tests.python.practice.book import Book, Fields, Row
from tests.python.practice.expect import UNKNOWN, Such, holding, matching, one_of, starting
from tests.python.practice.images import Image, attach, expect_image, write_document, write_image
from tests.python.practice.messes_of_money import NOWHERE, held_back_patient
from tests.python.practice.people import patient_row, plant
from tests.python.practice.recalls import (
    RULES,
    WHO,
    Recall,
    Rule,
    expect_recalls,
    write_recall,
    write_rule,
)
from tests.python.practice.world import Person, World

SINCE = date(2023, 3, 4)
DUE = date(2027, 2, 1)
DETAILS, MULTI = "Clinical_Alert_Details__c", "Clinical_Alert__c"
SENSITIVE = Item(31, 1, "HIV")


def plant_alerts(book: Book, world: World) -> None:
    """Plants everything this module knows of alerts, where they are a multi-select."""
    book.options["sensitive_alerts"] = {"names": [SENSITIVE.name], "action": "mask"}
    _names(book, world)
    _bits(book, world)
    _links(book, world)
    _too_many(book, world)


def linked(book: Book, world: World, *items: Item, **different: Any) -> list[Alert]:
    """Someone with these alerts, and what comes of it were nothing wrong."""
    person = different.pop("person", None) or plant(book, world)
    change = different.pop("change", {})
    alerts = [
        replace(Alert(book.number("hhlinkpat_item", 950_001), person, item, SINCE), **different)
        for item in items
    ]
    for alert in alerts:
        write_link(book, alert, **change)
    expect_alerts(book, person, alerts, set())
    return alerts


def link_row(book: Book, alert: Alert) -> Row:
    return book.find("hhlinkpat_item", linkid=alert.number)


def _names(book: Book, world: World) -> None:
    """A name with the sign that parts the values, one no value holds, and a sensitive one."""
    nuts, long = Item(32, 2, "Nuts; all of them"), Item(33, 3, "Tablets " * 37 + "daily")
    for item in (nuts, long, SENSITIVE):
        write_item(book, item)
    linked(book, world, nuts, ITEMS[1])
    [alert] = linked(book, world, long)
    told = {MULTI: None, DETAILS: holding(long.name)}
    book.record("patient", alert.person.key(book), told)
    book.may_report(link_row(book, alert), book.find("hhitem", itemid=long.number))
    [masked, _] = linked(book, world, SENSITIVE, ITEMS[1])
    book.record("patient", masked.person.key(book), {MULTI: {"See chart", ITEMS[1].name}})
    ended = linked(book, world, SENSITIVE, until=SINCE + timedelta(days=9))[0]
    unsaid = Such("says nothing of it", lambda got: SENSITIVE.name not in str(got or ""))
    book.record("patient", ended.person.key(book), {MULTI: None, DETAILS: unsaid})


def _bits(book: Book, world: World) -> None:
    """Both masks, their ends, a bit that is a link as well, and a bit without a meaning."""
    for bits in ({0, 3, 30, 31, 40, 61}, {30}, {31}, {61}):
        person = plant(book, world)
        set_bits(patient_row(book, person), bits)
        expect_alerts(book, person, [], bits)
    person = plant(book, world)
    set_bits(patient_row(book, person), {0, 3})
    linked(book, world, ITEMS[0], person=person)
    book.record("patient", person.key(book), {MULTI: {"Penicillin", "Asthma"}})
    person = plant(book, world)
    row = patient_row(book, person)
    set_bits(row, {3, 9})
    expect_alerts(book, person, [], {3})
    book.problem(UNKNOWN, None, held_back=None, table="patient", row=row)


def _links(book: Book, world: World) -> None:
    """Links that are over, by a date or by their status, and links that lead nowhere."""
    [over] = linked(book, world, ITEMS[3], change={"status": 2})
    told = {MULTI: None, DETAILS: holding(ITEMS[3].name)}
    book.record("patient", over.person.key(book), told)
    for change in ({"hhitemid": NOWHERE}, {"patid": NOWHERE}):
        [lost] = linked(book, world, ITEMS[3], change=change)
        book.record("patient", lost.person.key(book), {MULTI: None})
        row = link_row(book, lost)
        book.problem("orphan", None, held_back=None, table="hhlinkpat_item", row=row)


def _too_many(book: Book, world: World) -> None:
    """More on one person than the multi-select holds: what it does not hold, the text does."""
    items = [Item(100 + at, 1, f"Condition {at:02d} " + "of old " * 33) for at in range(20)]
    for item in items:
        write_item(book, item)
    items = [replace(item, name=item.name.strip()) for item in items]
    alerts = linked(book, world, *items)
    held: set[str] = set()

    def holds(got: Any) -> bool:
        held.update(str(got or "").split(";"))
        return len(str(got or "")) <= 4_099

    def tells_the_rest(got: Any) -> bool:
        return all(item.name in held or item.name in str(got or "") for item in items)

    rest = Such("tells what the multi-select does not", tells_the_rest)
    told = {MULTI: Such("holds 4,099 characters at most", holds), DETAILS: rest}
    book.records["patient", alerts[0].person.key(book)] |= told
    book.may_report(*(link_row(book, alert) for alert in alerts))
    book.may_report(patient_row(book, alerts[0].person))


def plant_alert_records(book: Book, world: World) -> None:
    """Alerts of a practice that wants records, and does not want the sensitive ones."""
    book.options["sensitive_alerts"] = {"names": [SENSITIVE.name], "action": "omit"}
    write_item(book, SENSITIVE)
    [omitted, _] = linked(book, world, SENSITIVE, ITEMS[1])
    book.no_record("alert", omitted.key(book))
    book.skipped("hhlinkpat_item", link_row(book, omitted), "sensitive")
    linked(book, world, ITEMS[2], until=SINCE + timedelta(days=30), note="From her old chart")
    person = plant(book, world)
    set_bits(patient_row(book, person), {0, 31})
    alerts = linked(book, world, ITEMS[0], person=person)
    expect_alerts(book, person, alerts, {0, 31})
    nuts, long = Item(32, 2, "Nuts; all of them"), Item(33, 3, "Tablets " * 37 + "daily")
    for item in (nuts, long):
        write_item(book, item)
    [alert] = linked(book, world, nuts)
    expect_link(book, alert)["Alert__c"] = one_of(nuts.name, nuts.shown)
    [alert] = linked(book, world, long)
    told = {"Alert__c": Such("is no longer than 255", _short), "Details__c": holding(long.name)}
    book.record("alert", alert.key(book), told)
    book.may_report(link_row(book, alert), book.find("hhitem", itemid=long.number))
    [lost] = linked(book, world, ITEMS[3], change={"patid": NOWHERE})
    where: dict[str, Any] = {"table": "hhlinkpat_item", "row": link_row(book, lost)}
    book.held_back("orphan", "alert", lost.key(book), "Contact__c", **where)
    held_back, _ = held_back_patient(book, world)
    [gone] = linked(book, world, ITEMS[3], person=held_back)
    book.no_record("patient", held_back.key(book))
    where = {"table": "hhlinkpat_item", "row": link_row(book, gone)}
    book.held_back("parent_held_back", "alert", gone.key(book), "Contact__c", **where)
    [unread] = linked(book, world, ITEMS[3], change={"startdate": "as a child"})
    expected = book.record("alert", unread.key(book))
    expected["Start_Date__c"] = one_of(None, SINCE.isoformat())
    del expected["Details__c"]
    where = {"table": "hhlinkpat_item", "row": link_row(book, unread)}
    book.problem("unreadable_date", unread.key(book), "Start_Date__c", **where)


def _short(got: Any) -> bool:
    return len(str(got or "")) <= 255


def due_row(book: Book, due: Recall) -> Row:
    return book.find("recallpending", recallid=due.rule.number, patid=due.person.number)


def _due(book: Book, world: World, change: Fields | None = None, rule: Rule = RULES[0]) -> Recall:
    """Someone who is due by the practice's rule, its row with these cells changed, and what comes
    of it were nothing wrong."""
    due = Recall(0, plant(book, world), rule, DUE)
    write_recall(book, due).update(change or {})
    expect_recalls(book, due.person, [due])
    return due


def plant_recalls(book: Book, world: World) -> None:
    """Plants everything this module knows of recalls."""
    rule, when = "Recall_Rule__c", "Next_Recall_Date__c"
    for cells, cls, expected in (
        ({"duedate": ""}, None, {when: None}),
        ({"duedate": "9999-12-31"}, None, {when: None}),
        ({"duedate": "2027-02-30"}, "unreadable_date", {when: None}),
        ({"recallid": 7_777}, UNKNOWN, {rule: None}),
        ({"patid": NOWHERE}, "orphan", {rule: None, when: None}),
        ({"status": "completed"}, None, {when: None}),
    ):
        due = _due(book, world, cells)
        book.records["patient", due.person.key(book)].update(expected)
        if cells.get("recallid"):
            # Whether a date without a rule counts, the specification does not say.
            del book.records["patient", due.person.key(book)][when]
        if cells.get("status"):
            # Nor whether a rule of which nothing is due is still told.
            del book.records["patient", due.person.key(book)][rule]
        row = book.rows["recallpending"][-1]
        book.may_report(row)
        if cls:
            book.problem(cls, None, held_back=None, table="recallpending", row=row)
    once = Rule(60, "ORTHO", 1, "months")
    every = Rule(61, "IMPLANT", 2, "fortnights")
    for odd in (once, every):
        write_rule(book, odd, 0)
    due = _due(book, world, rule=once)
    book.record("patient", due.person.key(book), {rule: matching(r"^ORTHO every (1 )?months?\b")})
    due = _due(book, world, rule=every)
    del book.records["patient", due.person.key(book)][rule]
    book.may_report(due_row(book, due))
    _several(book, world)
    _too_long(book, world)


def _several(book: Book, world: World) -> None:
    """Someone with rules of their own and of the practice's, listed by when they are due."""
    person = plant(book, world)
    own = replace(RULES[0], every=4)
    dues = [
        Recall(0, person, own, DUE + timedelta(days=9), own=True),
        Recall(0, person, RULES[1], DUE + timedelta(days=3)),
        Recall(0, person, RULES[3], DUE + timedelta(days=30)),
    ]
    for due in dues:
        write_recall(book, due)
    expect_recalls(book, person, dues)


def _too_long(book: Book, world: World) -> None:
    """More rules than 255 characters hold: whole ones only, the earliest first."""
    person = plant(book, world)
    many = [Rule(70 + at, f"SPECIAL RECALL {at:02d}", 7, "months") for at in range(12)]
    for at, rule in enumerate(many):
        write_rule(book, rule, 0)
        write_recall(book, Recall(0, person, rule, DUE + timedelta(days=at)))
    pattern = "^" + "(; ".join(rule.words + WHO for rule in many) + ")?" * 11 + "$"
    fits = Such(
        "whole rules of 255 characters at most, but as many as fit",
        lambda got: 180 < len(str(got or "")) <= 255 and matching(pattern)(got),
    )
    book.record("patient", person.key(book), Recall_Rule__c=fits, Next_Recall_Date__c=DUE)
    rows = [row for row in book.rows["recallpending"] if row["patid"] == person.number]
    book.may_report(*rows, patient_row(book, person))


def plant_images(book: Book, world: World) -> None:
    """Plants everything this module knows of images; the practice has an address for them."""
    base = book.options["imaging_base_url"]
    for path, url in (
        ("ab\\cd\\IMG 1.jpg", holding(base, "IMG%201.jpg")),
        ("ab/Müller & Söhne #2.jpg", starting(base)),
        ("x" * 100 + "/" + "y" * 130 + ".jpg", None),
    ):
        image = picture(book, world, path=path)
        book.record("image", image.key(book), Source_URL__c=url)
        if url is None:
            where: dict[str, Any] = {"table": "document_files", "row": file_row(book, image)}
            where["or_row"] = book.find("docattach", docid=image.number)
            book.problem("too_long", image.key(book), "Source_URL__c", **where)
    _attachments(book, world)
    for cells, cls, field in (
        ({"doctypeid": 99}, UNKNOWN, "Category__c"),
        ({"createdate": "long ago"}, "unreadable_date", "Captured_Date__c"),
    ):
        image = picture(book, world)
        row = book.find("document", docid=image.number)
        row.update(cells)
        book.record("image", image.key(book), {field: None})
        book.problem(
            cls, image.key(book), field, table="document", row=row, or_row=file_row(book, image)
        )


def picture(book: Book, world: World, **different: Any) -> Image:
    """A picture of someone."""
    person: Person = different.pop("person", None) or plant(book, world)
    number = book.number("document", 950_001)
    ordinary = Image(number, person, 1, "Bitewing, left", f"00/IMG{number}.jpg", SINCE)
    image = replace(ordinary, **different)
    write_image(book, world, image)
    expect_image(book, image)
    return image


def file_row(book: Book, image: Image) -> Row:
    return book.find("document_files", docid=image.number)


def _attachments(book: Book, world: World) -> None:
    """A document of two patients, of a patient and a carrier, of nobody, of no one known."""
    image = picture(book, world)
    other = plant(book, world)
    attach(book, image.number, other.number)
    expect_image(book, replace(image, person=other))
    image = picture(book, world)
    carrier = attach(book, image.number, 12, kind=2)
    book.skipped("docattach", carrier, "")
    lost = attach(book, image.number, NOWHERE)
    key = book.key("image", f"{image.number}-{NOWHERE}")
    book.held_back("orphan", "image", key, "Contact__c", table="docattach", row=lost)
    held_back, _ = held_back_patient(book, world)
    gone = attach(book, image.number, held_back.number)
    key = book.key("image", f"{image.number}-{held_back.number}")
    book.held_back("parent_held_back", "image", key, "Contact__c", table="docattach", row=gone)
    unfiled = Image(book.number("document", 950_001), other, 2, "Letter", "00/L.pdf", SINCE)
    write_document(book, unfiled)
    path = book.row("document_files", docid=unfiled.number, path=unfiled.path)
    book.skipped("document_files", path, "")
    fileless = Image(book.number("document", 950_001), other, 2, "Letter", "", SINCE)
    write_document(book, fileless)
    attach(book, fileless.number, other.number)
    lone = book.row("document_files", docid=NOWHERE, path="00/nobody.jpg")
    book.may_report(lone, attach(book, NOWHERE - 1, other.number))
