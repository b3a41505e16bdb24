"""Reading regions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Region


def list_regions(session: Session) -> Sequence[Region]:
    """All regions, by name."""
    return session.scalars(select(Region).order_by(Region.name, Region.code)).all()
