"""The doors that clients of earlier releases register and log in by, in both their forms."""

from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from demo.cast import PASSWORD
from tests.services.evidence import nothing_changed
from tests.support import ALICE, PEOPLE, GraphQLClient
from wiring import Shop

DOORS = [("/auth", "name"), ("/api/v1/auth", "full_name")]
LOGINS = ["/auth/login", "/api/v1/auth/login"]
ERIN = {"email": "Erin@Example.com", "password": "correct horse"}


def refused(client: FlaskClient, path: str, sent: Any) -> tuple[int, dict[str, Any]]:
    """The status and the error of a refusal."""
    answer = client.post(path, json=sent)
    body = answer.get_json()
    assert list(body) == ["error"]
    return answer.status_code, body["error"]


@pytest.mark.parametrize(("prefix", "name"), DOORS)
def test_register_then_log_in(client: FlaskClient, graphql: GraphQLClient, prefix: str, name: str) -> None:
    # when
    made = client.post(f"{prefix}/register", json={name: "Erin", **ERIN})
    entered = client.post(f"{prefix}/login", json=ERIN)
    # then
    assert (made.status_code, entered.status_code) == (201, 200)
    user = {
        "user_id": made.get_json()["user"]["user_id"],
        name: "Erin",
        "email": "erin@example.com",
        "role": "customer",
    }
    for answer in (made, entered):
        body = answer.get_json()
        assert answer.headers["Cache-Control"] == "no-store"
        assert body == {"access_token": body["access_token"], "token_type": "bearer", "user": user}
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        assert graphql("{ me { id } }", headers=headers) == {"data": {"me": {"id": user["user_id"]}}}


@pytest.mark.parametrize("path", LOGINS)
@pytest.mark.parametrize("who", ["alice", "sam", "dana"])
def test_the_cast_logs_in_with_its_roles(client: FlaskClient, path: str, who: str) -> None:
    person = PEOPLE[who]
    body = client.post(path, json={"email": person.email, "password": PASSWORD}).get_json()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (body["user"]["user_id"], body["user"]["role"]) == (str(person.id), person.role)
    assert (claims["sub"], claims["role"], len(claims["departments"])) == (
        str(person.id),
        person.role,
        1 if who == "sam" else 0,
    )


@pytest.mark.parametrize(("prefix", "name"), DOORS)
@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"email": "Alice@example.com"}, 409, "EMAIL_TAKEN", "email"),
        ({"email": "erin"}, 400, "INVALID_INPUT", "email"),
        ({"email": None}, 400, "INVALID_INPUT", "email"),
        ({"email": ["erin@example.com"]}, 400, "INVALID_INPUT", "email"),
        ({"password": "1234567"}, 400, "INVALID_INPUT", "password"),
        ({"password": "p" * 129}, 400, "INVALID_INPUT", "password"),
        ({"password": 12345678}, 400, "INVALID_INPUT", "password"),
        ({"NAME": " "}, 400, "INVALID_INPUT", "name"),
        ({"NAME": "Er\0in"}, 400, "INVALID_INPUT", "name"),
        ({"NAME": "E" * 101}, 400, "INVALID_INPUT", "name"),
        ({"NAME": {}}, 400, "INVALID_INPUT", None),
    ],
)
def test_bad_accounts_are_refused(
    client: FlaskClient,
    shop: Shop,
    prefix: str,
    name: str,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
) -> None:
    sent = {name: "Erin", **ERIN} | {key.replace("NAME", name): value for key, value in change.items()}
    with nothing_changed(shop.database):
        answered, error = refused(client, f"{prefix}/register", sent)
    assert (answered, error["code"], error["field"]) == (status, code, field or name)


@pytest.mark.parametrize(("prefix", "name"), DOORS)
def test_a_name_goes_by_one_name_at_each_door(client: FlaskClient, shop: Shop, prefix: str, name: str) -> None:
    other = {"name": "full_name", "full_name": "name"}[name]
    with nothing_changed(shop.database):
        status, error = refused(client, f"{prefix}/register", {other: "Erin", **ERIN})
    assert (status, error) == (
        400,
        {"code": "INVALID_INPUT", "message": f"{name} must be a string.", "field": name},
    )


def test_a_role_that_is_sent_is_not_taken(client: FlaskClient) -> None:
    sent = {"name": "Erin", **ERIN, "role": "admin", "user_id": str(ALICE)}
    made = client.post("/auth/register", json=sent).get_json()["user"]
    assert (made["role"], made["user_id"] == str(ALICE)) == ("customer", False)


@pytest.mark.parametrize("path", LOGINS)
def test_wrong_passwords_and_unknown_accounts_get_one_answer(client: FlaskClient, shop: Shop, path: str) -> None:
    sent = [
        {"email": "alice@example.com", "password": "wrong"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"email": "alice@example.com\0", "password": PASSWORD},
        {"email": "alice@example.com", "password": "p" * 5000},
    ]
    with nothing_changed(shop.database):
        answers = [refused(client, path, each) for each in sent]
    message = "No account has this e-mail address with this password."
    assert answers == [(401, {"code": "WRONG_CREDENTIALS", "message": message})] * len(sent)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "BAD_REQUEST"),
        (b"null", 400, "BAD_REQUEST"),
        (b"7", 400, "BAD_REQUEST"),
        (b'"alice"', 400, "BAD_REQUEST"),
        (b"[]", 400, "BAD_REQUEST"),
        (b"{", 400, "BAD_REQUEST"),
        (b"\xff", 400, "BAD_REQUEST"),
        (b'{"email": "\\ud800"}', 400, "BAD_REQUEST"),
        (b"[" * 9_000, 400, "BAD_REQUEST"),
        (b"{}", 400, "INVALID_INPUT"),
        (b'{"email": "alice@example.com"}', 400, "INVALID_INPUT"),
        (b" " * 10_001, 413, "PAYLOAD_TOO_LARGE"),
        (b" " * 1_000_001, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
@pytest.mark.parametrize("path", [*LOGINS, "/auth/register"])
def test_malformed_bodies(client: FlaskClient, shop: Shop, path: str, body: bytes, status: int, code: str) -> None:
    with nothing_changed(shop.database):
        answer = client.post(path, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", None])
def test_foreign_forms_cannot_post(client: FlaskClient, shop: Shop, content_type: str | None) -> None:
    with nothing_changed(shop.database):
        answer = client.post("/auth/register", data=b'{"name": "E"}', content_type=content_type)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_are_refused(client: FlaskClient, method: str) -> None:
    answer = client.open("/auth/login", method=method)
    assert (answer.status_code, sorted(answer.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])
    assert answer.get_json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_a_door_that_does_not_exist(client: FlaskClient) -> None:
    answer = client.post("/auth/nothing", json={})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "NOT_FOUND")


def test_a_fault_of_a_door_is_masked(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret cause")

    monkeypatch.setattr("services.accounts.signing_in.log_in", fail)
    answer = client.post("/auth/login", json={"email": "a", "password": "b"})
    assert answer.status_code == 500
    error = answer.get_json()["error"]
    assert (error["code"], error["message"]) == ("INTERNAL", "Something went wrong on our side.")
    assert "secret" not in answer.get_data(as_text=True)
    assert error["requestId"] in caplog.text
    assert "secret cause" in caplog.text
