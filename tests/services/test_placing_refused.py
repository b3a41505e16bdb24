"""Orders that are refused leave no trace: no row, no piece of stock, no news."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.account_link import LinkPurpose
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.verifying import verify_email
from services.orders.placing import Line, place_order
from services.orders.pricing_placed import Terms
from tests.services.acting import place, remove
from tests.services.evidence import nothing_changed
from tests.services.hiring import erase, hire
from tests.services.people import account, newest_token, registered
from tests.support import ALICE, BOB, DANA, actor_for
from utils.errors import DomainError, EmailNotVerified, Forbidden, InvalidInput, NotForSale, NotFound, OutOfStock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def refused(shop: Shop, kind: type[DomainError], who: str, *lines: tuple[UUID, int], **options: Any) -> DomainError:
    """The refusal of an order that changed nothing."""
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        place(shop, who, *lines, **options)
    found: DomainError = refusal.value
    return found


@pytest.mark.parametrize("quantity", [0, -1, -100_000])
def test_a_quantity_below_one(shop: Shop, product: Make, quantity: int) -> None:
    refusal = refused(shop, InvalidInput, "alice", (product(), 1), (product(), quantity))
    assert (refusal.message, refusal.details) == ("quantity must be at least 1.", {"field": "quantity"})


def test_a_negative_line_cannot_lower_another(shop: Shop, product: Make) -> None:
    tea = product()
    assert refused(shop, InvalidInput, "alice", (tea, 5), (tea, -4)).details == {"field": "quantity"}


def test_a_quantity_too_large_also_in_several_lines(shop: Shop, product: Make) -> None:
    tea = product(stock=1_000_000)
    for lines in ([(tea, 100_001)], [(tea, 100_000), (tea, 1)], [(tea, 2**31 - 1)] * 3):
        refusal = refused(shop, InvalidInput, "alice", *lines)
        assert refusal.message == "quantity must be at most 100000 of one product."


def test_no_line(shop: Shop) -> None:
    assert refused(shop, InvalidInput, "alice").details == {"field": "items"}


def test_a_hundred_and_one_lines(shop: Shop, product: Make) -> None:
    refusal = refused(shop, InvalidInput, "alice", *[(product(stock=200), 1)] * 101)
    assert (refusal.message, refusal.details) == ("An order has at most 100 lines.", {"field": "items"})


def test_unknown_and_withdrawn_products_are_all_named(shop: Shop, product: Make) -> None:
    # given
    sold, withdrawn, never, nor_this = product(), product(), new_id(), new_id()
    place(shop, "bob", (withdrawn, 1))
    remove(shop, "dana", withdrawn)
    # when
    refusal = refused(shop, NotForSale, "alice", (never, 1), (sold, 1), (nor_this, 1), (withdrawn, 1))
    # then
    assert refusal.details == {"productIds": sorted(map(str, (withdrawn, never, nor_this)))}


def test_every_short_line_is_named_with_what_there_is(shop: Shop, product: Make) -> None:
    # given
    plenty, few, none = product(stock=5), product(stock=2), product(stock=0)
    # when
    refusal = refused(shop, OutOfStock, "alice", (none, 1), (plenty, 5), (few, 2), (few, 1))
    # then
    assert refusal.details == {
        "lines": [
            {"productId": str(few), "requested": 3, "available": 2},
            {"productId": str(none), "requested": 1, "available": 0},
        ]
    }


@pytest.mark.parametrize("other", [BOB, DANA, new_id()])
def test_a_customer_orders_for_nobody_else(shop: Shop, product: Make, other: UUID) -> None:
    refusal = refused(shop, Forbidden, "alice", (product(), 1), customer=other)
    assert (refusal.message, refusal.details) == ("customerId must be your own.", {"field": "customerId"})


def test_staff_cannot_order_for_a_customer_who_does_not_exist(shop: Shop, product: Make) -> None:
    assert refused(shop, NotFound, "sam", (product(), 1), customer=new_id()).details == {"field": "customerId"}


def test_staff_cannot_order_for_a_customer_who_is_gone(shop: Shop, product: Make) -> None:
    erase(shop, BOB)
    assert refused(shop, NotFound, "sam", (product(), 1), customer=BOB).details == {"field": "customerId"}


@pytest.mark.parametrize("customer", [ALICE, BOB, new_id()])
def test_staff_without_the_right_order_for_nobody_whether_they_exist_or_not(
    shop: Shop, product: Make, customer: UUID
) -> None:
    kim = hire(shop, "kim", Right.READ, Right.PRODUCTS).actor
    tea = product()
    with nothing_changed(shop.database), pytest.raises(Forbidden) as refusal:
        order(shop, kim, tea, customer=customer)
    assert (refusal.value.message, refusal.value.details) == ("customerId must be your own.", {"field": "customerId"})


def order(shop: Shop, actor: Actor, product_id: UUID, *, customer: UUID | None = None, only: bool = True) -> UUID:
    """One piece, for an actor who need not be of the cast."""
    with shop.database.write() as session:
        return place_order(
            session,
            [Line(product_id, 1)],
            actor=actor,
            customer_id=customer,
            cache=shop.cache,
            request=None,
            verified_only=only,
            terms=Terms("UTC"),
        )


def test_an_unproven_address_orders_nothing_where_the_shop_demands_it(
    shop: Shop, product: Make, counted_sql: Callable[[], Any]
) -> None:
    # given
    tea = product()
    registered(shop)
    erin = Actor(account(shop).id, Role.CUSTOMER)
    # then
    with nothing_changed(shop.database), pytest.raises(EmailNotVerified):
        order(shop, erin, tea)
    order(shop, erin, tea, only=False)
    # and when the address is proven, with the token of before
    verify_email(shop.database, shop.links, token=newest_token(shop, LinkPurpose.VERIFICATION))
    with counted_sql() as asked:
        order(shop, erin, tea)
    with counted_sql() as not_asked:
        order(shop, replace(erin, verified=True), tea)
    # then: one statement more, for the account
    assert len(asked) == len(not_asked) + 1


def test_an_account_that_is_gone_has_proven_nothing(shop: Shop, product: Make) -> None:
    tea = product()
    with nothing_changed(shop.database), pytest.raises(EmailNotVerified):
        order(shop, Actor(new_id(), Role.CUSTOMER), tea)


def test_staff_vouch_for_a_customer_whose_address_is_unproven(shop: Shop, product: Make) -> None:
    registered(shop)
    order(shop, actor_for(shop, "sam"), product(), customer=account(shop).id)


def test_one_order_has_one_currency(shop: Shop, product: Make) -> None:
    refusal = refused(shop, InvalidInput, "alice", (product(), 1), (product(currency="EUR"), 1), customer=ALICE)
    assert refusal.details == {"field": "items"}


def test_an_order_dearer_than_an_amount_can_hold(shop: Shop, product: Make) -> None:
    dear = product(price="99999999999.99", stock=2)
    refusal = refused(shop, InvalidInput, "alice", (dear, 2))
    assert (refusal.message, refusal.details) == ("An order may cost at most 99999999999.999.", {"field": "items"})
