"""Orders are priced by the calculator, with everything it was told kept beside them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.orders.pricing_kept import list_explanations
from services.pricing.calculating.priced import Refusal
from services.pricing.explanations import Explanation
from tests.services.acting import category_id, order_with_lines, place, remove
from tests.services.evidence import nothing_changed, stock_of
from tests.services.offers import changed, offer, uses_of
from tests.services.test_placing_refused import refused
from tests.support import ALICE, BOB
from utils import clock
from utils.errors import (
    DiscountExhausted,
    DiscountExpired,
    DiscountNotApplicable,
    DiscountNotStarted,
    DiscountUnknown,
    DomainError,
    InvalidInput,
    NotForSale,
)
from wiring import Shop

Make = Callable[..., UUID]


def amounts(shop: Shop, order_id: UUID) -> dict[str, str]:
    """The order's amounts, without the noughts that the table adds."""
    order = order_with_lines(shop, order_id)
    names = ("total_amount", "net_goods", "net_shipping", "tax_total", "discount_total")
    return {name: str(getattr(order, name).normalize() + 0) for name in names}


def explained(shop: Shop, order_id: UUID, *, in_full: bool = True) -> Explanation:
    """Why the order costs what it does."""
    with shop.database.read() as session:
        return list_explanations(session, [order_id], in_full=in_full)[order_id]


def refusals(shop: Shop, order_id: UUID) -> dict[str, Refusal | None]:
    """By the names of the discounts that were considered, why they did not count."""
    return {each.name: each.refusal for each in explained(shop, order_id).considered}


def rows_of(shop: Shop, table: str) -> int:
    with shop.database.read() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def shipping(shop: Shop, region: str, price: str) -> None:
    """What bringing an order costs there."""
    with shop.database.write() as session:
        session.execute(
            text("UPDATE regions SET shipping_price = :price WHERE code = :code"), {"price": price, "code": region}
        )


def test_an_order_at_home_without_discounts_costs_the_sum_of_its_lines(shop: Shop, product: Make) -> None:
    tea, rice = product(price="2.50"), product(price="1.25")
    order = order_with_lines(shop, place(shop, "alice", (tea, 2), (rice, 3)))
    assert (order.currency, order.region_code) == ("USD", "US")
    assert amounts(shop, order.id) == {
        "total_amount": "8.75",
        "net_goods": "8.75",
        "net_shipping": "0",
        "tax_total": "0",
        "discount_total": "0",
    }
    assert [(line.price_at_purchase, line.line_total, line.net_total) for line in order.items] == [
        (Decimal("2.5"), 5, 5),
        (Decimal("1.25"), Decimal("3.75"), Decimal("3.75")),
    ]


def test_a_region_has_its_currency_its_shipping_and_its_taxes(shop: Shop, product: Make) -> None:
    # given a region that shows prices with 19 percent in them, for shipping too
    shipping(shop, "DE", "4.90")
    tea = product(name="Tee", price="10.00", currency="EUR")
    # when
    order = order_with_lines(shop, place(shop, "alice", (tea, 3), region="DE"))
    # then
    assert (order.currency, order.region_code) == ("EUR", "DE")
    assert amounts(shop, order.id) == {
        "total_amount": "34.9",
        "net_goods": "25.21",
        "net_shipping": "4.12",
        "tax_total": "5.57",
        "discount_total": "0",
    }
    (line,) = order.items
    assert (line.line_total, line.net_total, line.tax_total) == (Decimal(30), Decimal("25.21"), Decimal("4.79"))
    found = explained(shop, order.id)
    assert [(tax.name, tax.percent, tax.net, tax.amount) for tax in found.taxes] == [
        ("VAT", Decimal(19), Decimal("29.33"), Decimal("5.57"))
    ]
    assert sum(step.amount for step in found.steps) == found.total == Decimal("34.90")


def test_what_is_not_sold_in_a_region_is_not_ordered_there(shop: Shop, product: Make) -> None:
    tea = product(currency="USD")
    refusal = refused(shop, NotForSale, "alice", (tea, 1), region="DE")
    assert refusal.details == {"productIds": [str(tea)]}


