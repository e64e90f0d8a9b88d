"""What follows a saved ContentVersion: its document, its number, its links. All set-wise.

The versions stand in the temporary table `arrived`: `place` in the request, `id`, whether it was
`created`, the `blob` with `size` and `md5`, `extension` and `kind`; `document` and whether that is
`fresh` are found here.
"""

from __future__ import annotations

import duckdb

from local_org.ids import id_sql
from local_org.org import Org
from local_org.store import literal, next_numbers

NOW = "date_trunc('second', now()::timestamp)"
VERSIONS, DOCUMENTS = 'data."ContentVersion"', 'data."ContentDocument"'
LINKS = 'data."ContentDocumentLink"'
DOCUMENT_PREFIX, LINK_PREFIX = "069", "06A"
PERSONAL = "R"
# What a document shows of its latest version.
SHARED = (
    "Title",
    "Description",
    "FileType",
    "FileExtension",
    "ContentSize",
    "PublishStatus",
    "OwnerId",
    "ContentModifiedDate",
)


def follow(org: Org, cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring documents, versions and links in line with what arrived."""
    user = literal(org.identity.user)
    cursor.execute(
        f"""update arrived set document = v."ContentDocumentId",
            fresh = v."ContentDocumentId" is null
        from {VERSIONS} v where v."Id" = arrived.id"""
    )
    _found_documents(org, cursor, user)
    _number_versions(cursor)
    _fill_versions(cursor, user)
    _link(org, cursor, user)
    _refresh_documents(cursor, user)


def _found_documents(org: Org, cursor: duckdb.DuckDBPyConnection, user: str) -> None:
    counted = cursor.execute("select count(*) from arrived where fresh").fetchone()
    if not counted or not counted[0]:
        return
    first = next_numbers(cursor, DOCUMENT_PREFIX, int(counted[0]))
    new_id = id_sql(DOCUMENT_PREFIX, org.identity.pod, "n")
    cursor.execute(
        f"""update arrived set document = d.document from
        (select id, {new_id} as document from
            (select id, {first - 1} + row_number() over (order by place) as n
            from arrived where fresh)) d
        where d.id = arrived.id"""
    )
    cursor.execute(
        f"""insert into {DOCUMENTS} by name
        select document as "Id", false as "IsDeleted", false as "IsArchived",
            false as "IsInternalOnly", v."OwnerId" as "OwnerId", v."SharingOption",
            v."SharingPrivacy", {NOW} as "CreatedDate", {user} as "CreatedById",
            {NOW} as "LastModifiedDate", {user} as "LastModifiedById", {NOW} as "SystemModstamp"
        from arrived join {VERSIONS} v on v."Id" = arrived.id where fresh"""
    )


def _number_versions(cursor: duckdb.DuckDBPyConnection) -> None:
    """The versions of a document count up, and the last of them is its latest."""
    cursor.execute(
        f"""update {VERSIONS} v set "VersionNumber" = (n.before + n.nth)::varchar
        from (select id,
                row_number() over (partition by document order by place) as nth,
                (select coalesce(max(o."VersionNumber"::integer), 0) from {VERSIONS} o
                where o."ContentDocumentId" = a.document) as before
            from arrived a where created) n
        where v."Id" = n.id"""
    )
    cursor.execute(
        f"""update {VERSIONS} v set "IsLatest" = false from arrived a
        where a.created and not a.fresh and v."ContentDocumentId" = a.document"""
    )
    cursor.execute(
        f"""update {VERSIONS} v set "IsLatest" = true
        from (select arg_max(id, place) as id from arrived where created group by document) a
        where v."Id" = a.id"""
    )


def _fill_versions(cursor: duckdb.DuckDBPyConnection, user: str) -> None:
    cursor.execute(
        f"""insert into org.unlinked select v."VersionData" from {VERSIONS} v
        join arrived a on a.id = v."Id"
        where a.blob is not null and v."VersionData" is not null"""
    )
    cursor.execute(
        f"""update {VERSIONS} v set "ContentDocumentId" = a.document, "FileType" = a.kind,
            "FileExtension" = a.extension,
            "ContentLocation" = case when a.kind = 'LINK' then 'E' else v."ContentLocation" end,
            "FirstPublishLocationId" = coalesce(v."FirstPublishLocationId",
                case when a.fresh then v."OwnerId" end),
            "PublishStatus" = case when a.fresh
                and coalesce(v."FirstPublishLocationId", v."OwnerId")[:3] = '005'
                then {literal(PERSONAL)} else v."PublishStatus" end
        from arrived a where v."Id" = a.id and a.created"""
    )
    cursor.execute(
        f"""update {VERSIONS} v set "VersionData" = a.blob, "ContentSize" = a.size,
            "Checksum" = a.md5, "ContentModifiedById" = {user},
            "ContentModifiedDate" = coalesce(
                case when a.created then v."ContentModifiedDate" end, {NOW})
        from arrived a where v."Id" = a.id and (a.created or a.blob is not null)"""
    )


def _link(org: Org, cursor: duckdb.DuckDBPyConnection, user: str) -> None:
    """A new document is linked to its owner, and to where it was first published."""
    cursor.execute(
        f"""create or replace temp table new_links as
        select row_number() over () as n, document, entity, share from (
            select a.document, v."OwnerId" as entity, 'I' as share
            from arrived a join {VERSIONS} v on v."Id" = a.id where a.fresh
            union all
            select a.document, v."FirstPublishLocationId", 'V'
            from arrived a join {VERSIONS} v on v."Id" = a.id
            where a.fresh and v."FirstPublishLocationId" <> v."OwnerId")"""
    )
    counted = cursor.execute("select count(*) from new_links").fetchone()
    if not counted or not counted[0]:
        return
    first = next_numbers(cursor, LINK_PREFIX, int(counted[0]))
    cursor.execute(
        f"""insert into {LINKS} by name
        select {id_sql(LINK_PREFIX, org.identity.pod, f"({first - 1} + n)")} as "Id",
            false as "IsDeleted", document as "ContentDocumentId", entity as "LinkedEntityId",
            share as "ShareType", 'AllUsers' as "Visibility", {NOW} as "SystemModstamp"
        from new_links"""
    )


def _refresh_documents(cursor: duckdb.DuckDBPyConnection, user: str) -> None:
    """A document shows what its latest version says."""
    sets = ", ".join(f'"{name}" = v."{name}"' for name in SHARED)
    cursor.execute(
        f"""update {DOCUMENTS} d set "LatestPublishedVersionId" = v."Id", {sets},
            "LastModifiedDate" = {NOW}, "LastModifiedById" = {user}, "SystemModstamp" = {NOW}
        from {VERSIONS} v
        where v."ContentDocumentId" = d."Id" and v."IsLatest"
            and d."Id" in (select document from arrived)"""
    )
