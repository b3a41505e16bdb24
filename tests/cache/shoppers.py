"""Readers and writers of the catalogue as the cache's tests need them: one call each, and some that misbehave."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from models import Category
from services.catalogue.finding.pages import PageQuery
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.changing import ProductChange, update_product
from services.catalogue.products.removing import delete_product
from services.catalogue.reader import reading
from services.catalogue.reading import find_product, list_page
from tests.support import ADMIN
from utils.cache import Cache, Fetched
from utils.errors import Unavailable
from wiring import Shop


class Hooked(Cache):
    """Another process' client of the same Redis, in which something may happen before each act."""

    def __init__(self, url: str, *, before: Callable[[str], object], after: Callable[[str], object] = len) -> None:
        super().__init__(url)
        self._before = before
        self._after = after

    def fetch(self, tags: Mapping[str, str]) -> Fetched:
        self._before("fetch")
        fetched = super().fetch(tags)
        self._after("fetch")
        return fetched

    def store(
        self, entries: Mapping[str, bytes], tickets: Mapping[str, bytes], *, until: datetime | None = None
    ) -> None:
        self._before("store")
        super().store(entries, tickets, until=until)

    def renew(self, tags: Iterable[str], *, done: str, everything: bool = False) -> None:
        self._before("renew")
        super().renew(tags, done=done, everything=everything)


class Killed(Cache):
    """The client of a writer that dies after its commit: its version changes never reach Redis."""

    def renew(self, tags: Iterable[str], *, done: str, everything: bool = False) -> None:
        raise Unavailable("this writer is no more")


def hooked(shop: Shop, before: Callable[[str], object], after: Callable[[str], object] = len) -> Shop:
    """The shop as another process sees it, with hooks around what that process does with the cache."""
    return replace(shop, cache=Hooked(str(shop.settings.cache_redis_url), before=before, after=after))


def killed(shop: Shop) -> Shop:
    """The shop of a process that dies between its commit and the version change."""
    return replace(shop, cache=Killed(str(shop.settings.cache_redis_url)))


def read(shop: Shop, product_id: UUID) -> ProductFacts | None:
    """The product as a shopper sees it."""
    with shop.database.read() as session:
        return find_product(reading(session, shop.cache), product_id)


def price(shop: Shop, product_id: UUID) -> Decimal | None:
    """Its price as a shopper sees it; None when it is not sold."""
    found = read(shop, product_id)
    return None if found is None else found.price


def page(shop: Shop, query: PageQuery) -> list[ProductFacts]:
    """A page as a shopper sees it."""
    with shop.database.read() as session:
        return list(list_page(reading(session, shop.cache), query).products)


def names(shop: Shop, query: PageQuery) -> list[str]:
    """The names on a page."""
    return [each.name for each in page(shop, query)]


def change(shop: Shop, product_id: UUID, wanted: ProductChange) -> None:
    """An update that is committed and acknowledged."""
    with shop.database.write() as session:
        update_product(session, product_id, wanted, actor=ADMIN, cache=shop.cache)


def reprice(shop: Shop, product_id: UUID, amount: int) -> None:
    """A new price, committed and acknowledged."""
    change(shop, product_id, ProductChange(price=Decimal(amount)))


def delete(shop: Shop, product_id: UUID) -> None:
    """Removes or withdraws it."""
    with shop.database.write() as session:
        delete_product(session, product_id, actor=ADMIN, cache=shop.cache)


def category_id(shop: Shop, slug: str) -> UUID:
    """The id of a seeded category."""
    with shop.database.read() as session:
        return session.scalars(select(Category.id).where(Category.slug == slug)).one()
