"""Redis stopped, frozen, emptied or set back while the shop runs: reads stay right and quick, writes still commit."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID

import pytest
import redis

from launch import Servers
from services.catalogue.finding.pages import PageQuery, ProductSort
from tests.cache.shoppers import names, page, price, read, reprice
from tests.faults.away import AWAY, PROMISED_SECONDS, Away, frozen, stopped
from tests.faults.ordering import place
from tests.faults.own import opened_shop
from tests.faults.rivals import assert_clean, count_rows, eventually
from tests.support import make_product, make_products
from utils import cache, redis_line
from utils.errors import Unavailable
from wiring import Shop
from workers.relay import relay_all

ALL = PageQuery()
CHEAPEST = PageQuery(sort=ProductSort.PRICE_ASC)


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PROMISED_SECONDS


def is_back(shop: Shop) -> None:
    """Waits until this process reads from the cache again, as it does by itself within a second or so."""

    def keeps() -> bool:
        tickets = shop.cache.fetch({"probe": "probe"}).tickets
        shop.cache.store({"probe": b"1"}, tickets)
        return shop.cache.fetch({"probe": "probe"}).hits == {"probe": b"1"}

    eventually(keeps, "the cache is back")


def all_is_told(shop: Shop) -> bool:
    relay_all(shop)
    return count_rows(shop.database, "outbox_events") == 0


@AWAY
def test_reads_and_writes_go_on(own_servers: Servers, faulty_shop: Shop, away: Away) -> None:
    shop = faulty_shop
    with shop.database.write() as session:
        tea = make_product(session, shop.cache, name="Tea", price="10")
        make_product(session, shop.cache, name="Rice", price="8")
    for _ in range(2):
        assert names(shop, CHEAPEST) == ["Rice", "Tea"]
    assert price(shop, tea) == 10
    assert relay_all(shop) == 4
    with away(own_servers.valkey):
        with in_time():
            assert price(shop, tea) == 10
        reprice(shop, tea, 7)
        order_id = place(shop, [(tea, 3)])
        with in_time():
            assert price(shop, tea) == 7
        with in_time():
            assert names(shop, CHEAPEST) == ["Tea", "Rice"]
        with in_time():
            assert [each.stock_count for each in page(shop, CHEAPEST)] == [7, 10]
        assert relay_all(shop) == 1  # what could not be told to Redis stays
        assert count_rows(shop.database, "outbox_events") == 2
    assert isinstance(order_id, UUID)
    eventually(lambda: all_is_told(shop), "the relay told what nobody could")
    is_back(shop)
    for _ in range(2):
        assert price(shop, tea) == 7
        assert [(each.name, each.stock_count) for each in page(shop, CHEAPEST)] == [("Tea", 7), ("Rice", 10)]
    assert_clean(shop.database)


@AWAY
def test_each_read_is_in_time_also_when_it_is_the_one_that_finds_out(
    own_servers: Servers, faulty_shop: Shop, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two tries of Redis a process rests; here it never does, so that every read waits as long as one can."""
    monkeypatch.setattr(redis_line, "REST_SECONDS", 0.0)
    shop = faulty_shop
    [tea] = make_products(shop, 1)
    names(shop, ALL)
    names(shop, ALL)
    with away(own_servers.valkey):
        for _ in range(3):
            with in_time():
                assert read(shop, tea) is not None
            with in_time():
                assert len(names(shop, ALL)) == 1


def test_after_a_failure_reads_do_not_try_redis_for_a_second(own_servers: Servers, faulty_shop: Shop) -> None:
    shop = faulty_shop
    [tea] = make_products(shop, 1)
    read(shop, tea)
    with frozen(own_servers.valkey):
        read(shop, tea)
        began = time.monotonic()
        for _ in range(5):
            read(shop, tea)
        assert time.monotonic() - began < 0.25  # one try alone would have waited as long


