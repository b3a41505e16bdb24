"""Issues and reads access tokens: JSON Web Tokens (RFC 7519) with one pinned algorithm and key."""

import hashlib
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import jwt
import orjson

from utils import clock
from utils.errors import Unauthenticated
from utils.ids import find_id, new_id

ISSUER = "commerce-backend"
AUDIENCE = "commerce-api"
_REQUIRED = ["iss", "aud", "sub", "sid", "exp", "iat", "jti", "role", "departments", "rights", "verified"]
# A token of ours has about 500 characters; what is far longer is not worth the hashing.
_LONGEST = 4096
# About 20 MB of the longest tokens; then all are forgotten and checked anew.
_MOST_REMEMBERED = 5000
_REGION = re.compile(r"[A-Z0-9]{2,8}")
# From which "exp" counts its seconds (RFC 7519, 2).
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says about its bearer."""

    subject: UUID
    session_id: UUID
    role: str
    departments: frozenset[UUID] = frozenset()
    rights: frozenset[str] = frozenset()
    verified: bool = False
    region: str | None = None


@dataclass(frozen=True)
class Tokens:
    """Signs with `secret` under its key id; accepts what that key, or one of the `previous` ones, signed, and no other.

    So a key is changed without logging anybody out: the old one goes to `previous` until its last token has expired.
    """

    secret: str
    algorithm: str
    lifetime: timedelta
    previous: tuple[str, ...] = ()
    _known: dict[str, tuple[Claims, datetime]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def key_id(self) -> str:
        """The name of the key that signs."""
        return key_id_of(self.secret)

    @cached_property
    def _keys(self) -> dict[str, str]:
        return {key_id_of(secret): secret for secret in (*self.previous, self.secret)}

    def issue(self, claims: Claims) -> str:
        """A signed access token that expires `lifetime` from now."""
        issued = clock.now()
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.subject),
            "sid": str(claims.session_id),
            "iat": issued,
            "exp": issued + self.lifetime,
            "jti": str(new_id()),
            "role": claims.role,
            "departments": sorted(str(each) for each in claims.departments),
            "rights": sorted(claims.rights),
            "verified": claims.verified,
        }
        if claims.region is not None:
            said["region"] = claims.region
        return jwt.encode(said, self.secret, algorithm=self.algorithm, headers={"kid": self.key_id})

    def read(self, token: str) -> Claims:
        """The claims of a token of ours. Refuses every other with UNAUTHENTICATED, never saying why.

        A good token's signature is checked once and its claims are remembered; its time is checked at every use.
        """
        known = self._known.get(token)
        if known is None:
            known = self._verified(token)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[token] = known
        elif known[1] <= clock.now():
            raise _refusal()
        return known[0]

    def ends_at(self, token: str) -> datetime:
        """When a token of ours expires. Refuses every other with UNAUTHENTICATED."""
        return (self._known.get(token) or self._verified(token))[1]

    def _verified(self, token: str) -> tuple[Claims, datetime]:
        try:
            if len(token) > _LONGEST or "=" in token:
                raise jwt.InvalidTokenError
            kid = jwt.get_unverified_header(token).get("kid")
            secret = self._keys.get(kid) if isinstance(kid, str) else None
            if secret is None:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token,
                secret,
                algorithms=[self.algorithm],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _REQUIRED},
            )
            return _claims(claims), _BEGINNING + timedelta(seconds=float(claims["exp"]))
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise _refusal() from None


def key_id_of(secret: str) -> str:
    """A name for a key that gives nothing of it away."""
    return hashlib.sha256(b"kid:" + secret.encode()).hexdigest()[:16]


def _claims(claims: Mapping[str, Any]) -> Claims:
    subject, session_id = find_id(str(claims["sub"])), find_id(str(claims["sid"]))
    departments, rights = claims["departments"], claims["rights"]
    if subject is None or session_id is None or not isinstance(departments, list) or not isinstance(rights, list):
        raise ValueError
    return Claims(
        subject=subject,
        session_id=session_id,
        role=str(claims["role"]),
        departments=frozenset(UUID(str(each)) for each in departments),
        rights=frozenset(str(each) for each in rights),
        verified=claims["verified"] is True,
        region=_region(claims),
    )


def region_claim(token: str | None) -> str | None:
    """The code of the region that a token names; None for none, for one of before there were regions, and for no token.

    The signature is NOT looked at: whoever likes may name a region, and what a region's prices are anybody may know. So
    it may choose what is shown, and nothing else. Of a token that `Tokens.read` took it is as good as its claims.
    """
    return None if token is None or len(token) > _LONGEST else _unverified_region(token)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _unverified_region(token: str) -> str | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = orjson.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:  # what is not base64, not of ASCII and not JSON
        return None
    return _region(claims) if isinstance(claims, dict) else None


def _region(claims: Mapping[str, Any]) -> str | None:
    said = claims.get("region")
    return said if isinstance(said, str) and _REGION.fullmatch(said) else None


def _refusal() -> Unauthenticated:
    return Unauthenticated("The access token is not valid or has expired. Log in again.")
