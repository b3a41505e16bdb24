"""How often a caller may ask: counted in Redis, and in each process's own memory while Redis is away."""

from enum import Enum


class Rule(Enum):
    """What is counted, and how often it may happen for one address and for one network."""

    LOGIN = "login"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password reset"  # noqa: S105
    VERIFICATION = "verification"
    LINK = "link"


class Limits:
    """Counts what callers do."""

    def spend(self, rule: Rule, address: str) -> None:
        """Counts one act. Refuses (RATE_LIMITED) when the address or the caller's network did it too often."""
