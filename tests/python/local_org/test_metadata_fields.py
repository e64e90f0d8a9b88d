"""Custom fields that do not deploy, and how they are refused."""

import pytest

from tests.python.local_org.client import Client
from tests.python.local_org.package import (
    CUSTOM,
    TEXT,
    Package,
    custom_field,
    failures,
    lookup,
    picklist,
)
from tests.python.local_org.wording import assumed, sourced

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
LINES = "<visibleLines>3</visibleLines>"
API_NAME = sourced(
    "The DeveloperName API Name can only contain underscores and alphanumeric characters. It must "
    "be unique, begin with a letter, not include spaces, not end with an underscore, and not "
    "contain two consecutive underscores.",
    "deploy logs in public issues",
)


def master(target: str = "Account", more: str = "") -> str:
    return (
        f"<referenceTo>{target}</referenceTo><relationshipName>As</relationshipName>"
        f"<relationshipOrder>0</relationshipOrder>{more}"
    )


def value(name: str, label: str | None = None, default: str = "false") -> str:
    return (
        f"<value><fullName>{name}</fullName><default>{default}</default>"
        f"<label>{label or name}</label></value>"
    )


def values(*inner: str) -> str:
    return (
        "<valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted>"
        f"{''.join(inner)}</valueSetDefinition></valueSet>"
    )


def numbers(precision: str, scale: str) -> str:
    return f"<precision>{precision}</precision><scale>{scale}</scale>"


def not_for(element: str, kind: str, sourced_in: str | None = None) -> str:
    text = f"Can not specify '{element}' for a CustomField of type {kind}"
    return sourced(text, sourced_in) if sourced_in else assumed(text)


def needs(element: str, kind: str, sourced_in: str | None = None) -> str:
    text = f"Must specify '{element}' for a CustomField of type {kind}"
    return sourced(text, sourced_in) if sourced_in else assumed(text)


def unsupported(what: str) -> str:
    return assumed(f"The local org does not support {what}")