def test_nothing_is_sold_in_a_region_that_is_none(shop: Shop, product: Make) -> None:
    refused(shop, NotForSale, "alice", (product(), 1), region="XX")


def test_discounts_take_off_and_the_list_price_stays(shop: Shop, product: Make) -> None:
    # given ten percent off fruit, and two dollars off the order by a code
    fruit, tea = product(price="3.33", category="fruit"), product(price="1.00", category="tea")
    percent = offer(shop, name="Fruit", targets=[{"category_id": category_id(shop, "fruit")}])
    code = offer(shop, name="Two", code="TWO", kind="amount", applies_to="order", amounts={"USD": "2.00"})
    # when
    made = place(shop, "alice", (fruit, 3), (tea, 4), codes=[" two "])
    # then 9.99 - 1.00, and 2.00 spread over 8.99 and 4.00
    order = order_with_lines(shop, made)
    assert [(line.price_at_purchase, line.line_total, line.discount_total) for line in order.items] == [
        (Decimal("3.33"), Decimal("7.61"), Decimal("2.38")),
        (Decimal("1.00"), Decimal("3.38"), Decimal("0.62")),
    ]
    assert amounts(shop, made)["total_amount"] == "10.99"
    assert amounts(shop, made)["discount_total"] == "3"
    assert uses_of(shop, percent) == (0, [(made, ALICE, "1.000")])
    assert uses_of(shop, code) == (0, [(made, ALICE, "2.000")])
    found = explained(shop, made)
    assert found.subtotal == Decimal("13.99")
    assert {each.name: each.amount for each in found.discounts} == {"Fruit": 1, "Two": 2}
    assert sum(step.amount for step in found.steps) == Decimal("10.99")


def test_a_discount_on_a_collection_and_one_above_the_category(
    shop: Shop, product: Make, connection: Any, counted_sql: Callable[[], Any]
) -> None:
    # given
    window, other = product(category="fruit"), product(category="fruit")
    shelf = UUID(int=7)
    connection.execute(
        text(
            "INSERT INTO collections (id, slug, name, description, position, is_published, version, created_at,"
            " updated_at) VALUES (:id, 'w', 'W', '', 0, true, 1, now(), now())"
        ),
        {"id": shelf},
    )
    connection.execute(
        text("INSERT INTO collection_products (collection_id, product_id, position) VALUES (:id, :product, 0)"),
        {"id": shelf, "product": window},
    )
    top = connection.execute(text("SELECT parent_id FROM categories WHERE slug = 'fruit'")).scalar_one()
    # without a rule: who buys, and does their session live; lock; what it is priced by; order, and the rules, which are
    # new; stock; news
    with counted_sql() as plain:
        place(shop, "bob", (window, 1), (other, 1))
    offer(shop, name="Window", targets=[{"collection_id": shelf}])
    offer(shop, name="Above", percent=50, targets=[{"category_id": top}] if top else [])
    with counted_sql() as asked:
        made = place(shop, "alice", (window, 1), (other, 1))
    # then 10.00 less ten percent less half, and less half
    assert [line.line_total for line in order_with_lines(shop, made).items] == [Decimal("4.5"), 5]
    # and the rules, which this process has not seen; the discounts, locked
    assert (len(plain), len(asked)) == (7, 9)


def test_the_facts_are_kept_once_for_the_rules_that_orders_share(shop: Shop, product: Make) -> None:
    tea = product(stock=50)
    place(shop, "alice", (tea, 1))
    place(shop, "bob", (tea, 1))
    assert (rows_of(shop, "order_pricing"), rows_of(shop, "pricing_rules")) == (2, 1)
    offer(shop)
    place(shop, "alice", (tea, 1))
    place(shop, "bob", (tea, 1))
    assert (rows_of(shop, "order_pricing"), rows_of(shop, "pricing_rules")) == (4, 2)


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_discount_that_was_ended_prices_no_order_even_where_nobody_told_the_cache(
    shop: Shop, product: Make, seen_before: bool
) -> None:
    tea = product(price="10.00", stock=50)
    ended = offer(shop)
    if seen_before:
        assert amounts(shop, place(shop, "alice", (tea, 1)))["total_amount"] == "9"
    changed(shop, ended, announced=False, is_active=False)
    assert amounts(shop, place(shop, "bob", (tea, 1)))["total_amount"] == "10"


