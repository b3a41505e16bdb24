"""One's own account edge to edge: what it says, taking its data along, and going for good."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from demo.cast import PASSWORD
from models import AuditEntry, User
from models.audit_entry import AuditAction
from services.accounts.erasing import pseudonymous_email
from tests.services.acting import place
from tests.services.evidence import nothing_changed
from tests.services.people import noted
from tests.support import ALICE, BOB, GraphQLClient, codes, token_of
from utils.tokens import region_claim
from web.limiting import Limits, Rule
from wiring import Shop

UPDATE = "mutation($input: ProfileInput!) { updateProfile(input: $input) { id name phone } }"
REGION = "mutation($region: String) { updateProfile(input: {region: $region}) { region { code currency } } }"
ME = "{ me { region { code currency } } }"
DELETE = "mutation($password: String!) { deleteMyAccount(password: $password) }"
LOGIN = "mutation($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }"
EXPORT = "mutation { exportMyData }"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
Counted = Callable[[], AbstractContextManager[list[str]]]


def update(graphql: GraphQLClient, **given: Any) -> dict[str, Any]:
    """The answer to Alice's change."""
    return graphql(UPDATE, {"input": given}, as_="alice")


def test_what_is_left_out_of_a_profile_stays(graphql: GraphQLClient) -> None:
    alice = {"id": str(ALICE), "name": "Alice Moreno", "phone": None}

    assert update(graphql) == {"data": {"updateProfile": alice}}
    assert update(graphql, phone="+1 415 555 0123")["data"]["updateProfile"] == {**alice, "phone": "+14155550123"}
    assert update(graphql, name=" Alice M. ")["data"]["updateProfile"] == {
        "id": str(ALICE),
        "name": "Alice M.",
        "phone": "+14155550123",
    }
    assert update(graphql, name=None)["data"]["updateProfile"]["name"] == "Alice M."


@pytest.mark.parametrize("none", [None, "", "  "])
def test_a_phone_number_is_removed(graphql: GraphQLClient, none: str | None) -> None:
    update(graphql, phone="+14155550123")

    assert update(graphql, phone=none)["data"]["updateProfile"]["phone"] is None


def test_a_region_is_chosen_and_the_next_token_names_it(graphql: GraphQLClient, shop: Shop) -> None:
    alice = {"email": "alice@example.com", "password": PASSWORD}
    signed_in = LOGIN.replace("accessToken", "accessToken refreshToken")
    first = graphql(signed_in, alice)["data"]["login"]
    assert graphql(ME, as_="alice") == {"data": {"me": {"region": None}}}
    # when
    chosen = graphql(REGION, {"region": "DE"}, as_="alice")
    # then
    germany = {"code": "DE", "currency": "EUR"}
    assert chosen == {"data": {"updateProfile": {"region": germany}}}
    assert graphql(ME, as_="alice") == {"data": {"me": {"region": germany}}}
    assert update(graphql, name="Alice M.")["data"]["updateProfile"]["name"] == "Alice M."
    refreshed = graphql(f'mutation {{ refreshSession(refreshToken: "{first["refreshToken"]}") {{ accessToken }} }}')
    again = refreshed["data"]["refreshSession"]["accessToken"]
    assert [region_claim(each) for each in (first["accessToken"], again)] == [None, "DE"]
    with shop.database.read() as session:
        after = select(AuditEntry.after).where(AuditEntry.action == AuditAction.PROFILE_CHANGED)
        assert session.scalars(after.order_by(AuditEntry.id)).all() == [
            {"fields": ["region_code"]},
            {"fields": ["name"]},
        ]
    # and taken away
    assert graphql(REGION, {"region": None}, as_="alice")["data"]["updateProfile"] == {"region": None}
    assert region_claim(graphql(signed_in, alice)["data"]["login"]["accessToken"]) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"region": "XX"}, "region"),
        ({"region": "de"}, "region"),
        ({"region": ""}, "region"),
        ({"name": "Alice M.", "region": "D\0"}, "region"),
        ({"name": " "}, "name"),
        ({"name": "A\0"}, "name"),
        ({"name": "A" * 101}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "+1415555012345678"}, "phone"),
        ({"name": "Alice M.", "phone": "call me"}, "phone"),
    ],
)
def test_a_bad_profile_is_refused(graphql: GraphQLClient, shop: Shop, given: dict[str, Any], field: str) -> None:
    with nothing_changed(shop.database):
        body = update(graphql, **given)

    assert (codes(body), body["data"]) == (["INVALID_INPUT"], {"updateProfile": None})
    assert body["errors"][0]["extensions"]["field"] == field