REPOSITORY = "a public repository's log of deploy errors"
PRECISION = assumed("Precision must be between 1 and 18, and scale no larger than precision")
# What stands in the field, its type, and the problem.
FIELDS = [
    ("Wish", "", sourced("'Wish' is not a valid value for the enum 'FieldType'", REPOSITORY)),
    ("Text", "", needs("length", "Text")),
    (
        "Text",
        "<length>256</length>",
        assumed("Length of a CustomField of type Text must be between 1 and 255"),
    ),
    (
        "Text",
        "<length>0</length>",
        assumed("Length of a CustomField of type Text must be between 1 and 255"),
    ),
    (
        "Text",
        "<length>many</length>",
        assumed("'many' is not a valid value for the type xsd:int"),
    ),
    (
        "Text",
        "<length>9</length><unique>maybe</unique>",
        assumed("'maybe' is not a valid value for the type xsd:boolean"),
    ),
    (
        "Text",
        f"{TEXT}<businessOwner>Me</businessOwner>",
        sourced(
            f"Error parsing file: Element {NAMESPACE}businessOwner invalid at this location in "
            "type CustomField",
            REPOSITORY,
        ),
    ),
    (
        "Text",
        f"{TEXT}{TEXT}",
        sourced(
            "Error parsing file: Element length is duplicated at this location in type CustomField",
            REPOSITORY,
        ),
    ),
    ("Text", f"{TEXT}<scale>2</scale>", not_for("scale", "Text")),
    ("Text", f"{TEXT}<formula>1</formula>", unsupported("'formula' of a CustomField")),
    (
        "Text",
        f"{TEXT}<defaultValue>'x'</defaultValue>",
        unsupported("'defaultValue', a formula, of any field but a Checkbox"),
    ),
    (
        "Text",
        f"{TEXT}<caseSensitive>true</caseSensitive>",
        assumed("Can not specify 'caseSensitive' for a CustomField that is not unique"),
    ),
    (
        "Text",
        f"{TEXT}<description>{'d' * 1001}</description>",
        assumed(f"Description: data value too large: {'d' * 1000} (max length=1000)"),
    ),
    (
        "Text",
        f"{TEXT}<inlineHelpText>{'h' * 511}</inlineHelpText>",
        assumed(f"Help Text: data value too large: {'h' * 510} (max length=510)"),
    ),
    (
        "Text",
        f"{TEXT}<trackHistory>true</trackHistory>",
        assumed(
            "Can not set 'trackHistory' on a field of Contact: enableHistory is not set on the "
            "object"
        ),
    ),
    (
        "Text",
        f"{TEXT}<trackFeedHistory>true</trackFeedHistory>",
        assumed(
            "Can not set 'trackFeedHistory' on a field of Contact: enableFeeds is not set on the "
            "object"
        ),
    ),
    ("TextArea", TEXT, not_for("length", "TextArea", REPOSITORY)),
    ("LongTextArea", "<length>300</length>", needs("visibleLines", "LongTextArea")),
    (
        "LongTextArea",
        "<length>255</length>" + LINES,
        assumed("Length of a CustomField of type LongTextArea must be between 256 and 131072"),
    ),
    (
        "LongTextArea",
        "<length>131073</length>" + LINES,
        assumed("Length of a CustomField of type LongTextArea must be between 256 and 131072"),
    ),
    (
        "LongTextArea",
        f"<length>300</length>{LINES}<required>true</required>",
        not_for("required", "LongTextArea", REPOSITORY),
    ),
    (
        "LongTextArea",
        "<length>300</length><visibleLines>51</visibleLines>",
        assumed("Visible lines must not be greater than 50"),
    ),
    (
        "LongTextArea",
        f"<length>300</length>{LINES}<externalId>true</externalId>",
        not_for("externalId", "LongTextArea"),
    ),
    (
        "Html",
        "<length>300</length><visibleLines>9</visibleLines>",
        assumed("Visible lines must be greater than 9"),
    ),
    (
        "MultiselectPicklist",
        picklist("A") + "<visibleLines>3</visibleLines>",
        sourced("Visible lines must be greater than 3", REPOSITORY),
    ),
    ("MultiselectPicklist", picklist("A"), needs("visibleLines", "MultiselectPicklist")),
    ("Picklist", "", needs("valueSet", "Picklist")),
    (
        "Picklist",
        picklist(),
        assumed("Must specify at least one value for a CustomField of type Picklist"),
    ),
    (
        "Picklist",
        values(value("A"), value("a")),
        assumed("Duplicate value: a found in picklist"),
    ),
    (
        "Picklist",
        values(value("A", "One"), value("B", "One")),
        sourced("Duplicate label: One", "sfdx-hardis deployment tips"),
    ),
    (
        "Picklist",
        values(value("x" * 256)),
        assumed("Picklist value: data value too large (max length=255)"),
    ),
    (
        "Picklist",
        values(value("A", default="true"), value("B", default="true")),
        assumed("Only one picklist value can be the default"),
    ),
    (
        "Picklist",
        picklist(*(f"V{number}" for number in range(1001))),
        assumed("Picklists can have at most 1000 values"),
    ),
    (
        "Picklist",
        picklist("A") + "<externalId>true</externalId>",
        sourced("Invalid data type.", REPOSITORY),
    ),
    (
        "Picklist",
        "<valueSet><restricted>true</restricted><valueSetName>Nope</valueSetName></valueSet>",
        assumed("In field: valueSet - no GlobalValueSet named Nope found"),
    ),
    ("Checkbox", "", needs("defaultValue", "Checkbox", REPOSITORY)),
    (
        "Checkbox",
        "<defaultValue>maybe</defaultValue>",
        assumed("The default value of a Checkbox must be true or false"),
    ),
    (
        "Checkbox",
        "<defaultValue>true</defaultValue><required>true</required>",
        not_for("required", "Checkbox"),
    ),
    ("Number", numbers("19", "0"), PRECISION),
    ("Number", numbers("3", "4"), PRECISION),
    ("Currency", numbers("0", "0"), PRECISION),
    ("Percent", numbers("5", "-1"), PRECISION),
    ("Number", "<precision>4</precision>", needs("scale", "Number")),
    ("Currency", numbers("8", "2") + "<unique>true</unique>", not_for("unique", "Currency")),
    ("Date", TEXT, not_for("length", "Date")),
    ("Phone", "<externalId>true</externalId>", not_for("externalId", "Phone")),
    ("AutoNumber", "", needs("displayFormat", "AutoNumber")),
    (
        "AutoNumber",
        "<displayFormat>A-{x}</displayFormat>",
        assumed("The display format 'A-{x}' is not valid"),
    ),
    (
        "AutoNumber",
        "<displayFormat>{YYYY}-{000}</displayFormat>",
        unsupported("display formats with a date: {YYYY}-{000}"),
    ),
    ("Summary", "", unsupported("fields of type Summary")),
    ("EncryptedText", TEXT, unsupported("fields of type EncryptedText")),
    (
        "Lookup",
        lookup("Nope__c", "As"),
        sourced("referenceTo value of 'Nope__c' does not resolve to a valid sObject type", "salto"),
    ),
    (
        "Lookup",
        lookup("Event", "As"),
        assumed("referenceTo value of 'Event' does not resolve to a valid sObject type"),
    ),
    (
        "Lookup",
        lookup("Account", "As") + "<unique>true</unique>",
        not_for("unique", "Lookup", REPOSITORY),
    ),
    (
        "Lookup",
        lookup("Account", "As") + "<relationshipOrder>0</relationshipOrder>",
        not_for("relationshipOrder", "Lookup", REPOSITORY),
    ),
    (
        "Lookup",
        lookup("Account", "As") + "<required>true</required>",
        sourced(
            "field integrity exception: unknown (must specify either cascade delete or restrict "
            "delete for required lookup foreign key)",
            REPOSITORY,
        ),
    ),
    (
        "Lookup",
        lookup("Account", "As", "Cascade"),
        sourced("If you want to cascade delete, please contact salesforce.com", REPOSITORY),
    ),
    (
        "Lookup",
        lookup("User", "As", "Restrict"),
        sourced(
            "Cannot add a lookup relationship child with cascade or restrict options to User",
            REPOSITORY,
        ),
    ),
    ("Lookup", lookup("Account", "1 bad name"), API_NAME),
    (
        "Lookup",
        lookup("Account", "A" * 41),
        assumed(f"Child Relationship Name: data value too large: {'A' * 40} (max length=40)"),
    ),
    (
        "Lookup",
        lookup("Account", "As", "Vanish"),
        sourced("'Vanish' is not a valid value for the enum 'DeleteConstraint'", REPOSITORY),
    ),
    (
        "MasterDetail",
        master(),
        assumed("Can not add a CustomField of type MasterDetail to the standard object Contact"),
    ),
    (
        "MasterDetail",
        master(more="<required>true</required>"),
        sourced("Master-Detail Relationship Fields Cannot be Optional or Required", REPOSITORY),
    ),
    (
        "MasterDetail",
        master(more="<deleteConstraint>Cascade</deleteConstraint>"),
        not_for("deleteConstraint", "MasterDetail", REPOSITORY),
    ),
    (
        "MasterDetail",
        "<referenceTo>Account</referenceTo>",
        needs("relationshipName", "MasterDetail"),
    ),
]


