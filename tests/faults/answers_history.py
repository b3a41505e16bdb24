"""The random history of a shop (tests/cache/history.py), read over HTTP by two processes that keep whole answers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from hypothesis.stateful import rule

from app import create_app
from launch import Servers
from services.catalogue.product_facts import SHAPE
from tests.cache.history import History, Told
from utils.cache import Cache
from wiring import Shop

PRODUCT = "query P($id: ID!) { product(by: {id: $id}) { price stockCount category { id } } }"
LIST = """
query L($category: UUID) {
  products(first: 100, sort: PRICE_ASC, filter: {categoryId: $category}) { nodes { id price } }
}
"""


class AnswersHistory(History):
    """Two web processes with a cache of their own each; a Redis that is frozen, killed and started anew as well."""

    servers: Servers
    clients: Sequence[FlaskClient]
    # What became of their requests in the cache.
    kinds: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.deaths = 0
        self.is_frozen = False

    def _by(self, writer: str) -> Shop:
        """Of the writers whose news does not reach Redis, every second one lives: Redis is frozen meanwhile."""
        self.deaths += writer == "dies"
        if writer != "dies" or self.deaths % 2:
            return super()._by(writer)
        self.servers.valkey.pause()
        self.is_frozen = True
        return self.shop

    def _wrote(self, product_id: UUID, told: Told, writer: str, *, lists: bool) -> None:
        super()._wrote(product_id, told, writer, lists=lists)
        if self.is_frozen:
            for client in self.clients:
                assert self._told(client, product_id) == told  # nothing proves what was kept: it is made anew
            self._thaw()

    def _thaw(self) -> None:
        self.servers.valkey.resume()
        self.is_frozen = False

    def teardown(self) -> None:
        if self.is_frozen:
            self._thaw()
        super().teardown()

    @rule()
    def kill_redis(self) -> None:
        """It comes back empty, as another one."""
        self.servers.valkey.kill()
        self.servers.valkey.start()

    def _asked(self, client: FlaskClient, asked: Mapping[str, Any]) -> Any:
        answer = client.post("/graphql", json=asked)
        self.kinds[answer.headers["X-Cache"]] += 1
        body = answer.get_json()
        assert "errors" not in body, body
        return body["data"]

    def _told(self, client: FlaskClient, product: UUID) -> Any:
        found = self._asked(client, {"query": PRODUCT, "variables": {"id": str(product)}})["product"]
        return found and (Decimal(str(found["price"])), found["stockCount"], UUID(found["category"]["id"]))

    def _check(self, product: UUID, shop: Shop) -> None:
        super()._check(product, shop)
        if shop is self.shop:
            known = self.known[product]
            for client in self.clients:
                told = self._told(client, product)
                assert told == known.now or told in known.stale, f"told {told}, true is {known.now}"

    def _listed(self, category: UUID | None) -> list[list[tuple[Decimal, UUID]]]:
        """What the list of this category shows, over HTTP as well."""
        asked = {"query": LIST, "variables": {"category": category and str(category)}}
        found = [self._asked(client, asked)["products"]["nodes"] for client in self.clients]
        return [
            *super()._listed(category),
            *([(Decimal(str(node["price"])), UUID(node["id"])) for node in nodes] for nodes in found),
        ]


@contextmanager
def two_processes(shop: Shop) -> Iterator[list[FlaskClient]]:
    """Clients of two web programs, each with its own memory and its own line to Redis."""
    # They ask more often than anybody should.
    settings = shop.settings.model_copy(update={"rate_limit_per_minute": 10_000_000})
    caches = [Cache(str(shop.settings.cache_redis_url), shape=SHAPE) for _ in range(2)]
    shops = [replace(shop, settings=settings, cache=each) for each in caches]
    yield [create_app(each).test_client() for each in shops]
    for each in caches:
        each.close()
