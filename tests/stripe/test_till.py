"""Payments at the stand-in, by Stripe's own library: cards that pay, cards that do not, refunds and signed events."""

from typing import Any

import pytest
import stripe

from tests.stripe.serving import Answer, Asked, served
from tests.stripe.stand_in import WEBHOOK_SECRET, StripeStandIn
from tests.stripe.test_stand_in import form, refused, told
from tests.stripe.till import DECLINED

Client = stripe.StripeClient
CARDS: Any = {"currency": "usd", "payment_method_types": ["card"]}


def intent(client: Client, method: str | None = None, amount: int = 2000, **more: Any) -> stripe.PaymentIntent:
    if method is not None:
        more["payment_method"] = method
    return client.v1.payment_intents.create(form(CARDS, more, amount=amount))


def names(stand_in: StripeStandIn) -> list[str]:
    return [each["type"] for each in stand_in.books.events]


def test_a_card_that_pays(client: Client, stand_in: StripeStandIn) -> None:
    made = intent(client, metadata={"order": "7"})
    assert (made.status, made.client_secret is not None) == ("requires_payment_method", True)
    paid = client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received, paid.metadata.to_dict()) == ("succeeded", 2000, {"order": "7"})
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert (paid.latest_charge.paid, paid.latest_charge.amount) == (True, 2000)
    assert names(stand_in) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    fault = refused(lambda: client.v1.payment_intents.confirm(made.id))
    assert told(fault)[2] == "payment_intent_unexpected_state"
    assert told(refused(lambda: client.v1.payment_intents.cancel(made.id)))[2] == "payment_intent_unexpected_state"


@pytest.mark.parametrize("method", sorted(DECLINED))
def test_a_card_that_is_declined(client: Client, stand_in: StripeStandIn, method: str) -> None:
    made = intent(client)
    fault = refused(lambda: client.v1.payment_intents.confirm(made.id, {"payment_method": method}))
    assert isinstance(fault, stripe.CardError)
    assert fault.error is not None
    assert (fault.code, fault.error.decline_code) == DECLINED[method]
    now = client.v1.payment_intents.retrieve(made.id)
    assert (now.status, now.amount_received) == ("requires_payment_method", 0)
    assert now.last_payment_error is not None
    assert now.last_payment_error.code == DECLINED[method][0]
    assert names(stand_in)[1:] == ["charge.failed", "payment_intent.payment_failed"]
    assert client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


