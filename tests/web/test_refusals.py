"""What attacks bring about is logged, with where it was and never with what was sent."""

import pytest
from flask.testing import FlaskClient

from tests.support import GraphQLClient
from web import refusals


class Recorder:
    """Takes down what is logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, str]]] = []

    def warning(self, event: str, **said: str) -> None:
        """A line."""
        self.lines.append((event, said))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The log of refusals."""
    recorder = Recorder()
    monkeypatch.setattr(refusals, "log", recorder)
    return recorder


def test_who_asks_for_what_is_not_his_stands_in_the_log(graphql: GraphQLClient, log: Recorder) -> None:
    graphql('mutation { made: createDepartment(name: "Secret") { id } }', as_="alice")
    graphql("{ getProducts(first: 0) { id } }", as_="alice")
    graphql("{ me { id } }")
    assert log.lines == [("refused", {"code": "FORBIDDEN", "where": "made"})]


def test_a_door_that_was_refused_stands_in_the_log(client: FlaskClient, log: Recorder) -> None:
    other = client.application.test_client(use_cookies=False)
    other.post("/auth/refresh", headers={"Cookie": "refresh_token=x"})
    assert log.lines == [("refused", {"code": "FORBIDDEN", "where": "/auth/refresh"})]


def test_who_comes_too_often_stands_in_the_log(client: FlaskClient, log: Recorder) -> None:
    for _ in range(11):
        client.post("/auth/login", json={"email": "alice@example.com", "password": "wrong"})
    assert log.lines == [("refused", {"code": "RATE_LIMITED", "where": "/auth/login"})]
