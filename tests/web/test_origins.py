"""CORS: listed origins may call with cookies, no other page may; in development any page may, without cookies."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.graphql.test_http_requests import HELLO
from tests.web.conftest import Opened

SHOP, LOCAL, BRACKETS = "https://shop.example", "http://localhost:3000", "http://[::1]:3000"
LISTED = (SHOP, LOCAL, BRACKETS)
OTHERS = [
    "https://evil.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "https://evilshop.example",
    "https://shopxexample",
    "https://sub.shop.example",
    "http://localhost:30001",
    "http://localhost",
    "http://1:3000",
    "http://::1:3000",
    "null",
    "*",
    "",
]
POSTS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}
PATHS = ["/graphql", "/auth/login", "/api/v1/auth/refresh", "/users/", "/verify/"]


def told(answer: TestResponse) -> dict[str, str]:
    """What the answer tells the browser about other origins."""
    return {name[15:]: value for name, value in answer.headers if name.startswith("Access-Control-")}


def call(client: FlaskClient, origin: str | None) -> TestResponse:
    """A query from a page of this origin."""
    headers = {} if origin is None else {"Origin": origin}
    return client.post("/graphql", data=HELLO, content_type="application/json", headers=headers)


def preflight(client: FlaskClient, origin: str, path: str = "/graphql", **headers: str) -> TestResponse:
    """What a browser asks before it lets a page of this origin post."""
    return client.options(path, headers={"Origin": origin, **POSTS, **headers})


@pytest.mark.parametrize("origin", LISTED)
def test_a_listed_origin_may_call_with_cookies_and_read_the_answer(opened: Opened, origin: str) -> None:
    answer = call(opened(cors_origins=LISTED), origin)
    assert answer.status_code == 200
    assert told(answer) == {
        "Allow-Origin": origin,
        "Allow-Credentials": "true",
        "Expose-Headers": "ETag, Retry-After, X-Cache, X-Request-Id",
    }
    assert answer.headers["Vary"] == "Accept, Authorization, X-Region, Origin"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", LISTED)
def test_its_preflight_is_answered(opened: Opened, origin: str, path: str) -> None:
    answer = preflight(opened(cors_origins=LISTED), origin, path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert told(answer) == {
        "Allow-Origin": origin,
        "Allow-Credentials": "true",
        "Allow-Methods": "GET, OPTIONS, POST",
        "Allow-Headers": "authorization, content-type",
        "Max-Age": "7200",
        "Expose-Headers": "ETag, Retry-After, X-Cache, X-Request-Id",
    }
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", OTHERS)
def test_another_origin_is_told_nothing(opened: Opened, origin: str) -> None:
    client = opened(cors_origins=LISTED)
    for answer in (call(client, origin), preflight(client, origin)):
        assert told(answer) == {}
        assert answer.headers["Vary"].split(", ")[-1] == "Origin"


def test_refusals_can_be_read_too(opened: Opened) -> None:
    client = opened(cors_origins=LISTED, rate_limit_per_minute=1)
    statuses = []
    for _ in range(2):
        answer = client.post("/auth/login", json={"email": "x"}, headers={"Origin": SHOP})
        statuses.append((answer.status_code, told(answer)["Allow-Origin"]))
    assert statuses == [(400, SHOP), (429, SHOP)]
    assert told(client.get("/nothing", headers={"Origin": SHOP}))["Allow-Origin"] == SHOP


@pytest.mark.parametrize(
    "header",
    [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-None-Match",
        "X-Region",
        "X-Request-Id",
        "X-Requested-With",
        "Apollo-Require-Preflight",
        "X-Apollo-Operation-Name",
        "X-Apollo-Operation-Id",
        "apollographql-client-name",
        "apollographql-client-version",
    ],
)
def test_headers_that_clients_send_are_allowed(opened: Opened, header: str) -> None:
    answer = preflight(opened(cors_origins=LISTED), SHOP, **{"Access-Control-Request-Headers": header.lower()})
    assert told(answer)["Allow-Headers"] == header.lower()


def test_other_headers_and_methods_are_not_allowed(opened: Opened) -> None:
    client = opened(cors_origins=LISTED)
    named = preflight(client, SHOP, **{"Access-Control-Request-Headers": "x-evil, content-type"})
    assert told(named)["Allow-Headers"] == "content-type"
    for method in ("PUT", "DELETE", "PATCH"):
        assert "Allow-Methods" not in told(preflight(client, SHOP, **{"Access-Control-Request-Method": method}))


def test_the_answer_to_our_own_page_varies_on_the_origin_too(opened: Opened) -> None:
    answer = call(opened(cors_origins=LISTED), None)
    assert (told(answer), answer.headers["Vary"]) == ({}, "Accept, Authorization, X-Region, Origin")


@pytest.mark.parametrize("listed", [(), ("*",)])
@pytest.mark.parametrize("environment", ["development", "test"])
def test_in_development_any_page_may_call_without_cookies(
    opened: Opened, environment: str, listed: tuple[str, ...]
) -> None:
    client = opened(cors_origins=listed, environment=environment)
    for origin in ("https://any.example", "null"):
        assert told(call(client, origin)) == {
            "Allow-Origin": "*",
            "Expose-Headers": "ETag, Retry-After, X-Cache, X-Request-Id",
        }
        answer = preflight(client, origin)
        assert (answer.status_code, told(answer)["Allow-Origin"]) == (204, "*")
        assert "Allow-Credentials" not in told(answer)
        assert told(answer)["Allow-Headers"] == "authorization, content-type"
    assert call(client, "https://any.example").headers["Vary"] == "Accept, Authorization, X-Region"


def test_in_production_with_none_listed_no_other_page_may(opened: Opened) -> None:
    client = opened(cors_origins=(), environment="production", own_public_url="https://shop.example")
    assert told(call(client, "https://any.example")) == {}
    answer = preflight(client, "https://any.example")
    assert (answer.status_code, told(answer)) == (405, {})


def test_options_that_is_no_preflight_is_refused_as_any_other_method(client: FlaskClient) -> None:
    for headers in ({}, {"Origin": SHOP}, {"Access-Control-Request-Method": "POST"}):
        answer = client.options("/graphql", headers=headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_preflight_for_nothing_finds_nothing(client: FlaskClient) -> None:
    assert preflight(client, SHOP, "/nothing").status_code == 404


def test_two_programs_of_one_process_do_not_share_their_lists(opened: Opened) -> None:
    one, other = opened(cors_origins=(SHOP,)), opened(cors_origins=(LOCAL,))
    assert [told(call(each, SHOP)).get("Allow-Origin") for each in (one, other)] == [SHOP, None]
