"""Reads what the org holds now of a run's records, and finds what a rollback must leave alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders import terminal
from loaders.errors import Exit, UserError
from loaders.salesforce.api import bulk, children, files, records
from loaders.salesforce.api.children import MADE, MADE_BY, Lookup
from loaders.salesforce.api.org import Org
from loaders.salesforce.api.retry import Polling
from loaders.salesforce.commands.before import Reader
from loaders.salesforce.ledger import protect, results
from loaders.salesforce.ledger import undo as ledger
from loaders.salesforce.ledger.plan import StepPlan
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.undo import Undo, restorable, touched_last

_DOCUMENTS_A_QUERY = 1_000
_HANGING = (
    "hanging (object varchar, field varchar, child varchar, parent varchar, made varchar,"
    " made_by varchar, changed varchar)"
)


@dataclass
class Guard:
    """What looking needs; afterwards, the lookups the org would not let this user ask by."""

    org: Org
    undo: Undo
    folder: Path
    users: tuple[str, ...]
    unasked: list[str] = field(default_factory=list)

    @property
    def reader(self) -> Reader:
        """Reads records back."""
        return Reader(self.org, self.undo.con, self.folder / "pages")

    def look(self) -> None:
        """Makes `goals`, `alive`, `edges`, `unlinked` and `protected`, and the views of what is
        there now."""
        con = self.undo.con
        ledger.find(self.undo)
        touched_last(self.undo)
        protect.start(con)
        described: dict[str, dict[str, Any] | None] = {
            sobject: self.org.describe(sobject) for sobject in self.undo.objects
        }
        self._read(described)
        self._documents()
        self._unlinked()
        known = children.queryable(self.org)
        con.execute(f"create or replace temp table {_HANGING}")
        with terminal.watching("Asking who looks up the records") as tell:
            for sobject, plans in self.undo.objects.items():
                tell(sobject)
                describe = described[sobject]
                if describe is not None and not any(plan.binary for plan in plans):
                    for lookup in children.lookups(self.org, describe, known, described):
                        self._children(lookup, sobject, plans[0].external_id)
        self._hang()
        protect.find(con, self.users)

    def _read(self, described: Mapping[str, dict[str, Any] | None]) -> None:
        for sobject, plans in self.undo.objects.items():
            describe = described[sobject]
            if describe is None:
                raise UserError(
                    f"The org has no object {sobject} that this user sees.",
                    "A rollback needs the rights that the run had.",
                    Exit.BLOCKED,
                )
            self.read_now(sobject, plans, self._references(describe))

    def _references(self, describe: dict[str, Any]) -> list[str]:
        """The lookups of an object that may point at records of this run."""
        ours = set(self.undo.objects)
        return [
            str(f["name"])
            for f in describe["fields"]
            if f["type"] == "reference" and ours & set(f["referenceTo"] or ())
        ]

    def read_again(self) -> None:
        """Brings the views of what is there, and `alive`, up to the present."""
        self.undo.con.execute("delete from alive")
        # A file that got its bytes back has them in a further version.
        self.undo.con.execute(
            "update goals set id = f.id from files as f where f.org = ? and f.step = goals.step"
            " and f.key = goals.key and goals.what = 'changed'",
            [self.undo.org_id],
        )
        for sobject, plans in self.undo.objects.items():
            self.read_now(sobject, plans, ())

    def read_now(self, sobject: str, plans: list[StepPlan], references: Iterable[str]) -> None:
        """Reads an object's records of the run as they are; `alive` and `edges` of them."""
        con, view = self.undo.con, self.undo.now(sobject)
        fields = [c.api_name for plan in plans for c in restorable(plan)]
        binary = any(plan.binary for plan in plans)
        more = [files.DOCUMENT, files.LATEST, files.CHECKSUM] if binary else []
        about = ["Id", records.CHANGED, records.CHANGED_BY, MADE, plans[0].external_id]
        wanted = list(dict.fromkeys([*about, *references, *fields, *more]))
        goals = f"select id from goals where object = {text(sobject)}"
        file = self.folder / f"{view}.parquet"
        self.reader.read(plans[0], wanted, goals, file, without_key=f"{goals} and unkeyed")
        con.execute(
            f"create or replace temp view {view} as select * from read_parquet({text(file)})"
        )
        # Somebody's own further version of a file is theirs.
        edited = f"{name(files.LATEST)} = 'false'" if binary else "false"
        con.execute(
            f"insert into alive select g.node, g.id, case when {edited} then null"
            f" else try_cast(n.{records.CHANGED} as timestamptz) end,"
            f" case when {edited} then '' else n.{records.CHANGED_BY} end,"
            f" try_cast(n.{MADE} as timestamptz)"
            f' from goals as g join {view} as n on n."Id" = g.id where g.object = ?',
            [sobject],
        )
        for reference in references:
            if not binary:
                con.execute(
                    f"insert into edges select g.node, n.{name(reference)}, ?, ?"
                    f' from goals as g join {view} as n on n."Id" = g.id'
                    f" where g.object = ? and n.{name(reference)} is not null",
                    [reference, sobject, sobject],
                )

    def _documents(self) -> None:
        """What documents of the run are shown on; a link that is not of the run's making, or to
        where the file was not put, is somebody's."""
        con, undo = self.undo.con, self.undo
        for plan in undo.plans:
            if not plan.binary:
                continue
            rows = con.execute(
                "select node from goals where object = ? order by 1", [plan.object]
            ).fetchall()
            pages: list[Path] = []
            for start in range(0, len(rows), _DOCUMENTS_A_QUERY):
                listed = [str(r[0]) for r in rows[start : start + _DOCUMENTS_A_QUERY]]
                soql = files.links_of(listed)
                pages += bulk.query_all(self.org, soql, Polling(), self.folder / "pages")
            found = results.union(pages, [files.DOCUMENT, files.LINKED])
            con.execute(
                "create or replace temp table shown as select distinct"
                f" {name(files.DOCUMENT)} as node, {name(files.LINKED)} as record from ({found})"
            )
            con.execute(
                "insert into edges select node, record, record, ? from shown", [plan.object]
            )
            # Where the run moved a file to, it does not stay.
            con.execute(
                "insert into unlinked select g.node, f.location from goals as g"
                " join files as f on f.org = $org and f.step = g.step and f.key = g.key"
                " join replaced_files as b on b.org = $org and b.step = g.step and b.key = g.key"
                " and b.by_run = $run where g.object = $object and g.what = 'changed'"
                " and f.location is distinct from b.location",
                {"org": undo.org_id, "run": undo.run, "object": plan.object},
            )
            # Whatever else it is shown on stands for somebody who looks at it.
            con.execute(
                "insert into edges select 'shown on ' || s.record, s.node, ?, ? from shown as s"
                " join goals as g on g.node = s.node left join files as f"
                " on f.org = ? and f.step = g.step and f.key = g.key"
                " where s.record is distinct from f.location"
                " and not list_contains(?, s.record[:15])",
                [
                    *(files.LINKED, files.LINK, undo.org_id),
                    [user[:15] for user in self.users],
                ],
            )

    def _unlinked(self) -> None:
        """The lookups that restored records will no longer have."""
        con, undo = self.undo.con, self.undo
        for plan in undo.plans:
            if plan.name not in undo.images or plan.binary:
                continue
            for c in restorable(plan):
                if c.lookup:
                    con.execute(
                        f"insert into unlinked select g.node, ? from {name('image_' + plan.name)}"
                        f' as i join goals as g on g.id = i."Id" join {undo.now(plan.object)} as n'
                        f" on n.\"Id\" = g.id where g.what = 'changed'"
                        f" and i.{name(c.api_name)} is distinct from n.{name(c.api_name)}",
                        [c.api_name],
                    )

    def _children(self, lookup: Lookup, sobject: str, key: str) -> None:
        """Other records that look up one that the run created."""
        rows = self.undo.con.execute(
            "select g.id from goals as g join alive as a on a.node = g.node"
            " where g.object = ? and g.what = 'created' order by 1 limit ?",
            # One more than are asked for by Id tells that they are too many for that.
            [sobject, children.MOST_BY_ID + 1],
        ).fetchall()
        if not rows:
            return
        ids = [str(row[0]) for row in rows]
        pages = self.folder / "pages"
        found = children.pointing(self.org, lookup, sobject, key, ids, pages)
        if found is None:
            self.unasked.append(f"{lookup.object}.{lookup.field}")
            return
        _stage(self.undo, lookup, found)

    def _hang(self) -> None:
        """Who else looks up what the run created. What the org itself made of records, as our own
        user and before the job was over that made them, is nobody's."""
        self.undo.con.execute(
            """
            insert into edges
            select child, parent, field, object
            from (
                select
                    h.*,
                    list_contains(?, h.made_by[:15])
                    and try_cast(h.made as timestamptz) >= min(a.made) over whole
                    and try_cast(h.changed as timestamptz) < max(o.stamp) over whole as by_itself
                from hanging as h
                join goals as g on g.node = h.parent and g.what = 'created'
                left join alive as a on a.node = h.parent
                left join ours as o on o.id = a.id
                window whole as (partition by h.object, h.child)
            )
            where not coalesce(by_itself, false) and child not in (select node from goals)
            """,
            [[user[:15] for user in self.users]],
        )


def _stage(undo: Undo, lookup: Lookup, found: list[Path] | list[dict[str, Any]]) -> None:
    """Puts records that look up others into the table `hanging`."""
    columns = ["Id", lookup.field, MADE, MADE_BY, records.CHANGED]
    if lookup.object == files.LINK:
        # A link stands for the document that it shows.
        columns[0] = files.DOCUMENT
    pages = [each for each in found if isinstance(each, Path)]
    if pages:
        chosen = ", ".join([text(lookup.object), text(lookup.field), *map(name, columns)])
        rows_of = results.union(pages, columns)
        undo.con.execute(f"insert into hanging select {chosen} from ({rows_of})")
        for page in pages:
            page.unlink()
        return
    rows = [each for each in found if isinstance(each, dict)]
    undo.con.execute(
        "insert into hanging select $object, $field, unnest($a::varchar[]), unnest($b::varchar[]),"
        " unnest($c::varchar[]), unnest($d::varchar[]), unnest($e::varchar[])",
        {"object": lookup.object, "field": lookup.field}
        | {k: [row.get(c) for row in rows] for k, c in zip("abcde", columns, strict=True)},
    )
