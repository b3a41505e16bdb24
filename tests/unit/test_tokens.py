"""Access tokens: ours and in time, or refused without a word of why."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine

from utils.errors import Unauthenticated
from utils.tokens import Claims, Tokens, region_claim

SUBJECT = UUID("a94102ff-32e3-4240-b251-dd8934065961")
SESSION = UUID("5e550000-0000-4000-8000-000000000003")
DEPARTMENT = UUID("b0b00000-0000-4000-8000-000000000002")
CUSTOMER = Claims(subject=SUBJECT, session_id=SESSION, role="customer")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKENS = Tokens(secret="s" * 64, algorithm="HS256", lifetime=timedelta(minutes=30))
GOOD: dict[str, Any] = {
    "iss": "commerce-backend",
    "aud": "commerce-api",
    "sub": str(SUBJECT),
    "sid": str(SESSION),
    "iat": NOON.timestamp(),
    "exp": (NOON + timedelta(minutes=30)).timestamp(),
    "jti": "b0b00000-0000-4000-8000-000000000009",
    "role": "customer",
    "departments": [],
    "rights": [],
    "verified": False,
}


HEADER = {"alg": "HS256", "typ": "JWT", "kid": TOKENS.key_id}


def signed(claims: dict[str, Any], *, key: str = TOKENS.secret, algorithm: str = "HS256", **headers: Any) -> str:
    """A token with any claims and headers, signed as told."""
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": TOKENS.key_id, **headers})


def unsigned(header: Any, claims: Any) -> str:
    """A token with no signature."""
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join(parts) + "."


def resigned(header: Any, claims: Any) -> str:
    """A token signed by hand with our key, since the library would not make it."""
    body = unsigned(header, claims)[:-1]
    digest = hmac.new(TOKENS.secret.encode(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def without(claim: str) -> dict[str, Any]:
    """Good claims but this one."""
    return {name: value for name, value in GOOD.items() if name != claim}


@time_machine.travel(NOON, tick=False)
def test_a_token_says_who_bears_it() -> None:
    staff = Claims(
        subject=SUBJECT,
        session_id=SESSION,
        role="staff",
        departments=frozenset({DEPARTMENT}),
        rights=frozenset({"orders", "read"}),
        verified=True,
        region="DE",
    )
    assert TOKENS.read(TOKENS.issue(staff)) == staff
    # A token of before there were regions names none.
    assert TOKENS.read(signed(GOOD)) == CUSTOMER


@time_machine.travel(NOON, tick=False)
def test_only_true_is_verified() -> None:
    said: Any
    for said in (1, "true", "yes", [True], {}, 0):
        assert TOKENS.read(resigned(HEADER, {**GOOD, "verified": said})).verified is False


@time_machine.travel(NOON, tick=False)
def test_only_the_code_of_a_region_is_one() -> None:
    said: Any
    for said in (1, "", "D", "de", "GERMANY-1", "TOOLONG99", ["DE"], {}, True, None):
        token = resigned(HEADER, {**GOOD, "region": said})
        assert (TOKENS.read(token).region, region_claim(token)) == (None, None)


def test_the_region_of_a_token_is_read_without_its_key_and_of_other_words_there_is_none() -> None:
    with time_machine.travel(NOON, tick=False):
        token = TOKENS.issue(replace(CUSTOMER, region="DE"))
    assert region_claim(token) == "DE"  # also long after it has expired
    assert region_claim(unsigned(HEADER, {"region": "EU"})) == "EU"
    assert [region_claim(each) for each in (None, TOKENS.issue(CUSTOMER))] == [None, None]
    assert [name for name, each in BAD.items() if region_claim(each) is not None] == []
    head, _, tail = token.split(".")
    for payload in ("", "=", "!", "e", base64.urlsafe_b64encode(b"[" * 3000).decode(), "bm8", "IkRFIg", "WyJERSJd"):
        assert region_claim(f"{head}.{payload}.{tail}") is None
    assert region_claim(f"{token}.{token}") is None
    assert region_claim(resigned(HEADER, {**GOOD, "region": "DE", "more": "a" * 5000})) is None


@time_machine.travel(NOON, tick=False)
def test_a_token_carries_the_claims_of_rfc_7519() -> None:
    token = TOKENS.issue(CUSTOMER)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert UUID(claims.pop("jti")).version == 7
    assert claims == {name: value for name, value in GOOD.items() if name != "jti"}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": TOKENS.key_id}
    german = jwt.decode(TOKENS.issue(replace(CUSTOMER, region="DE")), options={"verify_signature": False})
    assert {name: value for name, value in german.items() if name not in GOOD} == {"region": "DE"}


def test_a_token_lives_thirty_minutes_to_the_second() -> None:
    with time_machine.travel(NOON, tick=False) as now:
        token = TOKENS.issue(CUSTOMER)
        now.move_to(NOON + timedelta(minutes=29, seconds=59))
        assert TOKENS.read(token).subject == SUBJECT
        now.move_to(NOON + timedelta(minutes=30))
        with pytest.raises(Unauthenticated):
            TOKENS.read(token)


BAD = {
    "empty": "",
    "one word": "token",
    "dots": "..",
    "not base64": "a.b.c",
    "another key": signed(GOOD, key="x" * 64),
    "another algorithm, our key": signed(GOOD, algorithm="HS512"),
    "alg none": unsigned({**HEADER, "alg": "none"}, GOOD),
    "alg None": unsigned({**HEADER, "alg": "None"}, GOOD),
    "no alg": unsigned({"typ": "JWT", "kid": TOKENS.key_id}, GOOD),
    "signature cut": signed(GOOD)[:-1],
    "signature gone": signed(GOOD).rpartition(".")[0] + ".",
    "payload exchanged": signed({**GOOD, "role": "admin"}).rpartition(".")[0] + "." + signed(GOOD).rpartition(".")[2],
    "no kid": jwt.encode(GOOD, TOKENS.secret, algorithm="HS256"),
    "another kid": signed(GOOD, kid="other"),
    "kid is a number": resigned({**HEADER, "kid": 7}, GOOD),
    "header is a list": resigned([], GOOD),
    "claims are a list": resigned(HEADER, [GOOD]),
    "header is deep": base64.b64encode(b"[" * 1800).decode() + ".e30.e30",
    "too long": signed({**GOOD, "more": "a" * 5000}),
    "another audience": signed({**GOOD, "aud": "elsewhere"}),
    "another issuer": signed({**GOOD, "iss": "elsewhere"}),
    "expired": signed({**GOOD, "exp": NOON.timestamp()}),
    "issued tomorrow": signed({**GOOD, "iat": (NOON + timedelta(days=1)).timestamp()}),
    "exp is a word": resigned(HEADER, {**GOOD, "exp": "never"}),
    "subject is no id": signed({**GOOD, "sub": "alice"}),
    "subject is a number": resigned(HEADER, {**GOOD, "sub": 7}),
    "session is no id": signed({**GOOD, "sid": "mine"}),
    "rights are a word": signed({**GOOD, "rights": "products"}),
    "departments are a word": signed({**GOOD, "departments": str(DEPARTMENT)}),
    "a department is no id": signed({**GOOD, "departments": ["fruit"]}),
    "not of latin letters": "\N{SNOWMAN}.\N{SNOWMAN}.\N{SNOWMAN}",
} | {f"no {claim}": signed(without(claim)) for claim in GOOD}


@pytest.mark.parametrize("name", BAD)
@time_machine.travel(NOON, tick=False)
def test_every_other_token_is_refused_in_the_same_words(name: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        TOKENS.read(BAD[name])
    assert refusal.value.message == "The access token is not valid or has expired. Log in again."
    assert refusal.value.details == {}


def test_the_key_id_gives_nothing_of_the_key_away() -> None:
    other = Tokens(secret="t" * 64, algorithm="HS256", lifetime=timedelta(minutes=1))
    assert TOKENS.key_id != other.key_id
    assert (len(TOKENS.key_id), TOKENS.secret in TOKENS.key_id) == (16, False)


def test_a_token_has_one_spelling() -> None:
    token = TOKENS.issue(CUSTOMER)
    assert TOKENS.read(token).subject == SUBJECT
    with pytest.raises(Unauthenticated):
        TOKENS.read(f"{token}=")


@time_machine.travel(NOON, tick=False)
def test_a_new_key_logs_nobody_out() -> None:
    # given: a token of the old key
    token = TOKENS.issue(CUSTOMER)
    # when: the key changes, once and once more
    changed = Tokens(secret="t" * 64, algorithm="HS256", lifetime=timedelta(minutes=30), previous=(TOKENS.secret,))
    again = Tokens(
        secret="u" * 64, algorithm="HS256", lifetime=timedelta(minutes=30), previous=(TOKENS.secret, changed.secret)
    )
    # then: both read it, and sign with their own
    assert (changed.read(token), again.read(token)) == (CUSTOMER, CUSTOMER)
    assert again.read(changed.issue(CUSTOMER)) == CUSTOMER
    assert jwt.get_unverified_header(changed.issue(CUSTOMER))["kid"] == changed.key_id != TOKENS.key_id


@time_machine.travel(NOON, tick=False)
def test_a_key_taken_away_signs_nobody_in() -> None:
    gone = Tokens(secret="t" * 64, algorithm="HS256", lifetime=timedelta(minutes=30))
    swapped = jwt.encode(GOOD, gone.secret, algorithm="HS256", headers={"kid": TOKENS.key_id})
    keeping = Tokens(secret="u" * 64, algorithm="HS256", lifetime=timedelta(minutes=30), previous=(gone.secret,))
    for reader, token in ((gone, TOKENS.issue(CUSTOMER)), (TOKENS, swapped), (keeping, swapped)):
        with pytest.raises(Unauthenticated):
            reader.read(token)
