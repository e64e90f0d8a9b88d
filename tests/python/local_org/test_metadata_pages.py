"""Objects, list views, layouts, tabs, apps and report types: what holds, what is refused."""

from collections.abc import Callable

import pytest

from tests.python.local_org.client import Client, Server
from tests.python.local_org.package import (
    CUSTOM,
    TAB,
    TEXT,
    Package,
    clinic,
    custom_field,
    failures,
    lookup,
    picklist,
    successes,
)
from tests.python.local_org.wording import assumed, sourced

LOGS = "a public repository's log of deploy errors"
LONG = "<length>300</length><visibleLines>3</visibleLines>"
LAYOUT_REQUIRED = "Layout must contain an item for required layout field: "
COLUMN = "Could not resolve list view column: "


def unsupported(what: str) -> str:
    return assumed(f"The local org does not support {what}")


def visit(custom: str = CUSTOM, inside: str = "") -> Package:
    """An object with a field of each kind that pages care about."""
    custom = custom.replace("</sharingModel>", "</sharingModel>" + inside)
    return Package().object(
        "Visit__c",
        custom_field("Contact__c", "Lookup", lookup("Contact", "Visits")),
        custom_field("Must__c", "Text", TEXT + "<required>true</required>"),
        custom_field("Reason__c", "Text", TEXT),
        custom_field("Notes__c", "LongTextArea", LONG),
        custom_field("Kind__c", "Picklist", picklist("New", "Old")),
        custom=custom,
    )


def item(name: str, behavior: str = "Edit") -> str:
    return f"<layoutItems><behavior>{behavior}</behavior><field>{name}</field></layoutItems>"


def layout(*items: str, related: str = "") -> str:
    return (
        "<layoutSections><customLabel>true</customLabel><label>All</label><layoutColumns>"
        f"{''.join(items)}</layoutColumns><style>OneColumn</style></layoutSections>{related}"
    )


def related(name: str, *fields: str) -> str:
    shown = "".join(f"<fields>{each}</fields>" for each in fields)
    return f"<relatedLists>{shown}<relatedList>{name}</relatedList></relatedLists>"


def view(*columns: str, more: str = "", scope: str = "Everything") -> str:
    shown = "".join(f"<columns>{each}</columns>" for each in columns)
    return (
        f"<listViews><fullName>All</fullName>{shown}<filterScope>{scope}</filterScope>{more}"
        "<label>All</label></listViews>"
    )


def compact(*fields: str) -> str:
    shown = "".join(f"<fields>{each}</fields>" for each in fields)
    return f"<compactLayouts><fullName>Top</fullName>{shown}<label>Top</label></compactLayouts>"