def test_the_audit_log_names_the_fields_of_a_profile_and_not_what_they_said(graphql: GraphQLClient, shop: Shop) -> None:
    update(graphql, name="Alice M.", phone="+14155550123")
    update(graphql, name="Alice M.")

    assert noted(shop.database) == [(AuditAction.PROFILE_CHANGED, ALICE, ALICE)]
    with shop.database.read() as session:
        assert session.scalars(select(AuditEntry.after)).all() == [{"fields": ["name", "phone"]}]


def test_everybody_exports_their_own_data_only(graphql: GraphQLClient, shop: Shop) -> None:
    # when
    held = graphql(EXPORT, as_="alice")["data"]["exportMyData"]
    # then
    assert held["account"] == {
        "id": str(ALICE),
        "email": "alice@example.com",
        "name": "Alice Moreno",
        "phone": None,
        "role": "customer",
        "rights": [],
        "regionCode": None,
        "createdAt": held["account"]["createdAt"],
        "emailVerifiedAt": held["account"]["emailVerifiedAt"],
        "deletedAt": None,
    }
    assert datetime.fromisoformat(held["account"]["createdAt"]).utcoffset() == timedelta(0)
    assert [each["id"] for each in held["sessions"]] == [str(ALICE)]
    assert [(each["action"], each["actorId"]) for each in held["auditLog"]] == [("account.data_exported", str(ALICE))]
    assert noted(shop.database) == [(AuditAction.DATA_EXPORTED, ALICE, ALICE)]
    assert held["totals"] == {"sessions": 1, "invitationsSent": 0, "links": 0, "idempotencyKeys": 0, "auditLog": 1}
    assert "Bob" not in str(held)


def test_an_export_is_given_once_a_minute_and_five_times_an_hour(
    graphql: GraphQLClient, shop: Shop, counted_sql: Counted
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for wait in (60, 60, 60, 60, 3600 - 4 * 61):
            alice = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
            assert codes(graphql(EXPORT, headers=alice)) == []
            with nothing_changed(shop.database):
                assert retry_after(graphql(EXPORT, headers=alice)) == wait
            clock.shift(timedelta(seconds=61))
        # An hour after the first there is room for one, and nothing is read before.
        alice = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
        with counted_sql() as statements:
            assert retry_after(graphql(EXPORT, headers=alice)) == 3600 - 5 * 61
        assert statements == []
        assert codes(graphql(EXPORT, as_="bob")) == []
        clock.shift(timedelta(seconds=3600 - 5 * 61 + 1))
        assert codes(graphql(EXPORT, as_="alice")) == []


def retry_after(body: dict[str, Any]) -> int:
    """When to come again, as the refusal of the only field says."""
    assert (codes(body), body["data"]) == (["RATE_LIMITED"], {"exportMyData": None})
    seconds: int = body["errors"][0]["extensions"]["retryAfter"]
    return seconds


def test_a_request_exports_once_however_it_is_written(graphql: GraphQLClient, client: FlaskClient, shop: Shop) -> None:
    # given
    alice, bob = ({"Authorization": f"Bearer {token_of(shop, name)}"} for name in ("alice", "bob"))
    document = "mutation { " + " ".join(f"e{at}: exportMyData" for at in range(10)) + " }"
    # when
    body = graphql(document, headers=alice)
    batch = client.post("/graphql", json=[{"query": EXPORT}] * 3, headers=bob).get_json()
    # then
    assert codes(body) == ["RATE_LIMITED"] * 9
    assert [name for name, held in body["data"].items() if held is not None] == ["e0"]
    assert [codes(each) for each in batch] == [[], ["RATE_LIMITED"], ["RATE_LIMITED"]]
    assert noted(shop.database) == [(AuditAction.DATA_EXPORTED, each, each) for each in (ALICE, BOB)]


def test_who_deletes_the_account_is_logged_out_at_once_and_never_comes_in_again(
    graphql: GraphQLClient, shop: Shop
) -> None:
    # given
    alice = {"email": "alice@example.com", "password": PASSWORD}
    token = graphql(LOGIN, alice)["data"]["login"]["accessToken"]
    elsewhere = graphql(LOGIN, alice)["data"]["login"]["accessToken"]
    # when
    body = graphql(DELETE, {"password": PASSWORD}, headers={"Authorization": f"Bearer {token}"})
    # then
    assert body == {"data": {"deleteMyAccount": True}}
    for each in (token, elsewhere):
        assert codes(graphql("{ me { id } }", headers={"Authorization": f"Bearer {each}"})) == ["UNAUTHENTICATED"]
    assert codes(graphql(LOGIN, alice)) == ["WRONG_CREDENTIALS"]
    assert codes(graphql(LOGIN, {**alice, "email": pseudonymous_email(ALICE)})) == ["WRONG_CREDENTIALS"]
    assert codes(graphql(LOGIN, {"email": pseudonymous_email(ALICE), "password": "!"})) == ["WRONG_CREDENTIALS"]


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD + " ", "p" * 10_000])
def test_an_account_is_deleted_by_who_knows_its_password_only(
    graphql: GraphQLClient, shop: Shop, password: str
) -> None:
    token_of(shop, "alice")
    with nothing_changed(shop.database, but=("audit_entries",)):
        body = graphql(DELETE, {"password": password}, as_="alice")

    assert (codes(body), body["data"]) == (["WRONG_CREDENTIALS"], {"deleteMyAccount": None})


