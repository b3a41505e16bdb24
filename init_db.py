"""Brings the database to today's schema and gives it what every shop needs: alembic upgrade head, then the seed."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

from services.catalogue.seeding import seed_catalogue
from services.pricing.seeding import seed_regions
from utils.config import SettingsError, load_settings
from utils.errors import DomainError, Unavailable
from wiring import Shop, build

_CONFIG = Path(__file__).resolve().parent / "alembic.ini"


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config(_CONFIG)
    config.attributes["database_url"] = database_url
    return config


def migrate(shop: Shop) -> None:
    """Runs the migrations that are missing; two at once run one after the other.

    Refuses with UNAVAILABLE when the database is away, or busy beyond the migrations' patience.
    """
    try:
        command.upgrade(alembic_config(str(shop.settings.database_url)), "head")
    except OperationalError as fault:
        raise Unavailable(f"The database could not be migrated: {str(fault.orig).strip()}") from fault


def seed(shop: Shop) -> None:
    """Adds the departments, categories and regions that are missing, in one transaction."""
    with shop.database.write() as session:
        seed_catalogue(session)
        settings = shop.settings
        seed_regions(session, currency=settings.currency, home_region=settings.home_region, cache=shop.cache)


def main() -> int:
    """What hosts run before the program starts; the exit status."""
    try:
        shop = build(load_settings())
        migrate(shop)
        seed(shop)
    except (SettingsError, DomainError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
