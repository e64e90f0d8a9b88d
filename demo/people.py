"""Made-up people: names nobody bears, telephone numbers nobody has, streets that are nowhere.

Surnames are put together from syllables, telephone numbers come from the block that is reserved
for fiction (555-0100 to 555-0199), e-mail addresses from the domains reserved for examples, and
streets are named after teeth.
"""

from datetime import date
from itertools import product
from random import Random

_HEADS = (
    "Ash", "Bram", "Cress", "Dun", "Elder", "Fern", "Gorse", "Hazel", "Ivel", "Juni",
    "Kel", "Lark", "Moss", "Nettle", "Osier", "Plum", "Quill", "Rowan", "Sorrel", "Thistle",
)  # fmt: skip
_TAILS = ("bourne", "by", "croft", "dale", "feld", "garth", "holt", "mere", "stead", "wick")

SURNAMES = tuple(head + tail for tail, head in product(_TAILS, _HEADS))
"""Two hundred surnames, one for each family of the base population and some to spare."""

WOMEN = (
    "Ada", "Beatrix", "Clara", "Dorothea", "Edith", "Flora", "Greta", "Hedwig", "Imogen", "Josefa",
    "Katrin", "Lavinia", "Mabel", "Nora", "Ottilie", "Petra", "Rosalind", "Sylvia", "Thea",
    "Ursula", "Viola", "Wanda", "Xenia", "Yvonne", "Zelda",
)  # fmt: skip
MEN = (
    "Albin", "Basil", "Casper", "Dorian", "Edmund", "Felix", "Gilbert", "Hector", "Ignatius",
    "Jasper", "Konrad", "Linus", "Magnus", "Nestor", "Oswald", "Percival", "Quentin", "Rufus",
    "Silas", "Tobias", "Ulrich", "Vincent", "Wendell", "Xaver", "Zacharias",
)  # fmt: skip
STREETS = (
    "Molar Avenue", "Incisor Lane", "Canine Court", "Bicuspid Boulevard", "Enamel Street",
    "Dentin Drive", "Gingiva Way", "Cusp Circle", "Crown Terrace", "Bitewing Road",
)  # fmt: skip
TOWNS = (
    ("Oak Park", "60301"), ("Oak Park", "60302"), ("Oak Park", "60304"),
    ("River Forest", "60305"), ("Forest Park", "60130"), ("Berwyn", "60402"),
)  # fmt: skip
AREA_CODES = ("312", "630", "708", "773", "847")
_PHONE_SHAPES = ("({0}) 555-{1}", "{0}-555-{1}", "{0}555{1}", "{0}.555.{1}", "{0}/555-{1}")


def phone(random: Random) -> str:
    """A ten-digit telephone number, written in one of the ways front desks write them."""
    shape = random.choice(_PHONE_SHAPES)
    return shape.format(random.choice(AREA_CODES), f"01{random.randrange(100):02d}")


def email(random: Random, first: str, last: str) -> str:
    """An e-mail address in a domain nobody can own."""
    domain = random.choice(("example.com", "example.org", "example.net"))
    return f"{first}.{last}@{domain}".lower().replace(" ", "").replace("'", "")


def street(random: Random) -> str:
    """A house number and a street named after a part of a tooth."""
    return f"{random.randrange(100, 2000)} {random.choice(STREETS)}"


def day(random: Random, first_year: int, last_year: int) -> date:
    """A day in the years given, both included."""
    return date(
        random.randrange(first_year, last_year + 1),
        random.randrange(1, 13),
        random.randrange(1, 29),
    )


def written(when: date, style: int) -> str:
    """A day as Dentrix exports show it: mostly with a time of midnight, sometimes otherwise.

    Styles 1 to 3 are the other three formats that are met; any other number is the usual one.
    """
    if style == 1:
        return f"{when:%m/%d/%Y}"
    if style == 2:
        return f"{when.month}/{when.day}/{when:%y}"
    if style == 3:
        return f"{when:%Y%m%d}"
    return f"{when:%Y-%m-%d} 00:00:00"
