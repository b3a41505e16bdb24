"""Made-up goods with equals in every order, and which of them a filter should find, in plain Python."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from models import Brand, Category, Collection, CollectionProduct, Product
from services.catalogue.finding.pages import PageQuery, ProductSort
from utils.ids import new_id

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=10)
WORDS = ("tea", "black", "green", "milk")
TAGS = ("fresh", "cheap")
# Four deep, and one beside them.
SHELVES = [UUID(f"00000000-0000-7000-a000-00000000000{n}") for n in range(5)]
BRANDS = [UUID(f"00000000-0000-7000-b000-00000000000{n}") for n in range(2)]
WINDOW = UUID("00000000-0000-7000-c000-000000000000")


@dataclass(frozen=True)
class Good:
    """A product, as little of it as matters here."""

    name: str
    price: Decimal
    hour: int
    popularity: int
    status: str
    begins: int | None
    ends: int | None
    stock: int
    brand: int | None
    tags: tuple[str, ...]
    shelf: int
    in_window: bool


def goods() -> st.SearchStrategy[list[Good]]:
    """A handful of goods that are alike in many ways."""
    one = st.builds(
        Good,
        name=st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(" ".join),
        price=st.sampled_from([Decimal("0.50"), Decimal("1.00"), Decimal("2.50")]),
        hour=st.integers(0, 2),
        popularity=st.integers(0, 2),
        status=st.sampled_from(["published"] * 6 + ["draft", "withdrawn"]),
        begins=st.sampled_from([None, None, None, -1, 0, 1]),
        ends=st.sampled_from([None, None, None, 2, 0]),
        stock=st.sampled_from([0, 3]),
        brand=st.sampled_from([None, 0, 1]),
        tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
        shelf=st.integers(0, 4),
        in_window=st.booleans(),
    ).filter(lambda good: good.begins is None or good.ends is None or good.begins < good.ends)
    return st.lists(one, max_size=12)


def filters() -> st.SearchStrategy[dict[str, Any]]:
    """Any conditions at once."""
    return st.fixed_dictionaries(
        {},
        optional={
            "category_id": st.sampled_from([*SHELVES, new_id()]),
            "price_min": st.sampled_from([Decimal("0.50"), Decimal("0.51"), Decimal("1")]),
            "price_max": st.sampled_from([Decimal("1"), Decimal("2.49"), Decimal("9")]),
            "brand_ids": st.sampled_from([[BRANDS[0]], BRANDS]),
            "tags": st.sampled_from([[TAGS[0]], list(TAGS)]),
            "in_stock": st.booleans(),
            "collection_id": st.just(WINDOW),
            "term": st.sampled_from(["tea", "Black TEA", "fresh", "acme"]),
        },
    )


def expected(made: dict[UUID, Good], query: PageQuery) -> list[UUID]:
    """The whole list as the query says it; of a search by relevance in no order."""
    found = [product_id for product_id, good in made.items() if _is_wanted(good, query)]
    if query.sort is ProductSort.RELEVANCE:
        return sorted(found)
    key = _KEYS[query.sort]
    return sorted(found, key=lambda each: (key(made[each]), each), reverse=not query.is_ascending)


_KEYS: dict[ProductSort, Callable[[Good], Any]] = {
    ProductSort.NEWEST: lambda good: good.hour,
    ProductSort.PRICE_ASC: lambda good: good.price,
    ProductSort.PRICE_DESC: lambda good: good.price,
    ProductSort.NAME: lambda good: good.name,
    ProductSort.POPULARITY: lambda good: good.popularity,
}


def is_on_sale(good: Good) -> bool:
    """Whether shoppers see it at NOW."""
    return (
        good.status == "published"
        and (good.begins is None or good.begins <= 0)
        and (good.ends is None or good.ends > 0)
    )


def _is_wanted(good: Good, query: PageQuery) -> bool:
    below = [*SHELVES[SHELVES.index(query.category_id) : 4], query.category_id] if query.category_id in SHELVES else []
    said = {*good.name.split(), *good.tags, *(() if good.brand is None else ("acme", f"number{good.brand}"))}
    return (
        is_on_sale(good)
        and (query.category_id is None or SHELVES[good.shelf] in below)
        and (query.price_min is None or good.price >= query.price_min)
        and (query.price_max is None or good.price <= query.price_max)
        and (not query.brand_ids or (good.brand is not None and BRANDS[good.brand] in query.brand_ids))
        and set(query.tags) <= set(good.tags)
        and (not query.in_stock or good.stock > 0)
        and (query.collection_id is None or good.in_window)
        and (query.term is None or set(query.term.lower().split()) <= said)
    )


def furnish(session: Session) -> None:
    """The shelves, the brands and the window."""
    department = session.scalars(text("SELECT id FROM departments ORDER BY slug LIMIT 1")).one()
    for place, each in enumerate(SHELVES):
        parent = SHELVES[place - 1] if 0 < place < 4 else None
        row = {"id": each, "slug": f"made-up-{place}", "name": f"Made Up {place}", "position": place}
        session.execute(insert(Category).values(**row, department_id=department, parent_id=parent))
    for place, each in enumerate(BRANDS):
        session.execute(insert(Brand).values(id=each, slug=f"acme-{place}", name=f"Acme number{place}"))
    session.execute(
        insert(Collection).values(
            id=WINDOW, slug="w", name="W", description="", position=0, is_published=True, updated_at=START
        )
    )


def stock_up(session: Session, wanted: Sequence[Good]) -> dict[UUID, Good]:
    """Makes the goods, by their ids."""
    made = {new_id(): good for good in wanted}
    rows = [_row(product_id, good) for product_id, good in made.items()]
    if rows:
        session.execute(insert(Product), rows)
    shown = [product_id for product_id, good in made.items() if good.in_window]
    for place, product_id in enumerate(shown):
        window = {"collection_id": WINDOW, "product_id": product_id, "position": place}
        session.execute(insert(CollectionProduct).values(**window))
    return made


def _row(product_id: UUID, good: Good) -> dict[str, Any]:
    moment = START + timedelta(hours=good.hour)
    return {
        "id": product_id,
        "slug": str(product_id),
        "name": good.name,
        "description": "",
        "unit": "each",
        "price": good.price,
        "currency": "USD",
        "stock_count": good.stock,
        "status": good.status,
        "category_id": SHELVES[good.shelf],
        "created_at": moment,
        "updated_at": moment,
        "brand_id": None if good.brand is None else BRANDS[good.brand],
        "tags": list(good.tags),
        "popularity": good.popularity,
        "publish_from": None if good.begins is None else NOW + timedelta(hours=good.begins),
        "publish_until": None if good.ends is None else NOW + timedelta(hours=good.ends),
    }
