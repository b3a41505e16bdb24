"""Who calls, as far as HTTP tells: the token a request bears, and the network it comes from."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix

from services.accounts.sessions import Device

_BEARER = "bearer "
_NOWHERE = "unknown"


def trust_proxies(app: Flask, count: int) -> None:
    """Takes the caller's address and scheme from what the last `count` proxies wrote; with none, from the socket.

    Every proxy appends the address it was called from to X-Forwarded-For, so only the entries at the right end, as many
    as there are proxies of ours, can be believed: what stands before them was sent by the caller. The host is always
    the one of the request line: few proxies overwrite X-Forwarded-Host, and the others let a forged one through.
    """
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def bearer_token(request: Request) -> str | None:
    """What follows the word Bearer in the Authorization header."""
    return bearer_of(request.headers.get("Authorization", ""))


def bearer_of(header: str) -> str | None:
    """What follows the word Bearer in an Authorization header; None when it does not begin so."""
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else None


def device_of(request: Request) -> Device:
    """Where the request came from, as a session remembers it."""
    return Device(user_agent=request.headers.get("User-Agent"), network=request.remote_addr)


@lru_cache(maxsize=4096)
def network_of(address: str | None) -> str:
    """The network of a caller's address: an IPv4 address is one by itself, of an IPv6 address its first 64 bits.

    Whoever has one IPv6 address has 2^64 of them. An IPv4 address in the clothes of IPv6 (::ffff:192.0.2.1) is an
    IPv4 address; a port that a proxy wrote behind the address is not part of it.
    """
    if not address:
        return _NOWHERE
    try:
        found = ip_address(_without_port(address))
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False))


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
