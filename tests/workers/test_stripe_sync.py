"""Products from the outbox to Stripe: all that changed arrives, once, whatever goes wrong on the way."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from structlog.testing import CapturingLogger

from gateways.payments.products import NoDirectory, StripeRefused
from models.product import ProductStatus
from services.catalogue import stripe_products
from services.catalogue.products.product_news import record_products_imported
from services.catalogue.stripe_products import PUSH_WANTED, SYNC_WANTED
from tests.faults.rivals import beside, eventually, interrupted, together
from tests.services.acting import change, place, remove
from tests.services.test_stripe_products import put
from tests.stripe.stand_in import KEY, StripeStandIn, Trouble
from tests.support import make_products
from tests.workers.at_stripe import at_stripe, notes, twins
from tests.workers.posted import lease_ends, outbox
from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers import delivery, stripe_sync
from workers.relay import relay_all
from workers.stripe_sync import InOtherHands, push

Open = tuple[Shop, StripeStandIn]


@pytest.fixture
def open_shop(committing_shop: Shop) -> Iterator[Open]:
    """The shop, and Stripe."""
    with at_stripe(committing_shop) as found:
        yield found


def deliver(shop: Shop) -> None:
    """The worker has its way: news first, then the errands they ask for."""
    for _ in range(3):
        relay_all(shop)


def names(shop: Shop) -> list[object]:
    return [each["name"] for each in outbox(shop)]


def meanwhile(shop: Shop, monkeypatch: pytest.MonkeyPatch, by: Callable[[], object]) -> None:
    """Lets `by` happen once, after the product was read and before Stripe is told of it."""
    tell: Any = stripe_sync._tell
    waiting = [by]

    def told(*given: Any) -> Any:
        if waiting:
            waiting.pop()()
        return tell(*given)

    monkeypatch.setattr(stripe_sync, "_tell", told)


def test_a_product_arrives_changes_is_withdrawn_and_goes(open_shop: Open) -> None:
    shop, stripe = open_shop
    tea, coffee = make_products(shop, 2, name="Tea", price="2.50")
    deliver(shop)
    assert twins(stripe) == {tea: ("Tea", True, 250), coffee: ("Tea", True, 250)}
    change(shop, "dana", tea, price=Decimal("3.00"), name="Green tea")
    deliver(shop)
    assert twins(stripe)[tea] == ("Green tea", True, 300)
    change(shop, "dana", tea, status=ProductStatus.WITHDRAWN)
    remove(shop, "dana", coffee)
    deliver(shop)
    assert twins(stripe) == {tea: ("Green tea", False, 300), coffee: ("Tea", False, 250)}
    assert [each["active"] for each in stripe.all("price")] == [False, True, True]
    assert (outbox(shop), set(notes(shop))) == ([], {tea})
    change(shop, "dana", tea, status=ProductStatus.PUBLISHED)
    deliver(shop)
    assert twins(stripe)[tea] == ("Green tea", True, 300)


def test_stock_and_orders_are_no_news_to_stripe(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    deliver(shop)
    stripe.calls.clear()
    change(shop, "dana", tea, stock_count=99)
    place(shop, "alice", (tea, 1))
    deliver(shop)
    assert stripe.calls == []


def test_the_same_news_twice_is_told_once(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    with shop.database.write() as session:
        for _ in range(2):
            stripe_products.want_push(session, tea)
    deliver(shop)
    assert (len(stripe.all("product")), len(stripe.all("price")), len(stripe.calls)) == (1, 1, 3)
    assert outbox(shop) == []


def test_news_in_the_wrong_order_tell_what_is_true_now(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, price="2.00")
    change(shop, "dana", tea, price=Decimal(3))
    change(shop, "dana", tea, price=Decimal(4))
    deliver(shop)
    assert [each["unit_amount"] for each in stripe.all("price")] == [400]


def test_without_a_key_there_is_no_network_no_note_and_no_event(committing_shop: Shop) -> None:
    shop = committing_shop
    assert isinstance(shop.directory, NoDirectory)
    [tea] = make_products(shop, 1)
    with shop.database.write() as session:
        record_products_imported(session)
    assert sorted(map(str, names(shop))) == ["catalogue.changed", "product.changed", "products.imported"]
    relay_all(shop)
    assert (outbox(shop), notes(shop)) == ([], {})
    assert push(shop, tea) is False
    # What was asked for when there was one is done with.
    with shop.database.write() as session:
        stripe_products.want_push(session, tea)
        stripe_products.want_sync(session)
    deliver(shop)
    assert (outbox(shop), notes(shop)) == ([], {})


@pytest.mark.parametrize("trouble", list(Trouble))
def test_stripe_s_bad_day_costs_no_attempt_and_makes_nothing_twice(open_shop: Open, trouble: Trouble) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea", price="2.50")
    stripe.goes_wrong("POST", "/v1/products", trouble)
    relay_all(shop)
    relay_all(shop)
    [waiting] = outbox(shop)
    assert (waiting["name"], waiting["attempts"], waiting["dead_at"]) == (PUSH_WANTED, 0, None)
    assert str(waiting["last_error"]).startswith("Unavailable ")
    assert notes(shop)[tea].pushed is None
    lease_ends(shop)
    deliver(shop)
    assert twins(stripe) == {tea: ("Tea", True, 250)}
    assert (len(stripe.all("price")), outbox(shop)) == (1, [])


def test_a_lost_answer_to_a_new_price_makes_one_price(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, price="2.50")
    deliver(shop)
    change(shop, "dana", tea, price=Decimal(3))
    stripe.goes_wrong("POST", "/v1/prices", Trouble.LOST_ANSWER)
    deliver(shop)
    lease_ends(shop)
    deliver(shop)
    assert [(each["unit_amount"], each["active"]) for each in stripe.all("price")] == [(250, False), (300, True)]
    assert outbox(shop) == []


def test_stripe_that_hangs_holds_up_neither_writers_nor_the_relay(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    relay_all(shop)
    stripe.goes_wrong("POST", "/v1/products", delay=1.0)
    with beside() as start:
        errand = start(lambda: relay_all(shop))
        eventually(lambda: bool(stripe._kept), "stripe is spoken to")
        # No row is locked meanwhile, and other news go on.
        change(shop, "dana", tea, name="Brew")
        relay_all(shop, hand_over=lambda *_: None)
        assert "catalogue.changed" not in names(shop)
        assert not errand.done()
    lease_ends(shop)
    deliver(shop)
    assert twins(stripe)[tea][0] == "Brew"


def test_what_stripe_refuses_is_given_up_with_its_reason(open_shop: Open) -> None:
    shop, stripe = open_shop
    [dear] = make_products(shop, 1, price="1.234", currency="KWD")
    deliver(shop)
    [dead] = outbox(shop)
    assert dead["dead_at"] is not None
    assert dead["last_error"] == "StripeRefused 1.234 KWD cannot be charged exactly"
    assert notes(shop)[dear].leased_until is None
    change(shop, "dana", dear, price=Decimal("1.230"))
    deliver(shop)
    assert twins(stripe)[dear][2] == 1230


def test_yen_arrive(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, price="500", currency="JPY")
    deliver(shop)
    assert (twins(stripe)[tea][2], stripe.all("price")[0]["currency"]) == (500, "jpy")


def test_two_workers_at_once_tell_it_once(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    stripe.goes_wrong("POST", "/v1/products", delay=0.2)
    outcomes = together([lambda: push(shop, tea)] * 3)
    assert sorted(str(type(each).__name__) for each in outcomes) == ["InOtherHands", "InOtherHands", "bool"]
    assert (len(stripe.calls), len(stripe.all("price"))) == (3, 1)
    assert push(shop, tea) is False


def test_what_changes_while_stripe_is_told_is_told_as_well(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea")
    meanwhile(shop, monkeypatch, lambda: change(shop, "dana", tea, name="Brew"))
    assert push(shop, tea) is True
    assert twins(stripe)[tea][0] == "Brew"


def test_what_changes_before_the_lease_is_taken_is_told_and_nothing_else(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea")
    with interrupted(shop.database.engine, after="AS due ON true", by=lambda: change(shop, "dana", tea, name="Brew")):
        assert push(shop, tea) is True
    assert [each.form["name"] for each in stripe.calls if "name" in each.form] == ["Brew"]


def test_a_product_removed_while_stripe_is_told_is_archived(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea")
    meanwhile(shop, monkeypatch, lambda: remove(shop, "dana", tea))
    assert push(shop, tea) is True
    assert (twins(stripe)[tea][1], notes(shop)) == (False, {})


def test_a_worker_that_was_away_for_too_long_has_the_product_told_again(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea")

    def sleeps_on() -> None:
        change(shop, "dana", tea, name="Brew")
        with time_machine.travel(clock.now() + stripe_sync.LEASE, tick=False):
            assert push(shop, tea) is True
        assert twins(stripe)[tea][0] == "Brew"

    meanwhile(shop, monkeypatch, sleeps_on)
    # It tells the old name over the new one, sees that the lease was not its own any more, and looks again.
    assert push(shop, tea) is True
    assert twins(stripe)[tea][0] == "Brew"
    assert [each.form["name"] for each in stripe.calls if "name" in each.form][-2:] == ["Tea", "Brew"]


def test_a_killed_worker_s_lease_ends(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    with shop.database.write() as session:
        assert stripe_products.claim(session, tea, lease=clock.now() + stripe_sync.LEASE)
    with pytest.raises(InOtherHands):
        push(shop, tea)
    assert stripe.calls == []
    with time_machine.travel(clock.now() + stripe_sync.LEASE, tick=False):
        assert push(shop, tea) is True


def test_few_errands_speak_to_stripe_at_once(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1)
    monkeypatch.setattr(stripe_sync, "_PLACES", threading.BoundedSemaphore(1))
    with stripe_sync._place(), pytest.raises(Unavailable):
        stripe_sync.push_wanted(shop, tea, {"product": str(tea)})
    assert stripe.calls == []
    stripe_sync.push_wanted(shop, tea, {"product": str(tea)})
    assert len(stripe.all("product")) == 1


def test_what_changes_by_the_clock_is_told_when_it_does(open_shop: Open) -> None:
    shop, stripe = open_shop
    [tea] = make_products(shop, 1, name="Tea", price="2.50")
    start = clock.now() + timedelta(days=30)
    put(shop, tea, publish_from=start, publish_until=start + timedelta(days=1))
    deliver(shop)
    assert (twins(stripe), [each["available_at"] for each in outbox(shop)]) == ({}, [start])
    with time_machine.travel(start, tick=False) as now:
        deliver(shop)
        assert twins(stripe) == {tea: ("Tea", True, 250)}
        now.shift(timedelta(days=1))
        deliver(shop)
    assert (twins(stripe), outbox(shop)) == ({tea: ("Tea", False, 250)}, [])


def test_after_an_import_everything_that_differs_is_told(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, stripe = open_shop
    monkeypatch.setattr(stripe_products, "PAGE", 2)
    monkeypatch.setattr(stripe_sync, "STEP", timedelta(0))  # one product a step
    made = make_products(shop, 4, name="Tea", price="2.50")
    gone = make_products(shop, 1, name="Gone")[0]
    deliver(shop)
    stripe.calls.clear()
    put(shop, made[1], price=Decimal(3))
    put(shop, made[3], name="Brew")
    put(shop, made[2], currency="KWD", price=Decimal("1.234"))
    with shop.database.write() as session:
        record_products_imported(session)
    remove(shop, "dana", gone)
    lines = CapturingLogger()
    monkeypatch.setattr(stripe_sync, "log", lines)
    for _ in range(8):
        relay_all(shop)
    assert outbox(shop) == []
    assert twins(stripe) == {
        made[0]: ("Tea", True, 250),
        made[1]: ("Tea", True, 300),
        made[2]: ("Tea", True, 250),
        made[3]: ("Brew", True, 250),
        gone: ("Gone", False, 1000),
    }
    [refused] = [each.kwargs for each in lines.calls if each.method_name == "error"]
    assert refused == {"product_id": str(made[2]), "fault": "1.234 KWD cannot be charged exactly"}


def test_a_step_that_was_broken_off_goes_on_where_it_was(open_shop: Open) -> None:
    shop, stripe = open_shop
    make_products(shop, 3)
    with shop.database.write() as session:
        session.execute(text("DELETE FROM outbox_events"))
        stripe_products.want_sync(session)
    stripe.goes_wrong("POST", "/v1/products", times=1)
    stripe.goes_wrong("POST", "/v1/products", Trouble.FAULT)
    relay_all(shop)
    [waiting] = outbox(shop)
    assert (waiting["name"], waiting["attempts"], len(stripe.all("product"))) == (SYNC_WANTED, 0, 1)
    lease_ends(shop)
    relay_all(shop)
    assert (outbox(shop), len(stripe.all("product")), len(stripe.all("price"))) == ([], 3, 3)
    assert len(stripe.asked("POST", "/v1/prices")) == 3


def test_the_key_is_told_to_nobody(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop, stripe = open_shop
    make_products(shop, 1)
    stripe.key = "sk_test_another"
    lines = CapturingLogger()
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(stripe_sync, "log", lines)
    monkeypatch.setattr(delivery, "log", lines)
    relay_all(shop)
    relay_all(shop)
    [waiting] = outbox(shop)
    assert waiting["last_error"] == "Unavailable 401"
    assert [(each.method_name, each.kwargs["fault"]) for each in lines.calls] == [("warning", "Unavailable 401")]
    assert KEY[8:] not in f"{lines.calls} {caplog.text} {outbox(shop)}"


def test_a_refusal_leaves_the_lease_free_and_raises(open_shop: Open) -> None:
    shop, _ = open_shop
    [tea] = make_products(shop, 1, price="1.234", currency="KWD")
    for _ in range(2):
        with pytest.raises(StripeRefused):
            push(shop, tea)
    assert isinstance(notes(shop)[tea].product_id, UUID)
