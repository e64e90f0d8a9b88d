"""Which parts of an expression give its value, and which only decide over it."""

from collections.abc import Iterator

from sqlglot import exp

# Parts of an expression that only decide, by their names in sqlglot.
_DECIDING: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.Nullif: ("expression",),
    exp.Window: ("partition_by", "order", "spec"),
    exp.Filter: ("expression",),
    exp.ArgMax: ("expression",),
    exp.ArgMin: ("expression",),
    exp.WithinGroup: ("expression",),
    exp.Order: ("expressions",),
}


def parts(node: exp.Expr) -> Iterator[tuple[exp.Expr, bool]]:
    """The expressions one is made of, each with whether its value may arrive.

    Names that are no columns (of a struct's fields, an alias) are not among them.
    """
    if isinstance(node, exp.Case):
        yield from _of_case(node)
        return
    if isinstance(node, exp.If):
        yield node.this, False
        yield from ((node.args[k], True) for k in ("true", "false") if node.args.get(k))
        return
    if isinstance(node, exp.PropertyEQ | exp.Kwarg | exp.Alias):
        yield (node.this if isinstance(node, exp.Alias) else node.expression), True
        return
    deciding = _DECIDING.get(type(node), ())
    for name, argument in node.args.items():
        for part in argument if isinstance(argument, list) else [argument]:
            if isinstance(part, exp.Expr):
                yield part, name not in deciding


def _of_case(node: exp.Case) -> Iterator[tuple[exp.Expr, bool]]:
    if node.this:
        yield node.this, False
    for branch in node.args["ifs"]:
        yield branch.this, False
        yield branch.args["true"], True
    if node.args.get("default"):
        yield node.args["default"], True
