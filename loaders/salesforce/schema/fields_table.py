"""The table of all fields as Markdown, for the docs: what lands where, and from which columns."""

from collections.abc import Iterator

from loaders.salesforce.schema.planning import Plan, PlannedField

_HEAD = """# All fields

Every Salesforce field this project fills, made from the YAML beside the marts by
`load-sf schema --base`; a test holds it equal. **Bold** fields are made by the package, the others
are Salesforce's own. `load-sf schema` writes the same as a page to read and sign, with what this
migration adds to it.
"""


def fields_table(plan: Plan) -> str:
    """All objects with all their fields."""
    return "\n".join([_HEAD, *_objects(plan)]).rstrip() + "\n"


def _objects(plan: Plan) -> Iterator[str]:
    for obj in plan.objects:
        yield f"## {obj.api_name}\n"
        if obj.custom:
            yield f"{_cell(obj.description)} Sharing: {obj.sharing}.\n"
        if obj.shown_as:
            yield f"Its fields show on {' and '.join(obj.shown_as)}.\n"
        yield f"Steps: {', '.join(f'`{step}`' for step in obj.steps)}.\n"
        yield "| field | type | rules | values or target | why | from |"
        yield "|---|---|---|---|---|---|"
        for field in obj.fields:
            yield _row(field)
        yield ""


def _row(field: PlannedField) -> str:
    name = f"**{field.api_name}**" if field.made else field.api_name
    holds = ", ".join(field.values)
    if field.values and not field.restricted and field.made:
        holds += ", others too"
    if field.target:
        holds = f"→ {field.target}"
    why = " ".join(dict.fromkeys(use.why for use in field.uses if use.why))
    sources = dict.fromkeys(source for use in field.uses for source in use.sources)
    cells = (
        name,
        field.type,
        ", ".join(field.rules),
        _cell(holds),
        _cell(why),
        ", ".join(f"`{s}`" for s in sources),
    )
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A text that stays within one cell."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
