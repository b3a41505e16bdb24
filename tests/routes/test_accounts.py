"""The doors by which programs register, log in and out, and follow links, in both their forms."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from demo.cast import PASSWORD
from models.account_link import LinkPurpose
from services.accounts import changing_password, registering, verifying
from tests.routes.links import link_token
from tests.services.evidence import nothing_changed
from tests.support import ALICE, PEOPLE, GraphQLClient, codes
from wiring import Shop

DOORS = [("/auth", "name"), ("/api/v1/auth", "full_name")]
LOGINS = ["/auth/login", "/api/v1/auth/login"]
ERIN = {"email": "Erin@Example.com", "password": "correct horse"}
ALICES = {"email": "alice@example.com", "password": PASSWORD}


def refused(client: FlaskClient, path: str, sent: Any) -> tuple[int, dict[str, Any]]:
    """The status and the error of a refusal."""
    answer = client.post(path, json=sent)
    body = answer.get_json()
    assert list(body) == ["error"]
    return answer.status_code, body["error"]


@pytest.mark.parametrize(("prefix", "name"), DOORS)
def test_register_then_prove_the_address_then_log_in(
    client: FlaskClient, graphql: GraphQLClient, shop: Shop, prefix: str, name: str
) -> None:
    # when
    made = client.post(f"{prefix}/register", json={name: "Erin", **ERIN, "phone": "+1 415 555 2671"})
    token = link_token(shop, LinkPurpose.VERIFICATION)
    proven = client.post(f"{prefix}/verify", json={"token": token})
    entered = client.post(f"{prefix}/login", json=ERIN)
    # then
    assert (made.status_code, made.get_json()) == (202, {"message": registering.REGISTERED})
    assert (proven.status_code, proven.get_json()) == (200, {"message": verifying.VERIFIED})
    body = entered.get_json()
    assert [answer.headers["Cache-Control"] for answer in (made, proven, entered)] == ["no-store"] * 3
    assert body == {
        "access_token": body["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": body["refresh_token"],
        "user": {
            "user_id": body["user"]["user_id"],
            name: "Erin",
            "email": "erin@example.com",
            "role": "customer",
        },
    }
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert graphql("{ me { id phone emailVerified } }", headers=headers) == {
        "data": {"me": {"id": body["user"]["user_id"], "phone": "+14155552671", "emailVerified": True}}
    }


def test_users_is_another_name_of_register(client: FlaskClient, shop: Shop) -> None:
    made = client.post("/users/", json={"name": "Erin", **ERIN})
    assert (made.status_code, made.get_json()) == (202, {"message": registering.REGISTERED})
    proven = client.post("/verify/", json={"token": link_token(shop, LinkPurpose.VERIFICATION)})
    assert (proven.status_code, proven.get_json()) == (200, {"message": verifying.VERIFIED})
    assert client.post("/auth/login", json=ERIN).status_code == 200


@pytest.mark.parametrize(
    ("door", "sent", "message"),
    [
        ("register", {"name": "X", "full_name": "X", "password": "correct horse"}, registering.REGISTERED),
        ("verification", {}, verifying.VERIFICATION_SENT),
        ("password-reset", {}, changing_password.RESET_SENT),
    ],
)
@pytest.mark.parametrize("prefix", ["/auth", "/api/v1/auth"])
def test_nobody_learns_whether_an_address_has_an_account(
    client: FlaskClient,
    counted_sql: Callable[[], AbstractContextManager[list[str]]],
    prefix: str,
    door: str,
    sent: dict[str, str],
    message: str,
) -> None:
    seen = []
    for email in ("alice@example.com", "nobody@example.com"):
        with counted_sql() as statements:
            answer = client.post(f"{prefix}/{door}", json={"email": email, **sent})
        headers = {name for name, _ in answer.headers}
        seen.append((answer.status_code, answer.get_json(), sorted(headers), len(statements)))
    assert seen[0] == seen[1]
    assert seen[0][:2] == (202, {"message": message})


@pytest.mark.parametrize("prefix", ["/auth", "/api/v1/auth"])
def test_a_forgotten_password_is_set_anew_by_the_link(client: FlaskClient, shop: Shop, prefix: str) -> None:
    asked = client.post(f"{prefix}/password-reset", json={"email": "ALICE@example.com"})
    token = link_token(shop, LinkPurpose.PASSWORD_RESET)
    sent = {"token": token, "new_password": "another horse"}
    # a password we do not take leaves the link as it is, and is told by the name it came under
    with nothing_changed(shop.database):
        status, error = refused(client, f"{prefix}/password-reset/confirm", sent | {"new_password": "short"})
    assert (status, error) == (
        400,
        {
            "code": "INVALID_INPUT",
            "message": "new_password must have 8 to 128 characters.",
            "field": "new_password",
        },
    )
    done = client.post(f"{prefix}/password-reset/confirm", json=sent)
    assert (asked.status_code, done.status_code) == (202, 200)
    assert done.get_json() == {"message": changing_password.RESET_DONE}
    with nothing_changed(shop.database):
        assert refused(client, f"{prefix}/password-reset/confirm", sent)[1]["code"] == "LINK_INVALID"
    changed = client.post(f"{prefix}/login", json={"email": "alice@example.com", "password": "another horse"})
    assert changed.status_code == 200


@pytest.mark.parametrize("token", ["", "made up", "a" * 9000, "\0", "."])
@pytest.mark.parametrize("door", ["verify", "password-reset/confirm"])
def test_made_up_links_are_refused(client: FlaskClient, shop: Shop, door: str, token: str) -> None:
    with nothing_changed(shop.database):
        status, error = refused(client, f"/auth/{door}", {"token": token, "new_password": "another horse"})
    assert (status, error["code"]) == (410, "LINK_INVALID")


def test_a_refresh_token_in_the_body_serves_once(client: FlaskClient, shop: Shop) -> None:
    first = client.post("/auth/login", json=ALICES).get_json()
    second = client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]}).get_json()
    assert second.keys() == first.keys()
    assert second["user"] == first["user"]
    assert len({first["refresh_token"], second["refresh_token"]}) == 2
    # when the first is used again, the session ends, also for who has the second
    replayed = refused(client, "/auth/refresh", {"refresh_token": first["refresh_token"]})
    with nothing_changed(shop.database):
        late = refused(client, "/auth/refresh", {"refresh_token": second["refresh_token"]})
    assert [(status, error["code"]) for status, error in (replayed, late)] == [(401, "UNAUTHENTICATED")] * 2


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({}, 401, "UNAUTHENTICATED"),
        ({"refresh_token": None}, 401, "UNAUTHENTICATED"),
        ({"refresh_token": ""}, 401, "UNAUTHENTICATED"),
        ({"refresh_token": "made up"}, 401, "UNAUTHENTICATED"),
        ({"refresh_token": "a" * 9000}, 401, "UNAUTHENTICATED"),
        ({"refresh_token": 7}, 400, "INVALID_INPUT"),
    ],
)
def test_other_refresh_tokens_are_refused(
    client: FlaskClient, shop: Shop, sent: dict[str, Any], status: int, code: str
) -> None:
    with nothing_changed(shop.database):
        answered, error = refused(client, "/auth/refresh", sent)
    assert (answered, error["code"]) == (status, code)


def test_logging_out_ends_the_session(client: FlaskClient, graphql: GraphQLClient, shop: Shop) -> None:
    by_access, by_refresh = (client.post("/auth/login", json=ALICES).get_json() for _ in range(2))
    headers = {"Authorization": f"Bearer {by_access['access_token']}"}
    gone = [
        client.post("/auth/logout", headers=headers),
        client.post("/api/v1/auth/logout", json={"refresh_token": by_refresh["refresh_token"]}),
        client.post("/auth/logout", json={"refresh_token": "was never one of ours"}),
    ]
    assert [(answer.status_code, answer.data) for answer in gone] == [(204, b"")] * 3
    for session in (by_access, by_refresh):
        with nothing_changed(shop.database):
            assert refused(client, "/auth/refresh", {"refresh_token": session["refresh_token"]})[0] == 401
            body = graphql("{ me { id } }", headers={"Authorization": f"Bearer {session['access_token']}"})
        assert codes(body) == ["UNAUTHENTICATED"]
    with nothing_changed(shop.database):
        again = client.post("/auth/logout", headers=headers)
    assert (again.status_code, again.get_json()["error"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer made.up.token", "Basic YTpi", "Bearer \xff"])
def test_who_is_nobody_cannot_log_out(client: FlaskClient, shop: Shop, authorization: str | None) -> None:
    with nothing_changed(shop.database):
        answer = client.post("/auth/logout", headers={"Authorization": authorization} if authorization else {})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "UNAUTHENTICATED")


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
        ({"phone": "5551234"}, 400, "INVALID_INPUT", "phone"),
        ({"phone": 5551234}, 400, "INVALID_INPUT", "phone"),
        ({"email": "erin"}, 400, "INVALID_INPUT", "email"),
        ({"email": None}, 400, "INVALID_INPUT", "email"),
        ({"email": ["erin@example.com"]}, 400, "INVALID_INPUT", "email"),
        ({"password": "1234567"}, 400, "INVALID_INPUT", "password"),
        ({"password": "p" * 129}, 400, "INVALID_INPUT", "password"),
        ({"password": 12345678}, 400, "INVALID_INPUT", "password"),
        ({"NAME": " "}, 400, "INVALID_INPUT", None),
        ({"NAME": "Er\0in"}, 400, "INVALID_INPUT", None),
        ({"NAME": "E" * 101}, 400, "INVALID_INPUT", None),
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
    client.post("/auth/register", json={"name": "Erin", **ERIN, "role": "admin", "user_id": str(ALICE)})
    made = client.post("/auth/login", json=ERIN).get_json()["user"]
    assert (made["role"], made["user_id"] == str(ALICE)) == ("customer", False)


@pytest.mark.parametrize("path", LOGINS)
def test_wrong_passwords_and_unknown_accounts_get_one_answer(client: FlaskClient, path: str) -> None:
    sent = [
        {"email": "alice@example.com", "password": "wrong"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"email": "alice@example.com\0", "password": PASSWORD},
        {"email": "alice@example.com", "password": "p" * 5000},
    ]
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
