"""What is wrong with Maple Street's data, on purpose: one short function for each kind of mess.

A function's name is the name of the case, its docstring says why such a thing is met; it adds
rows to the book and writes down what they must turn into.
"""

from collections.abc import Callable
from inspect import getdoc
from types import ModuleType

from demo.maple_street.book import Book
from demo.maple_street.planted import (
    documents,
    money,
    notes,
    patients,
    people,
    plans,
    prospects,
    reports,
    schedule,
    tasks,
)
from demo.truth import functions_of

Case = Callable[[Book], None]

_MODULES: tuple[ModuleType, ...] = (
    people,
    patients,
    schedule,
    tasks,
    plans,
    money,
    notes,
    documents,
    prospects,
    reports,
)


def cases() -> list[Case]:
    """Every planted case, in the order of the files and of the functions in them."""
    return functions_of(_MODULES)


def plant(book: Book) -> None:
    """Adds every case to the book."""
    for function in cases():
        with book.case(function.__name__, getdoc(function) or ""):
            function(book)
