"""Accounts edge to edge: registering, logging in, and who a token speaks for."""

from typing import Any
from uuid import UUID

import pytest

from demo.cast import PASSWORD
from tests.services.evidence import nothing_changed
from tests.support import ALICE, PEOPLE, GraphQLClient, codes
from wiring import Shop

REGISTER = """
mutation($name: String!, $email: String!, $password: String!) {
  register(name: $name, email: $email, password: $password) {
    accessToken user { id name email role createdAt }
  }
}
"""
LOGIN = """
mutation($email: String!, $password: String!) {
  login(email: $email, password: $password) { accessToken user { id name email role } }
}
"""
ERIN = {"name": "Erin", "email": "Erin@Example.com", "password": "correct horse"}


def test_a_registered_customer_is_logged_in(graphql: GraphQLClient) -> None:
    # when
    made = graphql(REGISTER, ERIN)["data"]["register"]
    # then
    erin = {
        "id": made["user"]["id"],
        "name": "Erin",
        "email": "erin@example.com",
        "role": "CUSTOMER",
        "createdAt": made["user"]["createdAt"],
    }
    assert UUID(erin["id"]).version == 7
    assert made["user"] == erin
    headers = {"Authorization": f"Bearer {made['accessToken']}"}
    assert graphql("{ me { id name email role createdAt } }", headers=headers) == {"data": {"me": erin}}


@pytest.mark.parametrize("who", ["alice", "sam", "dana"])
def test_the_cast_logs_in(graphql: GraphQLClient, who: str) -> None:
    person = PEOPLE[who]
    body = graphql(LOGIN, {"email": person.email.upper(), "password": PASSWORD})
    user = {"id": str(person.id), "name": person.name, "email": person.email, "role": person.role.upper()}
    assert body["data"]["login"]["user"] == user
    headers = {"Authorization": f"bearer  {body['data']['login']['accessToken']} "}
    assert graphql("{ me { id name email role } }", headers=headers) == {"data": {"me": user}}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"email": "ALICE@example.com"}, "EMAIL_TAKEN", "email"),
        ({"email": "erin"}, "INVALID_INPUT", "email"),
        ({"email": "erin@example.com\0"}, "INVALID_INPUT", "email"),
        ({"password": "1234567"}, "INVALID_INPUT", "password"),
        ({"password": "p" * 129}, "INVALID_INPUT", "password"),
        ({"name": " "}, "INVALID_INPUT", "name"),
        ({"name": "Er\0in"}, "INVALID_INPUT", "name"),
        ({"name": "E" * 101}, "INVALID_INPUT", "name"),
    ],
)
def test_bad_accounts_are_refused(
    graphql: GraphQLClient, shop: Shop, change: dict[str, Any], code: str, field: str
) -> None:
    with nothing_changed(shop.database):
        body = graphql(REGISTER, {**ERIN, **change})
    assert (codes(body), body["data"]) == ([code], {"register": None})
    assert body["errors"][0]["extensions"]["field"] == field


def test_a_second_account_of_one_address_is_refused(graphql: GraphQLClient, shop: Shop) -> None:
    graphql(REGISTER, ERIN)
    with nothing_changed(shop.database):
        assert codes(graphql(REGISTER, {**ERIN, "email": "erin@example.COM"})) == ["EMAIL_TAKEN"]


def test_wrong_passwords_and_unknown_accounts_get_one_answer(graphql: GraphQLClient, shop: Shop) -> None:
    sent = [
        {"email": "alice@example.com", "password": "wrong"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "nobody@example.com\0", "password": PASSWORD},
        {"email": "", "password": ""},
        {"email": "alice@example.com", "password": "\0"},
    ]
    with nothing_changed(shop.database):
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


def test_the_role_cannot_be_chosen(graphql: GraphQLClient, shop: Shop) -> None:
    document = (
        'mutation { register(name: "E", email: "e@example.com", password: "12345678", role: ADMIN) { accessToken } }'
    )
    with nothing_changed(shop.database):
        assert codes(graphql(document)) == ["GRAPHQL_VALIDATION_FAILED"]


def test_no_answer_holds_a_hash(graphql: GraphQLClient) -> None:
    assert "hash" not in str(graphql('{ __type(name: "User") { fields { name } } }'))
    assert codes(graphql("{ me { passwordHash } }", as_="alice")) == ["GRAPHQL_VALIDATION_FAILED"]


def test_me_is_the_bearer_of_the_token_whatever_was_registered_in_the_same_document(graphql: GraphQLClient) -> None:
    assert graphql("{ me { id } }", as_="alice") == {"data": {"me": {"id": str(ALICE)}}}
