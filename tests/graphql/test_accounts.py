"""Accounts edge to edge: registering, proving, logging in and out, and who a token speaks for."""

from typing import Any
from uuid import UUID

import pytest

from demo.cast import PASSWORD
from models.account_link import LinkPurpose
from tests.services.evidence import nothing_changed
from tests.services.people import ERIN, account, come_in, newest_token, registered, sessions_of
from tests.support import ALICE, BOB, PEOPLE, GraphQLClient, codes
from wiring import Shop

REGISTER = """
mutation($name: String!, $email: String!, $password: String!, $phone: String) {
  register(name: $name, email: $email, password: $password, phone: $phone) { message }
}
"""
LOGIN = """
mutation($email: String!, $password: String!) {
  login(email: $email, password: $password) {
    accessToken expiresIn refreshToken refreshExpiresAt user { id name email role rights emailVerified phone }
  }
}
"""
REFRESH = "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken user { id } } }"
NEW = {"name": "Erin", "email": "Erin@Example.com", "password": "correct horse", "phone": "+14155550123"}
THANKS = "Thank you. If this address can be registered, we have sent a mail to it: follow the link in it."
NEW_PASSWORD = "a new horse, correct"


def logged_in(graphql: GraphQLClient, email: str = "alice@example.com", password: str = PASSWORD) -> dict[str, Any]:
    """The answer to a login."""
    answer: dict[str, Any] = graphql(
        LOGIN, {"email": email, "password": password}, headers={"User-Agent": "Telephone/1.0"}
    )["data"]["login"]
    return answer


def bearing(answer: dict[str, Any]) -> dict[str, str]:
    """The header that speaks for who logged in."""
    return {"Authorization": f"Bearer {answer['accessToken']}"}


def test_a_registered_customer_gets_a_notice_and_no_token(graphql: GraphQLClient, shop: Shop) -> None:
    # when
    body = graphql(REGISTER, NEW)
    # then
    assert body == {"data": {"register": {"message": THANKS}}}
    erin = account(shop)
    assert (erin.name, erin.phone, erin.id.version) == ("Erin", "+14155550123", 7)
    # and comes in, and is told that the address waits
    answer = logged_in(graphql, ERIN, "correct horse")
    assert answer["user"]["emailVerified"] is False
    token = newest_token(shop, LinkPurpose.VERIFICATION)
    document = "mutation($token: String!) { verifyEmail(token: $token) { message } }"
    assert graphql(document, {"token": token}) == {
        "data": {"verifyEmail": {"message": "Your address is verified. Thank you."}}
    }
    assert graphql("{ me { emailVerified } }", headers=bearing(answer)) == {"data": {"me": {"emailVerified": True}}}
    with nothing_changed(shop.database):
        assert codes(graphql(document, {"token": token})) == ["LINK_INVALID"]


def test_a_known_address_gets_the_same_answer(graphql: GraphQLClient) -> None:
    for email in ("alice@example.com", "ALICE@example.com", "new@example.com"):
        assert graphql(REGISTER, {**NEW, "email": email}) == {"data": {"register": {"message": THANKS}}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "erin"}, "email"),
        ({"email": "erin@example.com\0"}, "email"),
        ({"password": "1234567"}, "password"),
        ({"password": "password"}, "password"),
        ({"password": "pq" * 65}, "password"),
        ({"password": "erin@example.com"}, "password"),
        ({"name": " "}, "name"),
        ({"name": "Er\0in"}, "name"),
        ({"name": "E" * 101}, "name"),
        ({"phone": "555"}, "phone"),
    ],
)
def test_bad_accounts_are_refused(graphql: GraphQLClient, shop: Shop, change: dict[str, Any], field: str) -> None:
    with nothing_changed(shop.database):
        body = graphql(REGISTER, {**NEW, **change})
    assert (codes(body), body["data"]) == (["INVALID_INPUT"], {"register": None})
    assert body["errors"][0]["extensions"]["field"] == field


@pytest.mark.parametrize("who", ["alice", "sam", "dana"])
def test_the_cast_logs_in(graphql: GraphQLClient, who: str) -> None:
    person = PEOPLE[who]
    answer = logged_in(graphql, person.email.upper())
    user = {
        "id": str(person.id),
        "name": person.name,
        "email": person.email,
        "role": person.role.upper(),
        "rights": [each.upper() for each in person.rights],
        "emailVerified": True,
        "phone": None,
    }
    assert (answer["user"], answer["expiresIn"]) == (user, 1800)
    headers = {"Authorization": f"bearer  {answer['accessToken']} "}
    assert graphql("{ me { id name email role rights emailVerified phone } }", headers=headers) == {
        "data": {"me": user}
    }


