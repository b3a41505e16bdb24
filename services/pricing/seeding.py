"""Gives a new database its regions; adds what is missing and changes nothing else."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Region
from services.pricing.seed_data import REGIONS


def seed_regions(session: Session) -> None:
    """Adds the regions whose codes are not there yet; what people changed stays as it is."""
    for region in REGIONS:
        row = insert(Region).values(code=region.code, name=region.name, currency=region.currency)
        session.execute(row.on_conflict_do_nothing(index_elements=[Region.code]))
