"""`manage.py stripe-sync`: it finds what Stripe was never told and what differs, and only tells when asked to."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from manage import manage
from models.product import ProductStatus
from tests.faults.own import PROJECT, variables_of
from tests.services.acting import change, remove
from tests.services.evidence import nothing_changed
from tests.services.test_stripe_products import put
from tests.stripe.stand_in import KEY, StripeStandIn, Trouble, stripe_stand_in
from tests.support import make_products
from tests.workers.at_stripe import notes, twins
from wiring import Shop


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    with stripe_stand_in() as found:
        yield found


def sync(shop: Shop, stripe: StripeStandIn, *words: str, key: str = KEY) -> Result:
    variables = variables_of(shop) | {"STRIPE_SECRET_KEY": key, "STRIPE_API_URL": stripe.url}
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        return CliRunner().invoke(manage, ["stripe-sync", *words], env=variables)
    finally:
        # The command's own writes to an output that is no more.
        root.handlers[:] = before
        root.setLevel(level)


def said(result: Result) -> tuple[int, list[str]]:
    return result.exit_code, sorted(result.output.splitlines())


def some_goods(shop: Shop, stripe: StripeStandIn) -> list[UUID]:
    """Five products: told and the same, changed, withdrawn, removed, and never told; and a draft."""
    goods = list(make_products(shop, 4, name="Tea", price="2.50"))
    assert sync(shop, stripe).exit_code == 0
    change(shop, "dana", goods[1], price=Decimal(3))
    change(shop, "dana", goods[2], status=ProductStatus.WITHDRAWN)
    remove(shop, "dana", goods[3])
    goods += make_products(shop, 2, name="Coffee", price="4.00")
    put(shop, goods[5], status=ProductStatus.DRAFT)
    stripe.calls.clear()
    return goods


def test_a_dry_run_tells_us_and_nobody_else(committing_shop: Shop, stripe: StripeStandIn) -> None:
    goods = some_goods(committing_shop, stripe)
    with nothing_changed(committing_shop.database):
        foretold = said(sync(committing_shop, stripe, "--dry-run"))
    assert foretold == (
        0,
        sorted(
            [
                f"{goods[1]} change Tea",
                f"{goods[2]} withdraw Tea",
                f"{goods[3]} archive",
                f"{goods[4]} create Coffee",
                "Stripe would be told of 4 products.",
            ]
        ),
    )
    assert stripe.calls == []


def test_what_differs_is_told_and_then_nothing_differs(committing_shop: Shop, stripe: StripeStandIn) -> None:
    goods = some_goods(committing_shop, stripe)
    assert said(sync(committing_shop, stripe)) == (0, ["Stripe was told of 4 products."])
    assert twins(stripe) == {
        goods[0]: ("Tea", True, 250),
        goods[1]: ("Tea", True, 300),
        goods[2]: ("Tea", False, 250),
        goods[3]: ("Tea", False, 250),
        goods[4]: ("Coffee", True, 400),
    }
    assert set(notes(committing_shop)) == {goods[0], goods[1], goods[2], goods[4]}
    stripe.calls.clear()
    assert said(sync(committing_shop, stripe)) == (0, ["Stripe was told of 0 products."])
    assert stripe.calls == []


def test_all_are_told_again_when_asked(committing_shop: Shop, stripe: StripeStandIn) -> None:
    make_products(committing_shop, 2, name="Tea")
    sync(committing_shop, stripe)
    # Somebody changed it there, of which we have no note.
    stripe.all("product")[0]["name"] = "Another"
    assert said(sync(committing_shop, stripe)) == (0, ["Stripe was told of 0 products."])
    assert said(sync(committing_shop, stripe, "--all")) == (0, ["Stripe was told of 2 products."])
    assert [each["name"] for each in stripe.all("product")] == ["Tea", "Tea"]
    assert len(stripe.all("price")) == 2


def test_no_line_for_each_product_stands_between(committing_shop: Shop, stripe: StripeStandIn) -> None:
    make_products(committing_shop, 2)
    variables = variables_of(committing_shop) | {"STRIPE_SECRET_KEY": KEY, "STRIPE_API_URL": stripe.url}
    done = subprocess.run(
        [sys.executable, "manage.py", "stripe-sync"],
        cwd=PROJECT,
        env={**os.environ, **variables, "LOG_LEVEL": "INFO"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Stripe was told of 2 products.\n", "")


def test_without_a_key_nobody_is_told(committing_shop: Shop, stripe: StripeStandIn) -> None:
    make_products(committing_shop, 1)
    for words in ([], ["--dry-run"]):
        with nothing_changed(committing_shop.database):
            told = said(sync(committing_shop, stripe, *words, key=""))
        assert told == (0, ["STRIPE_SECRET_KEY is not set: nobody is told anything."])
    assert stripe.calls == []


def test_what_stripe_refuses_is_named_and_the_rest_is_told(committing_shop: Shop, stripe: StripeStandIn) -> None:
    [dear] = make_products(committing_shop, 1, name="Saffron", price="1.234", currency="KWD")
    [tea] = make_products(committing_shop, 1, name="Tea", price="2.50")
    told = sync(committing_shop, stripe)
    assert (told.exit_code, told.output.splitlines()) == (
        1,
        [
            "Stripe was told of 1 products.",
            "Error: Stripe refuses 1 products:",
            f"{dear} Saffron: 1.234 KWD cannot be charged exactly",
        ],
    )
    assert twins(stripe) == {tea: ("Tea", True, 250)}


def test_too_many_requests_are_waited_for(
    committing_shop: Shop, stripe: StripeStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[Any] = []
    monkeypatch.setattr("commands.stripe.sleep", waits.append)
    make_products(committing_shop, 1)
    stripe.goes_wrong("POST", "/v1/products", Trouble.TOO_MANY, times=2)
    assert said(sync(committing_shop, stripe)) == (0, ["Stripe was told of 1 products."])
    assert waits == [1, 1]


def test_stripe_away_is_one_line_without_the_key(committing_shop: Shop, stripe: StripeStandIn) -> None:
    make_products(committing_shop, 3)
    stripe.key = "sk_test_another"
    told = sync(committing_shop, stripe)
    assert (told.exit_code, told.output) == (
        1,
        "Error: Stripe did not do what it was asked (401).\n",
    )


def test_a_live_key_is_refused_here(committing_shop: Shop, stripe: StripeStandIn) -> None:
    told = sync(committing_shop, stripe, key="sk_live_aVeryRealKey")
    assert told.exit_code == 1
    assert "a live key (sk_live_, rk_live_) is for ENVIRONMENT=production only" in told.output
    assert "aVeryRealKey" not in told.output
    assert stripe.calls == []
