"""What every answer of every door carries: a request id, and headers that keep browsers strict."""

import json
import re

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models import AuditEntry
from tests.support import GraphQLClient
from tests.web.conftest import Opened
from utils import log
from wiring import Shop

STRICT = "default-src 'none'; frame-ancestors 'none'"
HSTS = "max-age=31536000; includeSubDomains"
FORM_PAGES = {"/verify", "/verify/", "/reset-password", "/confirm-email", "/accept-invitation"}


def every_answer(app: Flask) -> dict[str, dict[str, str]]:
    """The headers of GET and POST at every address there is, and at one that is not."""
    client = app.test_client()
    paths = {re.sub(r"<.*?>", "site.css", rule.rule) for rule in app.url_map.iter_rules()} | {"/nothing"}
    answers = {}
    for path in sorted(paths):
        for method in ("GET", "POST", "DELETE"):
            answers[f"{method} {path}"] = dict(client.open(path, method=method).headers)
    return answers


def test_every_answer_is_strict_and_has_an_id(app: Flask) -> None:
    answers = every_answer(app)
    assert len(answers) > 60
    for name, headers in answers.items():
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], name
        assert "default-src 'none'" in headers["Content-Security-Policy"], name
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"]), name
        assert "Strict-Transport-Security" not in headers, name
    assert len({headers["X-Request-Id"] for headers in answers.values()}) == len(answers)


def test_pages_keep_their_own_policy_and_only_pages_with_forms_may_post(app: Flask) -> None:
    answers = every_answer(app)
    pages = {name: each for name, each in answers.items() if each.get("Content-Type", "").startswith("text/html")}
    with_forms = {name for name, each in pages.items() if "form-action 'self'" in each["Content-Security-Policy"]}
    assert with_forms == {f"{method} {path}" for path in FORM_PAGES for method in ("GET", "POST")}
    for name, headers in answers.items():
        assert (headers["Content-Security-Policy"] == STRICT) == (name not in pages), name
    assert {answers[name]["Cache-Control"] for name in with_forms} == {"no-store"}


def test_where_people_come_by_https_browsers_are_told_to_stay_there(opened: Opened) -> None:
    client = opened(own_public_url="https://shop.example")
    for path in ("/", "/graphql", "/health", "/nothing", "/verify", "/static/site.css"):
        assert client.get(path).headers["Strict-Transport-Security"] == HSTS


ONE, TWO = "0192f0c1-2345-7000-8000-000000000001", "4BF92F3577B34DA6A3CE929D0E0E4736"
ODD = [
    "a b",
    "<script>",
    "a" * 32 + "-",
    "0" * 31,
    "0" * 33,
    "g" * 32,
    "-" * 32,
    "\N{LATIN SMALL LETTER E WITH ACUTE}" * 32,
]
WORDS = ["14155550123", "alice-moreno", "request-1"]


@pytest.mark.parametrize("path", ["/", "/health", "/auth/login", "/verify", "/nothing", "/static/site.css"])
def test_a_uuid_is_kept_as_the_request_s_id_everywhere_and_nothing_else(client: FlaskClient, path: str) -> None:
    for kept in (ONE, TWO):
        assert client.get(path, headers={"X-Request-Id": kept}).headers["X-Request-Id"] == kept
    for odd in (*ODD, *WORDS):
        answer = client.get(path, headers={"X-Request-Id": odd.encode().decode("latin-1")})
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
        assert answer.headers["X-Request-Id"] != odd


@pytest.mark.parametrize("word", WORDS)
def test_the_audit_log_keeps_no_word_that_a_caller_chose(client: FlaskClient, shop: Shop, word: str) -> None:
    wrong = {"email": "alice@example.com", "password": "wrong"}
    told = [
        client.post("/auth/login", json=wrong, headers={"X-Request-Id": each}).headers["X-Request-Id"]
        for each in (ONE, word)
    ]
    with shop.database.read() as session:
        kept = session.scalars(select(AuditEntry.request_id).order_by(AuditEntry.id)).all()
    assert kept == told
    assert told[0] == ONE
    assert word not in told


def test_the_log_of_a_request_has_its_id_and_nothing_of_the_last_one(app: Flask, client: FlaskClient) -> None:
    seen: list[dict[str, object]] = []

    @app.get("/seen")
    def look() -> str:
        seen.append(structlog.contextvars.get_contextvars())
        structlog.contextvars.bind_contextvars(left="over")
        return ""

    for chosen in (ONE, TWO):
        client.get("/seen", headers={"X-Request-Id": chosen})
    assert seen == [{"request_id": ONE}, {"request_id": TWO}]
    assert log.request_id() is None


def test_errors_of_graphql_name_the_id_of_the_header(client: FlaskClient, graphql: GraphQLClient) -> None:
    answer = client.post("/graphql", json={"query": "{ nothing }"}, headers={"X-Request-Id": ONE})
    assert answer.headers["X-Request-Id"] == ONE
    assert json.loads(answer.data)["errors"][0]["extensions"]["requestId"] == ONE


def test_a_proxy_tells_the_scheme_only_when_it_is_trusted(opened: Opened) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert "curl http://localhost/graphql" in opened().get("/", headers=headers).text
    assert "curl https://localhost/graphql" in opened(trusted_proxies=1).get("/", headers=headers).text
