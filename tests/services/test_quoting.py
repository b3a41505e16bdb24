"""Quotes: what would it cost, for guests too; nothing is changed, and problems are told beside the price."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.catalogue.reader import reading
from services.orders.pricing_placed import Terms
from services.orders.quoting import Quote, quote
from services.pricing.calculating.priced import Refusal
from services.pricing.region_facts import all_regions
from tests.services.acting import order_with_lines, place, remove
from tests.services.evidence import nothing_changed
from tests.services.offers import changed, offer
from tests.services.test_placing_priced import shipping
from tests.support import ALICE
from utils import clock
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def quoted(
    shop: Shop,
    *lines: tuple[UUID, int],
    customer: UUID | None = None,
    region: str | None = None,
    codes: Sequence[str] = (),
    in_full: bool = False,
) -> Quote:
    """The quote for these lines; it changed nothing."""
    with nothing_changed(shop.database), shop.database.read() as session:
        reader = reading(session, shop.cache)
        known = all_regions(reader)
        found = known.home if region is None else known.find(region)
        assert found is not None
        terms = Terms("UTC", region, codes)
        return quote(reader, dict(lines), terms, region=found, customer_id=customer, in_full=in_full)


def problems(found: Quote) -> list[tuple[str, dict[str, object]]]:
    """The codes and details of its problems."""
    return [(each.code.value, each.details) for each in found.problems]


def test_a_quote_costs_what_the_order_does(shop: Shop, product: Make) -> None:
    # given
    shipping(shop, "DE", "4.90")
    tea, rice = product(price="3.33", currency="EUR"), product(price="0.99", currency="EUR")
    offer(shop, name="All", region_codes=["DE"])
    offer(shop, name="Two", code="TWO", kind="amount", applies_to="order", amounts={"EUR": "2.00"})
    # when
    found = quoted(shop, (tea, 3), (rice, 1), customer=ALICE, region="DE", codes=["two"])
    order = order_with_lines(shop, place(shop, "alice", (tea, 3), (rice, 1), region="DE", codes=["two"]))
    # then 9.99 - 1.00 and 0.99 - 0.10, less two, and 4.90
    assert found.explanation.total == order.total_amount == Decimal("12.78")
    assert [line.amounts.total for line in found.lines] == [line.line_total for line in order.items]
    assert found.problems == []
    assert (found.explanation.region, found.explanation.currency) == ("DE", "EUR")


def test_a_guest_is_told_near_misses(shop: Shop, product: Make) -> None:
    shipping(shop, "US", "5.00")
    offer(
        shop,
        name="Free",
        kind="free_shipping",
        applies_to="shipping",
        min_amounts={"USD": "30.00"},
    )
    found = quoted(shop, (product(price="11.40"), 2))
    assert found.explanation.total == Decimal("27.80")
    assert [(each.name, each.missing_amount) for each in found.explanation.near_misses] == [("Free", Decimal("7.20"))]


def test_what_an_order_would_be_refused_for_is_told_beside_the_price_of_the_rest(shop: Shop, product: Make) -> None:
    # given
    sold, few, gone, never = product(price="2.00", stock=9), product(price="3.00", stock=1), product(), new_id()
    place(shop, "bob", (gone, 1))
    remove(shop, "dana", gone)
    offer(shop, code="OVER", ends_at=clock.now() - timedelta(days=1))
    # when
    found = quoted(shop, (gone, 1), (sold, 1), (never, 1), (few, 2), codes=["none", "over"])
    # then
    assert problems(found) == [
        ("NOT_FOR_SALE", {"productId": str(gone)}),
        ("NOT_FOR_SALE", {"productId": str(never)}),
        ("OUT_OF_STOCK", {"productId": str(few), "requested": 2, "available": 1}),
        ("DISCOUNT_UNKNOWN", {"discountCode": "NONE"}),
        ("DISCOUNT_EXPIRED", {"discountCode": "OVER", "condition": "EXPIRED"}),
    ]
    assert [(line.product.id, line.amounts.total) for line in found.lines] == [(sold, Decimal(2)), (few, Decimal(6))]
    assert found.explanation.total == 8


def test_goods_of_another_currency_are_a_problem(shop: Shop, product: Make) -> None:
    tea, tee = product(price="2.00"), product(currency="EUR")
    found = quoted(shop, (tea, 1), (tee, 1))
    assert problems(found) == [("INVALID_INPUT", {"field": "items", "productId": str(tee)})]
    assert found.explanation.total == 2
    assert problems(quoted(shop, (tea, 1), (tee, 1), region="DE")) == [("NOT_FOR_SALE", {"productId": str(tea)})]


def test_each_code_is_told_in_the_order_given(shop: Shop, product: Make) -> None:
    offer(shop, code="WORSE", combines_with=[])
    offer(shop, code="BEST", percent=50, combines_with=[])
    offer(shop, code="TWO", min_quantity=2)
    tea = product(price="10.00")
    found = quoted(shop, (tea, 1), codes=["none", "worse", "best", "Worse ", "two"])
    assert [(each.code, each.refusal and each.refusal.details.get("condition")) for each in found.codes] == [
        ("NONE", None),
        ("WORSE", "BETTER_COMBINATION"),
        ("BEST", None),
        ("TWO", "MINIMUM_QUANTITY"),
    ]
    assert [each.refusal is None for each in found.codes] == [False, False, True, False]
    assert [details["discountCode"] for _, details in problems(found)] == ["NONE", "TWO"]
    assert quoted(shop, (tea, 1)).codes == []


def test_of_nothing_that_is_sold_nothing_is_to_be_paid(shop: Shop) -> None:
    shipping(shop, "US", "5.00")
    found = quoted(shop, (new_id(), 1))
    assert (found.lines, found.explanation.total) == ([], Decimal(0))


def test_a_code_that_names_somebody_else_is_unknown_to_a_guest(shop: Shop, product: Make) -> None:
    offer(shop, code="NAMED", for_named_customers=True)
    assert problems(quoted(shop, (product(), 1), codes=["NAMED"])) == [("DISCOUNT_UNKNOWN", {"discountCode": "NAMED"})]


def test_secrets_are_told_to_staff_only(shop: Shop, product: Make) -> None:
    offer(shop, name="Secret", code="SECRET")
    offer(shop, name="Germany", region_codes=["DE"])
    tea = product()
    assert [each.name for each in quoted(shop, (tea, 1)).explanation.considered] == ["Germany"]
    told = {each.name: each.refusal for each in quoted(shop, (tea, 1), in_full=True).explanation.considered}
    assert told == {"Secret": Refusal.NEEDS_CODE, "Germany": Refusal.WRONG_REGION}


def test_a_change_of_a_discount_is_seen_by_the_next_quote(shop: Shop, product: Make) -> None:
    tea, all_goods = product(price="10.00"), offer(shop)
    assert quoted(shop, (tea, 1)).explanation.total == 9
    changed(shop, all_goods, percent=20)
    assert quoted(shop, (tea, 1)).explanation.total == 8


def test_an_order_tells_the_cache_that_its_customer_ordered(shop: Shop, product: Make) -> None:
    # given a discount that the order itself has nothing of
    tea = product(price="10.00")
    offer(shop, first_order_only=True, min_quantity=2)
    assert quoted(shop, (tea, 2), customer=ALICE).explanation.total == 18
    place(shop, "alice", (tea, 1))
    assert quoted(shop, (tea, 2), customer=ALICE).explanation.total == 20
    assert quoted(shop, (tea, 2)).explanation.total == 18


def test_a_total_that_no_amount_can_hold(shop: Shop, product: Make) -> None:
    with pytest.raises(InvalidInput) as refusal:
        quoted(shop, (product(price="99999999999.99", stock=2), 2))
    assert refusal.value.details == {"field": "items"}