def filtered(field: str, operation: str = "equals") -> str:
    return (
        f"<filters><field>{field}</field><operation>{operation}</operation><value>x</value>"
        "</filters>"
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda x: x.replace("<label>Thing</label>", ""),
            sourced("Must specify a non-empty label for the CustomObject", "forcedotcom/cli 1220"),
        ),
        (
            lambda x: x.replace("<pluralLabel>Things</pluralLabel>", ""),
            assumed("Must specify 'pluralLabel' for a CustomObject"),
        ),
        (
            lambda x: x.replace("<sharingModel>Private</sharingModel>", ""),
            assumed("Must specify 'sharingModel' for a CustomObject"),
        ),
        (
            lambda x: x.replace("Private", "Secret"),
            sourced("'Secret' is not a valid value for the enum 'SharingModel'", LOGS),
        ),
        (
            lambda x: x.replace("Private", "FullAccess"),
            assumed("FullAccess is not a valid sharing model for Visit__c"),
        ),
        (
            lambda x: x.replace("Private", "ControlledByParent"),
            sourced(
                "Cannot set sharingModel to ControlledByParent on a CustomObject without a "
                "MasterDetail relationship field",
                LOGS,
            ),
        ),
        (
            lambda x: x + "<externalSharingModel>ReadWrite</externalSharingModel>",
            assumed(
                "ReadWrite is not a valid external sharing model for Visit__c when its sharing "
                "model is Private"
            ),
        ),
        (
            lambda x: x.replace("<deploymentStatus>Deployed", "<deploymentStatus>Done"),
            sourced("'Done' is not a valid value for the enum 'DeploymentStatus'", LOGS),
        ),
        (
            lambda x: (
                x + "<enableBulkApi>true</enableBulkApi><enableSharing>true</enableSharing>"
                "<enableStreamingApi>false</enableStreamingApi>"
            ),
            assumed(
                "enableBulkApi, enableSharing, enableStreamingApi must all be true or all be false"
            ),
        ),
        (
            lambda x: x.replace("<displayFormat>T-{000}</displayFormat>", ""),
            assumed("Must specify 'displayFormat' for a CustomField of type AutoNumber"),
        ),
        (
            lambda x: x.replace("AutoNumber", "Text"),
            assumed("Can not specify 'displayFormat' for a CustomField of type Text"),
        ),
        (
            lambda x: x.replace("<type>AutoNumber</type>", "<type>Date</type>"),
            assumed("Must specify a nameField of type Text or AutoNumber"),
        ),
        (
            lambda x: x + "<validationRules><fullName>R</fullName></validationRules>",
            unsupported("'validationRules' of a CustomObject"),
        ),
        (
            lambda x: x + "<compactLayoutAssignment>Nope</compactLayoutAssignment>",
            sourced(
                "In field: compactLayoutAssignment - no CompactLayout named Visit__c.Nope found",
                LOGS,
            ),
        ),
        (
            lambda x: x + "<wheels>4</wheels>",
            sourced(
                "Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}wheels "
                "invalid at this location in type CustomObject",
                LOGS,
            ),
        ),
        (
            lambda x: x + f"<description>{'d' * 1001}</description>",
            assumed(f"Description: data value too large: {'d' * 1000} (max length=1000)"),
        ),
    ],
)
def test_objects_that_do_not_deploy(
    org: Client, change: Callable[[str], str], problem: str
) -> None:
    result = org.deploy(visit(change(CUSTOM)))
    assert failures(result)["Visit__c"] == problem
    assert org.call("GET", "/sobjects/Visit__c/describe").status_code == 404


def test_a_detail_is_controlled_by_its_parent(org: Client) -> None:
    master = (
        "<referenceTo>Account</referenceTo><relationshipName>Details</relationshipName>"
        "<relationshipOrder>0</relationshipOrder>"
    )
    package = Package().object(
        "Detail__c", custom_field("A__c", "MasterDetail", master), custom=CUSTOM
    )
    text = sourced(
        "Cannot set sharingModel to Private on a CustomObject with a MasterDetail relationship "
        "field",
        LOGS,
    )
    assert failures(org.deploy(package))["Detail__c"] == text


def test_standard_objects_are_not_changed(org: Client) -> None:
    package = Package().object("Account", custom="<sharingModel>Private</sharingModel>")
    text = unsupported("'sharingModel' of a standard object")
    assert failures(org.deploy(package)) == {"Account": text}
    text = assumed("Entity Enumeration Or ID: bad value for restricted picklist field: Nope")
    assert failures(org.deploy(Package().object("Nope"))) == {"Nope": text}


@pytest.mark.parametrize(
    ("inside", "name", "problem"),
    [
        (view("NAME", "Nope__c"), "All", sourced(COLUMN + "Nope__c", LOGS)),
        (view("Name"), "All", sourced(COLUMN + "Name", LOGS)),
        (view("CREATEDDATE"), "All", sourced(COLUMN + "CREATEDDATE", LOGS)),
        (view("NAME", more=filtered("Nope__c")), "All", sourced(COLUMN + "Nope__c", LOGS)),
        (
            view("NAME", more=filtered("NAME", "near")),
            "All",
            sourced("'near' is not a valid value for the enum 'FilterOperation'", LOGS),
        ),
        (view("NAME", scope="Team"), "All", unsupported("list views of the scope Team")),
        (
            view("NAME", scope="All"),
            "All",
            sourced("'All' is not a valid value for the enum 'FilterScope'", LOGS),
        ),
        (
            view("NAME", "NAME"),
            "All",
            sourced("Field:columns, value:NAME appears more than once", "sfdx-hardis tips"),
        ),
        (
            view("NAME").replace("<label>All</label>", ""),
            "All",
            sourced("Required field is missing: label", LOGS),
        ),
        (
            compact("Name", "Nope__c"),
            "Top",
            sourced("In field: fields - no CustomField named Visit__c.Nope__c found", LOGS),
        ),
        (
            compact("Name", "Notes__c"),
            "Top",
            assumed(
                "Field Notes__c is not available for a compact layout: it is of type LongTextArea"
            ),
        ),
        (compact(), "Top", assumed("A compact layout has 1 to 10 fields")),
        (
            "<recordTypes><fullName>New</fullName><label>New</label></recordTypes>",
            "New",
            sourced("Required field is missing: active", LOGS),
        ),
        (
            "<recordTypes><fullName>New</fullName><active>true</active><label>New</label>"
            "<picklistValues><picklist>Kind__c</picklist><values><fullName>Gone</fullName>"
            "<default>false</default></values></picklistValues></recordTypes>",
            "New",
            sourced("Picklist value: Gone in picklist: Kind__c not found", LOGS),
        ),
        (
            "<recordTypes><fullName>New</fullName><active>true</active><label>New</label>"
            "<picklistValues><picklist>Nope__c</picklist></picklistValues></recordTypes>",
            "New",
            assumed("In field: picklist - no CustomField named Visit__c.Nope__c found"),
        ),
    ],
)
def test_what_is_inside_an_object(org: Client, inside: str, name: str, problem: str) -> None:
    assert failures(org.deploy(visit(inside=inside))) == {f"Visit__c.{name}": problem}


