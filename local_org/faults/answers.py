"""The answers of an org, or of what stands before it, that is not well."""

from __future__ import annotations

import json
from typing import Any

JSON = "application/json"
CSV = "text/csv"
HTML = "text/html; charset=utf-8"
ERROR_ID = "1234567890-12345 (123456789)"
# With a status that is not among these, the body is given.
ANSWERS: dict[int, tuple[str, str] | None] = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    500: (
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: "
        + ERROR_ID,
    ),
    502: None,
    503: ("SERVER_UNAVAILABLE", "Server too busy"),
    504: None,
}
TITLES = {
    502: "502 Bad Gateway",
    503: "We are down for maintenance.",
    504: "504 Gateway Time-out",
}


def body_of(status: int, body: Any, html: bool, csv: bool = False) -> tuple[bytes, str]:
    """Give an answer's content and media type: what was asked for, else what the status has."""
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body)
        return text.encode(), CSV if csv else HTML if html or text.startswith("<") else JSON
    known = ANSWERS.get(status)
    if html or known is None:
        title = TITLES.get(status, "Login | Salesforce")
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        return page.encode(), HTML
    return json.dumps([{"message": known[1], "errorCode": known[0]}]).encode(), JSON
