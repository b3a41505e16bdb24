"""Counts how popular products are, a few at a time, so that no order waits for long."""

from services.catalogue.finding.popularity import AT_ONCE, list_differing, write_popularity
from wiring import Shop


def count_popularity(shop: Shop) -> int:
    """Writes the popularity of every product whose orders say another; returns how many. Harmless when repeated."""
    with shop.database.read(without_time_limit=True) as session:
        differing = list_differing(session)
    written = 0
    for begin in range(0, len(differing), AT_ONCE):
        with shop.database.write() as session:
            counted = differing[begin : begin + AT_ONCE]
            written += write_popularity(session, counted, cache=shop.cache, of=len(differing))
    return written
