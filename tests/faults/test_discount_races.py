"""Buyers who race for the last use of a discount: it is used once, and nobody pays or loses anything by mistake."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from models import Discount, Product, User
from models.user import Role
from services.accounts.actor import Actor
from services.orders.placing import Line, place_order
from services.orders.pricing_placed import Terms
from services.orders.replaying import Replay
from tests.faults.rivals import assert_clean, beside, count_rows, interrupted, together, until_blocked
from tests.services.offers import offer, uses_of
from tests.support import make_products
from utils import clock
from utils.errors import DiscountExhausted
from utils.ids import new_id
from wiring import Shop

BUYERS = 40


def people(shop: Shop, count: int) -> list[UUID]:
    """So many customers with proven addresses."""
    ids = [new_id() for _ in range(count)]
    moment = clock.now()
    rows = [
        {
            "id": each,
            "email": f"{each}@example.com",
            "name": "A Buyer",
            "password_hash": "-",
            "role": "customer",
            "created_at": moment,
            "email_verified_at": moment,
        }
        for each in ids
    ]
    with shop.database.write() as session:
        session.execute(insert(User), rows)
    return ids


def buy(shop: Shop, customer: UUID, product: UUID, codes: Sequence[str] = ()) -> UUID:
    """One piece, in a transaction of its own."""
    with shop.database.write() as session:
        return place_order(
            session,
            [Line(product, 1)],
            actor=Actor(id=customer, role=Role.CUSTOMER, verified=True),
            customer_id=None,
            cache=shop.cache,
            request=None,
            verified_only=True,
            terms=Terms("UTC", codes=codes),
        )


def totals(shop: Shop) -> Counter[Decimal]:
    with shop.database.read() as session:
        return Counter(session.execute(text("SELECT total_amount FROM orders")).scalars())


def stocks(shop: Shop, goods: Sequence[UUID]) -> Counter[int]:
    with shop.database.read() as session:
        chosen = text("SELECT stock_count FROM products WHERE id = ANY(:ids)")
        return Counter(session.execute(chosen, {"ids": list(goods)}).scalars())


@pytest.mark.parametrize("of_the_code", [True, False])
def test_a_code_with_one_use_and_forty_buyers_of_different_goods(committing_shop: Shop, of_the_code: bool) -> None:
    # given
    shop = committing_shop
    goods, buyers = make_products(shop, BUYERS, price="10.00", stock=5), people(shop, BUYERS)
    offered = offer(shop, code="ONCE", use_limit=1) if of_the_code else offer(shop, code="ONCE", total_limit=1)
    # when
    acts = [partial(buy, shop, *each, ["once"]) for each in zip(buyers, goods, strict=True)]
    results = together(acts)
    # then it is used once
    made = [each for each in results if isinstance(each, UUID)]
    assert len(made) == 1
    count, uses = uses_of(shop, offered)
    assert (count, [use[0] for use in uses]) == (0 if of_the_code else 1, made)
    # and the others are told so, and have taken nothing
    refusals = [each for each in results if isinstance(each, DiscountExhausted)]
    assert len(refusals) == BUYERS - 1, results
    assert [each.details for each in refusals] == [{"discountCode": "ONCE", "condition": "EXHAUSTED"}] * (BUYERS - 1)
    assert stocks(shop, goods) == {5: BUYERS - 1, 4: 1}
    assert totals(shop) == {Decimal(9): 1}
    assert_clean(shop.database)


def test_the_last_use_of_a_discount_by_itself_and_forty_buyers(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    goods, buyers = make_products(shop, BUYERS, price="10.00", stock=5), people(shop, BUYERS)
    offered = offer(shop, total_limit=1)
    # when
    results = together([partial(buy, shop, *each) for each in zip(buyers, goods, strict=True)])
    # then all order, and one pays less
    assert [each for each in results if not isinstance(each, UUID)] == []
    assert totals(shop) == {Decimal(9): 1, Decimal(10): BUYERS - 1}
    assert stocks(shop, goods) == {4: BUYERS}
    count, uses = uses_of(shop, offered)
    assert (count, len(uses)) == (1, 1)
    # and each order's facts give its price again
    replay = Replay(shop.database)
    assert (list(replay.differences()), replay.replayed) == ([], BUYERS)
    assert_clean(shop.database)


def test_a_customer_is_no_rival_of_themselves(committing_shop: Shop) -> None:
    shop = committing_shop
    goods, [buyer] = make_products(shop, 8, price="10.00", stock=5), people(shop, 1)
    offer(shop, per_customer_limit=1, name="Once each")
    offer(shop, first_order_only=True, name="First")
    results = together([partial(buy, shop, buyer, each) for each in goods])
    assert [each for each in results if not isinstance(each, UUID)] == []
    assert totals(shop) == {Decimal("8.1"): 1, Decimal(10): 7}


def test_a_discount_that_staff_end_while_an_order_waits_for_its_goods_is_not_applied(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    ended = offer(shop)
    with beside() as start:
        with shop.database.write() as session:
            session.execute(update(Product).where(Product.id == tea).values(low_stock_at=1))
            waiting = start(partial(buy, shop, buyer, tea))
            until_blocked(shop.database)
            session.execute(update(Discount).where(Discount.id == ended).values(is_active=False))
        assert isinstance(waiting.result(), UUID)
    assert totals(shop) == {Decimal(10): 1}


def test_an_order_that_breaks_after_it_took_a_use_leaves_nothing(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    offered = offer(shop, code="ONCE", total_limit=1)

    def fault() -> None:
        raise RuntimeError("between the use and the stock")

    # when
    with (
        interrupted(shop.database.engine, after="INSERT INTO discount_uses", by=fault),
        pytest.raises(RuntimeError),
    ):
        buy(shop, buyer, tea, ["ONCE"])
    # then
    assert uses_of(shop, offered) == (0, [])
    assert (count_rows(shop.database, "orders"), stocks(shop, [tea])) == (0, {5: 1})
    # and the use is there for the next one
    buy(shop, buyer, tea, ["ONCE"])
    assert totals(shop) == {Decimal(9): 1}
    assert_clean(shop.database)
