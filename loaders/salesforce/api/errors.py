"""What an org says when it says no."""

from dataclasses import dataclass
from typing import Any

import requests

from loaders.errors import Exit, UserError

# The day's calls or the org's space are used up: nothing but time or a person helps.
# REQUEST_LIMIT_EXCEEDED comes as 403 (REST API Developer Guide, status codes); ExceededQuota is
# Bulk API 2.0's word.
STOPS = frozenset(
    {"REQUEST_LIMIT_EXCEEDED", "STORAGE_LIMIT_EXCEEDED", "EXCEEDEDQUOTA", "LICENSE_LIMIT_EXCEEDED"}
)


@dataclass(frozen=True)
class Problem:
    """One error of an error answer."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class Refused(UserError):
    """The org answered, and the answer was no."""

    def __init__(self, status: int, problem: Problem, what: str) -> None:
        super().__init__(
            f"The org refused {what}: {problem.code} (HTTP {status}): {problem.message}",
        )
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
    """The first error of an answer; HTML or nothing at all is named for what it is.

    Messages are cut short: they may repeat what was sent.
    """
    try:
        body: Any = response.json()
    except ValueError:
        kind = response.headers.get("Content-Type", "no content type").split(";")[0]
        return Problem("UNREADABLE", f"the answer is not JSON but {kind}")
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return Problem("UNREADABLE", "the answer is not an error as Salesforce writes them")
    code = first.get("errorCode") or first.get("error") or "UNKNOWN"
    message = first.get("message") or first.get("error_description") or ""
    named = first.get("fields")
    fields = tuple(str(name) for name in named) if isinstance(named, list) else ()
    return Problem(str(code), " ".join(str(message).split())[:300], fields)


def raise_for(response: requests.Response, what: str) -> None:
    """Raises Stopped for a limit, Refused for any other error answer."""
    problem = problem_in(response)
    if problem.code.upper() in STOPS:
        raise Stopped(problem.code)
    raise Refused(response.status_code, problem, what)
