"""One reader that fills the cache and one writer, in every order of their steps: the next read is always new."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from threading import Condition
from uuid import UUID

import pytest
import redis
from sqlalchemy import event

from services.catalogue.finding.pages import PageQuery, ProductSort
from tests.cache.shoppers import hooked, names, page, price, read, reprice
from tests.faults.rivals import PATIENCE_SECONDS, together
from tests.support import make_product, make_products
from wiring import Shop

READER, WRITER = "reader", "writer"
# The reader fetches versions, reads data, stores; the writer commits, then changes the versions.
ORDERS = sorted(set(permutations([READER] * 3 + [WRITER] * 2)))
OLD, NEW = Decimal(10), Decimal(7)


class Score:
    """Who makes the next step, and when: each waits for its turn before every step."""

    def __init__(self, order: Sequence[str]) -> None:
        self._left = list(order)
        self._active: str | None = None
        self._moved = Condition()

    def turn(self, name: str) -> None:
        """Ends this one's step, if it is in one, and waits for its next."""
        self.rest(name)
        with self._moved:
            ready = self._moved.wait_for(lambda: self._active is None and self._left[:1] == [name], PATIENCE_SECONDS)
            assert ready, f"{name} never had its turn; left: {self._left}"
            self._active = self._left.pop(0)

    def rest(self, name: str) -> None:
        """Ends this one's step."""
        with self._moved:
            if self._active == name:
                self._active = None
                self._moved.notify_all()


def play(shop: Shop, order: Sequence[str], product_id: UUID, query: PageQuery | None) -> None:
    score = Score(order)

    def reader() -> None:
        each = hooked(shop, before=lambda _: score.turn(READER), after=lambda _: score.turn(READER))
        if query is None:
            read(each, product_id)
        else:
            page(each, query)
        score.rest(READER)
        each.cache.close()

    def writer() -> None:
        each = hooked(shop, before=lambda _: score.turn(WRITER))
        reprice(each, product_id, int(NEW))
        score.rest(WRITER)
        each.cache.close()

    def before_commit(_connection: object) -> None:
        score.turn(WRITER)

    event.listen(shop.database.engine, "commit", before_commit)
    try:
        assert together([reader, writer]) == [None, None]
    finally:
        event.remove(shop.database.engine, "commit", before_commit)


@pytest.mark.parametrize("versions", ["known", "unknown"])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_product_is_new_after_its_change(
    committing_shop: Shop, redis_client: redis.Redis, order: Sequence[str], versions: str
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price=str(OLD))
    if versions == "unknown":
        redis_client.flushdb()
    play(shop, order, tea, None)
    assert price(shop, tea) == NEW
    assert price(shop, tea) == NEW  # and once more, from what the first read stored


@pytest.mark.parametrize("versions", ["known", "unknown"])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_page_is_new_after_a_change_of_what_stands_on_it(
    committing_shop: Shop, redis_client: redis.Redis, order: Sequence[str], versions: str
) -> None:
    shop = committing_shop
    with shop.database.write() as session:
        tea = make_product(session, shop.cache, name="Tea", price=str(OLD))
        make_product(session, shop.cache, name="Rice", price="8")
    cheapest = PageQuery(sort=ProductSort.PRICE_ASC)
    if versions == "unknown":
        redis_client.flushdb()
    play(shop, order, tea, cheapest)
    for _ in range(2):
        assert names(shop, cheapest) == ["Tea", "Rice"]
        assert [each.price for each in page(shop, cheapest)] == [NEW, 8]
