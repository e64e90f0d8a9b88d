"""What a mart's YAML may not say: refused before anything is sent, with where and what to do."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import Exit, UserError

from .conftest import KEY, Migration, example
from .packages import EVERYTHING, Marts, schema_of

Change = Callable[[Marts], None]
TEXT = {"type": "Text", "length": 40}


def field(name: str, meta: dict[str, Any], step: str = "t__procedure") -> Change:
    """Adds a column to a mart."""

    def change(marts: Marts) -> None:
        marts[step][1].append((name, "varchar", meta))

    return change


def said(meta: dict[str, Any], step: str = "t__procedure") -> Change:
    """Says something of a mart itself."""

    def change(marts: Marts) -> None:
        marts[step][0].update(meta)

    return change


def picklist(**meta: Any) -> Change:
    """Adds a picklist."""
    return field("Word__c", {"type": "Picklist"} | meta)


def keys(marts: Marts) -> None:
    """More external ids than an object can have."""
    for number in range(25):
        marts["t__procedure"][1].append((f"Key_{number}__c", "varchar", KEY))


def apart(marts: Marts) -> None:
    """A field of Event and Task, which share it, of two lengths."""
    for step, length in (("t__event", 20), ("t__visit", 30)):
        marts[step][1].append(("Room__c", "varchar", {"type": "Text", "length": length}))


def _view(**said_: Any) -> Change:
    view = {"name": "Mine", "label": "Mine"} | said_
    return said({"list_views": [view]})


FAULTS: dict[str, tuple[Change, str]] = {
    "no such type": (field("A__c", {"type": "String"}), "there is no type String"),
    "no type": (field("A__c", {}), "it has no type"),
    "length 999": (field("A__c", {"type": "Text", "length": 999}), "length 999"),
    "length 0": (field("A__c", {"type": "Text", "length": 0}), "length 0"),
    "long text too short": (field("A__c", {"type": "LongTextArea", "length": 255}), "length 255"),
    "long text too long": (
        field("A__c", {"type": "LongTextArea", "length": 131073}),
        "length 131073",
    ),
    "length of a date": (field("A__c", {"type": "Date", "length": 10}), "a Date has no length"),
    "length of an e-mail": (field("A__c", {"type": "Email", "length": 81}), "length 81"),
    "too many digits": (field("A__c", {"type": "Number", "precision": 19}), "precision 19"),
    "no digits": (field("A__c", {"type": "Currency", "precision": 0}), "precision 0"),
    "scale over precision": (
        field("A__c", {"type": "Percent", "precision": 2, "scale": 3}),
        "scale 3",
    ),
    "scale of text": (field("A__c", TEXT | {"scale": 1}), "a Text has no precision"),
    "required and emptied": (
        field(
            "A__r.Migration_Key__c",
            {"lookup": "t__patient", "required": True} | {"on_delete": "SetNull"},
        ),
        "a required lookup cannot empty itself",
    ),
    "cascade": (
        field("A__r.Migration_Key__c", {"lookup": "t__patient", "on_delete": "Cascade"}),
        "there is no `on_delete: Cascade`",
    ),
    "restrict on a standard object": (
        field("A__r.Migration_Key__c", {"lookup": "t__family", "on_delete": "Restrict"}, "t__lead"),
        "cannot keep others' records",
    ),
    "long label": (field("A__c", TEXT | {"label": "x" * 41}), "has 41 characters"),
    "long label made of the name": (field(f"{'Ab' * 20}_C__c", TEXT), "longer than 40"),
    "long object label": (said({"label": "x" * 41}), "has 41 characters"),
    "long help": (field("A__c", TEXT | {"help": "x" * 511}), "more than 510"),
    "odd name": (field("A-B__c", TEXT), "is no API name"),
    "double underscore": (field("A__B__c", TEXT), "is no API name"),
    "name with a digit first": (field("1A__c", TEXT), "is no API name"),
    "long name": (field(f"{'A' * 41}__c", TEXT), "longer than 40"),
    "odd object": (said({"object": "Pro cedure__c"}), "is no API name"),
    "two marts at odds": (
        field("Chart_Number__c", {"type": "Text", "length": 41}, "t__guarantor"),
        "t__patient says length 40, t__guarantor says 41",
    ),
    "same relationship name": (
        field(
            "A__r.Migration_Key__c",
            {"lookup": "t__patient", "relationship_name": "procedure_contact"},
        ),
        "the same relationship name on Contact",
    ),
    "long relationship name": (
        field(f"{'Ab' * 18}__r.Migration_Key__c", {"lookup": "t__patient"}),
        "relationship name Procedure_",
    ),
    "odd relationship name": (
        field("A__r.Migration_Key__c", {"lookup": "t__patient", "relationship_name": "a b"}),
        "is no relationship name",
    ),
    "lookup to no step": (
        field("A__r.Migration_Key__c", {"lookup": "t__nothing"}),
        "t__nothing, which is no load step",
    ),
    "lookup to no object": (field("A__c", {"type": "Lookup", "to": "Widget__c"}), "look up Widget"),
    "lookup to an event": (
        field("A__r.Migration_Key__c", {"lookup": "t__event"}, "t__file"),
        "nothing can look up Event",
    ),
    "lookup to nothing": (field("A__c", {"type": "Lookup"}), "points at nothing"),
    "target of a text": (field("A__c", TEXT | {"to": "User"}), "`to` makes no sense for Text"),
    "long text on an activity": (
        field("A__c", {"type": "LongTextArea"}, "t__event"),
        "Activity takes no field of type LongTextArea",
    ),
    "rich text": (field("A__c", {"type": "Html", "length": 32768}, "t__visit"), "no type Html"),
    "a field of Event and Task at odds": (
        apart,
        "Activity.Room__c: t__event says length 20, t__visit says 30",
    ),
    "26 external ids": (keys, "it has 26 external ids"),
    "a date as a key": (
        field("A__c", {"type": "Date", "external_id": True}),
        "`external_id` is not possible for Date",
    ),
    "a unique number": (
        field("A__c", {"type": "Number", "unique": True}),
        "`unique` is not possible for Number",
    ),
    "no values": (picklist(), "a picklist without values"),
    "an empty list of values": (picklist(values=[]), "a picklist without values"),
    "values of the data alone": (picklist(from_data=True), "a picklist without values"),
    "a long value": (picklist(values=["x" * 256]), "value 1 has not 1 to 255"),
    "a blank value": (picklist(values=["a", " "]), "value 2 has not 1 to 255"),
    "a value twice": (picklist(values=["Broken", "broken"]), "`broken` comes twice"),
    "1,001 values": (
        picklist(values=[f"v{n}" for n in range(1001)], restricted=True),
        "it has 1001 values",
    ),
    "a value of two": (
        field("A__c", {"type": "MultiselectPicklist", "values": ["a;b"]}),
        "value 1 has a `;`",
    ),
    "values of the data in a restricted picklist": (
        picklist(values=["a"], restricted=True, from_data=True),
        "cannot join a restricted picklist",
    ),
    "an unrestricted value set": (
        picklist(values=["a"], value_set="Words"),
        "a global value set is always restricted",
    ),
    "values of a text": (field("A__c", TEXT | {"values": ["a"]}), "`values` makes no sense"),
    "a misspelt word": (field("A__c", TEXT | {"requierd": True}), "there is no `requierd`"),
    "a misspelt word of a mart": (said({"acess": "billing"}), "there is no `acess`"),
    "a length in quotes": (field("A__c", {"type": "Text", "length": "40"}), "not a whole number"),
    "a flag in quotes": (field("A__c", TEXT | {"required": "yes"}), "not true or false"),
    "values that are no list": (picklist(values="a"), "`values` is text, not a list"),
    "an unknown sharing": (said({"sharing": "Secret"}), "there is no sharing Secret"),
    "clinical records for everyone": (said({"sharing": "ReadWrite"}), "cannot be shared ReadWrite"),
    "sharing of a standard object": (said({"sharing": "Private"}, "t__lead"), "not ours to set"),
    "an unknown access": (said({"access": "secret"}), "there is no access secret"),
    "an unknown operation": (said({"operation": "insert"}), "there is no operation insert"),
    "numbers that number nothing": (said({"name_format": "P-{}"}), "numbers nothing"),
    "an unknown motif": (said({"motif": "Custom1: Tooth"}), "there is no motif"),
    "a list of a field that is not there": (_view(columns=["Gone__c"]), "lists no Gone__c"),
    "a list by an unknown operation": (
        _view(field="Units__c", operation="is", value="1"),
        "there is no operation is",
    ),
    "a list with a misspelt word": (_view(colums=["Name"]), "Did you mean `columns`"),
    "a list without a label": (said({"list_views": [{"name": "Mine"}]}), "names no label"),
    "a report of a field that is not there": (
        said({"report_types": [{"name": "R", "label": "R", "columns": ["Gone__c"]}]}),
        "has no Gone__c",
    ),
    "a report that is there already": (
        said({"report_types": [{"name": "Procedures", "label": "Others"}]}, "t__plan"),
        "another mart has one of that name",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_refused(fault: str, tmp_path: Path) -> None:
    change, expected = FAULTS[fault]
    marts: Marts = copy.deepcopy(EVERYTHING)
    change(marts)
    with pytest.raises(UserError) as caught:
        schema_of(marts, tmp_path)
    error = caught.value
    assert expected in str(error)
    assert error.code == Exit.ERROR
    assert error.hint
    assert "\n" not in error.message


def test_it_stops_the_command_before_an_org_is_asked(migration: Migration) -> None:
    migration.marts = copy.deepcopy(EVERYTHING)
    field("A__c", {"type": "Text", "length": 999})(migration.marts)
    migration.build(example())
    said_ = migration.sf("schema", code=1)
    assert "t__procedure: Procedure__c.A__c: length 999 of a Text is not 1 to 255." in said_
    assert "length 999" in migration.sf("schema", "deploy", code=1)
    assert not (migration.home / "schema").exists()
