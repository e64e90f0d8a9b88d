"""What a column is made of, on SQL small enough to see it."""

import pytest

from loaders.lineage.columns import UnresolvedError, columns_of
from loaders.lineage.upstream import Role

TABLES = {
    "people": ["id", "name", "nick", "born", "head", "rank"],
    "places": ["id", "street", "city"],
}


def made_of(sql: str, column: str = "x") -> dict[str, str]:
    found = columns_of(sql, lambda relation: TABLES.get(relation))[column]
    return {".".join([o.relation, o.column, *o.fields]): r.name.lower() for o, r in found.items()}


CASES = {
    "a name": ("select Name as X from People", {"people.name": "arrives"}),
    "an expression": (
        "select trim(name) || ' ' || nick as x from people",
        {"people.name": "arrives", "people.nick": "arrives"},
    ),
    "a case": (
        "select case when born > 0 then name else nick end as x from people",
        {"people.born": "decides", "people.name": "arrives", "people.nick": "arrives"},
    ),
    "words for a code": (
        "select case rank when '1' then 'Active' end as x from people",
        {"people.rank": "arrives"},
    ),
    "nullif": (
        "select nullif(name, nick) as x from people",
        {"people.name": "arrives", "people.nick": "decides"},
    ),
    "a window": (
        "select first_value(name) over (partition by head order by born) as x from people",
        {"people.name": "arrives", "people.head": "decides", "people.born": "decides"},
    ),
    "a named window": (
        "select max(name) over w as x from people window w as (order by born)",
        {"people.name": "arrives", "people.born": "decides"},
    ),
    "an aggregate's order and filter": (
        "select min_by(name, rank) filter (where born > 0) as x from people",
        {"people.name": "arrives", "people.rank": "decides", "people.born": "decides"},
    ),
    "a list's order": (
        "select list(name order by born) as x from people",
        {"people.name": "arrives", "people.born": "decides"},
    ),
    "where is not shown": (
        "select name as x from people where born > 0",
        {"people.name": "arrives"},
    ),
    "ctes": (
        "with a as (select name as y from people), b as (select a.y as x from a) select * from b",
        {"people.name": "arrives"},
    ),
    "a star that leaves out, replaces and renames": (
        "select * exclude (id) replace (nick as name) rename (name as x) from people",
        {"people.nick": "arrives"},
    ),
    "a star of one": (
        "select p.*, q.city as x from people as p cross join places as q",
        {"places.city": "arrives"},
    ),
    "an alias of the same select": (
        "select lower(nick) as y, y || '!' as x from people",
        {"people.nick": "arrives"},
    ),
    "a column before an alias": (
        "select nick as name, name as x from people",
        {"people.name": "arrives"},
    ),
    "a join compares, on the joined side": (
        "select q.city as x from people as p left join places as q on p.head = q.id",
        {"places.city": "arrives", "people.head": "compared", "places.id": "compared"},
    ),
    "a join says nothing of the first": (
        "select p.name as x from people as p left join places as q on p.head = q.id",
        {"people.name": "arrives"},
    ),
    "what decides is not followed to its join": (
        "select case when q.city = '' then p.name end as x "
        "from people as p left join places as q on p.head = q.id",
        {"people.name": "arrives", "places.city": "decides"},
    ),
    "using": (
        "select id as x from people inner join places using (id)",
        {"people.id": "arrives", "places.id": "arrives"},
    ),
    "a union by place": (
        "select name as x from people union all select city from places",
        {"people.name": "arrives", "places.city": "arrives"},
    ),
    "a union by name": (
        "select name as x, id from people union all by name select id, city as x from places",
        {"people.name": "arrives", "places.city": "arrives"},
    ),
    "recursion": (
        "with recursive walk (x, y) as (select id, head from people union "
        "select walk.y, p.rank from walk inner join people as p on walk.y = p.id) "
        "select x from walk",
        {"people.id": "arrives", "people.head": "arrives", "people.rank": "arrives"},
    ),
    "a lambda": (
        "select list_transform([name, nick], lambda y: y || rank) as x from people",
        {"people.name": "arrives", "people.nick": "arrives", "people.rank": "arrives"},
    ),
    "a field of a struct": (
        "with a as (select struct_pack(street := street, city := city) as s from places) "
        "select s.city as x from a",
        {"places.city": "arrives"},
    ),
    "a field of a struct that was chosen": (
        "with a as (select min_by({'s': street, 'c': city}, id) as p from places) "
        "select a.p.c as x from a",
        {"places.city": "arrives", "places.id": "decides"},
    ),
    "a field within a column": (
        "select name.first as x from people",
        {"people.name.first": "arrives"},
    ),
    "unnested in a join": (
        "select t.y.field as x from people as p cross join unnest(p.nick) as t (y)",
        {"people.nick.field": "arrives"},
    ),
    "unnested in a select": (
        "select unnest([name, nick]) as x from people",
        {"people.name": "arrives", "people.nick": "arrives"},
    ),
    "values": ("select v.x from (values ('a', 1), ('b', 2)) as v (x, y)", {}),
    "a subquery": (
        "select (select max(q.city) from places as q where q.id = p.head) as x from people as p",
        {"places.city": "arrives"},
    ),
    "exists": (
        "select case when exists (select q.city from places as q) then name end as x from people",
        {"people.name": "arrives", "places.city": "decides"},
    ),
    "files": (
        "select name as x from read_parquet('raw/patient/*.parquet')",
        {"READ_PARQUET('raw/patient/*.parquet').name": "arrives"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_column_is_made_of(case: str) -> None:
    sql, expected = CASES[case]
    assert made_of(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "select nobody as x from people",
        "select p.nobody as x from people as p",
        "select q.* from people as p",
        "select * from read_parquet('raw/*.parquet')",
    ],
)
def test_what_cannot_be_followed_is_said(sql: str) -> None:
    with pytest.raises(UnresolvedError):
        columns_of(sql, lambda relation: TABLES.get(relation))


def test_columns_keep_their_order() -> None:
    found = columns_of("select p.*, 1 as Last from people as p", lambda name: TABLES.get(name))
    assert list(found) == [*TABLES["people"], "last"]
    assert Role.ARRIVES > Role.COMPARED > Role.DECIDES