def test_a_new_discount_prices_the_next_order_even_where_nobody_told_the_cache(shop: Shop, product: Make) -> None:
    tea = product(price="10.00", stock=50)
    place(shop, "alice", (tea, 1))
    offer(shop, announced=False)
    assert amounts(shop, place(shop, "alice", (tea, 1)))["total_amount"] == "9"


def test_the_orders_moment_decides_what_has_begun(shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tea, moment = product(price="10.00", stock=50), clock.now() + timedelta(minutes=5)
    offer(shop, starts_at=moment, ends_at=moment + timedelta(minutes=1))
    paid = []
    for seconds in (-0.001, 0, 59.999, 60):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: moment + timedelta(seconds=seconds))
        paid.append(amounts(shop, place(shop, "alice", (tea, 1)))["total_amount"])
    assert paid == ["10", "9", "9", "10"]


def test_a_code_that_is_not_the_cheapest_is_no_error(shop: Shop, product: Make) -> None:
    offer(shop, name="Half", percent=50, combines_with=[])
    weaker = offer(shop, name="Tenth", code="TENTH", combines_with=[])
    made = place(shop, "alice", (product(price="10.00"), 1), codes=["TENTH"])
    assert amounts(shop, made)["total_amount"] == "5"
    assert refusals(shop, made) == {"Half": None, "Tenth": Refusal.BETTER_COMBINATION}
    assert uses_of(shop, weaker) == (0, [])


