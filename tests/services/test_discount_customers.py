"""What discounts ask of a customer: read by one statement, kept, and exact."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from models import CustomerTier, Discount, DiscountCustomer
from models.discount import Tier
from services.catalogue.reader import reading
from services.pricing.calculating.facts import Customer
from services.pricing.discounts.customers import announce_customer, customer_facts, customer_facts_now
from services.pricing.tags import customer_tag
from tests.services.using_discounts import give_back, offer, order_of, shown_customer, take
from tests.support import ALICE, BOB
from wiring import Shop

Counting = Callable[[], Any]


def test_a_guest_is_nobody_and_costs_no_statement(shop: Shop, counted_sql: Counting) -> None:
    with counted_sql() as statements, shop.database.read() as session:
        assert shown_customer(shop, None) == Customer() == customer_facts_now(session, customer_id=None)
    assert statements == []


def test_of_a_new_customer_nothing_is_known(shop: Shop) -> None:
    assert shown_customer(shop) == Customer(id=ALICE, tier=Tier.BRONZE)


def test_all_of_a_customer_is_one_statement(shop: Shop, counted_sql: Counting) -> None:
    hers, his = offer(shop, for_named_customers=True, named=[ALICE]), offer(shop, named=[BOB])
    limited, unlimited = offer(shop, per_customer_limit=3), offer(shop)
    for customer in (ALICE, ALICE, BOB):
        take(shop, limited, unlimited, customer=customer)
    with shop.database.write() as session:
        session.execute(insert(CustomerTier).values(customer_id=ALICE, tier="gold", successful_orders=50))
        announce_customer(session, shop.cache, customer_id=ALICE)
    alice = Customer(id=ALICE, tier=Tier.GOLD, has_ordered=True, named_in=frozenset({hers}), uses={limited: 2})
    bob = Customer(id=BOB, has_ordered=True, named_in=frozenset({his}), uses={limited: 1})
    with counted_sql() as statements:
        assert shown_customer(shop) == alice
    assert len(statements) == 1
    with counted_sql() as statements:
        assert shown_customer(shop) == alice
    assert statements == []
    with shop.database.write() as session:
        assert customer_facts_now(session, customer_id=ALICE) == alice
        assert customer_facts_now(session, customer_id=BOB) == bob


def test_what_is_told_of_a_customer_depends_on_that_customer_only(shop: Shop) -> None:
    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        customer_facts(reader, ALICE)
        assert set(reader.versions or {}) == {customer_tag(ALICE)}


def test_the_news_of_another_customer_end_nothing(shop: Shop, counted_sql: Counting) -> None:
    shown_customer(shop)
    with shop.database.write() as session:
        announce_customer(session, shop.cache, customer_id=BOB)
    with counted_sql() as statements:
        shown_customer(shop)
    assert statements == []


def test_who_is_named_or_not_any_more_is_told_at_once(shop: Shop) -> None:
    discount = offer(shop, for_named_customers=True)
    assert shown_customer(shop).named_in == frozenset()
    with shop.database.write() as session:
        session.execute(insert(DiscountCustomer).values(discount_id=discount, customer_id=ALICE))
        announce_customer(session, shop.cache, customer_id=ALICE)
    assert shown_customer(shop).named_in == {discount}
    with shop.database.write() as session:
        session.execute(delete(DiscountCustomer))
        announce_customer(session, shop.cache, customer_id=ALICE)
    assert shown_customer(shop).named_in == frozenset()


@pytest.mark.parametrize(
    ("status", "has_ordered"), [("pending", True), ("paid", True), ("refunded", True), ("cancelled", False)]
)
def test_a_cancelled_order_is_as_if_it_had_never_been(shop: Shop, status: str, has_ordered: bool) -> None:
    with shop.database.write() as session:
        order_of(session, ALICE, status)
        announce_customer(session, shop.cache, customer_id=ALICE)
    assert shown_customer(shop).has_ordered is has_ordered
    assert shown_customer(shop, BOB).has_ordered is False


def test_a_used_up_discount_of_one_customer_is_told_at_once(shop: Shop) -> None:
    discount = offer(shop, per_customer_limit=1)
    assert shown_customer(shop).uses == {}
    order = take(shop, discount)
    assert not isinstance(order, list)
    assert shown_customer(shop).uses == {discount: 1}
    give_back(shop, order)
    assert shown_customer(shop) == Customer(id=ALICE)


def test_a_first_order_is_told_at_once_with_no_discount_at_all(shop: Shop) -> None:
    assert shown_customer(shop).has_ordered is False
    order = take(shop)
    assert not isinstance(order, list)
    assert shown_customer(shop).has_ordered is True
    give_back(shop, order)
    assert shown_customer(shop).has_ordered is False


def test_uses_are_told_while_there_is_a_limit(shop: Shop) -> None:
    discount = offer(shop, per_customer_limit=5)
    take(shop, discount)
    assert shown_customer(shop).uses == {discount: 1}
    with shop.database.write() as session:
        session.execute(update(Discount).values(per_customer_limit=None))
        announce_customer(session, shop.cache, customer_id=ALICE)
    assert shown_customer(shop).uses == {}
