"""Whether answers out of the cache are new, and how many come out of it while orders change what they show."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from random import Random
from threading import Event
from typing import Any

from bench import goods, requests
from bench.grounds import Grounds
from bench.requests import Operation

PAIRS = 4
READERS = 4
ORDERS_A_SECOND = 50
_PAGE_LENGTH = 20
_ONE_AFTER_A_REST = 50
_REST_SECONDS = 0.12


@dataclass(frozen=True, slots=True)
class Kept:
    """How many answers of a run came out of the cache, and at which rates they were asked for and orders placed."""

    hit_rate: float
    reads_a_second: float
    orders_a_second: float


def stale(grounds: Grounds, *, writes: int) -> int:
    """How many of so many first reads after an acknowledged write of a price showed another price than that.

    One write in fifty comes after a rest, while others read all the time: only then are leases out (utils/leases.py).
    """
    with ThreadPoolExecutor(PAIRS) as pool:
        at_once = writes - writes // _ONE_AFTER_A_REST
        wrong = sum(pool.map(lambda pair: _stale_of(grounds, pair, at_once // PAIRS), range(PAIRS)))
    done = Event()
    with ThreadPoolExecutor(READERS) as pool:
        operation = requests.product_named(goods.product_id(goods.FIRST))
        for seed in range(READERS):
            pool.submit(_read, grounds, [operation], seed, done)
        try:
            return wrong + _stale_of(grounds, 0, writes // _ONE_AFTER_A_REST, rest_seconds=_REST_SECONDS)
        finally:
            done.set()


def kept(grounds: Grounds, *, seconds: float) -> Kept:
    """Anonymous pages of 20 of the thousand goods, at random, while 50 orders a second of random goods are placed."""
    pages = list(_pages(grounds))
    done = Event()
    with ThreadPoolExecutor(READERS + 1) as pool:
        ordering = pool.submit(_order, grounds, done)
        reading = [pool.submit(_read, grounds, pages, seed, done) for seed in range(READERS)]
        began = time.perf_counter()
        time.sleep(seconds)
        done.set()
        kinds = sum((each.result() for each in reading), Counter[str]())
        elapsed = time.perf_counter() - began
    return Kept(
        hit_rate=kinds["hit"] / kinds.total(),
        reads_a_second=kinds.total() / elapsed,
        orders_a_second=ordering.result() / elapsed,
    )


def _stale_of(grounds: Grounds, pair: int, writes: int, *, rest_seconds: float = 0.0) -> int:
    product_id = goods.product_id(goods.FIRST + pair)
    read = requests.product_named(product_id)
    # A connection stays with one worker; several of them reach both.
    writer, readers = _Line(grounds.shop.port), [_Line(grounds.shop.port) for _ in range(4)]
    wrong = 0
    for number in range(writes):
        time.sleep(rest_seconds)
        price = round(1 + number / 100, 2)
        writer.ask(requests.reprice(grounds.admin_token, product_id, price))
        shown, _ = readers[number % len(readers)].ask(read)
        wrong += shown["product"]["price"] != price
    for line in (writer, *readers):
        line.close()
    return wrong


def _pages(grounds: Grounds) -> Iterator[Operation]:
    """Every page of the thousand goods."""
    line, after = _Line(grounds.shop.port), None
    shelves, _ = line.ask(requests.categories())
    shelf = next(each["id"] for each in shelves["categories"] if each["slug"] == goods.SHELF)
    for _ in range(goods.COUNT // _PAGE_LENGTH):
        operation = requests.page_of_goods(shelf, _PAGE_LENGTH, after)
        yield operation
        after = line.ask(operation)[0]["products"]["pageInfo"]["endCursor"]
    line.close()


def _read(grounds: Grounds, pages: Sequence[Operation], seed: int, done: Event) -> Counter[str]:
    line, random, kinds = _Line(grounds.shop.port), Random(seed), Counter[str]()
    while not done.is_set():
        kinds[line.ask(random.choice(pages))[1]] += 1
    line.close()
    return kinds


def _order(grounds: Grounds, done: Event) -> int:
    line, random, began = _Line(grounds.shop.port), Random(7), time.perf_counter()
    for number in count():
        # Each at its own moment: a slow one is made up for.
        if done.wait(max(0.0, began + number / ORDERS_A_SECOND - time.perf_counter())):
            line.close()
            return number
        token = grounds.tokens[number % len(grounds.tokens)]
        line.ask(requests.create_order(token, [random.choice(third) for third in goods.THIRDS]))
    raise AssertionError("counting never ends")


class _Line:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, operation: Operation) -> tuple[dict[str, Any], str]:
        """The data, and what became of the request in the cache. RuntimeError for an answer that is none."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", **operation.headers}
        self._connection.request("POST", "/graphql", operation.body, headers)
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200 or "errors" in body:
            raise RuntimeError(f"not a good answer: {body}")
        return body["data"], answer.headers["X-Cache"]

    def close(self) -> None:
        self._connection.close()
