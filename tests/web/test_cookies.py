"""The refresh token in a cookie: its attributes, its way through the doors, and why no other site can use it."""

from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from demo.cast import PASSWORD
from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient
from tests.web.conftest import Opened
from wiring import Shop

ALICE = {"email": "alice@example.com", "password": PASSWORD}
BY_COOKIE = ALICE | {"refresh_token_in": "cookie"}
OURS = {"X-Requested-With": "fetch"}
PREFIXES = pytest.mark.parametrize("prefix", ["/auth", "/api/v1/auth"])
LOGIN = """mutation { login(email: "alice@example.com", password: "Market-Demo-1", refreshTokenIn: COOKIE) {
    accessToken refreshToken refreshExpiresAt } }"""
WEEK = 10_080 * 60


def cookie_of(answer: TestResponse) -> dict[str, str]:
    """Name, value and attributes of the only cookie that is set."""
    [header] = answer.headers.getlist("Set-Cookie")
    [(name, found)] = SimpleCookie(header).items()
    attributes = {key: str(value) for key, value in found.items() if value not in ("", None)}
    return {"name": name, "value": found.value} | attributes


def with_cookie(client: FlaskClient, path: str, value: str, name: str = "refresh_token") -> TestResponse:
    """A request of another browser, which has this cookie."""
    other = client.application.test_client(use_cookies=False)
    return other.post(path, headers=OURS | {"Cookie": f"{name}={value}"})


@PREFIXES
def test_its_attributes(client: FlaskClient, prefix: str) -> None:
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False):
        answer = client.post(f"{prefix}/login", json=BY_COOKIE)
    cookie = cookie_of(answer)
    assert len(cookie.pop("value")) == 43
    assert cookie == {
        "name": "refresh_token",
        "path": prefix,
        "max-age": str(WEEK),
        "expires": "Mon, 08 Mar 2027 12:00:00 GMT",
        "httponly": "True",
        "samesite": "Strict",
    }
    assert answer.status_code == 200
    assert "refresh_token" not in answer.get_json()


@PREFIXES
def test_where_people_come_by_https_it_is_for_https_only(opened: Opened, prefix: str) -> None:
    client = opened(own_public_url="https://shop.example")
    cookie = cookie_of(client.post(f"{prefix}/login", json=BY_COOKIE))
    assert (cookie["name"], cookie["secure"], cookie["path"]) == ("__Secure-refresh_token", "True", prefix)
    gone = with_cookie(client, f"{prefix}/logout", cookie["value"], cookie["name"])
    deleted = cookie_of(gone)
    assert (gone.status_code, deleted["name"], deleted["max-age"], deleted["secure"]) == (
        204,
        cookie["name"],
        "0",
        "True",
    )


def test_a_login_by_graphql_hands_it_to_the_doors(client: FlaskClient, graphql: GraphQLClient) -> None:
    answer = client.post("/graphql", json={"query": LOGIN})
    payload = answer.get_json()["data"]["login"]
    cookie = cookie_of(answer)
    assert payload["refreshToken"] is None
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/auth", "Strict", "True")
    # when
    refreshed = client.post("/auth/refresh", headers=OURS)
    # then
    token = refreshed.get_json()["access_token"]
    assert graphql("{ me { email } }", headers={"Authorization": f"Bearer {token}"}) == {
        "data": {"me": {"email": "alice@example.com"}}
    }


def test_in_the_body_there_is_no_cookie(client: FlaskClient) -> None:
    for sent in (ALICE, ALICE | {"refresh_token_in": "body"}):
        answer = client.post("/auth/login", json=sent)
        assert answer.headers.getlist("Set-Cookie") == []
        assert len(answer.get_json()["refresh_token"]) == 43


@pytest.mark.parametrize("place", ["Cookie", "header", 7, {}])
def test_there_is_no_third_place(client: FlaskClient, shop: Shop, place: Any) -> None:
    with nothing_changed(shop.database):
        answer = client.post("/auth/login", json=ALICE | {"refresh_token_in": place})
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (400, "INVALID_INPUT", "refresh_token_in")


@PREFIXES
def test_it_is_refreshed_by_another_cookie_and_deleted_at_logout(client: FlaskClient, prefix: str) -> None:
    first = cookie_of(client.post(f"{prefix}/login", json=BY_COOKIE))
    answer = client.post(f"{prefix}/refresh", headers=OURS)
    second = cookie_of(answer)
    assert answer.status_code == 200
    assert "refresh_token" not in answer.get_json()
    assert (second["path"], second["value"] != first["value"]) == (prefix, True)
    # when
    gone = client.post(f"{prefix}/logout", headers=OURS)
    # then
    assert (gone.status_code, gone.data) == (204, b"")
    deleted = cookie_of(gone)
    assert (deleted["name"], deleted["value"], deleted["max-age"], deleted["path"]) == (
        "refresh_token",
        "",
        "0",
        prefix,
    )
    late = with_cookie(client, f"{prefix}/refresh", second["value"])
    assert (late.status_code, late.get_json()["error"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("door", ["refresh", "logout"])
@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": ""}, {"Origin": "https://evil.example"}])
def test_without_our_header_it_may_have_been_sent_by_another_site(
    client: FlaskClient, shop: Shop, door: str, headers: dict[str, str]
) -> None:
    client.post("/auth/login", json=BY_COOKIE)
    with nothing_changed(shop.database):
        answer = client.post(f"/auth/{door}", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "FORBIDDEN")
    assert answer.headers.getlist("Set-Cookie") == []
    assert client.post("/auth/refresh", headers=OURS).status_code == 200


def test_a_cookie_that_is_replayed_ends_the_session(client: FlaskClient) -> None:
    stolen = cookie_of(client.post("/auth/login", json=BY_COOKIE))["value"]
    newest = cookie_of(client.post("/auth/refresh", headers=OURS))["value"]
    # when
    replayed = with_cookie(client, "/auth/refresh", stolen)
    # then
    assert (replayed.status_code, replayed.get_json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert cookie_of(replayed)["max-age"] == "0"
    late = with_cookie(client, "/auth/refresh", newest)
    assert (late.status_code, late.get_json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def test_a_token_in_the_body_comes_before_the_cookie(client: FlaskClient) -> None:
    phone = client.post("/auth/login", json=ALICE).get_json()["refresh_token"]
    client.post("/auth/login", json=BY_COOKIE)
    answer = client.post("/auth/refresh", json={"refresh_token": phone})
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
    assert len(answer.get_json()["refresh_token"]) == 43
    assert client.post("/auth/refresh", headers=OURS).status_code == 200


@pytest.mark.parametrize("mutation", ["logout", "logoutEverywhere"])
def test_a_logout_by_mutation_deletes_it_too(client: FlaskClient, mutation: str) -> None:
    access = client.post("/graphql", json={"query": LOGIN}).get_json()["data"]["login"]["accessToken"]
    headers = {"Authorization": f"Bearer {access}"}
    answer = client.post("/graphql", json={"query": f"mutation {{ {mutation} }}"}, headers=headers)
    assert answer.get_json() == {"data": {mutation: True}}
    cookie = cookie_of(answer)
    assert (cookie["name"], cookie["value"], cookie["path"], cookie["max-age"]) == ("refresh_token", "", "/auth", "0")
