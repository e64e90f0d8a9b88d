"""The errors Salesforce answers with: an HTTP status and a list of code, message and fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOT_FOUND_MESSAGE = "The requested resource does not exist"


@dataclass(eq=False)
class ApiError(Exception):
    """One refused request. `body` is what goes out: a list, nearly always of one error."""

    status: int
    code: str
    message: str
    fields: tuple[str, ...] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    more: tuple[ApiError, ...] = ()

    def body(self) -> list[dict[str, Any]]:
        """Give the JSON body of the answer."""
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            entry["fields"] = list(self.fields)
        return [{**entry, **self.extra}, *(item for each in self.more for item in each.body())]


def not_found(message: str = NOT_FOUND_MESSAGE) -> ApiError:
    """Give the 404 for a path or a record that is not there."""
    return ApiError(404, "NOT_FOUND", message)


def invalid_session() -> ApiError:
    """Give the 401 for a missing, wrong or expired token."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def request_limit() -> ApiError:
    """Give the 403 for a request beyond those of the day."""
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def bad_json(message: str) -> ApiError:
    """Give the 400 for a body that does not parse or holds a value of the wrong type."""
    return ApiError(400, "JSON_PARSER_ERROR", message)
