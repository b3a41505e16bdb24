"""Which countries a region is made of: each belongs to one region at most."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import RegionCountry
from services.accounts.addresses import known_countries
from utils.errors import Conflict, InvalidInput


def countries_of(session: Session, code: str) -> Sequence[str]:
    """The countries of a region, by their codes."""
    chosen = select(RegionCountry.country).where(RegionCountry.region_code == code)
    return session.scalars(chosen.order_by(RegionCountry.country)).all()


def set_countries(session: Session, code: str, *, countries: Collection[str]) -> None:
    """Lets the region have these countries, and no others. Whoever calls it is alone in changing regions.

    Refuses what is no code of ISO 3166-1 alpha-2 in capitals (INVALID_INPUT), and countries of another region, naming
    them (CONFLICT).
    """
    wanted = sorted(set(countries))
    if not known_countries().issuperset(wanted):
        raise InvalidInput("countries must be codes of ISO 3166-1 with two capitals, such as DE.", field="countries")
    others = select(RegionCountry.country).where(RegionCountry.country.in_(wanted), RegionCountry.region_code != code)
    taken = session.scalars(others.order_by(RegionCountry.country)).all()
    if taken:
        raise Conflict(f"Another region has {', '.join(taken)}: take them from it first.", field="countries")
    has = set(countries_of(session, code))
    session.execute(delete(RegionCountry).where(RegionCountry.country.in_(has - set(wanted))))
    session.add_all(RegionCountry(country=each, region_code=code) for each in wanted if each not in has)
    session.flush()
