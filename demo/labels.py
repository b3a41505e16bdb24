"""What the labels of the demo goods say beside name and price: brand, numbers, tags, tax, and what a piece holds."""

import re
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from models.product import ContentUnit, TaxClass
from services.catalogue.seed_data import CATEGORIES

_MEASURED = re.compile(r"(?:(\d+) x )?(\d+(?:\.\d+)?) (g|kg|ml|l|m)")
_COUNTED = re.compile(r"(?:pack|set) of (\d+)")
# By the category above the shelf; who sells fruit or bread by the piece has no brand.
_BRANDS = {
    "dairy-and-eggs": ("Hollow Farm", "Meadow & Churn"),
    "frozen-foods": ("Northpole Kitchen", "Frost & Field"),
    "food-cupboard": ("Casa Verano", "Larder Lane"),
    "drinks": ("Harbour Roasters", "Stillwater"),
    "snacks-and-sweets": ("Cocoa Quarter", "Crumb & Co"),
    "cleaning": ("Bright Basin", "Plainly"),
    "paper-and-wraps": ("Plainly",),
    "personal-care": ("Saltgrass", "Plainly"),
    "electronics": ("Voltwright", "Murmur Audio"),
    "books": ("Lantern Street Press", "Quill & Tide"),
    "clothing": ("Wren & Thistle",),
    "home-and-garden": ("Gablewood", "Hearth & Hoe"),
    "toys-and-games": ("Otterbox Games", "Timber Toys"),
    "sports-and-outdoors": ("Ridgeback", "Fellside"),
}
# A word of the name or the description, and the tag it earns.
_TAGS = {
    "organic": "organic",
    "free-range": "free range",
    "decaf": "decaf",
    "wool": "wool",
    "merino": "wool",
    "lambswool": "wool",
    "cotton": "cotton",
    "wooden": "wood",
    "bamboo": "bamboo",
    "rechargeable": "rechargeable",
    "wireless": "wireless",
    "lavender": "lavender",
    "fragrance-free": "fragrance free",
    "children's": "for children",
    "chocolate": "chocolate",
    "vanilla": "vanilla",
    "lemon": "lemon",
    "olive": "olive",
    "lactose-free": "lactose free",
}
_PARENTS = {each.slug: each.parent_slug or each.slug for each in CATEGORIES}
_REDUCED = {"fresh-food", "groceries"}
_DEPARTMENTS = {each.slug: each.department_slug for each in CATEGORIES}
# Numbers that begin so are for a shop's own use (GS1 General Specifications, restricted circulation).
_OWN_NUMBERS = "29"


class Content(NamedTuple):
    """How much a piece holds."""

    amount: Decimal
    unit: ContentUnit


def content_of(unit: str) -> Content | None:
    """What a piece of this unit holds: 640 g for `4 x 160 g`, 6 pieces for `pack of 6`; None for `each`."""
    if measured := _MEASURED.fullmatch(unit):
        times, amount, measure = measured.groups()
        return Content(Decimal(amount) * int(times or 1), ContentUnit(measure))
    counted = _COUNTED.fullmatch(unit)
    return None if counted is None else Content(Decimal(counted[1]), ContentUnit.PIECE)


def brand_of(category_slug: str, slug: str) -> str | None:
    """Who makes a good of this shelf; the same one each time."""
    makers = _BRANDS.get(_PARENTS[category_slug])
    return None if makers is None else makers[crc32(slug.encode()) % len(makers)]


def tags_of(*texts: str) -> tuple[str, ...]:
    """The tags that the words of these texts earn, each once."""
    words = re.findall(r"[\w'-]+", " ".join(texts).casefold())
    return tuple(dict.fromkeys(_TAGS[word] for word in words if word in _TAGS))


def tax_class_of(category_slug: str) -> TaxClass:
    """The reduced rate for food and books, the usual one for everything else."""
    is_reduced = _DEPARTMENTS[category_slug] in _REDUCED or _PARENTS[category_slug] == "books"
    return TaxClass.REDUCED if is_reduced else TaxClass.STANDARD


def sku_of(product_id: UUID) -> str:
    """The shop's own name for a good."""
    return f"DEMO-{product_id.hex[:8].upper()}"


def barcode_of(product_id: UUID) -> str:
    """A number of 13 digits, the last one its check digit."""
    body = f"{_OWN_NUMBERS}{product_id.int % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-weighted % 10}"
