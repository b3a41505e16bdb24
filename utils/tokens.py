"""Issues and reads access tokens: JSON Web Tokens (RFC 7519) with one pinned algorithm and key."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt

from utils import clock
from utils.errors import Unauthenticated
from utils.ids import find_id, new_id

ISSUER = "commerce-backend"
AUDIENCE = "commerce-api"
_REQUIRED = ["iss", "aud", "sub", "exp", "iat", "jti", "role", "departments"]
# A token of ours has about 500 characters; what is far longer is not worth the hashing.
_LONGEST = 4096
# About 20 MB of the longest tokens; then all are forgotten and checked anew.
_MOST_REMEMBERED = 5000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says about its bearer."""

    subject: UUID
    role: str
    departments: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs with `secret` under its key id, and accepts nothing that was signed otherwise."""

    secret: str
    algorithm: str
    lifetime: timedelta
    _known: dict[str, tuple[Claims, float]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def key_id(self) -> str:
        """A name for the key that gives nothing of it away."""
        return hashlib.sha256(b"kid:" + self.secret.encode()).hexdigest()[:16]

    def issue(self, *, subject: UUID, role: str, departments: Sequence[UUID] = ()) -> str:
        """A signed access token that expires `lifetime` from now."""
        issued = clock.now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject),
            "iat": issued,
            "exp": issued + self.lifetime,
            "jti": str(new_id()),
            "role": role,
            "departments": [str(department) for department in departments],
        }
        return jwt.encode(claims, self.secret, algorithm=self.algorithm, headers={"kid": self.key_id})

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
        elif known[1] <= clock.now().timestamp():
            raise _refusal()
        return known[0]

    def _verified(self, token: str) -> tuple[Claims, float]:
        try:
            if len(token) > _LONGEST or "=" in token or jwt.get_unverified_header(token).get("kid") != self.key_id:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=[self.algorithm],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": _REQUIRED},
            )
            return _claims(claims), float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise _refusal() from None


def _claims(claims: Mapping[str, Any]) -> Claims:
    subject = find_id(str(claims["sub"]))
    departments = claims["departments"]
    if subject is None or not isinstance(departments, list):
        raise ValueError
    return Claims(subject, str(claims["role"]), frozenset(UUID(str(each)) for each in departments))


def _refusal() -> Unauthenticated:
    return Unauthenticated("The access token is not valid or has expired. Log in again.")
