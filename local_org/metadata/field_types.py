"""What each type of custom field is, takes and needs: the Metadata API's rules as data."""

from __future__ import annotations

# How a describe calls each type this org has.
DESCRIBED = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Currency": "currency",
    "Number": "double",
    "Percent": "percent",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "AutoNumber": "string",
}
# The length of the types that have one of their own.
LENGTHS = {
    "TextArea": 255,
    "Picklist": 255,
    "MultiselectPicklist": 4099,
    "Email": 80,
    "Phone": 40,
    "Url": 255,
    "Lookup": 18,
    "MasterDetail": 18,
    "AutoNumber": 30,
}
NUMBERS = frozenset({"Number", "Currency", "Percent"})
PICKLISTS = frozenset({"Picklist", "MultiselectPicklist"})
RELATIONS = frozenset({"Lookup", "MasterDetail"})
LONG = frozenset({"LongTextArea", "Html"})
# Types between which a field may change and keep its data, as far as it fits.
TEXTUAL = frozenset({"Text", "TextArea", "LongTextArea", "Email", "Phone", "Url"})
NEEDS = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Html": ("length", "visibleLines"),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Currency": ("precision", "scale"),
    "Number": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Lookup": ("referenceTo",),
    "MasterDetail": ("referenceTo", "relationshipName"),
    "AutoNumber": ("displayFormat",),
}
# Elements that only some types take at all.
TAKEN_BY = {
    "length": frozenset({"Text"}) | LONG,
    "precision": NUMBERS,
    "scale": NUMBERS,
    "visibleLines": frozenset({"MultiselectPicklist"}) | LONG,
    "referenceTo": RELATIONS,
    "relationshipName": RELATIONS,
    "relationshipLabel": RELATIONS,
    "relationshipOrder": frozenset({"MasterDetail"}),
    "reparentableMasterDetail": frozenset({"MasterDetail"}),
    "writeRequiresMasterRead": frozenset({"MasterDetail"}),
    "deleteConstraint": frozenset({"Lookup"}),
    "valueSet": PICKLISTS,
    "displayFormat": frozenset({"AutoNumber"}),
    "startingNumber": frozenset({"AutoNumber"}),
}
# Flags that only some types may set.
SET_BY = {
    "unique": frozenset({"Text", "Number", "Email"}),
    "externalId": frozenset({"Text", "Number", "Email", "AutoNumber"}),
    "caseSensitive": frozenset({"Text"}),
    "required": frozenset(DESCRIBED)
    - {"Checkbox", "LongTextArea", "Html", "MultiselectPicklist", "MasterDetail", "AutoNumber"},
    "trackTrending": frozenset(),
}
LENGTH_BOUNDS = {"Text": (1, 255), "LongTextArea": (256, 131_072), "Html": (256, 131_072)}
LINE_BOUNDS = {"LongTextArea": (3, 50), "Html": (10, 50), "MultiselectPicklist": (4, 10)}
NOT_ON_ACTIVITY = frozenset({"LongTextArea", "Html", "MasterDetail"})
# Texts that may be no longer.
TEXT_LIMITS = {
    "label": ("Label", 40),
    "description": ("Description", 1_000),
    "inlineHelpText": ("Help Text", 510),
    "relationshipName": ("Child Relationship Name", 40),
    "relationshipLabel": ("Child Relationship Label", 80),
}
MAX_PRECISION = 18
MAX_VALUES = 1_000
MAX_VALUE = 255
MAX_NAME = 40
MAX_FIELDS = 500
MAX_EXTERNAL_IDS = 25
MAX_RELATIONS = 40
MAX_MASTERS = 2
# Standard objects that take custom fields, and those a lookup may refer to.
EXTENSIBLE = frozenset({"Account", "Contact", "Lead", "User", "ContentVersion", "Activity"})
TARGETS = frozenset({"Account", "Contact", "Lead", "User"})
