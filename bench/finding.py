"""How long PostgreSQL takes to find products: the statements that the program sends, in shops of several sizes."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from random import Random
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import create_engine, make_url, text

import init_db
from bench import many_goods
from bench.figures import Figure, Target, as_table
from bench.finding_page import write_page
from launch import embedded_servers
from launch.processes import free_port
from services.catalogue.finding.facets import count_facets
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.finding.suggesting import suggest
from services.catalogue.reader import Reader
from services.catalogue.reading import count_products, find_product_by_sku, list_page
from utils.config import load_settings
from wiring import Shop, build

SIZES = (1_000, 100_000, 1_000_000)
_ROUNDS = 200
_WARMING = 20
# As the issue of this part of the program set them, for a million products.
_TARGETS = {
    "category page": 2.0,
    "category page, ten below it": 2.0,
    "search": 3.0,
    "facets of a category": 15.0,
    "one slip": 20.0,
    "suggestions": 5.0,
}


class Timed(NamedTuple):
    """Milliseconds of one kind of question: the middle one, and what 95 of 100 stay under."""

    median: float
    p95: float


Act = Callable[[Reader], object]


def measured(shop: Shop, size: int) -> dict[str, Timed]:
    """Each kind of question asked so many times, past the cache, in a shop of this size that is filled already.

    The clock runs from sending a statement to having its rows, on the same machine; what Python makes of them counts.
    """
    return {name: _timed(shop, acts) for name, acts in _questions(shop, size).items()}


def _timed(shop: Shop, acts: Iterator[Act]) -> Timed:
    took = []
    with shop.database.read() as session:
        for number in range(_WARMING + _ROUNDS):
            act, reader = next(acts), Reader(lambda: session, shop.cache)
            began = time.perf_counter()
            act(reader)
            if number >= _WARMING:
                took.append((time.perf_counter() - began) * 1000)
    return Timed(median(took), quantiles(took, n=20)[-1])


def _questions(shop: Shop, size: int) -> Mapping[str, Iterator[Act]]:
    ask = _Asking(shop, size)
    return {
        "page of everything": _every(lambda: ask.page(PageQuery(sort=ask.sort()))),
        "category page": _every(lambda: ask.page(ask.shelf())),
        "category page, ten below it": _every(lambda: ask.page(ask.group())),
        "category page after a cursor": _every(lambda: ask.page_after(ask.shelf())),
        "category page, one brand": _every(lambda: ask.page(replace(ask.shelf(), brand_ids=[ask.brand()]))),
        "category page, one tag, in stock": _every(
            lambda: ask.page(replace(ask.shelf(), tags=[ask.random.choice(many_goods.TAGS)], in_stock=True))
        ),
        "number of a category": _every(lambda: ask.number(ask.shelf())),
        "search": _every(lambda: ask.page(ask.search(ask.word()))),
        "search in a category": _every(
            lambda: ask.page(replace(ask.search(ask.word()), category_id=ask.shelf().category_id))
        ),
        "search after a cursor": _every(lambda: ask.page_after(ask.search(ask.word()))),
        # A shelf has ten thousand of a million, and a group ten thousand of a hundred thousand.
        "facets of a category": _every(lambda: ask.facets(ask.shelf() if size >= SIZES[-1] else ask.group())),
        "facets of a search": _every(lambda: ask.facets(ask.search(ask.word()))),
        "one slip": _every(lambda: ask.page(ask.search(ask.slip()))),
        "suggestions": _every(lambda: ask.suggestions(ask.word()[: ask.random.randint(2, 6)])),
        "by SKU": _every(lambda: ask.sku(many_goods.sku(ask.random.randrange(size)))),
    }


def _every(make: Callable[[], Act]) -> Iterator[Act]:
    return (make() for _ in count())


class _Asking:
    """Draws questions, the same ones each time."""

    def __init__(self, shop: Shop, size: int) -> None:
        self._shop = shop
        self._words = many_goods.vocabulary()
        self._often = many_goods.frequencies()
        self.random = Random(3 + size)

    def sort(self) -> ProductSort:
        """Any that every list has."""
        return self.random.choice(_SORTS)

    def shelf(self) -> PageQuery:
        """A category without others below it."""
        return PageQuery(category_id=many_goods.shelf_id(self.random.randrange(100)), sort=self.sort())

    def group(self) -> PageQuery:
        """A category with ten below it."""
        return PageQuery(category_id=many_goods.group_id(self.random.randrange(10)), sort=self.sort())

    def brand(self) -> UUID:
        """Any brand."""
        return many_goods.brand_id(self.random.randrange(1000))

    def word(self) -> str:
        """A word as often as the goods have it."""
        return self.random.choices(self._words, self._often)[0]

    def slip(self) -> str:
        """A word of five letters or more with a wrong one in it, which no word of the goods has."""
        word = self.word()
        while len(word) < 5:
            word = self.word()
        at = self.random.randrange(len(word))
        return f"{word[:at]}q{word[at + 1 :]}"

    def search(self, term: str) -> PageQuery:
        """The best matches."""
        return PageQuery(term=term, sort=ProductSort.RELEVANCE)

    def page(self, query: PageQuery) -> Act:
        """Reads a page."""
        return lambda reader: list_page(reader, query)

    def page_after(self, query: PageQuery) -> Act:
        """Reads the page after the first hundred."""
        with self._shop.database.read() as session:
            page = list_page(Reader(lambda: session, self._shop.cache), replace(query, first=100))
        last = query.cursors(page.products, page.search)[-1:]
        return self.page(replace(query, after=last[0] if last else None))

    def number(self, query: PageQuery) -> Act:
        """Counts all pages."""
        return lambda reader: count_products(reader, query)

    def facets(self, query: PageQuery) -> Act:
        """Counts categories, brands and prices."""
        return lambda reader: count_facets(reader, query, ("categories", "brands", "prices"))

    def suggestions(self, term: str) -> Act:
        """Types."""
        return lambda reader: suggest(reader, term, first=8)

    def sku(self, sku: str) -> Act:
        """Looks one up."""
        return lambda reader: find_product_by_sku(reader, sku)


_SORTS = tuple(each for each in ProductSort if each not in (ProductSort.RELEVANCE, ProductSort.COLLECTION))


def figures(sizes: Sequence[int]) -> dict[str, dict[int, Timed]]:
    """All kinds of questions in shops of these sizes, each in a database of its own on servers of their own."""
    found: dict[str, dict[int, Timed]] = {}
    with embedded_servers(throw_away=True) as servers:
        for size in sizes:
            with _shop(servers.database, f"shop_of_{size}") as shop:
                init_db.migrate(shop)
                init_db.seed(shop)
                many_goods.fill(shop.database, size)
                for name, timed in measured(shop, size).items():
                    found.setdefault(name, {})[size] = timed
    return found


@contextmanager
def _shop(database_url: str, name: str) -> Iterator[Shop]:
    url = make_url(database_url)
    engine = create_engine(url.set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    given = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": url.set(database=name).render_as_string(hide_password=False),
        # Nobody listens there: every read is of PostgreSQL.
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "LOG_LEVEL": "CRITICAL",
        "JWT_SECRET": "a secret of the bench, long enough for every algorithm there is to choose from",
    }
    shop = build(load_settings(given))
    try:
        yield shop
    finally:
        shop.database.dispose()
        shop.cache.close()


def as_figures(found: Mapping[str, Mapping[int, Timed]]) -> list[Figure]:
    """The middle times, each with its target at a million products."""
    made = []
    for name, by_size in found.items():
        for size, timed in by_size.items():
            bound = _TARGETS.get(name) if size == SIZES[-1] else None
            target = None if bound is None else Target(bound, "below")
            against = f"{size:,} products, past the cache"
            made.append(Figure(f"finding: {name}", timed.median, "ms", against, f"p95 {timed.p95:.2f} ms", target))
    return made


def main() -> int:
    """Measures, prints, and writes the page and the picture; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.finding", description=__doc__)
    parser.add_argument("--products", type=int, default=SIZES[-1], help="the largest of the shops")
    most = parser.parse_args().products
    found = figures([size for size in SIZES if size <= most] or [most])
    print(as_table(as_figures(found)))
    write_page(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
