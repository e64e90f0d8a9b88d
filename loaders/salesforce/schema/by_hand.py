"""What the package leaves to an admin."""

from dataclasses import dataclass

from loaders.salesforce.ledger.steps import Step
from loaders.salesforce.schema.pages import Pages
from loaders.salesforce.schema.platform import PLATFORM


@dataclass(frozen=True)
class ByHand:
    """What is left to an admin, since doing it for them would change what they have."""

    what: str
    why: str
    how: str


def left_by_hand(steps: tuple[Step, ...], made: Pages) -> tuple[ByHand, ...]:
    """Values of standard picklists, and layouts nobody is assigned."""
    found = []
    for name, standard in PLATFORM["standard_values"].items():
        said = [
            v for s in steps for f in s.fields if f"{s.object}.{f.column}" == name for v in f.values
        ]
        for value in dict.fromkeys(v for v in said if v not in standard["values"]):
            found.append(
                ByHand(
                    what=f"{name}: the value {value}",
                    why=f"A new org does not list it. Deploying {standard['set']} would deactivate"
                    " every value the file does not name, so it is not in the package; records"
                    " take the value without it.",
                    how=f"To have {value} in the menu, add it to {name} in Setup.",
                )
            )
    for layout in made.layouts:
        if not layout.object.endswith("__c"):
            found.append(
                ByHand(
                    what=f"The page layout {layout.name}",
                    why="It is deployed beside the layouts there are and assigned to nobody, so"
                    " that no page changes.",
                    how=f"Assign it in Setup, Object Manager, {layout.object}, Page Layouts, or"
                    " copy its related lists to yours.",
                )
            )
    return tuple(found)
