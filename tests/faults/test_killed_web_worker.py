"""kill -9 of web workers in the middle of createOrder: an order is whole or not there, and its repetition is one."""

import os
import random
import signal
import time
from concurrent.futures import Future
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.faults.own import Answer, Web, variables_of, web_server
from tests.faults.rivals import assert_clean, beside, count_rows, eventually, until_blocked
from tests.support import make_products, token_of
from wiring import Shop

ORDER = "mutation ($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { orderId } }"
# Where the order is when the worker dies: each statement waits for its table (or its products), from the idempotency
# key to the outbox. The last moments, around the commit, are met by chance.
STOPS = [
    "LOCK TABLE idempotency_keys IN SHARE MODE",
    "SELECT 1 FROM products FOR UPDATE",
    "LOCK TABLE order_items IN SHARE MODE",
    "LOCK TABLE stock_movements IN SHARE MODE",
    "LOCK TABLE outbox_events IN SHARE MODE",
]
BY_CHANCE = "by chance"


def kill_workers(web: Web) -> None:
    for pid in web.program.workers():
        os.kill(pid, signal.SIGKILL)


def kill_in_the_middle(web: Web, shop: Shop, stop: str, order: Any) -> None:
    """Starts the order, kills all web workers when it has come to the stop; nobody was told anything then."""
    eventually(lambda: len(web.program.workers()) == 2, "both workers are there")
    with beside() as start:
        if stop == BY_CHANCE:
            sent: Future[Answer] = start(order)
            time.sleep(random.uniform(0.0, 0.012))
            kill_workers(web)
        else:
            with shop.database.write() as session:
                session.execute(text(stop))
                sent = start(order)
                until_blocked(shop.database)
                kill_workers(web)
                assert isinstance(sent.exception(), OSError | HTTPException)


def repeated(web: Web, order: Any) -> UUID:
    """The order's id, from the first answer that comes: meanwhile the master starts new workers."""
    for _ in range(20):
        with suppress(OSError, HTTPException):
            status, body = order()
            assert status == 200, body
            return UUID(body["data"]["createOrder"]["orderId"])
    raise AssertionError(web.program.log.read_text())


def run(shop: Shop, folder: Path, stops: list[str]) -> None:
    goods = make_products(shop, 3, stock=1000)
    token = token_of(shop, "alice")
    items = [{"productId": str(each), "quantity": quantity} for quantity, each in enumerate(goods, start=1)]
    with web_server(variables_of(shop), folder / "gunicorn.log", workers=2) as web:
        for number, stop in enumerate(stops):
            key = f"order {number}"

            def order(key: str = key) -> Answer:
                return web.graphql(ORDER, {"items": items}, token, key)

            kill_in_the_middle(web, shop, stop, order)
            assert_clean(shop.database)
            order_id = repeated(web, order)
            assert repeated(web, order) == order_id
            assert count_rows(shop.database, "orders") == number + 1
            assert_clean(shop.database)
    with shop.database.read() as session:
        left = session.scalars(text("SELECT stock_count FROM products ORDER BY id")).all()
    assert list(left) == [1000 - quantity * len(stops) for quantity in (1, 2, 3)]


def test_three_times(faulty_shop: Shop, tmp_path: Path) -> None:
    run(faulty_shop, tmp_path, [STOPS[1], STOPS[4], BY_CHANCE])


@pytest.mark.long
def test_twenty_times(faulty_shop: Shop, tmp_path: Path) -> None:
    run(faulty_shop, tmp_path, [*STOPS, *[BY_CHANCE] * 10, *STOPS])
