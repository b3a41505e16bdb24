"""Which page of products is meant: filter, order, place and length, and the cursors that name its places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from services.catalogue.finding import cursors
from services.catalogue.finding.terms import Words, checked_term, words_of
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.product_values import checked_tag
from utils import money
from utils.cursors import checked_first
from utils.errors import InvalidInput
from utils.ids import find_id

MOST_BRANDS = 50
MOST_TAGS = 20


class ProductSort(Enum):
    """In which order products are listed; equal ones by id."""

    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NAME = "name"
    POPULARITY = "popularity"
    RELEVANCE = "relevance"
    COLLECTION = "collection"


# By which column, and how a cursor's spelling of its value is read.
COLUMNS: Mapping[ProductSort, tuple[str, Callable[[Any], object]]] = {
    ProductSort.NEWEST: ("created_at", cursors.moment_of),
    ProductSort.PRICE_ASC: ("price", money.parse_amount),
    ProductSort.PRICE_DESC: ("price", money.parse_amount),
    ProductSort.NAME: ("name", cursors.name_of),
    ProductSort.POPULARITY: ("popularity", cursors.count_of),
    ProductSort.COLLECTION: ("position", cursors.position_of),
}
ASCENDING = frozenset({ProductSort.PRICE_ASC, ProductSort.NAME, ProductSort.COLLECTION})
BY_PRICE = frozenset({ProductSort.PRICE_ASC, ProductSort.PRICE_DESC})
# By what a product does not tell of itself: its page comes with the places.
_TOLD = frozenset({ProductSort.RELEVANCE, ProductSort.COLLECTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which products are listed; every condition given must hold. A category stands for its descendants as well.

    A product must be of one of the brands, and have all of the tags. A `term` of nothing but spaces is none. With a
    `region` (its code; None for the home region) only what is sold there, and prices are those of the region. Refuses
    (INVALID_INPUT) a price range turned around, too many brands or tags, tags that no product can have, and a term that
    is too long or has control characters.
    """

    category_id: UUID | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    brand_ids: Sequence[UUID] = ()
    tags: Sequence[str] = ()
    in_stock: bool = False
    collection_id: UUID | None = None
    term: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            raise InvalidInput("priceMin must not be above priceMax.", field="filter")
        if len(self.brand_ids) > MOST_BRANDS or len(self.tags) > MOST_TAGS:
            raise InvalidInput(f"A filter names at most {MOST_BRANDS} brands and {MOST_TAGS} tags.", field="filter")
        # Two spellings of one filter are one list.
        object.__setattr__(self, "brand_ids", tuple(sorted(set(self.brand_ids))))
        object.__setattr__(self, "tags", tuple(sorted({checked_tag(tag) for tag in self.tags})))
        object.__setattr__(self, "term", checked_term(self.term))

    def said(self) -> tuple[object, ...]:
        """All of it, each list in one spelling."""
        prices = [None if each is None else f"{each.normalize():f}" for each in (self.price_min, self.price_max)]
        more = () if self.region is None else (self.region,)
        return (
            *(self.category_id, *prices, self.brand_ids, self.tags, self.in_stock, self.collection_id, self.term),
            *more,
        )


class Place(NamedTuple):
    """Where a page begins: after the product with this value of the order's column and this id.

    Pages of a search also know when its first page was read, and which words were searched in place of the term.
    """

    value: object
    id: UUID
    moment: datetime | None = None
    instead: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery(Filter):
    """A page of `first` (1 to 100) products of a filter, after a cursor.

    Refuses (INVALID_INPUT) other lengths, cursors that are not of this list and order, relevance without a term, and a
    collection's order without the collection.
    """

    first: int = 20
    after: str | None = None
    sort: ProductSort = ProductSort.NEWEST
    place: Place | None = field(init=False, default=None, compare=False)

    def __post_init__(self) -> None:
        Filter.__post_init__(self)  # slots make another class of this one, which super() does not know
        checked_first(self.first)
        if self.sort is ProductSort.RELEVANCE and self.term is None:
            raise InvalidInput("RELEVANCE needs a term in the filter.", field="sort")
        if self.sort is ProductSort.COLLECTION and self.collection_id is None:
            raise InvalidInput("COLLECTION needs a collectionId in the filter.", field="sort")
        if self.after is not None:
            object.__setattr__(self, "place", self._place(self.after))

    @property
    def is_ascending(self) -> bool:
        """Whether the smallest comes first."""
        return self.sort in ASCENDING

    @property
    def is_told(self) -> bool:
        """Whether its pages come with how they were found: those of a search, and those in a collection's order."""
        return self.term is not None or self.sort in _TOLD

    @property
    def is_whole(self) -> bool:
        """Whether it lists a whole shelf, or everything: nothing is left out that the order's index does not know."""
        narrow = (self.price_min, self.price_max, self.collection_id, self.term)
        return all(each is None for each in narrow) and not (self.brand_ids or self.tags or self.in_stock)

    @property
    def is_steady(self) -> bool:
        """Whether its best plan is the same whatever is asked for: in a region only by the index of its prices."""
        return self.is_whole and (self.region is None or self.sort in BY_PRICE)

    @property
    def fingerprint(self) -> bytes:
        """What the cursors of this list and order are bound to."""
        return cursors.fingerprint(self.sort.value, *self.said())

    def cursors(
        self, products: Sequence[ProductFacts], search: "Search | None" = None, *, at: Sequence[int] | None = None
    ) -> list[str]:
        """The opaque names of these products' places, in their order; `search` is what their page was found by.

        `at`: only of the products at these places of the page.
        """
        of = self.fingerprint
        more: tuple[object, ...] = () if search is None or self.term is None else (search.moment, search.instead)
        chosen = range(len(products)) if at is None else at
        if self.sort in _TOLD:
            ranks: Sequence[object] = search.ranks if search is not None else ()
            values = [ranks[place] for place in chosen]
        else:
            column = COLUMNS[self.sort][0]
            values = [_written(getattr(products[place], column)) for place in chosen]
        pairs = zip(values, chosen, strict=True)
        return [cursors.cursor_of((value, products[place].id, *more), of=of) for value, place in pairs]

    def _place(self, cursor: str) -> Place:
        value, product_id, *more = _parts(cursors.place_of(cursor, of=self.fingerprint), 2 if self.term is None else 4)
        parse = cursors.rank_of if self.sort is ProductSort.RELEVANCE else COLUMNS[self.sort][1]
        try:
            found = find_id(product_id) if isinstance(product_id, str) else None
            if found is None:
                raise ValueError
            if self.term is None:
                return Place(parse(value), found)
            return Place(parse(value), found, cursors.moment_of(more[0]), words_of(more[1]))
        except (ValueError, OverflowError):
            raise cursors.not_a_cursor() from None


class Search(NamedTuple):
    """How a page was found: when its first page was read, the words searched in place of the term if those found
    nothing, and for an order by relevance the ranks of the page's products, for a collection's their positions."""

    moment: datetime
    instead: Words | None = None
    ranks: Sequence[str] = ()


def _parts(place: list[Any], count: int) -> list[Any]:
    if len(place) != count:
        raise cursors.not_a_cursor()
    return place


def _written(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