REFUSED: dict[str, tuple[dict[str, Any], type[DomainError], dict[str, Any]]] = {
    "begins tomorrow": (
        {"starts_at": timedelta(days=1)},
        DiscountNotStarted,
        {"discountCode": "CODE", "condition": "NOT_STARTED"},
    ),
    "is over": ({"ends_at": timedelta(days=-1)}, DiscountExpired, {"discountCode": "CODE", "condition": "EXPIRED"}),
    "was used up": (
        {"total_limit": 1, "used_count": 1},
        DiscountExhausted,
        {"discountCode": "CODE", "condition": "EXHAUSTED"},
    ),
    "names others": ({"for_named_customers": True}, DiscountUnknown, {"discountCode": "CODE"}),
    "was switched off": ({"is_active": False}, DiscountUnknown, {"discountCode": "CODE"}),
    "is for gold": ({"tiers": ["gold"]}, DiscountNotApplicable, {"discountCode": "CODE", "condition": "WRONG_TIER"}),
    "is for Germany": (
        {"region_codes": ["DE"]},
        DiscountNotApplicable,
        {"discountCode": "CODE", "condition": "WRONG_REGION"},
    ),
    "is from 30 on": (
        {"min_amounts": {"USD": "30.00"}},
        DiscountNotApplicable,
        {"discountCode": "CODE", "condition": "MINIMUM_AMOUNT", "missingAmount": 20.0, "currency": "USD"},
    ),
    "is from 3 on": (
        {"min_quantity": 3},
        DiscountNotApplicable,
        {"discountCode": "CODE", "condition": "MINIMUM_QUANTITY", "missingQuantity": 1},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_code_that_does_not_count_refuses_the_order(shop: Shop, product: Make, case: str) -> None:
    # given
    values, kind, details = REFUSED[case]
    moments = {name: clock.now() + each for name, each in values.items() if isinstance(each, timedelta)}
    offer(shop, name="By code", code="CODE", **{**values, **moments})
    offer(shop, name="By itself")
    tea = product(price="5.00", stock=9)
    # then
    begins = {"startsAt": moments["starts_at"].isoformat()} if kind is DiscountNotStarted else {}
    assert refused(shop, kind, "alice", (tea, 2), codes=["code"]).details == details | begins
    assert stock_of(shop.database, tea) == [9]
    # and without the code the order is placed
    assert amounts(shop, place(shop, "alice", (tea, 2)))["total_amount"] == "9"


def test_the_first_code_that_does_not_count_is_told(shop: Shop, product: Make) -> None:
    offer(shop, code="OVER", ends_at=clock.now() - timedelta(days=1))
    offer(shop, code="GOOD")
    tea = product()
    assert refused(shop, DiscountUnknown, "alice", (tea, 1), codes=["good", "NONE", "over"]).details == {
        "discountCode": "NONE"
    }
    assert refused(shop, DiscountExpired, "alice", (tea, 1), codes=["over", "none"]).details["discountCode"] == "OVER"


@pytest.mark.parametrize("codes", [["A"] * 11, [""], ["  "], ["x" * 65], ["a\nb"]])
def test_what_is_no_code(shop: Shop, product: Make, codes: list[str]) -> None:
    assert refused(shop, InvalidInput, "alice", (product(), 1), codes=codes).details == {"field": "discountCodes"}


def test_a_customers_own_uses_and_first_orders_are_counted(shop: Shop, product: Make) -> None:
    tea = product(price="10.00", stock=50)
    once = offer(shop, code="ONCE", per_customer_limit=1)
    first = offer(shop, code="FIRST", first_order_only=True)
    made = place(shop, "alice", (tea, 1), codes=["ONCE", "FIRST"])
    assert amounts(shop, made)["total_amount"] == "8.1"
    assert refused(shop, DiscountExhausted, "alice", (tea, 1), codes=["ONCE"]).details == {
        "discountCode": "ONCE",
        "condition": "EXHAUSTED_FOR_CUSTOMER",
    }
    details = refused(shop, DiscountNotApplicable, "alice", (tea, 1), codes=["FIRST"]).details
    assert details["condition"] == "NOT_FIRST_ORDER"
    # and Bob has his own; staff order for him
    assert amounts(shop, place(shop, "sam", (tea, 1), customer=BOB, codes=["ONCE"]))["total_amount"] == "9"
    assert [len(uses_of(shop, each)[1]) for each in (once, first)] == [2, 1]


def test_the_last_use_of_a_discount_by_itself_is_one_order_and_the_next_one_pays_the_full_price(
    shop: Shop, product: Make
) -> None:
    tea = product(price="10.00", stock=50)
    last = offer(shop, name="Last", total_limit=1)
    first, second = (place(shop, who, (tea, 1)) for who in ("alice", "bob"))
    assert [amounts(shop, each)["total_amount"] for each in (first, second)] == ["9", "10"]
    assert refusals(shop, second) == {"Last": Refusal.EXHAUSTED}
    assert uses_of(shop, last) == (1, [(first, ALICE, "1.000")])


def test_codes_of_others_are_not_told_to_customers(shop: Shop, product: Make) -> None:
    offer(shop, name="Secret", code="SECRET")
    offer(shop, name="Named", for_named_customers=True)
    offer(shop, name="Gold", tiers=["gold"])
    made = place(shop, "alice", (product(), 1))
    told = [each.name for each in explained(shop, made, in_full=False).considered]
    assert told == ["Gold"]
    assert sorted(refusals(shop, made)) == ["Gold", "Named", "Secret"]


def test_a_hundred_lines(shop: Shop, product: Make) -> None:
    goods = [product(price=f"{number}.99", stock=5) for number in range(1, 101)]
    offer(shop, name="Order", applies_to="order", percent=7)
    made = place(shop, "alice", *[(each, 1) for each in goods])
    order = order_with_lines(shop, made)
    # 5149.00 less seven percent, to the cent
    assert (order.total_amount, sum(line.line_total for line in order.items)) == (Decimal("4788.57"),) * 2
    assert sum(line.discount_total for line in order.items) == order.discount_total == Decimal("360.43")


def test_an_order_that_is_refused_after_its_price_takes_no_use(shop: Shop, product: Make) -> None:
    # given a discount with one use, and an order that fails when its stock is taken
    tea, gone = product(), product()
    offer(shop, total_limit=1)
    remove(shop, "dana", gone)
    with nothing_changed(shop.database), pytest.raises(NotForSale):
        place(shop, "alice", (tea, 1), (gone, 1))
