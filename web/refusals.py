"""Refusals that whoever watches over the shop wants to see: they are logged, wherever they are answered."""

import structlog

from utils.errors import DomainError, ErrorCode

# OWASP ASVS 5.0, 16.3.2 and 16.3.3. Refused passwords stand in the audit log; a token that expired is nothing unusual.
_WATCHED = frozenset({ErrorCode.FORBIDDEN, ErrorCode.RATE_LIMITED})

log = structlog.get_logger(__name__)


def watch(refusal: DomainError, where: str) -> None:
    """Logs a refusal of the kinds that attacks bring about, with its code and where it was; never what was sent."""
    if refusal.code in _WATCHED:
        log.warning("refused", code=refusal.code.value, where=where)