MUST = item("Must__c", "Required")


@pytest.mark.parametrize(
    ("inner", "problem"),
    [
        (
            layout(MUST, item("Nope__c")),
            sourced("In field: field - no CustomField named Visit__c.Nope__c found", LOGS),
        ),
        (layout(item("Reason__c")), sourced(LAYOUT_REQUIRED + "Must__c", LOGS)),
        (layout(item("Must__c")), sourced("Field:Must__c must be Required", LOGS)),
        (
            layout(MUST, item("Name", "Required")),
            sourced("Field:Name must not be Required", "sfdx-hardis deployment tips"),
        ),
        (layout(MUST, item("Name")), assumed("Field:Name must be Readonly")),
        (layout(MUST, item("CreatedById")), assumed("Field:CreatedById must be Readonly")),
        (
            layout(MUST, item("Reason__c"), item("Reason__c")),
            sourced("Field:field, value:Reason__c appears more than once", "sfdx-hardis tips"),
        ),
        (
            layout(MUST, "<layoutItems><field>Reason__c</field></layoutItems>"),
            assumed("Required field is missing: behavior"),
        ),
        (
            layout(MUST, item("Reason__c", "Wish")),
            sourced("'Wish' is not a valid value for the enum 'UiBehavior'", LOGS),
        ),
        (
            layout(MUST, related=related("Visits__r")),
            sourced("Cannot find related list:Visits__r", LOGS),
        ),
        (
            layout(MUST, related=related("RelatedActivityList")),
            assumed("Cannot find related list:RelatedActivityList"),
        ),
        (
            layout(MUST, related=related("RelatedContentDocumentList")),
            sourced("Cannot find related list:RelatedContentDocumentList", LOGS),
        ),
    ],
)
def test_layouts_that_do_not_deploy(org: Client, inner: str, problem: str) -> None:
    name = "Visit__c-Visit Layout"
    assert failures(org.deploy(visit().layout(name, inner))) == {name: problem}


def test_a_layout_needs_a_text_name(org: Client) -> None:
    named = CUSTOM.replace("<displayFormat>T-{000}</displayFormat>", "").replace(
        "AutoNumber", "Text"
    )
    name = "Visit__c-Visit Layout"
    text = sourced(LAYOUT_REQUIRED + "Name", LOGS)
    assert failures(org.deploy(visit(named).layout(name, layout(MUST)))) == {name: text}


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        (
            related("Visit__c.Reason__c"),
            sourced("Cannot find related list:Visit__c.Reason__c", LOGS),
        ),
        (
            related("Visit__c.Contact__c", "NAME", "Nope__c"),
            sourced("Invalid field:Nope__c in related list:Visit__c.Contact__c", "hardis tips"),
        ),
        (
            related("RelatedActivityList", "NAME"),
            sourced("Invalid field:NAME in related list:RelatedActivityList", "hardis tips"),
        ),
        (
            related("RelatedContactList"),
            assumed("Cannot find related list:RelatedContactList"),
        ),
    ],
)
def test_related_lists_are_real(org: Client, lists: str, problem: str) -> None:
    name = "Contact-Patient Layout"
    result = org.deploy(visit().layout(name, layout(item("LastName"), related=lists)))
    assert failures(result) == {name: problem}


