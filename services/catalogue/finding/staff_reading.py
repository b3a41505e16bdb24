"""Products as staff see them: also those that are not on sale yet, not any more, or only at times."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.product import ProductStatus
from services.catalogue.finding.conditions import (
    BELOW,
    BELOW_IT,
    ON_SALE,
    Statement,
    both,
    conditions,
    every_product_of,
)
from services.catalogue.finding.pages import PageQuery, Search
from services.catalogue.product_facts import ENTRY, decode
from services.catalogue.products.product_values import gtin
from services.catalogue.reader import Reader
from services.catalogue.reading import Page

_NAMES = {
    "slug": "slug = %(value)s",
    "sku": "upper(sku) = upper(%(value)s)",
    "barcode": "lpad(barcode, 14, '0') = %(value)s",
}
# What shoppers see and what they do not stand in an index each, in the order of the newest.
_SEEN, _UNSEEN = "p.status = 'published'", "p.status <> 'published' AND p.status = ANY (%(statuses)s)"
_BY_TERM = (
    "(p.search @@ plainto_tsquery('english', public.search_fold(%(term)s))"
    " OR upper(p.sku) = upper(%(term)s) OR lpad(p.barcode, 14, '0') = %(gtin)s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffQuery(PageQuery):
    """A page of products of these statuses, on sale or not, the newest first."""

    statuses: Sequence[ProductStatus] = tuple(ProductStatus)

    def said(self) -> tuple[object, ...]:
        """All of it: its cursors are no shopper's, and the other way round."""
        return (*PageQuery.said(self), sorted(each.value for each in self.statuses))


def list_staff_page(reader: Reader, query: StaffQuery) -> Page:
    """One page for staff. It is never kept.

    A term finds its words as they stand, without a limit and without correction. With a region only what has a price
    there, with this price.
    """
    reader.keep_no_answer()
    read = [decode(each) for each in reader.entries(*_page(query))]
    found = [each.in_region(query.region) or each for each in read]
    # The cursors of a search carry its moment, which says nothing here.
    search = None if query.term is None else Search(reader.now)
    return Page(found[: query.first], len(found) > query.first, search)


def find_staff_product(reader: Reader, kind: str, value: str) -> UUID | None:
    """The id of the product with this slug, stock-keeping unit (sku) or barcode, on sale or not; or None."""
    reader.keep_no_answer()
    if "\0" in value:
        return None
    chosen = f"SELECT id::text FROM products WHERE {_NAMES[kind]}"  # noqa: S608 - the conditions stand above
    found = reader.entries(chosen, {"value": (gtin(value) or "") if kind == "barcode" else value})
    return UUID(found[0].decode()) if found else None


def _page(query: StaffQuery) -> Statement:
    wanted, values = conditions(query)
    wanted = wanted[len(ON_SALE) :]
    begin = ""
    if query.category_id is not None:
        begin, wanted = f"WITH RECURSIVE {BELOW} ", [*wanted, BELOW_IT]
        values["category_id"] = query.category_id
    if query.term is not None:
        wanted, values = [*wanted, _BY_TERM], {**values, "term": query.term, "gtin": gtin(query.term) or ""}
    if query.place is not None:
        wanted = [*wanted, "(p.created_at, p.id) < (%(place)s, %(id)s)"]
        values |= {"place": query.place.value, "id": query.place.id}
    values |= {"limit": query.first + 1, "statuses": [each.value for each in query.statuses]}
    halves = [_SEEN] if ProductStatus.PUBLISHED in query.statuses else []
    halves += [_UNSEEN] if set(query.statuses) - {ProductStatus.PUBLISHED} else []
    parts = " UNION ALL ".join(
        f"(SELECT p.id, p.created_at FROM {every_product_of(query)} WHERE {both([half, *wanted])}"  # noqa: S608
        " ORDER BY p.created_at DESC, p.id DESC LIMIT %(limit)s)"
        for half in halves
    )
    first = f"SELECT * FROM ({parts}) AS parts ORDER BY created_at DESC, id DESC LIMIT %(limit)s"  # noqa: S608
    return Statement(
        f"{begin}SELECT {ENTRY} FROM ({first}) AS chosen JOIN products AS p ON p.id = chosen.id"  # noqa: S608
        " ORDER BY chosen.created_at DESC, chosen.id DESC",
        values,
    )
