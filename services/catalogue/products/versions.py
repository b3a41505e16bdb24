"""Optimistic versions: whoever changes a thing may say which version of it they looked at."""

from utils.errors import Conflict


def require_version(present: int, given: int | None) -> None:
    """Refuses (CONFLICT, telling the present one) a version that is not the present one any more; None asks nothing."""
    if given is not None and given != present:
        raise Conflict("Somebody else changed this meanwhile. Read it again.", field="version", version=present)
