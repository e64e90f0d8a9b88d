"""Reads SOQL. What it does not know it refuses as MALFORMED_QUERY, as Salesforce does."""

from __future__ import annotations

from local_org.soql.dates import is_range
from local_org.soql.tokens import OBJECTS, Reader
from local_org.soql.tree import (
    AGGREGATES,
    DATE_FUNCTIONS,
    FIELD_SETS,
    SHOWN,
    Both,
    Comparison,
    Condition,
    FieldSet,
    Item,
    Not,
    Operand,
    Order,
    Query,
    TypeOf,
    Value,
    When,
    malformed,
    too_complicated,
)

MAX_DEPTH = 100
IN_WHERE = DATE_FUNCTIONS
IN_GROUPS = (*AGGREGATES, *DATE_FUNCTIONS, "grouping")
SCOPES = ("everything", "mine", "team", "delegated", "my_territory", "my_team_territory", "scoping")


def parse(text: str) -> Query:
    """Give the query; raises the 400 MALFORMED_QUERY where it does not parse."""
    parser = _Parser(text)
    query = parser.query()
    parser.end()
    return query


def parse_condition(text: str) -> Condition:
    """Give a condition that stands alone, as it would behind WHERE."""
    parser = _Parser(text)
    condition = parser.condition(IN_WHERE)
    parser.end()
    return condition


