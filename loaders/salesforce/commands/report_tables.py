"""The report's tables: what the marts of the migration list, without a value of the source unless a
person asked for them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import Exit, UserError
from loaders.lineage.rows import field_rows
from loaders.report.table import MOST_ROWS, Column, Table
from loaders.salesforce.ledger import tally
from loaders.salesforce.ledger.sql import name, text
from loaders.salesforce.ledger.steps import Project, relation_of

_PRACTICE = Column("Practice", choose=True)
_FILE, _LINE = Column("File"), Column("Line", "number")


def relation(project: Project, model: str) -> str:
    """A model's table in the attached warehouse. Raises UserError where there is no such model."""
    for node in project.nodes.values():
        if node["resource_type"] == "model" and node["name"] == model:
            return f"warehouse.{relation_of(node)}"
    raise UserError(f"There is no model {model}.", "Run `dbt build` in the whole project.")


def rows(con: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query gives. Raises UserError where the marts it reads are not built as they are
    written."""
    try:
        return con.execute(query, values).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise UserError(
            "The marts are not built, or not as they are written now.",
            "Run `dbt build`, then `load-sf report`.",
            Exit.BLOCKED,
        ) from None


class Lists:
    """Makes tables of marts. `with_values` adds the columns that hold values of the source;
    `queries` gives all rows of each table that was made of one mart."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, project: Project, *, with_values: bool
    ) -> None:
        self._con = con
        self._project = project
        self._with_values = with_values
        self.queries: dict[str, str] = {}

    def corrections(self) -> Table:
        """Everything that is to be put right."""
        return self._table(
            ("corrections", "Everything found wrong, with its place in the export"),
            "corrections",
            {
                "practice": _PRACTICE,
                "who": Column("Who", choose=True),
                "case when held_back then 'held back' else 'loads without it' end": Column(
                    "Meanwhile", choose=True
                ),
                "class": Column("Class", "code", choose=True),
                "action": Column("What to do", "words"),
                "file": _FILE,
                "line": _LINE,
                "key": Column("Key", "key"),
                "nullif(concat_ws('.', object, field), '')": Column("Field", "code"),
                "waits_for": Column("Waits for", "key"),
            },
            {'"value"': Column("Value in the source")},
            "held_back desc, who, class, practice, file, line, key, field",
        )

    def to_do(self) -> Table:
        """The corrections, counted by who must act and what to do."""
        found = rows(
            self._con,
            "select who, action, class, count(*), count(*) filter (where held_back)"
            f" from {relation(self._project, 'corrections')} where class <> 'parent_held_back'"
            " group by all order by who, 5 desc, 4 desc, action",
        )
        columns = (
            *(Column("Who", choose=True), Column("What to do", "words"), Column("Class", "code")),
            *(Column("Places", "number"), Column("Held back", "number")),
        )
        return Table("to-do", "What to do, by who can do it", columns, found)

    def classes(self) -> Table:
        """The corrections, counted by class."""
        found = rows(
            self._con,
            "select class, count(*) filter (where held_back), count(*) filter (where not held_back)"
            f" from {relation(self._project, 'corrections')}"
            " group by class order by count(*) desc, class",
        )
        columns = (
            *(Column("Class", "code"), Column("Held back", "number")),
            Column("Loads without it", "number"),
        )
        return Table("classes", "Corrections by class of problem", columns, found)

    def source_counts(self) -> Table:
        """Where every row of every table went."""
        return self._table(
            ("sources", "In file = landed + rejected; landed = the four columns after it"),
            "source_counts",
            {
                "practice": _PRACTICE,
                "table_name": Column("Table", "code"),
                "rows_in_file": Column("In file", "number"),
                "rejected": Column("Rejected", "number"),
                "landed": Column("Landed", "number"),
                "records": Column("In records", "number"),
                "merged": Column("Merged", "number"),
                "skipped": Column("Skipped by rule", "number"),
                "held_back": Column("Held back", "number"),
            },
            {},
            "practice, table_name",
        )

    def differing_balances(self) -> Table:
        """Families and patients whose money is not what the source says."""
        return self._table(
            ("balances", "Balances that differ, or that the source does not tell"),
            "control_totals",
            {
                "practice": _PRACTICE,
                "case kind when 'guarantor' then 'family' else kind end": Column(
                    "Of a", choose=True
                ),
                "key": Column("Key", "key"),
                "source_amount": Column("Source says", "money"),
                "mart_amount": Column("Salesforce", "money"),
                "difference": Column("Difference", "money"),
                "held_back_amount": Column("Held back", "money"),
                "case when difference is null then 'the source does not tell'"
                " when difference = held_back_amount then 'what is held back'"
                " else 'to be looked at' end": Column("Why", choose=True),
            },
            {},
            "abs(difference) desc nulls last, practice, key",
            "kind <> 'month' and difference is distinct from 0",
        )

    def months(self) -> Table:
        """The ledger per month and kind of entry."""
        return self._table(
            ("months", "The ledger by month and kind of entry"),
            "control_totals",
            {
                "practice": _PRACTICE,
                "coalesce(month, key)": Column("Month"),
                "transaction_type": Column("Kind", choose=True),
                "source_amount": Column("Source", "money"),
                "mart_amount": Column("Salesforce", "money"),
                "held_back_amount": Column("Held back", "money"),
                "difference - held_back_amount": Column("Unexplained", "money"),
            },
            {},
            "2 desc, practice, transaction_type",
            "kind = 'month'",
        )

    def merges(self) -> Table:
        """Duplicates that arrive as one record."""
        return self._table(
            ("merges", "Patients' rows that were somebody the practice had already"),
            "merges",
            {
                "practice": _PRACTICE,
                "merged_key": Column("This row", "key"),
                "survivor_key": Column("is this record", "key"),
                "rule": Column("By rule", choose=True),
                "file": _FILE,
                "line": _LINE,
            },
            {},
            "practice, merged_key",
        )

    def owners(self) -> Table:
        """People of the source whom no user answers to. A word that names nobody is a value."""
        person = "person_id"
        if not self._with_values:
            person = f"case when person_kind <> 'unknown' then {person} end"
        return self._table(
            ("owners", "People of the source who have no one active user"),
            "owner_report",
            {
                "practice": _PRACTICE,
                "person_kind": Column("Kind", choose=True),
                person: Column("Id in the source", "code"),
                "needs_user": Column("Needs a user", choose=True),
                "is_inactive": Column("Has left", choose=True),
                "reason": Column("Why nobody was found", choose=True),
                "file": _FILE,
                "line": _LINE,
            },
            {
                "first_name": Column("First name"),
                "last_name": Column("Last name"),
                "email": Column("E-mail"),
            },
            "needs_user desc, practice, person_kind, file, line",
        )

    def open_claims(self) -> Table:
        """Claims under way."""
        return self._table(
            ("claims", "Insurance claims under way: they do not move"),
            "open_claims",
            {
                "practice": _PRACTICE,
                "claim_id": Column("Claim", "code"),
                "patient_key": Column("Patient", "key"),
                "billed": Column("Billed", "money"),
                "received": Column("Received", "money"),
                "outstanding": Column("Still to come", "money"),
                "file": _FILE,
                "line": _LINE,
            },
            {"carrier": Column("Carrier"), "claim_date": Column("Date")},
            "practice, outstanding desc, claim_id",
        )

    def recalls(self) -> Table:
        """What to build anew for each recall rule."""
        return self._table(
            ("recalls", "Each rule, who has it, and the Flow to build"),
            "recall_rebuild",
            {
                "practice": _PRACTICE,
                "rule": Column("Rule"),
                '"interval"': Column("How often"),
                "provider_type": Column("Seen by"),
                "patients": Column("Patients", "number"),
                "patients_with_date": Column("With a date", "number"),
                "patients_due": Column("Due", "number"),
                "flow_to_build": Column("Flow to build", "words"),
            },
            {"next_due_date": Column("Next due")},
            "practice, patients desc, rule",
        )

    def fields(self) -> Table:
        """Where each Salesforce field is from, and by which rule; examples are of the demo."""
        columns = (
            *(Column("Object", "code", choose=True), Column("Field", "code")),
            *(Column("Type", choose=True), Column("Rule", "words"), Column("From", "code")),
            *(Column("Decided by", "code"), Column("For example (made up)", "words")),
            Column("Step", "code", choose=True),
        )
        found = [
            (
                *(row.object, row.field, row.type, row.rule.replace("`", "")),
                *(", ".join(row.sources), ", ".join(row.decided_by)),
                *(str(row.example) if row.example else None, row.step),
            )
            for row in field_rows(self._project.steps)
        ]
        return Table("fields", "Every field that is filled", columns, found)

    def rejected(self, lists: Sequence[Path]) -> Table:
        """What the org refused, run by run, from the runs' own lists."""
        columns = (
            *(Column("Run", "code", choose=True), Column("Object", "code", choose=True)),
            *(Column("Key", "key"), Column("Code", "code", choose=True)),
            *(Column("Fields", "code"), Column("Duplicate rule"), Column("What to do", "words")),
            *(_FILE, _LINE),
        )
        found, total = [], 0
        if lists:
            source = f"read_parquet({_listed(lists)}, filename = true)"
            found = rows(
                self._con,
                "select split_part(filename, '/', -2) as run, object, key, code, fields, rule,"
                f" advice, file, line from {source} order by run desc, object, key"
                f" limit {MOST_ROWS}",
            )
            total = int(rows(self._con, f"select count(*) from {source}")[0][0])
        return Table("rejects", "What the org refused, by run", columns, found, total)

    def lives(self, org: str, lists: Sequence[Path]) -> Table:
        """What became of the records that a correction or a refusal names."""
        keys = f"select key from {relation(self._project, 'corrections')} where key is not null"
        if lists:
            keys += f" union select key from read_parquet({_listed(lists)})"
        columns = (
            *(Column("Key", "key"), Column("Object"), Column("Step"), Column("Outcome")),
            *(Column("Id"), Column("Error"), Column("Run"), Column("Job"), Column("When")),
        )
        found = tally.lives(self._con, self._project, org, keys, MOST_ROWS)
        return Table("lives", "Records", columns, found)

    def _table(
        self,
        about: tuple[str, str],
        model: str,
        columns: dict[str, Column],
        values: dict[str, Column],
        order: str,
        where: str = "true",
    ) -> Table:
        wanted = columns | (values if self._with_values else {})
        table = relation(self._project, model)
        named = ", ".join(f"{what} as {name(column.label)}" for what, column in wanted.items())
        query = f"select {named} from {table} where {where} order by {order}"
        found = rows(self._con, f"{query} limit {MOST_ROWS}")
        self.queries[about[0]] = query
        total = rows(self._con, f"select count(*) from {table} where {where}")[0][0]
        return Table(*about, tuple(wanted.values()), found, int(total))


def _listed(files: Sequence[Path]) -> str:
    return f"[{', '.join(map(text, files))}]"
