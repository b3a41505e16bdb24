"""Products at Stripe: what is told, in which order, and that nothing is there twice whatever goes wrong."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine

from gateways.payments.products import NoDirectory, StripeRefused, Twin
from gateways.payments.stripe_amounts import minor_units
from gateways.payments.stripe_calls import StripeCalls
from gateways.payments.stripe_products import StripeProducts
from launch.processes import free_port
from tests.faults.rivals import together
from tests.stripe.stand_in import KEY, StripeStandIn, Trouble, stripe_stand_in
from utils import clock
from utils.errors import Unavailable

ID = UUID("0192f0c1-2345-7000-8000-000000000001")
FACTS = {"slug": "tea", "sku": "T-1", "category": "drinks"}
TEA = Twin(ID, "Tea", "Green.", "500 g", True, Decimal("2.50"), "USD", FACTS)
PRODUCTS, PRODUCT, PRICES, PRICE = "/v1/products", "/v1/products/[^/]+", "/v1/prices", "/v1/prices/[^/]+"


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    with stripe_stand_in() as found:
        yield found


def directory(stand_in: StripeStandIn, *, retries: int = 0, timeout: float = 5.0) -> StripeProducts:
    return StripeProducts(StripeCalls(stand_in.url, KEY, timeout_seconds=timeout, retries=retries))


def product(stand_in: StripeStandIn) -> dict[str, Any]:
    """The one product, as far as we tell of it."""
    [found] = stand_in.all("product")
    names = ("id", "name", "description", "unit_label", "active", "default_price", "metadata")
    return {name: found[name] for name in names}


def prices(stand_in: StripeStandIn) -> list[tuple[str, int, str, bool, str | None]]:
    """The prices, the oldest first: id, amount, currency, whether active, lookup key."""
    names = ("id", "unit_amount", "currency", "active", "lookup_key")
    return [tuple(each[name] for name in names) for each in stand_in.all("price")]


def calls(stand_in: StripeStandIn) -> list[tuple[str, str]]:
    """What was called since the last look, with ids left out."""
    found = [(each.method, "/".join(each.path.split("/")[:3])) for each in stand_in.calls]
    stand_in.calls.clear()
    return found


def test_a_new_product_is_there_with_its_price(stand_in: StripeStandIn) -> None:
    price = directory(stand_in).put(TEA, price_id=None)
    assert product(stand_in) == {
        "id": str(ID),
        "name": "Tea",
        "description": "Green.",
        "unit_label": "500 g",
        "active": True,
        "default_price": price,
        "metadata": FACTS,
    }
    assert prices(stand_in) == [(price, 250, "usd", True, str(ID))]
    assert calls(stand_in) == [("POST", PRODUCTS), ("POST", PRICES), ("POST", PRODUCTS)]


def test_the_same_again_changes_nothing_and_is_one_call(stand_in: StripeStandIn) -> None:
    price = directory(stand_in).put(TEA, price_id=None)
    calls(stand_in)
    assert directory(stand_in).put(TEA, price_id=price) == price
    assert calls(stand_in) == [("POST", PRODUCTS)]
    assert len(prices(stand_in)) == 1


def test_what_is_not_there_any_more_is_taken_away(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    price = tell.put(TEA, price_id=None)
    bare = replace(TEA, name="Brew", description="", unit="a whole dozen", active=False, facts={**FACTS, "sku": ""})
    tell.put(bare, price_id=price)
    assert product(stand_in) == {
        "id": str(ID),
        "name": "Brew",
        "description": None,
        # Stripe takes 12 characters, and half a unit is another one.
        "unit_label": None,
        "active": False,
        "default_price": price,
        "metadata": {"slug": "tea", "category": "drinks"},
    }


def test_a_product_with_nothing_to_say_is_made(stand_in: StripeStandIn) -> None:
    directory(stand_in).put(replace(TEA, description="", unit="", facts={"sku": ""}, amount=Decimal(0)), price_id=None)
    assert (product(stand_in)["description"], product(stand_in)["metadata"]) == (None, {})
    assert prices(stand_in)[0][1] == 0


def test_another_price_is_another_object_and_the_old_one_is_archived(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    first = tell.put(TEA, price_id=None)
    calls(stand_in)
    second = tell.put(replace(TEA, amount=Decimal("3.00")), price_id=first)
    assert product(stand_in)["default_price"] == second
    assert prices(stand_in) == [(first, 250, "usd", False, None), (second, 300, "usd", True, str(ID))]
    assert calls(stand_in) == [
        ("POST", PRODUCTS),
        ("GET", PRICES),
        ("POST", PRICES),
        ("POST", PRODUCTS),
        ("POST", PRICES),
    ]


def test_a_price_that_comes_back_is_told_each_time(stand_in: StripeStandIn) -> None:
    """Keys made of what is sent alone would have Stripe repeat its answer of before, and do nothing."""
    tell, price = directory(stand_in), None
    for _ in range(2):
        price = tell.put(replace(TEA, name="Brew"), price_id=price)
        price = tell.put(replace(TEA, amount=Decimal("3.00")), price_id=price)
        price = tell.put(TEA, price_id=price)
    assert [each[1:4] for each in prices(stand_in)] == [
        (250, "usd", False),
        (300, "usd", False),
        (250, "usd", False),
        (300, "usd", False),
        (250, "usd", True),
    ]
    assert (product(stand_in)["name"], product(stand_in)["default_price"]) == ("Tea", prices(stand_in)[-1][0])


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("500", "JPY", 500),
        ("1.230", "KWD", 1230),
        ("2.5", "USD", 250),
        ("100", "ISK", 10000),
        ("100", "UGX", 10000),
        ("1234", "HUF", 123400),
        # No decimals in Unicode's tables, two at Stripe.
        ("100", "ALL", 10000),
        ("99999999999.99", "USD", 9999999999999),
    ],
)
def test_amounts_in_stripes_unit(amount: str, currency: str, units: int) -> None:
    assert minor_units(Decimal(amount), currency) == units


@pytest.mark.parametrize(("amount", "currency"), [("1.234", "KWD"), ("0.5", "JPY"), ("2.505", "USD"), ("0.5", "ISK")])
def test_amounts_that_stripe_would_have_to_round_are_refused_before_it_hears_of_them(
    stand_in: StripeStandIn, amount: str, currency: str
) -> None:
    with pytest.raises(StripeRefused) as refused:
        directory(stand_in).put(replace(TEA, amount=Decimal(amount), currency=currency), price_id=None)
    assert refused.value.status == f"{amount} {currency} cannot be charged exactly"
    assert stand_in.calls == []


def test_yen_and_dinars_arrive(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    first = tell.put(replace(TEA, amount=Decimal(500), currency="JPY"), price_id=None)
    tell.put(replace(TEA, amount=Decimal("1.230"), currency="KWD"), price_id=first)
    assert [each[1:4] for each in prices(stand_in)] == [(500, "jpy", False), (1230, "kwd", True)]


@pytest.mark.parametrize(
    ("method", "path", "is_new"),
    [
        ("POST", PRODUCTS, True),
        ("POST", PRICES, True),
        ("POST", PRODUCT, True),
        ("POST", PRODUCT, False),
        ("GET", PRICES, False),
        ("POST", PRICES, False),
        ("POST", PRICE, False),
    ],
)
@pytest.mark.parametrize("trouble", [Trouble.LOST_ANSWER, Trouble.CUT, Trouble.FAULT, Trouble.TOO_MANY, Trouble.LOCKED])
def test_whatever_goes_wrong_the_next_attempt_makes_it_right(
    stand_in: StripeStandIn, method: str, path: str, is_new: bool, trouble: Trouble
) -> None:
    tell = directory(stand_in)
    before = None if is_new else tell.put(replace(TEA, amount=Decimal("3.00")), price_id=None)
    stand_in.goes_wrong(method, path, trouble)
    with pytest.raises(Unavailable):
        tell.put(TEA, price_id=before)
    after = tell.put(TEA, price_id=before)
    assert [each[1:4] for each in prices(stand_in) if each[3]] == [(250, "usd", True)]
    assert len(prices(stand_in)) == (1 if is_new else 2)
    assert (product(stand_in)["name"], product(stand_in)["default_price"]) == ("Tea", after)


def test_a_lost_answer_is_asked_for_again_at_once(stand_in: StripeStandIn) -> None:
    stand_in.goes_wrong("POST", PRICES, Trouble.LOST_ANSWER)
    directory(stand_in, retries=1).put(TEA, price_id=None)
    made = stand_in.asked("POST", PRICES)
    assert [each.status for each in made] == [None, 200]
    assert made[0].key == made[1].key
    assert len(prices(stand_in)) == 1


def test_a_fault_that_stripe_keeps_is_over_within_the_hour(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    with time_machine.travel(clock.now().replace(minute=10), tick=False) as now:
        stand_in.goes_wrong("POST", PRICES, Trouble.KEPT_FAULT)
        for _ in range(2):
            with pytest.raises(Unavailable):
                tell.put(TEA, price_id=None)
        now.shift(timedelta(hours=1))
        tell.put(TEA, price_id=None)
    assert len(prices(stand_in)) == 1


def test_two_at_once_make_one_product_and_one_price(stand_in: StripeStandIn) -> None:
    stand_in.goes_wrong("POST", PRICES, delay=0.1)
    outcomes = together([lambda: directory(stand_in).put(TEA, price_id=None)] * 2)
    assert len(prices(stand_in)) == 1
    # One of them may be told to come again: the key was in use.
    assert {type(each) for each in outcomes} <= {str, Unavailable}
    directory(stand_in).put(TEA, price_id=None)
    assert [each[3] for each in prices(stand_in)] == [True]


def test_a_note_that_was_lost_makes_nothing_twice(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    first = tell.put(TEA, price_id=None)
    second = tell.put(replace(TEA, amount=Decimal("3.00")), price_id=first)
    assert tell.put(replace(TEA, amount=Decimal("3.00")), price_id=None) == second
    assert tell.put(replace(TEA, amount=Decimal("3.00")), price_id=first) == second
    assert tell.put(replace(TEA, amount=Decimal("3.00")), price_id="price_of_another_account") == second
    assert len(prices(stand_in)) == 2


def test_another_account_is_told_everything(stand_in: StripeStandIn) -> None:
    price = directory(stand_in).put(TEA, price_id="price_of_another_account")
    assert product(stand_in)["default_price"] == price


def test_prices_that_a_person_made_there_are_left_alone(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    first = tell.put(TEA, price_id=None)
    client = StripeCalls(stand_in.url, KEY, timeout_seconds=5).client
    theirs = client.v1.prices.create({"product": str(ID), "currency": "usd", "unit_amount": 300})
    second = tell.put(replace(TEA, amount=Decimal("3.00")), price_id=first)
    assert [each[:4] for each in prices(stand_in)] == [
        (first, 250, "usd", False),
        (theirs.id, 300, "usd", True),
        (second, 300, "usd", True),
    ]


def test_archiving(stand_in: StripeStandIn) -> None:
    tell = directory(stand_in)
    tell.archive(ID)
    assert stand_in.all("product") == []
    tell.put(TEA, price_id=None)
    tell.archive(ID)
    tell.archive(ID)
    assert product(stand_in)["active"] is False


def test_who_does_not_take_our_key_is_away(stand_in: StripeStandIn) -> None:
    stand_in.key = "sk_test_another"
    with pytest.raises(Unavailable) as refused:
        directory(stand_in).put(TEA, price_id=None)
    assert refused.value.details == {"status": 401}


def test_what_stripe_never_takes_is_told_by_code_and_not_in_its_words(stand_in: StripeStandIn) -> None:
    with pytest.raises(StripeRefused) as refused:
        directory(stand_in).put(replace(TEA, currency="XXXX"), price_id=None)
    assert refused.value.status == "400 invalid_request_error currency req_standIn000002"
    with pytest.raises(StripeRefused) as refused:
        directory(stand_in).put(replace(TEA, facts={str(each): "x" for each in range(51)}), price_id=None)
    assert refused.value.status.startswith("400 invalid_request_error metadata req_")


def test_who_is_silent_again_and_again_is_left_in_peace_for_a_while() -> None:
    calls = StripeCalls(f"http://127.0.0.1:{free_port()}", KEY, timeout_seconds=1, retries=0)
    tell = StripeProducts(calls)
    with time_machine.travel(clock.now(), tick=False) as now:
        said = []
        for _ in range(5):
            with pytest.raises(Unavailable) as refused:
                tell.archive(ID)
            said.append(refused.value.details["status"])
        assert said == ["ConnectError"] * 3 + ["no answer just now"] * 2
        now.shift(timedelta(seconds=10))
        with pytest.raises(Unavailable) as refused:
            tell.archive(ID)
        assert refused.value.details["status"] == "ConnectError"


def test_who_is_too_slow_is_away(stand_in: StripeStandIn) -> None:
    stand_in.goes_wrong("POST", PRODUCTS, delay=0.3)
    with pytest.raises(Unavailable) as refused:
        directory(stand_in, timeout=0.1).put(TEA, price_id=None)
    assert refused.value.details == {"status": "ReadTimeout"}


@pytest.mark.parametrize("trouble", [None, *Trouble])
def test_the_key_stands_in_no_log_and_no_fault(
    stand_in: StripeStandIn, trouble: Trouble | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tell = directory(stand_in)
    tell.put(TEA, price_id=None)
    if trouble is not None:
        stand_in.goes_wrong("POST", PRODUCTS, trouble)
    else:
        stand_in.key = "sk_test_another"
    with pytest.raises(Unavailable) as refused:
        tell.put(TEA, price_id=None)
    fault: Any = refused.value
    told = f"{fault!r} {fault.__dict__} {fault.__cause__!r} {caplog.text}"
    assert KEY not in told
    assert KEY[-4:] not in told


def test_an_account_has_a_name_that_tells_nothing_of_the_key() -> None:
    ours = StripeCalls("https://api.stripe.com", KEY, timeout_seconds=1).account
    assert ours == StripeCalls("https://api.stripe.com/", KEY, timeout_seconds=1).account
    assert ours != StripeCalls("https://api.stripe.com", f"{KEY}x", timeout_seconds=1).account
    assert KEY[8:] not in ours


def test_without_a_key_nobody_is_told() -> None:
    nobody = NoDirectory()
    assert (nobody.account, nobody.put(TEA, price_id="price_7"), nobody.put(TEA, price_id=None)) == (
        None,
        "price_7",
        None,
    )
    nobody.archive(ID)
