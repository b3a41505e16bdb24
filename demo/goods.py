"""The goods of the demo shop: read from the shelves, each with an id that is the same on every machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid5

from demo import goods_cupboard, goods_fresh, goods_household, goods_leisure, goods_living, goods_media, goods_treats
from demo.labels import brand_of, tags_of
from services.catalogue.products.product_values import slug_of

# Chosen once; an id is made of it and the slug, so that documents that name a demo product work for everybody.
NAMESPACE = UUID("6f1d8a2e-5c0b-4d7e-9a43-2b8e0c7f9d15")
_SHELVES = (
    goods_fresh.SHELVES,
    goods_cupboard.SHELVES,
    goods_treats.SHELVES,
    goods_household.SHELVES,
    goods_media.SHELVES,
    goods_living.SHELVES,
    goods_leisure.SHELVES,
)


@dataclass(frozen=True, slots=True)
class Good:
    """A product as the demo shop is given it; `price` has two decimals, `unit` is what one piece is."""

    name: str
    slug: str
    description: str
    unit: str
    price: Decimal
    stock_count: int
    category_slug: str
    brand: str | None = None
    tags: tuple[str, ...] = ()
    # The many have neither: the numbers would run out.
    is_numbered: bool = False

    @property
    def product_id(self) -> UUID:
        """The id of the product made of this good."""
        return uuid5(NAMESPACE, self.slug)

    @property
    def brand_id(self) -> UUID | None:
        """The id of the brand, if it is new to the shop."""
        return None if self.brand is None else uuid5(NAMESPACE, f"brand:{self.brand}")


def _on_shelf(category_slug: str, shelf: str) -> Iterator[Good]:
    """The goods of one shelf: a line `name | unit | price | stock`, and below it the description, indented."""
    lines = shelf.strip("\n").splitlines()
    for label, description in zip(lines[::2], lines[1::2], strict=True):
        name, unit, price, stock = label.split(" | ")
        slug, text = slug_of(name), description.strip()
        yield Good(
            name=name,
            slug=slug,
            description=text,
            unit=unit,
            price=Decimal(price),
            stock_count=int(stock),
            category_slug=category_slug,
            brand=brand_of(category_slug, slug),
            tags=tags_of(name, text),
            is_numbered=True,
        )


def _all_goods(shelves: tuple[Mapping[str, str], ...]) -> Iterator[Good]:
    for group in shelves:
        for category_slug, shelf in group.items():
            yield from _on_shelf(category_slug, shelf)


GOODS: tuple[Good, ...] = tuple(_all_goods(_SHELVES))