class _Parser(Reader):
    """Walks the tokens once, from left to right."""

    depth = 0

    def end(self) -> None:
        """Refuse what is left over."""
        if self.place < len(self.tokens):
            self.unexpected()

    def query(self) -> Query:
        """Read `SELECT …` up to where it ends or its parenthesis closes."""
        self._deeper()
        self.expect("select")
        items = [self._item()]
        while self.take(","):
            items.append(self._item())
        self.expect("from")
        target = self.name(*OBJECTS)
        alias = self.name().text if self.peek_alias() else None
        self._using()
        where = self.condition(IN_WHERE) if self.take("where") else None
        self._with()
        grouping, group = self._group() if self.take("group") else ("", ())
        having = self.condition(IN_GROUPS) if group and self.take("having") else None
        order = self._order() if self.take("order") else ()
        limit = self.number() if self.take("limit") else None
        offset = self.number() if self.take("offset") else None
        self._closing()
        self.depth -= 1
        return Query(
            self.text,
            tuple(items),
            target.text,
            target.at,
            alias,
            where,
            group,
            grouping,
            having,
            order,
            limit,
            offset,
        )

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_complicated()

    def _using(self) -> None:
        """`USING SCOPE`: the one user of this org sees everything in any of them."""
        if self.take("using"):
            self.expect("scope")
            if self.name().text.lower() not in SCOPES:
                self.place -= 1
                self.unexpected()

    def _with(self) -> None:
        """`WITH SECURITY_ENFORCED` and `USER_MODE` ask for what this org does anyhow."""
        if self.take("with") and self.name().text.lower() not in (
            "security_enforced",
            "user_mode",
            "system_mode",
        ):
            self.place -= 1
            self.unexpected()

    def _closing(self) -> None:
        """What may follow: FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE TRACKING and VIEWSTAT."""
        while self.take("for"):
            if not (self.take("view") or self.take("reference")):
                self.expect("update")
            self.take(",")
        if self.take("update") and not self.take("tracking"):
            self.expect("viewstat")
        if self.take("all"):
            self.expect("rows")
            raise malformed("ALL ROWS not allowed in this context")

    def _item(self) -> Item | FieldSet | TypeOf | Query:
        if self.take("("):
            child = self.query()
            self.expect(")")
            return child
        if self.peek_word("typeof"):
            return self._typeof()
        if self.peek_word("fields") and self._opens():
            return self._field_set()
        operand = self.operand((*IN_GROUPS, *SHOWN))
        alias_at = self.tokens[self.place].at if self.peek_alias() else 0
        alias = self.name().text if self.peek_alias() else None
        return Item(operand, alias, alias_at)

    def _opens(self) -> bool:
        """Tell whether a parenthesis follows the next token."""
        return [each.text for each in self.tokens[self.place + 1 : self.place + 2]] == ["("]

    def _field_set(self) -> FieldSet:
        at = self.next().at
        self.expect("(")
        word = self.next().text.lower()
        if word not in FIELD_SETS:
            self.place -= 1
            self.unexpected()
        self.expect(")")
        return FieldSet(word, at)

    def _typeof(self) -> TypeOf:
        self.expect("typeof")
        path = self.path()
        branches = []
        while self.take("when"):
            kind = self.name(*OBJECTS)
            self.expect("then")
            branches.append(When(kind.text, kind.at, self.paths()))
        if not branches:
            self.unexpected()
        otherwise = self.paths() if self.take("else") else ()
        self.expect("end")
        return TypeOf(path, tuple(branches), otherwise)

    def _group(self) -> tuple[str, tuple[Operand, ...]]:
        self.expect("by")
        for word in ("rollup", "cube"):
            if self.peek_word(word) and self._opens():
                self.expect(word, "(")
                keys = self._group_keys()
                self.expect(")")
                return word, keys
        return "", self._group_keys()

    def _group_keys(self) -> tuple[Operand, ...]:
        keys = [self.operand(DATE_FUNCTIONS)]
        while self.take(","):
            keys.append(self.operand(DATE_FUNCTIONS))
        return tuple(keys)

    def _order(self) -> tuple[Order, ...]:
        self.expect("by")
        keys = [self._order_key()]
        while self.take(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> Order:
        operand = self.operand(IN_GROUPS)
        descending = self.take("desc")
        if not descending:
            self.take("asc")
        nulls_last = False
        if self.take("nulls"):
            nulls_last = self.take("last")
            if not nulls_last:
                self.expect("first")
        return Order(operand, descending, nulls_last)

    def condition(self, functions: tuple[str, ...]) -> Condition:
        """Read `a and b and c` or `a or b`; the two mix only within parentheses."""
        parts = [self._term(functions)]
        word = None
        while self.peek_word("and", "or"):
            found = self.peek().text.lower()
            if word not in (None, found):
                self.unexpected()
            word = found
            self.place += 1
            parts.append(self._term(functions))
        return Both(word, tuple(parts)) if word else parts[0]

    def _term(self, functions: tuple[str, ...]) -> Condition:
        self._deeper()
        made: Condition
        if self.take("not"):
            made = Not(self._term(functions))
        elif self.take("("):
            made = self.condition(functions)
            self.expect(")")
        else:
            made = self._comparison(functions)
        self.depth -= 1
        return made

    def _comparison(self, functions: tuple[str, ...]) -> Comparison:
        left = self.operand(functions)
        token = self.next()
        operator = token.text.lower()
        if operator == "not":
            self.expect("in")
            operator = "not in"
        if operator in ("in", "not in", "includes", "excludes"):
            return self._several(left, operator)
        if token.kind != "operator" and operator != "like":
            raise malformed(f"unexpected token: '{token.text}'")
        return Comparison(left, "!=" if operator == "<>" else operator, (self._value(),))

    def _several(self, left: Operand, operator: str) -> Comparison:
        self.expect("(")
        if operator in ("in", "not in") and self.peek_word("select"):
            inner = self.query()
            self.expect(")")
            return Comparison(left, operator, (), inner)
        values = [self._value()]
        while self.take(","):
            values.append(self._value())
        self.expect(")")
        return Comparison(left, operator, tuple(values))

    def _value(self) -> Value:
        token = self.next()
        if token.kind in ("string", "number", "date", "datetime"):
            return Value(token.kind, token.text, token.at)
        word = token.text.lower()
        if word == "null":
            return Value("null", word, token.at)
        if word in ("true", "false"):
            return Value("boolean", word, token.at)
        if token.kind == "name" and is_range(word):
            return Value("range", word, token.at)
        raise malformed(f"unexpected token: '{token.text}'")
