"""Popularity: orders of the last 90 days that have a product, counted without keeping any order waiting."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import time_machine
from sqlalchemy import select, text

from models import OutboxEvent, Product
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.finding.popularity import list_differing, write_popularity
from services.catalogue.reader import reading
from services.catalogue.reading import list_page
from tests.services.acting import place
from tests.services.evidence import news_of, nothing_changed, product_row
from tests.support import make_product
from utils import clock
from wiring import Shop
from workers.popularity import count_popularity

Make = Callable[..., UUID]


def listed(shop: Shop) -> list[str]:
    """The names on the page of the most popular."""
    with shop.database.read() as session:
        page = list_page(reading(session, shop.cache), PageQuery(sort=ProductSort.POPULARITY))
        return [facts.name for facts in page.products]


def test_a_product_is_as_popular_as_many_orders_have_it(shop: Shop, product: Make) -> None:
    # given
    tea, pen, cup = (product(name=name, stock=99) for name in ("Tea", "Pen", "Cup"))
    with time_machine.travel(clock.now() - timedelta(days=90, seconds=1)):
        place(shop, "alice", (cup, 1))
    with time_machine.travel(clock.now() - timedelta(days=89)):
        place(shop, "alice", (pen, 9))
    place(shop, "bob", (pen, 1), (tea, 50))
    assert listed(shop) == ["Cup", "Pen", "Tea"]
    before = product_row(shop.database, pen)
    # when
    assert count_popularity(shop) == 2
    # then
    assert listed(shop) == ["Pen", "Tea", "Cup"]
    after = product_row(shop.database, pen)
    assert before is not None
    assert after is not None
    assert (after.popularity, after.version, after.updated_at) == (2, before.version, before.updated_at)
    # and once more: nothing is written
    with nothing_changed(shop.database):
        assert count_popularity(shop) == 0


def test_what_is_not_bought_any_more_is_forgotten(shop: Shop, product: Make) -> None:
    place(shop, "alice", (product(name="Tea"), 1))
    assert count_popularity(shop) == 1
    with time_machine.travel(clock.now() + timedelta(days=91)):
        assert count_popularity(shop) == 1
        assert count_popularity(shop) == 0
    with shop.database.read() as session:
        assert session.scalars(select(Product.popularity)).all() == [0]


def test_few_changes_end_their_lists_and_many_end_everything(shop: Shop, product: Make) -> None:
    place(shop, "alice", (product(category="fruit"), 1))
    with shop.database.read() as session:
        counted = list_differing(session)
    for of, everything in ((1000, False), (1001, True)):
        with shop.database.write() as session:
            session.execute(text("DELETE FROM outbox_events"))
            assert write_popularity(session, counted, cache=shop.cache, of=of) == 1
        [news] = news_of(shop.database, "catalogue.changed")
        assert news.get("everything", False) is everything
        assert bool(news["tags"]) is not everything


def test_a_product_that_an_order_holds_is_left_for_the_next_time(committing_shop: Shop) -> None:
    shop = committing_shop
    with shop.database.write() as session:
        held, free = (make_product(session, shop.cache, name=name, stock=9) for name in ("Held", "Free"))
    place(shop, "alice", (held, 1), (free, 1))
    # when an order has locked one of them
    with shop.database.write() as session:
        session.execute(text("SELECT 1 FROM products WHERE id = :id FOR NO KEY UPDATE"), {"id": held})
        assert count_popularity(shop) == 1
    # then
    with shop.database.read() as session:
        rows = session.execute(select(Product.id, Product.popularity))
        assert {row.id: row.popularity for row in rows} == {held: 0, free: 1}
        assert (
            session.scalars(select(OutboxEvent.id).where(OutboxEvent.name == "catalogue.changed")).first() is not None
        )
    assert count_popularity(shop) == 1
