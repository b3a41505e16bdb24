"""A writer that dies between its commit and the version change: the outbox repeats what it could not say."""

from uuid import UUID

import redis
from sqlalchemy import text

from services.catalogue.changes import CATALOGUE_CHANGED
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.products.product_news import PRODUCT_CHANGED
from tests.cache.shoppers import delete, hooked, killed, names, price, read, reprice
from tests.faults.ordering import place
from tests.faults.rivals import count_rows
from tests.support import make_product, make_products
from wiring import Shop
from workers.relay import relay_all

CHEAPEST = PageQuery(sort=ProductSort.PRICE_ASC)


def warm(shop: Shop, product_id: UUID) -> None:
    """What the relay still has to say is said, and the product is in the cache."""
    relay_all(shop)
    assert read(shop, product_id) is not None


def versions(client: redis.Redis) -> dict[str, object]:
    return {key.decode(): client.get(key) for key in client.scan_iter("v:*")}


def test_the_relay_says_what_a_dead_writer_could_not(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    warm(shop, tea)
    reprice(killed(shop), tea, 7)
    # The one exception, and what makes this test worth running: until the relay ran, the old answer stands.
    assert price(shop, tea) == 10
    with shop.database.read() as session:
        due = session.scalars(text("SELECT name FROM outbox_events WHERE available_at <= now() ORDER BY name"))
        assert due.all() == [CATALOGUE_CHANGED, PRODUCT_CHANGED]
    assert relay_all(shop) == 2
    assert price(shop, tea) == 7
    assert count_rows(shop.database, "outbox_events") == 0


def test_lists_are_repaired_as_well(committing_shop: Shop) -> None:
    shop = committing_shop
    with shop.database.write() as session:
        tea = make_product(session, shop.cache, name="Tea", price="10")
        make_product(session, shop.cache, name="Rice", price="8")
    warm(shop, tea)
    assert names(shop, CHEAPEST) == ["Rice", "Tea"]
    reprice(killed(shop), tea, 7)
    assert names(shop, CHEAPEST) == ["Rice", "Tea"]
    relay_all(shop)
    assert names(shop, CHEAPEST) == ["Tea", "Rice"]
    delete(killed(shop), tea)
    relay_all(shop)
    assert names(shop, CHEAPEST) == ["Rice"]
    assert read(shop, tea) is None


def test_an_order_whose_writer_died_is_repaired(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    warm(shop, tea)
    place(killed(shop), [(tea, 4)])
    relay_all(shop)
    found = read(shop, tea)
    assert found is not None
    assert found.stock_count == 6


def test_the_relay_skips_what_the_writer_has_said(committing_shop: Shop, redis_client: redis.Redis) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    warm(shop, tea)
    reprice(shop, tea, 7)
    before = versions(redis_client)
    assert relay_all(shop) == 2
    assert versions(redis_client) == before


def test_a_relay_that_is_faster_than_the_writer_does_no_harm(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    warm(shop, tea)
    relayed = []
    slow = hooked(shop, before=lambda act: relayed.append(relay_all(shop)) if act == "renew" else None)
    reprice(slow, tea, 7)
    slow.cache.close()
    assert relayed == [2]
    assert price(shop, tea) == 7


def test_a_reader_between_commit_and_repair_leaves_nothing_old(committing_shop: Shop) -> None:
    """The dead writer's commit is visible to whoever misses; what they store stands under the version to be ended."""
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    relay_all(shop)
    reprice(killed(shop), tea, 7)
    assert price(shop, tea) == 7  # not in the cache before: read from PostgreSQL, and kept
    reprice(killed(shop), tea, 6)
    relay_all(shop)
    assert price(shop, tea) == 6


def test_a_flush_that_takes_the_mark_makes_the_relay_say_it_again(
    committing_shop: Shop, redis_client: redis.Redis
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    warm(shop, tea)
    reprice(shop, tea, 7)
    redis_client.flushdb()
    assert price(shop, tea) == 7
    before = versions(redis_client)
    assert relay_all(shop) == 2
    after = versions(redis_client)
    assert {key: after[key] for key in before} != before
    assert price(shop, tea) == 7


def test_a_transaction_that_fails_says_nothing(committing_shop: Shop, redis_client: redis.Redis) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    warm(shop, tea)
    before = versions(redis_client)
    try:
        with shop.database.write() as session:
            make_product(session, shop.cache)
            raise LookupError
    except LookupError:
        pass
    assert versions(redis_client) == before
    assert count_rows(shop.database, "outbox_events") == 0