def test_a_layout_is_named_for_its_object(org: Client) -> None:
    text = assumed("In field: fullName - no CustomObject named Nope__c found")
    result = org.deploy(Package().layout("Nope__c-Layout", layout()))
    assert failures(result) == {"Nope__c-Layout": text}


APP = (
    "<formFactors>Large</formFactors><label>App</label><navType>Standard</navType>"
    "<tabs>standard-home</tabs><tabs>Visit__c</tabs><uiType>Lightning</uiType>"
)
REPORT = (
    "<baseObject>Contact</baseObject><category>other</category><deployed>true</deployed>"
    "<join><outerJoin>true</outerJoin><relationship>Visits__r</relationship></join>"
    "<label>Visits</label><sections><columns><checkedByDefault>true</checkedByDefault>"
    "<field>LastName</field><table>Contact</table></columns><columns><checkedByDefault>true"
    "</checkedByDefault><field>Reason__c</field><table>Contact.Visits__r</table></columns>"
    "<masterLabel>All</masterLabel></sections>"
)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("<formFactors>Large</formFactors>", ""),
            sourced("FormFactors is required for Lightning apps", LOGS),
        ),
        (("<label>App</label>", ""), sourced("Required field is missing: label", LOGS)),
        (
            ("standard-home", "Home"),
            sourced("In field: tabs - no CustomTab named Home found", LOGS),
        ),
        (
            ("<tabs>Visit__c</tabs>", "<tabs>Nope__c</tabs>"),
            sourced("In field: tabs - no CustomTab named Nope__c found", LOGS),
        ),
        (("Lightning", "Aloha"), unsupported("apps of Salesforce Classic")),
        (
            ("Standard<", "Sideways<"),
            sourced("'Sideways' is not a valid value for the enum 'NavType'", LOGS),
        ),
        (
            ("<label>App", "<utilityBar>Bar</utilityBar><label>App"),
            unsupported("'utilityBar' of a CustomApplication"),
        ),
    ],
)
def test_apps_that_do_not_deploy(org: Client, change: tuple[str, str], problem: str) -> None:
    result = org.deploy(visit().tab("Visit__c").app("App", APP.replace(*change)))
    assert failures(result) == {"App": problem}


@pytest.mark.parametrize(
    ("name", "inner", "problem"),
    [
        (
            "Nope__c",
            TAB,
            sourced("In field: fullName - no CustomObject named Nope__c found", LOGS),
        ),
        (
            "Visit__c",
            "<customObject>true</customObject>",
            assumed("Required field is missing: motif"),
        ),
        ("Visit__c", TAB.replace("Custom18: Form", "Star"), assumed("'Star' is not a valid motif")),
        (
            "Page",
            "<customObject>false</customObject>",
            unsupported("tabs of anything but a custom object"),
        ),
        (
            "Visit__c",
            f"{TAB}<isHidden>true</isHidden>",
            sourced(
                "Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}isHidden "
                "invalid at this location in type CustomTab",
                "forcedotcom/sf-skills pull request 34",
            ),
        ),
    ],
)
def test_tabs_that_do_not_deploy(org: Client, name: str, inner: str, problem: str) -> None:
    assert failures(org.deploy(visit().tab(name, inner))) == {name: problem}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("<baseObject>Contact", "<baseObject>Nope__c"),
            assumed("In field: baseObject - no CustomObject named Nope__c found"),
        ),
        (
            ("Visits__r</r", "Nope__r</r"),
            assumed("Cannot find the relationship Nope__r of the object Contact"),
        ),
        (
            ("LastName", "Nope__c"),
            sourced("In field: field - no CustomField named Contact.Nope__c found", LOGS),
        ),
        (
            ("<table>Contact.Visits__r", "<table>Account"),
            assumed("The table Account is not one of the report type"),
        ),
        (
            ("<category>other", "<category>mine"),
            sourced("'mine' is not a valid value for the enum 'ReportTypeCategory'", LOGS),
        ),
        (("<category>other</category>", ""), assumed("Required field is missing: category")),
        (("<deployed>true</deployed>", ""), sourced("Required field is missing: deployed", LOGS)),
    ],
)
def test_report_types_that_do_not_deploy(
    org: Client, change: tuple[str, str], problem: str
) -> None:
    result = org.deploy(visit().report_type("Visits", REPORT.replace(*change)))
    assert failures(result) == {"Visits": problem}


