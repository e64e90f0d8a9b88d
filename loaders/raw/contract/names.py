"""How names are compared: without case, blanks and punctuation."""


def plain(name: str) -> str:
    """The part of a name that counts: `Patient_ID ` and `patient id` are both `patientid`."""
    return "".join(c for c in name.casefold() if c.isalnum())
