"""What an org says when it says no.

Codes and the names of fields are always told. Messages may repeat what was sent (a validation rule
writes its own), so they are told only of requests that carried no record.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from loaders.errors import Exit, UserError

# The day's calls or the org's space are used up: nothing but time or a person helps.
# REQUEST_LIMIT_EXCEEDED comes as 403 (REST API Developer Guide, status codes); ExceededQuota is
# Bulk API 2.0's word.
STOPS = frozenset(
    {"REQUEST_LIMIT_EXCEEDED", "STORAGE_LIMIT_EXCEEDED", "EXCEEDEDQUOTA", "LICENSE_LIMIT_EXCEEDED"}
)


# What takes records: single ones, collections, files, the CSV of a job.
_WRITES = frozenset({"POST", "PATCH", "PUT"})
_RECORDS = re.compile(r"/(sobjects|composite)\b|/batches$")
# REST's and Bulk API's row errors; OAuth's; Bulk API 2.0's own ("Errors" in its guide).
_CODE = re.compile(
    r"[A-Z][A-Z0-9_]{1,79}|[a-z]+(_[a-z]+){1,5}"
    r"|(Client|API)\w{0,8}Error|ExceededQuota|FeatureNotEnabled|Invalid(Batch|Job|JobState|Operation"
    r"|SessionId|Url|User|XML)|MethodNotAllowed|NotFound|Timeout|TooManyLockFailure|Unknown"
)
_FIELD = re.compile(r"[A-Za-z]\w{0,79}(\.\w{1,80}){0,5}")


@dataclass(frozen=True)
class Problem:
    """One error of an error answer. `message` is empty where it may hold a value."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class Refused(UserError):
    """The org answered, and the answer was no."""

    def __init__(self, status: int, problem: Problem, what: str) -> None:
        named = f" {', '.join(problem.fields)}" if problem.fields else ""
        said = f": {problem.message}" if problem.message else ""
        super().__init__(f"The org refused {what}: {problem.code}{named} (HTTP {status}){said}")
        self.status = status
        self.problem = problem


class Stopped(UserError):
    """A quota or storage limit: the work stays where it is and goes on later."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The org stopped taking work: {code}.",
            "Nothing is lost. Run the same command again once the limit allows it.",
            Exit.STOPPED,
        )


class Unreachable(UserError):
    """No answer, or only passing errors, for as long as patience lasted."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(
            f"The org did not answer {what}: {why}.",
            "Check the network and https://status.salesforce.com, then run the same command again.",
        )


def problem_in(response: requests.Response) -> Problem:
    """The first error of an answer; HTML or nothing at all is named for what it is."""
    try:
        body: Any = response.json()
    except ValueError:
        kind = response.headers.get("Content-Type", "no content type").split(";")[0]
        return Problem("UNREADABLE", f"the answer is not JSON but {kind}")
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return Problem("UNREADABLE", "the answer is not an error as Salesforce writes them")
    code = code_of(first.get("errorCode") or first.get("error"))
    said = first.get("message") or first.get("error_description") or ""
    message = "" if _carried_records(response) else " ".join(str(said).split())[:300]
    return Problem(code, message, fields_of(first.get("fields")))


def _carried_records(response: requests.Response) -> bool:
    asked = response.request
    path = urlsplit(asked.url or "").path
    return asked.method in _WRITES and _RECORDS.search(path) is not None


def code_of(said: Any) -> str:
    """An error's code, UNKNOWN where what stands in its place is none."""
    return said if isinstance(said, str) and _CODE.fullmatch(said) else "UNKNOWN"


def fields_of(said: Any) -> tuple[str, ...]:
    """The names of fields that an error gives."""
    listed = said if isinstance(said, list) else []
    return tuple(each for each in listed if isinstance(each, str) and _FIELD.fullmatch(each))


def raise_for(response: requests.Response, what: str) -> None:
    """Raises Stopped for a limit, Refused for any other error answer."""
    problem = problem_in(response)
    if problem.code.upper() in STOPS:
        raise Stopped(problem.code)
    raise Refused(response.status_code, problem, what)
