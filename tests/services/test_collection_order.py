"""Pages of a collection in the order staff gave it, also while its products come and go."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import CollectionProduct
from services.catalogue.finding import cursors
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.reader import reading
from services.catalogue.reading import Page, count_products, list_page
from services.catalogue.shelves import collections, filling
from services.catalogue.shelves.collections import CollectionChange, CollectionDraft
from tests.services.acting import category_id, change
from tests.support import ADMIN, GraphQLClient, codes, make_products
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def create(shop: Shop, *products: UUID) -> UUID:
    """A published collection of these products, in this order."""
    with shop.database.write() as session:
        draft = CollectionDraft("Summer", is_published=True)
        made = collections.create_collection(session, draft, actor=ADMIN, cache=shop.cache)
        filling.set_collection_products(session, made, products, actor=ADMIN, cache=shop.cache)
    return made


def fill(shop: Shop, act: Callable[..., None], collection: UUID, products: Sequence[UUID]) -> None:
    with shop.database.write() as session:
        act(session, collection, products, actor=ADMIN, cache=shop.cache)


def standing(shop: Shop, collection: UUID) -> list[UUID]:
    with shop.database.read() as session:
        return collections.list_products_in(session, collection)


def positions(shop: Shop, collection: UUID) -> dict[UUID, int]:
    """As the table has them."""
    chosen = select(CollectionProduct).where(CollectionProduct.collection_id == collection)
    with shop.database.read() as session:
        return {row.product_id: row.position for row in session.scalars(chosen)}


def query_of(collection: UUID, **wanted: Any) -> PageQuery:
    return PageQuery(sort=ProductSort.COLLECTION, collection_id=collection, **wanted)


def read(shop: Shop, query: PageQuery) -> Page:
    with shop.database.read() as session:
        return list_page(reading(session, shop.cache), query)


def walk(shop: Shop, collection: UUID, between: Callable[[UUID], object] = lambda _: None, **wanted: Any) -> list[UUID]:
    """The products of all pages; `between` is done after each, and told which product it ended with."""
    found: list[UUID] = []
    after = None
    while True:
        query = query_of(collection, after=after, **wanted)
        page = read(shop, query)
        found += [each.id for each in page.products]
        if not page.has_next:
            return found
        assert len(page.products) == query.first
        assert len(found) < 100  # there are never so many
        after = query.cursors(page.products, page.search)[-1]
        between(found[-1])


def shuffled(products: Sequence[UUID]) -> list[UUID]:
    found = list(products)
    Random(7).shuffle(found)
    return found


@pytest.mark.parametrize("first", [1, 3, 11, 12, 100])
def test_all_pages_together_are_the_collection(shop: Shop, first: int) -> None:
    order = shuffled(make_products(shop, 12))
    summer = create(shop, *order)
    make_products(shop, 2)
    change(shop, "dana", order[4], status="draft")
    expected = [each for each in order if each != order[4]]
    assert walk(shop, summer, first=first) == expected
    with shop.database.read() as session:
        assert count_products(reading(session, shop.cache), query_of(summer)) == 11


def test_the_order_holds_with_any_other_condition(shop: Shop, product: Make) -> None:
    apples = [product(name=f"Green Apple {n}", category="fruit", price="1") for n in range(4)]
    basil = [product(name=f"Green Basil {n}", category="salads-and-herbs", price="2") for n in range(4)]
    soap = [product(name=f"Soap {n}", category="laundry", price="1") for n in range(4)]
    order = shuffled([*apples, *basil, *soap])
    summer = create(shop, *order)
    produce = category_id(shop, "fresh-produce")
    for wanted, found in (
        ({"category_id": produce}, [*apples, *basil]),
        ({"category_id": produce, "price_max": Decimal(1)}, apples),
        ({"term": "green"}, [*apples, *basil]),
        # no word of the catalogue: that of the green ones is searched
        ({"term": "grreen"}, [*apples, *basil]),
        ({"term": "green", "category_id": category_id(shop, "fruit")}, apples),
        ({"in_stock": True, "price_min": Decimal(2)}, basil),
    ):
        expected = [each for each in order if each in found]
        for first in (1, 3, 100):
            assert walk(shop, summer, first=first, **wanted) == expected


def test_what_comes_and_goes_between_pages_neither_hides_nor_repeats(shop: Shop) -> None:
    goods = make_products(shop, 12)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        order = list(data.draw(st.permutations(goods)))
        begin, coming = order[:8], order[8:]
        summer = create(shop, *begin)
        left: set[UUID] = set()

        def meanwhile(ended_with: UUID) -> None:
            now = standing(shop, summer)
            act = data.draw(st.sampled_from(["nothing", "add", "insert", "remove", "remove the last one seen"]))
            if act == "add" and coming:
                fill(shop, filling.add_to_collection, summer, [coming.pop()])
            elif act == "insert" and coming:
                now.insert(data.draw(st.integers(0, len(now))), coming.pop())
                fill(shop, filling.set_collection_products, summer, now)
            elif act.startswith("remove"):
                gone = data.draw(st.sampled_from(now)) if act == "remove" else ended_with
                left.add(gone)
                fill(shop, filling.remove_from_collection, summer, [gone])

        shown = walk(shop, summer, meanwhile, first=data.draw(st.sampled_from([1, 2, 3])))
        assert len(shown) == len(set(shown))
        # who stood there all the time was shown, in order; who came behind the place reached was shown too
        assert [each for each in shown if each in begin and each not in left] == [
            each for each in begin if each not in left
        ]
        with shop.database.write() as session:
            collections.delete_collection(session, summer, actor=ADMIN, cache=shop.cache)

    check()


def test_those_who_stay_keep_their_positions_where_the_order_allows_it(shop: Shop) -> None:
    a, b, c, d, e = make_products(shop, 5)
    summer = create(shop, a, b, c)
    assert positions(shop, summer) == {a: 0, b: 1, c: 2}
    fill(shop, filling.remove_from_collection, summer, [a])
    fill(shop, filling.add_to_collection, summer, [d, b])
    assert positions(shop, summer) == {b: 1, c: 2, d: 3}
    fill(shop, filling.set_collection_products, summer, [b, d, e])
    assert positions(shop, summer) == {b: 1, d: 3, e: 4}
    fill(shop, filling.set_collection_products, summer, [d, a, b])
    assert positions(shop, summer) == {d: 0, a: 1, b: 2}
    fill(shop, filling.set_collection_products, summer, [])
    fill(shop, filling.add_to_collection, summer, [c])
    assert positions(shop, summer) == {c: 0}


def test_it_needs_a_collection_and_its_own_cursors(shop: Shop) -> None:
    goods = make_products(shop, 3)
    summer, winter = create(shop, *goods), create(shop, *goods)
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(sort=ProductSort.COLLECTION)
    assert refusal.value.details == {"field": "sort"}
    page = read(shop, query_of(summer, first=1))
    [cursor] = query_of(summer).cursors(page.products, page.search)
    others: list[Callable[[], PageQuery]] = [
        lambda: query_of(winter, after=cursor),
        lambda: query_of(summer, after=cursor, term="tea"),
        lambda: PageQuery(collection_id=summer, after=cursor),
    ]
    of, moment = query_of(summer).fingerprint, "2026-01-01T00:00:00Z"
    made_up: list[tuple[object, ...]] = [
        ("0", str(goods[0]), moment, None),
        *((said, str(goods[0])) for said in (0, "-1", "2147483648", "a", "", "1.5", None, "9" * 2000)),
        ("0", "a"),
        ("0", 7),
    ]
    others += [partial(query_of, summer, after=cursors.cursor_of(place, of=of)) for place in made_up]
    for query in others:
        with pytest.raises(InvalidInput) as refusal:
            query()
        assert refusal.value.details == {"field": "after"}
    # a product that never stood there is passed over by its position
    unknown = cursors.cursor_of(("0", str(new_id())), of=of)
    assert [each.id for each in read(shop, query_of(summer, after=unknown)).products] == goods[1:]


def test_what_shoppers_do_not_see_has_no_pages(shop: Shop) -> None:
    summer = create(shop, *make_products(shop, 2))
    with shop.database.write() as session:
        change = CollectionChange(is_published=False)
        collections.update_collection(session, summer, change, actor=ADMIN, cache=shop.cache)
    assert walk(shop, summer) == walk(shop, new_id()) == []


LIST = """
query($id: UUID, $after: String, $sort: ProductSort, $term: String) {
  products(first: 100, after: $after, sort: $sort, filter: {collectionId: $id, term: $term}) {
    totalCount correctedTerm nodes { id } pageInfo { hasNextPage endCursor }
  }
}
"""


def test_a_shopper_pages_through_a_large_collection(graphql: GraphQLClient, shop: Shop) -> None:
    # given more than a page of goods of one name, in an order that nothing but the collection has
    goods = make_products(shop, 103, name="Tea")
    by_hand = shuffled(goods)
    summer = create(shop, *by_hand)
    order = [str(each) for each in by_hand]

    def ask(**variables: Any) -> Any:
        answers = [graphql(LIST, {"id": str(summer), **variables}) for _ in range(2)]
        assert answers[0] == answers[1]
        assert codes(answers[0]) == [], answers[0]
        found = answers[0]["data"]["products"]
        assert (found["totalCount"], found["correctedTerm"]) == (103, None)
        return [each["id"] for each in found["nodes"]], found["pageInfo"]

    # then its order is the default, and may be asked for
    first, info = ask()
    assert (first, info["hasNextPage"]) == (order[:100], True)
    assert ask(sort="COLLECTION") == (first, info)
    assert ask(after=info["endCursor"])[0] == order[100:]
    # another order may be asked for as well; a term brings its own
    assert ask(sort="NEWEST")[0] == sorted(map(str, goods), reverse=True)[:100]
    assert ask(term="tea")[0] == ask(term="tea", sort="RELEVANCE")[0]
    # and another order by hand is in the next answer
    fill(shop, filling.set_collection_products, summer, by_hand[::-1])
    assert ask()[0] == order[:2:-1]
    for refused in (graphql(LIST, {"sort": "COLLECTION"}), graphql("{ products(sort: COLLECTION) { totalCount } }")):
        assert codes(refused) == ["INVALID_INPUT"]
        assert refused["errors"][0]["extensions"]["field"] == "sort"