def test_wrong_passwords_and_unknown_accounts_get_one_answer(graphql: GraphQLClient, shop: Shop) -> None:
    sent = [
        {"email": "alice@example.com", "password": "wrong"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "nobody@example.com\0", "password": PASSWORD},
        {"email": "", "password": ""},
        {"email": "alice@example.com", "password": "\0"},
    ]
    with nothing_changed(shop.database, but=("audit_entries",)):
        errors = [graphql(LOGIN, each)["errors"][0] for each in sent]
    for error in errors:
        error["extensions"].pop("requestId")
    assert errors == [
        {
            "message": "No account has this e-mail address with this password.",
            "extensions": {"code": "WRONG_CREDENTIALS"},
            "path": ["login"],
            "locations": [{"line": 3, "column": 3}],
        }
    ] * len(sent)


def test_a_refresh_token_serves_once(graphql: GraphQLClient) -> None:
    first = logged_in(graphql)
    second = graphql(REFRESH, {"token": first["refreshToken"]})["data"]["refreshSession"]
    assert second["user"] == {"id": str(ALICE)}
    assert graphql("{ me { id } }", headers=bearing(second)) == {"data": {"me": {"id": str(ALICE)}}}
    # the old one again: the session ends, and the access token that is still in time with it
    assert codes(graphql(REFRESH, {"token": first["refreshToken"]})) == ["UNAUTHENTICATED"]
    assert codes(graphql(REFRESH, {"token": second["refreshToken"]})) == ["UNAUTHENTICATED"]
    assert codes(graphql("{ me { id } }", headers=bearing(second))) == ["UNAUTHENTICATED"]


def test_an_ended_session_is_nobody_at_once(graphql: GraphQLClient) -> None:
    one, other = logged_in(graphql), logged_in(graphql)
    assert graphql("mutation { logout }", headers=bearing(one)) == {"data": {"logout": True}}
    for document in ("{ me { id } }", "{ mySessions { id } }", "mutation { logout }", "{ getOrders { id } }"):
        assert codes(graphql(document, headers=bearing(one))) == ["UNAUTHENTICATED"]
    assert codes(graphql("{ me { id } }", headers=bearing(other))) == []
    assert graphql("mutation { logoutEverywhere }", headers=bearing(other)) == {"data": {"logoutEverywhere": True}}
    assert codes(graphql("{ me { id } }", headers=bearing(other))) == ["UNAUTHENTICATED"]


def test_ones_devices_are_listed_and_ended(graphql: GraphQLClient, shop: Shop) -> None:
    # given
    lost, here = logged_in(graphql, "bob@example.com"), logged_in(graphql, "bob@example.com")
    ids = [str(each.id) for each in sessions_of(shop.database, BOB)]
    # when
    fields = "id isCurrent userAgent network createdAt lastUsedAt expiresAt"
    listed = graphql(f"{{ mySessions {{ {fields} }} }}", headers=bearing(here))["data"]["mySessions"]
    # then
    mine = {each["id"]: each for each in listed if each["id"] in ids}
    assert [mine[each]["isCurrent"] for each in ids] == [False, True]
    assert {(each["userAgent"], each["network"]) for each in mine.values()} == {("Telephone/1.0", "127.0.0.1")}
    # when
    end = "mutation($id: String!) { endSession(sessionId: $id) }"
    assert graphql(end, {"id": ids[0]}, headers=bearing(here)) == {"data": {"endSession": True}}
    # then
    assert codes(graphql("{ me { id } }", headers=bearing(lost))) == ["UNAUTHENTICATED"]
    with nothing_changed(shop.database):
        for wanted, code in ((ids[0], "NOT_FOUND"), (str(ALICE), "NOT_FOUND"), ("no id", "INVALID_INPUT")):
            assert codes(graphql(end, {"id": wanted}, headers=bearing(here))) == [code]
        assert codes(graphql(end, {"id": ids[1]}, as_="alice")) == ["NOT_FOUND"]


