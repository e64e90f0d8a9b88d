"""All that is known of the people besides who they are: money, work, visits, notes and the rest.
Written after the people, and after everything that decides who is one person with whom."""

from tests.python.practice.book import Book
from tests.python.practice.world import World


def write_care(book: Book, world: World, *, unsigned: bool = False) -> None:
    """What ordinary people had done, planned and paid. `unsigned`: a ledger whose payments are
    written without their sign, as a small practice of its own."""


def plant_care(book: Book, world: World) -> None:
    """Every mess of these subjects that the specification names, on people of their own."""
