"""`/composite/tree/X`: up to 200 records with their children, all of them made or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_org.errors import ApiError, bad_json
from local_org.org import Org
from local_org.rest.records import find_object, save_records
from local_org.schema.model import SObject
from local_org.web import json_body, org_of

MAX_RECORDS = 200
MAX_LEVELS = 5
MAX_KINDS = 5
NO_REFERENCE = "Include a reference ID for each record in the request."
TWICE = "Duplicate ReferenceId provided in the request."


@dataclass
class Node:
    """One record of the tree, its Id once it is made."""

    target: SObject
    reference: str
    values: dict[str, Any]
    level: int
    parent: tuple[Node, str] | None = None
    id: str | None = None


@dataclass
class Tree:
    """All records of a request, parents before children, and what is wrong with some."""

    nodes: list[Node] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, reference: str, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        """Note an error of one record."""
        error = {"statusCode": code, "message": message, "fields": list(fields)}
        self.errors.append({"referenceId": reference, "errors": [error]})


class _Refused(Exception):
    """Rolls the transaction back."""


async def plant(request: Request) -> Response:
    """POST /composite/tree/X."""
    org, body = org_of(request), await json_body(request)
    target = find_object(org, request.path_params["object"])
    tree = Tree()
    _grow(org, tree, target, body, None)
    await run_in_threadpool(_save, org, tree)
    if tree.errors:
        return JSONResponse({"hasErrors": True, "results": tree.errors}, status_code=400)
    made = [{"referenceId": node.reference, "id": node.id} for node in tree.nodes]
    return JSONResponse({"hasErrors": False, "results": made}, status_code=201)


def _grow(
    org: Org, tree: Tree, target: SObject, body: Any, parent: tuple[Node, str] | None
) -> None:
    """Add the records of one list, and after each the children it holds."""
    listed = body.get("records") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise bad_json("records: a list of records is required")
    level = parent[0].level + 1 if parent else 1
    if level > MAX_LEVELS:
        raise ApiError(400, "INVALID_INPUT", f"A tree has at most {MAX_LEVELS} levels")
    for given in listed:
        if len(tree.nodes) >= MAX_RECORDS:
            raise ApiError(400, "LIMIT_EXCEEDED", f"A tree has at most {MAX_RECORDS} records")
        node = _node(tree, target, given, level, parent)
        for name, value in given.items():
            if isinstance(value, dict) and "records" in value:
                child, lookup = _relationship(org, target, name)
                _grow(org, tree, child, value, (node, lookup))
    if len({node.target.name for node in tree.nodes}) > MAX_KINDS:
        raise ApiError(400, "INVALID_INPUT", f"A tree has records of at most {MAX_KINDS} objects")


def _node(
    tree: Tree,
    target: SObject,
    given: dict[str, Any],
    level: int,
    parent: tuple[Node, str] | None,
) -> Node:
    attributes = given.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    kind, reference = attributes.get("type"), attributes.get("referenceId")
    if not isinstance(kind, str) or kind.lower() != target.name.lower():
        raise ApiError(400, "INVALID_INPUT", f"attributes: a record of {target.name} is expected")
    if not isinstance(reference, str) or not reference:
        tree.refuse("", "INVALID_INPUT", NO_REFERENCE)
    elif any(each.reference == reference for each in tree.nodes):
        tree.refuse(reference, "INVALID_INPUT", TWICE)
    values = {
        name: value
        for name, value in given.items()
        if name != "attributes" and not (isinstance(value, dict) and "records" in value)
    }
    node = Node(target, str(reference), values, level, parent)
    tree.nodes.append(node)
    return node


def _relationship(org: Org, target: SObject, name: str) -> tuple[SObject, str]:
    for child, lookup in org.view.children(target.name):
        if (lookup.child_relationship or "").lower() == name.lower():
            return child, lookup.name
    message = f"No such column '{name}' on sobject of type {target.name}"
    raise ApiError(400, "INVALID_FIELD", message)


def _save(org: Org, tree: Tree) -> None:
    """Save level by level, the records of one object at once; nothing stays if one is refused."""
    if tree.errors:
        return
    try:
        with org.store.write() as cursor:
            for level in range(1, MAX_LEVELS + 1):
                here = [node for node in tree.nodes if node.level == level]
                for name in dict.fromkeys(node.target.name for node in here):
                    nodes = [node for node in here if node.target.name == name]
                    rows = [_row(node) for node in nodes]
                    results = save_records(org, cursor, nodes[0].target, "insert", rows)
                    for node, result in zip(nodes, results, strict=True):
                        node.id = result.id
                        if result.error is not None:
                            error = result.error
                            tree.refuse(node.reference, error.code, error.message, error.fields)
                if tree.errors:
                    raise _Refused
    except _Refused:
        return
    if any(node.target.name.startswith("PermissionSet") for node in tree.nodes):
        org.reload()


def _row(node: Node) -> dict[str, Any]:
    if node.parent is None:
        return node.values
    above, lookup = node.parent
    return {**node.values, lookup: above.id}


ROUTES = [Route("/composite/tree/{object:str}", plant, methods=["POST"])]
