"""How often a caller may ask: counted in Redis, and in each process's own memory while Redis is away."""

import hmac
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from hashlib import sha256
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import RateLimiter

from services.accounts.checking import find_email
from utils.config import Settings
from utils.errors import RateLimited, Unauthenticated
from web.callers import bearer_token, network_of
from web.counting import RedisOrMemory
from web.general_limit import GeneralLimit, refusal, wait_for
from wiring import Shop


class Rule(Enum):
    """What is counted: how often it may happen for one address, and for one network, stands below."""

    LOGIN = "login"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password reset"  # noqa: S105
    VERIFICATION = "verification"
    LINK = "link"
    INVITATION = "invitation"
    EXPORT = "export"
    CODE = "discount code"


_TEN_IN_A_QUARTER, _FIFTY_IN_A_QUARTER, _HUNDRED_IN_A_QUARTER = (
    RateLimitItemPerMinute(each, 15) for each in (10, 50, 100)
)
_ONE_IN_A_MINUTE = RateLimitItemPerMinute(1)
_FIVE_IN_AN_HOUR, _TEN_IN_AN_HOUR, _HUNDRED_IN_AN_HOUR = (RateLimitItemPerHour(each) for each in (5, 10, 100))
# For one address from one network. Who mistypes a password needs a few tries; who guesses gets a thousand a day, of
# which none is one of those that people choose most (services/accounts/checking.py refuses them). They are counted for
# the network, so that a stranger who uses up ten does not lock the owner out, who is elsewhere.
_OF_ADDRESS_IN_NETWORK: dict[Rule, Sequence[RateLimitItem]] = {Rule.LOGIN: [_TEN_IN_A_QUARTER]}
# For one address, from everywhere. Of logins it takes a stranger five networks to reach it. A mail is for somebody who
# may not have asked for it: five an hour are a nuisance, and not more; a second one within a minute is a double click.
# An export is everything at once: the second in a minute is refused, so that no request holds two in memory.
_OF_ADDRESS: dict[Rule, Sequence[RateLimitItem]] = {
    Rule.LOGIN: [_FIFTY_IN_A_QUARTER],
    Rule.REGISTRATION: [_FIVE_IN_AN_HOUR],
    Rule.PASSWORD_RESET: [_FIVE_IN_AN_HOUR],
    Rule.VERIFICATION: [_ONE_IN_A_MINUTE, _FIVE_IN_AN_HOUR],
    Rule.LINK: [_TEN_IN_AN_HOUR],
    Rule.INVITATION: [_TEN_IN_AN_HOUR],
    Rule.EXPORT: [_ONE_IN_A_MINUTE, _FIVE_IN_AN_HOUR],
    # An account's guesses count as requests of its own (graphql_api/guesses.py).
    Rule.CODE: [],
}
# For one network. An office or a school is many people behind one address; a list of stolen passwords is longer.
_OF_NETWORK: dict[Rule, Sequence[RateLimitItem]] = {
    Rule.LOGIN: [_HUNDRED_IN_A_QUARTER],
    Rule.REGISTRATION: [_HUNDRED_IN_AN_HOUR],
    Rule.PASSWORD_RESET: [_HUNDRED_IN_AN_HOUR],
    Rule.VERIFICATION: [_HUNDRED_IN_AN_HOUR],
    Rule.LINK: [_HUNDRED_IN_AN_HOUR],
    Rule.INVITATION: [_HUNDRED_IN_AN_HOUR],
    Rule.EXPORT: [_HUNDRED_IN_AN_HOUR],
    Rule.CODE: [_HUNDRED_IN_A_QUARTER],
}

_NETWORK = "network "


