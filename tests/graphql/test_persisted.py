"""Automatic persisted queries: a document is sent once with its hash, and named by the hash alone after that."""

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from tests.web.conftest import Opened, opened
from wiring import Shop

__all__ = ["opened"]
DOCUMENT = "query Names($first: Int!) { products(first: $first) { nodes { name } } }"


def named(document: str, **more: Any) -> dict[str, Any]:
    """The extensions that name a document."""
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(document.encode()).hexdigest(), **more}}


def get(client: FlaskClient, extensions: Any, *, document: str | None = None, first: int = 2) -> TestResponse:
    """A query by GET as Apollo's clients send it."""
    asked = {"variables": json.dumps({"first": first}), "extensions": json.dumps(extensions)}
    return client.get(f"/graphql?{urlencode(asked | ({'query': document} if document else {}))}")


def post(client: FlaskClient, extensions: Any, *, document: str | None = None) -> TestResponse:
    """A query by POST."""
    body: dict[str, Any] = {"variables": {"first": 2}, "extensions": extensions}
    return client.post("/graphql", json=body | ({"query": document} if document else {}))


def code(answer: TestResponse) -> tuple[int, str]:
    """The status, and the first error's code."""
    return answer.status_code, answer.get_json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize("ask", [get, post])
def test_a_hash_is_unknown_until_its_document_came_with_it(client: FlaskClient, ask: Any) -> None:
    unknown = ask(client, named(DOCUMENT))
    assert code(unknown) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.get_json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.headers["X-Cache"] == "bypass"
    registered = ask(client, named(DOCUMENT), document=DOCUMENT)
    assert registered.get_json() == {"data": {"products": {"nodes": []}}}
    for other in (get, post):
        assert other(client, named(DOCUMENT)).get_json() == registered.get_json()


def test_a_named_query_by_get_is_kept_and_has_an_etag(client: FlaskClient) -> None:
    get(client, named(DOCUMENT), document=DOCUMENT)
    first, second = get(client, named(DOCUMENT)), get(client, named(DOCUMENT))
    assert [each.headers["X-Cache"] for each in (first, second)] == ["miss", "hit"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert second.headers["Cache-Control"] == "no-cache"
    assert get(client, named(DOCUMENT), first=3).headers["X-Cache"] == "miss"


@pytest.mark.parametrize("ask", [get, post])
def test_a_hash_of_another_document_is_refused_and_nothing_is_remembered(
    client: FlaskClient, redis_client: redis.Redis, ask: Any
) -> None:
    other = "{ __typename }"
    assert code(ask(client, named(other), document=DOCUMENT)) == (400, "BAD_REQUEST")
    assert code(ask(client, named(other))) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert list(redis_client.scan_iter("q:*")) == []


@pytest.mark.parametrize(
    "extensions",
    [
        {"persistedQuery": "x"},
        {"persistedQuery": {}},
        {"persistedQuery": {"version": 1}},
        named(DOCUMENT, version=2),
        named(DOCUMENT, version=True),
        named(DOCUMENT, version="1"),
        named(DOCUMENT, sha256Hash="0" * 63),
        named(DOCUMENT, sha256Hash="g" * 64),
        named(DOCUMENT, sha256Hash="A" * 64),
        named(DOCUMENT, sha256Hash=12),
        named(DOCUMENT, sha256Hash="q:*"),
    ],
)
@pytest.mark.parametrize("document", [None, DOCUMENT])
def test_what_is_no_name_is_refused(client: FlaskClient, extensions: Any, document: str | None) -> None:
    assert code(post(client, extensions, document=document)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "document", ["{ nothing }", "{", "query { products(first: 1) { nodes { name } } }" + " " * 8000]
)
def test_what_is_no_query_or_too_long_is_not_remembered(
    client: FlaskClient, redis_client: redis.Redis, document: str
) -> None:
    post(client, named(document), document=document)
    assert code(post(client, named(document))) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert list(redis_client.scan_iter("q:*")) == []


def test_a_mutation_named_by_its_hash_is_still_not_for_get(client: FlaskClient) -> None:
    mutation = "mutation { logout }"
    post(client, named(mutation), document=mutation)
    asked = urlencode({"extensions": json.dumps(named(mutation))})
    assert code(client.get(f"/graphql?{asked}")) == (405, "METHOD_NOT_ALLOWED")


def test_another_process_knows_it_from_redis(client: FlaskClient, shop: Shop, redis_client: redis.Redis) -> None:
    post(client, named(DOCUMENT), document=DOCUMENT)
    other = create_app(shop).test_client()
    assert post(other, named(DOCUMENT)).get_json() == {"data": {"products": {"nodes": []}}}
    redis_client.flushdb()
    assert "data" in post(other, named(DOCUMENT)).get_json()  # its own memory
    # What a third is asked word for word it has from the second, as a whole answer; anything else it cannot know.
    third = create_app(shop).test_client()
    assert "data" in post(third, named(DOCUMENT)).get_json()
    assert code(get(third, named(DOCUMENT), first=5)) == (200, "PERSISTED_QUERY_NOT_FOUND")


def test_in_a_batch_each_has_its_own_name(client: FlaskClient) -> None:
    sent = [
        {"query": DOCUMENT, "variables": {"first": 1}, "extensions": named(DOCUMENT)},
        {"variables": {"first": 1}, "extensions": named(DOCUMENT)},
        {"extensions": named("{ unknown }")},
    ]
    first, second, third = client.post("/graphql", json=sent).get_json()
    assert first == second == {"data": {"products": {"nodes": []}}}
    assert third["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def test_a_new_document_counts_as_ten_requests_so_that_memory_is_not_for_free(opened: Opened) -> None:
    client = opened(rate_limit_per_minute=12)
    assert "data" in post(client, named(DOCUMENT), document=DOCUMENT).get_json()
    assert "data" in post(client, named(DOCUMENT)).get_json()
    other = "{ __typename }"
    assert code(post(client, named(other), document=other)) == (429, "RATE_LIMITED")