def test_the_last_admin_may_not_go(graphql: GraphQLClient, shop: Shop) -> None:
    with nothing_changed(shop.database):
        body = graphql(DELETE, {"password": PASSWORD}, as_="dana")

    assert codes(body) == ["CONFLICT"]
    assert body["errors"][0]["message"] == "You are the last admin. Make somebody else an admin first."


def test_guesses_at_the_password_are_counted_as_logins(graphql: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[tuple[Rule, str]] = []
    monkeypatch.setattr(Limits, "spend", lambda _self, rule, address: spent.append((rule, address)))

    graphql(DELETE, {"password": "wrong"}, as_="alice")

    assert spent == [(Rule.LOGIN, str(ALICE))]


def test_staff_read_the_orders_of_a_deleted_account_under_its_pseudonym(
    graphql: GraphQLClient, shop: Shop, product: Callable[..., UUID]
) -> None:
    # given
    order = place(shop, "alice", (product(price="2.50"), 2))
    # when
    graphql(DELETE, {"password": PASSWORD}, as_="alice")
    # then
    found = graphql(
        "query($id: String!) { getOrderById(orderId: $id) { customerId totalAmount items { quantity } } }",
        {"id": str(order)},
        as_="sam",
    )
    assert found["data"]["getOrderById"] == {
        "customerId": str(ALICE),
        "totalAmount": 5.0,
        "items": [{"quantity": 2}],
    }
    with shop.database.read() as session:
        user = session.get_one(User, ALICE)
    assert (user.name, user.email) == ("Deleted account", f"deleted-{ALICE}@deleted.invalid")


def test_the_statements_of_each_act_are_counted(
    graphql: GraphQLClient, shop: Shop, counted_sql: Counted, product: Callable[..., UUID]
) -> None:
    tea = product(stock=100)
    found = []
    with time_machine.travel(NOON, tick=False) as clock:
        for document, variables in ((UPDATE, {"input": {"name": "Alice M."}}), (EXPORT, None), (EXPORT, None)):
            token = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
            with counted_sql() as statements:
                assert codes(graphql(document, variables, headers=token)) == []
            found.append(len(statements))
            for _ in range(5):
                place(shop, "alice", (tea, 1))
            clock.shift(timedelta(seconds=61))

    # Lock, update, note, the answer. The account, note, eight sections and the account's own; four of pricing; orders,
    # lines, discounts, steps.
    assert found == [4, 19, 19]