def test_a_changed_password(graphql: GraphQLClient, shop: Shop) -> None:
    document = "mutation($a: String!, $b: String!) { changePassword(currentPassword: $a, newPassword: $b) }"
    here, there = logged_in(graphql), logged_in(graphql)
    with nothing_changed(shop.database, but=("audit_entries",)):
        wrong = graphql(document, {"a": "wrong", "b": NEW_PASSWORD}, headers=bearing(here))
        weak = graphql(document, {"a": PASSWORD, "b": "password"}, headers=bearing(here))
    assert (codes(wrong), codes(weak)) == (["WRONG_CREDENTIALS"], ["INVALID_INPUT"])
    body = graphql(document, {"a": PASSWORD, "b": NEW_PASSWORD}, headers=bearing(here))
    assert body == {"data": {"changePassword": True}}
    assert codes(graphql("{ me { id } }", headers=bearing(here))) == []
    assert codes(graphql("{ me { id } }", headers=bearing(there))) == ["UNAUTHENTICATED"]
    assert come_in(shop, "alice@example.com", NEW_PASSWORD).user.id == ALICE


def test_a_forgotten_password(graphql: GraphQLClient, shop: Shop) -> None:
    ask = "mutation($email: String!) { requestPasswordReset(email: $email) { message } }"
    told = "If this address has an account, we have sent a mail to it: follow the link in it."
    for email in ("alice@example.com", "nobody@example.com", "no address"):
        assert graphql(ask, {"email": email}) == {"data": {"requestPasswordReset": {"message": told}}}
    graphql(ask, {"email": "alice@example.com"})
    token = newest_token(shop, LinkPurpose.PASSWORD_RESET)
    reset = "mutation($t: String!, $p: String!) { resetPassword(token: $t, newPassword: $p) { message } }"
    done = {"message": "Your password is changed. Log in with the new one."}
    assert graphql(reset, {"t": token, "p": NEW_PASSWORD}) == {"data": {"resetPassword": done}}
    with nothing_changed(shop.database):
        for again in (token, token[:-1], "made up", ""):
            assert codes(graphql(reset, {"t": again, "p": NEW_PASSWORD})) == ["LINK_INVALID"]
    assert logged_in(graphql, "alice@example.com", NEW_PASSWORD)["user"]["id"] == str(ALICE)


def test_another_address(graphql: GraphQLClient, shop: Shop) -> None:
    ask = "mutation($e: String!, $p: String!) { requestEmailChange(newEmail: $e, password: $p) { message } }"
    told = {"message": "If this address is free, we have sent a mail to it: follow the link in it."}
    for email in ("bob@example.com", "alice@new.example"):
        assert graphql(ask, {"e": email, "p": PASSWORD}, as_="alice") == {"data": {"requestEmailChange": told}}
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    confirm = "mutation($t: String!) { confirmEmailChange(token: $t) { message } }"
    assert codes(graphql(confirm, {"t": token})) == []
    assert graphql("{ me { email } }", as_="alice") == {"data": {"me": {"email": "alice@new.example"}}}
    with nothing_changed(shop.database, but=("audit_entries",)):
        assert codes(graphql(confirm, {"t": token})) == ["LINK_INVALID"]
        assert codes(graphql(ask, {"e": "x@new.example", "p": "wrong"}, as_="alice")) == ["WRONG_CREDENTIALS"]


def test_a_link_is_sent_again(graphql: GraphQLClient, shop: Shop) -> None:
    registered(shop)
    ask = "mutation($email: String!) { requestVerification(email: $email) { message } }"
    told = "If this address waits to be verified, we have sent a mail to it: follow the link in it."
    for email in (ERIN, "alice@example.com", "nobody@example.com"):
        assert graphql(ask, {"email": email}) == {"data": {"requestVerification": {"message": told}}}


def test_the_role_cannot_be_chosen(graphql: GraphQLClient, shop: Shop) -> None:
    document = 'mutation { register(name: "E", email: "e@example.com", password: "pq123456", role: ADMIN) { message } }'
    with nothing_changed(shop.database):
        assert codes(graphql(document)) == ["GRAPHQL_VALIDATION_FAILED"]


def test_no_answer_holds_a_hash(graphql: GraphQLClient) -> None:
    assert "hash" not in str(graphql('{ __type(name: "User") { fields { name } } }')).lower()
    assert codes(graphql("{ me { passwordHash } }", as_="alice")) == ["GRAPHQL_VALIDATION_FAILED"]


def test_me_is_the_bearer_of_the_token(graphql: GraphQLClient) -> None:
    assert graphql("{ me { id } }", as_="alice") == {"data": {"me": {"id": str(ALICE)}}}
    assert UUID(graphql("{ me { id } }", as_="bob")["data"]["me"]["id"]) == BOB
