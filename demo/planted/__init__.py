"""What is wrong with the practice's data, on purpose: one short function for each kind of mess.

A function's name is the name of the case, its docstring says why such a thing is met; it adds
rows to the chart and writes down what they must turn into.
"""

from collections.abc import Callable
from inspect import getdoc
from types import ModuleType

from demo.chart import Chart
from demo.planted import (
    clinical,
    contacts,
    dates,
    duplicates,
    families,
    households,
    insurance,
    lines,
    money,
    providers,
    schedule,
    twins,
)
from demo.truth import functions_of

Case = Callable[[Chart], None]

_MODULES: tuple[ModuleType, ...] = (
    providers,
    duplicates,
    twins,
    families,
    households,
    contacts,
    dates,
    insurance,
    lines,
    money,
    schedule,
    clinical,
)


def cases() -> list[Case]:
    """Every planted case, in the order of the files and of the functions in them."""
    return functions_of(_MODULES)


def plant(chart: Chart) -> None:
    """Adds every case to the chart."""
    for function in cases():
        with chart.case(function.__name__, getdoc(function) or ""):
            function(chart)