@pytest.mark.parametrize(("kind", "inner", "problem"), FIELDS)
def test_fields_that_do_not_deploy(org: Client, kind: str, inner: str, problem: str) -> None:
    result = org.deploy(Package().object("Contact", custom_field("A__c", kind, inner)))
    assert result["status"] == "Failed" and result["success"] is False
    assert failures(result) == {"Contact.A__c": problem}
    assert result["numberComponentErrors"] == 1
    failed = result["details"]["componentFailures"][0]
    assert (failed["componentType"], failed["problemType"]) == ("CustomField", "Error")
    assert failed["fileName"] == "objects/Contact.object"


@pytest.mark.parametrize(
    ("name", "label", "problem"),
    [
        ("a b__c", "A", API_NAME),
        ("A___c", "A", API_NAME),
        ("1A__c", "A", API_NAME),
        ("A__b__c", "A", API_NAME),
        ("A" * 41 + "__c", "A", API_NAME),
        ("A__c", "L" * 41, assumed(f"Label: data value too large: {'L' * 40} (max length=40)")),
        (
            "A__c",
            "",
            sourced(
                "Must specify a non-empty label for the CustomField",
                "forcedotcom/cli issue 1220, of a CustomObject",
            ),
        ),
        (
            "Nope",
            "A",
            sourced(
                "Could not resolve standard field's name.", "tiaanswart/lightning-fieldset issue 17"
            ),
        ),
        ("LastName", "A", unsupported("changes of a standard field: Contact.LastName")),
    ],
)
def test_names_and_labels(org: Client, name: str, label: str, problem: str) -> None:
    item = custom_field(name, "Text", TEXT, label="x").replace(
        "<label>x</label>", f"<label>{label}</label>"
    )
    assert failures(org.deploy(Package().object("Contact", item))) == {f"Contact.{name}": problem}


@pytest.mark.parametrize("owner", ["Task", "Event", "RecordType"])
def test_objects_that_take_no_fields(org: Client, owner: str) -> None:
    result = org.deploy(Package().object(owner, custom_field("A__c", "Text", TEXT)))
    text = f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}"
    assert failures(result) == {f"{owner}.A__c": sourced(text, "deploys of fields of Task")}


