"""The field map as Markdown, for the docs: what lands where, by which rule, from which columns."""

from collections.abc import Iterator, Mapping

from loaders.lineage.rows import Example, read_examples
from loaders.salesforce.schema.planning import Plan, PlannedField, PlannedObject, Use

_HEAD = """# All fields

Every Salesforce field this project fills, made by `make field-map` from the YAML beside the marts;
tests hold it equal, and hold the columns under *from* against the lineage of the SQL, through every
model down to the export. **Bold** fields are made by the package, the others are Salesforce's own.
Examples are of the demo: what the export says → what is sent. `·` stands between the values of
several columns; where the record's own lines say nothing, only what is sent is shown.

`make docs` draws it: each step below leads to [dbt's docs](../target/docs/index.html), each field
to [the lineage of its column](../target/docs/lineage/index.html). What only decides which value
arrives stands under `decided_by:` in a mart's YAML. `load-sf schema` writes all of this as a page
to read and sign, with what a practice's own migration adds to it.
"""
_MODEL = "../target/docs/index.html#!/model/model.bridgework."
_COLUMN = "../target/docs/lineage/index.html?focus=true&model=model.bridgework."

Examples = Mapping[tuple[str, str], Example]


def fields_table(plan: Plan) -> str:
    """All objects with all their fields."""
    examples = read_examples()
    objects = (line for obj in plan.objects for line in _object(obj, examples))
    return "\n".join([_HEAD, *objects]).rstrip() + "\n"


def _object(obj: PlannedObject, examples: Examples) -> Iterator[str]:
    yield f"## {obj.api_name}\n"
    if obj.custom:
        yield f"{_cell(obj.description)} Sharing: {obj.sharing}.\n"
    if obj.shown_as:
        yield f"Its fields show on {' and '.join(obj.shown_as)}.\n"
    yield f"Steps: {', '.join(f'[`{step}`]({_MODEL}{step})' for step in obj.steps)}.\n"
    yield "| field | what it is | rule | from | example |"
    yield "|---|---|---|---|---|"
    for field in obj.fields:
        yield from _rows(field, obj.steps, examples)
    yield ""


def _rows(field: PlannedField, steps: tuple[str, ...], examples: Examples) -> Iterator[str]:
    """One row for each rule there is, which several steps may share."""
    name = f"**{field.api_name}**" if field.made else field.api_name
    for use in field.uses[:1]:
        name = f"[{name}]({_COLUMN}{use.step}&column={use.column.lower()})"
    first = (name, _what(field))
    by_rule: dict[str, list[Use]] = {}
    for use in field.uses:
        by_rule.setdefault(use.why, []).append(use)
    for why, uses in by_rule.items() or [("", [])]:
        whose = [use.step for use in uses]
        told = f"{', '.join(f'`{step}`' for step in whose)}: " if len(whose) < len(steps) else ""
        sources = dict.fromkeys(source for use in uses for source in use.sources)
        shown = [examples.get((use.step, use.column)) for use in uses]
        cells = (
            *first,
            told + _cell(why) if why else "",
            ", ".join(f"`{source}`" for source in sources),
            _cell(next((str(example) for example in shown if example), "")),
        )
        yield f"| {' | '.join(cells)} |"
        first = ("", "")


def _what(field: PlannedField) -> str:
    """A field's type, its values or its target, and what else the org holds it to."""
    holds = ""
    if field.target:
        holds = f" → {field.target}"
    elif field.values:
        more = "" if field.restricted or not field.made else ", others too"
        holds = f": {', '.join(field.values)}{more}"
    rules = f"; {', '.join(field.rules)}" if field.rules else ""
    return _cell(field.type + holds + rules)


def _cell(text: str) -> str:
    """A text that stays within one cell, and means nothing to Markdown."""
    escaped = " ".join(text.split()).replace("\\", "\\\\")
    for mark, instead in (("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("[", "\\[")):
        escaped = escaped.replace(mark, instead)
    return escaped
