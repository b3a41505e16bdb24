"""The stand-in itself, asked by Stripe's own library: it keeps, refuses and repeats as Stripe does."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from gateways.payments.stripe_calls import StripeCalls
from tests.faults.rivals import eventually
from tests.stripe.stand_in import KEY, StripeStandIn, Trouble

Client = stripe.StripeClient


def form(*parts: Any, **more: Any) -> Any:
    """Parameters together, of whatever type the library says they are."""
    return {name: value for part in (*parts, more) for name, value in part.items()}


def refused(act: Any) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as refusal:
        act()
    return refusal.value


def told(fault: stripe.StripeError) -> tuple[str, int | None, str | None, str | None]:
    error = fault.error
    assert error is not None
    return type(fault).__name__, fault.http_status, getattr(error, "code", None), getattr(error, "param", None)


def test_a_product_is_made_changed_and_shown(client: Client) -> None:
    products = client.v1.products
    made = products.create({"id": "tea", "name": "Tea", "metadata": {"slug": "tea", "sku": "T-1"}})
    assert (made.id, made.name, made.active, made.default_price) == ("tea", "Tea", True, None)
    price = client.v1.prices.create({"product": "tea", "currency": "usd", "unit_amount": 250})
    changed = products.update("tea", {"default_price": price.id, "metadata": {"sku": ""}, "expand": ["default_price"]})
    assert isinstance(changed.default_price, stripe.Price)
    assert (changed.default_price.unit_amount, changed.metadata.to_dict()) == (250, {"slug": "tea"})
    assert products.retrieve("tea").default_price == price.id


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"id": "tea", "name": "Tea"}, ("InvalidRequestError", 400, "resource_already_exists", "id")),
        ({"id": "coffee"}, ("InvalidRequestError", 400, "parameter_missing", "name")),
        ({"name": "Tea", "colour": "red"}, ("InvalidRequestError", 400, "parameter_unknown", "colour")),
        ({"name": "Tea", "description": ""}, ("InvalidRequestError", 400, "parameter_invalid_empty", "description")),
        ({"name": "Tea", "unit_label": "a dozen pieces"}, ("InvalidRequestError", 400, None, "unit_label")),
        ({"name": "Tea", "metadata": {"slug": "x" * 501}}, ("InvalidRequestError", 400, None, "metadata")),
    ],
)
def test_a_product_that_cannot_be_made(client: Client, stand_in: StripeStandIn, params: Any, answer: object) -> None:
    client.v1.products.create({"id": "tea", "name": "Tea"})
    assert told(refused(lambda: client.v1.products.create(params))) == answer
    assert len(stand_in.all("product")) == 1


def test_a_price_stays_and_is_archived_only_when_nobody_points_to_it(client: Client) -> None:
    client.v1.products.create({"id": "tea", "name": "Tea"})
    price = client.v1.prices.create({"product": "tea", "currency": "usd", "unit_amount": 250, "lookup_key": "tea"})
    client.v1.products.update("tea", {"default_price": price.id})
    fault = refused(lambda: client.v1.prices.update(price.id, {"active": False}))
    assert "default price" in str(fault)
    assert told(refused(lambda: client.v1.prices.update(price.id, form(unit_amount=1))))[2] == "parameter_unknown"
    twice: Any = {"product": "tea", "currency": "usd", "unit_amount": 300, "lookup_key": "tea"}
    assert told(refused(lambda: client.v1.prices.create(twice)))[3] == "lookup_key"
    second = client.v1.prices.create(form(twice, transfer_lookup_key=True))
    client.v1.products.update("tea", {"default_price": second.id})
    assert client.v1.prices.update(price.id, {"active": False}).active is False
    assert [each.id for each in client.v1.prices.list({"lookup_keys": ["tea"]}).data] == [second.id]
    assert told(refused(lambda: client.v1.products.update("tea", {"default_price": price.id})))[3] == "default_price"
    fault = refused(lambda: client.v1.products.delete("tea"))
    assert "cannot be deleted" in str(fault)


def test_what_is_unknown_is_refused_loudly(client: Client, stand_in: StripeStandIn) -> None:
    assert told(refused(lambda: client.v1.products.retrieve("tea"))) == (
        "InvalidRequestError",
        404,
        "resource_missing",
        "id",
    )
    fault = refused(lambda: client.v1.coupons.list())
    assert (fault.http_status, str(fault).partition(": ")[2]) == (
        404,
        "Unrecognized request URL (GET: /v1/coupons).",
    )
    bad: Any = {"product": "tea", "currency": "usd", "unit_amount": 1}
    assert told(refused(lambda: client.v1.prices.create(bad))) == (
        "InvalidRequestError",
        400,
        "resource_missing",
        "product",
    )
    assert httpx.post(f"{stand_in.url}/v1/products", data={"name": "Tea"}).status_code == 401
    headers = {"Authorization": f"Bearer {KEY}"}
    assert httpx.post(f"{stand_in.url}/v1/products", data={"name": "Tea"}, headers=headers).status_code == 400
    assert stand_in.all("product") == []


def test_another_key_opens_nothing(stand_in: StripeStandIn, client: Client) -> None:
    stand_in.key = "sk_test_another"
    fault = refused(lambda: client.v1.products.list())
    assert isinstance(fault, stripe.AuthenticationError)
    assert KEY not in str(fault)


def test_lists_have_pages_and_the_newest_stands_first(client: Client) -> None:
    for number in range(7):
        client.v1.products.create({"id": f"p{number}", "name": "Tea", "active": number != 3})
    page = client.v1.products.list({"limit": 3})
    assert ([each.id for each in page.data], page.has_more) == (["p6", "p5", "p4"], True)
    rest = client.v1.products.list({"limit": 4, "starting_after": "p4"})
    assert ([each.id for each in rest.data], rest.has_more) == (["p3", "p2", "p1", "p0"], False)
    before = client.v1.products.list({"limit": 2, "ending_before": "p2"})
    assert ([each.id for each in before.data], before.has_more) == (["p4", "p3"], True)
    assert [each.id for each in client.v1.products.list({"active": False}).data] == ["p3"]
    assert [each.id for each in page.auto_paging_iter()] == [f"p{number}" for number in range(6, -1, -1)]
    assert told(refused(lambda: client.v1.products.list({"limit": 101})))[3] == "limit"


def test_an_idempotency_key_repeats_the_answer_and_nothing_else(client: Client, stand_in: StripeStandIn) -> None:
    client.v1.products.create({"id": "tea", "name": "Tea"})
    params: Any = {"product": "tea", "currency": "usd", "unit_amount": 250}
    first = client.v1.prices.create(params, {"idempotency_key": "once"})
    again = client.v1.prices.create(params, {"idempotency_key": "once"})
    assert (again.id, again.last_response.headers["Idempotent-Replayed"]) == (first.id, "true")  # type: ignore[union-attr]
    fault = refused(lambda: client.v1.prices.create(form(params, unit_amount=300), {"idempotency_key": "once"}))
    assert (type(fault), fault.http_status) == (stripe.IdempotencyError, 400)
    assert len(stand_in.all("price")) == 1


def test_two_at_once_under_one_key_are_one_and_a_conflict(client: Client, stand_in: StripeStandIn) -> None:
    stand_in.goes_wrong("POST", "/v1/customers", delay=0.3)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.v1.customers.create, {"name": "Alice"}, {"idempotency_key": "once"})
        eventually(lambda: "once" in stand_in._kept, "the first call is there")
        fault = refused(lambda: client.v1.customers.create({"name": "Alice"}, {"idempotency_key": "once"}))
        assert told(fault)[1:3] == (409, "idempotency_key_in_use")
        assert first.result().name == "Alice"
    assert len(stand_in.all("customer")) == 1


@pytest.mark.parametrize(
    ("trouble", "fault", "made"),
    [
        (Trouble.LOST_ANSWER, stripe.APIConnectionError, 1),
        (Trouble.CUT, stripe.APIConnectionError, 0),
        (Trouble.FAULT, stripe.APIError, 0),
        (Trouble.KEPT_FAULT, stripe.APIError, 0),
        (Trouble.TOO_MANY, stripe.RateLimitError, 0),
        (Trouble.LOCKED, stripe.APIError, 0),
    ],
)
def test_what_goes_wrong_once(
    client: Client, stand_in: StripeStandIn, trouble: Trouble, fault: type[Exception], made: int
) -> None:
    stand_in.goes_wrong("POST", "/v1/customers", trouble)
    options: Any = {"idempotency_key": "once"}
    assert type(refused(lambda: client.v1.customers.create({"name": "Alice"}, options))) is fault
    assert len(stand_in.all("customer")) == made
    if trouble is Trouble.KEPT_FAULT:
        # Stripe keeps even its own failures.
        assert refused(lambda: client.v1.customers.create({"name": "Alice"}, options)).http_status == 500
    else:
        assert client.v1.customers.create({"name": "Alice"}, options).name == "Alice"
        assert len(stand_in.all("customer")) == 1


def test_a_slow_answer_is_given_up_and_done_all_the_same(stand_in: StripeStandIn) -> None:
    impatient = StripeCalls(stand_in.url, KEY, timeout_seconds=0.1, retries=0).client
    stand_in.goes_wrong("POST", "/v1/customers", delay=0.3)
    assert isinstance(refused(lambda: impatient.v1.customers.create({"name": "Alice"})), stripe.APIConnectionError)
    eventually(lambda: len(stand_in.all("customer")) == 1, "it is done")