@pytest.mark.parametrize("kind", ["LongTextArea", "Html"])
def test_activities_take_no_long_text(org: Client, kind: str) -> None:
    inner = "<length>300</length><visibleLines>20</visibleLines>"
    result = org.deploy(Package().object("Activity", custom_field("A__c", kind, inner)))
    text = assumed(f"Custom field type {kind} is not supported on Activity")
    assert failures(result) == {"Activity.A__c": text}


def test_a_required_field_of_activity_needs_a_default(org: Client) -> None:
    inner = TEXT + "<required>true</required>"
    result = org.deploy(Package().object("Activity", custom_field("A__c", "Text", inner)))
    text = assumed("A required field of Activity must have a default value")
    assert failures(result) == {"Activity.A__c": text}


def test_relationship_names_are_unique_per_parent(org: Client) -> None:
    package = Package().object(
        "Thing__c",
        custom_field("One__c", "Lookup", lookup("Contact", "Things")),
        custom_field("Two__c", "Lookup", lookup("Contact", "things")),
        custom_field("Other__c", "Lookup", lookup("Account", "Things")),
        custom=CUSTOM,
    )
    text = sourced("There is already a Child Relationship named things on Contact.", REPOSITORY)
    assert failures(org.deploy(package)) == {"Thing__c.Two__c": text}


def test_a_name_comes_once(org: Client) -> None:
    twice = custom_field("Twice__c", "Text", TEXT)
    result = org.deploy(Package().object("Contact", twice, twice))
    text = sourced("Duplicate name 'Contact.Twice__c' specified", "forcedotcom/cli issue 468")
    problems = [each["problem"] for each in result["details"]["componentFailures"]]
    assert problems == [text, text]
    cased = (custom_field("Case__c", "Text", TEXT), custom_field("CASE__c", "Text", TEXT))
    text = assumed("There is already a field named CASE on Contact.")
    assert failures(org.deploy(Package().object("Contact", *cased))) == {"Contact.CASE__c": text}


@pytest.mark.parametrize(
    ("what", "item", "limit"),
    [
        ("custom fields", ("Text", TEXT), 500),
        ("external ID or unique fields", ("Text", f"{TEXT}<externalId>true</externalId>"), 25),
        ("external ID or unique fields", ("Text", f"{TEXT}<unique>true</unique>"), 25),
        ("relationships", ("Lookup", "<referenceTo>Account</referenceTo>"), 40),
    ],
)
def test_an_object_holds_so_many(org: Client, what: str, item: tuple[str, str], limit: int) -> None:
    many = (custom_field(f"F{number}__c", *item) for number in range(limit + 1))
    result = org.deploy(Package().object("Thing__c", *many, custom=CUSTOM), checkOnly=True)
    text = assumed(f"Thing__c has reached the maximum number of {what}: {limit}")
    assert failures(result) == {f"Thing__c.F{limit}__c": text}


def test_two_masters_at_most(org: Client) -> None:
    fields = [
        custom_field(f"{target}__c", "MasterDetail", master(target).replace("As<", f"{n}s<"))
        for n, target in (("One", "Account"), ("Two", "Contact"), ("Three", "Other__c"))
    ]
    shared = CUSTOM.replace("Private", "ControlledByParent")
    package = Package().object("Other__c", custom=CUSTOM)
    package.object("Thing__c", *fields[:2], fields[2].replace("Other__c__c", "O__c"), custom=shared)
    text = assumed("Thing__c can have no more than 2 MasterDetail fields")
    assert failures(org.deploy(package)) == {"Thing__c.O__c": text}


def test_a_user_is_no_master(org: Client) -> None:
    shared = CUSTOM.replace("Private", "ControlledByParent")
    item = custom_field("U__c", "MasterDetail", master("User"))
    result = org.deploy(Package().object("Thing__c", item, custom=shared))
    text = assumed("User can not be the master of a MasterDetail field")
    assert failures(result) == {"Thing__c.U__c": text}


def test_a_problem_names_its_place(org: Client) -> None:
    package = Package().object("Contact")
    package.files["objects/Contact.object"] = (
        '<?xml version="1.0"?>\n<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <fields>\n        <fullName>A__c</fullName>\n        <type>Wish</type>\n"
        "    </fields>\n</CustomObject>"
    )
    failed = org.deploy(package)["details"]["componentFailures"][0]
    assert (failed["lineNumber"], failed["columnNumber"]) == (5, 15)
