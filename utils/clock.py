"""The one place that asks what time it is, and that reads what others say of it."""

from datetime import UTC, datetime

from utils.errors import InvalidInput


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime | None, field: str) -> datetime | None:
    """A moment that somebody sent, in UTC. Refuses (INVALID_INPUT) one that does not say its offset."""
    if moment is None:
        return None
    try:
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # PostgreSQL does not read every offset that Python does
    except (ValueError, OverflowError):
        raise no_moment(field) from None


def no_moment(field: str) -> InvalidInput:
    """The refusal of what is no moment with an offset."""
    return InvalidInput(f"{field} must be a moment with its offset, such as 2026-01-31T12:00:00Z.", field=field)
