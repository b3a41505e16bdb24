"""A shop under random writers, readers and accidents, beside a record of what each reader may be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import redis
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from models.product import ProductStatus
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.products.changing import ProductChange
from tests.cache.shoppers import category_id, change, delete, killed, page, read
from tests.faults.ordering import place
from tests.support import make_product, truncate
from utils.cache import Cache
from wiring import Shop
from workers.relay import relay_all

SHELVES = ("fruit", "cheese")
# What a shopper is told of a product: price, stock and shelf; None when it is not sold.
Told = tuple[Decimal, int, UUID] | None


class Slow(Cache):
    """A reader's client that keeps what it would store, until somebody lets it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.held: list[tuple[Mapping[str, bytes], Mapping[str, bytes], datetime | None]] = []

    def store(
        self, entries: Mapping[str, bytes], tickets: Mapping[str, bytes], *, until: datetime | None = None
    ) -> None:
        self.held.append((entries, tickets, until))

    def let_go(self) -> None:
        """Stores all of it now, however old it is."""
        for entries, tickets, until in self.held:
            super().store(entries, tickets, until=until)
        self.held.clear()


@dataclass
class Known:
    """What is true of a product, and what else a reader may be told while a dead writer's news is on its way."""

    now: Told
    stale: list[Told] = field(default_factory=list)

    def becomes(self, told: Told, *, confirmed: bool) -> None:
        """A write was acknowledged; unless Redis confirmed its version change, the old answers may still stand."""
        self.stale = [] if confirmed else [*self.stale, self.now]
        self.now = told


class History(RuleBasedStateMachine):
    """Writes through a healthy process or one that dies after its commit; reads through a healthy or a slow one.

    After every step, each product and each list is read and must be as new as the last acknowledged write of it.
    """

    shop: Shop
    client: redis.Redis

    products: Bundle[UUID] = Bundle("products")
    writers = st.sampled_from(["healthy", "dies"])

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[UUID, Known] = {}
        self.lists_are_told = True
        self.slow = Slow(str(self.shop.settings.cache_redis_url))
        self.slow_shop = replace(self.shop, cache=self.slow)
        self.dying_shop = killed(self.shop)
        self.shelf = {slug: category_id(self.shop, slug) for slug in SHELVES}
        self.kept: dict[str, Any] = {}

    @initialize(target=products)
    def open(self) -> Any:
        self.client.flushdb()
        with self.shop.database.write() as session:
            truncate(session, "products, orders, outbox_events")
            made = [make_product(session, self.shop.cache, price="10", stock=9, category="fruit") for _ in range(3)]
        self.known = {each: Known((Decimal(10), 9, self.shelf["fruit"])) for each in made}
        return multiple(*made)

    def _by(self, writer: str) -> Shop:
        return self.shop if writer == "healthy" else self.dying_shop

    def _wrote(self, product_id: UUID, told: Told, writer: str, *, lists: bool) -> None:
        self.known[product_id].becomes(told, confirmed=writer == "healthy")
        if lists and writer == "dies":
            self.lists_are_told = False

    @rule(product=products, writer=writers, amount=st.integers(1, 20))
    def reprice(self, product: UUID, writer: str, amount: int) -> None:
        now = self.known[product].now
        if now is not None:
            change(self._by(writer), product, ProductChange(price=Decimal(amount)))
            self._wrote(product, (Decimal(amount), now[1], now[2]), writer, lists=True)

    @rule(product=products, writer=writers, slug=st.sampled_from(SHELVES))
    def move(self, product: UUID, writer: str, slug: str) -> None:
        now = self.known[product].now
        if now is not None:
            change(self._by(writer), product, ProductChange(category_id=self.shelf[slug]))
            self._wrote(product, (now[0], now[1], self.shelf[slug]), writer, lists=True)

    @rule(product=products, writer=writers)
    def order(self, product: UUID, writer: str) -> None:
        now = self.known[product].now
        if now is not None and now[1] > 0:
            place(self._by(writer), [(product, 1)])
            self._wrote(product, (now[0], now[1] - 1, now[2]), writer, lists=False)

    @rule(product=products, writer=writers)
    def withdraw(self, product: UUID, writer: str) -> None:
        if self.known[product].now is not None:
            change(self._by(writer), product, ProductChange(status=ProductStatus.WITHDRAWN))
            self._wrote(product, None, writer, lists=True)

    @rule(product=products, writer=writers)
    def remove(self, product: UUID, writer: str) -> None:
        if self.known[product].now is not None:
            delete(self._by(writer), product)
            self._wrote(product, None, writer, lists=True)

    @rule(target=products, writer=writers, amount=st.integers(1, 20))
    def add(self, writer: str, amount: int) -> UUID:
        shop = self._by(writer)
        with shop.database.write() as session:
            made = make_product(session, shop.cache, price=str(amount), stock=2, category="cheese")
        self.known[made] = Known(None)
        self._wrote(made, (Decimal(amount), 2, self.shelf["cheese"]), writer, lists=True)
        return made

    @rule(product=products)
    def read_slowly(self, product: UUID) -> None:
        self._check(product, self.slow_shop)

    @rule()
    def list_slowly(self) -> None:
        for query in self._queries():
            page(self.slow_shop, query)

    # Which rules there are to choose from must not hang on what the cache happens to hold: else no history plays twice.
    @rule()
    def the_slow_one_stores(self) -> None:
        self.slow.let_go()

    @rule()
    def flush(self) -> None:
        self.client.flushdb()

    @rule()
    def keep_entries(self) -> None:
        self.kept = {key.decode(): self.client.get(key) for key in self.client.scan_iter("e:*")}

    @rule()
    def bring_entries_back(self) -> None:
        if self.kept:
            self.client.mset(self.kept)

    @rule(share=st.integers(2, 4))
    def evict_versions(self, share: int) -> None:
        for key in sorted(self.client.scan_iter("v:*"))[::share]:
            self.client.delete(key)

    @rule()
    def relay(self) -> None:
        relay_all(self.shop)
        self.lists_are_told = True
        for each in self.known.values():
            each.stale.clear()

    def _queries(self) -> list[PageQuery]:
        scopes = (None, *self.shelf.values())
        return [PageQuery(sort=ProductSort.PRICE_ASC, category_id=scope) for scope in scopes]

    def _check(self, product: UUID, shop: Shop) -> None:
        found, known = read(shop, product), self.known[product]
        told = None if found is None else (found.price, found.stock_count, found.category_id)
        assert told == known.now or told in known.stale, f"told {told}, true is {known.now}, allowed {known.stale}"

    @invariant()
    def every_product_is_as_new_as_its_last_write(self) -> None:
        for product in self.known:
            self._check(product, self.shop)

    @invariant()
    def every_list_is_as_new_as_the_last_write(self) -> None:
        if self.lists_are_told and not any(each.stale for each in self.known.values()):
            for category in (None, *self.shelf.values()):
                expected = sorted(
                    (each.now[0], product)
                    for product, each in self.known.items()
                    if each.now is not None and category in (None, each.now[2])
                )
                for shown in self._listed(category):
                    assert shown == expected

    def _listed(self, category: UUID | None) -> list[list[tuple[Decimal, UUID]]]:
        """What the list of this category shows, by every way to read it."""
        query = PageQuery(sort=ProductSort.PRICE_ASC, category_id=category)
        return [[(each.price, each.id) for each in page(self.shop, query)]]

    def teardown(self) -> None:
        self.slow.close()
        self.dying_shop.cache.close()
