"""PostgreSQL restarted, or crashed, under orders that come by HTTP: what was acknowledged is there, and all goes on."""

from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest
from sqlalchemy import text

from launch import Servers, embedded_servers
from tests.faults.own import Web, opened_shop, prepare, variables_of, web_server
from tests.faults.rivals import assert_clean, eventually
from tests.support import make_products, token_of
from utils.ids import new_id
from wiring import Shop

ORDER = "mutation ($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { orderId } }"
PAGE = "{ getProducts { productId stockCount } getOrders(first: 1) { orderId } }"
CUSTOMERS = 4
GOOD_IN_A_ROW = 50


class Customer(Thread):
    """Orders again and again, each order under one key until it is acknowledged; notes what it was told."""

    def __init__(self, web: Web, product_ids: list[UUID], token: str, enough: Event) -> None:
        super().__init__()
        self.acknowledged: list[UUID] = []
        self.refusals: set[str] = set()
        self._web = web
        self._items = [{"productId": str(each), "quantity": 1} for each in product_ids]
        self._token = token
        self._enough = enough

    def run(self) -> None:
        while not self._enough.is_set():
            key, order_id = str(new_id()), None
            while order_id is None and not self._enough.is_set():
                order_id = self._order(key)
            if order_id is not None:
                self.acknowledged.append(order_id)

    def _order(self, key: str) -> UUID | None:
        with suppress(OSError, HTTPException):
            _, body = self._web.graphql(ORDER, {"items": self._items}, self._token, key)
            if "errors" not in body:
                return UUID(body["data"]["createOrder"]["orderId"])
            self.refusals |= {error["extensions"]["code"] for error in body["errors"]}
        return None


@pytest.fixture
def lasting_servers(tmp_path: Path) -> Iterator[Servers]:
    """Servers that wait for the disk, as a shop's do: only these promise to keep what they acknowledged."""
    with embedded_servers(tmp_path / "state") as servers:
        yield servers


def under_load(servers: Servers, shop: Shop, web: Web, faults: list[str]) -> None:
    goods, token, enough = list(make_products(shop, 3, stock=100_000)), token_of(shop, "alice"), Event()
    customers = [Customer(web, goods, token, enough) for _ in range(CUSTOMERS)]
    for customer in customers:
        customer.start()
    try:
        for fault in faults:
            wait_for_more(customers, 5)
            if fault == "restart":
                servers.postgres.restart()
            else:
                servers.postgres.kill()
                servers.postgres.start()
            wait_for_more(customers, 5)
    finally:
        enough.set()
        for customer in customers:
            customer.join()
    acknowledged = [order_id for customer in customers for order_id in customer.acknowledged]
    with shop.database.read() as session:
        kept = set(session.scalars(text("SELECT id FROM orders")))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= kept
    # One order of each customer may have been placed without his being told: he stopped asking.
    assert len(kept) - len(acknowledged) <= CUSTOMERS
    assert set().union(*(customer.refusals for customer in customers)) <= {"UNAVAILABLE"}
    assert_clean(shop.database)


def wait_for_more(customers: list[Customer], count: int) -> None:
    """Until each customer has been told of so many more orders."""
    wanted = [len(customer.acknowledged) + count for customer in customers]
    eventually(
        lambda: all(len(customer.acknowledged) >= least for customer, least in zip(customers, wanted, strict=True)),
        "every customer orders",
    )


def every_worker_is_well(shop: Shop, web: Web) -> None:
    token, workers = token_of(shop, "alice"), web.program.workers()
    assert len(workers) == 2
    for worker in workers:
        with web.only(worker):
            for _ in range(GOOD_IN_A_ROW):
                status, body = web.graphql(PAGE, {}, token)
                assert (status, sorted(body)) == (200, ["data"])
                assert len(body["data"]["getProducts"]) == 3
    assert web.program.workers() == workers


def run(servers: Servers, shop: Shop, folder: Path, faults: list[str]) -> None:
    with web_server(variables_of(shop), folder / "gunicorn.log", workers=2) as web:
        under_load(servers, shop, web, faults)
        every_worker_is_well(shop, web)


def test_no_acknowledged_order_is_lost(own_servers: Servers, faulty_shop: Shop, tmp_path: Path) -> None:
    run(own_servers, faulty_shop, tmp_path, ["restart", "crash"])


@pytest.mark.long
def test_no_acknowledged_order_is_lost_in_many_faults(lasting_servers: Servers, tmp_path: Path) -> None:
    with opened_shop(lasting_servers) as shop:
        prepare(shop)
        run(lasting_servers, shop, tmp_path, ["restart", "crash"] * 5)
