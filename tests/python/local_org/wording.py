"""Marks the error texts a test expects: Salesforce's own words, or ours where none are public."""


def sourced(text: str, source: str) -> str:
    """Give the text; it was read in `source` (a guide, a public log, a client's test)."""
    assert source
    return text


def assumed(text: str) -> str:
    """Give the text; no public page was found that shows how Salesforce words it."""
    return text
