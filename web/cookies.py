"""The refresh token as a cookie that no script can read, for front ends in a browser."""

from datetime import datetime


def hand_refresh_token(token: str, *, expires_at: datetime) -> None:
    """Sets the cookie on the answer to the current request."""
