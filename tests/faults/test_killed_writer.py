"""kill -9 of a process exactly between its commit and the version change."""

from services.catalogue.finding.pages import PageQuery
from tests.cache.shoppers import page, price
from tests.faults.own import run_script, variables_of
from tests.support import make_products
from wiring import Shop
from workers.relay import relay_all


def test_what_it_could_not_tell_the_cache_the_relay_tells(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    relay_all(shop)
    assert price(shop, tea) == 10
    assert run_script("tests.faults.killed_writer", str(tea), "7", environment=variables_of(shop)) == -9
    assert price(shop, tea) == 10  # committed, and the cache does not know
    assert relay_all(shop) == 2
    assert price(shop, tea) == 7
    assert [each.price for each in page(shop, PageQuery())] == [7]
