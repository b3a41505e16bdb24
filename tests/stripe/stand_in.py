"""A stand-in for Stripe: an HTTP server on loopback with its objects, its errors, its idempotency and its bad days."""

import hmac
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from threading import RLock
from typing import Any, NamedTuple

import httpx

from tests.stripe.books import Books, Endpoint, Thing, seconds
from tests.stripe.forms import PAGE, TEXTS, Form, Refusal, checked, parse, text
from tests.stripe.refunds import Refunds
from tests.stripe.serving import Answer, Asked, Cut, served
from tests.stripe.shelf import Shelf
from tests.stripe.till import Till

KEY = "sk_test_standIn0Key0That0Is0A0Secret"
WEBHOOK_SECRET = "whsec_standIn"


class Trouble(Enum):
    """What can go wrong with a call."""

    LOST_ANSWER = "it is done, and the connection is cut"
    CUT = "the connection is cut before anything is done"
    FAULT = "500, and nothing is done"
    KEPT_FAULT = "500, nothing is done, and the same answer again for the same idempotency key"
    TOO_MANY = "429"
    LOCKED = "409: somebody else has the object"


class Call(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    form: Form
    key: str | None
    status: int | None


@dataclass
class _Plan:
    method: str
    path: str
    trouble: Trouble | None
    delay: float
    times: int


@dataclass
class _Kept:
    """What was answered under an idempotency key; no answer: it is still being worked on."""

    method: str
    path: str
    form: Form
    answer: Answer | None = None


@dataclass
class StripeStandIn:
    """One account. What it holds can be looked into, what is to go wrong is said before."""

    books: Books = field(default_factory=Books)
    calls: list[Call] = field(default_factory=list)
    key: str = KEY
    url: str = ""

    def __post_init__(self) -> None:
        self._lock = RLock()
        self._plans: list[_Plan] = []
        self._kept: dict[str, _Kept] = {}
        self.till, self.refunds = Till(self.books), Refunds(self.books)
        self._endpoints: list[Endpoint] = [
            *Shelf(self.books).endpoints(),
            *self.till.endpoints(),
            *self.refunds.endpoints(),
            Endpoint("GET", "/v1/events", {**PAGE, "type": text(), "types": TEXTS}, self._list_events),
            Endpoint("GET", r"/v1/events/([^/]+)", {}, self._event),
        ]

    def goes_wrong(
        self, method: str, path: str, trouble: Trouble | None = None, *, delay: float = 0.0, times: int = 1
    ) -> None:
        """The next calls of this method to a path of this pattern go so, or take so many seconds longer."""
        self._plans.append(_Plan(method, path, trouble, delay, times))

    def all(self, kind: str) -> list[Thing]:
        """Its objects of a kind, the oldest first."""
        return list(reversed(self.books.all(kind)))

    def asked(self, method: str, path: str) -> list[Call]:
        """The calls of this method to paths of this pattern."""
        return [each for each in self.calls if each.method == method and re.fullmatch(path, each.path)]

    def signed(self, event: Thing, *, secret: str = WEBHOOK_SECRET, at: int | None = None) -> tuple[bytes, str]:
        """The event as it is sent to a webhook, and its Stripe-Signature."""
        body = json.dumps(event, indent=2).encode()
        moment = seconds() if at is None else at
        signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
        return body, f"t={moment},v1={signature},v0=0"

    def send(self, event: Thing, url: str, *, secret: str = WEBHOOK_SECRET) -> int:
        """Sends the event to a webhook; the status it answers with."""
        body, signature = self.signed(event, secret=secret)
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}
        return httpx.post(url, content=body, headers=headers, timeout=10).status_code

    def answer(self, asked: Asked) -> Answer:
        """What Stripe says. Raises Cut where it says nothing."""
        try:
            form = parse(asked.query if asked.method in ("GET", "DELETE") else asked.body)
            answer = self._answer(asked, form)
        except Refusal as refusal:
            form, answer = {}, Answer(refusal.status, refusal.body)
        except Cut:
            self.calls.append(Call(asked.method, asked.path, form, asked.key, None))
            raise
        self.calls.append(Call(asked.method, asked.path, form, asked.key, answer.status))
        return answer

    def _answer(self, asked: Asked, form: Form) -> Answer:
        self._check_caller(asked)
        endpoint, found = self._found(asked)
        read = checked(form, endpoint.kinds)
        plan = self._plan(asked)
        if plan is not None and plan.trouble in (Trouble.TOO_MANY, Trouble.LOCKED, Trouble.FAULT):
            raise _failure(plan.trouble)
        if plan is not None and plan.trouble is Trouble.CUT:
            raise Cut
        kept = _Kept(asked.method, asked.path, form)
        if asked.method == "POST" and asked.key is not None:
            with self._lock:
                before = self._kept.setdefault(asked.key, kept)
            if before is not kept:
                return _repeated(asked, before, kept)
        time.sleep(plan.delay if plan is not None else 0)
        with self._lock:
            kept.answer = self._acted(endpoint, found, read, plan)
        if plan is not None and plan.trouble is Trouble.LOST_ANSWER:
            raise Cut
        return kept.answer

    def _acted(self, endpoint: Endpoint, found: "re.Match[str]", form: Form, plan: _Plan | None) -> Answer:
        try:
            if plan is not None and plan.trouble is Trouble.KEPT_FAULT:
                raise _failure(plan.trouble)
            return Answer(200, json.loads(json.dumps(endpoint.act(*found.groups(), form))))
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body)

    def _check_caller(self, asked: Asked) -> None:
        given = asked.headers.get("Authorization", "")
        if given != f"Bearer {self.key}":
            shown = f"{given[7:15]}{'*' * 8}{given[-4:]}"
            raise Refusal(401, f"Invalid API Key provided: {shown}" if given else "You did not provide an API key.")
        if not asked.headers.get("Stripe-Version"):
            raise Refusal(400, "A request without Stripe-Version is none of the library's.")

    def _found(self, asked: Asked) -> tuple[Endpoint, "re.Match[str]"]:
        for endpoint in self._endpoints:
            found = re.fullmatch(endpoint.path, asked.path)
            if endpoint.method == asked.method and found:
                return endpoint, found
        raise Refusal(404, f"Unrecognized request URL ({asked.method}: {asked.path}).")

    def _plan(self, asked: Asked) -> _Plan | None:
        with self._lock:
            for plan in self._plans:
                if plan.times and plan.method == asked.method and re.fullmatch(plan.path, asked.path):
                    plan.times -= 1
                    return plan
        return None

    def _list_events(self, form: Form) -> Thing:
        wanted = [form["type"]] if "type" in form else form.get("types")
        found = [each for each in reversed(self.books.events) if wanted is None or each["type"] in wanted]
        return self.books.page("/v1/events", found, form)

    def _event(self, event_id: str, _form: Form) -> Thing:
        for each in self.books.events:
            if each["id"] == event_id:
                return each
        raise Refusal(404, f"No such event: '{event_id}'", code="resource_missing", param="id")


@contextmanager
def stripe_stand_in() -> Iterator[StripeStandIn]:
    """An account of its own on a free port; the server ends with the block."""
    stripe = StripeStandIn()
    with served(stripe.answer) as url:
        stripe.url = url
        yield stripe


def _repeated(asked: Asked, before: _Kept, now: _Kept) -> Answer:
    if (before.method, before.path, before.form) != (now.method, now.path, now.form):
        raise Refusal(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{asked.key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if before.answer is None:
        message = "There is currently another in-progress request using this Idempotent Key."
        raise Refusal(409, message, kind="idempotency_error", code="idempotency_key_in_use")
    return before.answer._replace(headers={"Idempotent-Replayed": "true"})


def _failure(trouble: Trouble) -> Refusal:
    if trouble is Trouble.TOO_MANY:
        return Refusal(429, "Request rate limit exceeded.", code="rate_limit")
    if trouble is Trouble.LOCKED:
        return Refusal(409, "This object cannot be accessed right now.", code="lock_timeout")
    details: dict[str, Any] = {"kind": "api_error"}
    return Refusal(500, "An unknown error occurred", **details)
