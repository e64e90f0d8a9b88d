"""What a rollback leaves alone: what somebody edited since, what holds something of theirs, and
all that such a record looks up.

Works on temporary tables: `goals` (see `undo`); `alive` (node, id, stamp, by_user, made) of those
that are there; `edges` (child, parent, field, object) of who looks up whom in the org now;
`unlinked` (child, field) of lookups that a restored record will no longer have; and `protected`
(node, why).
"""

from collections.abc import Iterable

import duckdb

EDITED, LOOKED_UP, REFUSED = "changed since the run", "holds another's", "refused by the org"
ANCESTOR, GONE = "is looked up by one that stays", "deleted since the run"


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables, empty."""
    con.execute(
        "create or replace temp table alive"
        " (node varchar, id varchar, stamp timestamptz, by_user varchar, made timestamptz)"
    )
    con.execute(
        "create or replace temp table edges"
        " (child varchar, parent varchar, field varchar, object varchar)"
    )
    con.execute("create or replace temp table unlinked (child varchar, field varchar)")
    con.execute("create or replace temp table protected (node varchar, why varchar)")


def find(con: duckdb.DuckDBPyConnection, users: Iterable[str]) -> None:
    """Finds what is protected. `users` are those this project worked as."""
    con.execute(
        "insert into protected select a.node, ? from alive as a left join ours as o on o.id = a.id"
        " where not list_contains(?, a.by_user[:15]) or o.stamp is null or a.stamp > o.stamp",
        [EDITED, [user[:15] for user in users]],
    )
    con.execute(
        "insert into protected select distinct on (g.node) g.node, ?"
        " from goals as g anti join alive as a on a.node = g.node where g.what = 'changed'",
        [GONE],
    )
    # A parent that goes would take a child along, or empty its lookup.
    con.execute(
        "insert into protected select e.parent, ? || ' ' || min(e.object) from edges as e"
        " join goals as g on g.node = e.parent and g.what = 'created'"
        " left join goals as c on c.node = e.child"
        " left join unlinked as u on u.child = e.child and u.field = e.field"
        " where (c.node is null or (c.what = 'changed' and u.child is null))"
        " and e.parent not in (select node from protected) group by e.parent",
        [LOOKED_UP],
    )
    close(con)


def also(con: duckdb.DuckDBPyConnection, nodes: list[str]) -> None:
    """Adds what the org would not let go or change; what it looks up has to stay with it."""
    con.execute(
        "insert into protected select distinct node, ? from (select unnest(?::varchar[]) as node)"
        " where node not in (select node from protected)",
        [REFUSED, nodes],
    )
    close(con)


def close(con: duckdb.DuckDBPyConnection) -> None:
    """Protects whatever a protected record looks up, and so on upwards."""
    while True:
        found = con.execute(
            "insert into protected select distinct e.parent, ? from edges as e"
            " join protected as p on p.node = e.child join goals as g on g.node = e.parent"
            " where e.parent not in (select node from protected)",
            [ANCESTOR],
        ).fetchone()
        if not found or not found[0]:
            return
