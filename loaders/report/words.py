"""The classes of problems in words that need no explaining."""

_SAID = {
    "adjusted": "A value was adjusted",
    "ambiguous_match": "Several records of the org answer to it",
    "duplicate_key": "It is there twice",
    "file_missing": "The file is not in the export",
    "file_refused": "The file cannot be a Salesforce File",
    "invalid_code": "The code does not exist",
    "invalid_email": "The e-mail address is none",
    "missing_required": "A value is missing that must be there",
    "not_in_picklist": "The word is in no list of values",
    "orphan": "It names something that is not in the export",
    "out_of_range": "The value is outside what can be true",
    "parent_held_back": "It waits for a record that is held back",
    "possible_duplicate": "It may be somebody who is there already",
    "too_long": "The text is too long",
    "unmatched_user": "Nobody in Salesforce answers to the person",
    "unreadable_date": "The date cannot be read",
    "unreadable_line": "The line cannot be read",
    "unreadable_number": "The number cannot be read",
}


def said_of(name: str) -> str:
    """A class in words; what is no class of ours, such as an org's error code, as it is."""
    return _SAID.get(name, name)
