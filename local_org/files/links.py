"""ContentDocumentLink: how a second link of a pair is refused, and what a query must name."""

from __future__ import annotations

from local_org.errors import ApiError
from local_org.records.values import problem
from local_org.soql.tree import Both, Comparison, Condition, Path, Query

LINK = "ContentDocumentLink"
KEYS = ("id", "contentdocumentid", "linkedentityid")
RESTRICTION = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on "
    "ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the "
    "IN operator."
)


def already_linked(document: str, entity: str) -> str:
    """Give SQL for the error of a link that is there; both are SQL for an Id."""
    message = (
        f"concat('Document with ID: ', {document}[:15], "
        f"' is already linked with the entity with ID: ', {entity}[:15])"
    )
    return problem("DUPLICATE_VALUE", message, "LinkedEntityId")


def check_links(query: Query) -> None:
    """Refuse a query of all links there are: it must name documents, records or links."""
    if query.object.lower() == LINK.lower() and not _names_one(query.where):
        raise ApiError(400, "MALFORMED_QUERY", RESTRICTION)


def _names_one(where: Condition | None) -> bool:
    if isinstance(where, Comparison) and isinstance(where.left, Path):
        return where.left.names[-1].lower() in KEYS and where.operator.lower() in ("=", "in")
    if isinstance(where, Both) and where.word.lower() == "and":
        return any(_names_one(part) for part in where.parts)
    return False
