"""Requests that HTTP allows and GraphQL does not: each gets a status and a code, and none gets a 500."""

import re
import socket
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.services.evidence import nothing_changed
from tests.serving import serving
from tests.support import token_of
from wiring import Shop

JSON = "application/json"
HELLO = orjson.dumps({"query": "{ __typename }"})
CREATE = "mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }"
A_QUERY_AND_A_MUTATION = f"query A {{ __typename }} {CREATE.replace('mutation', 'mutation B')}"


def post(client: FlaskClient, body: bytes, content_type: str | None = JSON, **headers: str) -> tuple[int, Any]:
    """The status and the parsed body of an answer, whose form is checked."""
    answer = client.post("/graphql", data=body, content_type=content_type, headers=headers)
    assert answer.content_type == "application/json; charset=utf-8"
    assert answer.headers["X-Request-Id"] != ""
    return answer.status_code, answer.get_json()


def code_of(body: Any) -> str:
    """The code of the only error, with no data beside it."""
    assert list(body) == ["errors"]
    (error,) = body["errors"]
    assert error["extensions"]["requestId"] != ""
    found: str = error["extensions"]["code"]
    return found


BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "BAD_REQUEST"),
    "null": (b"null", 400, "BAD_REQUEST"),
    "a number": (b"7", 400, "BAD_REQUEST"),
    "a string": (b'"{ __typename }"', 400, "BAD_REQUEST"),
    "true": (b"true", 400, "BAD_REQUEST"),
    "an empty object": (b"{}", 400, "BAD_REQUEST"),
    "half an object": (b'{"query": "{ __typename }"', 400, "BAD_REQUEST"),
    "two objects": (HELLO + HELLO, 400, "BAD_REQUEST"),
    "not JSON": (b"query=%7B__typename%7D", 400, "BAD_REQUEST"),
    "NaN": (b'{"query": "{ __typename }", "variables": {"a": NaN}}', 400, "BAD_REQUEST"),
    "bad UTF-8": (b'{"query": "\xff\xfe"}', 400, "BAD_REQUEST"),
    "UTF-16": ('{"query": "{ __typename }"}'.encode("utf-16"), 400, "BAD_REQUEST"),
    "a byte order mark": (b"\xef\xbb\xbf" + HELLO, 400, "BAD_REQUEST"),
    "half a character": (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', 400, "BAD_REQUEST"),
    "deep lists": (b"[" * 10_000 + b"]" * 10_000, 400, "BAD_REQUEST"),
    "deep objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "BAD_REQUEST"),
    "deep variables": (
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
        400,
        "BAD_REQUEST",
    ),
    "query null": (b'{"query": null}', 400, "BAD_REQUEST"),
    "query a number": (b'{"query": 7}', 400, "BAD_REQUEST"),
    "query a list": (b'{"query": ["{ __typename }"]}', 400, "BAD_REQUEST"),
    "operationName a number": (b'{"query": "{ __typename }", "operationName": 7}', 400, "BAD_REQUEST"),
    "variables a list": (b'{"query": "{ __typename }", "variables": []}', 400, "BAD_REQUEST"),
    "variables a string": (b'{"query": "{ __typename }", "variables": "{}"}', 400, "BAD_REQUEST"),
    "extensions a string": (b'{"query": "{ __typename }", "extensions": ""}', 400, "BAD_REQUEST"),
    "an empty batch": (b"[]", 400, "BAD_REQUEST"),
    "a batch of eleven": (b"[" + b",".join([HELLO] * 11) + b"]", 400, "BAD_REQUEST"),
    "a batch of nulls": (b"[null]", 400, "BAD_REQUEST"),
    "a batch in a batch": (b"[[" + HELLO + b"]]", 400, "BAD_REQUEST"),
    "over a megabyte": (b" " * 1_000_001, 413, "PAYLOAD_TOO_LARGE"),
    "a long document": (orjson.dumps({"query": "#" * 100_001}), 413, "PAYLOAD_TOO_LARGE"),
}


