"""A Redis that lost what it had, all of it or a part: what was made before never counts again."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import redis

from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.product_facts import SHAPE
from services.catalogue.tags import product_tag
from tests.cache.shoppers import hooked, names, price, read, reprice
from tests.support import make_product, make_products
from utils.cache import Cache, Fetched
from wiring import Shop

CHEAPEST = PageQuery(sort=ProductSort.PRICE_ASC)


def test_a_flush_in_mid_run_costs_one_statement_and_no_error(
    committing_shop: Shop, redis_client: redis.Redis, counted_sql: Callable[[], Any]
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1)
    found = read(shop, tea)
    redis_client.flushdb()
    for expected in (1, 0):
        with counted_sql() as statements:
            assert read(shop, tea) == found
        assert len(statements) == expected


def test_a_ticket_from_before_a_flush_fits_nothing_after_it(committing_shop: Shop, redis_client: redis.Redis) -> None:
    """A slow reader holds an old answer while Redis is flushed, refilled by another reader and changed by a writer."""
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")

    def meanwhile(act: str) -> None:
        if act == "store":
            reprice(shop, tea, 7)
            redis_client.flushdb()
            assert price(shop, tea) == 7

    slow = hooked(shop, before=meanwhile)
    assert price(slow, tea) == 10  # what it read before the change
    slow.cache.close()
    for _ in range(2):
        assert price(shop, tea) == 7
    reprice(shop, tea, 8)
    assert price(shop, tea) == 8


def test_a_flush_between_commit_and_version_change_does_not_matter(
    committing_shop: Shop, redis_client: redis.Redis
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    assert price(shop, tea) == 10
    writer = hooked(shop, before=lambda act: redis_client.flushdb() if act == "renew" else None)
    reprice(writer, tea, 7)
    writer.cache.close()
    assert price(shop, tea) == 7


@pytest.mark.parametrize("flush", [True, False], ids=["flushed", "not flushed"])
def test_entries_that_come_back_without_their_versions_are_dead(
    committing_shop: Shop, redis_client: redis.Redis, flush: bool
) -> None:
    shop = committing_shop
    with shop.database.write() as session:
        tea = make_product(session, shop.cache, name="Tea", price="10")
        make_product(session, shop.cache, name="Rice", price="8")
    for _ in range(2):
        assert names(shop, CHEAPEST) == ["Rice", "Tea"]
    assert price(shop, tea) == 10
    kept: dict[str, Any] = {key.decode(): redis_client.get(key) for key in redis_client.scan_iter("e:*")}
    assert len(kept) == 3
    if flush:
        redis_client.flushdb()
    reprice(shop, tea, 7)
    redis_client.mset(kept)
    for _ in range(2):
        assert price(shop, tea) == 7
        assert names(shop, CHEAPEST) == ["Tea", "Rice"]
        redis_client.mset(kept)


def test_a_version_that_was_evicted_ends_its_entries_for_good(
    committing_shop: Shop, redis_client: redis.Redis, counted_sql: Callable[[], Any]
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1)
    read(shop, tea)
    entry = redis_client.get(f"e:{SHAPE}:product:{tea}")
    assert redis_client.delete(f"v:{product_tag(tea)}") == 1
    with counted_sql() as statements:
        read(shop, tea)
    assert len(statements) == 1
    assert redis_client.get(f"e:{SHAPE}:product:{tea}") != entry


def test_versions_are_never_used_twice(own_shop: Shop, redis_client: redis.Redis) -> None:
    redis_client.flushdb()
    cache, seen = own_shop.cache, set()
    for _ in range(50):
        cache.renew(["x"], done="d")
        seen.add(redis_client.get("v:x"))
        redis_client.flushdb()
        cache.fetch({"k": "x"})
        seen.add(redis_client.get("v:x"))
    assert len(seen) == 100
    assert None not in seen


def test_everything_kept_goes_by_itself(own_shop: Shop, redis_client: redis.Redis) -> None:
    redis_client.flushdb()
    cache = own_shop.cache
    cache.store({"k": b"1"}, cache.fetch({"k": "x"}).tickets)
    cache.renew(["y"], done="d")
    lives = {key.decode(): redis_client.ttl(key) for key in redis_client.scan_iter("*")}
    # Three values stay: the epoch, what stands before every version, and the mark of the last lease.
    assert lives.keys() == {f"e:{SHAPE}:k", "v:x", "v:y", "done:d", "epoch", "everything", "leases"}
    assert (lives["epoch"], lives["everything"], lives["leases"]) == (-1, -1, -1)
    assert 0 < lives[f"e:{SHAPE}:k"] <= 60
    # A version outlives every entry that was made under it; a mark outlives what the relay may have to look up.
    assert 60 < min(lives["v:x"], lives["v:y"]) <= 300
    assert 60 < lives["done:d"] <= 3600


def test_an_entry_without_a_ticket_is_not_stored(own_shop: Shop, redis_client: redis.Redis) -> None:
    redis_client.flushdb()
    own_shop.cache.store({"k": b"1"}, {})
    assert redis_client.dbsize() == 0


def test_two_names_under_one_version_are_ended_together(own_shop: Shop, redis_client: redis.Redis) -> None:
    redis_client.flushdb()
    cache: Cache = own_shop.cache
    tags = {"k": "x", "l": "x", "m": "z"}
    tickets = cache.fetch(tags).tickets
    assert tickets["k"] == tickets["l"] != tickets["m"]
    cache.store({"k": b"1", "l": b"2", "m": b""}, tickets)
    assert cache.fetch(tags).hits == {"k": b"1", "l": b"2", "m": b""}
    cache.renew(["x"], done="d")
    assert cache.fetch(tags).hits == {"m": b""}
    assert cache.fetch({}) == Fetched()


def test_entries_of_a_release_that_wrote_them_otherwise_are_misses(own_shop: Shop, redis_client: redis.Redis) -> None:
    redis_client.flushdb()
    url = str(own_shop.settings.redis_url)
    with closing(Cache(url, shape="old")) as old, closing(Cache(url, shape="new")) as new:
        old.store({"k": b"1"}, old.fetch({"k": "x"}).tickets)
        assert (old.fetch({"k": "x"}).hits, new.fetch({"k": "x"}).hits) == ({"k": b"1"}, {})
        # a change that one of them tells, both hear
        new.renew(["x"], done="d")
        assert old.fetch({"k": "x"}).hits == {}
