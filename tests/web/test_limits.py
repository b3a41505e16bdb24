"""Each act is limited per address and per network; a refusal says when to come again, and counts nowhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from demo.cast import PASSWORD
from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes
from tests.web.conftest import Opened
from utils.errors import RateLimited
from web.limiting import Limits, Rule
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE, QUARTER, HOUR = 60, 15 * 60, 60 * 60
HOME, OFFICE = "192.0.2.1", "198.51.100.7"
# How often for one address and for one network, and within how many seconds.
BOUNDS = {
    Rule.LOGIN: (50, 100, QUARTER),
    Rule.REGISTRATION: (5, 100, HOUR),
    Rule.PASSWORD_RESET: (5, 100, HOUR),
    Rule.VERIFICATION: (5, 100, HOUR),
    Rule.LINK: (10, 100, HOUR),
    Rule.INVITATION: (10, 100, HOUR),
    Rule.EXPORT: (5, 100, HOUR),
}
EACH = pytest.mark.parametrize("rule", BOUNDS)
Spend = Callable[..., int | None]


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def spend(app: Flask, shop: Shop) -> Spend:
    """Does an act: None when it was counted, else in how many seconds to come again."""
    limits = Limits(shop)

    def act(rule: Rule, address: str, network: str = HOME) -> int | None:
        with app.test_request_context(environ_base={"REMOTE_ADDR": network}):
            try:
                limits.spend(rule, address)
            except RateLimited as refusal:
                seconds: int = refusal.details["retryAfter"]
                return seconds
        return None

    return act


def apart(rule: Rule) -> timedelta:
    """How far apart acts for one address must be not to meet the throttle of one a minute."""
    return timedelta(seconds=MINUTE + 1 if rule in (Rule.VERIFICATION, Rule.EXPORT) else 1)


@EACH
def test_an_address_has_so_many_tries_until_the_first_is_old_enough(
    spend: Spend, noon: time_machine.Traveller, rule: Rule
) -> None:
    most, _, window = BOUNDS[rule]
    # given
    for at in range(most):
        assert spend(rule, "alice@example.com", f"203.0.113.{at}") is None
        noon.shift(apart(rule))
    # when
    passed = most * int(apart(rule).total_seconds())
    assert spend(rule, "alice@example.com") == window - passed
    assert spend(rule, "alice@example.com", OFFICE) == window - passed
    assert spend(rule, "bob@example.com") is None
    # then
    noon.shift(timedelta(seconds=window - passed - 1))
    assert spend(rule, "alice@example.com") == 1
    noon.shift(timedelta(seconds=1.1))
    assert spend(rule, "alice@example.com") is None
    assert spend(rule, "alice@example.com") is not None


@EACH
def test_a_network_has_so_many_tries_for_all_addresses_together(
    spend: Spend, noon: time_machine.Traveller, rule: Rule
) -> None:
    _, most, window = BOUNDS[rule]
    for at in range(most):
        assert spend(rule, f"person{at}@example.com") is None
    assert spend(rule, "one.more@example.com") == window
    assert spend(rule, "one.more@example.com", OFFICE) is None
    noon.shift(timedelta(seconds=window + 1))
    assert spend(rule, "one.more@example.com") is None


def test_who_uses_up_the_logins_of_an_address_locks_nobody_out_elsewhere(
    spend: Spend, noon: time_machine.Traveller
) -> None:
    # given ten from one network, and no more
    assert [spend(Rule.LOGIN, "alice@example.com") for _ in range(11)] == [None] * 10 + [QUARTER]
    assert spend(Rule.LOGIN, "bob@example.com") is None
    # then the owner comes in from another, unless ten have come from five of them
    for at in range(4):
        network = f"203.0.113.{at}"
        assert [spend(Rule.LOGIN, "alice@example.com", network) for _ in range(11)] == [None] * 10 + [QUARTER]
    assert spend(Rule.LOGIN, "alice@example.com", OFFICE) == QUARTER
    assert spend(Rule.LOGIN, "bob@example.com", OFFICE) is None
    noon.shift(timedelta(seconds=QUARTER + 1))
    assert spend(Rule.LOGIN, "alice@example.com") is None


@pytest.mark.parametrize("rule", [Rule.VERIFICATION, Rule.EXPORT])
def test_a_link_is_sent_again_and_data_exported_once_a_minute_at_most(
    spend: Spend, noon: time_machine.Traveller, rule: Rule
) -> None:
    assert spend(rule, "alice@example.com") is None
    noon.shift(timedelta(seconds=20))
    assert spend(rule, "alice@example.com") == 40
    noon.shift(timedelta(seconds=41))
    assert spend(rule, "alice@example.com") is None


def test_rules_count_apart(spend: Spend, noon: time_machine.Traveller) -> None:
    for rule, (most, _, _) in BOUNDS.items():
        while spend(rule, "alice@example.com") is None:
            noon.shift(apart(rule) if most == 5 else timedelta(0))
    assert [spend(rule, "bob@example.com") for rule in BOUNDS] == [None] * len(BOUNDS)


def test_what_was_refused_counts_nowhere(spend: Spend, noon: time_machine.Traveller) -> None:
    # given an address without tries left, and one who goes on
    for _ in range(10):
        spend(Rule.LOGIN, "alice@example.com")
    for _ in range(95):
        assert spend(Rule.LOGIN, "alice@example.com") == QUARTER
    # then she has forty left elsewhere, and the network has used up ten of its hundred
    for at in range(90):
        assert spend(Rule.LOGIN, f"person{at}@example.com") is None
    for at in range(40):
        assert spend(Rule.LOGIN, "alice@example.com", f"203.0.113.{at}") is None
    assert spend(Rule.LOGIN, "alice@example.com", OFFICE) == QUARTER
    # and from a network without tries left, nobody uses up a stranger's
    for _ in range(20):
        assert spend(Rule.LOGIN, "bob@example.com") == QUARTER
    assert [spend(Rule.LOGIN, "bob@example.com", OFFICE) for _ in range(11)] == [None] * 10 + [QUARTER]


def test_an_address_is_the_same_in_every_spelling(spend: Spend, noon: time_machine.Traveller) -> None:
    spellings = [
        "alice@example.com",
        "Alice@Example.COM",
        "ALICE@EXAMPLE.COM",
        "alice@EXAMPLE.com",
        "aLICE@example.com",
    ]
    assert [spend(Rule.REGISTRATION, each) for each in spellings] == [None] * 5
    assert spend(Rule.REGISTRATION, "alice@example.com") == HOUR


@pytest.mark.parametrize("nonsense", ["", "\0", "\ud800", "no address", "a" * 100_000, "\N{GRINNING FACE}"])
def test_what_is_no_address_is_limited_as_it_is(spend: Spend, noon: time_machine.Traveller, nonsense: str) -> None:
    assert [spend(Rule.REGISTRATION, nonsense) for _ in range(6)] == [None] * 5 + [HOUR]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1:40000", "192.0.2.1:50000", True),
        ("[2001:db8:1:2::1]:40000", "2001:db8:1:2::2", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "", True),
        ("somewhere", "somewhere", True),
    ],
)
def test_what_is_one_network(spend: Spend, noon: time_machine.Traveller, one: str, other: str, together: bool) -> None:
    for at in range(100):
        assert spend(Rule.LINK, f"token {at}", one) is None
    assert spend(Rule.LINK, "another", other) == (HOUR if together else None)


def test_redis_holds_no_address_no_token_and_no_network(
    client: FlaskClient, graphql: GraphQLClient, redis_client: redis.Redis
) -> None:
    client.post("/auth/login", json={"email": "erin@example.com", "password": "x"})
    client.post("/auth/verify", json={"token": "a-token-of-a-link"})
    graphql("{ __typename }", as_="alice")
    keys: list[Any] = list(redis_client.keys("limits:*"))
    assert len(keys) == 7  # three of the login, two of the link, the general one of the network and of Alice
    for key in keys:
        kept = key + repr([*redis_client.lrange(key, 0, -1)]).encode()
        for secret in (b"erin", b"example", b"a-token", b"127.0.0", b"a94102ff"):
            assert secret not in kept


LOGINS = (
    "mutation { "
    + " ".join(f'l{at}: login(email: "alice@example.com", password: "wrong") {{ accessToken }}' for at in range(10))
    + " }"
)
LOGIN = 'mutation { login(email: "Alice@example.com", password: "Market-Demo-1") { accessToken } }'


def test_ten_logins_in_one_document_count_as_ten(graphql: GraphQLClient, client: FlaskClient, shop: Shop) -> None:
    # given
    assert codes(graphql(LOGINS)) == ["WRONG_CREDENTIALS"] * 10
    # then no eleventh from there, by no door, even with the right password
    with nothing_changed(shop.database):
        body = graphql(LOGIN)
        answers = [
            client.post(f"{prefix}/login", json={"email": "alice@example.com", "password": PASSWORD})
            for prefix in ("/auth", "/api/v1/auth")
        ]
    assert (body["data"], codes(body)) == ({"login": None}, ["RATE_LIMITED"])
    assert 0 < body["errors"][0]["extensions"]["retryAfter"] <= QUARTER
    for answer in answers:
        error = answer.get_json()["error"]
        assert (answer.status_code, error["code"]) == (429, "RATE_LIMITED")
        assert answer.headers["Retry-After"] == str(error["retryAfter"])
        assert error["message"] == "That was too often. Try again in 15 minutes."
    # and whoever knows it comes in from elsewhere
    sent = {"email": "alice@example.com", "password": PASSWORD}
    assert client.post("/auth/login", json=sent, environ_base={"REMOTE_ADDR": OFFICE}).status_code == 200


DOORS = [
    ("register", {"name": "E", "email": "erin@example.com", "password": "short"}, 5),
    ("verification", {"email": "erin@example.com"}, 1),
    ("password-reset", {"email": "erin@example.com"}, 5),
    ("verify", {"token": "made up"}, 10),
    ("password-reset/confirm", {"token": "made up", "new_password": "correct horse"}, 10),
]


@pytest.mark.parametrize("prefix", ["/auth", "/api/v1/auth"])
@pytest.mark.parametrize(("door", "sent", "most"), DOORS)
def test_every_door_that_acts_for_a_stranger_is_limited(
    client: FlaskClient, shop: Shop, prefix: str, door: str, sent: dict[str, str], most: int
) -> None:
    sent = sent | ({"full_name": "E"} if prefix != "/auth" else {})
    before = [client.post(f"{prefix}/{door}", json=sent).status_code for _ in range(most)]
    with nothing_changed(shop.database):
        answer = client.post(f"{prefix}/{door}", json=sent)
    assert 429 not in before
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["Retry-After"]) >= 1


FORGED = {"X-Forwarded-For": "203.0.113.{}", "X-Real-Ip": "203.0.113.{}", "Forwarded": "for=203.0.113.{}"}


def attempts(client: FlaskClient, headers: dict[str, str], count: int) -> list[int]:
    """The statuses of so many links followed, each with another token and other headers."""
    return [
        client.post(
            "/auth/verify",
            json={"token": f"token {at}"},
            headers={name: value.format(at) for name, value in headers.items()},
        ).status_code
        for at in range(count)
    ]


def test_without_proxies_of_ours_nobody_chooses_his_network_by_a_header(opened: Opened) -> None:
    assert attempts(opened(), FORGED, 101) == [410] * 100 + [429]


def test_behind_a_proxy_only_what_it_wrote_itself_counts(opened: Opened) -> None:
    client = opened(trusted_proxies=1)
    assert attempts(client, {"X-Forwarded-For": "203.0.113.{}, 192.0.2.9"}, 101) == [410] * 100 + [429]
    assert attempts(client, {"X-Forwarded-For": "203.0.113.1, 192.0.2.10"}, 1) == [410]


def test_a_limit_holds_for_all_processes_together(
    shop: Shop, counted_sql: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    one, other = (create_app(shop).test_client() for _ in range(2))
    for at in range(10):
        (one, other)[at % 2].post("/auth/login", json={"email": "alice@example.com", "password": "wrong"})
    with counted_sql() as statements:
        answers = [
            each.post("/auth/login", json={"email": "alice@example.com", "password": PASSWORD}) for each in (one, other)
        ]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert statements == []