def everything() -> Package:
    """One of each kind."""
    inside = (
        "<compactLayoutAssignment>Top</compactLayoutAssignment>"
        + compact("Name", "Reason__c")
        + view("NAME", "OWNER.ALIAS", "Reason__c", more=filtered("Kind__c"))
        + "<recordTypes><fullName>New</fullName><active>true</active><description>First"
        "</description><label>New One</label><picklistValues><picklist>Kind__c</picklist>"
        "<values><fullName>New</fullName><default>false</default></values></picklistValues>"
        "</recordTypes>"
    )
    lists = related("Visit__c.Contact__c", "NAME", "Reason__c") + related("RelatedFileList")
    lists += related("RelatedActivityList", "TASK.SUBJECT")
    return (
        visit(inside=inside)
        .value_set("Words", "Yes", "No")
        .layout("Visit__c-Visit Layout", layout(item("Name", "Readonly"), MUST, item("Kind__c")))
        .layout("Contact-Patient Layout", layout(item("LastName", "Required"), related=lists))
        .tab("Visit__c")
        .app("App", APP)
        .report_type("Visits", REPORT)
        .grants(
            "Reads",
            "<applicationVisibilities><application>App</application><visible>true</visible>"
            "</applicationVisibilities><recordTypeVisibilities><recordType>Visit__c.New"
            "</recordType><visible>true</visible></recordTypeVisibilities><tabSettings><tab>"
            "Visit__c</tab><visibility>Visible</visibility></tabSettings>",
        )
    )


def test_one_of_each_deploys_and_again_changes_nothing(server: Server) -> None:
    org = server.start()
    first = org.deploy(everything())
    assert first["status"] == "Succeeded", failures(first)
    made = successes(first)
    kinds = {each["componentType"] for each in made.values()}
    assert kinds == {
        "GlobalValueSet",
        "CustomObject",
        "CustomField",
        "CompactLayout",
        "ListView",
        "RecordType",
        "Layout",
        "CustomTab",
        "CustomApplication",
        "ReportType",
        "PermissionSet",
    }
    assert all(each["created"] and each["changed"] for each in made.values())
    assert first["numberComponentsTotal"] == first["numberComponentsDeployed"] == len(made)
    found = org.query("SELECT SobjectType, DeveloperName, Name, IsActive FROM RecordType")
    assert found == [
        {
            "SobjectType": "Visit__c",
            "DeveloperName": "New",
            "Name": "New One",
            "IsActive": True,
        }
    ]
    again = successes(org.deploy(everything()))
    assert [name for name, each in again.items() if each["created"] or each["changed"]] == []
    changed = everything()
    changed.files["tabs/Visit__c.tab"] = str(changed.files["tabs/Visit__c.tab"]).replace(
        "Custom18: Form", "Custom41: Cash"
    )
    third = successes(org.deploy(changed))
    assert [name for name, each in third.items() if each["changed"]] == ["CustomTab Visit__c"]
    org.session.close()


def test_the_order_of_elements_is_free_but_for_runs(org: Client) -> None:
    package = clinic()
    grants = str(package.files["permissionsets/Loader.permissionset"])
    label = "<label>Loader</label>"
    moved = grants.replace(label, "").replace("<fieldPermissions>", f"{label}<fieldPermissions>", 1)
    package.files["permissionsets/Loader.permissionset"] = moved
    assert org.deploy(package, checkOnly=True)["status"] == "Succeeded"
    parts = grants.replace(label, "").replace("<fieldPermissions>", "\0").split("\0")
    parts[2] = label + "<fieldPermissions>" + parts[2]
    package.files["permissionsets/Loader.permissionset"] = (
        parts[0]
        + "<fieldPermissions>"
        + parts[1]
        + parts[2]
        + "".join(f"<fieldPermissions>{each}" for each in parts[3:])
    )
    text = sourced(
        "Error parsing file: Element fieldPermissions is duplicated at this location in type "
        "PermissionSet",
        LOGS,
    )
    assert failures(org.deploy(package, checkOnly=True)) == {"Loader": text}
