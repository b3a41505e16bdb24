"""Which page of products is meant: filter, order, place and length, and the cursor that names a place."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, select, tuple_

from models import Product
from models.product import ProductStatus
from services.catalogue.categories import ids_below
from services.catalogue.product_facts import COLUMNS, ProductFacts
from utils import money
from utils.errors import InvalidInput
from utils.ids import find_id

MOST_PER_PAGE = 100
# A cursor of ours is a name of at most 200 characters, an id and some punctuation.
_LONGEST_CURSOR = 2000


class ProductSort(Enum):
    """In which order products are listed; equal ones by id."""

    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NAME = "name"


_DESCENDING = frozenset({ProductSort.NEWEST, ProductSort.PRICE_DESC})
_COLUMNS = {
    ProductSort.NEWEST: Product.created_at,
    ProductSort.PRICE_ASC: Product.price,
    ProductSort.PRICE_DESC: Product.price,
    ProductSort.NAME: Product.name,
}


@dataclass(frozen=True, slots=True)
class PageQuery:
    """A page of `first` (1 to 100) products after a cursor; a category stands for its descendants as well.

    Refuses (INVALID_INPUT) other lengths and a price range turned around.
    """

    first: int = 20
    after: str | None = None
    sort: ProductSort = ProductSort.NEWEST
    category_id: UUID | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MOST_PER_PAGE:
            raise InvalidInput(f"first must be from 1 to {MOST_PER_PAGE}.", field="first")
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            raise InvalidInput("priceMin must not be above priceMax.", field="filter")
        if self.after is not None:
            self._place(self.after)  # refuses a cursor that is not one before anything is asked of the cache

    def cursor(self, product: ProductFacts) -> str:
        """The opaque name of this product's place in this order."""
        value = getattr(product, _COLUMNS[self.sort].key)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return base64.urlsafe_b64encode(orjson.dumps([self.sort.value, text, str(product.id)])).rstrip(b"=").decode()

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a product must be to stand on any page of this list."""
        found: list[ColumnElement[bool]] = [Product.status == ProductStatus.PUBLISHED]
        if self.category_id is not None:
            found.append(Product.category_id.in_(ids_below(self.category_id)))
        if self.price_min is not None:
            found.append(Product.price >= self.price_min)
        if self.price_max is not None:
            found.append(Product.price <= self.price_max)
        return found

    def statement(self) -> Select[Any]:
        """The rows of this page and one more, which tells whether there is a next page."""
        column, descending = _COLUMNS[self.sort], self.sort in _DESCENDING
        chosen = select(*COLUMNS).where(*self.conditions())
        if self.after is not None:
            place, here = tuple_(column, Product.id), tuple_(*self._place(self.after))
            chosen = chosen.where(place < here if descending else place > here)
        order = (column.desc(), Product.id.desc()) if descending else (column.asc(), Product.id.asc())
        return chosen.order_by(*order).limit(self.first + 1)

    def _place(self, cursor: str) -> tuple[object, UUID]:
        refusal = InvalidInput("after is not a cursor of this list and order.", field="after")
        if len(cursor) > _LONGEST_CURSOR:
            raise refusal
        try:
            padded = (cursor + "=" * (-len(cursor) % 4)).encode("ascii")
            sort, value, product_id = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
            place, found = _parsed(self.sort, value), find_id(product_id)
        except (ValueError, TypeError, OverflowError):
            raise refusal from None
        if sort != self.sort.value or found is None:
            raise refusal
        return place, found


def _parsed(sort: ProductSort, value: str) -> object:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    if sort is ProductSort.NEWEST:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # PostgreSQL does not read every offset that Python does
    return value if sort is ProductSort.NAME else money.parse_amount(value)