class Limits:
    """Counts what callers do. In Redis stand only keyed hashes of addresses, tokens and networks."""

    def __init__(self, shop: Shop) -> None:
        self._tokens = shop.tokens
        self._key = b"limits:" + shop.settings.jwt_secret.encode()
        self._limiter = _limiter_of(shop.settings)
        self._general = GeneralLimit(self._limiter, per_minute=shop.settings.rate_limit_per_minute)

    def spend(self, rule: Rule, address: str) -> None:
        """Counts one act. Refuses (RATE_LIMITED) when it was too often for the address or from the caller's network.

        `address` is whom the act concerns: an e-mail address in any spelling, an account's id, or a link's token. All
        bounds are looked at before any is counted against, so a refused act counts nowhere: nobody uses up a
        stranger's tries from a network that has none left, nor a network's by knocking at one address.
        """
        bounds = self._bounds(rule, address)
        exhausted = [(item, key) for item, key in bounds if not self._limiter.test(item, key)]
        # Others may have been quicker since; each bound is then counted against by itself, and still holds.
        exhausted = exhausted or [(item, key) for item, key in bounds if not self._limiter.hit(item, key)]
        if exhausted:
            raise refusal(max(wait_for(self._limiter, item, key) for item, key in exhausted))

    def require_room(self, rule: Rule, times: int) -> None:
        """Looks whether the caller's network may do so many acts, and counts none. Refuses (RATE_LIMITED) if not.

        For acts of which it is known afterwards only whether they count; `note` counts them then. What is under way at
        the same time comes besides.
        """
        network = self._network(rule)
        exhausted = [each for each in _OF_NETWORK[rule] if not self._limiter.test(each, network, cost=times)]
        if exhausted:
            raise refusal(max(wait_for(self._limiter, each, network) for each in exhausted))

    def note(self, rule: Rule, times: int) -> None:
        """Counts acts that were done from the caller's network; none beyond the bound, where they change nothing."""
        network = self._network(rule)
        for each in _OF_NETWORK[rule]:
            for _ in range(times):
                self._limiter.hit(each, network)

    def count(self, requests: int = 1) -> None:
        """Counts the present request, or as many as it stands for, against its caller's general limit.

        Refuses (RATE_LIMITED) beyond it. The caller is the account of a valid access token, else the network.
        """
        self.count_for(bearer_token(request), request.remote_addr, requests)

    def count_for(self, token: str | None, address: str | None, requests: int = 1) -> None:
        """Counts requests of a caller with this access token, from this address. Refuses (RATE_LIMITED) as `count`."""
        self._spend(self._caller(token, address), requests)

    def count_up_to(self, requests: int) -> tuple[int, RateLimited | None]:
        """Counts as many of so many requests as there is room for. Answers how many, and how the rest is refused."""
        caller = self._caller(bearer_token(request), request.remote_addr)
        for counted in range(requests):
            try:
                self._spend(caller, 1)
            except RateLimited as without_room:
                return counted, without_room
        return requests, None

    def reserve(self, requests: int) -> Callable[[int], None]:
        """Counts as `count` does, and answers what gives back so many of them that turn out not to be used.

        For a network it is counted apart from its other requests, up to the same limit: one guest who uses it up keeps
        nobody else behind the same address from logging in.
        """
        caller = self._caller(bearer_token(request), request.remote_addr)
        caller = f"guesses of {caller}" if caller.startswith(_NETWORK) else caller
        until = self._spend(caller, requests)
        return lambda unused: self._general.give_back(caller, unused, until)

    def _spend(self, caller: str, requests: int) -> float:
        return self._general.spend(caller, requests, partial(self._name, "caller"))

    def count_post(self) -> None:
        """What doors and pages do before a request: one that posts counts, one that looks does not."""
        if request.method == "POST":
            self.count()

    def _bounds(self, rule: Rule, address: str) -> list[tuple[RateLimitItem, str]]:
        named = self._name(f"{rule.value}:address", find_email(address) or address)
        network = self._network(rule)
        both = self._name(f"{rule.value}:address in network", named + network)
        return [
            *((item, both) for item in _OF_ADDRESS_IN_NETWORK.get(rule, ())),
            *((item, named) for item in _OF_ADDRESS[rule]),
            *((item, network) for item in _OF_NETWORK[rule]),
        ]

    def _caller(self, token: str | None, address: str | None) -> str:
        if token is not None:
            try:
                return f"account {self._tokens.read(token).subject}"
            except Unauthenticated:
                pass
        return f"{_NETWORK}{network_of(address)}"

    def _network(self, rule: Rule) -> str:
        return self._name(f"{rule.value}:network", network_of(request.remote_addr))

    def _name(self, kind: str, value: str) -> str:
        """The key under which something is counted. Who reads Redis cannot tell, or try out, what it stands for."""
        return hmac.new(self._key, f"{kind}:{value}".encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _limiter_of(settings: Settings) -> RateLimiter:
    """flask-limiter's way to count.

    It is given an application of its own: on ours it would search for limits that views declare, before and after
    every request, which takes a quarter of a small request's time. Here acts are limited, not views.
    """
    seconds = settings.redis_timeout_ms / 1000
    options: dict[str, Any] = {
        "url": settings.redis_url,
        "protocol": 2,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "key_prefix": "limits",
    }
    return Limiter(
        lambda: network_of(request.remote_addr),
        app=Flask("limits", static_folder=None),
        storage_uri=f"{RedisOrMemory.STORAGE_SCHEME[0]}:",
        storage_options=options,
        strategy="moving-window",
    ).limiter
