"""`/composite` and `/composite/batch`: up to 25 requests in one, one after the other.

Each goes through the routes any other request goes through. With allOrNone all of them share one
transaction (see `Store.together`), in an event loop and a thread of their own.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.errors import ApiError, bad_json
from local_org.rest.calls import Answer, call, error
from local_org.web import json_body, org_of

MAX_REQUESTS = 25
MAX_QUERIES = 5
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD")
VERSIONED = re.compile(r"/services/data/v\d+\.0(/.*)")
WITHIN = re.compile(r"/(sobjects|query|queryAll|limits|composite/(sobjects|tree))(?![^/?])")
MANY = re.compile(r"/(query|queryAll|composite/sobjects)(?![^/?])")
REFERENCE_ID = re.compile(r"[A-Za-z0-9]\w*", re.ASCII)
REFERENCE = re.compile(r"@\{([^{}]*)\}")
STEP = re.compile(r"\.(\w+)|\[(\d{1,6})\]", re.ASCII)
SEALED_HEADERS = ("accept", "authorization", "content-type", "content-length", "host")
ROLLED_BACK = (
    "The transaction was rolled back since another operation in the same transaction failed."
)


@dataclass(frozen=True)
class Subrequest:
    """One request of a composite, as given."""

    method: str
    url: str
    body: Any
    headers: dict[str, str]
    reference: str


class NoValue(Exception):
    """A reference to what no earlier answer holds; the text is the reference."""


async def composite(request: Request) -> Response:
    """POST /composite."""
    body = await json_body(request)
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given:
        raise bad_json("compositeRequest: a list of requests is required")
    _limit(len(given))
    requests = [_subrequest(each) for each in given]
    _check(requests)
    if body.get("allOrNone") is True:
        answers = await _together(request, requests)
    else:
        answers = await _in_turn(request, requests, lambda _: True)
    shown = [
        {
            "body": answer.body,
            "httpHeaders": answer.headers,
            "httpStatusCode": answer.status,
            "referenceId": each.reference,
        }
        for each, answer in zip(requests, answers, strict=True)
    ]
    return JSONResponse({"compositeResponse": shown})


def _limit(count: int) -> None:
    if count > MAX_REQUESTS:
        message = f"The number of subrequests exceeds the limit of {MAX_REQUESTS}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _subrequest(given: Any) -> Subrequest:
    if not isinstance(given, dict):
        raise bad_json("compositeRequest: each is an object")
    method, url = given.get("method"), given.get("url")
    reference, headers = given.get("referenceId"), given.get("httpHeaders") or {}
    if method not in METHODS:
        raise bad_json(f"compositeRequest: no HTTP method: {method}")
    if not isinstance(url, str) or not isinstance(reference, str) or not isinstance(headers, dict):
        raise bad_json("compositeRequest: method, url and referenceId are required")
    if not all(isinstance(value, str) for value in headers.values()):
        raise bad_json("httpHeaders: a map of texts is required")
    sealed = next((name for name in headers if name.lower() in SEALED_HEADERS), None)
    if sealed is not None:
        raise ApiError(400, "INVALID_HTTP_HEADER", f"The header {sealed} cannot be set here")
    return Subrequest(method, url, given.get("body"), headers, reference)


def _check(requests: list[Subrequest]) -> None:
    seen: set[str] = set()
    for each in requests:
        if not REFERENCE_ID.fullmatch(each.reference):
            raise bad_json(
                f"Provided referenceId ('{each.reference}') must start with a letter or a number, "
                "and it can contain only letters, numbers and underscores ('_')."
            )
        if each.reference in seen:
            raise bad_json(f"Duplicate referenceId found: {each.reference}")
        seen.add(each.reference)
    many = [each for each in requests if MANY.match(_path(each.url) or "")]
    if len(many) > MAX_QUERIES:
        message = f"Cannot exceed {MAX_QUERIES} query or sObject Collections subrequests"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _path(url: str) -> str | None:
    match = VERSIONED.fullmatch(url)
    return match[1] if match else None


async def _together(request: Request, requests: list[Subrequest]) -> list[Answer]:
    """Do all of them in one transaction; the first that fails takes all the others back."""
    org = org_of(request)

    def work() -> list[Answer]:
        with org.store.together() as shared:

            def going(answer: Answer) -> bool:
                shared.failed = shared.failed or answer.failed
                return not shared.failed

            answers = asyncio.run(_in_turn(request, requests, going, strict=True))
        if not shared.failed:
            return answers
        # Grants may have been read that are no more.
        org.reload()
        halted = error(400, "PROCESSING_HALTED", ROLLED_BACK)
        return [
            answers[-1] if place == len(answers) - 1 else halted for place in range(len(requests))
        ]

    return await anyio.to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))


async def _in_turn(
    request: Request,
    requests: list[Subrequest],
    going: Callable[[Answer], bool],
    *,
    strict: bool = False,
) -> list[Answer]:
    """Do one after the other, as long as `going` holds of the answer."""
    answers: list[Answer] = []
    known: dict[str, Answer] = {}
    for each in requests:
        answer = await _one(request, each, known, strict)
        answers.append(answer)
        known[each.reference] = answer
        if not going(answer):
            break
    return answers


async def _one(
    request: Request, given: Subrequest, known: dict[str, Answer], strict: bool
) -> Answer:
    try:
        url = str(_filled(given.url, known, within_url=True))
        body = _filled_all(given.body, known)
    except NoValue as missing:
        name = str(missing).partition(".")[0].partition("[")[0]
        message = f"Invalid reference specified. No value for {missing} found in {name}"
        return error(400, "PROCESSING_HALTED", message)
    path = _path(url)
    if path is None or not WITHIN.match(path):
        return error(400, "PROCESSING_HALTED", f"The URL is not one a composite takes: {url}")
    if strict and path.startswith("/composite/sobjects"):
        url, body = _strictly(given.method, url, body)
    return _located(await call(request, given.method, url, given.headers, body), given, url)


def _strictly(method: str, url: str, body: Any) -> tuple[str, Any]:
    """The allOrNone of a composite goes before that of a collection in it."""
    if method == "DELETE":
        return re.sub(r"[?&]allOrNone=[^&]*", "", url) + "&allOrNone=true", body
    return url, {**body, "allOrNone": True} if isinstance(body, dict) else body


def _located(answer: Answer, given: Subrequest, url: str) -> Answer:
    """Add where a record made by it is."""
    if answer.status != 201 or not isinstance(answer.body, dict) or answer.headers:
        return answer
    path = re.match(r"(/services/data/v\d+\.0/sobjects/\w+)", url)
    made = answer.body.get("id")
    if path is None or made is None:
        return answer
    return Answer(answer.status, answer.body, {"Location": f"{path[1]}/{made}"})


def _filled(text: str, known: dict[str, Answer], *, within_url: bool = False) -> Any:
    """Give a text with its references replaced; one that is all of the text keeps its type."""
    whole = REFERENCE.fullmatch(text)
    if whole is not None and not within_url:
        return _look_up(whole[1], known)

    def one(match: re.Match[str]) -> str:
        value = _look_up(match[1], known)
        shown = value if isinstance(value, str) else json.dumps(value)
        return quote(shown, safe="") if within_url else shown

    return REFERENCE.sub(one, text)


def _filled_all(value: Any, known: dict[str, Answer]) -> Any:
    if isinstance(value, str):
        return _filled(value, known)
    if isinstance(value, list):
        return [_filled_all(each, known) for each in value]
    if isinstance(value, dict):
        return {name: _filled_all(each, known) for name, each in value.items()}
    return value


def _look_up(reference: str, known: dict[str, Answer]) -> Any:
    """Give what an earlier answer holds at `ref.records[0].Id`; raises NoValue."""
    match = re.match(r"\w+", reference, re.ASCII)
    answer = known.get(match[0]) if match else None
    rest = reference[match.end() :] if match else ""
    steps = list(STEP.finditer(rest))
    if answer is None or answer.status >= 400 or "".join(step[0] for step in steps) != rest:
        raise NoValue(reference)
    value = answer.body
    for step in steps:
        if step[1] is not None and isinstance(value, dict) and step[1] in value:
            value = value[step[1]]
        elif step[2] is not None and isinstance(value, list) and int(step[2]) < len(value):
            value = value[int(step[2])]
        else:
            raise NoValue(reference)
    if value is None:
        raise NoValue(reference)
    return value


async def batch(request: Request) -> Response:
    """POST /composite/batch: requests that know nothing of each other."""
    body = await json_body(request)
    given = body.get("batchRequests")
    if not isinstance(given, list) or not given or not all(isinstance(x, dict) for x in given):
        raise bad_json("batchRequests: a list of requests is required")
    _limit(len(given))
    for each in given:
        if each.get("method") not in METHODS or not isinstance(each.get("url"), str):
            raise bad_json("batchRequests: method and url are required")
    halting, halted = body.get("haltOnError") is True, False
    results = []
    for each in given:
        if halted:
            message = "A previous request of this batch failed"
            answer = error(412, "BATCH_PROCESSING_HALTED", message)
        else:
            answer = await _of_batch(request, each)
        halted = halting and answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.body})
    wrong = any(each["statusCode"] >= 400 for each in results)
    return JSONResponse({"hasErrors": wrong, "results": results})


async def _of_batch(request: Request, given: dict[str, Any]) -> Answer:
    url = given["url"].removeprefix("/services/data").lstrip("/")
    whole = f"/services/data/{url}"
    if not WITHIN.match(_path(whole) or ""):
        return error(404, "NOT_FOUND", "The requested resource does not exist")
    return await call(request, given["method"], whole, {}, given.get("richInput"))


ROUTES = [
    Route("/composite", composite, methods=["POST"]),
    Route("/composite/batch", batch, methods=["POST"]),
]