@pytest.mark.parametrize(("passes", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_a_card_whose_owner_is_asked(client: Client, stand_in: StripeStandIn, passes: bool, status: str) -> None:
    made = intent(client, "pm_card_authenticationRequired", confirm=True)
    assert (made.status, made.next_action is not None) == ("requires_action", True)
    stand_in.till.authenticate(made.id, passes=passes)
    assert client.v1.payment_intents.retrieve(made.id).status == status


def test_the_owner_cannot_be_asked_when_away(client: Client) -> None:
    fault = refused(lambda: intent(client, "pm_card_authenticationRequired", confirm=True, off_session=True))
    assert (type(fault), fault.code) == (stripe.CardError, "authentication_required")


def test_a_bank_takes_its_time(client: Client, stand_in: StripeStandIn) -> None:
    made = intent(client, "pm_usBankAccount", confirm=True)
    assert made.status == "processing"
    stand_in.till.settle(made.id)
    assert client.v1.payment_intents.retrieve(made.id).status == "succeeded"


def test_money_is_set_aside_and_a_part_is_taken(client: Client) -> None:
    made = intent(client, "pm_card_visa", capture_method="manual", confirm=True)
    assert (made.status, made.amount_capturable, made.amount_received) == ("requires_capture", 2000, 0)
    taken = client.v1.payment_intents.capture(made.id, {"amount_to_capture": 1500})
    assert (taken.status, taken.amount_received) == ("succeeded", 1500)


def test_a_cancelled_intent_takes_no_money(client: Client) -> None:
    made = intent(client, "pm_card_visa")
    assert client.v1.payment_intents.cancel(made.id, {"cancellation_reason": "abandoned"}).status == "canceled"
    fault = refused(lambda: client.v1.payment_intents.confirm(made.id))
    assert told(fault)[2] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"amount": 49}, "amount"),
        ({"amount": 100_000_000}, "amount"),
        ({"amount": 1234, "currency": "kwd"}, "amount"),
        ({"amount": 150, "currency": "isk"}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"payment_method": "pm_card_of_nobody"}, "payment_method"),
        ({"customer": "cus_of_nobody"}, "customer"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_intent_that_cannot_be_made(client: Client, stand_in: StripeStandIn, wrong: Any, param: str) -> None:
    assert told(refused(lambda: client.v1.payment_intents.create(form(CARDS, {"amount": 2000}, wrong))))[3] == param
    assert stand_in.all("payment_intent") == []


def test_a_method_that_may_redirect_wants_to_know_where_to(client: Client) -> None:
    params: Any = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    assert told(refused(lambda: client.v1.payment_intents.create(params)))[3] == "return_url"
    never = form(params, automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
    assert client.v1.payment_intents.create(never).status == "succeeded"


def test_no_more_is_given_back_than_was_paid(client: Client, stand_in: StripeStandIn) -> None:
    made = intent(client, "pm_card_visa", confirm=True)
    refunds = client.v1.refunds
    assert refunds.create({"payment_intent": made.id, "amount": 500}).status == "succeeded"
    fault = refused(lambda: refunds.create({"payment_intent": made.id, "amount": 1501}))
    assert told(fault) == ("InvalidRequestError", 400, None, "amount")
    assert refunds.create({"payment_intent": made.id}).amount == 1500
    assert told(refused(lambda: refunds.create({"payment_intent": made.id})))[2] == "charge_already_refunded"
    [charge] = stand_in.all("charge")
    assert (charge["amount_refunded"], charge["refunded"]) == (2000, True)
    assert [each.amount for each in refunds.list({"payment_intent": made.id}).data] == [1500, 500]


def test_what_was_not_paid_is_not_given_back(client: Client) -> None:
    made = intent(client)
    fault = refused(lambda: client.v1.refunds.create({"payment_intent": made.id}))
    assert told(fault)[2] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("method", "status", "refunded"),
    [("pm_card_pendingRefund", "succeeded", 2000), ("pm_card_refundFail", "failed", 0)],
)
def test_a_refund_that_takes_days(
    client: Client, stand_in: StripeStandIn, method: str, status: str, refunded: int
) -> None:
    made = intent(client, method, confirm=True)
    refund = client.v1.refunds.create({"payment_intent": made.id})
    assert refund.status == "pending"
    stand_in.refunds.settle(refund.id)
    assert client.v1.refunds.retrieve(refund.id).status == status
    assert stand_in.all("charge")[0]["amount_refunded"] == refunded


def test_customers(client: Client) -> None:
    made = client.v1.customers.create({"name": "Alice", "email": "alice@example.com", "metadata": {"user": "1"}})
    client.v1.customers.create({"name": "Bob"})
    changed = client.v1.customers.update(made.id, {"name": "Alice A.", "metadata": {"user": ""}})
    assert (changed.name, changed.metadata.to_dict()) == ("Alice A.", {})  # type: ignore[union-attr]
    assert [each.id for each in client.v1.customers.list({"email": "alice@example.com"}).data] == [made.id]
    intent(client, customer=made.id)
    assert [each.customer for each in client.v1.payment_intents.list({"customer": made.id}).data] == [made.id]


def test_events_are_signed_so_that_the_library_believes_them(client: Client, stand_in: StripeStandIn) -> None:
    intent(client, "pm_card_visa", confirm=True)
    body, signature = stand_in.signed(stand_in.books.events[-1])
    event = client.construct_event(body, signature, WEBHOOK_SECRET)
    assert (event.type, event.data.object["status"]) == ("payment_intent.succeeded", "succeeded")
    late = stand_in.signed(stand_in.books.events[-1], at=1)[1]
    for wrong, secret in ((signature, "whsec_another"), (late, WEBHOOK_SECRET), ("t=1,v1=00", WEBHOOK_SECRET)):
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body, wrong, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body.replace(b"succeeded", b"canceled"), signature, WEBHOOK_SECRET)


def test_events_are_listed_and_sent(client: Client, stand_in: StripeStandIn) -> None:
    intent(client, "pm_card_visa", confirm=True)
    assert [each.type for each in client.v1.events.list({"limit": 2}).data] == [
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    [found] = client.v1.events.list({"type": "charge.succeeded"}).data
    assert client.v1.events.retrieve(found.id).type == "charge.succeeded"
    came: list[str] = []

    def webhook(asked: Asked) -> Answer:
        event = client.construct_event(asked.body, asked.headers["Stripe-Signature"], WEBHOOK_SECRET)
        came.append(event.type)
        return Answer(200, {})

    with served(webhook) as url:
        assert [stand_in.send(each, url) for each in stand_in.books.events] == [200, 200, 200]
    assert came == names(stand_in)