def test_a_shop_that_starts_without_redis_serves(own_servers: Servers, faulty_shop: Shop) -> None:
    [tea] = make_products(faulty_shop, 1, price="10")
    with stopped(own_servers.valkey), opened_shop(own_servers) as late:
        with in_time():
            assert price(late, tea) == 10
        reprice(late, tea, 7)
        assert price(late, tea) == 7
        # What must not be lost says that it was; the outbox repeats it.
        for act in (late.cache.ping, lambda: late.cache.renew(["x"], done="d"), lambda: late.cache.is_done("d")):
            with pytest.raises(Unavailable):
                act()


def test_a_restart_between_two_reads_is_not_noticed(own_servers: Servers, faulty_shop: Shop) -> None:
    shop = faulty_shop
    [tea] = make_products(shop, 1, price="10")
    assert price(shop, tea) == 10
    own_servers.valkey.restart()
    reprice(shop, tea, 7)
    assert price(shop, tea) == 7
    assert relay_all(shop) == 4
    for _ in range(2):
        assert price(shop, tea) == 7


def test_everything_flushed_in_mid_run(own_servers: Servers, faulty_shop: Shop) -> None:
    shop = faulty_shop
    [tea] = make_products(shop, 1, price="10")
    with redis.Redis.from_url(own_servers.redis) as client:
        for amount in (9, 8, 7):
            assert price(shop, tea) is not None
            client.flushall()
            reprice(shop, tea, amount)
            assert price(shop, tea) == amount
            client.flushall()
            assert price(shop, tea) == amount


@pytest.mark.parametrize("reader", ["before", "after"])
def test_a_redis_that_comes_back_as_it_was_does_not_bring_old_answers_back(
    own_servers: Servers, faulty_shop: Shop, reader: str
) -> None:
    """A crash sets Redis back to its last snapshot: old entries, and beside them the versions they were made under."""
    shop = faulty_shop
    with shop.database.write() as session:
        tea = make_product(session, shop.cache, name="Tea", price="10")
        make_product(session, shop.cache, name="Rice", price="8")
    for _ in range(2):
        assert (price(shop, tea), names(shop, CHEAPEST)) == (Decimal(10), ["Rice", "Tea"])
    relay_all(shop)
    with redis.Redis.from_url(own_servers.redis) as client:
        kept = sorted(client.keys())
        client.save()
    reprice(shop, tea, 7)  # told to Redis, and forgotten by it in the crash
    relay_all(shop)
    own_servers.valkey.kill()
    own_servers.valkey.start()
    with redis.Redis.from_url(own_servers.redis) as client:
        assert sorted(client.keys()) == kept  # it did come back as it was
        client.config_set("save", "")
    with opened_shop(own_servers) as fresh:
        each = shop if reader == "before" else fresh
        is_back(each)
        for _ in range(2):
            assert (price(each, tea), names(each, CHEAPEST)) == (Decimal(7), ["Tea", "Rice"])
    (own_servers.folder / "valkey" / "dump.rdb").unlink()


def test_a_redis_that_does_not_tell_its_life_still_serves(own_servers: Servers, faulty_shop: Shop) -> None:
    """A hosted Redis may forbid INFO to its users."""
    url = own_servers.redis.replace("redis://:", "redis://guest:")
    with redis.Redis.from_url(own_servers.redis) as client:
        client.acl_setuser(
            "guest",
            enabled=True,
            passwords=[f"+{own_servers.valkey.password}"],
            keys=["*"],
            commands=["+@all", "-info"],
        )
    shy = cache.Cache(url)
    try:
        shy.store({"k": b"1"}, shy.fetch({"k": "x"}).tickets)
        assert shy.fetch({"k": "x"}).hits == {"k": b"1"}
        shy.renew(["x"], done="d")
        assert shy.fetch({"k": "x"}).hits == {}
    finally:
        shy.close()
    with redis.Redis.from_url(own_servers.redis) as client:
        client.acl_deluser("guest")