@pytest.mark.parametrize("name", BODIES)
def test_malformed_bodies(client: FlaskClient, name: str) -> None:
    sent, status, code = BODIES[name]
    answered, body = post(client, sent)
    assert (answered, code_of(body)) == (status, code)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/plain; application/json",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/graphql",
        "nonsense",
    ],
)
def test_other_content_types_are_refused_so_that_no_foreign_form_can_post(
    client: FlaskClient, shop: Shop, content_type: str | None
) -> None:
    sent = orjson.dumps({"query": CREATE})
    with nothing_changed(shop.database):
        status, body = post(client, sent, content_type, Authorization=f"Bearer {token_of(shop, 'dana')}")
    assert (status, code_of(body)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", [JSON, "Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"']
)
def test_json_in_utf8_is_taken(client: FlaskClient, content_type: str) -> None:
    assert post(client, HELLO, content_type) == (200, {"data": {"__typename": "Query"}})


def test_a_body_of_exactly_a_megabyte_is_read(client: FlaskClient) -> None:
    padded = HELLO + b" " * (1_000_000 - len(HELLO))
    assert post(client, padded) == (200, {"data": {"__typename": "Query"}})


def raw_answer(address: str, *pieces: bytes) -> tuple[int, Any]:
    """Sends bytes over a connection of its own; the status and the body that come back."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)  # the development server waits for what may still come
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has heard enough
        received = b""
        while block := connection.recv(65536):
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), orjson.loads(body)


def test_bodies_in_chunks_are_read_and_bounded(committing_shop: Shop) -> None:
    """Without a Content-Length nobody knows the size beforehand: reading must stop by itself."""
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    chunked, end = head + b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"
    block = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with serving(create_app(committing_shop)) as address:
        small = b"%x\r\n%s\r\n" % (len(HELLO), HELLO)
        assert raw_answer(address, chunked, small, end) == (200, {"data": {"__typename": "Query"}})
        # given a whole request, followed by more spaces than are read
        status, body = raw_answer(address, chunked, small, block * 16, end)
        assert (status, code_of(body)) == (413, "PAYLOAD_TOO_LARGE")
        status, body = raw_answer(address, head + b"Content-Length: 1000002\r\n\r\n")
        assert (status, code_of(body)) == (413, "PAYLOAD_TOO_LARGE")
        status, body = raw_answer(address, head + b"\r\n")
        assert (status, code_of(body)) == (400, "BAD_REQUEST")


def test_a_batch_of_ten_is_answered_one_by_one(client: FlaskClient, shop: Shop) -> None:
    # given
    batch = [
        {"query": "{ __typename }"},
        {"query": "{ nonsense }"},
        {"query": "{"},
        {"query": CREATE},
        {"query": "{" * 200},
        *[{"query": "{ __typename }"}] * 5,
    ]
    # when
    with nothing_changed(shop.database):
        status, body = post(client, orjson.dumps(batch))
    # then
    assert (status, len(body)) == (200, 10)
    assert [each["errors"][0]["extensions"]["code"] if "errors" in each else each["data"] for each in body] == [
        {"__typename": "Query"},
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
        "UNAUTHENTICATED",
        "QUERY_TOO_COMPLEX",
        *[{"__typename": "Query"}] * 5,
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "name"),
    [(CREATE, None), (A_QUERY_AND_A_MUTATION, "B"), (A_QUERY_AND_A_MUTATION, "C")],
)
def test_no_mutation_by_get(client: FlaskClient, shop: Shop, method: str, query: str, name: str | None) -> None:
    with nothing_changed(shop.database):
        answer = client.open(
            "/graphql",
            method=method,
            query_string={"query": query} | ({"operationName": name} if name else {}),
            headers={"Authorization": f"Bearer {token_of(shop, 'dana')}"},
        )
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    if method == "GET":
        assert code_of(answer.get_json()) == "METHOD_NOT_ALLOWED"


def test_a_query_by_get(client: FlaskClient) -> None:
    document = (
        f"query A($first: Int!) {{ getProducts(first: $first) {{ id }} }} {CREATE.replace('mutation', 'mutation B')}"
    )
    answer = client.get("/graphql", query_string={"query": document, "operationName": "A", "variables": '{"first": 1}'})
    assert (answer.status_code, answer.get_json()) == (200, {"data": {"getProducts": []}})


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"query": "{ __typename }", "variables": "x"},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "variables": '{"a": "\\ud800"}'},
        {"query": "{ __typename }", "extensions": "1"},
        {"query": "{ __typename }", "variables": "[" * 10_000},
    ],
)
def test_malformed_urls(client: FlaskClient, sent: dict[str, str]) -> None:
    answer = client.get("/graphql", query_string=sent)
    assert (answer.status_code, code_of(answer.get_json())) == (400, "BAD_REQUEST")


def test_urls_with_bytes_that_are_no_utf8(client: FlaskClient) -> None:
    answer = client.get("/graphql?query=%7B__typename%7D%23%ED%A0%80%FF&variables=%7B%22a%22%3A%22%ED%A0%80%22%7D")
    assert (answer.status_code, answer.get_json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused_and_told_which_are_allowed(client: FlaskClient, method: str) -> None:
    answer = client.open("/graphql", method=method, data=HELLO, content_type=JSON)
    assert answer.status_code == 405
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "HEAD", "POST"]
    assert answer.get_json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("accept", ["text/plain", "image/png", "application/xml, text/csv"])
def test_an_answer_nobody_takes_is_not_made(client: FlaskClient, shop: Shop, accept: str) -> None:
    with nothing_changed(shop.database):
        status, body = post(
            client,
            orjson.dumps({"query": CREATE}),
            Accept=accept,
            Authorization=f"Bearer {token_of(shop, 'dana')}",
        )
    assert (status, code_of(body)) == (406, "NOT_ACCEPTABLE")


def test_the_newer_type_has_statuses_of_its_own(client: FlaskClient) -> None:
    newer = {"Accept": "application/graphql-response+json"}
    sent = {"{": 400, "{ nonsense }": 400, "query A { __typename } query B { __typename }": 400, "{ me { id } }": 200}
    for query, status in sent.items():
        answer = client.post("/graphql", json={"query": query}, headers=newer)
        assert (answer.status_code, answer.content_type) == (
            status,
            "application/graphql-response+json; charset=utf-8",
        )
        answer = client.post("/graphql", json={"query": query})
        assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize("name", ["Unknown", "", "a\0", "x" * 10_000])
def test_an_unknown_operation_name(client: FlaskClient, shop: Shop, name: str) -> None:
    sent = {"query": A_QUERY_AND_A_MUTATION, "operationName": name}
    with nothing_changed(shop.database):
        status, body = post(client, orjson.dumps(sent), Authorization=f"Bearer {token_of(shop, 'dana')}")
    assert (status, code_of(body)) == (200, "INVALID_INPUT")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0192f0c1-2345-7000-8000-000000000001", True),
        ("0192f0c1234570008000000000000001", True),
        ("0192F0C1234570008000000000000001", True),
        ("0192f0c12345-7000-8000-000000000001", False),
        ("0192f0c12345700080000000000000010", False),
        ("14155550123", False),
        ("abc-123", False),
        ("a b", False),
        ("é", False),
        ("<script>", False),
    ],
)
def test_a_uuid_is_kept_as_the_request_s_id_and_anything_else_replaced(
    client: FlaskClient, sent: str, kept: bool
) -> None:
    answer = client.post("/graphql", json={"query": "{"}, headers={"X-Request-Id": sent})
    given = answer.headers["X-Request-Id"]
    assert answer.get_json()["errors"][0]["extensions"]["requestId"] == given
    assert (given == sent) == kept
    assert kept or re.fullmatch("[0-9a-f]{32}", given)


def test_answers_are_not_kept_by_anybody_on_the_way(client: FlaskClient) -> None:
    posted = client.post("/graphql", json={"query": "{ __typename }"})
    got = client.get("/graphql", query_string={"query": "{ __typename }"})
    assert (posted.headers["Cache-Control"], got.headers["Cache-Control"]) == ("no-store", "no-cache")
    assert posted.headers["Vary"] == got.headers["Vary"] == "Accept, Authorization, X-Region"
