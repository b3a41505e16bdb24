"""Settings of payments: which keys of Stripe are taken, and where they may be sent."""

from pathlib import Path

import pytest

from tests.unit.test_config import GOOD_PRODUCTION, HEAD, load, refusal

TEST_KEY, LIVE_KEY = "sk_test_51Abc", "rk_live_51Abc"
LIVE_REFUSED = (
    "STRIPE_SECRET_KEY: a live key (sk_live_, rk_live_) is for ENVIRONMENT=production only, so that no trial sells "
    "anything; here use a test key."
)


@pytest.mark.parametrize("key", ["", "sk_test_xxxxxxxxxxxxxxxxxxxxx", "sk_live_xxx", "rk_test_XXXX"])
def test_no_key_and_what_documents_show_in_its_place_are_none(tmp_path: Path, key: str) -> None:
    assert load(tmp_path, STRIPE_SECRET_KEY=key).stripe_secret_key is None


@pytest.mark.parametrize("key", ["pk_test_51Abc", "sk_test_", "whsec_51Abc", "51Abc", "sk_test_5 1", "sk_org_test_51"])
def test_what_is_no_secret_key_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    assert refusal(tmp_path, STRIPE_SECRET_KEY=key) == (
        f"{HEAD}STRIPE_SECRET_KEY in the process environment: "
        "allowed is a secret or restricted key of Stripe, sk_test_... or rk_test_...."
    )


@pytest.mark.parametrize("environment", ["development", "test"])
def test_a_live_key_is_for_production_only(tmp_path: Path, environment: str) -> None:
    assert refusal(tmp_path, ENVIRONMENT=environment, STRIPE_SECRET_KEY=LIVE_KEY) == f"{HEAD}{LIVE_REFUSED}"


@pytest.mark.parametrize("key", [TEST_KEY, LIVE_KEY])
def test_production_takes_either(tmp_path: Path, key: str) -> None:
    assert load(tmp_path, **GOOD_PRODUCTION | {"STRIPE_SECRET_KEY": key}).stripe_secret_key == key


def test_the_key_is_not_printed(tmp_path: Path) -> None:
    assert "51Abc" not in repr(load(tmp_path, STRIPE_SECRET_KEY=TEST_KEY))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://stripe.internal/", "https://stripe.internal"),
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("http://localhost:8420", "http://localhost:8420"),
        ("http://[::1]:8420", "http://[::1]:8420"),
    ],
)
def test_where_stripe_may_be(tmp_path: Path, url: str, read: str) -> None:
    assert load(tmp_path, STRIPE_API_URL=url).stripe_api_url == read


@pytest.mark.parametrize(
    "url",
    [
        "http://api.stripe.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "https://",
        "ftp://localhost",
        "https://a.example/?x=1",
        "https://a.example/#x",
        "https://[",
        "http://localhost:x",
        "api.stripe.com",
    ],
)
def test_where_others_could_read_the_key_it_is_not_sent(tmp_path: Path, url: str) -> None:
    assert refusal(tmp_path, STRIPE_API_URL=url) == (
        f"{HEAD}STRIPE_API_URL={url!r} in the process environment: allowed is https://HOST, or http:// of this machine."
    )


@pytest.mark.parametrize("seconds", ["0", "21", "x"])
def test_a_call_is_waited_for_20_seconds_at_most(tmp_path: Path, seconds: str) -> None:
    assert refusal(tmp_path, STRIPE_TIMEOUT_SECONDS=seconds) == (
        f"{HEAD}STRIPE_TIMEOUT_SECONDS={seconds!r} in the process environment: allowed is a whole number from 1 to 20."
    )
